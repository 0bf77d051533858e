"""Orders accepted in a second, beside writing the very same rows by hand: what checking and deciding cost.

Both sides start from copies of one database: first the journey accepts quotes, then all rows that it wrote are read
and inserted into another copy, each order's in one transaction. In the end both copies hold as many rows.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from psycopg import sql

from bench import databases
from bench.clients import CLIENTS, per_second
from bench.rows import Row

ORDERS = 30 * CLIENTS
ROUNDS = 3
_PREPARED, _ACCEPTED, _BY_HAND = "bench_prepared", "bench_accepted", "bench_by_hand"
_DAY = "2026-11-22"
# The database writes these itself when a job is inserted.
_WRITTEN_BY_TRIGGERS = frozenset({"procrastinate_events"})
# The database wants the lines of a ledger entry in one INSERT, because they must sum to zero.
_WRITTEN_TOGETHER = frozenset({"ledger_line"})

Statement = tuple[sql.Composed, list[Any]]


class _Waiting(NamedTuple):
    """A quote that its customer is about to accept."""

    customer_id: int
    user_id: int
    quote_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class _Round:
    accepted: float
    by_hand: float
    rows: int


def measure() -> list[Row]:
    """The median of a few rounds, by the ratio."""
    with databases.migrated_database(_PREPARED):
        waiting = _prepare()
        rounds = sorted((_measure_round(waiting) for _ in range(ROUNDS)), key=lambda each: each.accepted / each.by_hand)
        for name in (_ACCEPTED, _BY_HAND):
            databases.drop(name)
    middle = rounds[len(rounds) // 2]
    ratio = middle.accepted / middle.by_hand
    note = (
        f"accept_quote (the quote is made before) {middle.accepted:,.0f}/s; its {middle.rows} inserted rows"
        f" by hand {middle.by_hand:,.0f}/s; {CLIENTS} processes, {ORDERS} customers, median of {ROUNDS} rounds"
    )
    return [Row(name="orders_ratio", value=round(ratio, 4), unit="1", ratio=round(ratio, 4), note=note)]


def _prepare() -> list[_Waiting]:
    """Customers that hold seats of two editions, bought and paid, each with a quote that moves one and adds some."""
    from tests import makers  # noqa: PLC0415 - Django is set up only now

    now = makers.moment(_DAY)
    waiting = []
    for _ in range(ORDERS):
        customer = makers.make_customer()
        service = makers.make_service(customer, seats={"basic": 5, "standard": 2})
        owner = makers.make_member(customer)
        wanted = {"basic": 4, "standard": 4, "premium": 1}
        quote_id = makers.quote(customer, service_id=service.pk, wanted=wanted, user_id=owner.pk, now=now)
        waiting.append(_Waiting(customer.pk, owner.pk, quote_id))
    return waiting


def _measure_round(waiting: Sequence[_Waiting]) -> _Round:
    for name in (_ACCEPTED, _BY_HAND):
        databases.copy(_PREPARED, to=name)
    databases.use(_ACCEPTED)
    accepted = per_second(waiting, client=_accepting_client)
    orders = _rows_written(_ACCEPTED)
    if len(orders) != len(waiting):
        raise RuntimeError(f"{len(waiting)} orders were accepted, but rows were written by {len(orders)} transactions.")
    by_hand = per_second(orders, client=_writing_client)
    _check_same_counts()
    return _Round(accepted=accepted, by_hand=by_hand, rows=round(statistics.median(map(_count_rows, orders))))


def _accepting_client() -> Callable[[_Waiting], object]:
    from django.db import connection  # noqa: PLC0415
    from tests.makers import moment  # noqa: PLC0415

    from perseat.journeys.checkout import accept_quote  # noqa: PLC0415

    connection.ensure_connection()
    now = moment(_DAY) + timedelta(minutes=1)

    def accept(quote: _Waiting) -> object:
        return accept_quote(
            customer_id=quote.customer_id,
            user_id=quote.user_id,
            quote_id=quote.quote_id,
            payment_method="bank_transfer",
            now=now,
        )

    return accept


def _writing_client() -> Callable[[Sequence[Statement]], object]:
    return partial(_write, _connect(_BY_HAND))


def _write(connection: psycopg.Connection[Any], statements: Sequence[Statement]) -> None:
    with connection.transaction():
        for statement, values in statements:
            connection.execute(statement, values)


def _rows_written(name: str) -> list[list[Statement]]:
    """For each transaction since the copy, an INSERT for each of its rows; rows that were only changed are left out."""
    transactions: dict[str, list[Statement]] = {}
    with _connect(name) as after, _connect(_PREPARED) as before:
        for table in _tables(after):
            for transaction, rows in _new_rows(before, after, table=table).items():
                transactions.setdefault(transaction, []).extend(_inserts(table, rows))
    return list(transactions.values())


def _new_rows(
    before: psycopg.Connection[Any], after: psycopg.Connection[Any], *, table: str
) -> Mapping[str, list[dict[str, Any]]]:
    """New rows by the transaction that wrote them (xmin), every value as text."""
    if table in _WRITTEN_BY_TRIGGERS:
        return {}
    columns = [name for (name,) in after.execute(_COLUMNS, [table])]
    key = columns[0]
    last = before.execute(sql.SQL("SELECT max({})::text FROM {}").format(*map(sql.Identifier, (key, table)))).fetchone()
    texts = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(name)) for name in columns)
    newer = sql.SQL("SELECT xmin::text, {} FROM {}").format(texts, sql.Identifier(table))
    values: list[Any] = []
    if last and last[0] is not None:
        newer += sql.SQL(" WHERE {} > %s").format(sql.Identifier(key))
        values = [last[0]]
    found: dict[str, list[dict[str, Any]]] = {}
    for transaction, *row in after.execute(newer, values):
        found.setdefault(transaction, []).append(dict(zip(columns, row, strict=True)))
    return found


def _inserts(table: str, rows: Sequence[Mapping[str, Any]]) -> list[Statement]:
    """One INSERT a row, but for the tables whose rows must come together."""
    together = [rows] if table in _WRITTEN_TOGETHER else [[row] for row in rows]
    return [(_insert(table, group), [value for row in group for value in row.values()]) for group in together]


def _insert(table: str, rows: Sequence[Mapping[str, Any]]) -> sql.Composed:
    names = sql.SQL(", ").join(map(sql.Identifier, rows[0]))
    places = sql.SQL("({})").format(sql.SQL(", ").join([sql.Placeholder()] * len(rows[0])))
    everything = sql.SQL(", ").join([places] * len(rows))
    return sql.SQL("INSERT INTO {} ({}) VALUES {}").format(sql.Identifier(table), names, everything)


def _count_rows(statements: Sequence[Statement]) -> int:
    return sum(str(statement.as_string()).count("(%s") for statement, _ in statements)


def _check_same_counts() -> None:
    """:raises RuntimeError: when not all rows were written by hand."""
    with _connect(_ACCEPTED) as accepted, _connect(_BY_HAND) as by_hand:
        for table in _tables(accepted):
            counted = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
            counts = [connection.execute(counted).fetchone() for connection in (accepted, by_hand)]
            if counts[0] != counts[1]:
                raise RuntimeError(f"{table}: {counts[0]} rows by the journey, {counts[1]} by hand.")


def _tables(connection: psycopg.Connection[Any]) -> list[str]:
    return [name for (name,) in connection.execute(_TABLES)]


def _connect(name: str) -> psycopg.Connection[Any]:
    """As the role of the web server."""
    return psycopg.connect(databases.url(name), options="-c role=perseat_app", autocommit=True)


_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
_COLUMNS = """SELECT column_name FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name = %s ORDER BY ordinal_position"""
