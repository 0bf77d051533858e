"""Reading a scenario of `perseat replay`: every value is checked, and a wrong one is named."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar

from perseat.domain.calendar import Rhythm, UnknownZone, get_zone, month_length
from perseat.domain.money import Currency, UnknownCurrency, get_currency
from perseat.domain.quote import DecreasePolicy, TaxRate
from perseat.domain.seats import MOST_SEATS
from perseat.entrypoints.cli.replay_input import told

_T = TypeVar("_T")

_CYCLES = {"P1M": 1, "P3M": 3, "P6M": 6, "P1Y": 12, "P3Y": 36}
_LENGTH = re.compile(r"P([1-9][0-9]{0,3})([MY])")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,8})?")
_MOST_DIGITS = 20
_LONGEST_TERM_MONTHS = 1200
_YEARS = range(1900, 9000)
_MOST_WINDOW_DAYS = 3660
_NO_TAX_CATEGORY = "O"

_FIELDS = frozenset(
    {
        *("id", "currency", "time_zone", "cycle", "term", "anchor_day", "anchor", "start", "through"),
        *("tax", "prices_include_tax", "window_days", "editions", "upgrades", "seats", "changes"),
    }
)


class ScenarioNotUsable(ValueError):
    """A field of the input is missing or wrong; the sentence names it."""

    def __init__(self, field: str, trouble: str) -> None:
        super().__init__(field, trouble)
        self.field = field
        self.trouble = trouble

    def __str__(self) -> str:
        return f"{self.field}: {self.trouble}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """An edition of the scenario, at its price on the first day."""

    name: str
    unit_price: Decimal
    policy: DecreasePolicy
    tax_category: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What happens on one day: new prices, new totals."""

    on: date
    seats: Mapping[str, int]
    prices: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A scenario with its defaults filled in; changes in order of their day, the first totals among them."""

    id: str | int | None
    currency: Currency
    rhythm: Rhythm
    start: date
    through: date
    tax_rates: tuple[TaxRate, ...]
    prices_include_tax: bool
    window_days: int
    editions: tuple[Edition, ...]
    upgrades: frozenset[tuple[str, str]]
    changes: tuple[Change, ...]


def read_scenario(given: object, *, place: str = "") -> Scenario:
    """A scenario from parsed JSON (numbers with a point as Decimal). `place` is put before the names of fields.

    :raises ScenarioNotUsable: naming the first field that is missing, unknown or wrong.
    """
    fields = _Fields(given, place)
    fields.refuse_others(_FIELDS)
    start = fields.take("start", _date)
    tax_rates = _tax_rates(fields)
    editions = _editions(fields, tax_rates)
    names = [edition.name for edition in editions]
    fields.take("time_zone", _zone, default="UTC")
    first = Change(on=start, seats=fields.take("seats", _totals(names)), prices={})
    changes = _changes(fields, names, start)
    return Scenario(
        id=fields.take("id", _id, default=None),
        currency=fields.take("currency", _currency),
        rhythm=_rhythm(fields, start),
        start=start,
        through=fields.take("through", _date_from(start, "the start")),
        tax_rates=tax_rates,
        prices_include_tax=fields.take("prices_include_tax", _truth, default=False),
        window_days=fields.take("window_days", _whole(0, _MOST_WINDOW_DAYS), default=7),
        editions=editions,
        upgrades=frozenset(fields.each("upgrades", _pair(names))),
        changes=(first, *changes),
    )


class _Fields:
    """An object of the input whose fields know their names."""

    def __init__(self, given: object, place: str) -> None:
        if not isinstance(given, dict):
            raise ScenarioNotUsable(place or "scenario", "must be an object.")
        self._given = given
        self._place = place

    def name(self, field: str) -> str:
        return f"{self._place}.{field}" if self._place else field

    def has(self, field: str) -> bool:
        return field in self._given

    def names(self) -> list[str]:
        return list(self._given)

    def refuse_others(self, known: frozenset[str]) -> None:
        for field in self._given:
            if field not in known:
                raise ScenarioNotUsable(self.name(field), "is not a field of a scenario.")

    def take(self, field: str, read: Callable[[str, object], _T], **default: object) -> _T:
        """The field's value as `read` makes it; without a default it must be there."""
        name = f"{self._place}.{field}" if self._place else field
        if field in self._given:
            return read(name, self._given[field])
        if not default:
            raise ScenarioNotUsable(name, "is missing.")
        return read(name, default["default"])

    def each(self, field: str, read: Callable[[str, object], _T]) -> Iterator[_T]:
        """The items of a list, each as `read` makes it; a list that is missing is empty."""
        for index, item in enumerate(self.take(field, _list) if self.has(field) else ()):
            yield read(f"{self.name(field)}[{index}]", item)


