"""What the tables of docs/rules say of returns and their deadlines, fed to the rules; test_rules_pages.py runs them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from perseat.domain.deadlines import SeatsUntil, assign_deadlines, last_day_before, plan_changeable_until
from perseat.domain.returns import seats_taken_back


def the_supplier_takes_seats_back(row: dict[str, str]) -> None:
    taken = seats_taken_back(
        asked=int(row["asked for"]),
        held_there_before=int(row["there before"]),
        held_there_now=int(row["there now"]),
        total=int(row["wanted there"]),
    )

    assert taken == int(row["taken back"])


def deadlines_are_laid_over_batches(row: dict[str, str]) -> None:
    batches = [int(seats) for seats in row["our batches, newest first"].split(", ")]
    parts = assign_deadlines(batches, returnable=_deadlines(row["the supplier's deadlines"]))

    found = ["; ".join(_told(part) for part in reversed(of_batch)) for of_batch in parts]
    assert " / ".join(found) == row["what they come to"]


def _deadlines(text: str) -> list[SeatsUntil]:
    found = re.findall(r"(\d+) until (\d+)", text)
    return [SeatsUntil(int(seats), datetime(2026, 11, int(of_month), 12, tzinfo=UTC)) for seats, of_month in found]


def _told(part: SeatsUntil) -> str:
    return f"{part.seats} until {part.until.day}" if part.until else f"{part.seats} at the renewal"


def only_whole_days_count(row: dict[str, str]) -> None:
    assert last_day_before(_moment(row["deadline"]), zone_name=row["zone"]) == date.fromisoformat(row["last day"])


def a_plan_can_be_changed_until(row: dict[str, str]) -> None:
    ends_on = row["last day of the supplier's term"]
    until = plan_changeable_until(
        date.fromisoformat(row["our renewal"]),
        zone_name=row["zone"],
        supplier_term_ends_on=None if ends_on == "not known" else date.fromisoformat(ends_on),
    )

    assert until == _moment(row["changeable until"])


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace(" UTC", "+00:00"))
