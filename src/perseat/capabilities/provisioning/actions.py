"""Writes of deliveries: intentions first, then every answer. Nothing here asks the supplier."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from perseat.capabilities.ordering.models import Order
from perseat.capabilities.provisioning.models import Delivery, DeliveryAttempt
from perseat.capabilities.provisioning.queries import MOVING_STATES, OPEN_STATES
from perseat.capabilities.subscriptions.models import Subscription
from perseat.domain.delivery_plan import Exchange, NamedPerson, PlannedDelivery, SeatChange, Step, plan_deliveries
from perseat.domain.fulfillment import DeliveryAct, DeliveryState


class OrderLineWithoutSubscription(LookupError):
    """An order line's offer has no subscription; the caller has to open it before deliveries are recorded."""


def record_deliveries(order_id: int, *, now: datetime) -> tuple[int, ...]:
    """Record what makes an order true at the supplier, in the caller's transaction; returns the ids in running order.

    Call it once the order's totals are held (Subscription rows exist). Recording again changes nothing.

    :raises OrderLineWithoutSubscription: when a line's subscription is missing.
    """
    existing = tuple(Delivery.objects.filter(order_id=order_id).order_by("step", "pk").values_list("pk", flat=True))
    if existing:
        return existing
    order = Order.objects.select_related("quote").get(pk=order_id)
    subscriptions = _subscriptions_of(order)
    plan = plan_deliveries(
        _seat_changes(order, subscriptions),
        exchanges=[
            Exchange(source=each["source"], target=each["target"], seats=each["seats"]) for each in order.quote.upgrades
        ],
        people=[
            NamedPerson(
                person_id=each["person_id"],
                add=each.get("add") or "",
                remove=each.get("remove") or "",
                name=each.get("name") or "",
            )
            for each in order.quote.people
        ],
    )
    rows = [_delivery(order_id, subscriptions[each.edition], planned=each, now=now) for each in plan]
    return tuple(each.pk for each in Delivery.objects.bulk_create(rows))


def take_next(order_id: int, *, now: datetime) -> int | None:
    """Mark the next due delivery of the order as being asked, and return its id; None when nothing is due.

    A delivery left in ASKING by a killed worker is taken again: everything said to the supplier may be said twice.
    """
    open_rows = list(
        Delivery.objects.select_for_update(no_key=True)
        .filter(order_id=order_id, state__in=OPEN_STATES)
        .order_by("step", "pk")
    )
    if not open_rows:
        return None
    step = open_rows[0].step
    for row in open_rows:
        is_due = row.next_attempt_at is None or row.next_attempt_at <= now
        if row.step == step and row.state in MOVING_STATES and is_due:
            mark_asking(row)
            return row.pk
    return None


def open_delivery_alone(subscription_id: int, *, act: DeliveryAct, seats: int, seats_before: int, now: datetime) -> int:
    """Record an intention that no order asks for, such as undoing what was changed elsewhere; returns its id."""
    row = Delivery.objects.create(
        subscription_id=subscription_id,
        act=act,
        step=Step.INCREASES,
        seats=seats,
        seats_before=seats_before,
        created_at=now,
        driven_since=now,
    )
    return row.pk


def mark_asking(row: Delivery) -> None:
    """One more attempt begins; the caller holds the row's lock."""
    row.attempts += 1
    row.next_attempt_at = None
    if row.state == DeliveryState.WAITING:
        row.state = DeliveryState.ASKING
    row.save(update_fields=["attempts", "next_attempt_at", "state"])


def keep_basket(delivery_id: int, *, basket_id: str) -> str:
    """Write a basket down before it is bought, and return the one that counts: the first that was written."""
    Delivery.objects.filter(pk=delivery_id, basket_id="").update(basket_id=basket_id)
    return Delivery.objects.values_list("basket_id", flat=True).get(pk=delivery_id)


