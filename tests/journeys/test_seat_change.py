"""Seats go up, across and down again, and every figure follows from the documents."""

from __future__ import annotations

import pytest
from tests.journeys.books import assert_books_hold
from tests.journeys.cast import begin, state_of
from tests.makers import moment

from perseat.capabilities.invoicing.models import Document
from perseat.domain.fulfillment import OrderState
from perseat.domain.quote import SeatsNotCountable
from perseat.journeys.seat_change import NothingWouldChange, SeatsOutOfRange, preview_change

pytestmark = pytest.mark.django_db


def test_one_basic_seat_becomes_four_when_the_invoice_is_paid() -> None:
    story = begin({"basic": 1})

    order = story.order("2026-11-22", {"basic": 4})

    # 3 seats × 9.00 × 23 of 30 days = 20.70, with 10 % GST 22.77
    invoice = story.document(order)
    assert (invoice.net_minor, invoice.tax_minor, invoice.total_minor) == (2070, 207, 2277)
    assert story.held() == {"basic": 1}, "unpaid seats are not held"
    assert_books_hold(story.customer, now=moment("2026-11-22"))

    story.pay("2026-11-22", order)

    assert story.held() == {"basic": 4}
    assert state_of(order) is OrderState.PAID
    assert order.deliveries.count() == 1
    assert_books_hold(story.customer, now=moment("2026-11-22"))


def test_the_quote_says_what_the_next_renewal_will_cost() -> None:
    story = begin({"basic": 1})

    figures = story.checkout("2026-11-22", story.quote("2026-11-22", {"basic": 4})).figures

    assert (figures.due_today_minor, figures.from_balance_minor, figures.to_pay_minor) == (2277, 0, 2277)
    assert figures.recurring_total_minor == 3960
    assert str(figures.next_charge_on) == "2026-12-15"
    assert figures.lines[0].arithmetic.replace("\u00a0", " ") == "3 × A$ 9.00 × 23 of 30 days = A$ 20.70"


def test_one_basic_seat_becomes_one_premium_seat_on_one_document() -> None:
    story = begin({"basic": 1})

    order = story.buy("2026-11-22", {"basic": 0, "premium": 1})

    # 9.00 × 23/30 = 6.90 back, 30.00 × 23/30 = 23.00: 16.10 and 10 % GST
    invoice = story.document(order)
    assert [(line.reason, line.amount_minor) for line in invoice.lines.order_by("number")] == [
        ("exchanged", -690),
        ("upgraded", 2300),
    ]
    assert (invoice.net_minor, invoice.tax_minor, invoice.total_minor) == (1610, 161, 1771)
    assert story.held() == {"premium": 1}
    assert_books_hold(story.customer, now=moment("2026-11-22"))


def test_several_editions_change_in_one_checkout() -> None:
    story = begin({"basic": 3, "standard": 2})

    order = story.buy("2026-11-25", {"basic": 1, "standard": 1, "premium": 3})

    assert story.held() == {"basic": 1, "standard": 1, "premium": 3}
    assert order.documents.count() == 1
    assert_books_hold(story.customer, now=moment("2026-11-25"))


def test_fewer_seats_become_balance_at_once_under_the_anytime_policy() -> None:
    story = begin({"basic": 4})

    order = story.order("2026-11-25", {"basic": 1})

    # 3 × 9.00 × 20/30 = 18.00 and its 1.80 of GST
    assert story.document(order).total_minor == -1980
    assert story.balance() == 1980
    assert story.held() == {"basic": 1}
    assert_books_hold(story.customer, now=moment("2026-11-25"))


def test_balance_pays_for_the_next_change_first() -> None:
    story = begin({"basic": 4})
    story.order("2026-11-25", {"basic": 1})

    figures = story.checkout("2026-11-26", story.quote("2026-11-26", {"basic": 2})).figures
    order = story.order("2026-11-26", {"basic": 2})

    # 9.00 × 19/30 = 5.70 and 0.57
    assert (figures.due_today_minor, figures.from_balance_minor, figures.to_pay_minor) == (627, 627, 0)
    assert story.balance() == 1980 - 627
    assert story.open_minor(order) == 0
    assert story.held() == {"basic": 2}
    assert_books_hold(story.customer, now=moment("2026-11-26"))


def test_seats_given_back_and_wanted_again_on_one_day_cost_nothing() -> None:
    story = begin({"basic": 4})
    credit = story.order("2026-11-25", {"basic": 1})

    undone = story.order("2026-11-25", {"basic": 4})

    assert story.document(credit).total_minor == -1980
    assert story.document(undone).total_minor == 1980
    assert story.balance() == 0
    assert story.held() == {"basic": 4}
    assert_books_hold(story.customer, now=moment("2026-11-25"))


