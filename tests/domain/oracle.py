"""An independent reckoning of scenarios, seat by seat and day by day with exact fractions.

It shares no code and no shortcut with the product: one object a seat, one look at every day, `Fraction` throughout.
It takes the JSON of `perseat replay` and gives the documents with amounts in minor units.
"""

from __future__ import annotations

import math
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

CYCLES = {"P1M": 1, "P3M": 3, "P6M": 6, "P1Y": 12, "P3Y": 36}
DIGITS = {"JPY": 0, "USD": 2, "AUD": 2, "EUR": 2, "KWD": 3}
ONE_DAY = timedelta(days=1)


def nearest(value: Fraction) -> int:
    """The nearest whole number, halves away from zero."""
    whole = math.floor(abs(value) + Fraction(1, 2))
    return whole if value >= 0 else -whole


@dataclass
class Document:
    day: date
    lines: list[dict[str, Any]]
    net: int = 0
    tax: int = 0


@dataclass
class Charge:
    """A charge line, its seats one by one: for each the day from which it was given back."""

    document: int
    index: int
    edition: str
    category: str
    rate: Fraction
    start: date
    end: date
    period_days: int
    amount: int
    given_back_on: list[date | None]
    credited: int = 0

    def credited_in_all(self) -> int:
        used = sum(((gone or self.end) - self.start).days for gone in self.given_back_on)
        covered = len(self.given_back_on) * (self.end - self.start).days
        return self.amount - nearest(Fraction(self.amount * used, covered))


@dataclass
class Seat:
    number: int
    deadline: date | None


@dataclass
class Subscription:
    price: Fraction
    renews_on: date
    seats: list[Seat] = field(default_factory=list)
    planned: int | None = None


