"""What goes through the program: requests, answers, JSON and moments as text."""

from __future__ import annotations

import dataclasses
import datetime
import json
from typing import Any

# A JSON object as it arrives or leaves; its values are checked where they are used.
JsonObject = dict[str, Any]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Request:
    """One HTTP request. The path is decoded, header names are lower case, `query` keeps the last value of a name."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    base_url: str

    def json(self) -> Any:
        """The parsed body; nothing for an empty one.

        :raises ValueError: when it is no JSON.
        """
        return json.loads(self.body.decode("utf-8-sig")) if self.body.strip() else None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Answer:
    """One HTTP answer; a body of None is no body at all. `is_repeated`: given before, nothing was done again."""

    status: int
    body: Any = None
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    is_repeated: bool = False

    def content(self) -> bytes:
        """The body as bytes: a file as it is, everything else as JSON."""
        if isinstance(self.body, bytes):
            return self.body
        return b"" if self.body is None else json.dumps(self.body, ensure_ascii=False).encode()

    def with_headers(self, headers: dict[str, str]) -> Answer:
        """The same answer with more headers; those it already has win."""
        return dataclasses.replace(self, headers={**headers, **self.headers})


def instant(moment: datetime.datetime) -> str:
    """A moment as Microsoft writes it: UTC, to the second when it has no fraction, with a Z."""
    return moment.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")


def parse_instant(text: str) -> datetime.datetime:
    """The moment of an ISO text; one without a zone counts as UTC.

    :raises ValueError: when it is no moment.
    """
    moment = datetime.datetime.fromisoformat(text)
    return moment.replace(tzinfo=datetime.UTC) if moment.tzinfo is None else moment.astimezone(datetime.UTC)
