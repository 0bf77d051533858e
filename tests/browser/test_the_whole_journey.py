"""The whole journey, walked in a browser on the running product: from logging in to a colleague with a license."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from playwright.sync_api import expect
from tests.browser.books import BookReader
from tests.browser.visitor import EDITIONS, Visitor
from tests.demo import Demo

pytestmark = [pytest.mark.browser, pytest.mark.embedded, pytest.mark.xdist_group("browser")]

BASIC, STANDARD, PREMIUM = EDITIONS
OWNER = "owner@acme.example"


@pytest.fixture
def books(product: Demo) -> BookReader:
    return BookReader(product, legal_name="Acme Pty Ltd")


def change_seats(visitor: Visitor, books: BookReader, totals: Mapping[str, int]) -> None:
    """Order new totals, pay, wait until they are there; on the way every figure is compared with the documents."""
    visitor.want(totals)
    due_today, to_pay, recurring = (visitor.figure(label) for label in ("Due today", "To pay", "New recurring total"))
    lines = visitor.line_amounts()
    visitor.pay()
    visitor.await_state("Ready to assign")

    number, total = books.last_document()
    assert total == due_today
    assert books.line_amounts(number) == lines
    licenses = visitor.read_licenses()
    assert {edition: licenses[edition].purchased for edition in totals} == dict(totals)
    assert visitor.figure("Next charge") == recurring
    assert_summary_equals_books(visitor, books)
    assert to_pay <= max(due_today, 0)


def assert_summary_equals_books(visitor: Visitor, books: BookReader) -> None:
    found = books.read()
    assert visitor.figure("Owed") == found.owed == found.ledger_receivable
    assert visitor.figure("Your credit with us") == found.balance == found.ledger_balance
    assert found.unbalanced_entries == 0


def test_an_owner_buys_seats_and_a_colleague_holds_the_license(visitor: Visitor, books: BookReader) -> None:
    visitor.log_in(OWNER)
    visitor.open_service()
    assert_summary_equals_books(visitor, books)

    # One Basic seat becomes four.
    change_seats(visitor, books, {BASIC: 4})

    # A colleague is given one of them.
    visitor.give_license("Liam Carter", edition=BASIC)
    assert visitor.read_licenses()[BASIC].available == 3

    # Back to one; then that one, with the person who holds it, becomes Premium.
    change_seats(visitor, books, {BASIC: 1})
    change_seats(visitor, books, {BASIC: 0, PREMIUM: 1})
    visitor.open_people()
    expect(visitor.row_of("Liam Carter")).to_contain_text("Business Premium")
    expect(visitor.row_of("Liam Carter")).not_to_contain_text("Business Basic")

    # A mix of all three, and down again.
    change_seats(visitor, books, {BASIC: 2, STANDARD: 3, PREMIUM: 2})
    change_seats(visitor, books, {BASIC: 1, STANDARD: 0, PREMIUM: 1})
