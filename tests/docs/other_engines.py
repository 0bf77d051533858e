"""Our figures where other engines come to others, each computed by our own rules."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

import pytest
from tests.domain import known_cases as known

from perseat.entrypoints.cli.replay_scenario import ScenarioNotUsable, read_scenario

Figure = Callable[[], str]


def span(start: str, end: str, *, anchor: str, cycle: int = 1, anchor_day: int = 0) -> known.Row:
    day = anchor_day or date.fromisoformat(anchor).day
    common = {"anchor": anchor, "anchor_day": str(day), "cycle": str(cycle), "from": start, "to": end, "days": ""}
    return common | {"of_days": "", "seats": "1", "already": ""}


def share(row: known.Row) -> Figure:
    return lambda: "{}/{}".format(*known.days_of(row))


def amount(row: known.Row, price: str, *, seats: int = 1, is_credit: bool = False, currency: str = "USD") -> Figure:
    priced = row | {"price": price, "seats": str(seats), "currency": currency}
    return lambda: (known.credit if is_credit else known.charge)(priced)


def explicit(days: int, of_days: int) -> known.Row:
    return {"days": str(days), "of_days": str(of_days), "already": ""}


def tax_within(price: str, *, rate: str, currency: str) -> str:
    return known.tax_within({"price": price, "already": rate, "currency": currency})


def not_offered(**more: object) -> Figure:
    scenario = {
        "id": "x",
        "currency": "USD",
        "cycle": "P1M",
        "start": "2026-01-01",
        "editions": {"basic": {"unit_price": "10"}},
        "seats": {"basic": 1},
        "changes": [],
        "through": "2026-03-01",
    }

    def refused() -> str:
        with pytest.raises(ScenarioNotUsable):
            read_scenario(json.loads(json.dumps(scenario | more)))
        return "not offered"

    return refused


FIXED = "kb-fixed30-test"
OURS: dict[str, Figure] = {
    f"{FIXED}ProRationAfterLastBillingCycleDate-1": share(span("2023-05-23", "2023-06-15", anchor="2023-05-23")),
    f"{FIXED}ProRationAfterLastBillingCycleDate-3": share(span("2023-02-23", "2023-03-15", anchor="2023-02-23")),
    f"{FIXED}ProRationBeforeFirstBillingPeriod1-2": share(span("2023-06-23", "2023-07-15", anchor="2023-07-15")),
    f"{FIXED}ProRationBeforeFirstBillingPeriod1-3": share(span("2023-02-23", "2023-03-15", anchor="2023-03-15")),
    f"{FIXED}ProRationBeforeFirstBillingPeriod1-4": share(span("2024-02-23", "2024-03-15", anchor="2024-03-15")),
    f"{FIXED}ProRationBeforeFirstBillingPeriod2-2": share(span("2023-06-15", "2023-06-23", anchor="2023-06-23")),
    f"{FIXED}InvoiceLeadingProration2-a": amount(span("2023-05-23", "2023-06-15", anchor="2023-06-15"), "19.95"),
    f"{FIXED}InvoiceLeadingProration2-b": amount(span("2023-06-23", "2023-07-15", anchor="2023-07-15"), "19.95"),
    f"{FIXED}InvoiceTrailingProration1-b": amount(
        span("2023-06-15", "2023-06-23", anchor="2023-05-23"), "19.95", is_credit=True
    ),
    "kb-prorate-quarterly-TestProRation-testSinglePlan_ChangeBCDTo31-2": share(
        span("2011-02-14", "2011-02-28", anchor="2011-02-28", anchor_day=31, cycle=3)
    ),
    "kb-fraction-9dp-one-cent-below-exact": amount(span("2016-09-08", "2016-09-09", anchor="2016-09-08"), "19.95"),
    "kb-tree-bcd-change-3": amount(span("2014-07-20", "2014-08-17", anchor="2014-05-17"), "10.00"),
    "kb-calendar-30-day-period": not_offered(cycle="P30D"),
    "lago-seat-10-5-15": amount(
        span("2024-03-06", "2024-04-01", anchor="2024-03-01"), "10.00", seats=5, is_credit=True, currency="EUR"
    ),
    "meteroid-one-time-full": not_offered(editions={"setup": {"unit_price": "500", "once": True}}),
    "pretix-5x9998-jpy-line": lambda: tax_within("49990", rate="19", currency="JPY"),
    "pretix-impossible-gross-sum_by_net": lambda: gross_of("23.00"),
    "pretix-impossible-gross-sum_by_net_keep_gross": lambda: gross_of("23.00"),
    "stripe-gist-2017-real-response": amount(
        span("2017-03-03", "2017-03-14", anchor="2017-03-14"), "10.00", is_credit=True
    ),
    "stripe-api-may-15": lambda: net_of_change("100.00", "200.00"),
    "tryton-daily-31-records": not_offered(cycle="P1D"),
    "tryton-close-stops-consumption": not_offered(cycle="P1D"),
}


def gross_of(price: str) -> str:
    """The total of a document with one line; 7 % are within."""
    line = (
        known.change(known.service(), known.START, basic=1)
        .lines[0]
        ._replace(amount_minor=2300, tax_rate=known.Decimal(7))
    )
    totals = known.document_totals([line], prices_include_tax=True)
    return f"{known.from_minor(totals.total_minor, known.get_currency('EUR'))}"


def net_of_change(old: str, new: str) -> str:
    left = span("2026-05-15", "2026-06-01", anchor="2026-05-01")
    given_back = known.Decimal(amount(left, old, is_credit=True)())
    return str(known.Decimal(amount(left, new)()) + given_back)


def ours_is_told(row: dict[str, str]) -> None:
    """A row of the page."""
    assert OURS[row["case"].strip("`")]() == row["ours"]
