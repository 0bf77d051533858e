"""Renewal round: charges each period of each service once, all of a customer's on one document a day (rule 12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from perseat.capabilities.customers.models import Customer
from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.renewals.actions import record_renewed_period
from perseat.capabilities.subscriptions.actions import renew_term, touch_service
from perseat.capabilities.subscriptions.models import Service, ServiceState, Subscription
from perseat.domain.calendar import local_day, term_end
from perseat.domain.quote import EditionState, Line, QuotedChange, quote_change, quote_renewal
from perseat.domain.tax import document_totals
from perseat.journeys.issuing import issue, lock_customer
from perseat.journeys.service_state import LoadedService, load_service

SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Renewal:
    """A service with the decision of the day."""

    loaded: LoadedService
    change: QuotedChange


def renew_due_services(now: datetime) -> int:
    """Charge every period that has begun by each customer's local day; returns how many. Twice changes nothing."""
    customers = Service.objects.filter(state=ServiceState.ACTIVE).values_list("customer_id", flat=True).distinct()
    return sum(renew_customer(customer_id, now=now) for customer_id in sorted(customers))


def renew_customer(customer_id: int, *, now: datetime) -> int:
    """Charge the customer's periods that have begun, day by day, each day in its own transaction; returns how many."""
    customer = Customer.objects.get(pk=customer_id)
    if customer.parked_reason:
        return 0
    today = local_day(now, customer.time_zone)
    renewed = 0
    while (due := _first_due_day(customer_id, today=today)) is not None:
        renewed += _renew_day(customer_id, day=due, now=now)
    return renewed


def _due(day: date) -> Q:
    return Q(billed_through__lte=day) | Q(billed_through=None, billing_starts_on__lte=day)


def _first_due_day(customer_id: int, *, today: date) -> date | None:
    services = Service.objects.filter(_due(today), customer_id=customer_id, state=ServiceState.ACTIVE)
    return min((service.billed_through or service.billing_starts_on for service in services), default=None)


@transaction.atomic
def _renew_day(customer_id: int, *, day: date, now: datetime) -> int:
    customer = lock_customer(customer_id)
    services = Service.objects.select_for_update(no_key=True).filter(
        Q(billed_through=day) | Q(billed_through=None, billing_starts_on=day),
        customer_id=customer_id,
        state=ServiceState.ACTIVE,
    )
    renewals = [_decide(service, day=day, now=now) for service in services.order_by("pk")]
    document = _issue(customer, renewals, day=day, now=now)
    for renewal in renewals:
        _record(renewal, day=day, document=document, now=now)
    return len(renewals)


def _decide(service: Service, *, day: date, now: datetime) -> _Renewal:
    loaded = load_service(service.pk, day=day, known_at=now)
    if service.billed_through is not None:
        return _Renewal(loaded=loaded, change=quote_renewal(loaded.state, day=day))
    # Seats that were taken over are charged for the first time: from this day to the end of the period.
    empty = replace(loaded.state, editions=tuple(_without_seats(edition) for edition in loaded.state.editions))
    wanted = {edition.edition: edition.held for edition in loaded.state.editions if edition.held}
    return _Renewal(loaded=loaded, change=quote_change(empty, day=day, wanted=wanted))


def _without_seats(edition: EditionState) -> EditionState:
    return replace(edition, held=0, planned=None, term_start=None, batches=())


def _issue(customer: Customer, renewals: Sequence[_Renewal], *, day: date, now: datetime) -> Document | None:
    lines: list[Line] = []
    subscriptions: list[int | None] = []
    for renewal in renewals:
        held = {code: subscription.pk for code, subscription in renewal.loaded.subscriptions.items()}
        lines += renewal.change.lines
        subscriptions += [held[line.edition] for line in renewal.change.lines]
    if not lines:
        return None
    billed = {renewal.loaded.service.pk for renewal in renewals if renewal.change.lines}
    return issue(
        customer,
        lines=lines,
        totals=document_totals(lines, prices_include_tax=customer.prices_include_tax),
        subscriptions=subscriptions,
        service_id=billed.pop() if len(billed) == 1 else None,
        order_id=None,
        day=day,
        now=now,
        actor=SYSTEM,
    )


def _record(renewal: _Renewal, *, day: date, document: Document | None, now: datetime) -> None:
    service, change = renewal.loaded.service, renewal.change
    is_first_charge = service.billed_through is None
    if not is_first_charge:
        _renew_terms(renewal, day=day, now=now)
    record_renewed_period(
        service.pk, period=change.period, document_id=document.pk if document and change.lines else None, now=now
    )
    holds = Subscription.objects.filter(service=service, ended_on=None).exists()
    state = ServiceState.ACTIVE if holds else ServiceState.ENDED
    touch_service(service.pk, state=state, billed_through=change.period.end)


def _renew_terms(renewal: _Renewal, *, day: date, now: datetime) -> None:
    """Where a term ends on the day, the plan takes effect and the new term's price is locked."""
    states: Mapping[str, EditionState] = {each.edition: each for each in renewal.loaded.state.editions}
    for outcome in renewal.change.outcomes:
        state = states[outcome.edition]
        subscription = renewal.loaded.subscriptions.get(outcome.edition)
        if subscription is None or state.term_start is None or subscription.ended_on is not None:
            continue
        if term_end(renewal.loaded.state.rhythm, term_start=state.term_start) <= day:
            renew_term(
                subscription,
                seats=outcome.now,
                unit_price=state.renewal_unit_price,
                day=day,
                policy=renewal.loaded.service.policy,
                now=now,
            )
