"""The cast of the selling stories: a customer with one service and its owner, and what they do on a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from tests import makers

from perseat.capabilities.customers.models import Customer
from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.ordering.models import Order
from perseat.capabilities.payments.queries import get_available_minor, get_open_minor
from perseat.capabilities.subscriptions.models import Subscription
from perseat.domain.fulfillment import OrderState
from perseat.journeys.checkout import CheckoutView, accept_quote_replacing_open_order, get_checkout
from perseat.journeys.withdrawal import withdraw_order


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One customer with one service, told from its owner's side. Days are ISO dates; each act happens at noon."""

    customer: Customer
    service_id: int
    owner_id: int

    def quote(self, day: str, wanted: Mapping[str, int]) -> UUID:
        return makers.quote(
            self.customer,
            service_id=self.service_id,
            wanted=wanted,
            user_id=self.owner_id,
            now=makers.moment(day),
        )

    def checkout(self, day: str, quote_id: UUID) -> CheckoutView:
        return get_checkout(customer_id=self.customer.pk, quote_id=quote_id, now=makers.moment(day))

    def accept(self, day: str, quote_id: UUID, *, payment_method: str = "bank_transfer") -> Order:
        order_id = makers.accept(
            self.customer,
            quote_id=quote_id,
            user_id=self.owner_id,
            now=makers.moment(day),
            payment_method=payment_method,
        )
        return Order.objects.get(pk=order_id)

    def order(self, day: str, wanted: Mapping[str, int], *, payment_method: str = "bank_transfer") -> Order:
        return self.accept(day, self.quote(day, wanted), payment_method=payment_method)

    def replace(self, day: str, wanted: Mapping[str, int]) -> Order:
        quote_id = self.quote(day, wanted)
        to_pay = self.checkout(day, quote_id).figures.to_pay_minor
        order_id = accept_quote_replacing_open_order(
            customer_id=self.customer.pk,
            user_id=self.owner_id,
            quote_id=quote_id,
            payment_method="bank_transfer" if to_pay else "",
            now=makers.moment(day),
        )
        return Order.objects.get(pk=order_id)

    def pay(self, day: str, order: Order, *, amount_minor: int | None = None) -> int:
        document = self.document(order)
        return makers.pay(
            document.number, amount_minor=amount_minor or get_open_minor(document), now=makers.moment(day)
        )

    def buy(self, day: str, wanted: Mapping[str, int]) -> Order:
        """Order and pay what is open."""
        order = self.order(day, wanted)
        if order.state == OrderState.AWAITING_PAYMENT:
            self.pay(day, order)
        order.refresh_from_db()
        return order

    def withdraw(self, day: str, order: Order) -> None:
        withdraw_order(customer_id=self.customer.pk, user_id=self.owner_id, order_id=order.pk, now=makers.moment(day))

    def renew(self, day: str) -> int:
        return makers.renew(self.customer, now=makers.moment(day))

    def document(self, order: Order) -> Document:
        """The order's own document: the first one."""
        document = order.documents.order_by("pk").first()
        assert document is not None
        return document

    def held(self) -> dict[str, int]:
        rows = Subscription.objects.filter(service_id=self.service_id, ended_on=None).select_related("offer__edition")
        return {row.offer.edition.code: row.held_seats for row in rows}

    def planned(self) -> dict[str, int]:
        rows = Subscription.objects.filter(service_id=self.service_id, ended_on=None).select_related("offer__edition")
        return {row.offer.edition.code: row.planned_seats for row in rows if row.planned_seats is not None}

    def balance(self) -> int:
        return get_available_minor(self.customer.pk, currency=self.customer.currency)

    def open_minor(self, order: Order) -> int:
        return get_open_minor(self.document(order))


def begin(
    seats: Mapping[str, int], *, started_on: str = "2026-11-15", customer: Customer | None = None, **service: str
) -> Story:
    """A customer whose seats were bought and paid on `started_on`; the 15th to the 15th, monthly, anytime policy."""
    customer = customer or makers.make_customer()
    row = makers.make_service(customer, seats=seats, started_on=started_on, **service)  # type: ignore[arg-type]
    return Story(customer=customer, service_id=row.pk, owner_id=makers.make_member(customer).pk)


def state_of(order: Order) -> OrderState:
    """Where the order stands now."""
    order.refresh_from_db()
    return OrderState(order.state)
