"""Billed lines: the charges of a service that cover days not yet over, with all that was credited on them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial

from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce

from perseat.capabilities.invoicing.models import DocumentLine
from perseat.domain.fulfillment import OrderState
from perseat.domain.quote import BilledCredit, BilledLine, LineKind, LineReason
from perseat.domain.reversal import is_refused_whole

# Documents of orders that were never started, or were taken back, are not what the seats in effect were billed by.
NOT_IN_EFFECT = (OrderState.AWAITING_PAYMENT.value, OrderState.CANCELLED.value)

_GIVES_SEATS_BACK = frozenset(
    {
        LineReason.RETURNED.value,
        LineReason.EXCHANGED.value,
        LineReason.REFUSED.value,
        LineReason.CANCELLED.value,
        LineReason.RESTORED.value,
    }
)


# What takes a whole document back is no credit of the day, and late days are only credited by their own order.
_NEVER_UNDONE = frozenset({LineReason.LATE_START.value, LineReason.CANCELLED.value})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Credited:
    seats: int
    seat_days: int
    amount_minor: int


def load_billed_lines(
    service_id: int, *, ends_after: date, is_listed: Callable[[DocumentLine], bool]
) -> dict[str, tuple[BilledLine, ...]]:
    """Billed lines by edition code, oldest first.

    `is_listed`: which credits, as far as they are not restored, stand in `credits_of_the_day`.
    """
    found = load_billed_lines_of({service_id: ends_after}, is_listed=lambda _service, credit: is_listed(credit))
    return found.get(service_id, {})


def load_billed_lines_of(
    ends_after: Mapping[int, date], *, is_listed: Callable[[int, DocumentLine], bool]
) -> dict[int, dict[str, tuple[BilledLine, ...]]]:
    """The same for several services (id: day), with as many queries; `is_listed` is told the service's id."""
    lines = _charges(ends_after)
    credits_of: dict[int, list[DocumentLine]] = {line.pk: [] for line in lines}
    for credit in _credits(lines):
        credits_of[credit.credits_line_id or 0].append(credit)
    by_document = _credited_by_document(lines)
    found: dict[int, dict[str, list[BilledLine]]] = {}
    for line in lines:
        key = (line.document_id, line.tax_category, line.tax_rate)
        service_id = _service_of(line)
        billed = _billed(line, credits_of[line.pk], partial(is_listed, service_id), by_document.get(key, (0, 0)))
        found.setdefault(service_id, {}).setdefault(billed.edition, []).append(billed)
    return {
        service_id: {edition: tuple(billed) for edition, billed in editions.items()}
        for service_id, editions in found.items()
    }


def _service_of(line: DocumentLine) -> int:
    return int(vars(line)["service_key"])


def _in_effect() -> Q:
    return Q(document__order=None) | ~Q(document__order__state__in=NOT_IN_EFFECT)


def _charges(ends_after: Mapping[int, date]) -> list[DocumentLine]:
    services = list(ends_after)
    of_services = Q(subscription__service_id__in=services) | Q(subscription=None, document__service_id__in=services)
    earliest = min(ends_after.values())
    rows = (
        DocumentLine.objects.filter(of_services, _in_effect(), kind=LineKind.CHARGE, end__gt=earliest)
        .exclude(edition=None)
        .exclude(reason=LineReason.RESTORED)
        # A column of each other row instead of the whole row: they are many.
        .annotate(
            service_key=Coalesce("subscription__service_id", "document__service_id"),
            edition_code=F("edition__code"),
            first_document=Coalesce("original_line__document_id", "document_id"),
        )
        .order_by(Coalesce("original_line", "pk"), "pk")
    )
    return [row for row in rows if row.end > ends_after[_service_of(row)]]


def issued_on(credit: DocumentLine) -> date:
    """The day on which the credit was first issued."""
    return (credit.original_line or credit).document.issued_on


def _credits(lines: Iterable[DocumentLine]) -> list[DocumentLine]:
    return list(
        DocumentLine.objects.filter(_in_effect(), credits_line__in=[line.pk for line in lines])
        .select_related("document", "original_line__document")
        .defer("document__seller", "document__buyer")
        .order_by("pk")
    )


def _credited_by_document(lines: Iterable[DocumentLine]) -> dict[tuple[int, str, object], tuple[int, int]]:
    """Amount and tax credited so far, positive, of each (document, tax category, rate); restorations deducted."""
    sums = (
        DocumentLine.objects.filter(_in_effect(), credits_line__document__in={line.document_id for line in lines})
        .values("credits_line__document_id", "tax_category", "tax_rate")
        .annotate(amount=Sum("amount_minor"), tax=Sum("tax_minor"))
    )
    return {
        (each["credits_line__document_id"], each["tax_category"], each["tax_rate"]): (-each["amount"], -each["tax"])
        for each in sums
    }


def _billed(
    line: DocumentLine,
    related: list[DocumentLine],
    is_listed: Callable[[DocumentLine], bool],
    of_document: tuple[int, int],
) -> BilledLine:
    credited = _sum_up(line, related)
    return BilledLine(
        reference=str(line.pk),
        # Seats do not become newer because their invoice was issued again.
        issued_order=vars(line)["first_document"],
        edition=vars(line)["edition_code"],
        seats=line.seats,
        start=line.start,
        end=line.end,
        period_days=line.period_days,
        unit_price=line.unit_price,
        amount_minor=line.amount_minor,
        tax_category=line.tax_category,
        tax_rate=line.tax_rate,
        credited_seats=credited.seats,
        credited_seat_days=credited.seat_days,
        credited_minor=credited.amount_minor,
        credits_of_the_day=tuple(_still_listed(related, is_listed)),
        document=str(line.document_id),
        document_credited_minor=of_document[0],
        document_credited_tax_minor=of_document[1],
    )


def _sum_up(line: DocumentLine, related: list[DocumentLine]) -> _Credited:
    seats = seat_days = amount = 0
    for each in related:
        sign = 1 if each.kind == LineKind.CREDIT else -1
        amount -= each.amount_minor
        seat_days += sign * each.seats * each.days
        # A late change of edition restores days before its start only: the seats stay given back. A late start's
        # credit, and what takes it back, are about days before the start as well.
        if each.reason in _GIVES_SEATS_BACK and each.end == line.end:
            seats += sign * each.seats
    if is_refused_whole(LineReason(line.reason)) and any(each.reason == LineReason.REFUSED for each in related):
        seat_days = line.seats * line.days
    return _Credited(seats=seats, seat_days=seat_days, amount_minor=amount)


def _still_listed(related: list[DocumentLine], is_listed: Callable[[DocumentLine], bool]) -> Iterable[BilledCredit]:
    taken_back = {each.original_line_id for each in related if each.reason == LineReason.CANCELLED}
    for credit in related:
        if credit.kind != LineKind.CREDIT or credit.reason in _NEVER_UNDONE or not is_listed(credit):
            continue
        restored = [each for each in related if each.restores_line_id == credit.pk and each.pk not in taken_back]
        back = sum(each.seats for each in restored if each.end == credit.end)
        if credit.seats > back:
            days = sum(each.seats * each.days for each in restored)
            yield BilledCredit(
                reference=str(credit.pk),
                seats=credit.seats - back,
                seat_days=credit.seats * credit.days - days,
                amount_minor=-credit.amount_minor - sum(each.amount_minor for each in restored),
                tax_minor=-credit.tax_minor - sum(each.tax_minor for each in restored),
            )