def keep_purchase(delivery_id: int, *, supplier_order_id: str, supplier_subscription_id: str) -> None:
    """Write down what a purchase became; the subscription's id may follow later."""
    delivery = Delivery.objects.select_for_update(no_key=True).get(pk=delivery_id)
    delivery.supplier_order_id = supplier_order_id
    delivery.save(update_fields=["supplier_order_id"])
    if supplier_subscription_id:
        subscription = Subscription.objects.filter(pk=delivery.subscription_id, supplier_subscription_id="")
        subscription.update(supplier_subscription_id=supplier_subscription_id)


def keep_operation(delivery_id: int, *, operation_id: str) -> None:
    """Write down which upgrade at the supplier this is; "" when the one asked for has come to nothing."""
    Delivery.objects.filter(pk=delivery_id).update(operation_id=operation_id[:60])


def keep_upgraded_seats(delivery_id: int, *, seats: int) -> None:
    """Note that the supplier has upgraded this many seats; it cannot be undone."""
    Delivery.objects.filter(pk=delivery_id).update(upgraded_seats=seats)


def finish_covered_increase(order_id: int, *, subscription_id: int, seats: int, now: datetime, sentence: str) -> None:
    """An increase to the total that an upgrade has reached already has nothing left to do."""
    Delivery.objects.filter(
        order_id=order_id,
        subscription_id=subscription_id,
        act__in=[DeliveryAct.BUY, DeliveryAct.SET_SEATS],
        seats=seats,
        seats_before__lt=seats,
        state=DeliveryState.WAITING,
    ).update(state=DeliveryState.DONE, finished_at=now, next_attempt_at=None, error_sentence=sentence[:500])


def keep_directory_seats(delivery_id: int, *, directory_seats: int) -> None:
    """Note, once and before asking, from which count on the new seats can be seen in the directory."""
    Delivery.objects.filter(pk=delivery_id, directory_seats=None).update(directory_seats=directory_seats)


def forget_directory_seats(delivery_id: int) -> None:
    """What was noted before asking counts seats that are not ours to wait for."""
    Delivery.objects.filter(pk=delivery_id).update(directory_seats=None)


def keep_supplier_seats(delivery_id: int, *, seats: int) -> None:
    """Note, once and before asking, what the supplier holds of what is given back."""
    Delivery.objects.filter(pk=delivery_id, supplier_seats=None).update(supplier_seats=seats)


def keep_people(delivery_id: int, *, people: Sequence[dict[str, Any]]) -> None:
    """Write down who is moved and who has been."""
    Delivery.objects.filter(pk=delivery_id).update(people=list(people), exchanges=[])


def record_attempt(
    delivery_id: int,
    *,
    at: datetime,
    question: str,
    request_id: UUID,
    outcome: str,
    detail: str = "",
    correlation_id: str = "",
) -> None:
    """Keep a question and its answer for the staff and for the supplier's support."""
    DeliveryAttempt.objects.create(
        delivery_id=delivery_id,
        at=at,
        question=question[:60],
        request_id=request_id,
        outcome=outcome[:30],
        detail=detail[:500],
        correlation_id=correlation_id[:60],
    )


def finish_delivery(
    delivery_id: int, *, state: DeliveryState, now: datetime, code: str = "", sentence: str = ""
) -> None:
    """Set a delivery to an end state (done, refused, cancelled)."""
    _locked(delivery_id).update(
        state=state, finished_at=now, next_attempt_at=None, error_code=code[:60], error_sentence=sentence[:500]
    )


def postpone_delivery(delivery_id: int, *, until: datetime, sentence: str = "") -> None:
    """Let a delivery wait: nothing is known, or nothing was asked."""
    _locked(delivery_id).update(
        state=DeliveryState.WAITING, next_attempt_at=until, error_code="", error_sentence=sentence[:500]
    )


def accept_delivery(delivery_id: int, *, now: datetime, until: datetime, sentence: str = "") -> None:
    """The supplier has accepted; look again at `until` whether the seats can be seen."""
    Delivery.objects.filter(pk=delivery_id, accepted_at=None).update(accepted_at=now, attempts=0)
    _locked(delivery_id).update(
        state=DeliveryState.AT_SUPPLIER, next_attempt_at=until, error_code="", error_sentence=sentence[:500]
    )


