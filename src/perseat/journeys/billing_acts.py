"""Billing acts: what the billing team does by hand. Each is a document or a closed month, with a reason and a name.

Another recipient is in recipient.py, money that goes back in repaying.py. Each asks first whether the person may.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Q, QuerySet, Sum

from perseat.capabilities.accounts.actions import record_audit
from perseat.capabilities.accounts.queries import require_staff
from perseat.capabilities.customers.models import Customer
from perseat.capabilities.customers.queries import DoesNotBelong
from perseat.capabilities.invoicing.models import Document, DocumentLine
from perseat.capabilities.ledger.months import end_of_month, record_closed_month
from perseat.capabilities.subscriptions.models import Service, ServiceState
from perseat.domain.calendar import is_day_of_business, local_day
from perseat.domain.money import allot_by_largest_remainder, charge_minor, from_minor, get_currency
from perseat.domain.quote import DocumentKind, Line, LineKind, LineReason
from perseat.domain.tax import document_totals, rate_on
from perseat.journeys.issuing import issue, lock_customer
from perseat.journeys.parking import check_not_parked
from perseat.journeys.taxation import taxation_of

_SAME_ACT = timedelta(minutes=1)
_TOO_MUCH = 10**12  # what no line could give back at once, as its price


class ActRefused(Exception):
    """The act cannot be done; the text says why, for the person who tried."""


@transaction.atomic
def give_goodwill(number: str, *, amount_minor: int, reason: str, staff_id: int, now: datetime) -> str:
    """Credit part of an invoice by a credit note, without taking seats back; returns its number.

    `amount_minor`: as the invoice's lines are, before tax or with the tax in it. Of an invoice with several tax rates
    each gives its share. It closes what is open of the invoice; the rest is the customer's balance.

    :raises DoesNotBelong: when there is no such document.
    :raises ActRefused: for a credit note, or more than is left of the invoice.
    """
    actor = _require(staff_id, act="give goodwill")
    customer, document = _lock(number)
    left = _left_by_rate(document)
    most = min(sum(left.values()), _amount_minor(document) - _credited_minor(document))
    if document.kind != DocumentKind.INVOICE or not 0 < amount_minor <= most:
        kind = "with the tax in it" if document.prices_include_tax else "before tax"
        figure = f"{from_minor(max(most, 0), get_currency(document.currency))} {document.currency}"
        raise ActRefused(f"Of {number} at most {figure} {kind} can be given.")
    shares = [amount_minor * each for each in left.values()]
    parts = allot_by_largest_remainder(amount_minor, shares=shares, denominator=sum(left.values()))
    lines = [
        _line_by_hand(
            LineKind.CREDIT,
            quantity=1,
            unit_price=from_minor(part, get_currency(document.currency)),
            amount_minor=-part,
            category=category,
            rate=rate,
            day=local_day(now, customer.time_zone),
        )
        for (category, rate), part in zip(left, parts, strict=True)
        if part
    ]
    text = f"Goodwill for {number}: {reason}"
    return _issue_by_hand(
        customer, lines=lines, text=text, reason=reason, verb="gave goodwill", actor=actor, now=now, corrects=document
    )


@transaction.atomic
def charge_by_hand(
    customer_id: int, *, text: str, quantity: int, unit_price: Decimal, category: str, reason: str,
    staff_id: int, now: datetime,
) -> str:  # fmt: skip
    """Charge something that no subscription charges, by an invoice; returns its number.

    `unit_price`: before tax, or with the tax in it where the customer's prices have it. The tax is that of the
    category today, or of the customer's tax treatment.

    :raises ServiceIsParked: while the customer's books are being checked.
    :raises ActRefused: when it would come to nothing, or to a thousand milliards.
    """
    actor = _require(staff_id, act="charge by hand")
    customer = lock_customer(customer_id)
    check_not_parked(customer)
    day = local_day(now, customer.time_zone)
    amount = charge_minor(
        seats=quantity, unit_price=unit_price, days=1, period_days=1, currency=get_currency(customer.currency)
    )
    if amount <= 0:
        raise ActRefused("This comes to nothing.")
    if from_minor(amount, get_currency(customer.currency)) >= _TOO_MUCH:
        raise ActRefused("This comes to more than can be right.")
    taxation = taxation_of(customer)
    taxed_as = taxation.category_of(category)
    line = _line_by_hand(
        LineKind.CHARGE,
        quantity=quantity,
        unit_price=unit_price,
        amount_minor=amount,
        category=taxed_as,
        rate=rate_on(taxed_as, day=day, rates=taxation.rates),
        day=day,
    )
    return _issue_by_hand(
        customer, lines=[line], text=text, reason=reason, verb="charged by hand", actor=actor, now=now
    )


@transaction.atomic
def close_month(first_day: date, *, reason: str, staff_id: int, now: datetime) -> None:
    """Close a month for ever: no document and no entry is dated into it, or before it, any more.

    :raises ActRefused: while it is not over everywhere, or a period that begins in it is not charged yet.
    :raises MonthIsClosed: when it is closed already.
    """
    actor = _require(staff_id, act="close a month")
    if not is_day_of_business(first_day):
        raise ActRefused("The books have no such month.")
    end = end_of_month(first_day)
    if first_day.day != 1 or local_day(now, "Pacific/Pago_Pago") < end:  # where a day ends last
        raise ActRefused("This month is not over everywhere yet.")
    due = Q(billed_through__lt=end) | Q(billed_through=None, billing_starts_on__lt=end)
    waiting = Service.objects.filter(due, state=ServiceState.ACTIVE).count()
    if waiting:
        raise ActRefused(f"{waiting} services have periods of this month that are not charged yet.")
    record_closed_month(first_day, actor=actor, reason=reason, now=now)
    record_audit("closed month", actor=actor, object_label=f"{first_day:%Y-%m}", at=now, details={"reason": reason})


def _require(staff_id: int, *, act: str) -> str:
    """The e-mail of the person, who may do it.

    :raises NotStaff, NotAllowed: (accounts.queries) for everybody who may not work in the back office.
    """
    return require_staff(staff_id, act=act).email


def _lock(number: str) -> tuple[Customer, Document]:
    customer_id = Document.objects.filter(number=number).values_list("customer_id", flat=True).first()
    if customer_id is None:
        raise DoesNotBelong(number)
    return lock_customer(customer_id), Document.objects.select_related("order").get(number=number)


def _amount_minor(document: Document) -> int:
    """The sum of the document's lines: before tax, or with it."""
    return document.total_minor if document.prices_include_tax else document.net_minor


