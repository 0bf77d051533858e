"""`python -m bench`: runs every benchmark (`ONLY=name`: those whose module or row has that name), prints a table and
writes var/bench.json.

A benchmark is a module of this folder with `measure() -> list[Row]`; rows that were not measured this time stay.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from types import ModuleType

import bench
from bench.rows import Row

RESULTS = Path("var") / "bench.json"


def main() -> int:
    """Measure, print, write. 2 when `ONLY` names nothing."""
    only = os.environ.get("ONLY", "")
    rows: list[Row] = []
    for module in _modules():
        names = getattr(module, "NAMES", (module.__name__.removeprefix("bench."),))
        if not only or only in names or module.__name__ == f"bench.{only}":
            rows.extend(module.measure())
    if not rows:
        print(f"There is no benchmark {only!r}.", file=sys.stderr)
        return 2
    _print(rows)
    _write(rows, afresh=not only)
    return 0


def _modules() -> Iterator[ModuleType]:
    for found in sorted(pkgutil.iter_modules(bench.__path__), key=lambda module: module.name):
        if not found.name.startswith("_"):
            module = importlib.import_module(f"bench.{found.name}")
            if hasattr(module, "measure"):
                yield module


def _print(rows: Sequence[Row]) -> None:
    widths = [max(len(row.name) for row in rows), 14, 8, 14, 8]
    for cells in (("name", "value", "unit", "limit", "ratio", "note"), *(_cells(row) for row in rows)):
        print("  ".join([*(cell.ljust(width) for cell, width in zip(cells, widths, strict=False)), cells[-1]]))


def _cells(row: Row) -> tuple[str, ...]:
    limit = "" if row.limit is None else f"{row.limit:g}"
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    return row.name, f"{row.value:,.10g}", row.unit, limit, ratio, row.note


def _write(rows: Sequence[Row], *, afresh: bool) -> None:
    known = [] if afresh or not RESULTS.exists() else json.loads(RESULTS.read_text(encoding="utf-8"))
    measured = {row.name for row in rows}
    kept = [row for row in known if row["name"] not in measured]
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps([*kept, *map(asdict, rows)], indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
