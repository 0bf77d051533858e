"""Audit of quotes: each accepted one decided again from what it rested on, which is held to the history."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

from perseat.domain.audit_facts import (
    AuditedLine,
    AuditedOrder,
    AuditedQuote,
    AuditedService,
    AuditedSubscription,
    CustomerBooks,
    Difference,
    prices_known,
    rates_known,
    show_amount,
)
from perseat.domain.checkout import split_payment
from perseat.domain.quote_values import BilledLine, EditionState, QuotedChange, ServiceState
from perseat.domain.quoting import quote_change

_LAGS = (timedelta(), timedelta(minutes=1))


def compare_quotes(books: CustomerBooks) -> Iterator[Difference]:
    """Every difference between accepted quotes, what `quote_change` makes of their inputs, and the history."""
    services = {each.service_id: each for each in books.services}
    lines = {str(line.line_id): line for document in books.documents for line in document.lines}
    for order in books.orders:
        quote, service = order.quote, services.get(order.service_id)
        if quote.state is None or service is None:
            continue
        if not quote.is_same_state:
            yield _differs(quote, "what it rested on (its fingerprint)", "unchanged", "changed")
            continue
        yield from _compare_decision(order, quote.state, books)
        yield from _compare_inputs(order, quote.state, service, lines, books)


def _compare_decision(order: AuditedOrder, state: ServiceState, books: CustomerBooks) -> Iterator[Difference]:
    quote = order.quote
    try:
        change = quote_change(state, day=quote.day, wanted=quote.wanted)
    except ValueError as refusal:
        yield _differs(quote, "decided again", "a quote", str(refusal))
        return
    taxes = change.totals.line_taxes if change.totals else ()
    expected_lines = [(line, tax) for line, tax in zip(change.lines, taxes, strict=True)]
    found_lines = [(each.line, each.tax_minor) for each in quote.lines]
    if expected_lines != found_lines:
        yield _differs(quote, "its lines", _told(expected_lines), _told(found_lines))
    for what, expected, found in _figures(quote, change):
        if expected != found:
            yield _differs(quote, what, show_amount(expected, books.currency), show_amount(found, books.currency))
    outcomes = tuple((each.edition, each.now, each.planned) for each in change.outcomes)
    if outcomes != quote.outcomes:
        yield _differs(quote, "totals held and planned", str(outcomes), str(quote.outcomes))
    upgrades = tuple((each.source, each.target, each.seats) for each in change.upgrades)
    if upgrades != order.upgrades:
        yield _differs(quote, "seats that change their edition", str(upgrades), str(order.upgrades))
    next_charge_on = change.recurring[0].on if change.recurring else None
    if next_charge_on != quote.next_charge_on:
        yield _differs(quote, "date of the next charge", str(next_charge_on), str(quote.next_charge_on))


def _figures(quote: AuditedQuote, change: QuotedChange) -> Iterator[tuple[str, int, int]]:
    totals = change.totals
    total = totals.total_minor if totals else 0
    yield "net", totals.net_minor if totals else 0, quote.net_minor
    yield "tax", totals.tax_minor if totals else 0, quote.tax_minor
    yield "due today", total, quote.due_today_minor
    yield (
        "to pay, by what comes from the balance",
        split_payment(total, quote.from_balance_minor)[1],
        quote.to_pay_minor,
    )
    recurring = change.recurring[0].totals.total_minor if change.recurring else 0
    yield "new recurring total", recurring, quote.recurring_total_minor


def _compare_inputs(
    order: AuditedOrder,
    state: ServiceState,
    service: AuditedService,
    lines: dict[str, AuditedLine],
    books: CustomerBooks,
) -> Iterator[Difference]:
    """Seats, prices, rates and billed lines that it rested on, as the history knows them."""
    quote = order.quote
    if (state.rhythm, state.started_on) != (service.rhythm, service.billing_starts_on):
        expected = f"{service.rhythm} from {service.billing_starts_on}"
        yield _differs(quote, "the service's rhythm", expected, f"{state.rhythm} from {state.started_on}")
    rates = [set(rates_known(books.tax_rates, quote.made_at - lag)) for lag in _LAGS]
    used = {rate for rate in state.tax_rates if rate.rate}
    if not any(used <= known for known in rates):
        yield _differs(quote, "tax rates", str(sorted(map(str, rates[0]))), str(sorted(map(str, used))))
    for edition in state.editions:
        own = _own_then(service, edition, quote)
        held = _held_then(own, quote)
        if (edition.held, edition.planned) not in held:
            expected, found = " or ".join(map(str, held)), str((edition.held, edition.planned))
            yield _differs(quote, f"{edition.edition}, held and planned (by the history)", expected, found)
        if own and not edition.held and edition.term_start is None:
            yield from _compare_price(quote, edition, own[-1])
        for billed in edition.billed:
            line = lines.get(billed.reference)
            if line is None or _of_line(line) != _of_billed(billed):
                found = str(_of_billed(billed))
                yield _differs(quote, "a billed line", str(_of_line(line)) if line else "no line", found)


def _own_then(service: AuditedService, edition: EditionState, quote: AuditedQuote) -> list[AuditedSubscription]:
    """The edition's subscriptions that had begun by then, else the first that came of it."""
    own = [each for each in service.subscriptions if each.edition == edition.edition]
    begun = [each for each in own if each.movements and each.movements[0].recorded_at <= quote.made_at]
    return begun or own[:1]


def _held_then(own: Sequence[AuditedSubscription], quote: AuditedQuote) -> list[tuple[int, int | None]]:
    """Totals held and planned when the quote was made: one pair, or several that were recorded at that very moment."""
    movements = sorted(
        (each for subscription in own for each in subscription.movements if each.recorded_at <= quote.made_at),
        key=lambda each: each.recorded_at,
    )
    earlier = [each for each in movements if each.recorded_at < quote.made_at]
    possible = [*earlier[-1:], *movements[len(earlier) :]]
    found = [(each.seats, each.planned if each.seats else None) for each in possible]
    return found if earlier else [(0, None), *found]


def _compare_price(
    quote: AuditedQuote, edition: EditionState, subscription: AuditedSubscription
) -> Iterator[Difference]:
    prices = [_price_on(prices_known(subscription.prices, quote.made_at - lag), quote.day) for lag in _LAGS]
    if edition.unit_price not in prices:
        yield _differs(quote, f"{edition.edition}, unit price", str(prices[0]), str(edition.unit_price))


def _price_on(prices: dict[date, Decimal], day: date) -> Decimal | None:
    begun = [price for starts_on, price in prices.items() if starts_on <= day]
    return begun[-1] if begun else None


def _of_line(line: AuditedLine) -> tuple[object, ...]:
    it = line.line
    return (
        it.edition,
        it.seats,
        it.start,
        it.end,
        it.period_days,
        it.unit_price,
        it.amount_minor,
        it.tax_category,
        it.tax_rate,
    )


def _of_billed(it: BilledLine) -> tuple[object, ...]:
    return (
        it.edition,
        it.seats,
        it.start,
        it.end,
        it.period_days,
        it.unit_price,
        it.amount_minor,
        it.tax_category,
        it.tax_rate,
    )


def _told(lines: Sequence[tuple[object, int]]) -> str:
    return "; ".join(f"{line}, tax {tax}" for line, tax in lines) or "none"


def _differs(quote: AuditedQuote, what: str, expected: str, found: str) -> Difference:
    return Difference(subject=quote.name, what=what, expected=expected, found=found)
