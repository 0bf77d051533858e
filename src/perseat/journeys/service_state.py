"""Service state: all that a quote of a service rests on, read from the tables, and its fingerprint."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.conf import settings

from perseat.capabilities.catalog.queries import (
    DatedTaxRate,
    OfferView,
    list_offers,
    list_tax_rates,
    list_upgrade_paths,
)
from perseat.capabilities.customers.models import Customer
from perseat.capabilities.customers.queries import DoesNotBelong
from perseat.capabilities.subscriptions.models import SeatBatch, Service, Subscription
from perseat.domain.calendar import Rhythm, local_day, term_end
from perseat.domain.money import get_currency
from perseat.domain.parties import TaxTreatment
from perseat.domain.quote import Batch, BilledLine, DecreasePolicy, EditionState, ServiceState, TaxRate
from perseat.journeys.billed_lines import issued_on, load_billed_lines

MONTHS: Mapping[str, int] = {"P1M": 1, "P3M": 3, "P6M": 6, "P1Y": 12, "P3Y": 36}

# EN 16931: the category of a treatment that leaves nothing to the edition, always at 0 %.
_TREATED_AS: Mapping[str, str] = {TaxTreatment.REVERSE_CHARGE: "AE", TaxTreatment.EXEMPT: "E"}
_FREE = {each: TaxRate(category=each, rate=Decimal(0), starts_on=date.min) for each in ("AE", "E")}
_TREATMENT_LABELS: Mapping[str, str] = {"AE": "Reverse charge", "E": "Exempt"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedService:
    """A service with the decision's inputs (`state`) and the rows that the decision is recorded in.

    `offers` and `subscriptions` (running ones, and those that ended on the day) by edition code; `tax_labels` by
    category.
    """

    service: Service
    state: ServiceState
    fingerprint: str
    offers: Mapping[str, OfferView]
    subscriptions: Mapping[str, Subscription]
    tax_labels: Mapping[str, str]

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


def load_service(service_id: int, *, day: date, customer_id: int | None = None) -> LoadedService:
    """The service with all that a quote of `day` rests on; a customer's own one when `customer_id` is given."""
    return load_around(get_service_row(service_id, customer_id=customer_id), day=day)


def load_around(service: Service, *, day: date) -> LoadedService:
    """The same for a row of `get_service_row`."""
    customer = service.customer
    rhythm = rhythm_of(service)
    offers = list_offers(term=service.term, cycle=service.cycle, policy=service.policy, currency=customer.currency)
    subscriptions = _subscriptions(service, day=day)
    billed = load_billed_lines(service.pk, ends_after=day, is_listed=lambda credit: issued_on(credit) == day)
    treated = _TREATED_AS.get(customer.tax_treatment, "")
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
            tax_category=treated or offer.edition.tax_category,
        )
        if edition is not None:
            editions.append(edition)
            sold[code] = offer
    rates = list_tax_rates(settings.PERSEAT.provider_country)
    state = ServiceState(
        currency=get_currency(customer.currency),
        rhythm=rhythm,
        started_on=service.billing_starts_on,
        editions=tuple(editions),
        upgrades=frozenset(pair for pair in list_upgrade_paths() if pair[0] in sold and pair[1] in sold),
        tax_rates=(_FREE[treated],) if treated else _tax_rates(rates),
    )
    return LoadedService(
        service=service,
        state=state,
        fingerprint=fingerprint(state),
        offers=sold,
        subscriptions=subscriptions,
        tax_labels={**{rate.category: rate.label for rate in rates}, **_TREATMENT_LABELS},
    )


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
    """The last whole day before the deadline: a day is the smallest thing that we sell."""
    through = batch.returnable_until and local_day(batch.returnable_until, zone) - timedelta(days=1)
    return Batch(added_on=batch.added_on, seats=batch.seats - batch.returned_seats, returnable_through=through)


def _tax_rates(rates: tuple[DatedTaxRate, ...]) -> tuple[TaxRate, ...]:
    """Without any rate the seller is outside tax."""
    return tuple(TaxRate(category=rate.category, rate=rate.rate, starts_on=rate.starts_on) for rate in rates)