def _credited_minor(document: Document) -> int:
    """What was credited of the document's lines so far, positive: by their lines, and as goodwill."""
    return -int(_credits_of(document).aggregate(total=Sum("amount_minor"))["total"] or 0)


def _credits_of(document: Document) -> QuerySet[DocumentLine]:
    return DocumentLine.objects.filter(
        Q(credits_line__document=document) | Q(document__corrects=document, reason=LineReason.GOODWILL)
    )


def _left_by_rate(document: Document) -> dict[tuple[str, Decimal], int]:
    """What is not credited yet of each tax category and rate, where that is above zero; so no more tax than was
    charged comes back.
    """
    left: dict[tuple[str, Decimal], int] = {}
    for row in (*document.lines.order_by("number"), *_credits_of(document).order_by("pk")):
        key = (row.tax_category, row.tax_rate)
        left[key] = left.get(key, 0) + row.amount_minor
    return {key: amount for key, amount in left.items() if amount > 0}


def _line_by_hand(
    kind: LineKind, *, quantity: int, unit_price: Decimal, amount_minor: int, category: str, rate: Decimal, day: date
) -> Line:
    """A line without edition: so many at a price, on one day."""
    return Line(
        kind=kind,
        reason=LineReason.MANUAL if kind is LineKind.CHARGE else LineReason.GOODWILL,
        edition="",
        seats=quantity,
        start=day,
        end=day + timedelta(days=1),
        days=1,
        period_days=1,
        unit_price=unit_price,
        amount_minor=amount_minor,
        tax_category=category,
        tax_rate=rate,
    )


def _issue_by_hand(
    customer: Customer, *, lines: Sequence[Line], text: str, reason: str, verb: str, actor: str, now: datetime,
    corrects: Document | None = None,
) -> str:  # fmt: skip
    totals = document_totals(lines, prices_include_tax=customer.prices_include_tax)
    same = Document.objects.filter(
        customer=customer, corrects=corrects, reason=reason[:300], total_minor=totals.total_minor,
        issued_at__gt=now - _SAME_ACT, lines__text=text[:300],
    ).first()  # fmt: skip
    if same is not None:  # a double click
        return same.number
    document = issue(
        customer,
        lines=lines,
        totals=totals,
        subscriptions=[None] * len(lines),
        service_id=None,
        order_id=None,
        day=lines[0].start,
        now=now,
        actor=actor,
        corrects=corrects,
        reason=reason[:300],
        texts=[text[:300]] * len(lines),
    )
    _record(customer, verb, document.number, reason, actor=actor, now=now)
    return document.number


def _record(customer: Customer, verb: str, label: str, reason: str, *, actor: str, now: datetime) -> None:
    record_audit(
        verb, actor=actor, object_label=label, at=now, customer_number=customer.number, details={"reason": reason}
    )