def _rhythm(fields: _Fields, start: date) -> Rhythm:
    cycle_months = fields.take("cycle", _cycle)
    term_months = fields.take("term", _term) if fields.has("term") else cycle_months
    if term_months % cycle_months:
        raise ScenarioNotUsable(fields.name("term"), "must be a whole number of cycles.")
    anchor = fields.take("anchor", _date) if fields.has("anchor") else start
    anchor_day = anchor.day
    if fields.has("anchor_day"):
        if cycle_months != 1 or fields.has("anchor"):
            raise ScenarioNotUsable(fields.name("anchor_day"), "goes with the cycle P1M, and not beside an anchor.")
        anchor_day = fields.take("anchor_day", _whole(1, 31))
        anchor = start.replace(day=min(anchor_day, month_length(start.year, start.month)))
    return Rhythm(
        anchor=anchor, anchor_day=anchor_day, cycle_months=cycle_months, term_cycles=term_months // cycle_months
    )


def _editions(fields: _Fields, tax_rates: tuple[TaxRate, ...]) -> tuple[Edition, ...]:
    given = _Fields(fields.take("editions", _anything), fields.name("editions"))
    if not given.names():
        raise ScenarioNotUsable(fields.name("editions"), "must name at least one edition.")
    if "" in given.names():
        raise ScenarioNotUsable(fields.name("editions"), "every edition must have a name.")
    return tuple(given.take(name, _edition(name, tax_rates)) for name in given.names())


def _edition(edition: str, tax_rates: tuple[TaxRate, ...]) -> Callable[[str, object], Edition]:
    categories = [rate.category for rate in tax_rates]

    def read(name: str, given: object) -> Edition:
        fields = _Fields(given, name)
        fields.refuse_others(frozenset({"unit_price", "decrease", "tax"}))
        category = fields.take("tax", _text, default=categories[0] if categories else _NO_TAX_CATEGORY)
        if categories and category not in categories:
            raise ScenarioNotUsable(fields.name("tax"), f"there is no tax rate for the category {told(category)}.")
        return Edition(
            name=edition,
            unit_price=fields.take("unit_price", _unit_price),
            policy=fields.take("decrease", _policy),
            tax_category=category,
        )

    return read


def _changes(fields: _Fields, editions: list[str], start: date) -> Iterator[Change]:
    """The changes, which must stand in order of their days: one before the start, or before another, is a slip."""
    earliest, named = start, "the start"
    for index, item in enumerate(fields.take("changes", _list)):
        name = f"{fields.name('changes')}[{index}]"
        change = _change(editions, _date_from(earliest, named))(name, item)
        earliest, named = change.on, "the change above it"
        yield change


def _change(editions: list[str], day: Callable[[str, object], date]) -> Callable[[str, object], Change]:
    def read(name: str, given: object) -> Change:
        fields = _Fields(given, name)
        fields.refuse_others(frozenset({"on", "seats", "prices", "cancel"}))
        on = fields.take("on", day)
        if not any(fields.has(field) for field in ("seats", "prices", "cancel")):
            raise ScenarioNotUsable(name, "must have seats, prices or cancel.")
        seats = dict.fromkeys(editions, 0) if fields.take("cancel", _truth, default=False) else {}
        seats.update(fields.take("seats", _totals(editions), default={}))
        return Change(on=on, seats=seats, prices=fields.take("prices", _prices(editions), default={}))

    return read


def _tax_rates(fields: _Fields) -> tuple[TaxRate, ...]:
    rates: list[TaxRate] = []
    begun: set[tuple[str, date]] = set()
    for rate in fields.each("tax", _tax_rate):
        if (rate.category, rate.starts_on) in begun:
            name = f"{fields.name('tax')}[{len(rates)}].from"
            raise ScenarioNotUsable(
                name, f"the category {told(rate.category)} has a rate from {rate.starts_on} already."
            )
        begun.add((rate.category, rate.starts_on))
        rates.append(rate)
    return tuple(rates)


def _tax_rate(name: str, given: object) -> TaxRate:
    fields = _Fields(given, name)
    fields.refuse_others(frozenset({"category", "rate", "from"}))
    return TaxRate(
        category=fields.take("category", _text),
        rate=fields.take("rate", _number("a percentage of zero or more")),
        starts_on=fields.take("from", _date),
    )


def _totals(editions: list[str]) -> Callable[[str, object], dict[str, int]]:
    def read(name: str, given: object) -> dict[str, int]:
        return _by_edition(name, given, editions, _whole(0, MOST_SEATS))

    return read


