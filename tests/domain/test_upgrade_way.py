"""Whether Microsoft's own upgrade is used: never where somebody could be left without a license."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perseat.domain.upgrade_way import (
    Decision,
    EditionInTenant,
    OfferedUpgrade,
    UpgradeWay,
    UpgradingSubscription,
    decide_on_error,
    decide_upgrade,
)

NOW = datetime(2026, 11, 22, tzinfo=UTC)
OPEN = (OfferedUpgrade(is_open=True, moves_licenses=False), OfferedUpgrade(is_open=True, moves_licenses=True))


def subscription(seats: int, **given: Any) -> UpgradingSubscription:
    usual = {"is_active": True, "term": "P1Y", "cycle": "P1M", "ends_on": date(2027, 3, 1)}
    return UpgradingSubscription(seats=seats, **(usual | given))


def closed(*codes: str) -> tuple[OfferedUpgrade, ...]:
    return tuple(OfferedUpgrade(is_open=False, moves_licenses=moves, codes=codes) for moves in (False, True))


def decide(seats: int, held: int, **given: Any) -> Decision:
    usual = {
        "source": subscription(held),
        "target": None,
        "terms": ("P1Y", "P1M"),
        "old": EditionInTenant(purchased=held, assigned=held),
        "new": EditionInTenant(purchased=0, assigned=0),
        "paths": OPEN,
        "now": NOW,
    }
    return decide_upgrade(seats=seats, **(usual | given))


@pytest.mark.parametrize(
    ("seats", "held", "given", "expected"),
    [
        (3, 3, {}, UpgradeWay.WHOLE),
        (2, 3, {}, UpgradeWay.PART),
        (2, 3, {"target": subscription(1)}, UpgradeWay.INTO),
        # More than the supplier holds, or another term there: nothing to upgrade.
        (4, 3, {}, UpgradeWay.BUY),
        (3, 3, {"terms": ("P1M", "P1M")}, UpgradeWay.BUY),
        (3, 3, {"terms": ("P1Y", "P1Y")}, UpgradeWay.BUY),
        # Another seller's seats of either edition: licenses would not follow, or too many would.
        (3, 3, {"new": EditionInTenant(purchased=1, assigned=0)}, UpgradeWay.BUY),
        (3, 3, {"old": EditionInTenant(purchased=5, assigned=5)}, UpgradeWay.BUY),
        # The last seats into another subscription: whoever holds one would stand on nothing.
        (3, 3, {"target": subscription(1)}, UpgradeWay.BUY),
        (3, 3, {"target": subscription(1), "old": EditionInTenant(purchased=3, assigned=0)}, UpgradeWay.INTO),
        (3, 3, {"target": subscription(1), "old": EditionInTenant(purchased=4, assigned=4)}, UpgradeWay.INTO),
        # Nobody can move who holds it by a group, so as many seats have to stay.
        (3, 3, {"old": EditionInTenant(purchased=3, assigned=3, held_by_group=1)}, UpgradeWay.BUY),
        (2, 3, {"old": EditionInTenant(purchased=3, assigned=3, held_by_group=2)}, UpgradeWay.BUY),
        (2, 3, {"old": EditionInTenant(purchased=3, assigned=3, held_by_group=1)}, UpgradeWay.PART),
        # What the target has to be.
        (2, 3, {"target": subscription(1, is_active=False)}, UpgradeWay.BUY),
        (2, 3, {"target": subscription(1, ends_on=date(2027, 2, 28))}, UpgradeWay.BUY),
        (2, 3, {"target": subscription(1, term="P1M")}, UpgradeWay.BUY),
        (2, 3, {"target": subscription(1, cancellable_until=NOW + timedelta(seconds=1))}, UpgradeWay.BUY),
        (2, 3, {"target": subscription(1, cancellable_until=NOW)}, UpgradeWay.INTO),
        # What the supplier says.
        (3, 3, {"paths": ()}, UpgradeWay.BUY),
        (3, 3, {"paths": OPEN[:1]}, UpgradeWay.BUY),
        (2, 3, {"paths": OPEN[:1]}, UpgradeWay.PART),
        (3, 3, {"paths": closed("11")}, UpgradeWay.BUY),
        (3, 3, {"paths": closed("4")}, UpgradeWay.WAIT),
        (3, 3, {"paths": closed("11", "13")}, UpgradeWay.ASK_STAFF),
        (3, 3, {"source": subscription(3, is_active=False)}, UpgradeWay.ASK_STAFF),
    ],
)
def test_the_way_of_an_upgrade(seats: int, held: int, given: dict[str, Any], expected: UpgradeWay) -> None:
    assert decide(seats, held, **given).way is expected


@pytest.mark.parametrize("code", [str(number) for number in range(14)])
def test_every_error_of_the_table_has_words_and_something_to_do(code: str) -> None:
    decision = decide_on_error(code)

    assert decision.way in (UpgradeWay.BUY, UpgradeWay.WAIT, UpgradeWay.ASK_STAFF)
    assert decision.reason.endswith(".")


@given(
    seats=st.integers(1, 6),
    held=st.integers(1, 6),
    others=st.integers(0, 3),
    assigned=st.integers(0, 9),
    by_group=st.integers(0, 3),
    new=st.integers(0, 2),
    target=st.sampled_from([None, subscription(2)]),
)
def test_whoever_holds_the_old_edition_keeps_seats_of_it_until_moved(
    seats: int, held: int, others: int, assigned: int, by_group: int, new: int, target: UpgradingSubscription | None
) -> None:
    old = EditionInTenant(purchased=held + others, assigned=assigned, held_by_group=min(by_group, assigned))

    way = decide(seats, held, old=old, new=EditionInTenant(purchased=new, assigned=0), target=target).way

    left = held + others - seats
    if way is UpgradeWay.WHOLE:
        assert (new, others, old.held_by_group) == (0, 0, 0), "only where every license follows by itself"
    elif way in (UpgradeWay.PART, UpgradeWay.INTO):
        assert left > 0 or assigned == 0
        assert left >= old.held_by_group