def park_delivery(delivery_id: int, *, code: str = "", sentence: str) -> None:
    """Stop a delivery until a person of the staff decides."""
    _locked(delivery_id).update(
        state=DeliveryState.PARKED, next_attempt_at=None, error_code=code[:60], error_sentence=sentence[:500]
    )


def unpark_delivery(delivery_id: int, *, now: datetime) -> bool:
    """Let a parked or waiting delivery run at once; False when it is neither."""
    rows = Delivery.objects.filter(pk=delivery_id, state__in=[DeliveryState.PARKED, DeliveryState.WAITING])
    return bool(rows.update(state=DeliveryState.WAITING, next_attempt_at=now, attempts=0, driven_since=now))


def cancel_deliveries(delivery_ids: Sequence[int], *, now: datetime, sentence: str) -> None:
    """Withdraw intentions that make no sense any more."""
    Delivery.objects.filter(pk__in=delivery_ids, state__in=OPEN_STATES).update(
        state=DeliveryState.CANCELLED, finished_at=now, next_attempt_at=None, error_sentence=sentence[:500]
    )


def replace_people_work(
    delivery_id: int, *, people: Sequence[dict[str, Any]], exchanges: Sequence[dict[str, Any]]
) -> None:
    """Change who is to be moved, while nobody has been asked for yet."""
    Delivery.objects.filter(pk=delivery_id).update(people=list(people), exchanges=list(exchanges))


def replace_seats(delivery_id: int, *, act: DeliveryAct, seats: int) -> None:
    """Change the total that an open delivery drives to, because part of its order was refused."""
    Delivery.objects.filter(pk=delivery_id, state__in=OPEN_STATES).update(act=act, seats=seats)


def _locked(delivery_id: int) -> QuerySet[Delivery]:
    return Delivery.objects.filter(pk=delivery_id)


def _subscriptions_of(order: Order) -> dict[str, Subscription]:
    """By edition code: the running subscription of each line's offer, or the one that this order ended."""
    offers = [line.offer_id for line in order.lines.all()]
    rows = Subscription.objects.filter(service_id=order.service_id, offer_id__in=offers)
    newest_last = rows.select_related("offer__edition").order_by("pk")
    return {each.offer.edition.code: each for each in newest_last}


def _seat_changes(order: Order, subscriptions: dict[str, Subscription]) -> list[SeatChange]:
    changes = []
    for line in order.lines.select_related("offer__edition").order_by("offer__edition__position"):
        code = line.offer.edition.code
        subscription = subscriptions.get(code)
        if subscription is None:
            if line.seats_before == line.seats_now:
                continue
            raise OrderLineWithoutSubscription(code)
        changes.append(
            SeatChange(
                edition=code,
                seats_before=line.seats_before,
                seats_now=line.seats_now,
                planned_seats=line.planned_seats,
                is_bought=_is_bought(subscription),
                had_plan=_had_plan(subscription),
            )
        )
    return changes


def _is_bought(subscription: Subscription) -> bool:
    under_way = Delivery.objects.filter(
        Q(state__in=OPEN_STATES) | Q(state=DeliveryState.DONE), subscription=subscription, act=DeliveryAct.BUY
    )
    return bool(subscription.supplier_subscription_id) or under_way.exists()


def _had_plan(subscription: Subscription) -> bool:
    """Whether something was planned before the movement that the order has just recorded."""
    before = subscription.movements.order_by("-pk").values_list("planned_seats", flat=True)[1:2]
    return any(planned is not None for planned in before)


def _delivery(order_id: int, subscription: Subscription, *, planned: PlannedDelivery, now: datetime) -> Delivery:
    return Delivery(
        order_id=order_id,
        subscription=subscription,
        act=planned.act,
        step=planned.step,
        seats=planned.seats,
        seats_before=planned.seats_before,
        people=[
            {
                "person_id": each.person_id,
                "name": each.name,
                "add": each.add,
                "remove": each.remove,
                "is_done": False,
            }
            for each in planned.people
        ],
        exchanges=[{"source": each.source, "target": each.target, "seats": each.seats} for each in planned.exchanges],
        created_at=now,
        driven_since=now,
    )
