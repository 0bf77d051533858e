"""Telling: the short e-mails that follow facts. A letter that is sent twice carries the same message id.

The worker sends them after the commit. Each holds the address of the page that knows more.
"""

from __future__ import annotations

from django.conf import settings

from perseat.capabilities.customers.models import Customer, Membership
from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.invoicing.queries import get_document
from perseat.capabilities.invoicing.wording import write_money
from perseat.capabilities.ordering.models import Order
from perseat.capabilities.payments.repayments import get_repayment
from perseat.capabilities.questions.models import Message
from perseat.capabilities.questions.queries import get_answer_letter
from perseat.domain.fulfillment import OrderState, RepaymentState
from perseat.domain.rights import MemberRole
from perseat.journeys.decrease_words import describe_decrease
from perseat.journeys.figure_making import DECREASES, figures_of_quote
from perseat.journeys.letters import greeting, write_document, write_figures
from perseat.ports.outside import Outside


def tell_order_ready(outside: Outside, *, order_id: int) -> None:
    """The seats can be assigned."""
    order = Order.objects.select_related(
        "accepted_by", "customer", "quote__customer", "quote__service", "service__tenant"
    ).get(pk=order_id)
    lines = [
        f"- {line.offer.edition.name}: {line.seats_now} (before: {line.seats_before})"
        for line in order.lines.select_related("offer__edition").order_by("offer__edition__position")
        if line.seats_now != line.seats_before
    ]
    refused = f"\n{order.attention}\n" if order.attention else ""
    buys = any(line.seats_now > line.seats_before for line in order.lines.all())
    _send(
        outside,
        to=order.accepted_by.email,
        subject=f"Your Microsoft 365 seats for {order.service.tenant.domain} are {'ready' if buys else 'changed'}",
        text="Your order is done. The seats of your service are now:\n\n"
        + "\n".join(lines)
        + f"\n{_amounts(order)}{_fewer(order)}{refused}\n"
        + (f"Give the licenses to people here:\n{_address(f'/services/{order.service_id}/users/')}\n\n" if buys else "")
        + f"The order:\n{_address(f'/orders/{order.pk}/')}",
        message_id=f"order-{order.pk}-ready",
    )


def tell_order_needs_attention(outside: Outside, *, order_id: int) -> None:
    """Something stands in the way, and somebody looks into it; or it was refused and the money went back."""
    order = Order.objects.select_related("accepted_by", "service__tenant").get(pk=order_id)
    if order.state not in (OrderState.CANCELLED, OrderState.SCHEDULED, OrderState.NEEDS_ATTENTION):
        return  # it went on meanwhile
    if order.state == OrderState.CANCELLED:
        what_now = (
            "The amount is on your account's balance and is used for your next order, or returned if you ask us to."
        )
    elif order.state == OrderState.SCHEDULED:
        what_now = "If you would rather keep the seats, change the plan on the page of your service before that day."
    else:
        what_now = "Our team has been told. You do not have to do anything; people keep the licenses that they have."
    _send(
        outside,
        to=order.accepted_by.email,
        subject=f"Your order for {order.service.tenant.domain} {_what_became_of(order)}",
        text=f"{order.attention}\n\n{what_now}\n\nThe order:\n{_address(f'/orders/{order.pk}/')}",
        message_id=f"order-{order.pk}-{order.state}",
    )


def tell_document_issued(outside: Outside, *, document_number: str) -> None:
    """An invoice with what to pay and how, or a credit note."""
    document = Document.objects.select_related("customer").get(number=document_number)
    if document.total_minor == 0:
        return
    view = get_document(None, document_number, today=document.issued_on)
    subject, text = write_document(view, address=_address(f"/invoices/{document.number}/"))
    for address in _invoice_addresses(document.customer):
        _send(
            outside,
            to=address,
            subject=subject,
            text=text,
            message_id=f"document-{document.number}-{address.replace('@', '-at-')}",
            language=document.language,
        )


