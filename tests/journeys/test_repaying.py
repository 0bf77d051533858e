"""Money of the balance goes back: by bank or to the card, never too much, never twice, and everybody is told."""

from __future__ import annotations

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from tests import makers
from tests.journeys.books import assert_books_hold
from tests.journeys.cast import Story, begin
from tests.journeys.gateway import SHOP, Gateway
from tests.journeys.outside import make_world
from tests.journeys.test_many_at_once import at_once

from perseat.capabilities.accounts.models import AuditEntry
from perseat.capabilities.accounts.queries import NotStaff
from perseat.capabilities.customers.models import Customer
from perseat.capabilities.customers.queries import DoesNotBelong
from perseat.capabilities.ledger.models import Account, LedgerEntry
from perseat.capabilities.ledger.queries import get_account_minor
from perseat.capabilities.payments.models import Payment, Repayment
from perseat.capabilities.payments.repayments import get_repayment, get_returnable_minor
from perseat.domain.fulfillment import RepaymentState
from perseat.journeys.billing_acts import ActRefused, give_goodwill
from perseat.journeys.parking import ServiceIsParked
from perseat.journeys.paying import MoneyWasReturned, reverse_receipt, start_gateway_payment
from perseat.journeys.repaying import (
    TooMuchToReturn,
    TransferAlreadyRecorded,
    return_money,
    send_repayment,
    send_waiting_repayments,
)
from perseat.journeys.telling import tell_repayment_ended
from perseat.ports.failures import Unanswered
from perseat.ports.payment_gateway import GatewayOutcome

DAY = "2026-11-20"
NOW = makers.moment(DAY)
LATER = makers.moment("2026-11-21")


def back(
    story: Story, amount_minor: int, *, payment_id: int | None = None, reference: str = "OUT-1", reason: str = "Asked"
) -> int:
    return return_money(
        story.customer.pk,
        amount_minor=amount_minor,
        payment_id=payment_id,
        bank_reference=reference,
        reason=reason,
        staff_id=makers.clerk_id(),
        now=NOW,
    )


def returnable(story: Story) -> int:
    return get_returnable_minor(story.customer.pk, currency="AUD")


def account(story: Story, name: Account) -> int:
    return get_account_minor(story.customer.number, account=name, currency="AUD")


def paid_by_card(story: Story, gateway: Gateway) -> Payment:
    """Three more seats paid by card, then given back: the money is balance."""
    order = story.order(DAY, {"basic": 5})
    address = start_gateway_payment(
        gateway.outside, customer_id=story.customer.pk, order_id=order.pk, gateway="sandbox",
        return_address=f"{SHOP}/orders/{order.pk}/", now=NOW,
    )  # fmt: skip
    gateway.tell(gateway.open_page(address), outcome=GatewayOutcome.SUCCEEDED, now=NOW)
    story.buy(DAY, {"basic": 2})
    return Payment.objects.get(method="sandbox")


@pytest.mark.django_db
def test_a_balance_goes_back_by_bank_with_a_reason_and_a_name() -> None:
    story = begin({"basic": 2})
    story.buy(DAY, {"basic": 1})
    balance = story.balance()
    assert (balance, returnable(story)) == (825, 825)

    repayment_id = back(story, 800)

    repayment = get_repayment(repayment_id)
    assert (repayment.state, repayment.amount_minor, repayment.bank_reference) == (RepaymentState.SENT, 800, "OUT-1")
    assert (story.balance(), returnable(story)) == (25, 25)
    entry = LedgerEntry.objects.get(idempotency_key=f"repayment:{repayment_id}:sent")
    assert (entry.reason, entry.recorded_by, entry.reference) == ("Asked", "counter@provider.example", "OUT-1")
    assert AuditEntry.objects.get(verb="returned money").details["amount_minor"] == 800
    assert ProcrastinateJob.objects.filter(task_name="mail_repayment_ended").count() == 1
    assert_books_hold(story.customer, now=NOW)
    story.renew("2026-12-15")
    assert_books_hold(story.customer, now=makers.moment("2026-12-15"))


@pytest.mark.django_db
@pytest.mark.parametrize("amount_minor", [826, 0, -1, 10**12])
def test_no_more_than_the_balance_goes_back(amount_minor: int) -> None:
    story = begin({"basic": 2})
    story.buy(DAY, {"basic": 1})
    with pytest.raises(TooMuchToReturn, match=r"At most 8\.25 AUD can go back"):
        back(story, amount_minor)
    assert not Repayment.objects.exists()


