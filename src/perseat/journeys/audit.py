"""Audit: every customer's books recomputed from the history and compared (rule 17).

A customer with a difference is parked and becomes a case of the billing team; nothing is billed until it is mended.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import connection, transaction

from perseat.capabilities.accounts.actions import record_audit
from perseat.capabilities.customers.models import Customer
from perseat.capabilities.invoicing.models import NumberSeries
from perseat.capabilities.ledger.cases import close_case, get_open_case, open_case
from perseat.domain.audit_accounts import compare_accounts
from perseat.domain.audit_documents import compare_documents
from perseat.domain.audit_entries import compare_entries
from perseat.domain.audit_facts import CustomerBooks, Difference
from perseat.domain.audit_orders import compare_orders
from perseat.domain.audit_quotes import compare_quotes
from perseat.domain.audit_seats import compare_seats
from perseat.domain.audit_summaries import compare_summaries
from perseat.journeys.audit_reading import load_books
from perseat.journeys.audit_reading_summaries import read_summaries

BATCH = 200
PARKED = "The nightly audit found a difference in the books. See the case of the billing team."

# Number and previous hash of each document must follow those of the one before it in its series.
_BREAKS = """
    SELECT number, sequence, before_sequence FROM (
        SELECT number, sequence, previous_hash,
            coalesce(lag(sequence) OVER (ORDER BY sequence), 0) AS before_sequence,
            coalesce(lag(content_hash) OVER (ORDER BY sequence), '') AS before_hash
        FROM document WHERE series_id = %s
    ) chain WHERE sequence <> before_sequence + 1 OR previous_hash <> before_hash ORDER BY sequence
"""


class BooksStillDiffer(Exception):
    """A case stays open as long as the audit finds its differences; `differences` are those of now."""

    def __init__(self, differences: Sequence[Difference]) -> None:
        self.differences = tuple(differences)
        super().__init__("; ".join(str(each) for each in differences))


def audit_everything(*, now: datetime) -> Iterator[tuple[str, Difference]]:
    """Audit series and customers; gives (customer number, difference). Each customer with one is parked at once."""
    in_series = audit_series()
    if in_series:
        open_case("", differences=in_series, now=now)
        yield from (("", each) for each in in_series)
    ids = list(Customer.objects.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), BATCH):
        for number, differences in audit_customers(ids[start : start + BATCH], now=now):
            yield from ((number, each) for each in differences)


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


@transaction.atomic
def audit_series() -> tuple[Difference, ...]:
    """Numbers without gap or repeat, and an unbroken chain of hashes, in each series."""
    found: list[Difference] = []
    # Under the lock under which numbers are drawn, so that a number cannot be drawn between two reads.
    for series in NumberSeries.objects.select_for_update().order_by("prefix"):
        last = series.documents.order_by("-sequence").values_list("sequence", flat=True).first() or 0
        if last != series.last_number:
            found.append(
                Difference(
                    subject=f"series {series.prefix}",
                    what="last number",
                    expected=str(series.last_number),
                    found=str(last),
                )
            )
        with connection.cursor() as cursor:
            cursor.execute(_BREAKS, [series.pk])
            found += [_broken(number, sequence, before) for number, sequence, before in cursor.fetchall()]
    return tuple(found)


def settle_case(case_id: int, *, reason: str, actor: str, now: datetime) -> None:
    """Audit again; when the books hold, close the case and bill the customer again.

    :raises LookupError: when there is no such open case.
    :raises BooksStillDiffer: when they do not; the case and the customer stay as they are.
    """
    case = get_open_case(case_id)
    with transaction.atomic():
        customer = Customer.objects.select_for_update(no_key=True).filter(number=case.customer_number).first()
        differences = dict(_compare([customer.pk], now=now))[customer.pk] if customer else audit_series()
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


def _broken(number: str, sequence: int, before: int) -> Difference:
    if sequence != before + 1:
        return Difference(subject=number, what="follows in its series", expected=str(before + 1), found=str(sequence))
    return Difference(
        subject=number,
        what="the hash of the document before it",
        expected="the one that it was issued with",
        found="another one",
    )
