"""300 seats of each Business edition fit in a tenant over all sellers; what is known of it is said before paying."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.journeys.outside import World, make_world

from perseat.domain.fulfillment import OrderState
from perseat.journeys.figures import QuoteFigures
from perseat.journeys.seat_change import SeatsOutOfRange, preview_change
from perseat.journeys.seat_counts import read_seat_counts

pytestmark = pytest.mark.django_db


def preview(world: World, **wanted: int) -> QuoteFigures:
    return preview_change(
        customer_id=world.customer.pk, service_id=world.service.pk, wanted=wanted, now=world.now()
    ).figures


def test_seats_of_other_sellers_take_room_and_the_sentence_says_so() -> None:
    world = make_world(seats={"basic": 10}, at_microsoft={"basic": 200, "premium": 100})
    read_seat_counts(world.outside, tenant_row_id=world.tenant.pk)

    assert preview(world, basic=100).due_today_minor > 0
    with pytest.raises(SeatsOutOfRange) as refused:
        preview(world, basic=101)
    assert str(refused.value) == (
        "Microsoft 365 Business Basic: at most 100 seats can be held here. Microsoft allows 300 in one tenant over all "
        "sellers, and 200 of them are with other sellers."
    )
    with pytest.raises(SeatsOutOfRange, match="at most 200 seats"):
        preview(world, premium=201)


def test_an_edition_that_is_upgraded_needs_the_room_too() -> None:
    world = make_world(seats={"basic": 10}, at_microsoft={"premium": 295})
    read_seat_counts(world.outside, tenant_row_id=world.tenant.pk)

    with pytest.raises(SeatsOutOfRange, match="at most 5 seats"):
        preview(world, basic=0, premium=10)


def test_what_is_held_already_may_always_be_lowered() -> None:
    world = make_world(seats={"basic": 10}, at_microsoft={"basic": 290})
    read_seat_counts(world.outside, tenant_row_id=world.tenant.pk)

    preview(world, basic=5)


def test_what_partner_center_said_when_it_refused_is_kept_for_a_day() -> None:
    """The directory does not show everything that Microsoft counts, such as seats that are being prepared."""
    world = make_world(at_microsoft={"premium": 250})
    order = world.deliver(world.order(premium=60))
    assert order.state == OrderState.CANCELLED
    assert "so 50 more can be had" in order.attention

    preview(world, premium=50)
    with pytest.raises(SeatsOutOfRange, match="at most 50 seats"):
        preview(world, premium=51)


def test_without_any_count_microsofts_own_maximum_is_all_that_is_known() -> None:
    world = make_world(seats={"basic": 10}, at_microsoft={"premium": 250})

    preview(world, premium=300)
    with pytest.raises(SeatsOutOfRange, match="at most 300 seats"):
        preview(world, premium=301)


def test_a_count_older_than_our_own_change_says_nothing() -> None:
    world = make_world(seats={"basic": 250})
    read_seat_counts(world.outside, tenant_row_id=world.tenant.pk)
    world.clock.move(timedelta(minutes=1))
    world.deliver(world.order(basic=10))

    assert preview(world, basic=300).due_today_minor > 0