@pytest.mark.django_db
def test_what_was_given_but_never_received_does_not_go_back_as_money() -> None:
    story = begin({"basic": 2})
    invoice = story.customer.documents.get()
    give_goodwill(invoice.number, amount_minor=1800, reason="Sorry", staff_id=makers.clerk_id(), now=NOW)
    (payment,) = Payment.objects.all()
    assert story.balance() == returnable(story) == 1980
    back(story, 1000)
    reverse_receipt(payment_id=payment.pk, reason="bounced", staff_id=makers.clerk_id(), now=NOW)
    assert (story.balance(), returnable(story)) == (980, 0)
    with pytest.raises(TooMuchToReturn, match=r"At most 0\.00 AUD"):
        back(story, 1, reference="OUT-2")
    assert_books_hold(story.customer, now=NOW)


@pytest.mark.django_db
def test_a_transfer_is_recorded_once_and_a_double_click_is_one_return() -> None:
    story = begin({"basic": 3})
    story.buy(DAY, {"basic": 1})
    assert back(story, 100) == back(story, 100)
    with pytest.raises(TransferAlreadyRecorded, match="OUT-1 is recorded already"):
        back(story, 200)
    with pytest.raises(ActRefused, match="Name the transfer"):
        back(story, 200, reference=" ")
    assert Repayment.objects.count() == 1


@pytest.mark.django_db
def test_money_that_went_back_cannot_be_reversed_and_what_is_left_can_be_used() -> None:
    story = begin({"basic": 1})
    order = story.order(DAY, {"basic": 2})
    payment_id = story.pay(DAY, order, amount_minor=5000)
    back(story, 1000)
    with pytest.raises(MoneyWasReturned, match="returned to the customer already"):
        reverse_receipt(payment_id=payment_id, reason="bounced", staff_id=makers.clerk_id(), now=NOW)
    left = story.balance()
    second = story.order("2026-11-21", {"basic": 4})
    assert story.open_minor(second) == story.document(second).total_minor - min(
        left, story.document(second).total_minor
    )
    assert_books_hold(story.customer, now=LATER)


@pytest.mark.django_db
def test_money_goes_back_to_the_card_by_a_worker() -> None:
    story, gateway = begin({"basic": 2}), Gateway()
    payment = paid_by_card(story, gateway)
    repayment_id = back(story, 500, payment_id=payment.pk)
    assert get_repayment(repayment_id).state is RepaymentState.WAITING
    assert (account(story, Account.RETURNING), gateway.sent_back) == (-500, {})
    assert_books_hold(story.customer, now=NOW)
    assert ProcrastinateJob.objects.get(task_name="send_repayment").args == {"repayment_id": repayment_id}

    for _worker in range(2):
        send_repayment(gateway.outside, repayment_id, now=LATER)

    assert list(gateway.sent_back.values()) == [500]
    assert get_repayment(repayment_id).state is RepaymentState.SENT
    assert (account(story, Account.RETURNING), account(story, Account.GATEWAY)) == (0, payment.amount_minor - 500)
    assert ProcrastinateJob.objects.filter(task_name="mail_repayment_ended").count() == 1
    assert_books_hold(story.customer, now=LATER)
    with pytest.raises(MoneyWasReturned):
        reverse_receipt(payment_id=payment.pk, reason="chargeback", staff_id=makers.clerk_id(), now=LATER)


@pytest.mark.django_db
def test_a_lost_answer_is_read_back_and_nothing_is_sent_twice() -> None:
    story, gateway = begin({"basic": 2}), Gateway()
    repayment_id = back(story, 500, payment_id=paid_by_card(story, gateway).pk)
    gateway.loses_answers = 1
    with pytest.raises(Unanswered):
        send_repayment(gateway.outside, repayment_id, now=NOW)
    assert get_repayment(repayment_id).state is RepaymentState.WAITING

    send_waiting_repayments(gateway.outside, now=LATER)

    assert gateway.asked == ["PUT", "GET"]
    assert list(gateway.sent_back.values()) == [500]
    assert get_repayment(repayment_id).state is RepaymentState.SENT
    assert_books_hold(story.customer, now=LATER)


@pytest.mark.django_db
def test_what_the_gateway_refuses_is_balance_again_and_can_go_back_by_bank() -> None:
    story, gateway = begin({"basic": 2}), Gateway()
    gateway.refuses = True
    payment = paid_by_card(story, gateway)
    balance = story.balance()
    repayment_id = back(story, 500, payment_id=payment.pk)
    send_repayment(gateway.outside, repayment_id, now=NOW)
    refused = get_repayment(repayment_id)
    assert (refused.state, story.balance()) == (RepaymentState.REFUSED, balance)
    assert "not so much of it" in refused.refusal
    assert_books_hold(story.customer, now=NOW)
    back(story, 500)
    assert story.balance() == balance - 500
    assert_books_hold(story.customer, now=NOW)


