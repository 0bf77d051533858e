"""Writes of documents: issued once, numbered without gap, chained, entered in the ledger."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from stdnum.iso7064 import mod_97_10

from perseat.capabilities.customers.models import Customer
from perseat.capabilities.invoicing.models import Document, DocumentLine, DocumentTax, NumberSeries
from perseat.capabilities.invoicing.wording import LineFacts, line_text
from perseat.capabilities.ledger.actions import record_entry
from perseat.capabilities.ledger.models import Account
from perseat.capabilities.ordering.credit_basis import COLUMNS, columns_of
from perseat.domain.quote import DocumentKind, Line, Totals

PREFIXES: Mapping[DocumentKind, str] = {DocumentKind.INVOICE: "INV", DocumentKind.CREDIT_NOTE: "CN"}


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedEdition:
    """What a line needs to know of an edition."""

    edition_id: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftLine:
    """A decided line with the rows it names. `line.credits` and `line.restores` are ids of document lines.

    `text`: the words of a line that the billing team writes by hand; such a line names no edition. `original_line_id`:
    the issued line that this one repeats or takes back.
    """

    line: Line
    subscription_id: int | None
    text: str = ""
    original_line_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """All that a document says before it has a number. `tax_labels` by category; `editions` by code."""

    customer: Customer
    service_id: int | None
    order_id: int | None
    issued_on: date
    due_on: date
    totals: Totals
    lines: tuple[DraftLine, ...]
    prices_include_tax: bool
    seller: Mapping[str, str]
    tax_labels: Mapping[str, str]
    editions: Mapping[str, NamedEdition]
    corrects_id: int | None = None
    reissues_id: int | None = None
    reason: str = ""
    buyer: Mapping[str, str] | None = None  # None: the customer as they are today


def issue_document(draft: Draft, *, now: datetime, actor: str) -> Document:
    """Give the draft the next number of its series, write it for ever and enter it in the ledger.

    Call it inside the transaction that records the act, after all other locks: the series' row is locked until the
    end, so that a rollback leaves no gap and nobody waits for long.
    """
    series = _lock_series(PREFIXES[draft.totals.kind])
    series.last_number += 1
    number = f"{series.prefix}-{series.last_number:06d}"
    last = series.documents.order_by("-sequence").values_list("content_hash", flat=True).first()
    content = _content(draft, number=number)
    document = Document.objects.create(
        **content["head"],
        series=series,
        sequence=series.last_number,
        customer=draft.customer,
        issued_at=now,
        previous_hash=last or "",
        content_hash=_hash(content, previous_hash=last or ""),
    )
    DocumentLine.objects.bulk_create([DocumentLine(document=document, **line) for line in content["lines"]])
    DocumentTax.objects.bulk_create([DocumentTax(document=document, **tax) for tax in content["taxes"]])
    series.save(update_fields=["last_number"])
    _enter_in_ledger(document, draft, now=now, actor=actor)
    return document


def recompute_hash(document: Document) -> str:
    """The hash that an issued document must have; the audit compares it with the stored one."""
    return hash_of(document, lines=list(document.lines.all()), taxes=list(document.taxes.all()))


def hash_of(document: Document, *, lines: Sequence[DocumentLine], taxes: Sequence[DocumentTax]) -> str:
    """The same, of rows that were read already, in any order."""
    head = _with_later({name: getattr(document, name) for name in _HEAD}, reissues_id=document.reissues_id)
    told = [_told(line) for line in sorted(lines, key=lambda line: line.number)]
    sums = [{name: getattr(tax, name) for name in _TAX} for tax in sorted(taxes, key=lambda tax: tax.pk)]
    return _hash({"head": head, "lines": told, "taxes": sums}, previous_hash=document.previous_hash)


def _told(line: DocumentLine) -> dict[str, Any]:
    """What the hash tells of a line; where a credit starts from only if the line says so, as older ones do not."""
    names = _LINE if line.billed_minor is None else (*_LINE, *COLUMNS)
    return _with_later({name: getattr(line, name) for name in names}, original_line_id=line.original_line_id)


def _lock_series(prefix: str) -> NumberSeries:
    series = NumberSeries.objects.select_for_update()
    found = series.filter(prefix=prefix).first()
    if found is None:  # the very first document: whoever is second waits for the other's row
        NumberSeries.objects.get_or_create(prefix=prefix)
        found = series.get(prefix=prefix)
    return found


def _content(draft: Draft, *, number: str) -> dict[str, Any]:
    customer, totals = draft.customer, draft.totals
    head = {
        "kind": totals.kind.value,
        "number": number,
        "service_id": draft.service_id,
        "order_id": draft.order_id,
        "issued_on": draft.issued_on,
        "due_on": draft.due_on,
        "currency": customer.currency,
        "net_minor": totals.net_minor,
        "tax_minor": totals.tax_minor,
        "total_minor": totals.total_minor,
        "prices_include_tax": draft.prices_include_tax,
        "seller": dict(draft.seller),
        "buyer": dict(draft.buyer) if draft.buyer is not None else buyer_snapshot(customer),
        "payment_reference": payment_reference(number),
        "corrects_id": draft.corrects_id,
        "reason": draft.reason,
        "language": customer.language,
    }
    head = _with_later(head, reissues_id=draft.reissues_id)
    lines = [_line(draft, index) for index in range(len(draft.lines))]
    taxes = [
        {
            "category": tax.category,
            "label": draft.tax_labels.get(tax.category, "Tax"),
            "rate": tax.rate,
            "net_minor": tax.net_minor,
            "tax_minor": tax.tax_minor,
        }
        for tax in totals.taxes
    ]
    return {"head": head, "lines": lines, "taxes": taxes}


def _line(draft: Draft, index: int) -> dict[str, Any]:
    drafted = draft.lines[index]
    line = drafted.line
    edition = draft.editions[line.edition] if line.edition else None
    partner = draft.editions[line.partner] if line.partner else None
    facts = LineFacts(
        kind=line.kind,
        reason=line.reason,
        edition_name=edition.name if edition else drafted.text,
        partner_name=partner.name if partner else "",
        seats=line.seats,
        start=line.start,
        end=line.end,
        days=line.days,
        period_days=line.period_days,
        unit_price=line.unit_price,
        amount_minor=line.amount_minor,
        currency=draft.customer.currency,
    )
    told = {
        "number": index + 1,
        "kind": line.kind.value,
        "reason": line.reason.value,
        "edition_id": edition.edition_id if edition else None,
        "partner_id": partner.edition_id if partner else None,
        "subscription_id": drafted.subscription_id,
        "text": (drafted.text or line_text(facts, language=draft.customer.language))[:300],
        "seats": line.seats,
        "start": line.start,
        "end": line.end,
        "days": line.days,
        "period_days": line.period_days,
        "unit_price": line.unit_price,
        "amount_minor": line.amount_minor,
        "tax_minor": draft.totals.line_taxes[index],
        "tax_category": line.tax_category,
        "tax_rate": line.tax_rate,
        "credits_line_id": int(line.credits) if line.credits else None,
        "restores_line_id": int(line.restores) if line.restores else None,
        **columns_of(line.basis),
    }
    return _with_later(told, original_line_id=drafted.original_line_id)


def _with_later(content: dict[str, Any], **columns: int | None) -> dict[str, Any]:
    """Columns that came after the first documents; without a value they are not there, so that old hashes hold."""
    return content | {name: value for name, value in columns.items() if value is not None}


_HEAD = (
    "kind", "number", "service_id", "order_id", "issued_on", "due_on", "currency", "net_minor", "tax_minor",
    "total_minor", "prices_include_tax", "seller", "buyer", "payment_reference", "corrects_id", "reason", "language",
)  # fmt: skip
_LINE = (
    "number", "kind", "reason", "edition_id", "partner_id", "subscription_id", "text", "seats", "start", "end", "days",
    "period_days", "unit_price", "amount_minor", "tax_minor", "tax_category", "tax_rate", "credits_line_id",
    "restores_line_id",
)  # fmt: skip
_TAX = ("category", "label", "rate", "net_minor", "tax_minor")


def _hash(content: Mapping[str, Any], *, previous_hash: str) -> str:
    """SHA-256 of the previous hash and the content, with keys sorted and decimals without trailing zeros."""
    text = json.dumps({"previous": previous_hash, **content}, sort_keys=True, default=_plain, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else format(value.normalize(), "f")


def buyer_snapshot(customer: Customer) -> dict[str, str]:
    """The buyer as documents name them. What was added to it later is left out where there is none of it."""
    exemption = {"exemption_reason": customer.exemption_reason} if customer.exemption_reason else {}
    return exemption | {
        "number": customer.number,
        "name": customer.legal_name,
        "street": customer.street,
        "city": customer.city,
        "region": customer.region,
        "postal_code": customer.postal_code,
        "country": customer.country,
        "tax_number": customer.tax_number,
        "tax_treatment": customer.tax_treatment,
        "order_reference": customer.order_reference,
        "email": customer.invoice_email,
    }


def payment_reference(number: str) -> str:
    """ISO 11649: "RF", two check digits, the number without its hyphen; banks and people can check it.

    >>> payment_reference("INV-000012")
    'RF63INV000012'
    """
    bare = number.replace("-", "")
    return f"RF{mod_97_10.calc_check_digits(bare + 'RF')}{bare}"


def _enter_in_ledger(document: Document, draft: Draft, *, now: datetime, actor: str) -> None:
    # What a negative document gives back is the customer's balance until an allocation uses it.
    gets = Account.RECEIVABLE if document.total_minor >= 0 else Account.BALANCE
    record_entry(
        customer_number=draft.customer.number,
        currency=document.currency,
        amounts={
            gets: document.total_minor,
            Account.REVENUE: -document.net_minor,
            Account.TAX: -document.tax_minor,
        },
        description=f"{'Invoice' if document.kind == DocumentKind.INVOICE else 'Credit note'} {document.number}",
        reference=document.number,
        idempotency_key=f"document:{document.number}",
        occurred_on=document.issued_on,
        recorded_at=now,
        recorded_by=actor,
        reason=document.reason,
    )
