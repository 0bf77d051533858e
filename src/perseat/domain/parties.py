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


# EN 16931: the category of a treatment that leaves nothing to the edition; in each of them nothing is taxed.
_TREATED_AS = {
    TaxTreatment.REVERSE_CHARGE: "AE",
    TaxTreatment.EXEMPT: "E",
    TaxTreatment.OUTSIDE_SCOPE: "O",
}


def category_of_treatment(treatment: TaxTreatment) -> str:
    """The tax category of all that such a customer is charged; "" where each edition has its own."""
    return _TREATED_AS.get(treatment, "")


class DocumentLanguage(StrEnum):
    """The languages that documents are written in."""

    ENGLISH = "en"
    GERMAN = "de"


class QuestionState(StrEnum):
    """Whose turn it is: open waits for the billing team, answered for the customer."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"
