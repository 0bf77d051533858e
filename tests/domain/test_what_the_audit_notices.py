"""Whatever single value changes in a customer's books, the audit notices: each is changed in turn, in six lives."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from textwrap import shorten

import pytest
from tests.domain import kept_books
from tests.domain.changing import changes
from tests.domain.kept_books import Kept

from perseat.domain.audit_accounts import compare_accounts
from perseat.domain.audit_documents import compare_documents
from perseat.domain.audit_entries import compare_entries, compare_from_balance
from perseat.domain.audit_facts import Difference
from perseat.domain.audit_orders import compare_orders
from perseat.domain.audit_quotes import compare_quotes
from perseat.domain.audit_seats import compare_seats
from perseat.domain.audit_summaries import compare_summaries

TABLE = Path(__file__).parent / "what_the_audit_notices.csv"
LONGEST = 120
# The quote stands with the order and with its document: it is one thing, and changes with the order here.
# In another currency nothing is comparable: the tables hold one for a customer.
SAME = {"books.documents.quote", "books.currency", "books.orders.quote.state.currency"}


def differences(kept: Kept) -> list[list[Difference]]:
    """What each comparison finds."""
    books = kept.books
    return [
        list(found)
        for found in (
            compare_documents(books.documents),
            compare_accounts(books),
            compare_entries(books),
            compare_from_balance(books),
            compare_orders(books),
            compare_quotes(books),
            compare_seats(books),
            compare_summaries(books, kept.summaries),
        )
    ]


def rows(life: str) -> Iterator[dict[str, str]]:
    """For each place how many of its changes are noticed, and what each comparison says first of the first one."""
    found: dict[str, list[list[str]]] = {}
    for change in changes(kept_books.read(life), but=SAME):
        said = [shorten(str(each[0]), LONGEST, placeholder=" …") for each in differences(change.whole) if each]
        found.setdefault(change.place, []).append(said)
    for place, tried in found.items():
        noticed = [" | ".join(said) for said in tried if said]
        yield {
            "life": life,
            "place": place,
            "changes": str(len(tried)),
            "noticed": str(len(noticed)),
            "of the first it says": noticed[0] if noticed else "",
        }


@pytest.mark.parametrize("life", kept_books.names())
def test_books_that_were_not_touched_hold(life: str) -> None:
    assert [each for found in differences(kept_books.read(life)) for each in found] == []


@pytest.mark.parametrize("life", kept_books.names())
def test_what_changes_in_the_books_is_noticed_as_the_table_says(life: str) -> None:
    with TABLE.open(encoding="utf-8", newline="") as file:
        expected = [row for row in csv.DictReader(file) if row["life"] == life]

    for row, told in zip(rows(life), expected, strict=True):
        assert row == told


def write_table() -> None:
    """Make the table anew, to be read before it is committed: `python -m tests.domain.test_what_the_audit_notices`."""
    told = [row for life in kept_books.names() for row in rows(life)]
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(told[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(told)


if __name__ == "__main__":
    write_table()