def test_a_service_that_was_emptied_is_revived_on_the_same_day_at_no_cost() -> None:
    story = begin({"basic": 2})
    story.order("2026-11-25", {"basic": 0})
    assert story.held() == {}

    story.order("2026-11-25", {"basic": 2})

    assert story.held() == {"basic": 2}
    assert story.balance() == 0
    assert_books_hold(story.customer, now=moment("2026-11-25"))


def test_up_and_down_through_weeks_ends_with_books_that_hold() -> None:
    story = begin({"basic": 1})
    for day, wanted in [
        ("2026-11-17", {"basic": 4}),
        ("2026-11-20", {"basic": 2, "premium": 2}),
        ("2026-11-21", {"premium": 1}),
        ("2026-11-28", {"basic": 7, "standard": 3}),
        ("2026-12-01", {"standard": 0, "premium": 4}),
        ("2026-12-16", {"basic": 1, "premium": 1}),
        ("2027-01-03", {"basic": 0, "premium": 0, "standard": 5}),
    ]:
        story.buy(day, wanted)
        assert_books_hold(story.customer, now=moment(day))

    assert story.held() == {"standard": 5}


def test_a_decrease_under_the_renewal_policy_waits_for_the_term_and_can_be_undone() -> None:
    story = begin({"basic": 4}, policy="renewal")

    order = story.order("2026-11-25", {"basic": 1})

    assert order.documents.count() == 0
    assert state_of(order) is OrderState.SCHEDULED
    assert (story.held(), story.planned()) == ({"basic": 4}, {"basic": 1})

    story.order("2026-11-26", {"basic": 4})

    assert (story.held(), story.planned()) == ({"basic": 4}, {})
    assert_books_hold(story.customer, now=moment("2026-11-26"))


def test_a_typed_total_replaces_the_plan_and_charges_only_the_difference() -> None:
    story = begin({"basic": 4}, policy="renewal")
    story.order("2026-11-25", {"basic": 1})

    order = story.buy("2026-11-30", {"basic": 5})

    # 9.00 × 15/30 = 4.50 and 0.45
    assert story.document(order).total_minor == 495
    assert (story.held(), story.planned()) == ({"basic": 5}, {})
    assert_books_hold(story.customer, now=moment("2026-11-30"))


def test_only_seats_within_their_window_are_credited() -> None:
    story = begin({"basic": 4}, policy="window")
    story.buy("2026-11-25", {"basic": 6})

    order = story.order("2026-11-26", {"basic": 3})

    # 2 of the 6 are still returnable: 2 × 9.00 × 19/30 = 11.40 and 1.14; one waits for the renewal
    assert order.quote.due_today_minor == -1254
    assert [(each["seats"], each["refund_minor"]) for each in order.quote.decreases] == [(2, 1140), (1, 0)]
    assert (story.held(), story.planned()) == ({"basic": 6}, {"basic": 3}), "held until Microsoft has answered"
    assert_books_hold(story.customer, now=moment("2026-11-26"))


def test_the_window_closes_after_its_seventh_day() -> None:
    story = begin({"basic": 4}, policy="window")

    last_day = story.checkout("2026-11-21", story.quote("2026-11-21", {"basic": 3})).figures
    day_after = story.checkout("2026-11-22", story.quote("2026-11-22", {"basic": 3})).figures

    assert [(each.seats, each.is_scheduled) for each in last_day.decreases] == [(1, False)]
    assert [(each.seats, each.is_scheduled) for each in day_after.decreases] == [(1, True)]


def test_nothing_changed_is_nothing_to_check_out() -> None:
    story = begin({"basic": 4})

    with pytest.raises(NothingWouldChange):
        story.quote("2026-11-25", {"basic": 4})


@pytest.mark.parametrize("seats", [-1, 10**30, True])
def test_totals_that_cannot_be_are_refused(seats: int) -> None:
    story = begin({"basic": 1})

    with pytest.raises(SeatsNotCountable):
        story.quote("2026-11-25", {"basic": seats})


def test_more_than_the_supplier_sells_is_refused_with_the_maximum() -> None:
    story = begin({"basic": 1})

    with pytest.raises(SeatsOutOfRange, match="at most 300 seats"):
        story.quote("2026-11-25", {"basic": 301})


def test_a_preview_stores_nothing() -> None:
    story = begin({"basic": 1})
    documents = Document.objects.count()

    preview = preview_change(
        customer_id=story.customer.pk, service_id=story.service_id, wanted={"premium": 2}, now=moment("2026-11-22")
    )

    assert preview.is_change
    assert preview.figures.due_today_minor == 5060  # 2 × 30.00 × 23/30 = 46.00 and 4.60
    assert Document.objects.count() == documents
    assert not story.customer.quotes.filter(day="2026-11-22").exists()
