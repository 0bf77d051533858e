"""An order waits for its money: it is paid late, replaced, withdrawn, or lapses, and the books hold each time."""

from __future__ import annotations

import pytest
from tests.journeys.books import assert_books_hold
from tests.journeys.cast import begin, state_of
from tests.makers import make_customer, make_member, moment

from perseat.capabilities.catalog.models import Edition, Offer
from perseat.capabilities.customers.queries import DoesNotBelong
from perseat.domain.fulfillment import OrderState
from perseat.journeys.checkout import MovedBecause, OpenOrderExists, QuoteHasMoved
from perseat.journeys.order_progress import get_order
from perseat.journeys.withdrawal import OrderCannotBeWithdrawn, lapse_orders, withdraw_order

pytestmark = pytest.mark.django_db


def test_seats_paid_late_cost_only_the_days_from_their_start() -> None:
    story = begin({"basic": 1})
    order = story.order("2026-11-22", {"basic": 4})

    story.pay("2026-11-25", order)

    # 20.70 for 23 days; 20 days cost 18.00, so 2.70 and 0.27 come back
    late = order.documents.order_by("pk").last()
    assert late is not None
    assert [(line.reason, line.days, line.amount_minor) for line in late.lines.all()] == [("late_start", 3, -270)]
    assert late.total_minor == -297
    assert story.balance() == 297
    assert story.held() == {"basic": 4}
    assert_books_hold(story.customer, now=moment("2026-11-25"))


def test_a_change_of_edition_paid_late_charges_the_old_seats_until_then() -> None:
    story = begin({"basic": 1})
    order = story.order("2026-11-22", {"basic": 0, "premium": 1})

    story.pay("2026-11-25", order)

    # three days: 3.00 of Premium come back, 0.90 of Basic are due after all
    late = order.documents.order_by("pk").last()
    assert late is not None
    assert sorted((line.reason, line.amount_minor) for line in late.lines.all()) == [
        ("late_start", -300),
        ("restored", 90),
    ]
    assert story.held() == {"premium": 1}
    assert_books_hold(story.customer, now=moment("2026-11-25"))


def test_seats_that_started_late_can_be_given_back_to_the_last_cent() -> None:
    story = begin({"basic": 1})
    order = story.order("2026-11-22", {"basic": 4})
    story.pay("2026-11-25", order)

    story.order("2026-11-25", {"basic": 1})

    assert story.balance() == 2277, "all that was paid for the three seats comes back"
    assert_books_hold(story.customer, now=moment("2026-11-25"))


def test_a_new_checkout_must_say_that_it_replaces_the_open_order() -> None:
    story = begin({"basic": 1})
    first = story.order("2026-11-22", {"basic": 4})

    with pytest.raises(OpenOrderExists) as refused:
        story.order("2026-11-23", {"basic": 2})

    assert refused.value.order_id == first.pk
    assert state_of(first) is OrderState.AWAITING_PAYMENT


def test_replacing_an_open_order_cancels_its_document_by_a_credit_note() -> None:
    story = begin({"basic": 1})
    first = story.order("2026-11-22", {"basic": 0, "premium": 1})

    second = story.replace("2026-11-22", {"basic": 2})

    assert state_of(first) is OrderState.CANCELLED
    assert [document.total_minor for document in first.documents.order_by("pk")] == [1771, -1771]
    assert story.open_minor(first) == 0
    assert story.balance() == 0
    assert second.replaces_id == first.pk
    assert get_order(customer_id=story.customer.pk, order_id=first.pk).replaced_by_id == second.pk
    story.pay("2026-11-22", second)
    assert story.held() == {"basic": 2}
    assert_books_hold(story.customer, now=moment("2026-11-22"))


def test_what_was_paid_of_a_replaced_order_pays_for_the_new_one() -> None:
    story = begin({"basic": 1})
    first = story.order("2026-11-22", {"basic": 4})
    story.pay("2026-11-22", first, amount_minor=1000)

    second = story.replace("2026-11-22", {"basic": 2})

    # one seat: 6.90 and 0.69; the ten dollars cover it
    assert state_of(second) is OrderState.PAID
    assert story.balance() == 1000 - 759
    assert_books_hold(story.customer, now=moment("2026-11-22"))


def test_a_withdrawn_order_leaves_nothing_owed() -> None:
    story = begin({"basic": 1})
    order = story.order("2026-11-22", {"basic": 4})

    story.withdraw("2026-11-23", order)
    story.withdraw("2026-11-23", order)

    assert state_of(order) is OrderState.CANCELLED
    assert order.documents.count() == 2
    assert story.open_minor(order) == 0
    assert story.held() == {"basic": 1}
    assert_books_hold(story.customer, now=moment("2026-11-23"))


def test_a_paid_order_cannot_be_withdrawn() -> None:
    story = begin({"basic": 1})
    order = story.buy("2026-11-22", {"basic": 4})

    with pytest.raises(OrderCannotBeWithdrawn):
        story.withdraw("2026-11-22", order)


def test_a_stranger_can_neither_see_nor_withdraw_the_order() -> None:
    story = begin({"basic": 1})
    order = story.order("2026-11-22", {"basic": 4})
    other = make_customer(legal_name="Umbrella")
    stranger = make_member(other)

    with pytest.raises(DoesNotBelong):
        get_order(customer_id=other.pk, order_id=order.pk)
    with pytest.raises(DoesNotBelong):
        withdraw_order(customer_id=other.pk, user_id=stranger.pk, order_id=order.pk, now=moment("2026-11-22"))


