"""Every example has its row, every exception its reason, and the page says what the table says."""

from __future__ import annotations

from collections import Counter

import pytest
from tests.integrations.contract.page import PAGE, write_page
from tests.integrations.contract.rows import Row, load_rows

ROWS = [pytest.param(row, id=row.name) for row in load_rows()]


def test_every_example_of_the_documentation_has_one_row() -> None:
    documented = [row for row in load_rows() if not row.is_composed]

    assert Counter(row.of for row in documented) == {"partner_center": 105, "graph": 54}
    assert len({row.name for row in load_rows()}) == len(load_rows())


@pytest.mark.parametrize("row", ROWS)
def test_an_example_is_used_or_says_why_not(row: Row) -> None:
    assert row.is_used != (len(row.client.get("not_used", "")) > 15)
    assert row.is_simulated != (len(row.simulator.get("not_simulated", "")) > 15)


@pytest.mark.parametrize("row", ROWS)
def test_what_differs_from_an_example_has_a_reason(row: Row) -> None:
    assert ("sends" in row.client) == ("why" in row.client)
    if {"leaves_out", "nullable", "spelling"} & set(row.simulator):
        assert len(row.simulator["why"]) > 15


def test_the_page_is_written_from_the_table() -> None:
    assert PAGE.read_text("utf-8") == write_page(load_rows()), "python -m tests.integrations.contract.page"
