"""What a person can no longer do when a license goes and others stay or come."""

from __future__ import annotations

from collections.abc import Sequence

_MAIL, _TEAMS, _FILES = "the mailbox", "Teams", "the files in OneDrive"
_OFFICE, _DEVICES = "the installed Office apps", "device protection"
_ORDER = (_MAIL, _TEAMS, _FILES, _OFFICE, _DEVICES)
_GIVES = {
    "basic": frozenset({_MAIL, _TEAMS, _FILES}),
    "standard": frozenset({_MAIL, _TEAMS, _FILES, _OFFICE}),
    "premium": frozenset(_ORDER),
}
_SOMETHING = "the apps that the license gives"


def list_losses(taken: Sequence[str], *, kept: Sequence[str]) -> tuple[str, ...]:
    """What goes with the taken editions (by code) and is not given by those kept or added; () when nothing goes.

    >>> list_losses(["basic"], kept=["standard"])
    ()
    >>> list_losses(["premium"], kept=["basic"])
    ('the installed Office apps', 'device protection')
    """
    stays = frozenset[str]().union(*(_gives(each) for each in kept))
    goes = frozenset[str]().union(*(_gives(each) for each in taken)) - stays
    named = tuple(each for each in _ORDER if each in goes)
    return (*named, _SOMETHING) if _SOMETHING in goes else named


def is_kept_for_a_month(losses: Sequence[str]) -> bool:
    """Whether mail or files are among what goes: Microsoft deletes them 30 days later."""
    return _MAIL in losses or _FILES in losses or _SOMETHING in losses


def _gives(edition: str) -> frozenset[str]:
    return next((gifts for word, gifts in _GIVES.items() if word in edition), frozenset({_SOMETHING}))
