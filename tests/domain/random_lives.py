"""Many random scenarios of `perseat replay`, fast: the same seed and number always give the same life.

Wider than `lives`: every cycle, long terms, tax rates that change, and lives of up to several years.
"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

NAMES = ("basic", "standard", "premium", "enterprise")
_CYCLES = (("P1M", 1), ("P1M", 1), ("P1M", 1), ("P3M", 3), ("P6M", 6), ("P1Y", 12), ("P3Y", 36))
_CURRENCIES = ("JPY", "AUD", "USD", "EUR", "KWD")
_POLICIES = ("anytime", "window", "renewal")
_RATES = ("0", "5.5", "8.1", "10", "19", "20", "33.333")
_PRICES = ("7.00", "14.00", "22.00", "7.77", "0.35", "0", "12.5")
_FIRST = date(2027, 1, 10)


def random_life(seed: int, number: int) -> dict[str, Any]:
    """The scenario with that number of that seed."""
    random = Random(seed * 1_000_000_007 + number)
    names = NAMES[: random.choice((1, 2, 2, 3, 3, 4))]
    start = _FIRST + timedelta(days=random.randrange(1500))
    cycle, months = random.choice(_CYCLES)
    life: dict[str, Any] = {
        "id": f"{seed}/{number}",
        "currency": random.choice(_CURRENCIES),
        "cycle": cycle,
        "start": start.isoformat(),
        "tax": _taxes(random, start),
        "prices_include_tax": random.random() < 0.3,
        "window_days": random.choice((0, 1, 7, 7, 20)),
        "editions": {},
        "upgrades": [
            [source, target] for source in names for target in names if source != target and random.random() < 0.6
        ],
        "seats": _totals(random, names, several=1.0),
        "changes": [],
    }
    categories = sorted({tax["category"] for tax in life["tax"]})
    policies = random.choice((_POLICIES, ("anytime",), ("anytime", "window")))
    for name in names:
        life["editions"][name] = {"unit_price": _price(random), "decrease": random.choice(policies)}
        if categories:
            life["editions"][name]["tax"] = random.choice(categories)
    _set_rhythm(random, life, start, months)
    _let_things_happen(random, life, start, names, months)
    return life


def _set_rhythm(random: Random, life: dict[str, Any], start: date, months: int) -> None:
    if months == 1:
        life["term"] = random.choice(("P1M", "P1M", "P2M", "P3M", "P1Y", "P1Y"))
        if random.random() < 0.5:
            life["anchor_day"] = random.randint(1, 31)
    else:
        life["term"] = f"P{months * random.choice((1, 1, 2, 4))}M"
        if random.random() < 0.5:
            life["anchor"] = (start + timedelta(days=random.randint(-400, 400))).isoformat()


def _let_things_happen(random: Random, life: dict[str, Any], start: date, names: tuple[str, ...], months: int) -> None:
    """Days lie close together, and often exactly a window apart, because that is where the rules meet."""
    day, window = start, life["window_days"]
    for _ in range(random.randint(1, 8)):
        pause = random.choice((random.randint(0, 12), random.randint(1, 45 * min(months, 6)), window, window - 1))
        day += timedelta(days=max(pause, 0))
        life["changes"].append({"on": day.isoformat(), **_happening(random, names)})
    life["through"] = (day + timedelta(days=random.randint(0, 35 * min(months, 12)))).isoformat()


def _happening(random: Random, names: tuple[str, ...]) -> dict[str, Any]:
    kind = random.random()
    if kind < 0.8:
        return {"seats": _totals(random, names, several=0.6)}
    if kind < 0.92:
        return {"prices": {random.choice(names): _price(random)}}
    return {"cancel": True}


def _totals(random: Random, names: tuple[str, ...], *, several: float) -> dict[str, int]:
    most = 7 if random.random() < 0.95 else 60
    chosen = [name for name in names if random.random() < several] or [random.choice(names)]
    return {name: random.randint(0, most) for name in chosen}


def _price(random: Random) -> str:
    kind = random.random()
    if kind < 0.4:
        return random.choice(_PRICES)
    if kind < 0.7:
        return f"{random.randint(0, 90)}.{random.randint(0, 99):02}"
    return f"{random.randint(0, 90)}.{random.randrange(10**8):08}"


def _taxes(random: Random, start: date) -> list[dict[str, str]]:
    if random.random() < 0.2:
        return []
    rates = [{"category": "S", "rate": random.choice(_RATES), "from": "2026-01-01"}]
    if random.random() < 0.4:
        rates.append({"category": "AA", "rate": random.choice(_RATES), "from": "2026-01-01"})
    if random.random() < 0.4:
        later = start + timedelta(days=random.randrange(200))
        rates.append({"category": "S", "rate": random.choice(_RATES), "from": later.isoformat()})
    return rates
