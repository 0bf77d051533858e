"""What is wrong after a chaos run: the supplier's seats, people and our books, each against what was accepted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.chaos.changes import SEATS_TO_BEGIN_WITH
from tests.chaos.customers import SKU_ID_OF, Buyer
from tests.chaos.stage import Stage

from perseat.capabilities.ordering.models import Order
from perseat.capabilities.provisioning.models import Delivery
from perseat.capabilities.subscriptions.models import Subscription
from perseat.domain.fulfillment import DeliveryState, OrderState
from perseat.domain.quote import DecreasePolicy
from perseat.journeys.audit import audit_everything

_ENDS = frozenset({OrderState.READY, OrderState.SCHEDULED})


@dataclass(slots=True, kw_only=True)
class Wrong:
    """Counts by what is wrong, and a sentence for each.

    `kept_until_renewal`: seats that the supplier takes back with the renewal only, as it said; nothing is wrong there.
    """

    counts: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(
            ("seats twice", "seats lost", "not delivered", "people without", "people elsewhere", "plans", "books"), 0
        )
    )
    sentences: list[str] = field(default_factory=list)
    kept_until_renewal: int = 0

    def add(self, what: str, sentence: str, *, count: int = 1) -> None:
        self.counts[what] += count
        self.sentences.append(f"{what}: {sentence}")

    @property
    def total(self) -> int:
        """All of it."""
        return sum(self.counts.values())


def look_for_wrongs(stage: Stage, buyers: Sequence[Buyer], *, now: datetime) -> Wrong:
    """Everything that is not as it was accepted."""
    wrong = Wrong()
    there = {each["tenant_id"]: each for each in stage.ask("GET", "holdings")["tenants"]}
    for buyer in buyers:
        _check_orders(buyer, wrong)
        _check_seats(buyer, there[buyer.tenant_id], wrong)
        _check_model(buyer, wrong)
        _check_people(buyer, there[buyer.tenant_id], wrong)
    for number, difference in audit_everything(now=now):
        wrong.add("books", f"{number}: {difference}")
    return wrong


def list_parked(buyers: Sequence[Buyer]) -> list[Delivery]:
    """Deliveries that wait for a person."""
    services = [each.service_id for each in buyers]
    return list(Delivery.objects.filter(order__service_id__in=services, state=DeliveryState.PARKED).order_by("pk"))


def count_unfinished(buyers: Sequence[Buyer]) -> int:
    """Orders that are not at their end yet."""
    services = [each.service_id for each in buyers]
    return Order.objects.filter(service_id__in=services).exclude(state__in=_ENDS).count()


def _check_orders(buyer: Buyer, wrong: Wrong) -> None:
    for order in Order.objects.filter(service_id=buyer.service_id).exclude(state__in=_ENDS):
        why = "; ".join(
            f"{each.act} {each.state}: {each.error_sentence}" for each in order.deliveries.exclude(state="done")
        )
        wrong.add("not delivered", f"order {order.pk} is {order.state} ({order.attention}): {why}")


def _check_seats(buyer: Buyer, there: Mapping[str, Any], wrong: Wrong) -> None:
    known = {each["id"]: each for each in there["subscriptions"]}
    accounted = set()
    for row in Subscription.objects.filter(service_id=buyer.service_id).select_related("offer__edition"):
        held = 0 if row.ended_on else row.held_seats
        found = known.get(row.supplier_subscription_id)
        seats = found["quantity"] if found and found["status"] == "active" else 0
        what = f"{row.offer.edition.code} of service {buyer.service_id}: {held} accepted, {seats} there"
        if seats > held and found and _is_kept_until_the_renewal(row, found):
            wrong.kept_until_renewal += seats - held
        elif seats != held:
            wrong.add("seats twice" if seats > held else "seats lost", what, count=abs(seats - held))
        elif found and held and _renews_with(found, held) != (held if row.planned_seats is None else row.planned_seats):
            wrong.add("plans", f"{what}; {row.planned_seats} planned here, {found['renewal_quantity']} there")
        accounted.add(row.supplier_subscription_id)
    for each in known.values():
        if each["id"] not in accounted and each["status"] == "active":
            sentence = f"nobody ordered {each['quantity']} seats of {each['sku']} in service {buyer.service_id}"
            wrong.add("seats twice", sentence, count=each["quantity"])
    _check_purchases(buyer, there, wrong)


def _renews_with(found: Mapping[str, Any], held: int) -> int:
    return held if found["renewal_quantity"] is None else int(found["renewal_quantity"])


def _is_kept_until_the_renewal(row: Subscription, found: Mapping[str, Any]) -> bool:
    """Seats that came by an upgrade cannot be given back: the delivery said so, and they do not renew."""
    said = Delivery.objects.filter(subscription=row, error_sentence__startswith="The supplier keeps").exists()
    held = 0 if row.ended_on else row.held_seats
    planned = held if row.planned_seats is None else row.planned_seats
    return said and bool(found["renewal_quantity"] == planned)


def _check_purchases(buyer: Buyer, there: Mapping[str, Any], wrong: Wrong) -> None:
    """Every order there is one that we wrote down, was there from the beginning, or came with an upgrade."""
    placed = Delivery.objects.filter(order__service_id=buyer.service_id).exclude(supplier_order_id="")
    known = set(placed.values_list("supplier_order_id", flat=True))
    begun_with = {each["id"] for each in there["orders"][: len(SEATS_TO_BEGIN_WITH)]}
    for order in there["orders"]:
        if order["id"] not in known | begun_with and not order["is_of_an_upgrade"]:
            wrong.add("seats twice", f"order {order['id']} of service {buyer.service_id} is not ours")


def _check_model(buyer: Buyer, wrong: Wrong) -> None:
    """Where fewer seats go at once, what is held must be what the customer asked for, counted by itself."""
    if buyer.model.policy is not DecreasePolicy.ANYTIME:
        return
    rows = Subscription.objects.filter(service_id=buyer.service_id, ended_on=None).select_related("offer__edition")
    held = {row.offer.edition.code: row.held_seats for row in rows if row.held_seats}
    asked = {code: seats for code, seats in buyer.model.seats.items() if seats}
    if held != asked:
        wrong.add("seats lost", f"service {buyer.service_id} asked for {asked} and holds {held}")


def _check_people(buyer: Buyer, there: Mapping[str, Any], wrong: Wrong) -> None:
    """Seats leave by an upgrade before their people do, which Microsoft lets be while some of them remain."""
    for name in there["fell_to_none"]:
        wrong.add("people without", f"{name} was without a license for a while")
    gone = [each for each in there["uncovered"] if not each["seats"]]
    for each in (*gone, *there["uncovered_now"]):
        what = f"{each['people']} people, {each['seats']} seats of {_edition(each['sku_id'])}"
        wrong.add("people without", f"{what} in service {buyer.service_id} from {each['since']} on")
    for name, held in _people(there):
        wanted = [SKU_ID_OF[buyer.model.people[name]]]
        if not held:
            wrong.add("people without", f"{name} of service {buyer.service_id} holds nothing")
        elif held != wanted:
            holds = f"{name} of service {buyer.service_id} holds {[_edition(each) for each in held]}"
            wrong.add("people elsewhere", f"{holds}, not {buyer.model.people[name]}")


def _people(there: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    for sign_in_name, held in there["users"].items():
        yield sign_in_name.partition("@")[0].capitalize(), held


def _edition(sku_id: str) -> str:
    return next((code for code, known in SKU_ID_OF.items() if known == sku_id), sku_id)
