"""Filling: as many rows of everything as are asked for, beside one customer whose seats are at a simulated Microsoft.

Most rows are copies of rows that the journeys wrote, so they look like real ones; only what must differ does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar
from uuid import uuid4

from django.conf import settings
from django.db.models import Model
from django.test import Client
from tests.journeys.outside import make_world
from tests.makers import make_user, pay, renew

from perseat.capabilities.accounts.models import User
from perseat.capabilities.customers.models import Customer
from perseat.capabilities.invoicing.models import Document, DocumentLine, DocumentTax
from perseat.capabilities.ordering.models import Order, OrderLine
from perseat.capabilities.payments.models import Allocation, GatewayNotice, Payment
from perseat.capabilities.provisioning.models import Delivery
from perseat.capabilities.questions.models import Message, Question
from perseat.capabilities.subscriptions.models import Subscription
from perseat.domain.fulfillment import DeliveryState, OrderState
from perseat.domain.rights import StaffRole

_BATCH = 1_000
_A_YEAR = timedelta(days=365)
Copied = TypeVar("Copied", bound=Model)


class Filling:
    """One customer with a service at Microsoft, and a clerk who looks at everything."""

    def __init__(self) -> None:
        self._world = make_world(seats={"basic": 5}, people={"Ada": "basic"})
        settings.OUTSIDE = self._world.outside
        world = self._world
        renew(world.customer, now=world.now())
        pay(Document.objects.get().number, amount_minor=4950, now=world.now())
        self.order_id = world.order(basic=6)
        world.deliver(self.order_id, for_minutes=30)
        self.service_id = world.service.pk
        self.owner_id = world.owner.pk
        self.clerk_id = make_user(email="admin@provider.example", staff_role=StaffRole.ADMINISTRATOR).pk

    def browser_of(self, user_id: int) -> Client:
        """A browser in which that person is logged in."""
        browser = Client()
        browser.force_login(User.objects.get(pk=user_id))
        return browser

    def fill(self, count: int) -> None:
        """At least so many services, orders, documents, payments, deliveries, questions, customers and people."""
        _multiply(Customer.objects.order_by("pk").first(), count=count, differ=lambda at: {"number": f"B-{at}"})
        self._fill_services(count)
        self._fill_money(count)
        delivery = {"state": DeliveryState.PARKED}
        _multiply(
            Delivery.objects.order_by("pk").first(), count=count, differ=lambda _: delivery | {"request_id": uuid4()}
        )
        self._fill_questions(count)
        staff = User(staff_role=StaffRole.CLERK)
        _multiply(staff, count=count, differ=lambda at: {"email": f"person{at}@provider.example"})
        notice = GatewayNotice(gateway="sandbox", received_at=self._world.now(), problem="Nobody knows it.")
        _multiply(notice, count=count, differ=_notice)
        self._fill_people(count)

    def _fill_services(self, count: int) -> None:
        tenant, service = self._world.tenant, self._world.service
        tenants = _multiply(
            tenant,
            count=count,
            differ=lambda at: {"tenant_id": uuid4(), "domain": f"t{at}.example", "domains": [f"t{at}.example"]},
        )
        keys = [each.pk for each in tenants]
        services = _multiply(service, count=count, differ=lambda at: {"tenant_id": keys[at % len(keys)]})
        running = Subscription.objects.filter(service=service).first()
        _multiply(running, count=count, differ=lambda at: {"service_id": services[at % len(services)].pk})

    def _fill_money(self, count: int) -> None:
        """Orders of a year ago with their documents; every other one is paid, and of the rest the staff must look."""
        order = Order.objects.get(pk=self.order_id)
        document = order.documents.get()
        quotes = _multiply(order.quote, count=count, differ=lambda _: {"public_id": uuid4()})
        orders = [
            _copy(order, quote_id=quote.pk, state=OrderState.NEEDS_ATTENTION if at % 2 else OrderState.READY)
            for at, quote in enumerate(quotes)
        ]
        Order.objects.bulk_create(orders, _BATCH)
        OrderLine.objects.bulk_create([_copy(order.lines.get(), order_id=each.pk) for each in orders], _BATCH)
        documents = [
            _copy(document, order_id=each.pk, number=f"INV-9{each.pk:08}", sequence=1_000_000 + each.pk)
            for each in orders
        ]
        Document.objects.bulk_create(documents, _BATCH)
        [line], [tax] = document.lines.all(), document.taxes.all()
        past = {"start": line.start - _A_YEAR, "end": line.end - _A_YEAR}
        DocumentLine.objects.bulk_create([_copy(line, document_id=each.pk, **past) for each in documents], _BATCH)
        DocumentTax.objects.bulk_create([_copy(tax, document_id=each.pk) for each in documents], _BATCH)
        self._pay(documents[::2], like=document)

    def _pay(self, documents: Sequence[Document], *, like: Document) -> None:
        allocation = like.allocations.exclude(payment=None).get()
        payment = Payment.objects.get(allocations=allocation)
        payments = [
            _copy(payment, public_id=uuid4(), document_id=each.pk, bank_reference=f"bench-{each.pk}")
            for each in documents
        ]
        Payment.objects.bulk_create(payments, _BATCH)
        Allocation.objects.bulk_create(
            [
                _copy(allocation, document_id=document.pk, payment_id=used.pk)
                for document, used in zip(documents, payments, strict=True)
            ],
            _BATCH,
        )

    def _fill_questions(self, count: int) -> None:
        now = self._world.now()
        question = Question(
            customer=self._world.customer, service=self._world.service, asked_by_id=self.owner_id, asked_at=now
        )
        questions = _multiply(question, count=count, differ=lambda at: {"subject": f"Question {at}"})
        message = Message(author_id=self.owner_id, is_from_staff=False, text="Why?", written_at=now)
        Message.objects.bulk_create([_copy(message, question_id=each.pk) for each in questions], _BATCH)

    def _fill_people(self, count: int) -> None:
        tenant = self._world.simulator.store.tenants[str(self._world.tenant.tenant_id)]
        ada = next(iter(tenant.users.values()))
        for at in range(len(tenant.users), count):
            name = f"person{at}@{self._world.tenant.domain}"
            person = replace(ada, id=str(uuid4()), user_principal_name=name, mail_nickname=f"person{at}")
            tenant.users[person.id] = person
            tenant.touch(person)


def _multiply(row: Copied | None, *, count: int, differ: Callable[[int], Mapping[str, object]]) -> list[Copied]:
    """Copies of a row until its table has so many; `differ` tells what the copy of that number has of its own."""
    if row is None:
        raise LookupError("There is no row to copy.")
    manager = type(row)._default_manager  # noqa: SLF001 - the way to the manager of any model
    known = manager.count()
    return manager.bulk_create([_copy(row, **differ(at)) for at in range(known, count)], _BATCH)


def _copy(row: Copied, **differences: object) -> Copied:
    values = {
        field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key
    }
    return type(row)(**(values | differences))


def _notice(at: int) -> Mapping[str, object]:
    body = {"gateway_reference": f"unknown-{at}", "amount_minor": 100, "currency": "AUD"}
    return {"notice_id": f"notice-{at}", "body": body}
