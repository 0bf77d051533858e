"""Option rows: what was typed for each edition, what it means in words, and what stands in its way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from perseat.entrypoints.pages.templatetags.days import day
from perseat.entrypoints.portal.seat_counts import SeatsInTenant, last_seats_by_edition
from perseat.entrypoints.portal.totals import TypedTotal, read_totals
from perseat.journeys.figures import EditionFigure, QuoteFigures
from perseat.journeys.seat_change import ChangePreview, SeatsOutOfRange, preview_change
from perseat.journeys.seats_in_use import describe_seats_in_use


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionRow:
    """One edition. `words`: what becomes of it ("+3 from today"). `tenant` is None while Microsoft is silent."""

    figure: EditionFigure
    text: str
    filled_in: str
    error: str
    words: tuple[str, ...]
    tenant: SeatsInTenant | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """All rows with their price. `wanted`: the totals typed. With errors, `preview` is of what is held already."""

    preview: ChangePreview
    rows: tuple[OptionRow, ...]
    wanted: dict[str, int]
    has_errors: bool


def read_choice(posted: Mapping[str, str], *, customer_id: int, service_id: int, now: datetime) -> Choice:
    """Read the fields and price them. :raises DoesNotBelong: when the service is not the customer's."""
    unchanged = preview_change(customer_id=customer_id, service_id=service_id, wanted={}, now=now)
    typed = read_totals(posted, editions=unchanged.figures.editions)
    wanted = {each.code: each.number for each in typed if each.is_typed and each.number is not None}
    counts = last_seats_by_edition(customer_id=customer_id, service_id=service_id)
    errors = {each.code: each.error for each in typed if each.error}
    preview = unchanged
    if wanted and not errors:
        try:
            preview = preview_change(customer_id=customer_id, service_id=service_id, wanted=wanted, now=now)
        except SeatsOutOfRange as refusal:
            errors = {each.code: str(refusal) for each in unchanged.figures.editions if each.name == refusal.edition}
    if not errors:
        errors = _assigned_too_many(preview.figures, counts=counts)
    return Choice(
        preview=preview,
        rows=_rows(typed, figures=preview.figures, errors=errors, counts=counts),
        wanted=wanted,
        has_errors=bool(errors),
    )


def words_for(edition: EditionFigure) -> tuple[str, ...]:
    """What becomes of an edition, each part a short phrase."""
    parts = []
    if edition.now > edition.held:
        parts.append(f"+{edition.now - edition.held} from today")
    if edition.now < edition.held:
        parts.append(f"−{edition.held - edition.now} from today")
    if edition.planned_after is not None and edition.planned_after != edition.now:
        parts.append(f"{edition.planned_after} from the renewal on {day(edition.planned_on)}")
    if edition.planned is not None and edition.planned_after is None:
        parts.append("the planned change is withdrawn")
    return tuple(parts)


def _assigned_too_many(figures: QuoteFigures, *, counts: Mapping[str, SeatsInTenant]) -> dict[str, str]:
    errors = {}
    for edition in figures.editions:
        tenant = counts.get(edition.code)
        if tenant is not None:
            sentence = describe_seats_in_use(figures, edition, purchased=tenant.purchased, assigned=tenant.assigned)
            if sentence:
                errors[edition.code] = sentence
    return errors


def _rows(
    typed: tuple[TypedTotal, ...],
    *,
    figures: QuoteFigures,
    errors: Mapping[str, str],
    counts: Mapping[str, SeatsInTenant],
) -> tuple[OptionRow, ...]:
    by_code = {each.code: each for each in typed}
    return tuple(
        OptionRow(
            figure=edition,
            text=by_code[edition.code].text,
            filled_in=by_code[edition.code].filled_in,
            error=errors.get(edition.code, ""),
            words=() if errors else words_for(edition),
            tenant=counts.get(edition.code),
        )
        for edition in figures.editions
    )
