"""Service state: all that a quote of a service rests on, read from the tables, and its fingerprint."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from perseat.capabilities.catalog.queries import OfferView, list_offers, list_upgrade_paths
from perseat.capabilities.customers.models import Customer
from perseat.capabilities.customers.queries import DoesNotBelong
from perseat.capabilities.invoicing.models import DocumentLine
from perseat.capabilities.subscriptions.models import SeatBatch, Service, Subscription
from perseat.domain.calendar import Rhythm, term_end
from perseat.domain.deadlines import last_day_before
from perseat.domain.money import get_currency
from perseat.domain.quote import Batch, BilledLine, DecreasePolicy, EditionState, LineReason, ServiceState
from perseat.journeys.billed_lines import load_billed_lines
from perseat.journeys.taxation import Taxation, taxation_of

MONTHS: Mapping[str, int] = {"P1M": 1, "P3M": 3, "P6M": 6, "P1Y": 12, "P3Y": 36}


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedService:
    """A service with the decision's inputs (`state`) and the rows that the decision is recorded in.

    `offers` and `subscriptions` (running ones, and those that ended on the day) by edition code; `taxation`: how new
    lines are taxed, and the names of taxes.
    """

    service: Service
    state: ServiceState
    fingerprint: str
    offers: Mapping[str, OfferView]
    subscriptions: Mapping[str, Subscription]
    taxation: Taxation

    @property
    def customer(self) -> Customer:
        """Whose service it is."""
        return self.service.customer


def load_service_state(service_id: int, *, day: date) -> tuple[ServiceState, str]:
    """What a quote of `day` rests on, and a fingerprint that differs whenever any of it does.

    :raises DoesNotBelong: when there is no such service.
    """
    loaded = load_service(service_id, day=day)
    return loaded.state, loaded.fingerprint


def load_service(
    service_id: int, *, day: date, customer_id: int | None = None, known_at: datetime | None = None
) -> LoadedService:
    """The service with all that a quote of `day` rests on; a customer's own one when `customer_id` is given.

    `known_at`: prices and tax rates as they were known at that moment (None: now). A decision that is recorded with a
    moment is made with what was known at it, so that the audit can make it again.
    """
    return load_around(get_service_row(service_id, customer_id=customer_id), day=day, known_at=known_at)


def load_around(service: Service, *, day: date, known_at: datetime | None = None) -> LoadedService:
    """The same for a row of `get_service_row`."""
    customer = service.customer
    rhythm = rhythm_of(service)
    taxation = taxation_of(customer, known_at=known_at)
    offers = list_offers(
        term=service.term,
        cycle=service.cycle,
        policy=service.policy,
        currency=customer.currency,
        prices_include_tax=customer.prices_include_tax,
        known_at=known_at,
    )
    subscriptions = _subscriptions(service, day=day)
    billed = load_billed_lines(service.pk, ends_after=day, is_listed=lambda credit: _is_of_day(credit, day))
    editions, sold = [], {}
    for offer in offers:
        code = offer.edition.code
        edition = _edition_state(
            offer,
            subscription=subscriptions.get(code),
            billed=billed.get(code, ()),
            rhythm=rhythm,
            day=day,
            zone=customer.time_zone,
            policy=DecreasePolicy(service.policy),
            tax_category=taxation.category_of(offer.edition.tax_category),
        )
        if edition is not None:
            editions.append(edition)
            sold[code] = offer
    state = ServiceState(
        currency=get_currency(customer.currency),
        rhythm=rhythm,
        started_on=service.billing_starts_on,
        editions=tuple(editions),
        upgrades=frozenset(pair for pair in list_upgrade_paths() if pair[0] in sold and pair[1] in sold),
        tax_rates=taxation.rates,
        prices_include_tax=customer.prices_include_tax,
    )
    return LoadedService(
        service=service,
        state=state,
        fingerprint=fingerprint(state),
        offers=sold,
        subscriptions=subscriptions,
        taxation=taxation,
    )


def _is_of_day(credit: DocumentLine, day: date) -> bool:
    """A return's credit counts from the day it was accepted, though it may be dated later (a closed month)."""
    return credit.document.issued_on == day and (credit.reason != LineReason.RETURNED or credit.start == day)


def get_service_row(service_id: int, *, customer_id: int | None = None) -> Service:
    """:raises DoesNotBelong: when there is no such service, or it is another customer's."""
    services = Service.objects.select_related("customer", "tenant").filter(pk=service_id)
    if customer_id is not None:
        services = services.filter(customer_id=customer_id)
    service = services.first()
    if service is None:
        raise DoesNotBelong(service_id)
    return service


def rhythm_of(service: Service) -> Rhythm:
    """When the service is charged and renewed."""
    cycle = MONTHS[service.cycle]
    return Rhythm(
        anchor=service.anchor,
        anchor_day=service.anchor_day,
        cycle_months=cycle,
        term_cycles=max(1, MONTHS[service.term] // cycle),
    )


def fingerprint(state: ServiceState) -> str:
    """SHA-256 of everything in the state; sets are put in order first."""
    parts = [repr(state.currency), repr(state.rhythm), repr(state.started_on), repr(state.prices_include_tax)]
    parts += [repr(edition) for edition in state.editions]
    parts += [repr(pair) for pair in sorted(state.upgrades)]
    parts += [repr(rate) for rate in state.tax_rates]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _subscriptions(service: Service, *, day: date) -> dict[str, Subscription]:
    found: dict[str, Subscription] = {}
    for subscription in (
        service.subscriptions.select_related("offer__edition").prefetch_related("batches").order_by("pk")
    ):
        if subscription.ended_on is None or subscription.ended_on == day:
            code = subscription.offer.edition.code
            if code not in found or subscription.ended_on is None:
                found[code] = subscription
    return found


def _edition_state(
    offer: OfferView,
    *,
    subscription: Subscription | None,
    billed: tuple[BilledLine, ...],
    rhythm: Rhythm,
    day: date,
    zone: str,
    policy: DecreasePolicy,
    tax_category: str,
) -> EditionState | None:
    """None for an edition that is neither held nor on sale with a price."""
    price = offer.price_on(day)
    if subscription is None:
        if price is None or not offer.is_on_sale:
            return None
        renewal = offer.price_on(term_end(rhythm, term_start=day))
        return EditionState(
            edition=offer.edition.code,
            position=offer.edition.position,
            unit_price=price,
            renewal_unit_price=price if renewal is None else renewal,
            policy=policy,
            tax_category=tax_category,
            billed=billed,
        )
    locked: Decimal = subscription.unit_price
    renewal = offer.price_on(term_end(rhythm, term_start=subscription.term_started_on))
    return EditionState(
        edition=offer.edition.code,
        position=offer.edition.position,
        unit_price=locked,
        renewal_unit_price=locked if renewal is None else renewal,
        policy=policy,
        tax_category=tax_category,
        held=subscription.held_seats,
        planned=subscription.planned_seats,
        term_start=subscription.term_started_on,
        batches=tuple(
            _batch(batch, zone=zone)
            for batch in sorted(subscription.batches.all(), key=lambda batch: (batch.added_on, batch.pk))
            if batch.seats > batch.returned_seats
        ),
        billed=billed,
    )


def _batch(batch: SeatBatch, *, zone: str) -> Batch:
    through = last_day_before(batch.returnable_until, zone_name=zone) if batch.returnable_until else None
    return Batch(added_on=batch.added_on, seats=batch.seats - batch.returned_seats, returnable_through=through)
