"""Issuing: from a decided document to an issued one, with all that follows in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from django.conf import settings

from perseat.capabilities.catalog.queries import list_editions
from perseat.capabilities.customers.models import Customer
from perseat.capabilities.invoicing.actions import Draft, DraftLine, NamedEdition, issue_document
from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.ledger.months import first_open_day
from perseat.capabilities.payments.actions import settle_credit_note, use_balance
from perseat.domain.events import DocumentIssued
from perseat.domain.quote import Line, Totals
from perseat.journeys.reactions import react
from perseat.journeys.taxation import taxation_of


def lock_customer(customer_id: int) -> Customer:
    """All of a customer's money and seats move under this lock; it is taken first, then the service's row."""
    return Customer.objects.select_for_update(no_key=True).get(pk=customer_id)


def issue(
    customer: Customer,
    *,
    lines: Sequence[Line],
    totals: Totals,
    subscriptions: Mapping[str, int] | Sequence[int | None],
    service_id: int | None,
    order_id: int | None,
    day: date,
    now: datetime,
    actor: str,
    corrects: Document | None = None,
    reason: str = "",
    texts: Sequence[str] = (),
    buyer: Mapping[str, str] | None = None,
    reissues: Document | None = None,
    originals: Sequence[int | None] = (),
    settles: Sequence[Document] = (),
) -> Document:
    """Issue the document, settle it from the balance (or settle others with it), and let its e-mail follow.

    `subscriptions`: ids by edition code, or one for each line. Dated `day`, or the first day that is not in
    a closed month; due PERSEAT_PAYMENT_DAYS later. `texts`: one for each line, where lines are written by hand.
    `buyer`: whom the document is addressed to, None for the customer as they are today. `reissues`: the document that
    it issues again; `originals`: for each line the one that it repeats or takes back. `settles`: what a credit note
    settles first, else the documents that its lines credit.
    """
    asked_for, day = day, max(day, first_open_day() or day)
    if day > asked_for and not reason:
        reason = f"Of {asked_for:%Y-%m-%d}. It is dated later because the books of that month are closed."
    per_line = (
        [subscriptions.get(line.edition) for line in lines]
        if isinstance(subscriptions, Mapping)
        else list(subscriptions)
    )
    document = issue_document(
        Draft(
            customer=customer,
            service_id=service_id,
            order_id=order_id,
            issued_on=day,
            due_on=day + timedelta(days=settings.PERSEAT.payment_days) if totals.total_minor > 0 else day,
            totals=totals,
            lines=tuple(
                DraftLine(line=line, subscription_id=subscription, text=text, original_line_id=original)
                for line, subscription, text, original in zip(
                    lines, per_line, texts or [""] * len(per_line), originals or [None] * len(per_line), strict=True
                )
            ),
            prices_include_tax=customer.prices_include_tax,
            seller=seller_snapshot(),
            tax_labels=taxation_of(customer).labels,
            editions={each.code: NamedEdition(edition_id=each.edition_id, name=each.name) for each in list_editions()},
            corrects_id=corrects.pk if corrects else None,
            reissues_id=reissues.pk if reissues else None,
            reason=reason,
            buyer=buyer,
        ),
        now=now,
        actor=actor,
    )
    if document.total_minor < 0:
        credited = list(settles) or _credited_documents(lines) or ([corrects] if corrects else [])
        settle_credit_note(customer, credit_note=document, credited=credited, now=now, actor=actor)
    elif document.total_minor > 0:
        use_balance(customer, document=document, now=now, actor=actor)
    react(DocumentIssued(document_number=document.number))
    return document


def seller_snapshot() -> dict[str, str]:
    """The provider as documents name it today."""
    perseat = settings.PERSEAT
    return {
        "name": perseat.provider_name,
        "address": perseat.provider_address,
        "country": perseat.provider_country,
        "tax_number": perseat.provider_tax_number,
        "bank_account": perseat.provider_bank_account,
        "email": perseat.email_from,
    }


def _credited_documents(lines: Sequence[Line]) -> list[Document]:
    """The documents that the credit lines name, in the order of the lines."""
    line_ids = [int(line.credits) for line in lines if line.credits]
    found = {
        line_id: document
        for document in Document.objects.filter(lines__in=line_ids).distinct()
        for line_id in document.lines.filter(pk__in=line_ids).values_list("pk", flat=True)
    }
    return list({found[line_id].pk: found[line_id] for line_id in line_ids}.values())
