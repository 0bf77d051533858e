"""Figures that other billing engines print and prove: where their convention is ours, we come to the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.domain.known_cases import CHECKS, by_case

PAGE = Path(__file__).parents[2] / "docs" / "rules" / "other-engines.md"


@pytest.mark.parametrize("case", by_case())
def test_we_come_to_the_figure_that_the_other_engine_proves(case: str) -> None:
    for row in by_case()[case]:
        assert CHECKS[row["check"]](row) == row["expected"], row


def test_no_case_was_lost_between_the_table_and_the_page() -> None:
    restated, listed = by_case(), re.findall(r"^\| `([\w-]+)` \|", PAGE.read_text(), re.MULTILINE)

    assert len(restated) == 173
    assert len(listed) == len(set(listed)) == 22
    assert not set(restated) & set(listed)
