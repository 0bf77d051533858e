"""An independent reckoning of scenarios, seat by seat with exact fractions.

It shares no code and no shortcut with the product: one object a seat, the first days of all periods in one list, made
by walking from month to month, and shares that are multiplied out before the one division. It takes the JSON of
`perseat replay` and gives the documents with amounts in minor units.
"""

from __future__ import annotations

from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import Any

from tests.domain.oracle_values import (
    CYCLES,
    DIGITS,
    ONE_DAY,
    Answer,
    Charge,
    Document,
    Seat,
    Subscription,
    exact,
    nearest,
)


class Oracle:
    def __init__(self, scenario: dict[str, Any]) -> None:
        self.given = scenario
        self.start = date.fromisoformat(scenario["start"])
        self.through = date.fromisoformat(scenario["through"])
        self.cycle = CYCLES[scenario["cycle"]]
        self.term = months_of(scenario.get("term", scenario["cycle"]))
        anchor = date.fromisoformat(scenario.get("anchor", scenario["start"]))
        self.anchor_day = scenario.get("anchor_day", anchor.day)
        self.first_days = self.walk_the_months(anchor)
        self.rates = [(t["category"], date.fromisoformat(t["from"]), exact(t["rate"])) for t in scenario.get("tax", [])]
        self.order = list(scenario["editions"])
        self.prices = {name: exact(e["unit_price"]) for name, e in scenario["editions"].items()}
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
        for _ in self.answers():
            pass
        return self.documents

    def answers(self, *, far: bool = False) -> Iterator[Answer]:
        """Each renewal and each checkout in turn. `far`: with all that is foreseen, not the next renewal only."""
        for day in self.days():
            today = [change for change in self.given["changes"] if change["on"] == str(day)]
            for change in today:
                self.prices.update({name: exact(p) for name, p in change.get("prices", {}).items()})
            if day in self.first_days and self.held:
                yield self.answer(day, self.renew(day), far=far)
            wanted = dict(self.given["seats"]) if day == self.start else {}
            for change in today:
                if change.get("cancel"):
                    wanted.update(dict.fromkeys(self.order, 0))
                wanted.update(change.get("seats", {}))
            if wanted:
                yield self.answer(day, self.change(day, wanted), far=far)

    def answer(self, day: date, document: Document | None, *, far: bool) -> Answer:
        planned = {n: (s.planned, s.renews_on) for n, s in self.held.items() if s.planned is not None}
        now = {name: len(held.seats) for name, held in self.held.items()}
        return Answer(day, document, now, planned, self.foresee(day, far=far))

    # Time, from a list of the first days of all periods.

    def walk_the_months(self, anchor: date) -> list[date]:
        """From a period before the start to a term and a period after the last day."""
        year, month, left = anchor.year, anchor.month, 0
        while (year, month) > (self.start.year - 4, self.start.month):
            year, month, left = (year, month - 1, left + 1) if month > 1 else (year - 1, 12, left + 1)
        left %= self.cycle
        found: list[date] = []
        while not found or (year, month) <= (self.through.year + self.term // 12 + 4, 12):
            if left % self.cycle == 0:
                found.append(date(year, month, min(self.anchor_day, monthrange(year, month)[1])))
            left -= 1
            year, month = (year, month + 1) if month < 12 else (year + 1, 1)
        return found

    def days(self) -> list[date]:
        """Days on which anything can happen."""
        found = {self.start, *(date.fromisoformat(change["on"]) for change in self.given["changes"])}
        found.update(self.first_days)
        return sorted(day for day in found if self.start <= day <= self.through)

    def period(self, day: date) -> tuple[date, date]:
        place = bisect_right(self.first_days, day)
        return self.first_days[place - 1], self.first_days[place]

    def renewal_after(self, day: date) -> date:
        return self.first_days[bisect_right(self.first_days, day) - 1 + self.term // self.cycle]

    def foresee(self, day: date, *, far: bool) -> list[tuple[date, list[dict[str, Any]], int]]:
        """The next renewal document, and each later one with another total, when nothing more happens."""
        last = max([each.renews_on for each in self.held.values()] + [begins for _, begins, _ in self.rates] + [day])
        found: list[tuple[date, list[dict[str, Any]], int]] = []
        place = bisect_right(self.first_days, day)
        while self.held and (not found or (far and self.first_days[place - 1] < last)):
            start, end = self.first_days[place : place + 2]
            lines = [self.renewal_line(name, start, end) for name in self.order if name in self.held]
            lines = [line for line in lines if line["seats"]]
            if not (lines or found):
                break
            total = sum(line["amount"] for line in lines)
            if not self.given.get("prices_include_tax"):
                total += self.tax(lines) if lines else 0
            if not found or total != found[-1][2]:
                found.append((start, lines, total))
            place += 1
        return found

    def renewal_line(self, name: str, start: date, end: date) -> dict[str, Any]:
        held = self.held[name]
        if start < held.renews_on:
            return self.charge(name, len(held.seats), held.price, start, end)
        return self.charge(
            name, len(held.seats) if held.planned is None else held.planned, self.prices[name], start, end
        )

    # What happens on a day.

    def renew(self, day: date) -> Document | None:
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
        return self.issue(day, lines)

    def change(self, day: date, wanted: dict[str, int]) -> Document | None:
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
        return self.issue(day, lines)

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
        whole = (end - start).days
        return {
            "edition": name,
            "kind": "charge",
            "from": day,
            "to": end,
            "period_days": whole,
            "seats": seats,
            "amount": nearest(price, seats * self.scale * (end - day).days, whole),
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
        begun = [(begins, rate) for of, begins, rate in self.rates if of == category and begins <= day]
        return max(begun, key=lambda each: each[0])[1] if begun else exact(0)

    def tax_of(self, rate: Fraction) -> Fraction:
        return exact(rate, 100 + rate) if self.given.get("prices_include_tax") else exact(rate, 100)

    def issue(self, day: date, lines: list[dict[str, Any]]) -> Document | None:
        if not lines:
            return None
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
        return document

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
                tax = nearest(share, sum([line["amount"] for line in group]))
                total += tax
                credits_ = [line for line in group if line["kind"] == "credit"]
                if credits_:
                    charges = nearest(share, sum([line["amount"] for line in group if line["kind"] == "charge"]))
                    self.count_credits(credits_, share, charges - tax)
        return total

    def tax_of_credits(self, group: list[dict[str, Any]], share: Fraction) -> int:
        """Document by document: the tax of all credited so far, less what was credited of it before."""
        total = 0
        for original in {line["credits"][0] for line in group}:
            amount = -sum(line["amount"] for line in group if line["credits"][0] == original)
            key = (original, group[0]["category"], group[0]["rate"])
            before, tax_before = self.credited.get(key, (0, 0))
            tax = nearest(share, before + amount) - tax_before
            self.credited[key] = (before + amount, tax_before + tax)
            total -= tax
        return total

    def count_credits(self, credits_: list[dict[str, Any]], share: Fraction, tax: int) -> None:
        """The credits' tax beside charges, by largest remainder of each line's own."""
        exact_parts = [divmod(share.numerator * line["amount"], share.denominator) for line in credits_]
        parts = [whole for whole, _ in exact_parts]
        by_remainder = sorted(range(len(parts)), key=lambda index: -exact_parts[index][1])
        left = -tax - sum(parts)
        for step in range(left):
            parts[by_remainder[step % len(parts)]] += 1
        for step in range(-left):  # two halves that were both rounded away: less than all rounded down
            parts[by_remainder[-1 - step % len(parts)]] -= 1
        for line, part in zip(credits_, parts, strict=True):
            key = (line["credits"][0], line["category"], line["rate"])
            before, tax_before = self.credited.get(key, (0, 0))
            self.credited[key] = (before - line["amount"], tax_before - part)


def months_of(length: str) -> int:
    return int(length[1:-1]) * (12 if length.endswith("Y") else 1)
