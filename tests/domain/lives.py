"""Random scenarios: a few editions, policies, taxes and changes of totals and prices, within a couple of periods."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

POLICIES = ["anytime", "window", "renewal"]
NAMES = ["basic", "standard", "premium"]
START = date(2027, 1, 10)


@st.composite
def scenarios(draw: st.DrawFn, *, cancelled: bool = False) -> dict[str, Any]:
    """A scenario of `perseat replay`. With `cancelled` every edition may end any day, and all end on the last."""
    names = NAMES[: draw(st.integers(1, 3))]
    start = START + timedelta(days=draw(st.integers(0, 60)))
    cycle, longest = draw(st.sampled_from([("P1M", 110), ("P1M", 110), ("P1M", 110), ("P3M", 250), ("P1Y", 500)]))
    currency = draw(st.sampled_from(["JPY", "AUD", "KWD"]))
    life: dict[str, Any] = {
        "id": "life",
        "currency": currency,
        "cycle": cycle,
        "start": str(start),
        "tax": draw(taxes()),
        "prices_include_tax": draw(st.booleans()),
        "window_days": draw(st.integers(0, 20)),
        "editions": {},
        "upgrades": draw(upgrades(names)),
        "seats": draw(totals(names)),
        "changes": [],
        "through": str(start + timedelta(days=longest)),
    }
    for name in names:
        policy = "anytime" if cancelled else draw(st.sampled_from(POLICIES))
        life["editions"][name] = {"unit_price": draw(prices()), "decrease": policy}
        if life["tax"]:
            life["editions"][name]["tax"] = draw(st.sampled_from([rate["category"] for rate in life["tax"]]))
    if cycle == "P1M":
        life["term"] = draw(st.sampled_from(["P1M", "P2M", "P3M"]))
        life["anchor_day"] = draw(st.integers(1, 31))
    elif draw(st.booleans()):
        life["anchor"] = str(start - timedelta(days=draw(st.integers(0, 400))))
    day, last = start, start + timedelta(days=longest - 1)
    for _ in range(draw(st.integers(0, 8))):
        # Days lie close together, and often exactly a window apart, because that is where the rules meet.
        pause = draw(st.one_of(st.integers(0, 20), st.just(life["window_days"] - 1), st.just(life["window_days"])))
        day += timedelta(days=max(pause, 0))
        if day <= last:
            life["changes"].append({"on": str(day), **draw(happenings(names))})
    if cancelled:
        life["changes"].append({"on": life["through"], "cancel": True})
    return life


@st.composite
def happenings(draw: st.DrawFn, names: list[str]) -> dict[str, Any]:
    kind = draw(st.sampled_from(["seats"] * 8 + ["prices", "cancel"]))
    if kind == "seats":
        return {"seats": draw(totals(names))}
    if kind == "prices":
        return {"prices": {draw(st.sampled_from(names)): draw(prices())}}
    return {"cancel": True}


def totals(names: list[str]) -> st.SearchStrategy[dict[str, int]]:
    return st.dictionaries(st.sampled_from(names), st.integers(0, 7), min_size=1)


def prices() -> st.SearchStrategy[str]:
    return st.one_of(
        st.sampled_from(["7.00", "14.00", "7.77", "0.35"]),
        st.integers(0, 9000).map(lambda cents: f"{cents // 100}.{cents % 100:02}"),
        st.integers(1, 10**10).map(lambda price: f"{price // 10**8}.{price % 10**8:08}"),
    )


@st.composite
def upgrades(draw: st.DrawFn, names: list[str]) -> list[list[str]]:
    paths = [[source, target] for source in names for target in names if source != target]
    return draw(st.lists(st.sampled_from(paths), unique_by=tuple, max_size=6)) if paths else []


@st.composite
def taxes(draw: st.DrawFn) -> list[dict[str, str]]:
    if not draw(st.booleans()):
        return []
    rates = [{"category": "S", "rate": draw(st.sampled_from(["10", "19", "8.1", "33.333"])), "from": "2026-01-01"}]
    if draw(st.booleans()):
        rates.append({"category": "AA", "rate": "5.5", "from": "2026-01-01"})
    if draw(st.booleans()):
        rates.append({"category": "S", "rate": "21", "from": "2027-03-20"})
    return rates
