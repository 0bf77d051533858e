"""Exports of the ledger for accountants: CSV, and text for Beancount, which checks that all of it adds up."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from django.db.models import QuerySet, Sum

from perseat.capabilities.ledger.models import Account, LedgerEntry, LedgerLine
from perseat.capabilities.ledger.statement import Statement
from perseat.domain.money import from_minor, get_currency

COLUMNS = (
    "entry", "date", "account", "customer", "amount", "currency", "description", "reference", "reason", "recorded_by",
    "recorded_at", "key",
)  # fmt: skip
STATEMENT_COLUMNS = ("date", "what", "reference", "amount", "owed_after", "currency")
# What spreadsheets take for a formula, wide signs and what stands behind blanks included; our own figures are none.
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠−]|[\t\r\n]")  # noqa: RUF001 - these very signs
_FIGURE = re.compile(r"-?[0-9]+(\.[0-9]+)?")
BEANCOUNT_ACCOUNTS: Mapping[str, str] = {
    Account.RECEIVABLE: "Assets:Receivable:{customer}",
    Account.BALANCE: "Liabilities:CustomerBalance:{customer}",
    Account.REVENUE: "Income:Revenue",
    Account.TAX: "Liabilities:Tax",
    Account.BANK: "Assets:Bank",
    Account.GATEWAY: "Assets:Gateway",
    Account.RETURNING: "Liabilities:Returning",
}
_CHUNK = 2000


def export_csv(*, starts_on: date, ends_on: date) -> Iterator[str]:
    """One row for each side of each entry from `starts_on` to `ends_on`, both included; debit positive."""
    yield _row(COLUMNS)
    for line in _lines(starts_on, ends_on).iterator(_CHUNK):
        entry = line.entry
        yield _row(
            (
                entry.pk, entry.occurred_on, line.account, line.customer_number,
                _amount(line.amount_minor, line.currency), line.currency, entry.description, entry.reference,
                entry.reason, entry.recorded_by, entry.recorded_at.isoformat(), entry.idempotency_key,
            )
        )  # fmt: skip


def export_statement(statement: Statement) -> Iterator[str]:
    """A statement of account as CSV: brought forward, each movement with what is owed after it, owed at the end."""
    currency = statement.currency
    yield _row(STATEMENT_COLUMNS)
    opening = _amount(statement.opening_minor, currency)
    yield _row((statement.starts_on, "Brought forward", "", "", opening, currency))
    for row in statement.rows:
        amounts = (_amount(row.amount_minor, currency), _amount(row.owed_minor, currency))
        yield _row((row.day, row.description, row.reference, *amounts, currency))
    closing = _amount(statement.closing_minor, currency)
    yield _row((statement.ends_on, "Owed at the end", "", "", closing, currency))


def export_beancount(*, starts_on: date, ends_on: date) -> Iterator[str]:
    """The same as a Beancount ledger: accounts, what they stood at before, entries, and what they must come to.

    The closing balances are computed by the database, so that `bean-check` compares them with the entries.
    """
    yield "; Perseat ledger export. Debit positive, credit negative.\n"
    yield from _accounts_and_openings(starts_on, ends_on)
    current: LedgerEntry | None = None
    for line in _lines(starts_on, ends_on).iterator(_CHUNK):
        if current is None or current.pk != line.entry_id:
            current = line.entry
            yield f'\n{current.occurred_on} * "{_text(current.description)}"\n'
            yield f'  key: "{_text(current.idempotency_key)}"\n'
        account, amount = _account(line.account, line.customer_number), _amount(line.amount_minor, line.currency)
        yield f"  {account}  {amount} {line.currency}\n"
    yield "\n"
    for (account, currency), total in sorted(_sums(ends_on + timedelta(days=1)).items()):
        yield f"{ends_on + timedelta(days=1)} balance {account}  {_amount(total, currency)} {currency}\n"


def _lines(starts_on: date, ends_on: date) -> QuerySet[LedgerLine]:
    return (
        LedgerLine.objects.filter(entry__occurred_on__range=(starts_on, ends_on))
        .select_related("entry")
        .order_by("entry__occurred_on", "entry_id", "pk")
    )


def _accounts_and_openings(starts_on: date, ends_on: date) -> Iterator[str]:
    before = starts_on - timedelta(days=1)
    names = {account for account, _currency in _sums(ends_on + timedelta(days=1))}
    for account in (*sorted(names), "Equity:Opening"):
        yield f"{before} open {account}\n"
    openings = {key: total for key, total in _sums(starts_on).items() if total}
    if openings:
        yield f'\n{before} * "Opening balances"\n'
        for (account, currency), total in sorted(openings.items()):
            yield f"  {account}  {_amount(total, currency)} {currency}\n"


def _sums(before: date) -> dict[tuple[str, str], int]:
    """What each account stood at when `before` began, by (account, currency)."""
    rows = (
        LedgerLine.objects.filter(entry__occurred_on__lt=before)
        .values_list("account", "customer_number", "currency")
        .annotate(total=Sum("amount_minor"))
    )
    found: dict[tuple[str, str], int] = {}
    for account, customer, currency, total in rows:
        key = (_account(account, customer), currency)
        found[key] = found.get(key, 0) + int(total)
    return found


def _account(account: str, customer_number: str) -> str:
    return BEANCOUNT_ACCOUNTS[account].format(customer=customer_number)


def _amount(amount_minor: int, currency: str) -> str:
    known = get_currency(currency)
    return f"{from_minor(amount_minor, known):.{known.digits}f}"


def _text(words: str) -> str:
    return words.replace("\\", "/").replace('"', "'").replace("\n", " ")


def _row(cells: tuple[object, ...]) -> str:
    """A row of CSV; what a spreadsheet would take for a formula begins with an apostrophe."""
    out = io.StringIO()
    csv.writer(out).writerow([_harmless(cell) for cell in cells])
    return out.getvalue()


def _harmless(cell: object) -> object:
    is_formula = isinstance(cell, str) and _FORMULA.match(cell) and not _FIGURE.fullmatch(cell)
    return f"'{cell}" if is_formula else cell
