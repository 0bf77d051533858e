"""The page of Microsoft's rules names all of them, and only tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
PAGE = CHECKOUT / "docs" / "reference" / "microsoft-rules.md"
ROWS: list[tuple[str, str]] = re.findall(r"^\| (\d+) \| .+ \| (.+) \|$", PAGE.read_text(), re.MULTILINE)


def test_every_fact_has_a_row() -> None:
    assert [int(number) for number, _shown in ROWS] == list(range(1, 55))


@pytest.mark.parametrize(("number", "shown"), ROWS)
def test_a_row_names_a_test_that_exists_or_gives_a_reason(number: str, shown: str) -> None:
    if shown.startswith("no test"):
        assert len(shown) > 40, "the reason is told"
        return
    file, _, name = shown.strip("`").partition("::")
    assert re.search(rf"^ *def {name}\(", (CHECKOUT / file).read_text(), re.MULTILINE), f"fact {number}"
