"""Living a scenario day by day: every document comes from `quote_change` or `quote_renewal`, none is computed here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

from perseat.domain.calendar import Period, aligned_period, charge_period, term_end
from perseat.domain.money import minor_text
from perseat.domain.quote import (
    Batch,
    BilledLine,
    EditionState,
    Line,
    LineKind,
    LineReason,
    QuotedChange,
    ServiceState,
    quote_change,
    quote_renewal,
)
from perseat.domain.seats import remove_newest, remove_returned
from perseat.entrypoints.cli.replay_scenario import Edition, Scenario


def replay(scenario: Scenario) -> dict[str, object]:
    """The documents, periods and plans that the scenario leads to, ready for JSON."""
    life = Life(scenario, with_recurring=False)
    for _ in life.quotes():
        pass
    return {
        "id": scenario.id,
        "documents": life.documents,
        "periods": [[str(period.start), str(period.end)] for period in sorted(life.periods)],
        "scheduled": [
            {"edition": plan.edition, "on": str(plan.on), "seats": plan.seats}
            for plan in sorted(life.plans(), key=lambda plan: plan.on)
        ],
    }


@dataclass(slots=True)
class _Charge:
    """A charge line of a document made, with what was credited on it."""

    line: Line
    document: int
    index: int
    credited_seats: int = 0
    credited_seat_days: int = 0
    credited_minor: int = 0
    billed: BilledLine | None = None  # as quotes see it, until its document is credited again


@dataclass(slots=True)
class _Held:
    """What is held of one edition."""

    edition: Edition
    position: int
    day_price: Decimal
    seats: int = 0
    unit_price: Decimal = Decimal(0)
    planned: int | None = None
    term_start: date | None = None
    batches: tuple[Batch, ...] = ()
    charges: list[_Charge] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Plan:
    edition: str
    on: date
    seats: int


class Life:
    """A scenario while it is lived."""

    def __init__(self, scenario: Scenario, *, with_recurring: bool) -> None:
        self._scenario = scenario
        self._with_recurring = with_recurring
        self._held = {
            edition.name: _Held(edition, position, edition.unit_price)
            for position, edition in enumerate(scenario.editions)
        }
        self._charges: dict[str, _Charge] = {}
        self._of_document: dict[int, list[_Charge]] = defaultdict(list)
        self._credited: dict[tuple[int, str, Decimal], tuple[int, int]] = defaultdict(lambda: (0, 0))
        self.documents: list[dict[str, object]] = []
        self.periods: set[Period] = set()

    def quotes(self) -> Iterator[tuple[ServiceState, QuotedChange]]:
        """Live, and tell each quote with what it rests on, once its document is made.

        Every day on which something happens, in order: prices, then renewals, then the day's one checkout.
        """
        changes = {day: list(of_day) for day, of_day in groupby(self._scenario.changes, key=lambda change: change.on)}
        for day in self._days(sorted(changes)):
            of_day = changes.get(day, [])
            for change in of_day:
                for name, price in change.prices.items():
                    self._held[name].day_price = price
            if aligned_period(self._scenario.rhythm, day).start == day and self._holds_any():
                yield self._renew(day)
            wanted = {name: seats for change in of_day for name, seats in change.seats.items()}
            if wanted:
                yield self._check_out(day, wanted)

    def plans(self) -> Iterator[_Plan]:
        """What is planned after the last day, with the total then, in edition order."""
        for held in self._held.values():
            if held.planned is not None and held.term_start is not None:
                renewal = term_end(self._scenario.rhythm, term_start=held.term_start)
                yield _Plan(held.edition.name, renewal, held.planned)

    def _days(self, change_days: list[date]) -> Iterator[date]:
        """Days of changes and, while seats are held, of renewals, up to the last day."""
        waiting = list(reversed(change_days))
        day = self._scenario.start
        while True:
            upcoming = [waiting[-1]] if waiting else []
            if self._holds_any():
                upcoming.append(aligned_period(self._scenario.rhythm, day).end)
            day = min(upcoming, default=date.max)
            if day > self._scenario.through:
                return
            if waiting and waiting[-1] == day:
                waiting.pop()
            yield day

    def _holds_any(self) -> bool:
        return any(held.seats for held in self._held.values())

    def _renew(self, day: date) -> tuple[ServiceState, QuotedChange]:
        state = self._state(day)
        quoted = quote_renewal(state, day=day, with_recurring=self._with_recurring)
        for outcome in quoted.outcomes:
            held = self._held[outcome.edition]
            if held.term_start and term_end(self._scenario.rhythm, term_start=held.term_start) == day:
                held.term_start, held.unit_price, held.planned = day, held.day_price, None
                held.batches = (self._batch(day, outcome.now),)
            self._set_total(held, outcome.now)
        self._record(quoted)
        return state, quoted

    def _check_out(self, day: date, wanted: Mapping[str, int]) -> tuple[ServiceState, QuotedChange]:
        state = self._state(day)
        quoted = quote_change(state, day=day, wanted=wanted, with_recurring=self._with_recurring)
        self._move_batches(quoted)
        for outcome in quoted.outcomes:
            held = self._held[outcome.edition]
            if outcome.now and not held.seats:
                held.term_start, held.unit_price = day, held.day_price
            held.planned = outcome.planned
            self._set_total(held, outcome.now)
        self._record(quoted)
        return state, quoted

    def _set_total(self, held: _Held, seats: int) -> None:
        held.seats = seats
        if not seats:
            held.term_start, held.planned, held.batches = None, None, ()

    def _move_batches(self, quoted: QuotedChange) -> None:
        """Seats that leave go from the newest batches; those that come are batches of their own, upgraded first."""
        day = quoted.day
        for upgrade in quoted.upgrades:
            source = self._held[upgrade.source]
            source.batches = remove_newest(source.batches, seats=upgrade.seats)
        for part in quoted.decreases:
            if part.effective_on == day:
                held = self._held[part.edition]
                held.batches = remove_returned(held.batches, day=day, seats=part.seats)
        for upgrade in quoted.upgrades:
            gained = Batch(added_on=day, seats=upgrade.seats, returnable_through=None)
            self._held[upgrade.target].batches += (gained,)
        for line in quoted.lines:
            if line.reason is LineReason.NEW or line.reason is LineReason.ADDED:
                self._held[line.edition].batches += (self._batch(day, line.seats),)

    def _batch(self, day: date, seats: int) -> Batch:
        window = self._scenario.window_days
        through = day + timedelta(days=window - 1) if window else None
        return Batch(added_on=day, seats=seats, returnable_through=through)

    def _state(self, day: date) -> ServiceState:
        return ServiceState(
            currency=self._scenario.currency,
            rhythm=self._scenario.rhythm,
            started_on=self._scenario.start,
            editions=tuple(self._edition_state(held, day) for held in self._held.values()),
            upgrades=self._scenario.upgrades,
            tax_rates=self._scenario.tax_rates,
            prices_include_tax=self._scenario.prices_include_tax,
        )

    def _edition_state(self, held: _Held, day: date) -> EditionState:
        held.charges = [charge for charge in held.charges if charge.line.end > day]
        return EditionState(
            edition=held.edition.name,
            position=held.position,
            unit_price=held.unit_price if held.seats else held.day_price,
            renewal_unit_price=held.day_price,
            policy=held.edition.policy,
            tax_category=held.edition.tax_category,
            held=held.seats,
            planned=held.planned,
            term_start=held.term_start,
            batches=held.batches,
            billed=tuple([charge.billed or self._billed(charge) for charge in held.charges]),
        )

    def _billed(self, charge: _Charge) -> BilledLine:
        line = charge.line
        credited, credited_tax = self._credited[charge.document, line.tax_category, line.tax_rate]
        charge.billed = BilledLine(
            reference=f"{charge.document}/{charge.index}",
            issued_order=charge.document,
            edition=line.edition,
            seats=line.seats,
            start=line.start,
            end=line.end,
            period_days=line.period_days,
            unit_price=line.unit_price,
            amount_minor=line.amount_minor,
            tax_category=line.tax_category,
            tax_rate=line.tax_rate,
            credited_seats=charge.credited_seats,
            credited_seat_days=charge.credited_seat_days,
            credited_minor=charge.credited_minor,
            document=str(charge.document),
            document_credited_minor=credited,
            document_credited_tax_minor=credited_tax,
        )
        return charge.billed

    def _record(self, quoted: QuotedChange) -> None:
        """Write the document, when there is one, and remember what it charged and credited."""
        totals = quoted.totals
        if totals is None:
            return
        for line, tax_minor in zip(quoted.lines, totals.line_taxes, strict=True):
            if line.credits is not None:
                self._remember_credit(line, tax_minor)
        rows: list[dict[str, object]] = []
        for line in _one_credit_a_line(quoted.lines):
            if line.kind is LineKind.CHARGE:
                charge = _Charge(line, len(self.documents), len(rows))
                self._held[line.edition].charges.append(charge)
                self._charges[f"{charge.document}/{charge.index}"] = charge
                self._of_document[charge.document].append(charge)
                self.periods.add(charge_period(self._scenario.rhythm, self._scenario.start, line.start))
            rows.append(self._row(line))
        self.documents.append(
            {
                "date": str(quoted.day),
                "kind": totals.kind.value,
                "lines": rows,
                "net": self._amount(totals.net_minor),
                "tax": self._amount(totals.tax_minor),
                "total": self._amount(totals.total_minor),
            }
        )

    def _remember_credit(self, line: Line, tax_minor: int) -> None:
        charge = self._charges[line.credits or ""]
        charge.credited_seats += line.seats
        charge.credited_seat_days += line.seats * line.days
        charge.credited_minor -= line.amount_minor
        key = (charge.document, line.tax_category, line.tax_rate)
        credited, credited_tax = self._credited[key]
        self._credited[key] = (credited - line.amount_minor, credited_tax - tax_minor)
        for each in self._of_document[charge.document]:
            each.billed = None

    def _row(self, line: Line) -> dict[str, object]:
        charge = self._charges[line.credits] if line.credits else None
        return {
            "edition": line.edition,
            "kind": line.kind.value,
            "from": str(line.start),
            "to": str(line.end),
            "days": line.days,
            "period_days": line.period_days,
            "seats": line.seats,
            "unit_price": format(line.unit_price, "f"),
            "amount": self._amount(line.amount_minor),
            "credits": [charge.document, charge.index] if charge else None,
        }

    def _amount(self, amount_minor: int) -> str:
        return minor_text(amount_minor, self._scenario.currency)


def _one_credit_a_line(lines: Iterable[Line]) -> Iterator[Line]:
    """The lines, with credits of one original line (exchanged and returned seats) shown as one."""
    for original, together in groupby(lines, key=lambda line: (line.kind, line.credits)):
        same = list(together)
        if original[1] is None:
            yield from same
        else:
            yield _together(same)


def _together(lines: list[Line]) -> Line:
    first = lines[0]
    if len(lines) == 1:
        return first
    return Line(
        kind=first.kind,
        reason=first.reason,
        edition=first.edition,
        seats=sum(line.seats for line in lines),
        start=first.start,
        end=first.end,
        days=first.days,
        period_days=first.period_days,
        unit_price=first.unit_price,
        amount_minor=sum(line.amount_minor for line in lines),
        tax_category=first.tax_category,
        tax_rate=first.tax_rate,
        credits=first.credits,
    )
