"""Ledger: every movement of money as a balanced, append-only entry."""

from __future__ import annotations

from enum import StrEnum

import pgtrigger
from django.db import models

from perseat.capabilities.guards import append_only, choices_of, known_states, never_deleted, not_into_closed_months


class Account(StrEnum):
    """The chart of accounts. Amounts are signed: debit positive, credit negative."""

    RECEIVABLE = "receivable"  # what customers owe us
    BALANCE = "balance"  # what we hold for customers
    REVENUE = "revenue"
    TAX = "tax"
    BANK = "bank"
    GATEWAY = "gateway"  # money at the payment gateway, on its way to the bank
    RETURNING = "returning"  # money on its way back to customers, until the gateway says that it is sent


class LedgerEntry(models.Model):
    """One movement. `idempotency_key`: the same fact is never entered twice. `customer_number` names the customer."""

    occurred_on = models.DateField()
    recorded_at = models.DateTimeField()
    description = models.CharField(max_length=300)
    reference = models.CharField(max_length=100)
    customer_number = models.CharField(max_length=20, db_index=True)
    idempotency_key = models.CharField(max_length=150, unique=True)
    reason = models.CharField(max_length=300, blank=True)
    recorded_by = models.CharField(max_length=254, blank=True)

    class Meta:
        db_table = "ledger_entry"
        indexes = [models.Index(fields=["occurred_on", "id"], name="ledger_entry_by_day")]
        triggers = [*append_only("ledger_entry"), not_into_closed_months("ledger_entry", day="occurred_on")]

    def __str__(self) -> str:
        return f"{self.occurred_on} {self.description}"


class LedgerLine(models.Model):
    """One side of an entry, in minor units; an entry's lines sum to zero per currency (checked by the database)."""

    entry = models.ForeignKey(LedgerEntry, on_delete=models.PROTECT, related_name="lines")
    account = models.CharField(max_length=20, choices=choices_of(Account))
    customer_number = models.CharField(max_length=20)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()

    class Meta:
        db_table = "ledger_line"
        constraints = [
            known_states("ledger_line", field="account", states=Account),
            models.CheckConstraint(name="ledger_line_amount_is_not_zero", condition=~models.Q(amount_minor=0)),
        ]
        indexes = [
            models.Index(fields=["customer_number", "account", "currency"], name="ledger_line_by_customer"),
            models.Index(fields=["account", "currency", "-entry"], name="ledger_line_by_account"),
        ]
        triggers = [
            *append_only("ledger_line"),
            # Statement level with a transition table: an entry's lines come in one INSERT and must sum to zero.
            pgtrigger.Trigger(
                name="ledger_line_balances",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="new_lines"),  # type: ignore[no-untyped-call]
                func="""
                    IF EXISTS (
                        SELECT 1 FROM ledger_line line
                        WHERE line.entry_id IN (SELECT entry_id FROM new_lines)
                        GROUP BY line.entry_id, line.currency HAVING sum(line.amount_minor) <> 0
                    ) THEN
                        RAISE EXCEPTION 'ledger entry does not balance';
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.amount_minor} {self.currency}"


class ClosedMonth(models.Model):
    """A month that is closed: no document and no entry may be dated before `ends_on` (the day after its last)."""

    starts_on = models.DateField(unique=True)
    ends_on = models.DateField()
    closed_at = models.DateTimeField()
    closed_by = models.CharField(max_length=254)
    reason = models.CharField(max_length=300)

    class Meta:
        db_table = "closed_month"
        constraints = [
            models.CheckConstraint(
                name="closed_month_begins_on_the_first", condition=models.Q(starts_on__day=1, ends_on__day=1)
            ),
            models.CheckConstraint(name="closed_month_has_days", condition=models.Q(starts_on__lt=models.F("ends_on"))),
        ]
        triggers = append_only("closed_month")

    def __str__(self) -> str:
        return f"{self.starts_on:%Y-%m}"


class BooksCase(models.Model):
    """Differences that the audit has found, for the billing team; a customer is parked as long as one is open.

    `customer_number` is "" for a series of numbers, which belongs to nobody. `differences`: one mapping each with
    subject, what, expected and found, as the audit last saw them.
    """

    customer_number = models.CharField(max_length=20, blank=True)
    opened_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    differences = models.JSONField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=254, blank=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "books_case"
        constraints = [
            models.UniqueConstraint(
                fields=["customer_number"], condition=models.Q(closed_at=None), name="books_case_is_open_once"
            )
        ]
        triggers = never_deleted("books_case")

    def __str__(self) -> str:
        return f"Case {self.pk} {self.customer_number}"