def tell_repayment_ended(outside: Outside, *, repayment_id: int) -> None:
    """The customer learns that money comes back; the billing team, that a gateway has refused to send it."""
    repayment = get_repayment(repayment_id)
    amount = write_money(repayment.amount_minor, currency=repayment.currency, language="en")
    if repayment.state is RepaymentState.REFUSED:
        _send(
            outside,
            to=settings.PERSEAT.email_from,
            subject=f"The gateway did not return {amount} to {repayment.customer_name}",
            text=f"{repayment.refusal} It is the customer's balance again. Return it by bank transfer.\n\n"
            f"See it here:\n{_address(f'/backoffice/repayments/{repayment_id}/')}",
            message_id=f"repayment-{repayment_id}-refused",
        )
        return
    way = (
        f"by bank transfer {repayment.bank_reference}" if repayment.bank_reference else "to the card that you paid with"
    )
    for address in _invoice_addresses(Customer.objects.get(pk=repayment.customer_id)):
        _send(
            outside,
            to=address,
            subject=f"We have returned {amount} to you",
            text=f"We have sent {amount} of your balance back {way}. It can take some days to arrive.\n"
            f"Reason: {repayment.reason}\n\nYour statement of account:\n{_address('/invoices/statement/')}",
            message_id=f"repayment-{repayment_id}-{address.replace('@', '-at-')}",
        )


def tell_question_asked(outside: Outside, *, message_id: int) -> None:
    """The billing team learns of a question."""
    message = Message.objects.select_related("question__customer", "author").get(pk=message_id)
    question = message.question
    _send(
        outside,
        to=settings.PERSEAT.email_from,
        subject=f"Question from {question.customer.legal_name}: {question.subject}",
        text=f"{message.author.email} writes:\n\n{message.text}\n\n"
        f"Answer here:\n{_address(f'/backoffice/questions/{question.pk}/')}",
        message_id=f"question-message-{message_id}",
    )


def tell_question_answered(outside: Outside, *, message_id: int) -> None:
    """Who asked learns of the answer."""
    letter = get_answer_letter(message_id)
    _send(
        outside,
        to=letter.to,
        subject=f"Answer from billing: {letter.subject}",
        text=f"{letter.text}\n\nSee the thread, or write back, here:\n{_address(f'/questions/{letter.question_id}/')}",
        message_id=f"question-message-{message_id}",
    )


def _send(outside: Outside, *, to: str, subject: str, text: str, message_id: str, language: str = "en") -> None:
    outside.mailer.send(
        to=to,
        subject=" ".join(subject.split()),
        text=f"{greeting(language)}\n\n{text}\n\n{settings.PERSEAT.provider_name}\n",
        message_id=message_id,
    )


def _fewer(order: Order) -> str:
    """The parts of a decrease, as the quote promised them; nothing where the supplier answered otherwise."""
    parts = DECREASES.validate_python(order.quote.decreases)
    if not parts or order.attention:
        return ""
    lines = [
        f"- {part.edition_name}: "
        + describe_decrease(part, currency=order.quote.currency, zone_name=order.customer.time_zone)
        for part in parts
    ]
    return "\nFewer seats:\n\n" + "\n".join(lines) + "\n"


def _what_became_of(order: Order) -> str:
    words = {OrderState.CANCELLED: "could not be delivered", OrderState.SCHEDULED: "waits for the renewal"}
    return words.get(OrderState(order.state), "is held up")


def _invoice_addresses(customer: Customer) -> list[str]:
    """Where invoices go; without such an address, to the customer's owners."""
    if customer.invoice_email:
        return [customer.invoice_email]
    owners = Membership.objects.filter(customer=customer, role=MemberRole.OWNER, user__is_active=True)
    return list(owners.order_by("pk").values_list("user__email", flat=True))


def _amounts(order: Order) -> str:
    """What the order costs or gives back, line by line as its page shows it; nothing where nothing is charged."""
    figures = figures_of_quote(order.quote)
    if not figures.lines:
        return ""
    return (
        "\nWhat it costs:\n\n"
        + write_figures(
            figures.lines,
            figures.taxes,
            net_minor=figures.net_minor,
            total_minor=figures.due_today_minor,
            currency=figures.currency,
            language=order.quote.customer.language,
        )
        + "\n"
    )


def _address(path: str) -> str:
    return f"{settings.PERSEAT.base_url}{path}"
