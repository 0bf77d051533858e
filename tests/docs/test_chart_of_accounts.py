"""The chart of accounts is true: its accounts, its names for Beancount, and which entry comes from what."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests import makers
from tests.journeys.cast import begin
from tests.journeys.gateway import Gateway
from tests.journeys.test_repaying import NOW, back, paid_by_card

from perseat.capabilities.ledger.export import BEANCOUNT_ACCOUNTS
from perseat.capabilities.ledger.models import Account, LedgerEntry
from perseat.capabilities.ledger.trial_balance import ACCOUNT_WORDS
from perseat.capabilities.payments.models import Payment
from perseat.journeys.paying import reverse_receipt
from perseat.journeys.repaying import send_repayment

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "chart-of-accounts.md"


def tables() -> list[list[list[str]]]:
    """The page's tables, each a list of rows without its head."""
    found: list[list[list[str]]] = []
    for block in re.findall(r"(?:^\|.*\n)+", PAGE.read_text(), re.MULTILINE):
        rows = [[cell.strip() for cell in line.strip("|\n ").split("|")] for line in block.splitlines()]
        found.append(rows[2:])
    return found


def test_every_account_stands_on_the_page_with_its_words_and_its_name_for_beancount() -> None:
    accounts, _facts = tables()
    told = [
        (name.strip("`"), beancount.strip("`").replace("<customer>", "{customer}"))
        for name, _, _, beancount in accounts
    ]
    assert told == [(account.value, BEANCOUNT_ACCOUNTS[account]) for account in Account]
    assert list(ACCOUNT_WORDS) == list(Account)
    for name, words, _grows, _beancount in accounts:
        shown = ACCOUNT_WORDS[Account(name.strip("`"))]
        assert shown.split()[-1].rstrip("s") in words or words in shown, (name, words, shown)


@pytest.mark.django_db
def test_every_fact_moves_the_accounts_that_the_page_says() -> None:
    story, gateway = begin({"basic": 2}), Gateway()
    payment = paid_by_card(story, gateway)
    back(story, 100)
    send_repayment(gateway.outside, back(story, 200, payment_id=payment.pk), now=NOW)
    gateway.refuses = True
    send_repayment(gateway.outside, back(story, 300, payment_id=payment.pk), now=NOW)
    bank = Payment.objects.filter(method="bank_transfer").order_by("pk")[0]
    reverse_receipt(payment_id=bank.pk, reason="bounced", staff_id=makers.clerk_id(), now=NOW)

    found: dict[str, set[tuple[frozenset[str], frozenset[str]]]] = {}
    for entry in LedgerEntry.objects.prefetch_related("lines"):
        debit = frozenset(line.account for line in entry.lines.all() if line.amount_minor > 0)
        credit = frozenset(line.account for line in entry.lines.all() if line.amount_minor < 0)
        found.setdefault(_kind(entry), set()).add((debit, credit))

    _accounts, facts = tables()
    for fact, debit_words, credit_words in facts:
        debits, credits_ = _sides(debit_words), _sides(credit_words)
        expected = set(zip(debits, credits_, strict=True))
        if fact == "money received":
            expected = {(frozenset({name}), frozenset({"balance"})) for name in ("bank", "gateway")}
        if fact == "a payment reversed":
            expected = {
                (frozenset({"receivable"}), frozenset({"balance"})),
                (frozenset({"balance"}), frozenset({"bank"})),
            }
        assert found.pop(fact) == expected, fact
    assert found == {}, "facts that the page does not tell of"


def _kind(entry: LedgerEntry) -> str:
    words = entry.description
    if words.startswith(("Payment reversed", "Opened again")):
        return "a payment reversed"
    if words.startswith("Payment received"):
        return "money received"
    if words.startswith("Settled"):
        return "balance used for a document"
    kind = re.sub(r" (INV|CN)-\d+$", "", words)
    return kind[0].lower() + kind[1:]


def _sides(words: str) -> list[frozenset[str]]:
    """ "receivable: its total" → receivable; "revenue: net; tax: tax" → both in one entry."""
    return [frozenset(part.split(":")[0].strip() for part in words.split(";"))]
