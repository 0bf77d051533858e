"""Upgrade/Downgrade Options: totals are typed, prices are shown, and nothing odd gets through."""

from __future__ import annotations

import pytest
from django.test import Client
from tests.entrypoints.portal.conftest import Visitors
from tests.entrypoints.portal.reading import field, words
from tests.journeys.outside import World

from perseat.capabilities.ordering.models import Quote

BASIC = "total-basic"


def address(world: World) -> str:
    return f"/services/{world.service.pk}/options/"


def test_each_edition_has_a_field_with_its_total(world: World, owner: Client) -> None:
    page = owner.get(address(world))

    assert page.status_code == 200
    assert [field(page, f"total-{code}") for code in ("basic", "standard", "premium")] == ["1", "0", "0"]
    for name in ("Basic", "Standard", "Premium"):
        assert f">Microsoft 365 Business {name}</label>" in page.content.decode()
    assert "formerly Office 365 Business Essentials" in words(page)
    assert "A$ 9.00 each a month, plus tax" in words(page)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("-3", "A total cannot be below 0. For no seats, type 0."),
        ("−3", "A total cannot be below 0. For no seats, type 0."),
        ("1.5", "Seats come whole. Type a whole number, such as 4."),
        ("1,5", "Seats come whole. Type a whole number, such as 4."),
        ("four", "Type the total as a whole number, such as 4."),
        ("", "Type the total you want, such as 4. For none, type 0."),
        ("٣", "Type the number with the digits 0 to 9."),
        ("\uff14", "Type the number with the digits 0 to 9."),
        ("1e3", "Type the total as a whole number, such as 4."),
        ("0x10", "Type the total as a whole number, such as 4."),
        ("301", "At most 300 seats of Microsoft 365 Business Basic fit in one Microsoft tenant"),
        ("99999999999999999999", "At most 300 seats of Microsoft 365 Business Basic fit in one Microsoft tenant"),
        ("<b>4</b>", "Type the total as a whole number, such as 4."),
    ],
)
def test_an_unusable_total_is_explained_beside_its_field(
    world: World, owner: Client, typed: str, sentence: str
) -> None:
    page = owner.post(address(world), {BASIC: typed, "total-standard": "2", "total-premium": "0"})

    assert page.status_code == 422
    assert sentence in words(page)
    assert (field(page, BASIC), field(page, "total-standard")) == (typed, "2"), "nothing that was typed is lost"
    assert 'aria-invalid="true"' in page.content.decode()
    assert not Quote.objects.exists()


def test_an_upgrade_may_take_the_seats_that_people_have(world: World, owner: Client) -> None:
    owner.get(f"/services/{world.service.pk}/")

    page = owner.post(address(world), {BASIC: "0", "total-premium": "1"})

    assert page.status_code == 302


def test_the_preview_shows_the_price_and_stores_nothing(world: World, owner: Client) -> None:
    page = owner.post(f"{address(world)}preview/", {BASIC: "4", "total-standard": "0", "total-premium": "0"})

    text = words(page)
    # the period of 30 days begins today: 3 × 9.00 = 27.00, with 10 % GST 29.70; then 4 × 9.00 = 36.00 and GST
    assert "+3 from today" in text
    assert "GST 10 % of A$ 27.00 A$ 2.70" in text
    assert "Due today incl. tax A$ 29.70" in text
    assert "New recurring total incl. tax, each period A$ 39.60" in text
    assert "Next charge 22 December 2026" in text
    assert not Quote.objects.exists()


def test_recalculate_does_the_same_without_a_script(world: World, owner: Client) -> None:
    page = owner.post(address(world), {BASIC: "4", "act": "recalculate"})

    assert page.status_code == 200
    assert "Due today incl. tax A$ 29.70" in words(page)
    assert field(page, BASIC) == "4"
    assert not Quote.objects.exists()


def test_continue_to_checkout_stores_the_quote(world: World, owner: Client) -> None:
    page = owner.post(address(world), {BASIC: "4", "act": "continue"})

    quote = Quote.objects.get()
    assert page.status_code == 302
    assert page.headers["Location"] == f"/checkout/{quote.public_id}/"
    assert quote.wanted == {"basic": 4}


def test_totals_that_change_nothing_say_so(world: World, owner: Client) -> None:
    page = owner.post(address(world), {BASIC: "1"})

    assert page.status_code == 422
    assert "nothing to check out" in words(page)


def test_a_field_left_as_it_was_filled_in_is_not_typed(world: World, owner: Client) -> None:
    """Two tabs: this one was filled in when 1 was held; another has made it 2 meanwhile."""
    world.order(basic=2)

    owner.post(address(world), {BASIC: "1", "was-basic": "1", "total-premium": "1", "was-premium": "0"})

    assert Quote.objects.order_by("-pk").first().wanted == {"premium": 1}


def test_only_an_owner_changes_seats(world: World, visitors: Visitors) -> None:
    for client in (visitors.colleague, visitors.viewer):
        assert client.get(address(world)).status_code == 403
        assert client.post(address(world), {BASIC: "4"}).status_code == 403
        assert client.post(f"{address(world)}preview/", {BASIC: "4"}).status_code == 403
    assert not Quote.objects.exists()


def test_while_the_books_are_checked_the_totals_stay_and_nothing_is_quoted(world: World, owner: Client) -> None:
    world.customer.parked_reason = "The audit found a difference."
    world.customer.save()

    page = owner.post(address(world), {BASIC: "4", "was-basic": "1"})

    assert page.status_code == 422
    assert "Changes are paused while our billing team checks your account." in words(page)
    assert field(page, BASIC) == "4"
    assert not Quote.objects.exists()


def test_no_money_is_taken_while_microsoft_would_refuse(world: World, owner: Client) -> None:
    world.tenant.has_agreement = False
    world.tenant.save()

    prices = owner.get(address(world))
    page = owner.post(address(world), {BASIC: "4", "act": "continue"})

    assert "to order, it is needed first" in words(prices)
    assert page.status_code == 422
    assert "Nobody has accepted the Microsoft Customer Agreement" in words(page)
    assert not Quote.objects.exists()


def test_no_money_is_taken_before_microsoft_has_approved_the_company(world: World, owner: Client) -> None:
    world.tenant.account = "not_allowed"
    world.tenant.save()

    page = owner.post(address(world), {BASIC: "4", "act": "continue"})

    assert page.status_code == 422
    assert "Microsoft has not approved" in words(page)
    assert not Quote.objects.exists()
