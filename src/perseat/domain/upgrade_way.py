"""Upgrade way: whether the supplier's own upgrade is used for an exchange of seats, and how.

The one law: nobody is without a license at any moment. Where the supplier's upgrade could break it, or is not offered,
the seats are bought, people are moved one by one, and the old seats go last.

Source: billing rules, "Change of edition"; Microsoft's NCE rules 30 and 39 to 45, read 2026-11-22.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class UpgradeWay(StrEnum):
    """What to ask the supplier for."""

    WHOLE = "whole"  # the subscription becomes one of the other edition, and people's licenses follow
    PART = "part"  # some of its seats become a new subscription; people are moved by us
    INTO = "into"  # its seats go into the subscription of the other edition that there is; people are moved by us
    BUY = "buy"  # nothing: the seats are bought
    WAIT = "wait"  # nothing yet: ask again later
    ASK_STAFF = "ask_staff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The way, with the reason for everything that is no upgrade."""

    way: UpgradeWay
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpgradingSubscription:
    """A subscription at the supplier. `ends_on`: the last day of its term (included), None when not known.

    `cancellable_until`: it may be cancelled before this moment, None when it may not.
    """

    seats: int
    is_active: bool
    term: str
    cycle: str
    ends_on: date | None
    cancellable_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionInTenant:
    """One edition in the directory, over all sellers. `held_by_group`: people whose license comes from a group."""

    purchased: int
    assigned: int
    held_by_group: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedUpgrade:
    """What the supplier says of one path. `codes`: why one kind of upgrade is not open, by its table of errors."""

    is_open: bool
    moves_licenses: bool
    codes: tuple[str, ...] = ()


# What to do about each of the supplier's reasons (its TransitionErrorCode), and what to say.
_BUY_INSTEAD = {
    "3": "People here hold services that Microsoft's upgrade cannot carry over.",
    "7": "Microsoft has no upgrade for this subscription.",
    "8": "Microsoft does not offer the new edition as an upgrade.",
    "10": "Microsoft's upgrade does not know this charge cycle.",
    "11": "Microsoft has no upgrade between these editions.",
    "12": "Microsoft's upgrade cannot move the licenses of these people.",
}
_WAIT = {
    "4": "Microsoft is busy with another change of this subscription.",
    "9": "Microsoft is still preparing this subscription.",
}
_ASK_STAFF = {
    "0": "Microsoft does not upgrade this subscription and does not say why. Look at it in Partner Center.",
    "1": "Microsoft does not let us upgrade: our delegated administration of this tenant is switched off.",
    "2": "The subscription is not active at Microsoft, so it cannot be upgraded. Reactivate it, then retry.",
    "5": "Microsoft upgrades only with a partner user's consent. Take one up with `perseat connect`, then retry.",
    "6": "The subscription has add-ons, which Microsoft does not upgrade along. Decide about them, then retry.",
    "13": "Microsoft does not let us upgrade: our role in this tenant does not suffice. Ask for one more, then retry.",
}


def decide_on_error(code: str) -> Decision:
    """What an error of the supplier's table means; an unknown one is for the staff.

    >>> decide_on_error("11").way.value, decide_on_error("4").way.value, decide_on_error("99").way.value
    ('buy', 'wait', 'ask_staff')
    """
    if code in _BUY_INSTEAD:
        return Decision(way=UpgradeWay.BUY, reason=_BUY_INSTEAD[code])
    if code in _WAIT:
        return Decision(way=UpgradeWay.WAIT, reason=_WAIT[code])
    return Decision(way=UpgradeWay.ASK_STAFF, reason=_ASK_STAFF.get(code, _ASK_STAFF["0"]))


def decide_upgrade(
    *,
    seats: int,
    source: UpgradingSubscription,
    target: UpgradingSubscription | None,
    terms: tuple[str, str],
    old: EditionInTenant,
    new: EditionInTenant,
    paths: tuple[OfferedUpgrade, ...],
    now: datetime,
) -> Decision:
    """How `seats` of `source` become seats of the other edition.

    `target`: the subscription of that edition that we deliver already, None without one. `terms`: (term, cycle) of what
    was sold. `old` and `new`: the two editions in the directory. `paths`: what the supplier offers; () for nothing.
    A target inside its time for cancelling takes no seats; `now` at that very moment is outside it.
    """
    if not source.is_active:
        return decide_on_error("2")
    if seats > source.seats:
        return Decision(way=UpgradeWay.BUY, reason="Microsoft holds fewer seats than are to be upgraded.")
    if (source.term, source.cycle) != terms:
        return Decision(way=UpgradeWay.BUY, reason="The old seats are on another term at Microsoft.")
    way = _way(seats, source=source, target=target, old=old, new=new)
    if way is UpgradeWay.INTO and target is not None and not _may_take_over(target, source=source, now=now):
        return Decision(
            way=UpgradeWay.BUY, reason="Microsoft does not join these two subscriptions, so seats are added."
        )
    if way is UpgradeWay.BUY or not _stay_licensed(way, seats=seats, old=old):
        return Decision(way=UpgradeWay.BUY, reason="Microsoft's upgrade would leave somebody without a license here.")
    return _among_paths(way, paths)


def _way(
    seats: int,
    *,
    source: UpgradingSubscription,
    target: UpgradingSubscription | None,
    old: EditionInTenant,
    new: EditionInTenant,
) -> UpgradeWay:
    """Licenses follow by themselves only where no other seats of either edition are in the tenant."""
    if target is not None:
        return UpgradeWay.INTO
    if seats < source.seats:
        return UpgradeWay.PART
    return UpgradeWay.WHOLE if new.purchased == 0 and old.purchased <= seats else UpgradeWay.BUY


def _may_take_over(target: UpgradingSubscription, *, source: UpgradingSubscription, now: datetime) -> bool:
    is_settled = target.cancellable_until is None or now >= target.cancellable_until
    ends_in_time = target.ends_on is not None and source.ends_on is not None and target.ends_on >= source.ends_on
    return target.is_active and is_settled and ends_in_time and target.term == source.term


def _stay_licensed(way: UpgradeWay, *, seats: int, old: EditionInTenant) -> bool:
    """Whoever holds the old edition keeps it until moved: some of its seats stay, or nobody holds it.

    Who holds it by a group is moved by nobody, so the seats that stay must suffice for these people.
    """
    left = max(old.purchased - seats, 0)
    if old.held_by_group > left:
        return False
    return way is UpgradeWay.WHOLE or left > 0 or old.assigned == 0


def _among_paths(way: UpgradeWay, paths: tuple[OfferedUpgrade, ...]) -> Decision:
    if not paths:
        return decide_on_error("11")
    fitting = [path for path in paths if path.moves_licenses == (way is UpgradeWay.WHOLE)]
    if any(path.is_open for path in fitting):
        return Decision(way=way)
    codes = [code for path in fitting for code in path.codes] or ["11"]
    verdicts = [decide_on_error(code) for code in codes]
    order = (UpgradeWay.ASK_STAFF, UpgradeWay.WAIT, UpgradeWay.BUY)
    return min(verdicts, key=lambda verdict: order.index(verdict.way))
