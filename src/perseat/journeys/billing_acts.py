"""Billing acts: what the billing team does by hand. Each is a document or a closed month, with a reason and a name.

Another recipient is in recipient.py, money that goes back in repaying.py. Each asks first whether the person may.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.db.models import Q, Sum

from perseat.capabilities.accounts.actions import record_audit
from perseat.capabilities.accounts.queries import require_staff
from perseat.capabilities.catalog.queries import list_tax_rates
from perseat.capabilities.customers.models import Customer
from perseat.capabilities.customers.queries import DoesNotBelong
from perseat.capabilities.invoicing.models import Document, DocumentLine
from perseat.capabilities.ledger.months import end_of_month, record_closed_month
from perseat.capabilities.subscriptions.models import Service, ServiceState
from perseat.domain.calendar import local_day
from perseat.domain.money import charge_minor, from_minor, get_currency
from perseat.domain.parties import TaxTreatment
from perseat.domain.quote import DocumentKind, Line, LineKind, LineReason, TaxRate
from perseat.domain.tax import document_totals, rate_on
from perseat.journeys.issuing import issue, lock_customer
from perseat.journeys.parking import check_not_parked

_TREATED_AS = {TaxTreatment.REVERSE_CHARGE: "AE", TaxTreatment.EXEMPT: "E"}
_SAME_ACT = timedelta(minutes=1)


class ActRefused(Exception):
    """The act cannot be done; the text says why, for the person who tried."""


@transaction.atomic
def give_goodwill(number: str, *, amount_minor: int, reason: str, staff_id: int, now: datetime) -> str:
    """Credit part of an invoice by a credit note, without taking seats back; returns its number.

    `amount_minor`: before tax; the invoice's tax comes on top of it. It closes what is open of the invoice; the rest
    is the customer's balance.

    :raises DoesNotBelong: when there is no such document.
    :raises ActRefused: for a credit note, or more than is left of the invoice.
    """
    actor = _require(staff_id, act="give goodwill")
    customer, document = _lock(number)
    left = document.net_minor - _credited_minor(document)
    if document.kind != DocumentKind.INVOICE or not 0 < amount_minor <= left:
        most = f"at most {from_minor(max(left, 0), get_currency(document.currency))} {document.currency} before tax"
        raise ActRefused(f"Of {number} {most} can be given.")
    group = document.taxes.order_by("-net_minor", "pk")[0]
    line = _line_by_hand(
        LineKind.CREDIT,
        quantity=1,
        unit_price=from_minor(amount_minor, get_currency(document.currency)),
        amount_minor=-amount_minor,
        category=group.category,
        rate=group.rate,
        day=local_day(now, customer.time_zone),
    )
    text = f"Goodwill for {number}: {reason}"
    return _issue_by_hand(
        customer, line=line, text=text, reason=reason, verb="gave goodwill", actor=actor, now=now, corrects=document
    )


@transaction.atomic
def charge_by_hand(
    customer_id: int, *, text: str, quantity: int, unit_price: Decimal, category: str, reason: str,
    staff_id: int, now: datetime,
) -> str:  # fmt: skip
    """Charge something that no subscription charges, by an invoice; returns its number.

    `unit_price`: before tax. The tax is that of the category today, or of the customer's tax treatment.

    :raises ServiceIsParked: while the customer's books are being checked.
    :raises ActRefused: when it would come to nothing.
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
    treated = _TREATED_AS.get(TaxTreatment(customer.tax_treatment))
    rates = [
        TaxRate(category=each.category, rate=each.rate, starts_on=each.starts_on)
        for each in list_tax_rates(settings.PERSEAT.provider_country)
    ]
    line = _line_by_hand(
        LineKind.CHARGE,
        quantity=quantity,
        unit_price=unit_price,
        amount_minor=amount,
        category=treated or category,
        rate=Decimal(0) if treated else rate_on(category, day=day, rates=rates),
        day=day,
    )
    return _issue_by_hand(customer, line=line, text=text, reason=reason, verb="charged by hand", actor=actor, now=now)


@transaction.atomic
def close_month(first_day: date, *, reason: str, staff_id: int, now: datetime) -> None:
    """Close a month for ever: no document and no entry is dated into it, or before it, any more.

    :raises ActRefused: while it is not over everywhere, or a period that begins in it is not charged yet.
    :raises MonthIsClosed: when it is closed already.
    """
    actor = _require(staff_id, act="close a month")
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


def _credited_minor(document: Document) -> int:
    """What was credited of the document so far, positive, before tax: by its lines, and as goodwill."""
    lines = DocumentLine.objects.filter(
        Q(credits_line__document=document) | Q(document__corrects=document, reason=LineReason.GOODWILL)
    )
    return -int(lines.aggregate(total=Sum("amount_minor"))["total"] or 0)


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
    customer: Customer, *, line: Line, text: str, reason: str, verb: str, actor: str, now: datetime,
    corrects: Document | None = None,
) -> str:  # fmt: skip
    same = Document.objects.filter(
        customer=customer, corrects=corrects, reason=reason[:300], net_minor=line.amount_minor,
        issued_at__gt=now - _SAME_ACT,
    ).first()  # fmt: skip
    if same is not None:  # a double click
        return same.number
    document = issue(
        customer,
        lines=[line],
        totals=document_totals([line]),
        subscriptions=[None],
        service_id=None,
        order_id=None,
        day=line.start,
        now=now,
        actor=actor,
        corrects=corrects,
        reason=reason[:300],
        texts=[text[:300]],
    )
    _record(customer, verb, document.number, reason, actor=actor, now=now)
    return document.number


def _record(customer: Customer, verb: str, label: str, reason: str, *, actor: str, now: datetime) -> None:
    record_audit(
        verb, actor=actor, object_label=label, at=now, customer_number=customer.number, details={"reason": reason}
    )
