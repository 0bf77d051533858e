"""Trial balance: what each account stands at on a day, and the entries that lead there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Sum

from perseat.capabilities.ledger.facts import LedgerFact, fact_of
from perseat.capabilities.ledger.models import Account, LedgerLine

PAGE_SIZE = 50

# The words of the chart of accounts (docs/reference/chart-of-accounts.md), in its order.
ACCOUNT_WORDS: Mapping[Account, str] = {
    Account.RECEIVABLE: "what customers owe",
    Account.BALANCE: "what we hold for customers",
    Account.REVENUE: "sales before tax",
    Account.TAX: "tax owed to the state",
    Account.BANK: "money in the bank",
    Account.GATEWAY: "money at a card gateway, on its way to the bank",
    Account.RETURNING: "money on its way back to customers",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountBalance:
    """What an account stands at, in minor units, on the one side or the other; both 0 when it is even."""

    account: Account
    words: str
    debit_minor: int
    credit_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialBalance:
    """All accounts of a currency at the end of a day; both sums are the same when the ledger balances."""

    currency: str
    accounts: tuple[AccountBalance, ...]
    debit_minor: int
    credit_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountEntry:
    """One side of an entry on an account: debit positive, credit negative, in minor units."""

    day: date
    description: str
    reference: str
    customer_number: str
    recorded_by: str
    reason: str
    amount_minor: int
    fact: LedgerFact


def read_account(name: str) -> tuple[Account, str]:
    """The account of that name with its words. :raises LookupError: when there is none."""
    try:
        account = Account(name)
    except ValueError:
        raise LookupError(name) from None
    return account, ACCOUNT_WORDS[account]


def list_trial_balances(on: date) -> tuple[TrialBalance, ...]:
    """One for each currency that was ever entered up to the end of the day, by code; one query."""
    rows = (
        LedgerLine.objects.filter(entry__occurred_on__lte=on)
        .values_list("currency", "account")
        .annotate(total=Sum("amount_minor"))
    )
    sums: dict[str, dict[str, int]] = {}
    for currency, account, total in rows:
        sums.setdefault(currency, {})[account] = int(total)
    return tuple(_trial_balance(currency, sums[currency]) for currency in sorted(sums))


def list_account_entries(account: Account, *, currency: str, on: date, page: int = 1) -> tuple[AccountEntry, ...]:
    """The account's entries up to the end of the day, newest first, 50 a page; one query."""
    lines = (
        LedgerLine.objects.filter(account=account, currency=currency, entry__occurred_on__lte=on)
        .select_related("entry")
        .order_by("-entry__occurred_on", "-entry_id", "-pk")
    )
    return tuple(
        AccountEntry(
            day=line.entry.occurred_on,
            description=line.entry.description,
            reference=line.entry.reference,
            customer_number=line.customer_number,
            recorded_by=line.entry.recorded_by,
            reason=line.entry.reason,
            amount_minor=line.amount_minor,
            fact=fact_of(line.entry.idempotency_key, reference=line.entry.reference),
        )
        for line in lines[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    )


def _trial_balance(currency: str, sums: Mapping[str, int]) -> TrialBalance:
    accounts = tuple(
        AccountBalance(
            account=account,
            words=words,
            debit_minor=max(sums.get(account, 0), 0),
            credit_minor=max(-sums.get(account, 0), 0),
        )
        for account, words in ACCOUNT_WORDS.items()
    )
    return TrialBalance(
        currency=currency,
        accounts=accounts,
        debit_minor=sum(each.debit_minor for each in accounts),
        credit_minor=sum(each.credit_minor for each in accounts),
    )
