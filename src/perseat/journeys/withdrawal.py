"""Withdrawal: an order that is not paid is taken back by the customer, or lapses; its document is credited."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from perseat.capabilities.accounts.actions import record_audit
from perseat.capabilities.customers.models import Customer
from perseat.capabilities.customers.queries import DoesNotBelong, require_member
from perseat.capabilities.invoicing.models import Document, DocumentLine
from perseat.capabilities.invoicing.queries import document_of_order
from perseat.capabilities.ordering.actions import move_order
from perseat.capabilities.ordering.credit_basis import basis_in
from perseat.capabilities.ordering.models import Order
from perseat.domain.calendar import local_day
from perseat.domain.cancellation import IssuedLine, cancel_document
from perseat.domain.fulfillment import OrderState
from perseat.domain.quote import Line, LineKind, LineReason, TaxSum
from perseat.domain.rights import may_buy
from perseat.journeys.issuing import issue, lock_customer

SYSTEM = "system"


class OrderCannotBeWithdrawn(Exception):
    """Only an order that awaits payment can be withdrawn."""

    def __init__(self, *, order_id: int) -> None:
        super().__init__("This order can no longer be withdrawn.")
        self.order_id = order_id


def withdraw_order(*, customer_id: int, user_id: int, order_id: int, now: datetime) -> None:
    """Cancel an order that awaits payment; what was paid of it becomes balance. Repeating changes nothing.

    :raises DoesNotBelong: when the order is not the customer's.
    :raises NotAllowed: (accounts.queries) when the member may not buy.
    :raises OrderCannotBeWithdrawn: when it was paid already.
    """
    member = require_member(user_id, customer_id=customer_id, right=may_buy, act="withdraw an order")
    with transaction.atomic():
        customer = lock_customer(customer_id)
        order = _own_order(customer, order_id=order_id)
        if order.state == OrderState.CANCELLED:
            return
        if order.state != OrderState.AWAITING_PAYMENT:
            raise OrderCannotBeWithdrawn(order_id=order_id)
        cancel_locked_order(order, customer=customer, note="Withdrawn at your request.", actor=member.email, now=now)
        record_audit(
            "withdrew order",
            actor=member.email,
            object_label=f"Order {order.pk}",
            at=now,
            customer_number=customer.number,
        )


def lapse_orders(now: datetime) -> int:
    """Cancel every order whose last day to be paid is over; returns how many."""
    waiting = Order.objects.filter(state=OrderState.AWAITING_PAYMENT).values_list("customer_id", flat=True)
    return sum(lapse_orders_of(customer_id, now=now) for customer_id in sorted(set(waiting)))


def lapse_orders_of(customer_id: int, *, now: datetime) -> int:
    """The same for one customer."""
    waiting = Order.objects.filter(customer_id=customer_id, state=OrderState.AWAITING_PAYMENT)
    if not waiting.exists():
        return 0
    with transaction.atomic():
        customer = lock_customer(customer_id)
        day = local_day(now, customer.time_zone)
        lapsed = list(waiting.filter(expires_on__lt=day).order_by("pk"))
        for order in lapsed:
            note = "Lapsed, because it was not paid in time."
            cancel_locked_order(order, customer=customer, note=note, actor=SYSTEM, now=now)
    return len(lapsed)


def cancel_locked_order(order: Order, *, customer: Customer, note: str, actor: str, now: datetime) -> None:
    """Cancel an order that was never started; the caller holds the customer's lock.

    Its document is taken back exactly by a credit note, which settles what is unpaid; what was paid becomes balance.
    """
    move_order(order, new=OrderState.CANCELLED, at=now, note=note)
    document = document_of_order(order)
    if document is not None:
        _cancel(document, order=order, customer=customer, note=note, actor=actor, now=now)


def _cancel(document: Document, *, order: Order, customer: Customer, note: str, actor: str, now: datetime) -> None:
    rows = list(document.lines.select_related("edition", "partner").order_by("number"))
    taxes = [
        TaxSum(category=tax.category, rate=tax.rate, net_minor=tax.net_minor, tax_minor=tax.tax_minor)
        for tax in document.taxes.order_by("pk")
    ]
    issued = [IssuedLine(reference=str(row.pk), line=issued_line(row), tax_minor=row.tax_minor) for row in rows]
    lines, totals = cancel_document(issued, taxes=taxes)
    issue(
        customer,
        lines=lines,
        totals=totals,
        subscriptions=[row.subscription_id for row in rows],
        service_id=document.service_id,
        order_id=order.pk,
        day=local_day(now, customer.time_zone),
        now=now,
        actor=actor,
        corrects=document,
        reason=note,
        originals=[row.pk for row in rows],
        settles=[document],
    )


def issued_line(row: DocumentLine) -> Line:
    """An issued line as the rules know lines; its references are ids of document lines."""
    return Line(
        kind=LineKind(row.kind),
        reason=LineReason(row.reason),
        edition=row.edition.code if row.edition else "",
        seats=row.seats,
        start=row.start,
        end=row.end,
        days=row.days,
        period_days=row.period_days,
        unit_price=row.unit_price,
        amount_minor=row.amount_minor,
        tax_category=row.tax_category,
        tax_rate=row.tax_rate,
        credits=str(row.credits_line_id) if row.credits_line_id else None,
        restores=str(row.restores_line_id) if row.restores_line_id else None,
        partner=row.partner.code if row.partner else None,
        basis=basis_in(row),
    )


def _own_order(customer: Customer, *, order_id: int) -> Order:
    order = Order.objects.select_for_update(no_key=True).filter(pk=order_id, customer=customer).first()
    if order is None:
        raise DoesNotBelong(order_id)
    return order
