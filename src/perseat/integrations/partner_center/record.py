"""Reading Microsoft's JSON: names in any case, missing parts as empty values, and the whole kept for sending back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from perseat.ports.failures import Unanswered


class UnreadableAnswer(Unanswered):
    """The answer is not JSON, or a part of it is of another kind than the contract says."""

    def __init__(self, why: str) -> None:
        super().__init__(f"Partner Center's answer cannot be read: {why}.")


class Record:
    """One JSON object. Names are compared without case: the pages mix both, the service answers either."""

    def __init__(self, raw: Mapping[str, object]) -> None:
        self.raw = dict(raw)
        self._by_name = {name.casefold(): value for name, value in raw.items()}

    @classmethod
    def parse(cls, content: bytes) -> Record:
        """The object of a body, with or without a byte order mark. :raises UnreadableAnswer:."""
        try:
            parsed = json.loads(content.decode("utf-8-sig")) if content.strip() else {}
        except ValueError as error:
            raise UnreadableAnswer("not JSON") from error
        if not isinstance(parsed, dict):
            raise UnreadableAnswer("not an object")
        return cls(parsed)

    def text(self, name: str) -> str:
        """A text, empty when missing or null. Numbers and truth values are written as text."""
        value = self._by_name.get(name.casefold())
        if value is None:
            return ""
        if isinstance(value, (dict, list)):
            raise UnreadableAnswer(f"{name} is no text")
        return str(value)

    def number(self, name: str, *, default: int = 0) -> int:
        """A whole number; the default when missing or null."""
        value = self._by_name.get(name.casefold())
        if value is None:
            return default
        try:
            return int(str(value))
        except ValueError as error:
            raise UnreadableAnswer(f"{name} is no whole number") from error

    def is_true(self, name: str) -> bool:
        """True only for true (in either spelling)."""
        return str(self._by_name.get(name.casefold())).casefold() == "true"

    def moment(self, name: str) -> datetime | None:
        """A moment in UTC, None when missing. Without a zone it is UTC: all of Microsoft's dates are."""
        text = self.text(name).replace(" ", "")
        if not text:
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            raise UnreadableAnswer(f"{name} is no moment") from error
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)

    def record(self, name: str) -> Record:
        """A part, empty when missing or null."""
        value = self._by_name.get(name.casefold())
        if value is None:
            return Record({})
        if not isinstance(value, dict):
            raise UnreadableAnswer(f"{name} is no object")
        return Record(value)

    def records(self, name: str) -> tuple[Record, ...]:
        """A list of parts, empty when missing or null."""
        value = self._by_name.get(name.casefold())
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(part, dict) for part in value):
            raise UnreadableAnswer(f"{name} is no list of objects")
        return tuple(Record(part) for part in value)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts, empty when missing or null."""
        value = self._by_name.get(name.casefold())
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
            raise UnreadableAnswer(f"{name} is no list of texts")
        return tuple(value)

    def must_have(self, *names: str) -> None:
        """:raises UnreadableAnswer: one of them is missing or null, and nothing may be made up for it."""
        for name in names:
            if not self.has(name):
                raise UnreadableAnswer(f"{name} is missing")

    def has(self, name: str) -> bool:
        """Whether there is a value that is not null."""
        return self._by_name.get(name.casefold()) is not None

    def with_changes(self, **changes: object) -> dict[str, object]:
        """The whole object with some values replaced, each under the spelling that it came with.

        None for what is not there is nothing to send: Microsoft's own examples leave it out.
        """
        spelled = {name.casefold(): name for name in self.raw}
        return self.raw | {
            spelled.get(name.casefold(), name): value
            for name, value in changes.items()
            if value is not None or name.casefold() in spelled
        }
