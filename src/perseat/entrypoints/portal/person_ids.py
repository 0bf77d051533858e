"""Person ids in addresses and forms: they come back from a browser, so only what can be one is taken for one."""

from __future__ import annotations

import re

_PATTERN = r"[0-9A-Za-z-]{1,60}"
_PERSON_ID = re.compile(_PATTERN)


class PersonIdConverter:
    """The part `<person:…>` of an address; anything else in its place is not found."""

    regex = _PATTERN

    def to_python(self, value: str) -> str:
        """As it stands in the address."""
        return value

    def to_url(self, value: str) -> str:
        """As it will stand in the address."""
        return value


def is_person_id(text: str) -> bool:
    """Whether the text can be the id of a person in a directory."""
    return _PERSON_ID.fullmatch(text) is not None
