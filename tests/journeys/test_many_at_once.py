"""Two clicks, two tabs, many customers: threads on a database of their own, with real commits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Barrier, Thread
from uuid import UUID

import pytest
from django.db import connection, transaction
from tests import makers
from tests.journeys.books import assert_books_hold
from tests.journeys.cast import Story, begin
from tests.journeys.gateway import SHOP, Gateway
from tests.journeys.outside import make_world
from tests.journeys.test_adoption import second_customer
from tests.makers import clerk_id, moment

from perseat.capabilities.accounts.actions import AlreadyStaff
from perseat.capabilities.accounts.queries import Person
from perseat.capabilities.customers.models import Tenant
from perseat.capabilities.customers.tenants import TenantIsTaken
from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.ordering.models import Order
from perseat.domain.rights import StaffRole
from perseat.journeys.adoption import link_tenant
from perseat.journeys.checkout import OpenOrderExists, QuoteHasMoved, accept_quote_replacing_open_order
from perseat.journeys.paying import ReceiptAlreadyRecorded, record_bank_receipt, start_gateway_payment
from perseat.journeys.welcome import add_staff
from perseat.journeys.withdrawal import OrderCannotBeWithdrawn, withdraw_order
from perseat.ports.payment_gateway import GatewayOutcome

pytestmark = pytest.mark.own_database

DAY = "2026-11-22"


def at_once(acts: Sequence[Callable[[], object]]) -> list[object]:
    """Run the acts in threads that start together; gives each result, or the exception it ended with."""
    barrier = Barrier(len(acts))
    results: list[object] = [None] * len(acts)

    def run(index: int) -> None:
        try:
            barrier.wait(timeout=30)
            results[index] = acts[index]()
        except Exception as error:  # noqa: BLE001 - the test looks at every one
            results[index] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=(index,)) for index in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
        assert not thread.is_alive(), "a thread waits for ever"
    return results


def test_a_double_click_makes_one_order_with_one_document() -> None:
    story = begin({"basic": 1})
    quote_id = story.quote(DAY, {"basic": 4})

    results = at_once([lambda: story.accept(DAY, quote_id).pk] * 4)

    assert len(set(results)) == 1, results
    assert Document.objects.filter(order_id=results[0]).count() == 1
    assert_books_hold(story.customer, now=moment(DAY))


def test_of_two_tabs_one_wins_and_the_other_is_told() -> None:
    story = begin({"basic": 1})
    quotes = [story.quote(DAY, {"basic": 4}), story.quote(DAY, {"basic": 6})]

    results = at_once([lambda chosen=chosen: story.accept(DAY, chosen) for chosen in quotes])  # type: ignore[misc]

    assert sum(isinstance(result, Order) for result in results) == 1, results
    assert sum(isinstance(result, OpenOrderExists | QuoteHasMoved) for result in results) == 1, results
    assert_books_hold(story.customer, now=moment(DAY))


def test_two_services_of_one_customer_do_not_spend_the_same_balance_twice() -> None:
    story = begin({"basic": 4})
    other = makers.make_service(story.customer, seats={"basic": 1}, started_on="2026-11-15")
    second = Story(customer=story.customer, service_id=other.pk, owner_id=story.owner_id)
    story.order(DAY, {"basic": 3})  # 9.00 × 23/30 and GST: 7.59 of balance
    quotes = [(story, story.quote(DAY, {"premium": 1})), (second, second.quote(DAY, {"premium": 1}))]

    results = at_once([lambda who=who, what=what: who.accept(DAY, what) for who, what in quotes])  # type: ignore[misc]

    assert sum(isinstance(result, Order) for result in results) == 1, results
    assert sum(isinstance(result, QuoteHasMoved) for result in results) == 1, results
    assert_books_hold(story.customer, now=moment(DAY))


def test_one_notice_delivered_many_times_at_once_is_paid_once() -> None:
    story, gateway = begin({"basic": 1}), Gateway()
    order = story.order(DAY, {"basic": 4})
    address = start_gateway_payment(
        gateway.outside,
        customer_id=story.customer.pk,
        order_id=order.pk,
        gateway="sandbox",
        return_address=SHOP,
        now=moment(DAY),
    )
    page = gateway.open_page(address)

    results = at_once(
        [lambda: gateway.tell(page, outcome=GatewayOutcome.SUCCEEDED, now=moment(DAY), notice_id="same")] * 4
    )

    assert results == [None] * 4
    assert story.held() == {"basic": 4}
    assert_books_hold(story.customer, now=moment(DAY))


def test_an_order_withdrawn_while_its_payment_arrives_is_either_delivered_or_balance() -> None:
    story, gateway = begin({"basic": 1}), Gateway()
    order = story.order(DAY, {"basic": 4})
    page = gateway.open_page(_start_payment(story, gateway, order_id=order.pk))

    results = at_once(
        [
            lambda: _withdraw(story, order_id=order.pk),
            lambda: gateway.tell(page, outcome=GatewayOutcome.SUCCEEDED, now=moment(DAY), notice_id="n"),
            lambda: _withdraw(story, order_id=order.pk),
            lambda: gateway.tell(page, outcome=GatewayOutcome.SUCCEEDED, now=moment(DAY), notice_id="n"),
        ]
    )

    order.refresh_from_db()
    assert all(result is None or isinstance(result, OrderCannotBeWithdrawn) for result in results), results
    assert (order.state, story.held()) in [("paid", {"basic": 4}), ("cancelled", {"basic": 1})]
    assert order.documents.count() == (1 if order.state == "paid" else 2), "an invoice, and its credit note"
    assert_books_hold(story.customer, now=moment(DAY))


def test_an_order_replaced_and_paid_at_once_is_charged_once() -> None:
    story, gateway = begin({"basic": 1}), Gateway()
    order = story.order(DAY, {"basic": 4})
    page = gateway.open_page(_start_payment(story, gateway, order_id=order.pk))
    quote_id = story.quote(DAY, {"basic": 2})

    at_once(
        [
            lambda: gateway.tell(page, outcome=GatewayOutcome.SUCCEEDED, now=moment(DAY), notice_id="n"),
            lambda: accept_quote_replacing_open_order(
                customer_id=story.customer.pk,
                user_id=story.owner_id,
                quote_id=quote_id,
                payment_method="bank_transfer",
                now=moment(DAY),
            ),
            lambda: _start_payment(story, gateway, order_id=order.pk),
        ]
    )

    assert Order.objects.filter(pk__gte=order.pk).exclude(state="cancelled").count() == 1
    assert story.held() in [{"basic": 4}, {"basic": 1}], "the first was paid in time, or the second waits"
    assert_books_hold(story.customer, now=moment(DAY))


def _start_payment(story: Story, gateway: Gateway, *, order_id: int) -> str:
    return start_gateway_payment(
        gateway.outside,
        customer_id=story.customer.pk,
        order_id=order_id,
        gateway="sandbox",
        return_address=SHOP,
        now=moment(DAY),
    )


def _withdraw(story: Story, *, order_id: int) -> None:
    withdraw_order(customer_id=story.customer.pk, user_id=story.owner_id, order_id=order_id, now=moment(DAY))


def test_the_renewal_round_may_run_in_many_workers() -> None:
    story = begin({"basic": 4})

    results = at_once([lambda: story.renew("2027-01-20")] * 4)

    assert sum(result for result in results if isinstance(result, int)) == 2, results
    assert story.customer.documents.count() == 3
    assert_books_hold(story.customer, now=moment("2027-01-20"))


def test_numbers_have_no_gap_when_transactions_roll_back() -> None:
    stories = [begin({"basic": 1}) for _ in range(4)]
    quotes = [(story, story.quote(DAY, {"basic": 4})) for story in stories]

    def accept(story: Story, quote_id: object, *, fails: bool) -> None:
        with transaction.atomic():
            story.accept(DAY, quote_id)  # type: ignore[arg-type]
            if fails:
                raise ConnectionAbortedError

    results = at_once(
        [
            lambda who=who, what=what, fails=fails: accept(who, what, fails=fails)  # type: ignore[misc]
            for (who, what), fails in zip(quotes, [True, False, True, False], strict=True)
        ]
    )

    assert sum(isinstance(result, ConnectionAbortedError) for result in results) == 2, results
    numbers = sorted(Document.objects.values_list("number", flat=True))
    assert numbers == [f"INV-{index:06d}" for index in range(1, 7)]
    for story in stories:
        assert_books_hold(story.customer, now=moment(DAY))


def test_one_bank_statement_line_recorded_by_two_clerks_is_one_payment() -> None:
    story = begin({"basic": 1})
    order = story.order(DAY, {"basic": 4})
    number, clerk = story.document(order).number, clerk_id()

    def record() -> int:
        return record_bank_receipt(
            document_number=number,
            amount_minor=2277,
            received_on=moment(DAY).date(),
            bank_reference="line 7",
            staff_id=clerk,
            now=moment(DAY),
        )

    results = at_once([record, record])

    assert sum(isinstance(result, int) for result in results) == 1, results
    assert story.balance() == 0
    assert_books_hold(story.customer, now=moment(DAY))


def test_one_line_of_the_bank_statement_is_one_customers_whoever_records_it() -> None:
    stories = [begin({"basic": 1}) for _ in range(4)]
    documents = [story.document(story.order(DAY, {"basic": 4})) for story in stories]
    clerk = clerk_id()

    def record(document: Document) -> int:
        return record_bank_receipt(
            document_number=document.number, amount_minor=9000, received_on=moment(DAY).date(), bank_reference="line 8",
            staff_id=clerk, now=moment(DAY),
        )  # fmt: skip

    results = at_once([lambda each=each: record(each) for each in documents])  # type: ignore[misc]

    assert [isinstance(result, int | ReceiptAlreadyRecorded) for result in results] == [True] * 4, results
    assert sum(isinstance(result, int) for result in results) == 1, results
    for story in stories:
        assert_books_hold(story.customer, now=moment(DAY))


def test_a_colleague_added_by_a_double_click_is_added_once() -> None:
    administrator = makers.make_user(staff_role=StaffRole.ADMINISTRATOR)

    results = at_once(
        [lambda: add_staff("New@provider.example", role=StaffRole.CLERK, user_id=administrator.pk, now=moment(DAY))] * 4
    )

    assert [isinstance(result, Person | AlreadyStaff) for result in results] == [True] * 4, results
    (person,) = (result for result in results if isinstance(result, Person))
    assert (person.email, person.has_password) == ("new@provider.example", False)


def test_a_tenant_linked_for_many_customers_at_once_is_the_first_ones_for_good() -> None:
    world = make_world()
    one, tenant_id = second_customer(world)
    customers = [one, *(makers.make_customer(legal_name=f"Company {number}").pk for number in range(3))]

    def link(customer_id: int) -> int:
        link_tenant(
            world.outside, customer_id=customer_id, tenant_id=UUID(tenant_id), actor="admin@provider.example",
            now=world.now(),
        )  # fmt: skip
        return customer_id

    results = at_once([lambda each=each: link(each) for each in customers])  # type: ignore[misc]

    assert [isinstance(result, int | TenantIsTaken) for result in results] == [True] * 4, results
    assert [result for result in results if isinstance(result, int)] == [
        Tenant.objects.get(tenant_id=tenant_id).customer_id
    ]