def _prices(editions: list[str]) -> Callable[[str, object], dict[str, Decimal]]:
    def read(name: str, given: object) -> dict[str, Decimal]:
        return _by_edition(name, given, editions, _unit_price)

    return read


def _by_edition(name: str, given: object, editions: list[str], read: Callable[[str, object], _T]) -> dict[str, _T]:
    fields = _Fields(given, name)
    for edition in fields.names():
        if edition not in editions:
            raise ScenarioNotUsable(fields.name(edition), "is not one of the editions.")
    return {edition: fields.take(edition, read) for edition in fields.names()}


def _pair(editions: list[str]) -> Callable[[str, object], tuple[str, str]]:
    def read(name: str, given: object) -> tuple[str, str]:
        match given:
            case [str(source), str(target)] if source in editions and target in editions and source != target:
                return source, target
        raise ScenarioNotUsable(name, "must be a pair of two different editions, from and to.")

    return read


def _date(name: str, given: object) -> date:
    if isinstance(given, str) and _DATE.fullmatch(given):
        try:
            day = date.fromisoformat(given)
        except ValueError:
            raise ScenarioNotUsable(name, f"{given} is not a day of the calendar.") from None
        if day.year in _YEARS:
            return day
    raise ScenarioNotUsable(name, f"must be a date like 2026-01-31, not {told(given)}.")


def _date_from(earliest: date, named: str) -> Callable[[str, object], date]:
    def read(name: str, given: object) -> date:
        day = _date(name, given)
        if day < earliest:
            raise ScenarioNotUsable(name, f"must not be before {named}, {earliest}.")
        return day

    return read


def _cycle(name: str, given: object) -> int:
    if isinstance(given, str) and given in _CYCLES:
        return _CYCLES[given]
    raise ScenarioNotUsable(name, f"must be one of {', '.join(_CYCLES)}, not {told(given)}.")


def _term(name: str, given: object) -> int:
    match = _LENGTH.fullmatch(given) if isinstance(given, str) else None
    months = int(match[1]) * (12 if match[2] == "Y" else 1) if match else 0
    if not 1 <= months <= _LONGEST_TERM_MONTHS:
        raise ScenarioNotUsable(name, f"must be a length like P1Y or P6M of at most 100 years, not {told(given)}.")
    return months


def _currency(name: str, given: object) -> Currency:
    try:
        return get_currency(_text(name, given))
    except UnknownCurrency as refusal:
        raise ScenarioNotUsable(name, f"{told(given)} is not an active ISO 4217 currency code.") from refusal


def _zone(name: str, given: object) -> str:
    try:
        return get_zone(_text(name, given)).key
    except UnknownZone as refusal:
        raise ScenarioNotUsable(name, f"{told(given)} is not an IANA time zone.") from refusal


def _policy(name: str, given: object) -> DecreasePolicy:
    try:
        return DecreasePolicy(_text(name, given))
    except ValueError:
        raise ScenarioNotUsable(name, f"must be one of {', '.join(DecreasePolicy)}, not {told(given)}.") from None


def _number(what: str) -> Callable[[str, object], Decimal]:
    def read(name: str, given: object) -> Decimal:
        text = given
        if isinstance(given, Decimal):
            # Written out only when it is short: 1e999999999 has a thousand million digits.
            text = format(given, "f") if abs(given.adjusted()) < _MOST_DIGITS else None
        elif type(given) is int:
            text = str(given)
        if isinstance(text, str) and _NUMBER.fullmatch(text):
            return Decimal(text)
        raise ScenarioNotUsable(name, f"must be {what} with at most 12 digits and 8 decimals, not {told(given)}.")

    return read


_unit_price = _number("a price of zero or more")


def _whole(least: int, most: int) -> Callable[[str, object], int]:
    def read(name: str, given: object) -> int:
        if type(given) is int and least <= given <= most:
            return given
        raise ScenarioNotUsable(name, f"must be a whole number from {least} to {most:,}, not {told(given)}.")

    return read


def _id(name: str, given: object) -> str | int | None:
    if given is None or isinstance(given, str) or type(given) is int:
        return given
    raise ScenarioNotUsable(name, f"must be a text or a whole number, not {told(given)}.")


def _text(name: str, given: object) -> str:
    if isinstance(given, str) and given:
        return given
    raise ScenarioNotUsable(name, f"must be a text, not {told(given)}.")


def _truth(name: str, given: object) -> bool:
    if isinstance(given, bool):
        return given
    raise ScenarioNotUsable(name, f"must be true or false, not {told(given)}.")


def _list(name: str, given: object) -> list[object]:
    if isinstance(given, list):
        return given
    raise ScenarioNotUsable(name, "must be a list.")


def _anything(name: str, given: object) -> object:  # noqa: ARG001 (a reader like the others)
    return given
