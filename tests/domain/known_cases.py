"""Figures that other billing engines print and prove, where their convention is ours: we come to the same.

known_cases.csv has one row for each figure. `case` names the engine and its own test. `cycle` in months; a share is of
the aligned period that contains `from`, or, without dates, `days` of `of_days`. Where ours differs, docs/rules/
other-engines.md says why.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from tests.domain.services import START, change, service

from perseat.domain.calendar import Period, Rhythm, aligned_period, charge_period, local_day
from perseat.domain.money import charge_minor, from_minor, get_currency, to_minor
from perseat.domain.proration import GivenBack, credit_newest_first
from perseat.domain.quote import BilledLine, LineReason
from perseat.domain.tax import document_totals

Row = dict[str, str]
HERE = Path(__file__).parent
ROWS: list[Row] = list(csv.DictReader((HERE / "known_cases.csv").read_text().splitlines()))


def by_case() -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in ROWS:
        found[row["case"]].append(row)
    return found


def rhythm(row: Row) -> Rhythm:
    return Rhythm(
        anchor=date.fromisoformat(row["anchor"]),
        anchor_day=int(row["anchor_day"]),
        cycle_months=int(row["cycle"]),
        term_cycles=1,
    )


def days_of(row: Row) -> tuple[int, int]:
    """The days and the days of the period; the span never leaves the aligned period."""
    if row["days"]:
        return int(row["days"]), int(row["of_days"])
    start, end = date.fromisoformat(row["from"]), date.fromisoformat(row["to"])
    aligned = aligned_period(rhythm(row), start)
    assert end <= aligned.end
    return (end - start).days, aligned.days


def share(row: Row) -> str:
    days, of_days = days_of(row)
    assert Fraction(days, of_days) == Fraction(row["expected"])
    return row["expected"]


def charge(row: Row) -> str:
    days, of_days = days_of(row)
    currency = get_currency(row["currency"])
    minor = charge_minor(
        seats=int(row["seats"]), unit_price=Decimal(row["price"]), days=days, period_days=of_days, currency=currency
    )
    return f"{from_minor(minor, currency)}"


def credit(row: Row) -> str:
    """By complement, from a line that was billed for the whole period; `already` was credited on it before."""
    days, of_days = days_of(row)
    currency = get_currency(row["currency"])
    end = START + timedelta(days=of_days)
    billed = BilledLine(
        reference="line",
        issued_order=1,
        edition="basic",
        seats=int(row["seats"]),
        start=START,
        end=end,
        period_days=of_days,
        unit_price=Decimal(row["price"]),
        amount_minor=charge_minor(
            seats=int(row["seats"]),
            unit_price=Decimal(row["price"]),
            days=of_days,
            period_days=of_days,
            currency=currency,
        ),
        tax_category="S",
        tax_rate=Decimal(0),
        credited_minor=to_minor(row["already"] or "0", currency),
    )
    part = GivenBack(int(row["seats"]), LineReason.RETURNED)
    ((_order, line),) = credit_newest_first([billed], day=end - timedelta(days=days), parts=[part])
    return f"{from_minor(line.amount_minor, currency)}"


def tax(row: Row, *, prices_include_tax: bool = False) -> str:
    """`already` is the rate in percent."""
    currency = get_currency(row["currency"])
    line = change(service(), START, basic=1).lines[0]
    line = line._replace(amount_minor=to_minor(row["price"], currency), tax_rate=Decimal(row["already"]))
    totals = document_totals([line], prices_include_tax=prices_include_tax)
    assert totals.net_minor + totals.tax_minor == totals.total_minor
    return f"{from_minor(totals.tax_minor, currency)}"


def tax_within(row: Row) -> str:
    return tax(row, prices_include_tax=True)


def period(row: Row) -> str:
    """The period that contains `to`, or the first one when that is before the start."""
    started_on = date.fromisoformat(row["from"])
    found = charge_period(rhythm(row), started_on, max(started_on, date.fromisoformat(row["to"])))
    return f"{found.start}/{found.end}"


def cycles(row: Row) -> str:
    """How many periods since the start are over on `to`."""
    until = date.fromisoformat(row["to"])
    return str(sum(1 for each in periods(row) if each.end <= until))


def periods(row: Row) -> Iterator[Period]:
    day = started_on = date.fromisoformat(row["from"])
    while day <= date.fromisoformat(row["to"]):
        found = charge_period(rhythm(row), started_on, day)
        yield found
        day = found.end


def day_in_zone(row: Row) -> str:
    return str(local_day(datetime.fromisoformat(row["from"]), row["price"]))


CHECKS = {
    "share": share,
    "charge": charge,
    "credit": credit,
    "tax": tax,
    "tax_within": tax_within,
    "period": period,
    "cycles": cycles,
    "local_day": day_in_zone,
}
