"""Services to quote for: 5 Basic at 7.00, and Standard and Premium to go to; monthly from 15 November 2026."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from perseat.domain.calendar import Period, Rhythm, aligned_period
from perseat.domain.money import charge_minor, get_currency
from perseat.domain.quote import (
    Batch,
    BilledCredit,
    BilledLine,
    DecreasePolicy,
    EditionState,
    Line,
    LineReason,
    QuotedChange,
    ServiceState,
    TaxRate,
    quote_change,
)

START = date(2026, 11, 15)
AUD = get_currency("AUD")
GST = TaxRate(category="S", rate=Decimal(10), starts_on=date(2000, 7, 1))
PRICES = {"basic": "7.00", "standard": "14.00", "premium": "22.00"}
UP = frozenset({("basic", "standard"), ("basic", "premium"), ("standard", "premium")})


def monthly(*, term_cycles: int = 1, anchor: date = START) -> Rhythm:
    return Rhythm(anchor=anchor, anchor_day=anchor.day, cycle_months=1, term_cycles=term_cycles)


def billed(
    edition: str = "basic",
    seats: int = 5,
    *,
    start: date = START,
    order: int = 0,
    unit_price: str | None = None,
    rhythm: Rhythm | None = None,
) -> BilledLine:
    """A charge line for the rest of the period that contains `start`, alone on its document."""
    aligned = aligned_period(rhythm or monthly(), start)
    price = Decimal(unit_price or PRICES[edition])
    span = Period(start, aligned.end)
    return BilledLine(
        reference=f"{edition}-{order}",
        document=f"document-{order}",
        issued_order=order,
        edition=edition,
        seats=seats,
        start=start,
        end=aligned.end,
        period_days=aligned.days,
        unit_price=price,
        amount_minor=charge_minor(
            seats=seats, unit_price=price, days=span.days, period_days=aligned.days, currency=AUD
        ),
        tax_category="S",
        tax_rate=GST.rate,
    )


def edition(
    name: str,
    held: int = 0,
    *,
    policy: DecreasePolicy = DecreasePolicy.ANYTIME,
    lines: tuple[BilledLine, ...] | None = None,
    batches: tuple[Batch, ...] | None = None,
    planned: int | None = None,
    renewal_price: str | None = None,
    term_start: date | None = None,
) -> EditionState:
    if lines is None:
        lines = (billed(name, held),) if held else ()
    if batches is None:
        batches = (Batch(added_on=START, seats=held, returnable_through=None),) if held else ()
    return EditionState(
        edition=name,
        position=list(PRICES).index(name),
        unit_price=Decimal(PRICES[name]),
        renewal_unit_price=Decimal(renewal_price or PRICES[name]),
        policy=policy,
        tax_category="S",
        held=held,
        planned=planned,
        term_start=term_start or (START if held else None),
        batches=batches,
        billed=lines,
    )


def service(
    *editions: EditionState,
    term_cycles: int = 1,
    tax_rates: tuple[TaxRate, ...] = (GST,),
    upgrades: frozenset[tuple[str, str]] = UP,
    prices_include_tax: bool = False,
) -> ServiceState:
    given = {state.edition: state for state in editions}
    return ServiceState(
        currency=AUD,
        rhythm=monthly(term_cycles=term_cycles),
        started_on=START,
        editions=tuple(given.get(name) or edition(name) for name in PRICES),
        upgrades=upgrades,
        tax_rates=tax_rates,
        prices_include_tax=prices_include_tax,
    )


def after(state: ServiceState, quoted: QuotedChange) -> ServiceState:
    """The service once the quoted document is issued, later on the same day, for the caller's part of the books."""
    assert quoted.totals is not None
    lines = {line.reference: line for edition in state.editions for line in edition.billed}
    order = 1 + max((line.issued_order for line in lines.values()), default=0)
    for index, line in enumerate(quoted.lines):
        tax = quoted.totals.line_taxes[index]
        if line.credits is None:
            added = _issued(line, order=order, index=index)
            lines[added.reference] = added
        else:
            original = lines[line.credits]
            lines[line.credits] = _with_credit(original, line, tax, reference=f"credit-{index}")
            for other in lines.values():
                if other.document == original.document:
                    lines[other.reference] = replace(
                        other,
                        document_credited_minor=(other.document_credited_minor or 0) - line.amount_minor,
                        document_credited_tax_minor=(other.document_credited_tax_minor or 0) - tax,
                    )
    outcomes = {outcome.edition: outcome for outcome in quoted.outcomes}
    return replace(
        state,
        editions=tuple(
            replace(
                edition,
                held=outcomes[edition.edition].now,
                planned=outcomes[edition.edition].planned,
                term_start=edition.term_start or quoted.day,
                billed=tuple(line for line in lines.values() if line.edition == edition.edition),
            )
            for edition in state.editions
        ),
    )


def change(state: ServiceState, day: date, **wanted: int) -> QuotedChange:
    return quote_change(state, day=day, wanted=wanted)


def _issued(line: Line, *, order: int, index: int) -> BilledLine:
    return BilledLine(
        reference=f"line-{order}-{index}",
        document=f"document-{order}",
        issued_order=order,
        edition=line.edition,
        seats=line.seats,
        start=line.start,
        end=line.end,
        period_days=line.period_days,
        unit_price=line.unit_price,
        amount_minor=line.amount_minor,
        tax_category=line.tax_category,
        tax_rate=line.tax_rate,
    )


def _with_credit(original: BilledLine, line: Line, tax: int, *, reference: str) -> BilledLine:
    if line.reason is LineReason.RESTORED:
        gone = {credit.reference for credit in original.credits_of_the_day if credit.reference == line.restores}
        left = tuple(credit for credit in original.credits_of_the_day if credit.reference not in gone)
        sign = -1
    else:
        credit = BilledCredit(
            reference=reference,
            seats=line.seats,
            seat_days=line.seats * line.days,
            amount_minor=-line.amount_minor,
            tax_minor=-tax,
        )
        left, sign = (*original.credits_of_the_day, credit), 1
    return replace(
        original,
        credited_seats=original.credited_seats + sign * line.seats,
        credited_seat_days=original.credited_seat_days + sign * line.seats * line.days,
        credited_minor=original.credited_minor - line.amount_minor,
        credits_of_the_day=left,
    )
