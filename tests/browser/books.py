"""The books behind the pages, read from the running product's database: what the pages must agree with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from tests.demo import Demo

from perseat.config.embedded_postgres import EmbeddedPostgres


@dataclass(frozen=True, slots=True)
class Books:
    """Minor units. `owed` and `balance` come from documents and allocations; the ledger's own figures beside them."""

    owed: int
    balance: int
    ledger_receivable: int
    ledger_balance: int
    unbalanced_entries: int


class BookReader:
    """Reads one customer's books."""

    def __init__(self, product: Demo, *, legal_name: str) -> None:
        self._url = EmbeddedPostgres(product.folder / "postgres").url("perseat")
        self._name = legal_name

    def read(self) -> Books:
        """The books now."""
        return Books(
            owed=self._number(
                """SELECT sum(document.total_minor) - coalesce(sum((SELECT sum(amount_minor) FROM allocation
                     WHERE allocation.document_id = document.id)), 0)
                   FROM document JOIN customer ON customer.id = document.customer_id
                   WHERE customer.legal_name = %s AND document.kind = 'invoice'"""
            ),
            balance=self._number(
                """SELECT coalesce((SELECT sum(amount_minor) FROM payment JOIN customer ON customer.id = customer_id
                     WHERE legal_name = %s AND state = 'succeeded'), 0)
                   - coalesce((SELECT sum(total_minor) FROM document JOIN customer ON customer.id = customer_id
                     WHERE legal_name = %s AND kind = 'credit_note'), 0)
                   - coalesce((SELECT sum(amount_minor) FROM allocation JOIN document ON document.id = document_id
                     JOIN customer ON customer.id = customer_id WHERE legal_name = %s), 0)"""
            ),
            ledger_receivable=self._ledger("receivable"),
            ledger_balance=-self._ledger("balance"),
            unbalanced_entries=self._number(
                """SELECT count(*) FROM (SELECT entry_id FROM ledger_line GROUP BY entry_id, currency
                   HAVING sum(amount_minor) <> 0) AS wrong"""
            ),
        )

    def last_document(self) -> tuple[str, int]:
        """Number and total of the newest document."""
        rows = self._rows(
            """SELECT document.number, total_minor FROM document JOIN customer ON customer.id = customer_id
               WHERE legal_name = %s ORDER BY document.id DESC LIMIT 1""",
            [self._name],
        )
        return str(rows[0][0]), int(rows[0][1])

    def line_amounts(self, document_number: str) -> list[int]:
        """The lines of a document, in their order."""
        rows = self._rows(
            """SELECT amount_minor FROM document_line JOIN document ON document.id = document_id
               WHERE document.number = %s ORDER BY document_line.number""",
            [document_number],
        )
        return [int(row[0]) for row in rows]

    def _ledger(self, account: str) -> int:
        return self._number(
            """SELECT coalesce(sum(amount_minor), 0) FROM ledger_line JOIN customer ON customer.number = customer_number
               WHERE account = %s AND legal_name = %s""",
            account,
            self._name,
        )

    def _number(self, query: str, *values: str) -> int:
        """The query's one number; without values, every %s stands for the customer's name."""
        return int(self._rows(query, values or [self._name] * query.count("%s"))[0][0] or 0)

    def _rows(self, query: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        with psycopg.connect(self._url) as connection:
            return connection.execute(query.encode(), values).fetchall()
