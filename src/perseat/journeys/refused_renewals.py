"""Refused renewals: what was charged for new periods while an order was under way that the supplier then refused.

The renewals of these periods went by the seats of the order. The refused ones are credited there as well; seats of
another edition that were to be exchanged, and now stay, are charged for these periods as a renewal would have.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime

from perseat.capabilities.invoicing.models import Document, DocumentLine
from perseat.capabilities.ordering.models import Order
from perseat.capabilities.renewals.models import RenewedPeriod
from perseat.capabilities.subscriptions.models import Subscription
from perseat.domain.calendar import Period, local_day
from perseat.domain.quote import BilledLine, Line, LineReason
from perseat.domain.renewal import recurring_lines, standing_of
from perseat.domain.reversal import credit_refused_renewal
from perseat.domain.tax import document_totals
from perseat.journeys.billed_lines import load_billed_lines
from perseat.journeys.issuing import issue
from perseat.journeys.service_state import load_service


def set_renewals_right(
    order: Order, *, edition: str, refused: int, stays: Mapping[str, int], day: date, reason: str, now: datetime
) -> Document | None:
    """Correct the renewals after `day`, the order's first, on one document; None when there was none.

    `edition`: the refused one, of which `refused` seats were not had; `stays`: seats that were to leave other editions.
    Call it when the held seats are what they were before. The document is not one of the order: a cancelled order's
    documents say nothing about seats.
    """
    billed = load_billed_lines(order.service_id, ends_after=day, is_listed=lambda _credit: False)
    everything = [line for lines in billed.values() for line in lines]
    lines = (
        *_credit_renewals(billed.get(edition, ()), after=day, seats=refused),
        *_charge_what_stays(order.service_id, after=day, stays=stays),
    )
    if not lines:
        return None
    rows = Subscription.objects.filter(service_id=order.service_id).order_by("pk")
    return issue(
        order.customer,
        lines=lines,
        totals=document_totals(lines, billed=everything, prices_include_tax=order.customer.prices_include_tax),
        subscriptions=dict(rows.values_list("offer__edition__code", "pk")),
        service_id=order.service_id,
        order_id=None,
        day=local_day(now, order.customer.time_zone),
        now=now,
        actor="system",
        reason=reason,
    )


def _credit_renewals(billed: Iterable[BilledLine], *, after: date, seats: int) -> Iterator[Line]:
    """Credits for the refused seats on each renewal of the edition after that day."""
    later = [line for line in billed if line.start > after]
    renewals = set(
        DocumentLine.objects.filter(
            pk__in=[int(line.reference) for line in later], reason=LineReason.RENEWED
        ).values_list("pk", flat=True)
    )
    for line in later:
        if int(line.reference) in renewals:
            yield from credit_refused_renewal(line, seats=seats)


def _charge_what_stays(service_id: int, *, after: date, stays: Mapping[str, int]) -> Iterator[Line]:
    """What the renewals after that day would have charged for the seats that stay."""
    if not stays:
        return
    for row in RenewedPeriod.objects.filter(service_id=service_id, starts_on__gt=after).order_by("starts_on"):
        state = load_service(service_id, day=row.starts_on).state
        held = [
            replace(edition, held=stays[edition.edition], planned=None)
            for edition in state.editions
            if edition.edition in stays and edition.held
        ]
        standings = [standing for edition in held if (standing := standing_of(state, edition))]
        yield from recurring_lines(state, standings, period=Period(row.starts_on, row.ends_on))
