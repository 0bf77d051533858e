"""Option rows: what was typed for each edition, what it means in words, and what stands in its way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.http import QueryDict

from perseat.entrypoints.pages.templatetags.days import day
from perseat.entrypoints.portal.seat_counts import SeatsInTenant, last_seats_by_edition
from perseat.entrypoints.portal.totals import TypedTotal, read_totals
from perseat.journeys.figures import EditionFigure, QuoteFigures
from perseat.journeys.people_choice import Need, Question, Ticked, ask_for_people
from perseat.journeys.seat_change import ChangePreview, SeatsOutOfRange, preview_change
from perseat.ports.outside import Outside


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
    """All rows with their price. `wanted`: the totals typed. With errors, `preview` is of what is held already.

    `questions`: whose licenses go with the seats, where there is a choice.
    """

    preview: ChangePreview
    rows: tuple[OptionRow, ...]
    wanted: dict[str, int]
    questions: tuple[Question, ...]
    has_errors: bool

    @property
    def is_complete(self) -> bool:
        """Whether it can go to the checkout."""
        return not self.has_errors and not any(each.stands_in_the_way for each in self.questions)


def read_choice(
    outside: Outside, *, posted: Mapping[str, str], customer_id: int, service_id: int, now: datetime
) -> Choice:
    """Read the fields and price them. Microsoft is asked only when people have to be chosen.

    :raises DoesNotBelong: when the service is not the customer's.
    """
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
    questions: tuple[Question, ...] = ()
    if not errors:
        people = ask_for_people(
            outside, preview.figures, customer_id=customer_id, service_id=service_id, ticked=_ticked(posted)
        )
        errors, questions = dict(people.problems), people.questions
    return Choice(
        preview=preview,
        rows=_rows(typed, figures=preview.figures, errors=errors, counts=counts),
        wanted=wanted,
        questions=questions,
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


def _ticked(posted: Mapping[str, str]) -> Ticked:
    """What was ticked for a need; None where other totals were asked about, so that it is asked anew."""

    def ticked(need: Need) -> frozenset[str] | None:
        if posted.get(f"asked-{need.field}") != need.size or not isinstance(posted, QueryDict):
            return None
        return frozenset(posted.getlist(need.field))

    return ticked


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
