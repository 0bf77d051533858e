"""What was issued or entered stays as it was written, whichever role tries to change it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import DatabaseError, connection, transaction
from tests.journeys.cast import begin

pytestmark = pytest.mark.own_database

TABLES = (
    "document",
    "document_line",
    "document_tax",
    "ledger_entry",
    "ledger_line",
    "allocation",
    "quote",
    "quote_line",
    "seat_movement",
    "sales_order_line",
    "sales_order_event",
)
ROLES = ("perseat_app", "perseat_owner")


@contextmanager
def acting_as(role: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {role}")
        try:
            yield
        finally:
            cursor.execute("SET ROLE perseat_app")


@pytest.fixture
def some_books() -> None:
    story = begin({"basic": 4})
    story.order("2026-11-25", {"basic": 1})
    story.buy("2026-11-26", {"premium": 2})


@pytest.mark.usefixtures("some_books")
def test_no_role_can_change_or_remove_a_row_that_is_written_once() -> None:
    for role in ROLES:
        with acting_as(role):
            for table in TABLES:
                count = _count(table)
                assert count, f"{table} has no row, so that nothing would be tried"
                for statement in (
                    f"UPDATE {table} SET id = id",  # noqa: S608 - names from this file
                    f"DELETE FROM {table}",  # noqa: S608
                    f"TRUNCATE {table} CASCADE",
                ):
                    with pytest.raises(DatabaseError), transaction.atomic():
                        _run(statement)
                assert _count(table) == count


@pytest.mark.usefixtures("some_books")
def test_no_session_can_ask_the_triggers_to_look_away() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE tgname LIKE 'pgtrigger%'")
        names = ",".join(name for (name,) in cursor.fetchall())
        cursor.execute("SELECT set_config('pgtrigger.ignore', %s, false)", ["{" + names + "}"])
        try:
            for table in TABLES:
                for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):  # noqa: S608
                    with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
                        cursor.execute(statement)
        finally:
            cursor.execute("RESET pgtrigger.ignore")


@pytest.mark.usefixtures("some_books")
def test_the_database_refuses_an_entry_that_does_not_balance() -> None:
    with pytest.raises(DatabaseError, match="does not balance"), transaction.atomic():
        _run(
            "INSERT INTO ledger_line (entry_id, account, customer_number, currency, amount_minor)"
            " SELECT min(id), 'bank', 'C-1', 'AUD', 1 FROM ledger_entry"
        )


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 - names from this file
        row = cursor.fetchone()
    return int(row[0])
