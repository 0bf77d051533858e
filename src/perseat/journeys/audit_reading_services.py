"""Audit reading of services: seats with their history, batches, prices and the supplier's side, and charged periods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.conf import settings
from django.db.models import F, Sum

from perseat.capabilities.catalog.models import Price, TaxRate
from perseat.capabilities.customers.models import Customer
from perseat.capabilities.ordering.models import Order
from perseat.capabilities.provisioning.models import Delivery
from perseat.capabilities.provisioning.queries import OPEN_STATES
from perseat.capabilities.renewals.models import RenewedPeriod
from perseat.capabilities.subscriptions.models import SeatBatch, SeatMovement, Service, ServiceState, Subscription
from perseat.domain.audit_facts import (
    AuditedMovement,
    AuditedPeriod,
    AuditedPrice,
    AuditedService,
    AuditedSubscription,
    AuditedTaxRate,
)
from perseat.domain.calendar import Period
from perseat.domain.quote import TaxRate as Rate
from perseat.journeys.audit_reading_orders import grouped
from perseat.journeys.service_state import rhythm_of

Prices = Mapping[tuple[int, str, bool], tuple[AuditedPrice, ...]]


def read_services(customers: Mapping[int, Customer]) -> dict[int, list[AuditedService]]:
    """Services of each of these customers, oldest first."""
    rows = list(Service.objects.filter(customer__in=customers).order_by("pk"))
    ids = [row.pk for row in rows]
    movements = grouped(
        (row.subscription_id, row) for row in SeatMovement.objects.filter(subscription__service__in=ids).order_by("pk")
    )
    held = Subscription.objects.filter(service__in=ids).select_related("offer__edition").order_by("pk")
    subscriptions = grouped((row.service_id, row) for row in held)
    prices = _prices({row.offer_id for rows in subscriptions.values() for row in rows})
    batches = SeatBatch.objects.filter(subscription__service__in=ids).order_by()
    batched = dict(
        batches.values("subscription")
        .annotate(left=Sum(F("seats") - F("returned_seats")))
        .values_list("subscription", "left")
    )
    waiting = set(
        Delivery.objects.filter(subscription__service__in=ids, state__in=OPEN_STATES).values_list(
            "subscription", flat=True
        )
    )
    periods = grouped(
        (row.service_id, row) for row in RenewedPeriod.objects.filter(service__in=ids).order_by("starts_on")
    )
    ends = grouped(Order.objects.filter(service__in=ids).order_by("pk").values_list("service_id", "quote__period_end"))
    return grouped(
        (
            row.customer_id,
            AuditedService(
                service_id=row.pk,
                name=row.name,
                rhythm=rhythm_of(row),
                billing_starts_on=row.billing_starts_on,
                billed_through=row.billed_through,
                is_running=row.state == ServiceState.ACTIVE,
                subscriptions=tuple(
                    _subscription(
                        each,
                        movements=movements.get(each.pk, ()),
                        prices=prices.get((each.offer_id, *_list_of(customers[row.customer_id])), ()),
                        in_batches=batched.get(each.pk, 0),
                        is_open=each.pk in waiting,
                    )
                    for each in subscriptions.get(row.pk, ())
                ),
                periods=tuple(
                    AuditedPeriod(
                        period=Period(each.starts_on, each.ends_on),
                        document_id=each.document_id,
                        renewed_at=each.renewed_at,
                    )
                    for each in periods.get(row.pk, ())
                ),
                begun_through=tuple(ends.get(row.pk, ())),
            ),
        )
        for row in rows
    )


def read_tax_rates() -> tuple[AuditedTaxRate, ...]:
    """All that were ever entered for the provider's country, by their first day and then by when they became known."""
    rows = TaxRate.objects.filter(country=settings.PERSEAT.provider_country)
    return tuple(
        AuditedTaxRate(
            rate=Rate(category=row.category, rate=row.rate, starts_on=row.starts_on), recorded_at=row.recorded_at
        )
        for row in rows.order_by("starts_on", "recorded_at", "pk")
    )


def _prices(offer_ids: set[int]) -> Prices:
    rows = Price.objects.filter(offer__in=offer_ids).order_by("starts_on", "recorded_at", "pk")
    pairs = grouped(
        (
            (row.offer_id, row.currency, row.includes_tax),
            AuditedPrice(starts_on=row.starts_on, unit_price=row.unit_price, recorded_at=row.recorded_at),
        )
        for row in rows
    )
    return {key: tuple(dated) for key, dated in pairs.items()}


def _list_of(customer: Customer) -> tuple[str, bool]:
    return customer.currency, customer.prices_include_tax


def _subscription(
    row: Subscription,
    *,
    movements: Sequence[SeatMovement],
    prices: tuple[AuditedPrice, ...],
    in_batches: int,
    is_open: bool,
) -> AuditedSubscription:
    changed_at = movements[-1].recorded_at if movements else None
    is_read = row.supplier_read_at is not None and (changed_at is None or row.supplier_read_at >= changed_at)
    return AuditedSubscription(
        subscription_id=row.pk,
        edition=row.offer.edition.code,
        position=row.offer.edition.position,
        held=row.held_seats,
        planned=row.planned_seats,
        started_on=row.started_on,
        ended_on=row.ended_on,
        unit_price=row.unit_price,
        term_started_on=row.term_started_on,
        in_batches=in_batches,
        at_supplier=row.supplier_seats,
        is_settled=is_read and not is_open,
        movements=tuple(
            AuditedMovement(
                effective_on=each.effective_on,
                recorded_at=each.recorded_at,
                seats=each.seats,
                planned=each.planned_seats,
                cause=each.cause,
            )
            for each in movements
        ),
        prices=prices,
    )
