"""The audit of accounts: facts and ledger say the same, entry by entry and account by account."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from tests.domain.audited import fact

from perseat.domain.audit_accounts import compare_accounts, open_minor
from perseat.domain.audit_facts import (
    AuditedAllocation,
    AuditedDocument,
    AuditedEntry,
    AuditedPayment,
    AuditedRepayment,
    CustomerBooks,
    Difference,
    show_amount,
)


def document(number: str, net: int, tax: int, *, settled: int = 0, used: int = 0) -> AuditedDocument:
    return fact(
        AuditedDocument, number=number, currency="AUD", net_minor=net, tax_minor=tax, total_minor=net + tax,
        settled_minor=settled, used_minor=used,
    )  # fmt: skip


def payment(
    payment_id: int, amount: int, *, used: int = 0, received: bool = True, back: bool = False
) -> AuditedPayment:
    return fact(
        AuditedPayment, payment_id=payment_id, name=f"P-{payment_id}", account="bank", currency="AUD",
        amount_minor=amount, is_received=received, is_reversed=back, used_minor=used,
    )  # fmt: skip


def allocation(allocation_id: int, amount: int) -> AuditedAllocation:
    return fact(AuditedAllocation, allocation_id=allocation_id, currency="AUD", amount_minor=amount)


def entry(key: str, **amounts: int) -> AuditedEntry:
    return fact(AuditedEntry, key=key, amounts={(account, "AUD"): amount for account, amount in amounts.items()})


def books() -> CustomerBooks:
    """An invoice of 11.00 paid by bank, a credit note of 1.10 of which 0.40 pays half a later invoice of 0.88.

    Of two more payments, one was taken back by the bank and one never came.
    """
    return fact(
        CustomerBooks,
        documents=(
            document("INV-1", 1000, 100, settled=1100),
            document("CN-1", -100, -10, used=40),
            document("INV-2", 80, 8, settled=40),
            document("INV-3", 50, 0),
        ),
        payments=(
            payment(1, 1200, used=1100),
            payment(2, 500, back=True),
            payment(3, 700, received=False),
        ),
        allocations=(allocation(1, 1100), allocation(2, 40)),
        entries=(
            entry("document:INV-1", receivable=1100, revenue=-1000, tax=-100),
            entry("document:CN-1", balance=-110, revenue=100, tax=10),
            entry("document:INV-2", receivable=88, revenue=-80, tax=-8),
            entry("document:INV-3", receivable=50, revenue=-50),
            entry("payment:1:received", bank=1200, balance=-1200),
            entry("payment:2:received", bank=500, balance=-500),
            entry("payment:2:reversed", bank=-500, balance=500),
            entry("allocation:1", balance=1100, receivable=-1100),
            entry("allocation:2", balance=40, receivable=-40),
        ),
    )


def changed(kind: str, at: int, **fields: Any) -> Callable[[], CustomerBooks]:
    def change() -> CustomerBooks:
        given = books()
        facts = list(getattr(given, kind))
        facts[at] = replace(facts[at], **fields)
        return replace(given, **{kind: tuple(facts)})

    return change


def without(kind: str, at: int) -> Callable[[], CustomerBooks]:
    def remove() -> CustomerBooks:
        facts = getattr(books(), kind)
        return replace(books(), **{kind: facts[:at] + facts[at + 1 :]})

    return remove


def with_entry(key: str, amounts: dict[tuple[str, str], int]) -> Callable[[], CustomerBooks]:
    return lambda: replace(books(), entries=(*books().entries, fact(AuditedEntry, key=key, amounts=amounts)))


def test_books_that_hold_have_no_difference() -> None:
    assert list(compare_accounts(books())) == []


BY = "balance, by documents and payments: expected"
FOUND: dict[str, tuple[Callable[[], CustomerBooks], list[str]]] = {
    "an entry that is missing": (without("entries", 1), [
        "ledger document:CN-1: account balance: expected -1.10 AUD, found 0.00 AUD",
        "ledger document:CN-1: account revenue: expected 1.00 AUD, found 0.00 AUD",
        "ledger document:CN-1: account tax: expected 0.10 AUD, found 0.00 AUD",
        f"account balance: {BY} -1.70 AUD, found -0.60 AUD",
        f"account revenue: {BY} -10.30 AUD, found -11.30 AUD",
        f"account tax: {BY} -0.98 AUD, found -1.08 AUD",
    ]),
    "an entry that nothing explains": (with_entry("document:INV-9", {("bank", "AUD"): 5, ("balance", "AUD"): -5}), [
        "ledger document:INV-9: account balance: expected 0.00 AUD, found -0.05 AUD",
        "ledger document:INV-9: account bank: expected 0.00 AUD, found 0.05 AUD",
        f"account balance: {BY} -1.70 AUD, found -1.75 AUD",
        f"account bank: {BY} 12.00 AUD, found 12.05 AUD",
    ]),
    "an entry that does not balance": (changed("entries", 3, amounts={("receivable", "AUD"): 50}), [
        "ledger document:INV-3: account revenue: expected -0.50 AUD, found 0.00 AUD",
        "ledger document:INV-3: balances: expected 0.00 AUD, found 0.50 AUD",
        f"account revenue: {BY} -10.30 AUD, found -9.80 AUD",
    ]),
    "currencies that balance only together": (with_entry("odd", {("bank", "AUD"): 5, ("bank", "JPY"): -5}), [
        "ledger odd: account bank: expected 0.00 AUD, found 0.05 AUD",
        "ledger odd: account bank: expected 0 JPY, found -5 JPY",
        "ledger odd: balances: expected 0.00 AUD, found 0.05 AUD",
        "ledger odd: balances: expected 0 JPY, found -5 JPY",
        f"account bank: {BY} 12.00 AUD, found 12.05 AUD",
        f"account bank: {BY} 0 JPY, found -5 JPY",
    ]),
    "an allocation to nothing": (without("allocations", 1), [
        "ledger allocation:2: account balance: expected 0.00 AUD, found 0.40 AUD",
        "ledger allocation:2: account receivable: expected 0.00 AUD, found -0.40 AUD",
    ]),
    "a document settled beyond its total": (changed("documents", 2, settled_minor=89), [
        "INV-2: settled: expected from 0.00 AUD to 0.88 AUD, found 0.89 AUD",
        f"account receivable: {BY} 0.49 AUD, found 0.98 AUD",
    ]),
    "a document settled below nothing": (changed("documents", 3, settled_minor=-1), [
        "INV-3: settled: expected from 0.00 AUD to 0.50 AUD, found -0.01 AUD",
        f"account receivable: {BY} 0.99 AUD, found 0.98 AUD",
    ]),
    "a credit note that was settled": (changed("documents", 1, settled_minor=1), [
        "CN-1: settled: expected from 0.00 AUD to 0.00 AUD, found 0.01 AUD",
        f"account receivable: {BY} 0.97 AUD, found 0.98 AUD",
    ]),
    "a credit note used beyond its total": (changed("documents", 1, used_minor=111), [
        "CN-1: used for other documents: expected from 0.00 AUD to 1.10 AUD, found 1.11 AUD",
        f"account balance: {BY} -0.99 AUD, found -1.70 AUD",
    ]),
    "an invoice used as if it were a credit": (changed("documents", 3, used_minor=1), [
        "INV-3: used for other documents: expected from 0.00 AUD to 0.00 AUD, found 0.01 AUD",
        f"account balance: {BY} -1.69 AUD, found -1.70 AUD",
    ]),
    "a payment used twice": (changed("payments", 0, used_minor=1201), [
        "payment P-1: used: expected from 0.00 AUD to 12.00 AUD, found 12.01 AUD",
        f"account balance: {BY} -0.69 AUD, found -1.70 AUD",
    ]),
    "a payment that gave less than nothing": (changed("payments", 0, used_minor=-1), [
        "payment P-1: used: expected from 0.00 AUD to 12.00 AUD, found -0.01 AUD",
        f"account balance: {BY} -12.71 AUD, found -1.70 AUD",
    ]),
    "a payment used though it was taken back": (changed("payments", 1, used_minor=1), [
        "payment P-2: used: expected from 0.00 AUD to 0.00 AUD, found 0.01 AUD",
    ]),
    "a payment used though it never came": (changed("payments", 2, used_minor=1), [
        "payment P-3: used: expected from 0.00 AUD to 0.00 AUD, found 0.01 AUD",
    ]),
    "a payment that came without an entry": (changed("payments", 2, is_received=True), [
        "ledger payment:3:received: account balance: expected -7.00 AUD, found 0.00 AUD",
        "ledger payment:3:received: account bank: expected 7.00 AUD, found 0.00 AUD",
        f"account balance: {BY} -8.70 AUD, found -1.70 AUD",
        f"account bank: {BY} 19.00 AUD, found 12.00 AUD",
    ]),
    "a payment taken back without an entry": (changed("payments", 0, is_reversed=True, used_minor=0), [
        "ledger payment:1:reversed: account balance: expected 12.00 AUD, found 0.00 AUD",
        "ledger payment:1:reversed: account bank: expected -12.00 AUD, found 0.00 AUD",
        f"account balance: {BY} -0.70 AUD, found -1.70 AUD",
        f"account bank: {BY} 0.00 AUD, found 12.00 AUD",
    ]),
    "a document whose tax was changed": (changed("documents", 0, tax_minor=99, net_minor=1001), [
        "ledger document:INV-1: account revenue: expected -10.01 AUD, found -10.00 AUD",
        "ledger document:INV-1: account tax: expected -0.99 AUD, found -1.00 AUD",
        f"account revenue: {BY} -10.31 AUD, found -10.30 AUD",
        f"account tax: {BY} -0.97 AUD, found -0.98 AUD",
    ]),
    "an account of a currency that nothing is in": (changed("documents", 3, currency="JPY"), [
        "ledger document:INV-3: account receivable: expected 0.00 AUD, found 0.50 AUD",
        "ledger document:INV-3: account receivable: expected 50 JPY, found 0 JPY",
        "ledger document:INV-3: account revenue: expected 0.00 AUD, found -0.50 AUD",
        "ledger document:INV-3: account revenue: expected -50 JPY, found 0 JPY",
        f"account receivable: {BY} 0.48 AUD, found 0.98 AUD",
        f"account receivable: {BY} 50 JPY, found 0 JPY",
        f"account revenue: {BY} -9.80 AUD, found -10.30 AUD",
        f"account revenue: {BY} -50 JPY, found 0 JPY",
    ]),
}  # fmt: skip


@pytest.mark.parametrize("case", FOUND)
def test_what_does_not_agree_is_told_with_both_figures(case: str) -> None:
    given, told = FOUND[case]

    assert [str(difference) for difference in compare_accounts(given())] == told


def repayment(drawn: int = 300, **told: Any) -> CustomerBooks:
    """A payment of 12.00 of which 3.00 go back."""
    sent = fact(
        AuditedRepayment, repayment_id=1, account="bank", currency="AUD", amount_minor=300, drawn_minor=drawn, **told
    )
    return fact(
        CustomerBooks,
        payments=(payment(1, 1200, used=drawn),),
        repayments=(sent,),
        entries=(entry("payment:1:received", bank=1200, balance=-1200),),
    )


STARTED = entry("repayment:1:started", balance=300, returning=-300)


@pytest.mark.parametrize(
    ("given", "entries"),
    [
        (repayment(is_sent=True), [entry("repayment:1:sent", balance=300, bank=-300)]),
        (repayment(is_by_gateway=True), [STARTED]),
        (repayment(is_by_gateway=True, is_sent=True),
         [STARTED, entry("repayment:1:sent", returning=300, bank=-300)]),
        (repayment(drawn=0, is_by_gateway=True, is_refused=True),
         [STARTED, entry("repayment:1:refused", returning=300, balance=-300)]),
    ],
    ids=["by bank", "started", "sent", "refused"],
)  # fmt: skip
def test_money_that_goes_back_leaves_the_balance_step_by_step(
    given: CustomerBooks, entries: list[AuditedEntry]
) -> None:
    assert list(compare_accounts(replace(given, entries=(*given.entries, *entries)))) == []


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (repayment(drawn=299, is_by_gateway=True), "expected 3.00 AUD, found 2.99 AUD"),
        (repayment(drawn=1, is_by_gateway=True, is_refused=True), "expected 0.00 AUD, found 0.01 AUD"),
    ],
)
def test_money_that_goes_back_is_drawn_from_where_it_came(given: CustomerBooks, told: str) -> None:
    found = [str(difference) for difference in compare_accounts(given)]

    assert f"repayment 1: drawn from payments and credit notes: {told}" in found


def test_money_that_went_back_without_an_entry_is_told() -> None:
    assert [str(difference) for difference in compare_accounts(repayment(is_sent=True))] == [
        "ledger repayment:1:sent: account balance: expected 3.00 AUD, found 0.00 AUD",
        "ledger repayment:1:sent: account bank: expected -3.00 AUD, found 0.00 AUD",
        f"account balance: {BY} -9.00 AUD, found -12.00 AUD",
        f"account bank: {BY} 9.00 AUD, found 12.00 AUD",
    ]


def test_a_free_document_needs_no_entry() -> None:
    given = fact(CustomerBooks, documents=(document("INV-0", 0, 0),))

    assert list(compare_accounts(given)) == []


@pytest.mark.parametrize(
    ("total", "settled", "left"), [(1100, 0, 1100), (1100, 300, 800), (1100, 1100, 0), (-110, 0, 0), (0, 0, 0)]
)
def test_what_is_open_of_a_document_is_what_nothing_settled(total: int, settled: int, left: int) -> None:
    assert open_minor(document("INV-1", total, 0, settled=settled)) == left


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [(-1250, "AUD", "-12.50 AUD"), (0, "AUD", "0.00 AUD"), (7, "JPY", "7 JPY"), (-7, "KWD", "-0.007 KWD")],
)
def test_amounts_are_shown_as_bookkeepers_write_them(amount: int, currency: str, text: str) -> None:
    assert show_amount(amount, currency) == text


def test_a_difference_is_a_sentence() -> None:
    difference = Difference(subject="INV-1", what="total", expected="1.00 AUD", found="2.00 AUD")

    assert str(difference) == "INV-1: total: expected 1.00 AUD, found 2.00 AUD"
