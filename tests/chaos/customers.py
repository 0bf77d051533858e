"""The customers of a chaos run: each with a tenant at the simulator, a service, and changes that it accepts."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from tests import makers
from tests.chaos.changes import PEOPLE_TO_BEGIN_WITH, SEATS_TO_BEGIN_WITH, Change, Customer
from tests.chaos.stage import Stage

from perseat.capabilities.catalog import actions as catalog
from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.ordering.models import Order
from perseat.capabilities.payments.queries import get_open_minor
from perseat.capabilities.provisioning.models import Delivery
from perseat.capabilities.provisioning.queries import OPEN_STATES
from perseat.capabilities.subscriptions.models import Subscription
from perseat.domain.calendar import local_day
from perseat.domain.parties import PaymentTerms
from perseat.domain.quote import DecreasePolicy
from perseat.journeys.adoption import adopt_subscriptions, list_adoptable
from perseat.journeys.seat_change import MovingPerson, make_quote
from perseat.ports.outside import Outside

_POLICIES = (DecreasePolicy.ANYTIME, DecreasePolicy.WINDOW, DecreasePolicy.ANYTIME, DecreasePolicy.RENEWAL)
_MUCH_CREDIT_MINOR = 100_000_000
_SKUS = {"basic": "CFQ7TTC0LH18:0001", "standard": "CFQ7TTC0LDPB:0001", "premium": "CFQ7TTC0LCHC:0002"}
SKU_ID_OF = {code: str(sku_id) for code, sku_id in makers.SKU_IDS.items()}


@dataclass(slots=True, kw_only=True)
class Buyer:
    """One customer, its rows, and the change it is about to accept."""

    model: Customer
    customer_id: int
    owner_id: int
    tenant_id: str
    service_id: int
    pending: Change | None = None
    last_kind: str = ""

    def accept_next(self, now: datetime) -> int | None:
        """Quote, accept, and pay where payment comes first; the order's id. None while a return is open."""
        if self.model.policy is not DecreasePolicy.ANYTIME:
            if self._has_open_return():
                return None
            self._look_what_is_held()
        change = self.pending = self.pending or self.model.next_change()
        order_id = self._accept(change, now=now)
        self.model.take_up(change)
        self.pending, self.last_kind = None, change.kind
        return order_id

    def person_id(self, name: str) -> str:
        """What the directory calls a person."""
        return str(uuid.uuid5(uuid.UUID(self.tenant_id), name))

    def _accept(self, change: Change, *, now: datetime) -> int:
        row = makers.Customer.objects.get(pk=self.customer_id)
        people = tuple(
            MovingPerson(person_id=self.person_id(each.person), add=each.target, remove=each.source, name=each.person)
            for each in change.moves
        )
        quote_id = make_quote(
            customer_id=self.customer_id,
            service_id=self.service_id,
            wanted=dict(change.wanted),
            user_id=self.owner_id,
            now=now,
            people=people,
        )
        is_prepaid = row.payment_terms == PaymentTerms.PREPAID
        method = "bank_transfer" if is_prepaid else "on_account"
        order_id = makers.accept(row, quote_id=quote_id, user_id=self.owner_id, now=now, payment_method=method)
        document = Order.objects.get(pk=order_id).documents.order_by("pk").first() if is_prepaid else None
        if document is not None and get_open_minor(document):
            _pay(document, now=now)
        return order_id

    def _has_open_return(self) -> bool:
        returns = Delivery.objects.filter(order__service_id=self.service_id, order__is_return=True)
        return returns.filter(state__in=OPEN_STATES).exists()

    def _look_what_is_held(self) -> None:
        """What fewer seats come to by these policies depends on deadlines; our own tables say it."""
        rows = Subscription.objects.filter(service_id=self.service_id, ended_on=None).select_related("offer__edition")
        self.model.seats = {row.offer.edition.code: row.held_seats for row in rows}
        self.model.plans = {row.offer.edition.code: row.planned_seats for row in rows if row.planned_seats is not None}


def make_buyers(stage: Stage, outside: Outside, *, count: int, seed: int, now: datetime) -> list[Buyer]:
    """So many customers of all policies and both ways to pay, whose first seats are taken over."""
    _make_catalog()
    return [_make_buyer(stage, outside, number=number, seed=seed, now=now) for number in range(count)]


def _make_catalog() -> None:
    makers.make_catalog(policy=DecreasePolicy.ANYTIME)
    for policy in (DecreasePolicy.WINDOW, DecreasePolicy.RENEWAL):
        for code, _name, _former, _product, price in makers.EDITIONS:
            offer_id = catalog.add_offer(code, term="P1M", cycle="P1M", policy=policy)
            catalog.set_price(
                offer_id,
                currency="AUD",
                unit_price=Decimal(price),
                starts_on=date(2020, 1, 1),
                now=makers.KNOWN,
                includes_tax=False,
            )


def _make_buyer(stage: Stage, outside: Outside, *, number: int, seed: int, now: datetime) -> Buyer:
    draw = random.Random(f"{seed} {number}")
    policy = _POLICIES[number % len(_POLICIES)]
    terms = PaymentTerms.PREPAID if draw.random() < 0.3 else PaymentTerms.ON_ACCOUNT
    customer = makers.make_customer(payment_terms=terms, credit_limit_minor=_MUCH_CREDIT_MINOR)
    tenant = makers.make_tenant(customer, now=now)
    makers.Tenant.objects.filter(pk=tenant.pk).update(tenant_id=uuid.UUID(int=draw.getrandbits(128), version=4))
    tenant.refresh_from_db()
    buyer = Buyer(
        model=Customer(policy=policy, draw=draw),
        customer_id=customer.pk,
        owner_id=makers.make_member(customer).pk,
        tenant_id=str(tenant.tenant_id),
        service_id=0,
    )
    stage.ask("POST", "tenants", **_seed(buyer, domain=tenant.domain))
    day = local_day(now, customer.time_zone)
    buyer.service_id = adopt_subscriptions(
        outside,
        customer_id=customer.pk,
        choices=[each.supplier_subscription_id for each in list_adoptable(outside, customer.pk)],
        billing_starts_on=day,
        anchor_day=day.day,
        term="P1M",
        cycle="P1M",
        policy=policy,
        actor="admin@provider.example",
        now=now,
    )
    return buyer


def _seed(buyer: Buyer, *, domain: str) -> dict[str, object]:
    return {
        "tenant_id": buyer.tenant_id,
        "company": "Acme Pty Ltd",
        "domain": domain,
        "country": "AU",
        "users": [
            {
                "id": buyer.person_id(name),
                "user_principal_name": f"{name.lower()}@{domain}",
                "display_name": name,
                "usage_location": "AU",
                "licenses": [_SKUS[edition]],
            }
            for name, edition in PEOPLE_TO_BEGIN_WITH.items()
        ],
        "subscriptions": [
            {"sku": _SKUS[edition], "quantity": seats, "purchased_at": datetime.now(UTC).isoformat()}
            for edition, seats in SEATS_TO_BEGIN_WITH.items()
        ],
    }


def _pay(document: Document, *, now: datetime) -> None:
    makers.pay(document.number, amount_minor=get_open_minor(document), now=now)