def test_an_order_can_be_paid_on_its_last_day_and_lapses_on_the_next() -> None:
    story = begin({"basic": 1})
    order = story.order("2026-11-17", {"basic": 4})
    assert str(order.expires_on) == "2026-12-01"

    assert lapse_orders(moment("2026-12-01")) == 0
    assert lapse_orders(moment("2026-12-02")) == 1
    assert lapse_orders(moment("2026-12-02")) == 0

    assert state_of(order) is OrderState.CANCELLED
    assert_books_hold(story.customer, now=moment("2026-12-02"))


def test_an_order_never_outlives_the_period_that_its_lines_cover() -> None:
    story = begin({"basic": 1})

    order = story.order("2026-12-10", {"basic": 4})

    assert str(order.expires_on) == "2026-12-14"


def test_the_renewal_bills_only_seats_in_effect() -> None:
    story = begin({"basic": 1})
    order = story.order("2026-12-10", {"basic": 4})

    lapse_orders(moment("2026-12-15"))
    story.renew("2026-12-15")

    newest = story.customer.documents.order_by("-pk").first()
    assert newest is not None
    assert newest.net_minor == 900
    assert state_of(order) is OrderState.CANCELLED
    assert_books_hold(story.customer, now=moment("2026-12-15"))


def test_money_for_a_lapsed_order_becomes_balance_and_buys_the_fresh_quote() -> None:
    story = begin({"basic": 1})
    order = story.order("2026-11-17", {"basic": 4})
    total = story.document(order).total_minor
    lapse_orders(moment("2026-12-02"))

    story.pay("2026-12-05", order, amount_minor=total)

    assert state_of(order) is OrderState.CANCELLED
    assert story.balance() == total
    fresh = get_order(customer_id=story.customer.pk, order_id=order.pk).fresh_quote_id
    assert fresh is not None
    assert story.checkout("2026-12-05", fresh).figures.to_pay_minor == 0
    story.accept("2026-12-05", fresh)
    assert story.held() == {"basic": 4}
    assert_books_hold(story.customer, now=moment("2026-12-05"))


def test_money_that_arrives_after_the_last_day_starts_nothing_even_before_the_round() -> None:
    story = begin({"basic": 1})
    order = story.order("2026-11-17", {"basic": 4})

    story.pay("2026-12-05", order, amount_minor=story.document(order).total_minor)

    assert state_of(order) is OrderState.CANCELLED
    assert story.held() == {"basic": 1}
    assert_books_hold(story.customer, now=moment("2026-12-05"))


def test_yesterdays_quote_is_refused_with_a_fresh_one_and_writes_nothing() -> None:
    story = begin({"basic": 1})
    quote_id = story.quote("2026-11-22", {"basic": 4})
    documents = story.customer.documents.count()

    with pytest.raises(QuoteHasMoved) as refused:
        story.accept("2026-11-23", quote_id)

    assert refused.value.reason is MovedBecause.EXPIRED
    assert refused.value.fresh_quote_id is not None
    assert story.customer.documents.count() == documents
    story.accept("2026-11-23", refused.value.fresh_quote_id)
    assert_books_hold(story.customer, now=moment("2026-11-23"))


@pytest.mark.parametrize("change", [{"is_on_sale": False}, {"maximum_seats": 3}])
def test_a_quote_for_what_is_no_longer_sold_is_refused_and_writes_nothing(change: dict[str, int]) -> None:
    story = begin({"basic": 1})
    quote_id = story.quote("2026-11-22", {"basic": 1, "premium": 4})
    documents = story.customer.documents.count()
    model = Offer.objects.filter(edition__code="premium") if "is_on_sale" in change else Edition.objects.all()
    model.update(**change)

    with pytest.raises(QuoteHasMoved) as refused:
        story.accept("2026-11-22", quote_id)

    assert refused.value.reason is MovedBecause.PRICES
    assert refused.value.fresh_quote_id is None
    assert story.customer.documents.count() == documents


def test_the_second_of_two_tabs_is_refused_when_the_first_was_paid() -> None:
    story = begin({"basic": 1})
    first, second = story.quote("2026-11-22", {"basic": 4}), story.quote("2026-11-22", {"basic": 6})
    story.pay("2026-11-22", story.accept("2026-11-22", first))

    with pytest.raises(QuoteHasMoved) as refused:
        story.accept("2026-11-22", second)

    assert refused.value.reason is MovedBecause.SEATS
    assert story.held() == {"basic": 4}


def test_a_quote_that_counts_on_balance_is_refused_once_the_balance_has_changed() -> None:
    story = begin({"basic": 4})
    story.order("2026-11-25", {"basic": 1})
    quote_id = story.quote("2026-11-25", {"standard": 3})
    story.pay("2026-11-25", story.customer.orders.order_by("-pk")[0], amount_minor=500)

    with pytest.raises(QuoteHasMoved) as refused:
        story.accept("2026-11-25", quote_id)

    assert refused.value.reason is MovedBecause.BALANCE


def test_accepting_twice_gives_the_same_order_and_one_document() -> None:
    story = begin({"basic": 1})
    quote_id = story.quote("2026-11-22", {"basic": 4})

    first = story.accept("2026-11-22", quote_id)
    again = story.accept("2026-11-22", quote_id)

    assert again.pk == first.pk
    assert first.documents.count() == 1
