"""Drift: seats at the supplier are compared with what was promised, on its notices and by looking from time to time.

A notice says only that something changed, may come two days late, twice, or never; so it merely asks for a look, and
everybody is looked at every few hours without one. What differs is written down for the staff; nothing is changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import F, Q

from perseat.capabilities.catalog.models import Edition
from perseat.capabilities.customers.models import Customer, Tenant
from perseat.capabilities.provisioning.drifts import (
    Subject,
    has_open_deliveries,
    has_open_drift,
    keep_drift,
    list_open_subjects_not_ours,
    list_tenants_to_look_at,
    record_look,
    record_notice,
    wake_drifts,
)
from perseat.capabilities.provisioning.models import Delivery
from perseat.capabilities.provisioning.queries import OPEN_STATES, Work
from perseat.capabilities.provisioning.suspensions import get_suspension
from perseat.capabilities.subscriptions.models import Service, Subscription
from perseat.capabilities.subscriptions.supplier_facts import record_supplier_reading
from perseat.domain import events
from perseat.domain.drift import DriftKind, FoundSeats, PromisedSeats, find_drift
from perseat.domain.fulfillment import DeliveryAct
from perseat.journeys.deadlines import seats_there
from perseat.journeys.reactions import react
from perseat.ports.failures import CredentialsRefused, Refused, Unanswered
from perseat.ports.outside import Outside
from perseat.ports.seat_provider import SupplierStatus, SupplierSubscription

LOOK_EVERY = timedelta(hours=6)
_AT_ONCE = 50  # tenants a round: at six hours and a round each ten minutes that is 1,800 tenants
log = structlog.get_logger(__name__)


def take_supplier_notice(outside: Outside, *, body: bytes, headers: Mapping[str, str]) -> bool:
    """Keep a notice and have its tenant looked at; False for one that was here before.

    :raises NoticeRefused: (ports.supplier_notices) when it is not the supplier's; nothing is kept.
    """
    notice = outside.notices.read(body, headers)
    with transaction.atomic():
        is_new = record_notice(
            digest=hashlib.sha256(body).hexdigest(),
            event=notice.event,
            tenant_id=notice.tenant_id,
            supplier_subscription_id=notice.subscription_id,
            changed_at=notice.changed_at,
            now=outside.clock.now(),
        )
        if is_new and notice.tenant_id:
            react(events.SeatsMayDiffer(tenant_id=notice.tenant_id))
    return is_new


def look_at_due_tenants(outside: Outside, *, now: datetime) -> int:
    """Look at those that nobody has looked at for some hours; returns how many answered."""
    wake_drifts(now.date())
    answered = 0
    for row_id in list_tenants_to_look_at(looked_before=now - LOOK_EVERY, limit=_AT_ONCE):
        tenant = Tenant.objects.get(pk=row_id)
        try:
            look_at_tenant(outside, str(tenant.tenant_id))
        except (Unanswered, Refused, CredentialsRefused) as silence:
            log.info("a tenant's seats could not be read", tenant=str(tenant.tenant_id), reason=str(silence))
            with transaction.atomic():
                record_look(row_id, now=now)  # the others have their turn before it is asked again
        else:
            answered += 1
    return answered


def look_at_tenant(outside: Outside, tenant_id: str) -> int:
    """Compare a tenant's seats with what was promised; returns how many drifts were opened. Unknown tenants have none.

    :raises Refused, Unanswered, CredentialsRefused: when the supplier says nothing.
    """
    service = Service.objects.select_related("tenant", "customer").filter(tenant__tenant_id=tenant_id).first()
    if service is None:
        return 0
    asked_at = outside.clock.now()
    supplied = outside.seats.list_subscriptions(tenant_id)
    with transaction.atomic():
        Customer.objects.select_for_update(no_key=True).get(pk=service.customer_id)
        opened = _compare_ours(service, supplied, asked_at=asked_at)
        opened += _compare_others(service, supplied, asked_at=asked_at)
        record_look(service.tenant_id, now=asked_at)
    return opened


def _compare_ours(service: Service, supplied: Sequence[SupplierSubscription], *, asked_at: datetime) -> int:
    """Only where nothing of ours is under way, and nothing has changed here since the supplier was asked."""
    if get_suspension(service.pk) is not None:
        return 0  # staff have suspended it from here
    there = {each.subscription_id: each for each in supplied}
    opened = 0
    for row in _ours(service).values():
        found = there.get(row.supplier_subscription_id)
        if found is None or found.status is SupplierStatus.PENDING or _is_moving(row, since=asked_at):
            continue
        record_supplier_reading(row.pk, seats=seats_there(found), term_ends_on=found.term_ends_on, read_at=asked_at)
        promised = PromisedSeats(
            seats=row.held_seats,
            renewal_seats=row.held_seats if row.planned_seats is None else row.planned_seats,
        )
        subject = Subject(
            tenant_row_id=service.tenant_id,
            supplier_subscription_id=row.supplier_subscription_id,
            subscription_id=row.pk,
            title=row.offer.edition.name,
        )
        seats = read_found(found)
        kind = find_drift(promised, seats)
        opened += keep_drift(subject, kind, promised=promised, found=seats, now=asked_at)
    return opened


def keep_what_was_found(work: Work, found: SupplierSubscription, *, now: datetime) -> None:
    """A delivery has met seats that somebody else added; in the caller's transaction, under the order's lock."""
    promised = PromisedSeats(
        seats=work.seats, renewal_seats=work.seats if work.planned_seats is None else work.planned_seats
    )
    subject = Subject(
        tenant_row_id=work.tenant_row_id,
        supplier_subscription_id=work.supplier_subscription_id,
        subscription_id=work.subscription_id,
        title=work.edition_name,
    )
    keep_drift(subject, DriftKind.MORE_SEATS, promised=promised, found=read_found(found), now=now)


def look_again_if_drifted(work: Work) -> None:
    """What was delivered may have ended a drift; in the caller's transaction."""
    if has_open_drift(work.subscription_id):
        react(events.SeatsMayDiffer(tenant_id=work.tenant_id))


