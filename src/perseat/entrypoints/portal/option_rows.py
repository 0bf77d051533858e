"""Option rows: what was typed for each edition, what it means in words, and what stands in its way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import QueryDict

from perseat.capabilities.provisioning.returns import ReturningSeats
from perseat.entrypoints.pages.templatetags.days import day, short_day
from perseat.entrypoints.pages.templatetags.money import money
from perseat.entrypoints.portal.seat_counts import SeatsInTenant, last_seats_by_edition
from perseat.entrypoints.portal.totals import TypedTotal, read_totals
from perseat.journeys.figures import DecreaseFigure, EditionFigure
from perseat.journeys.people_choice import Need, Question, Ticked, ask_for_people
from perseat.journeys.seat_change import ChangePreview, SeatsComeBack, SeatsOutOfRange, preview_change
from perseat.ports.outside import Outside


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionRow:
    """One edition. `words`: what becomes of it ("+3 from today"). `tenant` is None while Microsoft is silent.

    `rest`: seats that no refund is left for, where others still have one. `returning`: seats that wait for Microsoft.
    """

    figure: EditionFigure
    text: str
    filled_in: str
    error: str
    words: tuple[str, ...]
    tenant: SeatsInTenant | None
    rest: int
    returning: ReturningSeats | None


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
        except SeatsComeBack as refusal:
            errors = {refusal.code: str(refusal)}
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
        rows=_rows(typed, preview=preview, errors=errors, counts=counts),
        wanted=wanted,
        questions=questions,
        has_errors=bool(errors),
    )


def words_for(edition: EditionFigure, *, decreases: Sequence[DecreaseFigure], currency: str) -> tuple[str, ...]:
    """What becomes of an edition, each part a short phrase. `decreases`: its own."""
    parts = []
    moved = edition.held - edition.now - sum(each.seats for each in decreases if not each.is_scheduled)
    if edition.now > edition.held:
        parts.append(f"+{edition.now - edition.held} from today")
    if moved > 0:
        parts.append(f"−{moved} from today")
    parts += [_decrease_words(each, currency=currency, planned=edition.planned_after) for each in decreases]
    is_said = any(each.is_scheduled for each in decreases)
    if edition.planned_after is not None and edition.planned_after != edition.now and not is_said:
        parts.append(f"{edition.planned_after} from the renewal on {day(edition.planned_on)}")
    if edition.planned is not None and edition.planned_after is None:
        parts.append("the planned change is withdrawn")
    return tuple(parts)


def _decrease_words(part: DecreaseFigure, *, currency: str, planned: int | None) -> str:
    if part.is_scheduled:
        return f"{part.seats} at the renewal on {short_day(part.effective_on)}: {planned} from then"
    until = f", until {short_day(part.until)}" if part.until else ""
    amount, tax = part.refund_total_minor, "incl. tax"
    if amount is None:
        amount, tax = part.refund_minor, "before tax"
    return f"{part.seats} refunded now: {money(amount, currency)} {tax}{until}"


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
    preview: ChangePreview,
    errors: Mapping[str, str],
    counts: Mapping[str, SeatsInTenant],
) -> tuple[OptionRow, ...]:
    by_code = {each.code: each for each in typed}
    returning = {each.edition: each for each in preview.returning}
    return tuple(
        OptionRow(
            figure=edition,
            text=by_code[edition.code].text,
            filled_in=by_code[edition.code].filled_in,
            error=errors.get(edition.code, ""),
            words=()
            if errors
            else words_for(
                edition,
                decreases=[each for each in preview.figures.decreases if each.edition == edition.code],
                currency=preview.figures.currency,
            ),
            tenant=counts.get(edition.code),
            rest=edition.held - sum(each.seats for each in edition.returnable),
            returning=returning.get(edition.code),
        )
        for edition in preview.figures.editions
    )
