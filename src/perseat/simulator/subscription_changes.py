"""What a PATCH may make of a subscription: seats, state, renewal. Decides on a copy; nothing is half done."""

from __future__ import annotations

import copy
import datetime
from typing import Any

from perseat.simulator.catalog import TERM_MONTHS, TERMS, load_catalog
from perseat.simulator.messages import JsonObject, parse_instant
from perseat.simulator.partner_errors import PartnerRefusal
from perseat.simulator.seats import WINDOW, room_for_sku
from perseat.simulator.store import Batch, NextTerm, Subscription, Tenant
from perseat.simulator.terms import last_day_of_term, renewal_moment
from perseat.simulator.upgrading import is_being_upgraded

_CYCLE_MONTHS = {"monthly": 1, "annual": 12, "triennial": 36}


def change_subscription(
    subscription: Subscription,
    wanted: JsonObject,
    *,
    tenant: Tenant,
    now: datetime.datetime,
    delay: datetime.timedelta,
) -> Subscription:
    """The subscription as the (folded) body wants it, one version on.

    :raises PartnerRefusal: when the change is not allowed.
    """
    _check_open(subscription)
    if is_being_upgraded(subscription, tenant=tenant):
        raise PartnerRefusal(900278)
    _check_fixed_parts(subscription, wanted)
    changed = copy.deepcopy(subscription)
    changed.version += 1
    changed.friendly_name = str(wanted.get("friendlyname") or subscription.friendly_name)
    status = str(wanted.get("status") or subscription.status).lower()
    quantity = _read_quantity(wanted)
    match subscription.status, status:
        case _, "deleted":
            _cancel(changed, now=now)
        case ("active", "suspended") | ("suspended", "active") | ("suspended", "suspended"):
            _change_state(changed, wanted, status=status, quantity=quantity)
        case "active", "active":
            _change_seats(changed, quantity=quantity, tenant=tenant, now=now, delay=delay)
            _change_renewal(changed, wanted, before=subscription, tenant=tenant)
        case before, after:
            raise PartnerRefusal(800040, after, before)
    return changed


def take_back(batches: list[Batch], *, quantity: int, now: datetime.datetime) -> list[Batch]:
    """The batches left after seats were given back, the newest first; closed batches do not count.

    :raises PartnerRefusal: 800090 when fewer seats may be given back.
    """
    left = sorted((batch for batch in batches if now < batch.allowed_until), key=lambda batch: batch.allowed_until)
    while quantity > 0:
        if not left:
            raise PartnerRefusal(800090)
        newest = left.pop()
        kept = newest.quantity - quantity
        quantity -= newest.quantity
        if kept > 0:
            left.append(Batch(quantity=kept, allowed_until=newest.allowed_until))
    return left


def check_terms(term: str, cycle: str) -> None:
    """Refuse a term or billing cycle that does not exist, or a pair that does not go together.

    :raises PartnerRefusal: 900268, 900269 or 900270.
    """
    if term not in TERM_MONTHS:
        raise PartnerRefusal(900268)
    if cycle not in _CYCLE_MONTHS:
        raise PartnerRefusal(900269)
    if (term, cycle) not in TERMS:
        raise PartnerRefusal(900270)


def _check_open(subscription: Subscription) -> None:
    if subscription.status == "deleted":
        raise PartnerRefusal(2011, subscription.id)
    if subscription.status in {"expired", "disabled"}:
        raise PartnerRefusal(900279)
    if subscription.pending is not None:
        raise PartnerRefusal(900278)


def _check_fixed_parts(subscription: Subscription, wanted: JsonObject) -> None:
    cycle = str(wanted.get("billingcycle") or subscription.billing_cycle).lower()
    term = wanted.get("termduration") or subscription.term_duration
    if cycle != subscription.billing_cycle or term != subscription.term_duration:
        raise PartnerRefusal(2054)


def _read_quantity(wanted: JsonObject) -> int:
    quantity = wanted.get("quantity")
    if not isinstance(quantity, int) or isinstance(quantity, bool) or quantity < 1:
        raise PartnerRefusal(2002)
    return quantity


