"""Why Graph refused, in words for the person at the screen, with the way out.

Nearly all refusals carry one code and differ in their message only. Microsoft asks not to build on messages, and gives
nothing else: so they are matched loosely, and what is not recognized is shown as Microsoft wrote it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A recognized refusal: a name for programs, a sentence for people."""

    name: str
    sentence: str


NOT_HELD = "license_not_held"
NAME_TAKEN = "name_taken"

_REASONS: tuple[tuple[str, Reason], ...] = (
    (
        r"usage ?location",
        Reason(name="no_country", sentence="This person has no country yet. Choose one, then give the license."),
    ),
    (
        r"not have any available licenses",
        Reason(
            name="no_seat",
            sentence="No seat of this edition is free. Take one from somebody or buy one; "
            "a seat bought just now may take some minutes to arrive.",
        ),
    ),
    (
        r"mutually exclusive|MutuallyExclusive|service plan .+ conflicts with",
        Reason(
            name="conflict",
            sentence="This license contains apps that a license of this person has already. "
            "Take the other license in the same step, or switch those apps off.",
        ),
    ),
    (
        r"depends on the service plan|DependencyViolation",
        Reason(
            name="dependency",
            sentence="Apps of one license need apps of another. Give the other license, too, "
            "or take both in the same step.",
        ),
    ),
    (
        r"inherited from a group",
        Reason(
            name="from_group",
            sentence="This license comes from a group. Take the person out of the group to remove it.",
        ),
    ),
    (
        r"not have a corresponding license",
        Reason(name=NOT_HELD, sentence="This person does not hold the license that was to be removed."),
    ),
    (
        r"not correspond to a valid company license",
        Reason(
            name="not_owned",
            sentence="This tenant has no seats of this edition. Buy one first; "
            "a seat bought just now may take some minutes to arrive.",
        ),
    ),
    (
        r"property userPrincipalName already exists|ObjectConflict",
        Reason(name=NAME_TAKEN, sentence="Somebody has this sign-in name already. Choose another."),
    ),
    (
        r"domain portion|userPrincipalName .*(invalid|verified)|verified domain",
        Reason(
            name="bad_domain",
            sentence="The part after the @ must be a verified mail domain of this tenant that is not federated.",
        ),
    ),
    (
        r"password .*(complexity|policy|requirements)|specified password",
        Reason(name="weak_password", sentence="Microsoft finds this password too simple. Choose a longer one."),
    ),
    (
        r"page token .*expired",
        Reason(name="old_page", sentence="This page of the list is no longer there. Begin at the first page."),
    ),
    (
        r"[Ii]nvalid value specified for property '(?P<field>\w+)'",
        Reason(name="bad_value", sentence="Microsoft does not accept the value of the field {field}."),
    ),
)

_FIELD_NAMES = {
    "displayName": "display name",
    "givenName": "first name",
    "jobTitle": "job title",
    "mailNickname": "sign-in name",
    "surname": "last name",
    "usageLocation": "country",
    "userPrincipalName": "sign-in name",
}


def reason_for(text: str) -> Reason:
    """The recognized reason, or one named `unknown` that repeats Microsoft's words."""
    for pattern, reason in _REASONS:
        found = re.search(pattern, text, re.IGNORECASE)
        if found:
            field = found.groupdict().get("field") or ""
            sentence = reason.sentence.format(field=_FIELD_NAMES.get(field, field))
            return Reason(name=reason.name, sentence=sentence)
    return Reason(name="unknown", sentence=f"Microsoft answered: {text}" if text else "Microsoft refused this.")
