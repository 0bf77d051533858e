"""The contract with Microsoft as a table: one row an example, and what our clients and the simulator make of it.

`client` says which call of ours the example stands for (`call`, `with`), what else Microsoft is asked by it (`held`:
what differs in the subscription that was there before; `later`: what is there afterwards; `before`: other answers;
`pages`: how a list goes on), where we send something else than the example (`sends`, with `why`), and what has to be
read from the answer (`reads`).
`simulator` says by which state of it (states.py) the same request gets the same kind of answer, and what the answer
leaves out. Where there is none of one or the other, the reason stands instead.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

TABLE = Path(__file__).parent / "table"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One example: a request, its answer, and what both sides make of it."""

    example: str
    of: str
    method: str
    path: str
    status: int | None
    client: dict[str, Any]
    simulator: dict[str, Any]
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    answer_headers: dict[str, str] = field(default_factory=dict)
    answer: Any = None
    note: str = ""
    is_composed: bool = False

    @property
    def name(self) -> str:
        return f"{self.of}/{self.example}"

    @property
    def is_used(self) -> bool:
        return "call" in self.client

    @property
    def is_notice(self) -> bool:
        """Whether it is Microsoft that asks: something changed, and we are told."""
        return self.path == "/webhooks/callback"

    @property
    def is_simulated(self) -> bool:
        return "state" in self.simulator

    @property
    def sent_path(self) -> str:
        """Where our client sends the request."""
        return str(self.client.get("sends", {}).get("path", self.path))

    @property
    def sent_query(self) -> dict[str, str]:
        return dict(self.client.get("sends", {}).get("query", self.query))

    @property
    def sent_body(self) -> Any:
        return self.client.get("sends", {}).get("body", self.body)

    @property
    def leaves_out(self) -> tuple[str, ...]:
        """What the simulator's answer does not have, as paths such as items[].links.offer; $ is the whole body."""
        return tuple(self.simulator.get("leaves_out", ()))

    @property
    def is_null(self) -> tuple[str, ...]:
        """What is null in the simulator's answer where the example has a value."""
        return tuple(self.simulator.get("nullable", ()))


@cache
def load_rows() -> tuple[Row, ...]:
    """All rows, file by file."""
    return tuple(Row(**entry) for path in sorted(TABLE.glob("*.json")) for entry in json.loads(path.read_text("utf-8")))


def find_row(name: str) -> Row:
    """The row of that name, as `graph/user_get`."""
    return next(row for row in load_rows() if row.name == name)