class Oracle:
    def __init__(self, scenario: dict[str, Any]) -> None:
        self.given = scenario
        self.start = date.fromisoformat(scenario["start"])
        self.through = date.fromisoformat(scenario["through"])
        self.cycle = CYCLES[scenario["cycle"]]
        self.term = months_of(scenario.get("term", scenario["cycle"]))
        anchor = date.fromisoformat(scenario.get("anchor", scenario["start"]))
        self.anchor_month = anchor.year * 12 + anchor.month
        self.anchor_day = scenario.get("anchor_day", anchor.day)
        self.order = list(scenario["editions"])
        self.prices = {name: Fraction(e["unit_price"]) for name, e in scenario["editions"].items()}
        self.policies = {name: e["decrease"] for name, e in scenario["editions"].items()}
        taxes = scenario.get("tax", [])
        first = taxes[0]["category"] if taxes else ""
        self.categories = {name: e.get("tax", first) for name, e in scenario["editions"].items()}
        self.scale = 10 ** DIGITS[scenario["currency"]]
        self.held: dict[str, Subscription] = {}
        self.documents: list[Document] = []
        self.charges: list[Charge] = []
        self.seat_numbers = 0
        self.credited: dict[tuple[int, str, Fraction], tuple[int, int]] = {}

    def live(self) -> list[Document]:
        day = self.start
        while day <= self.through:
            today = [change for change in self.given["changes"] if change["on"] == str(day)]
            for change in today:
                self.prices.update({name: Fraction(p) for name, p in change.get("prices", {}).items()})
            if self.begins_a_period(day) and self.held:
                self.renew(day)
            wanted = dict(self.given["seats"]) if day == self.start else {}
            for change in today:
                if change.get("cancel"):
                    wanted.update(dict.fromkeys(self.order, 0))
                wanted.update(change.get("seats", {}))
            if wanted:
                self.change(day, wanted)
            day += ONE_DAY
        return self.documents

    # Time, by looking at each day.

    def begins_a_period(self, day: date) -> bool:
        months = day.year * 12 + day.month - self.anchor_month
        return months % self.cycle == 0 and day.day == min(self.anchor_day, monthrange(day.year, day.month)[1])

    def period(self, day: date) -> tuple[date, date]:
        start = day
        while not self.begins_a_period(start):
            start -= ONE_DAY
        end = day + ONE_DAY
        while not self.begins_a_period(end):
            end += ONE_DAY
        return start, end

    def renewal_after(self, day: date) -> date:
        renewal = day
        for _ in range(self.term // self.cycle):
            renewal = self.period(renewal)[1]
        return renewal

    # What happens on a day.

    def renew(self, day: date) -> None:
        lines = []
        end = self.period(day)[1]
        for name in self.order:
            subscription = self.held.get(name)
            if subscription is None:
                continue
            if subscription.renews_on == day:
                count = len(subscription.seats) if subscription.planned is None else subscription.planned
                self.held[name] = subscription = Subscription(self.prices[name], self.renewal_after(day))
                subscription.seats = self.new_seats(day, count, with_deadline=True)
            if subscription.seats:
                lines.append(self.charge(name, len(subscription.seats), subscription.price, day, end))
            else:
                del self.held[name]
        self.issue(day, lines)

    def change(self, day: date, wanted: dict[str, int]) -> None:
        end = self.period(day)[1]
        moves = self.moves(wanted)
        price = {name: self.price(name) for name in self.order}
        gone: dict[str, int] = {}
        for name in self.order:
            if name in wanted:
                gone[name] = self.leave(name, day, wanted[name], sum(n for s, _, n in moves if s == name))
        lines = self.credits(day, gone)
        for name in self.order:
            rise = wanted.get(name, self.count(name)) - self.count(name)
            if rise <= 0:
                continue
            arrived = [n for _, target, n in moves if target == name]
            subscription = self.held.setdefault(name, Subscription(self.prices[name], self.renewal_after(day)))
            for seats in arrived:
                lines.append(self.charge(name, seats, price[name], day, end))
                subscription.seats += self.new_seats(day, seats, with_deadline=False)
            if rise > sum(arrived):
                lines.append(self.charge(name, rise - sum(arrived), price[name], day, end))
                subscription.seats += self.new_seats(day, rise - sum(arrived), with_deadline=True)
        self.held = {name: held for name, held in self.held.items() if held.seats}
        self.issue(day, lines)

    def count(self, name: str) -> int:
        return len(self.held[name].seats) if name in self.held else 0

    def price(self, name: str) -> Fraction:
        return self.held[name].price if name in self.held else self.prices[name]

    def moves(self, wanted: dict[str, int]) -> list[tuple[str, str, int]]:
        """One seat at a time: to the dearest edition that still wants one, from the dearest that may give one."""
        rises = {name: wanted.get(name, self.count(name)) - self.count(name) for name in self.order}
        dearest = sorted(self.order, key=lambda name: -self.price(name))
        moved: dict[tuple[str, str], int] = {}
        while True:
            pair = next(
                (
                    (source, target)
                    for target in dearest
                    for source in dearest
                    if rises[target] > 0 > rises[source] and [source, target] in self.given.get("upgrades", [])
                ),
                None,
            )
            if pair is None:
                return [(source, target, seats) for (source, target), seats in moved.items()]
            rises[pair[0]] += 1
            rises[pair[1]] -= 1
            moved[pair] = moved.get(pair, 0) + 1

    def leave(self, name: str, day: date, total: int, moved: int) -> int:
        """Take seats away, newest first; how many of them are credited. The others are planned to go."""
        if name not in self.held:
            return 0
        subscription = self.held[name]
        subscription.planned = None
        for _ in range(moved):
            subscription.seats.remove(max(subscription.seats, key=lambda seat: seat.number))
        credited = moved
        while len(subscription.seats) > total:
            may_go = [seat for seat in subscription.seats if self.may_go(name, seat, day)]
            if not may_go:
                subscription.planned = total
                break
            subscription.seats.remove(max(may_go, key=lambda seat: seat.number))
            credited += 1
        return credited

    def may_go(self, name: str, seat: Seat, day: date) -> bool:
        if self.policies[name] == "window":
            return seat.deadline is not None and day <= seat.deadline
        return bool(self.policies[name] == "anytime")

    def new_seats(self, day: date, count: int, *, with_deadline: bool) -> list[Seat]:
        window = self.given.get("window_days", 7)
        deadline = day + (window - 1) * ONE_DAY if with_deadline else None
        seats = [Seat(self.seat_numbers + index, deadline) for index in range(count)]
        self.seat_numbers += count
        return seats

    # Lines and documents.

    def charge(self, name: str, seats: int, price: Fraction, day: date, end: date) -> dict[str, Any]:
        start = self.period(day)[0]
        share = Fraction((end - day).days, (end - start).days)
        return {
            "edition": name,
            "kind": "charge",
            "from": day,
            "to": end,
            "period_days": (end - start).days,
            "seats": seats,
            "amount": nearest(seats * price * share * self.scale),
            "credits": None,
            "rate": self.rate(self.categories[name], day),
            "category": self.categories[name],
        }

    def credits(self, day: date, gone: dict[str, int]) -> list[dict[str, Any]]:
        running = [charge for charge in self.charges if charge.start <= day < charge.end]
        running.sort(key=lambda charge: (-charge.document, self.order.index(charge.edition), -charge.index))
        lines = []
        for charge in running:
            seats = min(gone.get(charge.edition, 0), charge.given_back_on.count(None))
            for _ in range(seats):
                charge.given_back_on[charge.given_back_on.index(None)] = day
            if seats:
                gone[charge.edition] -= seats
                amount = charge.credited_in_all() - charge.credited
                charge.credited += amount
                lines.append(self.credit(charge, day, seats, amount))
        assert not any(gone.values()), gone
        return lines

    def credit(self, charge: Charge, day: date, seats: int, amount: int) -> dict[str, Any]:
        return {
            "edition": charge.edition,
            "kind": "credit",
            "from": day,
            "to": charge.end,
            "period_days": charge.period_days,
            "seats": seats,
            "amount": -amount,
            "credits": [charge.document, charge.index],
            "rate": charge.rate,
            "category": charge.category,
        }

    def rate(self, category: str, day: date) -> Fraction:
        begun = [t for t in self.given.get("tax", []) if t["category"] == category and t["from"] <= str(day)]
        return Fraction(max(begun, key=lambda t: t["from"])["rate"]) if begun else Fraction(0)

    def tax_of(self, rate: Fraction) -> Fraction:
        return rate / (100 + rate) if self.given.get("prices_include_tax") else rate / 100

    def issue(self, day: date, lines: list[dict[str, Any]]) -> None:
        if not lines:
            return
        number = len(self.documents)
        document = Document(day, lines)
        document.tax = self.tax(lines)
        document.net = sum(line["amount"] for line in lines)
        if self.given.get("prices_include_tax"):
            document.net -= document.tax
        self.documents.append(document)
        for index, line in enumerate(lines):
            if line["kind"] == "charge":
                self.charges.append(
                    Charge(
                        document=number,
                        index=index,
                        edition=line["edition"],
                        category=line["category"],
                        rate=line["rate"],
                        start=line["from"],
                        end=line["to"],
                        period_days=line["period_days"],
                        amount=line["amount"],
                        given_back_on=[None] * line["seats"],
                    )
                )

    def tax(self, lines: list[dict[str, Any]]) -> int:
        credits_only = all(line["kind"] == "credit" for line in lines)
        groups = {(line["category"], line["rate"]) for line in lines}
        total = 0
        for category, rate in groups:
            group = [line for line in lines if (line["category"], line["rate"]) == (category, rate)]
            share = self.tax_of(rate)
            if credits_only:
                total += self.tax_of_credits(group, share)
            else:
                tax = nearest(share * sum(line["amount"] for line in group))
                charges = nearest(share * sum(line["amount"] for line in group if line["kind"] == "charge"))
                self.count_credits([line for line in group if line["kind"] == "credit"], share, charges - tax)
                total += tax
        return total

    def tax_of_credits(self, group: list[dict[str, Any]], share: Fraction) -> int:
        """Document by document: the tax of all credited so far, less what was credited of it before."""
        total = 0
        for original in {line["credits"][0] for line in group}:
            amount = -sum(line["amount"] for line in group if line["credits"][0] == original)
            key = (original, group[0]["category"], group[0]["rate"])
            before, tax_before = self.credited.get(key, (0, 0))
            tax = nearest(share * (before + amount)) - tax_before
            self.credited[key] = (before + amount, tax_before + tax)
            total -= tax
        return total

    def count_credits(self, credits_: list[dict[str, Any]], share: Fraction, tax: int) -> None:
        """The credits' tax beside charges, by largest remainder of each line's own."""
        exact = [share * line["amount"] for line in credits_]
        parts = [math.floor(value) for value in exact]
        by_remainder = sorted(range(len(parts)), key=lambda index: parts[index] - exact[index])
        for step in range(abs(-tax - sum(parts))):
            parts[by_remainder[step % len(parts)]] += 1
        for line, part in zip(credits_, parts, strict=True):
            key = (line["credits"][0], line["category"], line["rate"])
            before, tax_before = self.credited.get(key, (0, 0))
            self.credited[key] = (before - line["amount"], tax_before - part)


def months_of(length: str) -> int:
    return int(length[1:-1]) * (12 if length.endswith("Y") else 1)
