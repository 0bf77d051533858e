"""Recipient: an invoice that names the wrong buyer is taken back from them and issued again to the right one.

All that stands of it moves, with what was credited on it since: one document takes it back from the old buyer, the
invoice is issued again, and after it each credit note that concerns it. Every line keeps its figures to the last cent,
so nothing of the customer's account changes but the names, and later credits go by the new lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from perseat.capabilities.accounts.actions import record_audit
from perseat.capabilities.accounts.queries import require_staff
from perseat.capabilities.customers.models import Customer
from perseat.capabilities.customers.queries import DoesNotBelong
from perseat.capabilities.invoicing.actions import buyer_snapshot
from perseat.capabilities.invoicing.models import Document, DocumentLine
from perseat.capabilities.invoicing.queries import is_taken_back, list_standing_lines, takes_back
from perseat.capabilities.ordering.credit_basis import basis_in
from perseat.capabilities.payments.actions import use_balance
from perseat.domain.calendar import local_day
from perseat.domain.cancellation import IssuedLine, drop_undone, repeat, take_back
from perseat.domain.fulfillment import OrderState
from perseat.domain.quote import DocumentKind, LineKind, LineReason, Totals
from perseat.domain.quote_values import Line
from perseat.journeys.billing_acts import ActRefused
from perseat.journeys.issuing import issue, lock_customer
from perseat.journeys.withdrawal import issued_line


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedRecipient:
    """The numbers: what takes the invoice back, the invoice to the right buyer, its credits issued again."""

    taken_back_by: str
    reissued_as: str
    credited_again_by: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Act:
    """Who does it, when and why; the same for every document of the act."""

    customer: Customer
    document: Document
    reason: str
    actor: str
    now: datetime


@transaction.atomic
def correct_recipient(number: str, *, reason: str, staff_id: int, now: datetime) -> CorrectedRecipient:
    """Take an invoice back that names the wrong buyer, and issue it again to the customer as they are today.

    What was paid pays the new one; an order that waits for its payment waits for the new one's.

    :raises NotStaff, NotAllowed: (accounts.queries) for everybody who may not work in the back office.
    :raises DoesNotBelong: when there is no such document.
    :raises ActRefused: when nothing differs, nothing is left of it, or an unpaid order credits it.
    """
    staff = require_staff(staff_id, act="correct a recipient")
    customer_id = Document.objects.filter(number=number).values_list("customer_id", flat=True).first()
    if customer_id is None:
        raise DoesNotBelong(number)
    customer = lock_customer(customer_id)
    document = Document.objects.select_related("order").get(number=number)
    own = list_standing_lines(document)
    later = _later_lines(document)
    _check(customer, document, own=own, later=later)
    act = _Act(customer=customer, document=document, reason=reason, actor=staff.email, now=now)
    done = _move(act, own=own, later=later)
    record_audit(
        "corrected recipient",
        actor=staff.email,
        object_label=f"{number}, {done.taken_back_by}, {done.reissued_as}",
        at=now,
        customer_number=customer.number,
        details={"reason": reason, "credited_again_by": list(done.credited_again_by)},
    )
    return done


def _move(act: _Act, *, own: Sequence[DocumentLine], later: Sequence[DocumentLine]) -> CorrectedRecipient:
    inclusive = act.document.prices_include_tax
    standing = [*own, *later]
    lines, totals = take_back([_issued(row) for row in standing], prices_include_tax=inclusive)
    back = _issue(act, standing, lines, totals, corrects=act.document, order_id=act.document.order_id, is_back=True)
    lines, totals = repeat([_issued(row) for row in own], renamed={}, prices_include_tax=inclusive)
    again = _issue(
        act, own, lines, totals, corrects=act.document, order_id=act.document.order_id, reissues=act.document
    )
    renamed = _renamed(own, again)
    followed: list[Document] = []
    for earlier, rows in _by_document(later):
        lines, totals = repeat([_issued(row) for row in rows], renamed=renamed, prices_include_tax=inclusive)
        credited = _issue(act, rows, lines, totals, corrects=again, order_id=earlier.order_id)
        renamed |= _renamed(rows, credited)
        followed.append(credited)
    for each in (back, again, *followed):  # what the last credits gave may settle what the first left open
        use_balance(act.customer, document=each, now=act.now, actor=act.actor)
    return CorrectedRecipient(
        taken_back_by=back.number,
        reissued_as=again.number,
        credited_again_by=tuple(each.number for each in followed),
    )


def _issue(
    act: _Act, rows: Sequence[DocumentLine], lines: Sequence[Line], totals: Totals, *, corrects: Document,
    order_id: int | None, reissues: Document | None = None, is_back: bool = False,
) -> Document:  # fmt: skip
    return issue(
        act.customer,
        lines=lines,
        totals=totals,
        subscriptions=[row.subscription_id for row in rows],
        service_id=act.document.service_id,
        order_id=order_id,
        day=local_day(act.now, act.customer.time_zone),
        now=act.now,
        actor=act.actor,
        corrects=corrects,
        reissues=reissues,
        reason=act.reason[:300],
        texts=["" if row.edition else row.text for row in rows],
        buyer=act.document.buyer if is_back else None,
        originals=[row.pk if is_back else _root(row) for row in rows],
        settles=[corrects],
    )


def _check(
    customer: Customer, document: Document, *, own: Sequence[DocumentLine], later: Sequence[DocumentLine]
) -> None:
    if document.kind != DocumentKind.INVOICE:
        raise ActRefused(f"{document.number} is a credit note; correct the invoice that it credits, and it follows.")
    again = Document.objects.filter(reissues=document).first()
    if again is not None:
        raise ActRefused(f"{document.number} was issued again as {again.number} already; correct that one.")
    if not _is_left(own, later):
        raise ActRefused(f"Nothing is left of {document.number}; there is nothing to issue again.")
    if document.buyer == buyer_snapshot(customer):
        raise ActRefused("The customer's billing details are those on the document; change them first.")
    waiting = _unpaid_credits(document, own)
    if waiting is not None and waiting.order_id is not None:
        raise ActRefused(
            f"Order {waiting.order_id} ({waiting.number}) is not paid yet and credits lines of {document.number}."
            " Wait for its payment, or let the customer withdraw it."
        )


def _is_left(own: Iterable[DocumentLine], later: Iterable[DocumentLine]) -> bool:
    """Whether a charge is there that was not credited as a whole."""
    credited: dict[int | None, int] = {}
    for row in later:
        credited[row.credits_line_id] = credited.get(row.credits_line_id, 0) + row.amount_minor
    charges = [row for row in own if row.kind == LineKind.CHARGE]
    return any(row.amount_minor == 0 or row.amount_minor + credited.get(row.pk, 0) for row in charges)


def _concerning(document: Document, own: Sequence[DocumentLine]) -> Q:
    keys = [row.pk for row in own]
    goodwill = Q(document__corrects=document, reason=LineReason.GOODWILL)
    return Q(credits_line__in=keys) | Q(restores_line__in=keys) | goodwill


def _later_lines(document: Document) -> list[DocumentLine]:
    """Standing lines of later documents that credit its lines, restore its credits or give goodwill on it."""
    found = (
        DocumentLine.objects.filter(_concerning(document, list_standing_lines(document)))
        .exclude(document=document)
        .select_related("document", "edition", "partner", "original_line")
        .order_by("pk")
    )
    standing = {str(row.pk): row for row in found if not takes_back(row) and not is_taken_back(row)}
    kept = drop_undone([_issued(row) for row in standing.values()])
    return [standing[each.reference] for each in kept]


def _unpaid_credits(document: Document, own: Sequence[DocumentLine]) -> Document | None:
    """A document of another order that is not paid and that would credit its lines once it is."""
    return (
        Document.objects.filter(
            lines__in=DocumentLine.objects.filter(_concerning(document, own)),
            order__state=OrderState.AWAITING_PAYMENT,
        )
        .exclude(order=document.order_id)
        .exclude(pk=document.pk)
        .first()
    )


def _by_document(rows: Sequence[DocumentLine]) -> list[tuple[Document, list[DocumentLine]]]:
    found: dict[int, list[DocumentLine]] = {}
    for row in rows:
        found.setdefault(row.document_id, []).append(row)
    return [(together[0].document, together) for together in found.values()]


def _renamed(rows: Sequence[DocumentLine], document: Document) -> dict[str, str]:
    """The new lines' names by the old ones'."""
    new = document.lines.order_by("number").values_list("pk", flat=True)
    return {str(row.pk): str(key) for row, key in zip(rows, new, strict=True)}


def _root(row: DocumentLine) -> int:
    return row.original_line_id or row.pk


def _issued(row: DocumentLine) -> IssuedLine:
    line = issued_line(row)._replace(basis=basis_in(row))
    return IssuedLine(reference=str(row.pk), line=line, tax_minor=row.tax_minor)
