"""Audit of accounts: each fact has its ledger entry, each entry its fact, and the accounts say what the facts say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from perseat.domain.audit_facts import AuditedDocument, CustomerBooks, Difference, show_amount

_Amounts = Mapping[tuple[str, str], int]


def compare_accounts(books: CustomerBooks) -> Iterator[Difference]:
    """Every difference between documents, payments and allocations and the ledger."""
    expected = dict(_expected_entries(books))
    found = {entry.key: entry.amounts for entry in books.entries}
    for key in sorted({*expected, *found}):
        yield from _compare_entry(key, expected.get(key, {}), found.get(key, {}))
    yield from _compare_settled(books)
    yield from _compare_balances(books)


def _expected_entries(books: CustomerBooks) -> Iterator[tuple[str, _Amounts]]:
    for document in books.documents:
        gets = "receivable" if document.total_minor >= 0 else "balance"
        sides = {gets: document.total_minor, "revenue": -document.net_minor, "tax": -document.tax_minor}
        yield f"document:{document.number}", _sides(sides, document.currency)
    for payment in books.payments:
        sides = {payment.account: payment.amount_minor, "balance": -payment.amount_minor}
        if payment.is_received:
            yield f"payment:{payment.payment_id}:received", _sides(sides, payment.currency)
        if payment.is_reversed:
            back = {account: -amount for account, amount in sides.items()}
            yield f"payment:{payment.payment_id}:reversed", _sides(back, payment.currency)
    yield from _expected_of_repayments(books)
    for each in books.allocations:
        sides = {"balance": each.amount_minor, "receivable": -each.amount_minor}
        yield f"allocation:{each.allocation_id}", _sides(sides, each.currency)


def _expected_of_repayments(books: CustomerBooks) -> Iterator[tuple[str, _Amounts]]:
    for each in books.repayments:
        name, amount = f"repayment:{each.repayment_id}", each.amount_minor
        held = "returning" if each.is_by_gateway else "balance"
        if each.is_by_gateway:
            yield f"{name}:started", _sides({"balance": amount, "returning": -amount}, each.currency)
        if each.is_sent:
            yield f"{name}:sent", _sides({held: amount, each.account: -amount}, each.currency)
        if each.is_refused:
            yield f"{name}:refused", _sides({"returning": amount, "balance": -amount}, each.currency)


def _sides(amounts: Mapping[str, int], currency: str) -> _Amounts:
    return {(account, currency): amount for account, amount in amounts.items() if amount}


def _compare_entry(key: str, expected: _Amounts, found: _Amounts) -> Iterator[Difference]:
    for account, currency in sorted({*expected, *found}):
        wanted, is_there = expected.get((account, currency), 0), found.get((account, currency), 0)
        if wanted != is_there:
            yield Difference(
                subject=f"ledger {key}",
                what=f"account {account}",
                expected=show_amount(wanted, currency),
                found=show_amount(is_there, currency),
            )
    sums: dict[str, int] = {}
    for (_account, currency), amount in found.items():
        sums[currency] = sums.get(currency, 0) + amount
    for currency, left in sums.items():
        if left:
            yield Difference(
                subject=f"ledger {key}", what="balances", expected=show_amount(0, currency),
                found=show_amount(left, currency),
            )  # fmt: skip


def _compare_settled(books: CustomerBooks) -> Iterator[Difference]:
    """Paid + credited + open = total, with nothing settled or used beyond it."""
    for document in books.documents:
        for what, amount, most in (
            ("settled", document.settled_minor, max(document.total_minor, 0)),
            ("used for other documents", document.used_minor, max(-document.total_minor, 0)),
        ):
            if not 0 <= amount <= most:
                yield _beyond(document.number, what, most, amount, document.currency)
    for payment in books.payments:
        most = payment.amount_minor if payment.is_received and not payment.is_reversed else 0
        if not 0 <= payment.used_minor <= most:
            yield _beyond(f"payment {payment.name}", "used", most, payment.used_minor, payment.currency)

    for each in books.repayments:
        expected = 0 if each.is_refused else each.amount_minor
        if each.drawn_minor != expected:
            yield Difference(
                subject=f"repayment {each.repayment_id}",
                what="drawn from payments and credit notes",
                expected=show_amount(expected, each.currency),
                found=show_amount(each.drawn_minor, each.currency),
            )


def _compare_balances(books: CustomerBooks) -> Iterator[Difference]:
    accounts: dict[tuple[str, str], int] = {}
    for entry in books.entries:
        for key, amount in entry.amounts.items():
            accounts[key] = accounts.get(key, 0) + amount
    expected = _expected_accounts(books)
    for account, currency in sorted({*expected, *accounts}):
        wanted, is_there = expected.get((account, currency), 0), accounts.get((account, currency), 0)
        if wanted != is_there:
            yield Difference(
                subject=f"account {account}",
                what="balance, by documents and payments",
                expected=show_amount(wanted, currency),
                found=show_amount(is_there, currency),
            )


def _expected_accounts(books: CustomerBooks) -> dict[tuple[str, str], int]:
    expected: dict[tuple[str, str], int] = {}
    for document in books.documents:
        _add(expected, "receivable", document.currency, open_minor(document))
        _add(expected, "balance", document.currency, document.used_minor + min(document.total_minor, 0))
        _add(expected, "revenue", document.currency, -document.net_minor)
        _add(expected, "tax", document.currency, -document.tax_minor)
    for payment in books.payments:
        if payment.is_received and not payment.is_reversed:
            _add(expected, "balance", payment.currency, payment.used_minor - payment.amount_minor)
            _add(expected, payment.account, payment.currency, payment.amount_minor)
    for each in books.repayments:  # the balance is less by what was drawn, which `used_minor` counts
        if not each.is_refused:
            leaves = each.account if each.is_sent else "returning"
            _add(expected, leaves, each.currency, -each.amount_minor)
    return expected


def open_minor(document: AuditedDocument) -> int:
    """What is left to pay of a document, in minor units."""
    return max(document.total_minor, 0) - document.settled_minor


def _add(sums: dict[tuple[str, str], int], account: str, currency: str, amount: int) -> None:
    sums[(account, currency)] = sums.get((account, currency), 0) + amount


def _beyond(subject: str, what: str, most: int, amount: int, currency: str) -> Difference:
    return Difference(
        subject=subject,
        what=what,
        expected=f"from {show_amount(0, currency)} to {show_amount(most, currency)}",
        found=show_amount(amount, currency),
    )
