"""Audit of seats: held as the history says, charged as held, period after period, and renewed as the rules say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from perseat.domain.audit_facts import (
    AuditedDocument,
    AuditedLine,
    AuditedMovement,
    AuditedPeriod,
    AuditedService,
    AuditedSubscription,
    CustomerBooks,
    Difference,
)
from perseat.domain.calendar import aligned_period
from perseat.domain.money import get_currency
from perseat.domain.quote_values import DecreasePolicy, EditionState, Line, LineKind, LineReason, ServiceState, TaxRate
from perseat.domain.renewal import quote_renewal

_NOT_SEATS = frozenset({LineReason.LATE_START})


def compare_seats(books: CustomerBooks) -> Iterator[Difference]:
    """Every difference between the seats held, their history, the periods and the documents."""
    lines = _lines_by_service(books)
    for service in books.services:
        for subscription in service.subscriptions:
            yield from _compare_history(service, subscription)
        yield from _compare_periods(service)
        yield from _compare_billed_seats(service, lines.get(service.service_id, ()), books)
        yield from _compare_renewals(service, books)


def _lines_by_service(books: CustomerBooks) -> Mapping[int, list[tuple[AuditedDocument, AuditedLine]]]:
    owner = {each.subscription_id: service.service_id for service in books.services for each in service.subscriptions}
    found: dict[int, list[tuple[AuditedDocument, AuditedLine]]] = {}
    for document in books.documents:
        for line in document.lines:
            service_id = owner.get(line.subscription_id or 0, document.service_id)
            if service_id is not None:
                found.setdefault(service_id, []).append((document, line))
    return found


def _compare_history(service: AuditedService, subscription: AuditedSubscription) -> Iterator[Difference]:
    """Seats held and planned = the last movement."""
    last = subscription.movements[-1] if subscription.movements else None
    pairs = (
        ("seats held", last.seats if last else 0, subscription.held),
        ("seats planned", last.planned if last and last.seats else None, subscription.planned),
    )
    for what, expected, found in pairs:
        if expected != found:
            yield _seats(service, f"{subscription.edition}, {what} (by the history)", expected, found)


def _compare_periods(service: AuditedService) -> Iterator[Difference]:
    """Periods tile without gap or overlap while anything is held."""
    for before, after in zip(service.periods, service.periods[1:], strict=False):
        end, start = before.period.end, after.period.start
        if start < end or (start > end and _held_on(service, end)):
            yield Difference(
                subject=_name(service), what="the next charged period begins", expected=str(end), found=str(start)
            )
    ends = {*service.begun_through, *(each.period.end for each in service.periods)}
    if service.is_running and ends and service.billed_through not in ends:
        yield Difference(
            subject=_name(service),
            what="billed through",
            expected=str(max(ends)),
            found=str(service.billed_through),
        )


def _held_on(service: AuditedService, day: date) -> int:
    total = 0
    for subscription in service.subscriptions:
        known = [each for each in subscription.movements if each.effective_on <= day]
        total += known[-1].seats if known else 0
    return total


def _compare_billed_seats(
    service: AuditedService, lines: Sequence[tuple[AuditedDocument, AuditedLine]], books: CustomerBooks
) -> Iterator[Difference]:
    """Every seat held today is on a charge that covers today, and no other seat is."""
    day = books.today
    if not service.is_running or service.billed_through is None or not service.billing_starts_on <= day:
        return
    if service.billed_through <= day:
        return  # the renewal of today is still to come, or the customer is parked
    billed: dict[str, int] = {}
    for document, each in lines:
        line = each.line
        if (
            line.edition
            and line.reason not in _NOT_SEATS
            and line.start <= day < line.end
            and document.is_in_effect(books.now)
        ):
            sign = 1 if line.kind is LineKind.CHARGE else -1
            billed[line.edition] = billed.get(line.edition, 0) + sign * line.seats
    held: dict[str, int] = {}
    for subscription in service.subscriptions:
        held[subscription.edition] = held.get(subscription.edition, 0) + subscription.held
    for edition in sorted({*billed, *held}):
        if billed.get(edition, 0) != held.get(edition, 0):
            yield _seats(service, f"{edition}, seats billed for {day}", held.get(edition, 0), billed.get(edition, 0))


def _compare_renewals(service: AuditedService, books: CustomerBooks) -> Iterator[Difference]:
    documents = {document.document_id: document for document in books.documents}
    own = {each.subscription_id for each in service.subscriptions}
    for period in service.periods:
        document = documents.get(period.document_id or 0)
        if period.document_id is not None and document is None:
            yield Difference(
                subject=_name(service), what=f"document of {period.period.start}", expected="a document", found="none"
            )
            continue
        is_first_charge = period.period.start == service.billing_starts_on
        if is_first_charge or aligned_period(service.rhythm, period.period.start) != period.period:
            continue  # a leading part of a period, or seats that were taken over: no renewal
        found = [
            each.line
            for each in (document.lines if document else ())
            if each.subscription_id in own and each.line.reason is LineReason.RENEWED
        ]
        yield from _compare_renewal(service, period, document, found, books)


def _compare_renewal(
    service: AuditedService,
    period: AuditedPeriod,
    document: AuditedDocument | None,
    found: Sequence[Line],
    books: CustomerBooks,
) -> Iterator[Difference]:
    """The renewal as `quote_renewal` decides it from the history.

    Not kept by the tables, hence taken from the line itself: its tax category and rate (the customer's tax treatment
    of that day) and, for seats taken over, the price at which they were taken over.
    """
    state = _state_then(service, period, found, books)
    expected = quote_renewal(state, day=period.period.start).lines
    subject = document.number if document else _name(service)
    for edition in [each.edition for each in state.editions]:
        wanted = next((line for line in expected if line.edition == edition), None)
        is_there = next((line for line in found if line.edition == edition), None)
        if _told(wanted) != _told(is_there):
            yield Difference(
                subject=subject,
                what=f"renewal of {edition} on {period.period.start}",
                expected=_told(wanted),
                found=_told(is_there),
            )


def _state_then(
    service: AuditedService, period: AuditedPeriod, found: Sequence[Line], books: CustomerBooks
) -> ServiceState:
    by_edition = {line.edition: line for line in found}
    editions, rates = [], []
    for subscription in service.subscriptions:
        known = _known_before(subscription, period)
        if known and known[-1].seats:
            line = by_edition.get(subscription.edition)
            category = line.tax_category if line else "Z"
            rates.append(TaxRate(category=category, rate=line.tax_rate if line else Decimal(0), starts_on=date.min))
            editions.append(_edition_then(service, subscription, known, period, line, books))
    return ServiceState(
        currency=get_currency(books.currency),
        rhythm=service.rhythm,
        started_on=service.billing_starts_on,
        editions=tuple(editions),
        tax_rates=tuple({rate.category: rate for rate in rates}.values()),
    )


def _known_before(subscription: AuditedSubscription, period: AuditedPeriod) -> list[AuditedMovement]:
    """The history as it was when the period was renewed: changes of the day itself came after it (rule 4)."""
    day = period.period.start
    return [
        each for each in subscription.movements if each.effective_on < day and each.recorded_at <= period.renewed_at
    ]


def _edition_then(
    service: AuditedService,
    subscription: AuditedSubscription,
    known: Sequence[AuditedMovement],
    period: AuditedPeriod,
    line: Line | None,
    books: CustomerBooks,
) -> EditionState:
    day = period.period.start
    begun = [each.effective_on for each in known if each.is_renewal]
    term_start = begun[-1] if begun else subscription.started_on
    if not begun and known[0].is_adoption:
        term_start = _adopted_term_start(service, subscription, day)
    price = _locked_price(subscription, term_start=term_start, day=day, books=books)
    if price is None:
        price = line.unit_price if line else Decimal(0)
    dated = [each for starts_on, each in subscription.prices if starts_on <= day]
    return EditionState(
        edition=subscription.edition,
        position=subscription.position,
        unit_price=price,
        renewal_unit_price=dated[-1] if dated else price,
        policy=DecreasePolicy.ANYTIME,  # a renewal does not ask for it
        tax_category=line.tax_category if line else "Z",
        held=known[-1].seats,
        planned=known[-1].planned,
        term_start=term_start,
    )


def _adopted_term_start(service: AuditedService, subscription: AuditedSubscription, day: date) -> date:
    """The supplier's term of seats taken over is not kept once it is renewed; the history says whether it ended."""
    if subscription.term_started_on < day:
        return subscription.term_started_on
    ends_today = any(each.is_renewal and each.effective_on == day for each in subscription.movements)
    start = day
    for _cycle in range(service.rhythm.term_cycles if ends_today else 1):
        start = aligned_period(service.rhythm, start - timedelta(days=1)).start
    return start


def _locked_price(
    subscription: AuditedSubscription, *, term_start: date, day: date, books: CustomerBooks
) -> Decimal | None:
    """The price that the running term was charged at before `day`; None when it was not charged yet."""
    price: Decimal | None = None
    for document in books.documents:
        for each in document.lines:
            line = each.line
            if (
                each.subscription_id == subscription.subscription_id
                and line.kind is LineKind.CHARGE
                and line.credits is None
                and term_start <= line.start < day
            ):
                price = line.unit_price
    return price


def _told(line: Line | None) -> str:
    if line is None:
        return "no line"
    price = format(line.unit_price.normalize(), "f")
    return f"{line.seats} x {price} from {line.start} to {line.end} = {line.amount_minor} minor units"


def _seats(service: AuditedService, what: str, expected: int | None, found: int | None) -> Difference:
    return Difference(
        subject=_name(service),
        what=what,
        expected="none" if expected is None else str(expected),
        found="none" if found is None else str(found),
    )


def _name(service: AuditedService) -> str:
    return f"service {service.service_id} ({service.name})"
