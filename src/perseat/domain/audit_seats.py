"""Audit of seats: held as the history says, charged as held, period after period, and renewed as the rules say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
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
    prices_known,
    rates_known,
)
from perseat.domain.calendar import aligned_period
from perseat.domain.money import get_currency
from perseat.domain.quote_values import DecreasePolicy, EditionState, Line, LineKind, LineReason, ServiceState, TaxRate
from perseat.domain.renewal import renewal_lines

_NOT_SEATS = frozenset({LineReason.LATE_START})
_LAGS = (timedelta(), timedelta(minutes=1))


def compare_seats(books: CustomerBooks) -> Iterator[Difference]:
    """Every difference between the seats held, their history, the periods and the documents."""
    lines = _lines_by_service(books)
    for service in books.services:
        for subscription in service.subscriptions:
            yield from _compare_history(service, subscription)
            yield from _compare_terms(service, subscription, books)
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
    held = last.seats if last else 0
    pairs = (
        ("seats held", held, subscription.held),
        ("seats planned", last.planned if last and last.seats else None, subscription.planned),
        ("seats in batches", held, subscription.in_batches),
    )
    for what, expected, found in pairs:
        if expected != found:
            yield _seats(service, f"{subscription.edition}, {what} (by the history)", expected, found)
    ended_on = last.effective_on if last and not last.seats else None
    if subscription.ended_on != ended_on:
        yield Difference(
            subject=_name(service),
            what=f"{subscription.edition}, ended on (by the history)",
            expected=str(ended_on),
            found=str(subscription.ended_on),
        )
    at_supplier = subscription.at_supplier
    if subscription.is_settled and at_supplier is not None and at_supplier < subscription.held:
        yield _seats(service, f"{subscription.edition}, seats at the supplier", subscription.held, at_supplier)


def _compare_terms(
    service: AuditedService, subscription: AuditedSubscription, books: CustomerBooks
) -> Iterator[Difference]:
    """The running term began with its renewal or its first seats, and its price is the one it was charged at."""
    if not subscription.held or not subscription.movements or subscription.movements[0].is_adoption:
        return
    begun = [each.effective_on for each in subscription.movements if each.is_renewal]
    start = begun[-1] if begun else subscription.started_on
    if subscription.term_started_on != start:
        yield Difference(
            subject=_name(service),
            what=f"{subscription.edition}, the term began",
            expected=str(start),
            found=str(subscription.term_started_on),
        )
    price = _locked_price(service, subscription, term_start=start, day=date.max, books=books)
    if price is not None and price != subscription.unit_price:
        yield Difference(
            subject=_name(service),
            what=f"{subscription.edition}, unit price (by what was charged)",
            expected=_plain(price),
            found=_plain(subscription.unit_price),
        )


def _compare_periods(service: AuditedService) -> Iterator[Difference]:
    """Periods tile without gap or overlap while anything is held, from the first one on."""
    first = min((each.period.start for each in service.periods), default=None)
    begun = {service.billing_starts_on, *service.begun_through}
    if first is not None and first not in begun:
        yield Difference(
            subject=_name(service),
            what="the first charged period begins",
            expected=" or ".join(map(str, sorted(begun))),
            found=str(first),
        )
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
        if document is not None and document.issued_at != period.renewed_at:
            yield Difference(
                subject=_name(service),
                what=f"when the period of {period.period.start} was charged (by {document.number})",
                expected=str(document.issued_at),
                found=str(period.renewed_at),
            )
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
    """The renewal as `quote_renewal` decides it from the history, with the prices and rates known then.

    Not kept by the tables, hence taken from the line itself: an edition's own tax category, and for seats taken over
    the price at which they were taken over. A price or rate that was being entered when the renewal was decided may or
    may not have been seen by it: both are right.
    """
    told_by = [
        _expected_renewal(service, period, document, found, books, known_at=period.renewed_at - lag) for lag in _LAGS
    ]
    is_there = {line.edition: _told(line) for line in found}
    if any(expected == is_there for expected in told_by):
        return
    subject = document.number if document else _name(service)
    for edition in sorted({*told_by[0], *is_there}):
        if told_by[0].get(edition) != is_there.get(edition):
            yield Difference(
                subject=subject,
                what=f"renewal of {edition} on {period.period.start}",
                expected=told_by[0].get(edition, "no line"),
                found=is_there.get(edition, "no line"),
            )


def _expected_renewal(
    service: AuditedService,
    period: AuditedPeriod,
    document: AuditedDocument | None,
    found: Sequence[Line],
    books: CustomerBooks,
    *,
    known_at: datetime,
) -> dict[str, str]:
    treated = document.treated if document else ""
    rates = rates_known(books.tax_rates, known_at)
    if treated:
        rates = (TaxRate(category=treated, rate=Decimal(0), starts_on=date.min),)
    by_edition = {line.edition: line for line in found}
    known = {rate.category for rate in rates}
    editions = []
    for subscription in service.subscriptions:
        before = _known_before(subscription, period)
        if before and before[-1].seats:
            line = by_edition.get(subscription.edition)
            state = _edition_then(service, subscription, before, period, line, books, known_at=known_at)
            own = line.tax_category if line and (line.tax_category in known or not known) else ""
            editions.append(replace(state, tax_category=treated or own or next(iter(known), "Z")))
    state_then = ServiceState(
        currency=get_currency(books.currency),
        rhythm=service.rhythm,
        started_on=service.billing_starts_on,
        editions=tuple(editions),
        tax_rates=rates,
    )
    return {line.edition: _told(line) for line in renewal_lines(state_then, day=period.period.start)}


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
    *,
    known_at: datetime,
) -> EditionState:
    day = period.period.start
    begun = [each.effective_on for each in known if each.is_renewal]
    term_start = begun[-1] if begun else subscription.started_on
    if not begun and known[0].is_adoption:
        term_start = _adopted_term_start(service, subscription, day)
    price = _locked_price(service, subscription, term_start=term_start, day=day, books=books)
    if price is None:
        price = line.unit_price if line else Decimal(0)
    dated = [each for starts_on, each in prices_known(subscription.prices, known_at).items() if starts_on <= day]
    return EditionState(
        edition=subscription.edition,
        position=subscription.position,
        unit_price=price,
        renewal_unit_price=dated[-1] if dated else price,
        policy=DecreasePolicy.ANYTIME,  # a renewal does not ask for it
        tax_category="",
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
    service: AuditedService, subscription: AuditedSubscription, *, term_start: date, day: date, books: CustomerBooks
) -> Decimal | None:
    """The price that the running term was charged at before `day`; None when it was not charged yet."""
    price: Decimal | None = None
    for document in books.documents:
        for each in document.lines:
            line = each.line
            if line.kind is not LineKind.CHARGE or line.credits is not None or not line.start < day:
                continue
            if each.subscription_id == subscription.subscription_id:
                is_of_term = term_start <= line.start
            else:  # its very first seats: there was no subscription yet that their line could name
                is_of_term = (
                    each.subscription_id is None
                    and document.service_id == service.service_id
                    and line.edition == subscription.edition
                    and document.order_effective_on == subscription.started_on == term_start
                )
            if is_of_term:
                price = line.unit_price
    return price


def _told(line: Line) -> str:
    tax = f"tax {line.tax_category} {_plain(line.tax_rate)} %"
    period = f"from {line.start} to {line.end}"
    return f"{line.seats} x {_plain(line.unit_price)} {period} = {line.amount_minor} minor units, {tax}"


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f")


def _seats(service: AuditedService, what: str, expected: int | None, found: int | None) -> Difference:
    return Difference(
        subject=_name(service),
        what=what,
        expected="none" if expected is None else str(expected),
        found="none" if found is None else str(found),
    )


def _name(service: AuditedService) -> str:
    return f"service {service.service_id} ({service.name})"
