"""Audit: every customer's books recomputed from the history and compared (rule 17).

A customer with a difference is parked and becomes a case of the billing team; nothing is billed until it is mended.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction

from perseat.capabilities.accounts.actions import record_audit
from perseat.capabilities.customers.models import Customer
from perseat.capabilities.ledger.cases import close_case, get_open_case, open_case
from perseat.domain.audit_accounts import compare_accounts
from perseat.domain.audit_documents import compare_documents
from perseat.domain.audit_entries import compare_entries, compare_from_balance
from perseat.domain.audit_facts import CustomerBooks, Difference
from perseat.domain.audit_orders import compare_orders
from perseat.domain.audit_quotes import compare_quotes
from perseat.domain.audit_seats import compare_seats
from perseat.domain.audit_summaries import compare_summaries
from perseat.journeys.audit_common import audit_common
from perseat.journeys.audit_reading import load_books
from perseat.journeys.audit_reading_summaries import read_summaries

BATCH = 200
PARKED = "The nightly audit found a difference in the books. See the case of the billing team."


class BooksStillDiffer(Exception):
    """A case stays open as long as the audit finds its differences; `differences` are those of now."""

    def __init__(self, differences: Sequence[Difference]) -> None:
        self.differences = tuple(differences)
        super().__init__("; ".join(str(each) for each in differences))


def audit_everything(*, now: datetime) -> Iterator[tuple[str, Difference]]:
    """Audit what all share, then the customers, each of whom is parked at once; gives (customer number, difference)."""
    common = audit_common()
    if common:
        open_case("", differences=common, now=now)
        yield from (("", each) for each in common)
    ids = list(Customer.objects.order_by("pk").values_list("pk", flat=True))
    with _without_searching_the_program():
        for start in range(0, len(ids), BATCH):
            for number, differences in audit_customers(ids[start : start + BATCH], now=now):
                yield from ((number, each) for each in differences)


@contextmanager
def _without_searching_the_program() -> Iterator[None]:
    """Each batch makes so many objects that the collector would search all of the program's own for garbage, again
    and again: a third of the time.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def audit_customers(customer_ids: Sequence[int], *, now: datetime) -> Iterator[tuple[str, tuple[Difference, ...]]]:
    """Those of the customers whose books do not hold, each parked and with a case.

    A customer is read a second time under its lock before it is parked, so that nobody is parked because something
    happened while the books of many were being read.
    """
    for customer_id, found in _compare(customer_ids, now=now):
        if not found:
            continue
        with transaction.atomic():
            customer = Customer.objects.select_for_update(no_key=True).get(pk=customer_id)
            differences = dict(_compare([customer_id], now=now))[customer_id]
            if differences:
                _park(customer, differences, now=now)
        if differences:
            yield customer.number, differences


def settle_case(case_id: int, *, reason: str, actor: str, now: datetime) -> None:
    """Audit again; when the books hold, close the case and bill the customer again.

    :raises LookupError: when there is no such open case.
    :raises BooksStillDiffer: when they do not; the case and the customer stay as they are.
    """
    case = get_open_case(case_id)
    with transaction.atomic():
        customer = Customer.objects.select_for_update(no_key=True).filter(number=case.customer_number).first()
        differences = dict(_compare([customer.pk], now=now))[customer.pk] if customer else audit_common()
        if differences:
            raise BooksStillDiffer(differences)
        if customer is not None and customer.parked_reason == PARKED:
            Customer.objects.filter(pk=customer.pk).update(parked_reason="")
        close_case(case_id, closed_by=actor, reason=reason, now=now)
        record_audit(
            "settled books case",
            actor=actor,
            object_label=f"Case {case_id}",
            at=now,
            customer_number=case.customer_number,
            details={"reason": reason},
        )


def _compare(customer_ids: Sequence[int], *, now: datetime) -> Iterator[tuple[int, tuple[Difference, ...]]]:
    with transaction.atomic():
        every = load_books(customer_ids, now=now)
        found = {books.customer_id: compare_figures(books) for books in every}
        sound = [books for books in every if not found[books.customer_id]]
        summaries = read_summaries(sound)
        for books in sound:
            found[books.customer_id] = tuple(compare_summaries(books, summaries.get(books.customer_id, ())))
    yield from found.items()


def compare_books(books: CustomerBooks) -> tuple[Difference, ...]:
    """All differences of one customer; the product summaries are compared when everything below them holds."""
    found = compare_figures(books)
    return found or tuple(compare_summaries(books, read_summaries([books]).get(books.customer_id, ())))


def compare_figures(books: CustomerBooks) -> tuple[Difference, ...]:
    """Everything but the product summaries, without asking the database."""
    return (
        *compare_documents(books.documents),
        *compare_accounts(books),
        *compare_entries(books),
        *compare_from_balance(books),
        *compare_orders(books),
        *compare_quotes(books),
        *compare_seats(books),
    )


def _park(customer: Customer, differences: Sequence[Difference], *, now: datetime) -> None:
    is_new = open_case(customer.number, differences=differences, now=now)
    if not customer.parked_reason:
        Customer.objects.filter(pk=customer.pk).update(parked_reason=PARKED)
    if is_new:
        record_audit(
            "parked customer",
            actor="audit",
            object_label=f"{customer.number} {customer.legal_name}",
            at=now,
            customer_number=customer.number,
            details={"differences": [str(each) for each in differences]},
        )