def _cancel(changed: Subscription, *, now: datetime.datetime) -> None:
    if changed.cancellable_until is None or now >= changed.cancellable_until:
        raise PartnerRefusal(900117, WINDOW.days)
    changed.status = "deleted"
    changed.status_changed_at = now
    changed.auto_renew = False
    changed.next_term = None
    changed.batches = []
    changed.cancellable_until = None


def _change_state(changed: Subscription, wanted: JsonObject, *, status: str, quantity: int) -> None:
    if quantity != changed.quantity:
        raise PartnerRefusal(2001)
    if status == "suspended" == changed.status and wanted.get("autorenewenabled"):
        raise PartnerRefusal(800091)
    if status == "active":
        changed.auto_renew = bool(wanted.get("autorenewenabled"))
    else:
        changed.auto_renew = False
        changed.next_term = None
    changed.status = status


def _change_seats(
    changed: Subscription, *, quantity: int, tenant: Tenant, now: datetime.datetime, delay: datetime.timedelta
) -> None:
    added = quantity - changed.quantity
    if added == 0:
        return
    if added > 0:
        room = room_for_sku(tenant, sku=load_catalog().skus[changed.sku_key], besides=changed.id)
        if quantity > room:
            raise PartnerRefusal(800088, quantity, room)
        changed.batches.append(Batch(quantity=added, allowed_until=now + WINDOW))
    else:
        changed.batches = take_back(changed.batches, quantity=-added, now=now)
    changed.quantity = quantity
    changed.show_seats_at(now + delay, quantity=quantity)


def _change_renewal(changed: Subscription, wanted: JsonObject, *, before: Subscription, tenant: Tenant) -> None:
    changed.auto_renew = bool(wanted.get("autorenewenabled"))
    instructions = wanted.get("schedulednextterminstructions")
    # A mid-term change of seats deletes the schedule, even one that comes in the same body.
    if not changed.auto_renew or not instructions or changed.quantity != before.quantity:
        changed.next_term = None
        return
    if not isinstance(instructions, dict):
        raise PartnerRefusal(3000, "scheduledNextTermInstructions")
    changed.next_term = _read_next_term(instructions, subscription=changed, tenant=tenant)


def _read_next_term(instructions: JsonObject, *, subscription: Subscription, tenant: Tenant) -> NextTerm:
    product = instructions.get("product") or {}
    product_id, sku_id, availability_id = subscription.offer_id.split(":")
    planned = NextTerm(
        product_id=str(product.get("productid") or product_id).upper(),
        sku_id=str(product.get("skuid") or sku_id).upper(),
        availability_id=str(product.get("availabilityid") or availability_id).upper(),
        billing_cycle=str(product.get("billingcycle") or subscription.billing_cycle).lower(),
        term_duration=str(product.get("termduration") or subscription.term_duration),
        quantity=_read_quantity({"quantity": instructions.get("quantity", subscription.quantity)}),
    )
    check_terms(planned.term_duration, planned.billing_cycle)
    _check_next_sku(planned, subscription=subscription, tenant=tenant)
    planned.custom_term_end_date = _read_end_date(instructions.get("customtermenddate"), planned, subscription)
    return planned


def _check_next_sku(planned: NextTerm, *, subscription: Subscription, tenant: Tenant) -> None:
    skus = load_catalog().skus
    sku = skus.get(f"{planned.product_id}:{planned.sku_id}")
    if sku is None:
        raise PartnerRefusal(400018)
    if sku.key not in {subscription.sku_key, *skus[subscription.sku_key].upgrade_targets}:
        raise PartnerRefusal(800020)
    room = room_for_sku(tenant, sku=sku, besides=subscription.id)
    if planned.quantity > room:
        raise PartnerRefusal(800088, planned.quantity, room)


def _read_end_date(value: Any, planned: NextTerm, subscription: Subscription) -> datetime.date | None:
    if not value:
        return None
    try:
        end_date = parse_instant(str(value)).date()
    except ValueError as problem:
        raise PartnerRefusal(3000, "customTermEndDate") from problem
    first_day = renewal_moment(subscription.end_date).date()
    if not first_day <= end_date <= last_day_of_term(first_day, term=planned.term_duration):
        raise PartnerRefusal(900245)
    return end_date
