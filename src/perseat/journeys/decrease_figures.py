"""Decrease figures: what a decrease comes to, part by part, and what could be given back until when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

from perseat.domain.calendar import term_end
from perseat.domain.deadlines import plan_changeable_until
from perseat.domain.quote import Decrease, DecreasePolicy, EditionState, LineReason, QuotedChange
from perseat.domain.returns import is_return
from perseat.journeys.figures import DecreaseFigure, LineFigure, ReturnableFigure
from perseat.journeys.service_state import LoadedService


def decrease_figures(loaded: LoadedService, change: QuotedChange) -> tuple[DecreaseFigure, ...]:
    """For each edition what is refunded today, then what waits for the renewal."""
    return tuple(
        DecreaseFigure(
            edition=each.edition,
            edition_name=loaded.offers[each.edition].edition.name,
            seats=each.seats,
            effective_on=each.effective_on,
            refund_minor=each.refund_minor,
            refund_total_minor=_with_tax(loaded, change, each),
            until=each.until,
            is_scheduled=each.effective_on > change.day,
            changeable_until=(
                changeable_until(loaded, each.edition, renews_on=each.effective_on, day=change.day)
                if each.effective_on > change.day
                else None
            ),
        )
        for each in change.decreases
    )


def returnable_figures(edition: EditionState, *, day: date) -> tuple[ReturnableFigure, ...]:
    """Seats that would be refunded if they were given back on `day`, by their last day, the first to pass first."""
    if edition.policy is not DecreasePolicy.WINDOW:
        return ()
    by_day: dict[date, int] = {}
    for batch in edition.batches:
        if batch.returnable_through is not None and day <= batch.returnable_through:
            by_day[batch.returnable_through] = by_day.get(batch.returnable_through, 0) + batch.seats
    return tuple(ReturnableFigure(seats=by_day[through], until=through) for through in sorted(by_day))


def planned_changeable_until(loaded: LoadedService, edition: EditionState, *, day: date) -> datetime | None:
    """Until when the plan of an edition can be changed; None without one."""
    if edition.planned is None or edition.term_start is None:
        return None
    renews_on = term_end(loaded.state.rhythm, term_start=edition.term_start)
    return changeable_until(loaded, edition.edition, renews_on=renews_on, day=day)


def changeable_until(loaded: LoadedService, edition: str, *, renews_on: date, day: date) -> datetime:
    """The moment (not included) until which a plan for `renews_on` can be changed: our renewal, or the supplier's.

    A term that had ended at the supplier by `day`, and was not read since, says nothing about the next one.
    """
    subscription = loaded.subscriptions.get(edition)
    ends_on = subscription.supplier_term_ends_on if subscription else None
    return plan_changeable_until(
        renews_on,
        zone_name=loaded.customer.time_zone,
        supplier_term_ends_on=ends_on if ends_on is not None and ends_on >= day else None,
    ).astimezone(UTC)


def credit_waits(loaded: LoadedService, change: QuotedChange) -> bool:
    """Whether the credit note is issued only when the supplier has taken the seats (journeys/returns.py)."""
    return loaded.service.policy == DecreasePolicy.WINDOW and is_return(change.lines)


def credit_of_lines_waits(policy: str, lines: Sequence[LineFigure]) -> bool:
    """The same of a stored quote."""
    return policy == DecreasePolicy.WINDOW and bool(lines) and all(each.reason is LineReason.RETURNED for each in lines)


def _with_tax(loaded: LoadedService, change: QuotedChange, decrease: Decrease) -> int:
    """The refund with its tax, positive: what stands on the document for it."""
    if change.totals is None or not decrease.refund_minor:
        return decrease.refund_minor
    taxes = zip(change.lines, change.totals.line_taxes, strict=True)
    tax = sum(part for line, part in taxes if line.edition == decrease.edition and line.reason is LineReason.RETURNED)
    return decrease.refund_minor if loaded.state.prices_include_tax else decrease.refund_minor - tax
