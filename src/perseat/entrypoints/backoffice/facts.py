"""Where a fact of the ledger is shown."""

from __future__ import annotations

from django.urls import reverse

from perseat.capabilities.ledger.facts import LedgerFact


def page_of(fact: LedgerFact) -> str:
    """The address of the document, the payment or the return; "" when the entry names none."""
    if fact.document_number:
        return reverse("office:invoice", kwargs={"number": fact.document_number})
    if fact.payment_id is not None:
        return reverse("office:payment", kwargs={"payment_id": fact.payment_id})
    if fact.repayment_id is not None:
        return reverse("office:repayment", kwargs={"repayment_id": fact.repayment_id})
    return ""
