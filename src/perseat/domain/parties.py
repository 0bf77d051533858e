"""Parties: how a customer pays, is taxed and is written to, and whose turn a question to the billing team is."""

from __future__ import annotations

from enum import StrEnum


class PaymentTerms(StrEnum):
    """Prepaid: seats are ordered once paid. On account: at once, within the credit limit."""

    PREPAID = "prepaid"
    ON_ACCOUNT = "on_account"


class TaxTreatment(StrEnum):
    """How a customer is taxed: as each edition is, or in one of three ways that leave nothing to the edition."""

    DOMESTIC = "domestic"
    REVERSE_CHARGE = "reverse_charge"
    EXEMPT = "exempt"
    OUTSIDE_SCOPE = "outside_scope"


class DocumentLanguage(StrEnum):
    """The languages that documents are written in."""

    ENGLISH = "en"
    GERMAN = "de"


class QuestionState(StrEnum):
    """Whose turn it is: open waits for the billing team, answered for the customer."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"
