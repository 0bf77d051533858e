"""Service state: all that a quote of a service rests on, read from the tables, and its fingerprint."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property

from perseat.capabilities.catalog.queries import OfferView, list_offers, list_upgrade_paths
from perseat.capabilities.customers.models import Customer
from perseat.capabilities.customers.queries import DoesNotBelong
from perseat.capabilities.invoicing.models import DocumentLine
from perseat.capabilities.subscriptions.models import SeatBatch, Service, Subscription
from perseat.domain.calendar import Rhythm, term_end
from perseat.domain.deadlines import last_day_before
from perseat.domain.money import get_currency
from perseat.domain.quote import Batch, BilledLine, DecreasePolicy, EditionState, LineReason, ServiceState
from perseat.journeys.billed_lines import issued_on, load_billed_lines_of
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
    offers: Mapping[str, OfferView]
    subscriptions: Mapping[str, Subscription]
    taxation: Taxation

    @property
    def customer(self) -> Customer:
        """Whose service it is."""
        return self.service.customer

    @property
    def fingerprint(self) -> str:
        """What differs whenever anything in the state does."""
        return fingerprint(self.state)


class Catalog:
    """What is sold and how it is taxed, as known at one moment, read once for all services that share it."""

    def __init__(self, known_at: datetime | None) -> None:
        self._known_at = known_at
        self._offers: dict[tuple[str, str, str, str, bool], tuple[OfferView, ...]] = {}
        self._taxations: dict[tuple[str, bool], Taxation] = {}

    @cached_property
    def upgrade_paths(self) -> frozenset[tuple[str, str]]:
        """Allowed (source, target) pairs of edition codes."""
        return list_upgrade_paths()

    def offers_of(self, service: Service) -> tuple[OfferView, ...]:
        """The offers on the service's terms, at its customer's prices."""
        customer = service.customer
        key = (service.term, service.cycle, service.policy, customer.currency, customer.prices_include_tax)
        if key not in self._offers:
            self._offers[key] = list_offers(
                term=service.term,
                cycle=service.cycle,
                policy=service.policy,
                currency=customer.currency,
                prices_include_tax=customer.prices_include_tax,
                known_at=self._known_at,
            )
        return self._offers[key]

    def taxation_of(self, customer: Customer) -> Taxation:
        """How the customer is taxed."""
        key = (customer.tax_treatment, customer.prices_include_tax)
        if key not in self._taxations:
            self._taxations[key] = taxation_of(customer, known_at=self._known_at)
        return self._taxations[key]


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
    return load_services([service], day_of={service.pk: day}, known_at=known_at)[service.pk]


def load_services(
    services: Sequence[Service], *, day_of: Mapping[int, date], known_at: datetime | None = None
) -> dict[int, LoadedService]:
    """The same for many rows, each for its own day, by their ids; the number of queries does not grow with them."""
    if not services:
        return {}
    catalog = Catalog(known_at)
    subscriptions = _subscriptions(services, day_of)
    billed = load_billed_lines_of(
        {service.pk: day_of[service.pk] for service in services},
        is_listed=lambda service_id, credit: _is_of_day(credit, day_of[service_id]),
    )
    return {
        service.pk: _load(
            service,
            day=day_of[service.pk],
            catalog=catalog,
            subscriptions=subscriptions.get(service.pk, {}),
            billed=billed.get(service.pk, {}),
        )
        for service in services
    }


def _load(
    service: Service,
    *,
    day: date,
    catalog: Catalog,
    subscriptions: Mapping[str, Subscription],
    billed: Mapping[str, tuple[BilledLine, ...]],
) -> LoadedService:
    customer = service.customer
    rhythm = rhythm_of(service)
    taxation = catalog.taxation_of(customer)
    editions, sold = [], {}
    for offer in catalog.offers_of(service):
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
        upgrades=frozenset(pair for pair in catalog.upgrade_paths if pair[0] in sold and pair[1] in sold),
        tax_rates=taxation.rates,
        prices_include_tax=customer.prices_include_tax,
    )
    return LoadedService(
        service=service,
        state=state,
        offers=sold,
        subscriptions=subscriptions,
        taxation=taxation,
    )


def _is_of_day(credit: DocumentLine, day: date) -> bool:
    """A return's credit counts from the day it was accepted, though it may be dated later (a closed month)."""
    return issued_on(credit) == day and (credit.reason != LineReason.RETURNED or credit.start == day)


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


def _subscriptions(services: Sequence[Service], day_of: Mapping[int, date]) -> dict[int, dict[str, Subscription]]:
    found: dict[int, dict[str, Subscription]] = {}
    rows = Subscription.objects.filter(service__in=services).select_related("offer__edition", "service")
    for subscription in rows.prefetch_related("batches").order_by("pk"):
        of_service = found.setdefault(subscription.service_id, {})
        if subscription.ended_on is None or subscription.ended_on == day_of[subscription.service_id]:
            code = subscription.offer.edition.code
            if code not in of_service or subscription.ended_on is None:
                of_service[code] = subscription
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