@pytest.mark.django_db
def test_no_more_goes_back_to_a_card_than_came_from_it() -> None:
    story, gateway = begin({"basic": 2}), Gateway()
    payment = paid_by_card(story, gateway)
    story.pay(DAY, story.order(DAY, {"basic": 3}), amount_minor=9000)
    assert returnable(story) > payment.amount_minor
    back(story, payment.amount_minor - 10, payment_id=payment.pk)
    with pytest.raises(TooMuchToReturn, match=r"At most 0\.10 AUD can go back through this payment"):
        back(story, 11, payment_id=payment.pk)
    bank = Payment.objects.filter(method="bank_transfer")[0]
    with pytest.raises(DoesNotBelong):
        back(story, 1, payment_id=bank.pk)


@pytest.mark.django_db
def test_only_the_billing_team_returns_money_and_not_while_the_books_are_checked() -> None:
    story = begin({"basic": 2})
    story.buy(DAY, {"basic": 1})
    facts = {"amount_minor": 1, "payment_id": None, "bank_reference": "OUT-1", "reason": "Asked", "now": NOW}
    with pytest.raises(NotStaff):
        return_money(story.customer.pk, staff_id=story.owner_id, **facts)  # type: ignore[arg-type]
    with pytest.raises(DoesNotBelong):
        return_money(10**9, staff_id=makers.clerk_id(), **facts)  # type: ignore[arg-type]
    Customer.objects.filter(pk=story.customer.pk).update(parked_reason="Looked at")
    with pytest.raises(ServiceIsParked):
        back(story, 1)


@pytest.mark.own_database
def test_two_clerks_at_once_do_not_return_more_than_the_balance() -> None:
    story = begin({"basic": 2})
    story.buy(DAY, {"basic": 1})
    first, second = makers.clerk_id("one@provider.example"), makers.clerk_id("two@provider.example")

    def by(clerk: int, reference: str) -> int:
        return return_money(
            story.customer.pk, amount_minor=600, payment_id=None, bank_reference=reference, reason="Asked",
            staff_id=clerk, now=NOW,
        )  # fmt: skip

    results = at_once([lambda: by(first, "OUT-1"), lambda: by(second, "OUT-2")])

    assert sum(isinstance(each, TooMuchToReturn) for each in results) == 1, results
    assert story.balance() == 225
    assert_books_hold(story.customer, now=NOW)


@pytest.mark.own_database
def test_one_transfer_at_the_bank_is_one_customers_whoever_records_it() -> None:
    stories = [begin({"basic": 2}) for _ in range(4)]
    for story in stories:
        story.buy(DAY, {"basic": 1})
    clerk = makers.clerk_id()

    def by(story: Story) -> int:
        return return_money(
            story.customer.pk, amount_minor=600, payment_id=None, bank_reference="OUT-1", reason="Asked",
            staff_id=clerk, now=NOW,
        )  # fmt: skip

    results = at_once([lambda each=each: by(each) for each in stories])  # type: ignore[misc]

    assert [isinstance(each, int | TransferAlreadyRecorded) for each in results] == [True] * 4, results
    assert sum(isinstance(each, int) for each in results) == 1, results
    for story in stories:
        assert_books_hold(story.customer, now=NOW)


@pytest.mark.django_db
def test_the_customer_is_told_of_their_money_and_the_team_of_a_refusal() -> None:
    world = make_world(seats={"basic": 2})
    story = Story(customer=world.customer, service_id=world.service.pk, owner_id=world.owner.pk)
    order_id = world.order(basic=4)
    document = world.customer.documents.get(order_id=order_id)
    makers.pay(document.number, amount_minor=document.total_minor + 900, now=world.now())
    repayment_id = return_money(
        story.customer.pk, amount_minor=900, payment_id=None, bank_reference="OUT-9", reason="Paid twice",
        staff_id=makers.clerk_id(), now=world.now(),
    )  # fmt: skip
    tell_repayment_ended(world.outside, repayment_id=repayment_id)
    Repayment.objects.filter(pk=repayment_id).update(state="refused", refusal="The gateway said no.")
    tell_repayment_ended(world.outside, repayment_id=repayment_id)

    told, to_us = world.letters.sent
    assert told.to == "billing@acme.example"
    assert "A$ 9.00" in told.subject
    assert "OUT-9" in told.text
    assert "Paid twice" in told.text
    assert to_us.to != told.to
    assert "The gateway said no." in to_us.text
