"""Tampering: what somebody with the owner's rights could do to the tables, for the stories in which it is found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def as_owner() -> Iterator[None]:
    """The role that owns the tables; whatever happens, the application's role comes back."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # no table can be altered while checks wait for the commit
        cursor.execute("SET ROLE perseat_owner")
        yield
        cursor.execute("SET ROLE perseat_app")


def tamper(table: str, statement: str, *parameters: object) -> None:
    """Switch the table's triggers off, run the statement, and switch them on again."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(statement, parameters)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
