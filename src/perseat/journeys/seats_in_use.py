"""Seats in use: where nobody can be asked who shall lose a license, a decrease waits until somebody has taken them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from perseat.journeys.figures import EditionFigure, QuoteFigures
from perseat.journeys.seat_change import preview_change
from perseat.journeys.seat_counts import get_last_seat_counts


class SeatsInUse(ValueError):
    """People hold licenses that would go. `edition` is its code; the message says what to do."""

    def __init__(self, sentence: str, *, edition: str) -> None:
        super().__init__(sentence)
        self.edition = edition


def check_seats_not_in_use(*, customer_id: int, service_id: int, wanted: Mapping[str, int], now: datetime) -> None:
    """Price the totals and hold them against the last known counts; unknown counts are in nobody's way.

    :raises SeatsInUse: when fewer seats would be left than people hold.
    :raises DoesNotBelong, SeatsOutOfRange, EditionUnknown, SeatsNotCountable: as preview_change.
    """
    figures = preview_change(customer_id=customer_id, service_id=service_id, wanted=wanted, now=now).figures
    counts = get_last_seat_counts(customer_id=customer_id, service_id=service_id)
    if counts.read_at is None:
        return
    by_edition = {each.edition: each for each in counts.rows}
    for edition in figures.editions:
        count = by_edition.get(edition.code)
        if count is not None:
            sentence = _describe(figures, edition, purchased=count.purchased, assigned=count.assigned)
            if sentence:
                raise SeatsInUse(sentence, edition=edition.code)


def _describe(figures: QuoteFigures, edition: EditionFigure, *, purchased: int, assigned: int) -> str:
    """What stands in the way of a decrease, "" for nothing. Both counts are the tenant's, over all sellers."""
    too_many = _seats_in_the_way(figures, edition, purchased=purchased, assigned=assigned)
    if not too_many:
        return ""
    people = "1 person" if too_many == 1 else f"{too_many} people"
    return (
        f"{assigned} of these licenses are given to people. Keep at least {edition.now + too_many}, "
        f"or take the license from {people} first, under Users."
    )


def _seats_in_the_way(figures: QuoteFigures, edition: EditionFigure, *, purchased: int, assigned: int) -> int:
    """How many people hold a license that would go, after those who are upgraded were moved.

    Seats that other sellers provide in the same tenant stay, so they are counted, too.
    """
    if edition.now >= edition.held:
        return 0
    upgraded = sum(each.seats for each in figures.upgrades if each.source == edition.code)
    from_others = max(0, purchased - edition.held)
    return max(0, assigned - edition.now - upgraded - from_others)