def read_found(found: SupplierSubscription) -> FoundSeats:
    """What the supplier holds, as the comparison wants it."""
    planned = found.seats if found.renewal_seats is None else found.renewal_seats
    return FoundSeats(
        seats=found.seats,
        renewal_seats=planned if found.renews_itself else 0,
        is_suspended=found.status is SupplierStatus.SUSPENDED,
        is_ended=found.status is SupplierStatus.ENDED,
    )


def _ours(service: Service) -> dict[str, Subscription]:
    """By the supplier's id; of a row that has ended and one that runs, the running one."""
    rows = service.subscriptions.exclude(supplier_subscription_id="").select_related("offer__edition")
    return {each.supplier_subscription_id: each for each in rows.order_by(F("ended_on").asc(nulls_last=True), "pk")}


def _is_moving(row: Subscription, *, since: datetime) -> bool:
    changed = row.movements.filter(recorded_at__gte=since).exists()
    finished = Delivery.objects.filter(subscription=row, finished_at__gte=since).exists()
    return changed or finished or has_open_deliveries(row.pk)


def _compare_others(service: Service, supplied: Sequence[SupplierSubscription], *, asked_at: datetime) -> int:
    """Subscriptions of editions that we sell, bought by somebody else since the tenant was linked."""
    opened, seen = 0, set[str]()
    ours = Q(order__service=service) | Q(subscription__service=service)
    is_buying = Delivery.objects.filter(ours, act=DeliveryAct.BUY, state__in=OPEN_STATES).exists()
    known = set(_ours(service))
    own_orders = set(Delivery.objects.filter(ours).values_list("supplier_order_id", flat=True)) - {""}
    names = {(each.supplier_product_id, each.supplier_sku_id): each.name for each in Edition.objects.all()}
    for each in supplied:
        name = names.get((each.product_id, each.sku_id))
        is_here = each.status in (SupplierStatus.ACTIVE, SupplierStatus.SUSPENDED)
        if name is None or not is_here or each.subscription_id in known or each.order_id in own_orders:
            continue
        seen.add(each.subscription_id)
        if each.created_at <= service.tenant.linked_at or is_buying:
            continue
        subject = Subject(
            tenant_row_id=service.tenant_id,
            supplier_subscription_id=each.subscription_id,
            subscription_id=None,
            title=name,
        )
        nothing = PromisedSeats(seats=0, renewal_seats=0)
        opened += keep_drift(subject, DriftKind.NOT_OURS, promised=nothing, found=read_found(each), now=asked_at)
    nobody = PromisedSeats(seats=0, renewal_seats=0)
    for subject in list_open_subjects_not_ours(service.tenant_id):
        if subject.supplier_subscription_id not in seen:
            keep_drift(subject, None, promised=nobody, found=FoundSeats(seats=0, renewal_seats=0), now=asked_at)
    return opened
