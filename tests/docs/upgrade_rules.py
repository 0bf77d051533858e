"""Runners for tables of docs/rules about Microsoft's own upgrades."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from perseat.domain.upgrade_way import (
    EditionInTenant,
    OfferedUpgrade,
    UpgradeWay,
    UpgradingSubscription,
    decide_on_error,
    decide_upgrade,
)

Row = dict[str, str]
NOW = datetime(2026, 11, 22, tzinfo=UTC)
WAYS = {
    "the subscription becomes one of the new edition": UpgradeWay.WHOLE,
    "they become a new subscription": UpgradeWay.PART,
    "they go into the subscription that is there": UpgradeWay.INTO,
    "bought, moved, the old ones last": UpgradeWay.BUY,
}
DOES = {"buys instead": UpgradeWay.BUY, "asks again": UpgradeWay.WAIT, "asks staff": UpgradeWay.ASK_STAFF}


def an_exchange_goes_its_way(row: Row) -> None:
    """Whoever is in the tenant holds the old edition, as long as there are seats of it."""
    held = int(row["held"])
    purchased = held + int(row["with others"])
    by_group = int(row["held by a group"])
    decision = decide_upgrade(
        seats=int(row["exchanged"]),
        source=_subscription(held),
        target=_target(row["new edition"]),
        terms=("P1Y", "P1M"),
        old=EditionInTenant(purchased=purchased, assigned=purchased, held_by_group=by_group),
        new=EditionInTenant(purchased=3 if row["new edition"].startswith("others'") else 0, assigned=0),
        paths=tuple(OfferedUpgrade(is_open=True, moves_licenses=moves) for moves in (False, True)),
        now=NOW,
    )

    assert decision.way is WAYS[row["how"]]


def an_error_of_microsofts_is_answered(row: Row) -> None:
    for code in row["Microsoft's error"].split(", "):
        assert decide_on_error(code).way is DOES[row["what Perseat does"]]


def _target(words: str) -> UpgradingSubscription | None:
    cancellable_until = NOW + timedelta(days=1) if words.endswith("cancellable") else None
    return _subscription(2, cancellable_until=cancellable_until) if words.startswith("held") else None


def _subscription(seats: int, *, cancellable_until: datetime | None = None) -> UpgradingSubscription:
    return UpgradingSubscription(
        seats=seats,
        is_active=True,
        term="P1Y",
        cycle="P1M",
        ends_on=date(2027, 3, 1),
        cancellable_until=cancellable_until,
    )


UPGRADE_RULES = {
    ("held", "exchanged", "new edition", "with others", "held by a group", "how"): an_exchange_goes_its_way,
    ("Microsoft's error", "what it says", "what Perseat does"): an_error_of_microsofts_is_answered,
}
