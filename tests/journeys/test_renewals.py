"""Renewals charge each period once, carry out plans at the term's end, and come before the changes of their day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from tests import makers
from tests.journeys.books import assert_books_hold
from tests.journeys.cast import Story, begin
from tests.makers import KNOWN, moment

from perseat.capabilities.catalog.actions import set_price
from perseat.capabilities.catalog.models import Offer
from perseat.capabilities.customers.models import Customer
from perseat.capabilities.renewals.models import RenewedPeriod
from perseat.capabilities.subscriptions.models import Service, ServiceState
from perseat.journeys.catching_up import queue_catching_up
from perseat.journeys.parking import ServiceIsParked
from perseat.journeys.renewal_round import renew_due_services
from perseat.journeys.seat_change import ServiceNotBegun

pytestmark = pytest.mark.django_db


def newest_document(story: Story) -> tuple[int, int]:
    document = story.customer.documents.order_by("-pk")[0]
    return document.net_minor, document.total_minor


def test_a_period_is_charged_once_however_often_the_round_runs() -> None:
    story = begin({"basic": 4})

    assert renew_due_services(moment("2026-12-14")) == 0
    assert renew_due_services(moment("2026-12-15")) == 1
    assert renew_due_services(moment("2026-12-15")) == 0

    assert newest_document(story) == (3600, 3960)
    assert_books_hold(story.customer, now=moment("2026-12-15"))


def test_a_round_that_comes_weeks_late_makes_the_same_documents() -> None:
    story = begin({"basic": 4})

    assert renew_due_services(moment("2027-02-20")) == 3

    dates = list(story.customer.documents.order_by("pk").values_list("issued_on", flat=True))
    assert [str(day) for day in dates] == ["2026-11-15", "2026-12-15", "2027-01-15", "2027-02-15"]
    assert RenewedPeriod.objects.count() == 3
    assert_books_hold(story.customer, now=moment("2027-02-20"))


def test_whoever_comes_first_on_a_renewal_day_the_renewal_comes_before_the_change() -> None:
    story = begin({"basic": 1})

    order = story.buy("2026-12-15", {"basic": 4})

    documents = list(story.customer.documents.order_by("pk"))
    assert [document.net_minor for document in documents] == [900, 900, 2700]
    assert documents[-1].order_id == order.pk
    assert_books_hold(story.customer, now=moment("2026-12-15"))


def test_balance_is_used_for_a_renewal() -> None:
    story = begin({"basic": 4})
    story.order("2026-11-25", {"basic": 1})

    story.renew("2026-12-15")

    assert story.balance() == 1980 - 990
    assert_books_hold(story.customer, now=moment("2026-12-15"))


def test_a_planned_decrease_happens_at_the_renewal_of_the_term() -> None:
    story = begin({"basic": 4}, policy="renewal")
    story.order("2026-11-25", {"basic": 1})

    story.renew("2026-12-15")

    assert (story.held(), story.planned()) == ({"basic": 1}, {})
    assert newest_document(story) == (900, 990)
    assert_books_hold(story.customer, now=moment("2026-12-15"))


def test_in_a_yearly_term_charged_monthly_the_plan_waits_for_the_year() -> None:
    story = begin({"basic": 4}, policy="renewal", term="P1Y", cycle="P1M")
    story.order("2026-11-25", {"basic": 1})

    story.renew("2026-12-15")
    assert story.held() == {"basic": 4}
    story.renew("2027-11-15")

    assert story.held() == {"basic": 1}
    assert_books_hold(story.customer, now=moment("2027-11-15"))


def test_a_new_price_counts_from_the_next_term_also_for_seats_added_before() -> None:
    story = begin({"basic": 1}, term="P1Y", cycle="P1M")
    offer = Offer.objects.get(edition__code="basic", term="P1Y")
    set_price(offer.pk, currency="AUD", unit_price=Decimal("10.00"), starts_on=date(2026, 12, 1), now=KNOWN)

    story.renew("2026-12-15")
    assert newest_document(story) == (900, 990)
    story.renew("2027-11-15")

    assert newest_document(story) == (1000, 1100)


def test_a_service_whose_seats_all_end_is_charged_no_more() -> None:
    story = begin({"basic": 4}, policy="renewal")
    story.order("2026-11-25", {"basic": 0})

    story.renew("2026-12-15")

    service = Service.objects.get(pk=story.service_id)
    assert (service.state, story.held()) == (ServiceState.ENDED, {})
    assert story.renew("2027-03-15") == 0
    assert_books_hold(story.customer, now=moment("2027-03-15"))


def test_an_ended_service_begins_again_at_the_days_price() -> None:
    story = begin({"basic": 4})
    story.order("2026-11-25", {"basic": 0})

    story.buy("2027-02-20", {"basic": 2})
    story.renew("2027-03-15")

    assert story.held() == {"basic": 2}
    assert newest_document(story) == (1800, 1980)
    assert_books_hold(story.customer, now=moment("2027-03-15"))


def test_all_renewals_of_a_customer_on_one_day_share_one_document() -> None:
    story = begin({"basic": 4})
    makers.make_service(story.customer, seats={"premium": 2}, started_on="2026-11-15")

    assert story.renew("2026-12-15") == 2

    document = story.customer.documents.order_by("-pk")[0]
    assert (document.service_id, document.net_minor, document.lines.count()) == (None, 3600 + 6000, 2)
    assert_books_hold(story.customer, now=moment("2026-12-15"))
    story.order("2026-12-20", {"basic": 1})
    assert_books_hold(story.customer, now=moment("2026-12-20"))


def test_seats_that_were_taken_over_are_charged_from_the_agreed_day() -> None:
    customer = makers.make_customer()
    service = makers.make_adopted_service(customer, seats={"basic": 4}, billing_starts_on="2026-12-01")
    story = Story(customer=customer, service_id=service.pk, owner_id=makers.make_member(customer).pk)

    assert story.renew("2026-11-30") == 0
    assert story.renew("2026-12-01") == 1

    assert newest_document(story) == (3600, 3960)
    assert_books_hold(customer, now=moment("2026-12-01"))
    story.buy("2026-12-10", {"basic": 2, "premium": 2})
    assert_books_hold(customer, now=moment("2026-12-10"))


def test_a_customer_whose_books_are_checked_is_not_billed_on() -> None:
    story = begin({"basic": 4})
    Customer.objects.filter(pk=story.customer.pk).update(parked_reason="INV-000001 differs")

    assert story.renew("2026-12-15") == 0
    with pytest.raises(ServiceIsParked):
        story.quote("2026-11-25", {"basic": 5})


def test_the_clock_queues_each_customer_once_and_only_when_something_is_due() -> None:
    due = begin({"basic": 4})
    later = begin({"basic": 1}, started_on="2026-11-20")

    assert queue_catching_up(now=moment("2026-12-14")) == 0
    queue_catching_up(now=moment("2026-12-15"))
    queue_catching_up(now=moment("2026-12-15"))

    jobs = ProcrastinateJob.objects.filter(task_name="catch_up_customer")
    assert [job.args for job in jobs] == [{"customer_id": due.customer.pk}]
    assert later.customer.pk != due.customer.pk


def test_seats_that_were_taken_over_cannot_be_changed_before_their_first_day() -> None:
    customer = makers.make_customer()
    service = makers.make_adopted_service(customer, seats={"basic": 4}, billing_starts_on="2026-12-01")
    story = Story(customer=customer, service_id=service.pk, owner_id=makers.make_member(customer).pk)

    with pytest.raises(ServiceNotBegun, match="1 December 2026"):
        story.quote("2026-11-25", {"basic": 5})
