"""Writes docs/reference/microsoft-contract.md from the table: `python -m tests.integrations.contract.page`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.integrations.contract.rows import Row, load_rows

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "microsoft-contract.md"
_KINDS: tuple[tuple[str, Callable[[Row], bool]], ...] = (
    ("Partner Center and sign-in", lambda row: row.of == "partner_center" and not row.is_composed),
    ("Graph", lambda row: row.of == "graph" and not row.is_composed),
    ("composed", lambda row: row.is_composed),
)
_COUNTS: tuple[tuple[str, Callable[[Row], bool]], ...] = (
    ("examples", lambda _row: True),
    ("sent and read by our clients", lambda row: row.is_used),
    ("answered alike by the simulator", lambda row: row.is_simulated),
    ("both", lambda row: row.is_used and row.is_simulated),
    ("neither", lambda row: not row.is_used and not row.is_simulated),
)
_BEGINNING = """# The contract with Microsoft

One table, `tests/integrations/contract/table/`, holds a row for each of 159 examples of Microsoft's documentation that
concern a partner who sells seats: the request, the answer, which call of ours it stands for, what must be read from it,
and how the simulator is brought to answer the same. Names, types and figures are Microsoft's; people, companies and ids
are ours. A few rows are composed from what the text of a page says without an example: errors inside a successful
answer, lists in pages, the other shape of 429.

- **Clients** (`test_clients.py`): a server on loopback gives the example's answer; the real client makes its call. What
  it sent is compared with the example, by value; what it read with the row. Once more with a byte order mark, with
  names in the other letter case, and with every single part of the answer missing or null.
- **Simulator** (`test_simulator.py`): the same request, in a state named by the row. Status, headers, and the answer's
  names, types and nesting must be the example's. What the simulator leaves out is listed in the row, and a test proves
  that none of it is read. The tests of `test_with_microsoft.py` run twice: as documented, and with lists in pages of
  one, capitals and a byte order mark.
- **Schemas** (`tests/simulator/graph_schema.json`): every answer of the simulated Graph in these tests and in
  `tests/simulator` is held against Graph's own types, restated; a name that Graph does not know is refused.

This page is written from the table by `python -m tests.integrations.contract.page`, and a test compares them.
"""


def write_page(rows: Iterable[Row]) -> str:
    """The page as the table has it."""
    rows = tuple(rows)
    parts = [
        _BEGINNING,
        "## How many\n",
        _table_of_counts(rows),
        "## Where we send something else\n",
        _listed(_sent_otherwise(rows), head="example | why"),
        "## What the simulator leaves out\n",
        _listed(_left_out(rows), head="example | what | why"),
        "## Examples that are restated or composed\n",
        _listed([f"{row.name} | {row.note}" for row in rows if row.note], head="example | what is to be known"),
        "## Examples that our clients have no use for\n",
        _listed(_by_reason(rows, side="client", key="not_used"), head="of | examples | why"),
        "## Examples that the simulator does not answer\n",
        _listed(_by_reason(rows, side="simulator", key="not_simulated"), head="of | examples | why"),
    ]
    return "\n".join(parts)


def _table_of_counts(rows: tuple[Row, ...]) -> str:
    kinds = [(title, [row for row in rows if fits(row)]) for title, fits in _KINDS]
    lines = []
    for title, fits in _COUNTS:
        counts = [sum(fits(row) for row in some) for _kind, some in kinds]
        lines.append(" | ".join([title, *map(str, counts), str(sum(counts))]))
    return _listed(lines, head=" | ".join(["", *(title for title, _some in kinds), "together"]))


def _sent_otherwise(rows: tuple[Row, ...]) -> list[str]:
    return [f"{row.name} | {row.client['why']}" for row in rows if "sends" in row.client]


def _left_out(rows: tuple[Row, ...]) -> list[str]:
    lines = []
    for row in rows:
        left = [_in_words(path) for path in row.leaves_out]
        left += [f"`{path}` is null" for path in row.is_null]
        left += ["other letter case"] if "spelling" in row.simulator else []
        if left:
            lines.append(f"{row.name} | {', '.join(left)} | {row.simulator.get('why', '')}")
    return lines


def _in_words(path: str) -> str:
    if path == "$":
        return "the whole body"
    return f"`{path.removesuffix('[]')}` is empty" if path.endswith("[]") else f"`{path}`"


def _by_reason(rows: tuple[Row, ...], *, side: str, key: str) -> list[str]:
    named: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in rows:
        reason = getattr(row, side).get(key)
        if reason:
            named[row.of, reason].append(row.example)
    return [f"{of} | {', '.join(names)} | {reason}" for (of, reason), names in sorted(named.items())]


def _listed(lines: list[str], *, head: str) -> str:
    rule = " | ".join("---" for _column in head.split(" | "))
    return "\n".join(f"| {line} |".replace("|  |", "| |") for line in [head, rule, *lines]) + "\n"


if __name__ == "__main__":
    PAGE.write_text(write_page(load_rows()), encoding="utf-8")
