"""Checkout: the quote is charged as shown, once, and never when it no longer holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from pytest_django import Settings
from tests.entrypoints.portal.reading import words
from tests.journeys.outside import World
from tests.makers import buy, quote

from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.ordering.models import Order, Quote
from perseat.domain.fulfillment import OrderState


def quoted(world: World, **wanted: int) -> UUID:
    return quote(world.customer, service_id=world.service.pk, wanted=wanted, user_id=world.owner.pk, now=world.now())


def test_every_line_shows_its_arithmetic(world: World, owner: Client) -> None:
    text = words(owner.get(f"/checkout/{quoted(world, basic=4)}/"))

    assert "Microsoft 365 Business Basic: 3 seats added, 22 Nov 2026 – 21 Dec 2026" in text
    assert "3 × A$ 9.00 × 30 of 30 days = A$ 27.00" in text
    assert "GST 10 % of A$ 27.00 A$ 2.70" in text
    assert "Due today incl. tax A$ 29.70" in text
    assert "To pay A$ 29.70" in text
    assert "New recurring total incl. tax, each period A$ 39.60" in text
    assert "Next charge 22 December 2026" in text
    assert "Pay A$ 29.70" in text


def test_a_bank_transfer_makes_an_order_that_awaits_its_payment(world: World, owner: Client) -> None:
    page = owner.post(f"/checkout/{quoted(world, basic=4)}/", {"payment_method": "bank_transfer"})

    order = Order.objects.get()
    assert page.headers["Location"] == f"/orders/{order.pk}/"
    assert order.state == OrderState.AWAITING_PAYMENT
    assert Document.objects.latest("pk").total_minor == 2970


def test_a_double_click_gives_one_order(world: World, owner: Client) -> None:
    address = f"/checkout/{quoted(world, basic=4)}/"

    first, second = (owner.post(address, {"payment_method": "bank_transfer"}) for _ in range(2))

    assert first.headers["Location"] == second.headers["Location"] == f"/orders/{Order.objects.get().pk}/"
    assert owner.get(address).headers["Location"] == first.headers["Location"]
    assert Document.objects.filter(order__isnull=False).count() == 1


def test_a_card_leads_to_the_gateways_page(world: World, owner: Client) -> None:
    page = owner.post(f"/checkout/{quoted(world, basic=4)}/", {"payment_method": "sandbox"})

    assert page.status_code == 302
    assert page.headers["Location"].startswith("http://testserver/sandbox-gateway/pay/")


def test_nothing_to_pay_is_confirmed_and_credited(world: World, owner: Client) -> None:
    world.deliver(world.order(basic=4))
    address = f"/checkout/{quoted(world, basic=2)}/"

    shown = words(owner.get(address))
    page = owner.post(address)

    assert "Confirm" in shown
    assert "Due today incl. tax −A$ 19.80" in shown
    assert "A$ 19.80 incl. tax comes back" in shown
    assert "How to pay" not in shown
    assert page.headers["Location"] == f"/orders/{Order.objects.latest('pk').pk}/"


def test_a_quote_that_no_longer_holds_gives_a_fresh_one(world: World, owner: Client) -> None:
    stale = quoted(world, basic=4)
    world.order(basic=2)

    page = owner.post(f"/checkout/{stale}/", {"payment_method": "bank_transfer"}, follow=True)

    fresh = Quote.objects.latest("pk")
    assert page.redirect_chain == [(f"/checkout/{fresh.public_id}/", 302)]
    assert "Nothing was charged. These are the new figures." in words(page)
    assert "Due today incl. tax A$ 19.80" in words(page), "2 more, for 30 days"
    assert Order.objects.count() == 1


def test_an_expired_quote_gives_a_fresh_one(world: World, owner: Client) -> None:
    stale = quoted(world, basic=4)
    world.clock.move(timedelta(days=2))

    shown = words(owner.get(f"/checkout/{stale}/"))
    page = owner.post(f"/checkout/{stale}/", {"payment_method": "bank_transfer"}, follow=True)

    assert "This quote has expired" in shown
    assert "Get fresh figures" in shown
    assert "3 × A$ 9.00 × 28 of 30 days = A$ 25.20" in words(page)
    assert not Order.objects.exists()


def test_an_open_order_is_replaced_only_after_saying_so(world: World, owner: Client) -> None:
    first = buy(
        world.customer, service_id=world.service.pk, wanted={"basic": 4}, user_id=world.owner.pk, now=world.now()
    )
    address = f"/checkout/{quoted(world, basic=3)}/"

    shown = words(owner.get(address))
    silent = owner.post(address, {"payment_method": "bank_transfer"})
    said = owner.post(address, {"payment_method": "bank_transfer", "replace": "yes"})

    assert f"Order {first} still awaits payment. This order replaces it" in shown
    assert silent.status_code == 422
    second = Order.objects.latest("pk")
    assert said.headers["Location"] == f"/orders/{second.pk}/"
    assert (Order.objects.get(pk=first).state, second.replaces_id) == (OrderState.CANCELLED, first)


@pytest.mark.parametrize("method", ["", "cash", "on_account"])
def test_a_way_to_pay_that_is_not_offered_is_refused(world: World, owner: Client, method: str) -> None:
    page = owner.post(f"/checkout/{quoted(world, basic=4)}/", {"payment_method": method})

    assert page.status_code == 422
    assert "Please choose one of the ways to pay" in words(page)
    assert not Order.objects.exists()


def test_whoever_pays_while_microsoft_may_not_be_written_to_knows_it_before(
    world: World, owner: Client, settings: Settings
) -> None:
    settings.OUTSIDE = replace(world.outside, supplier_writes=False)
    quote_id = quote(
        world.customer, service_id=world.service.pk, wanted={"basic": 4}, user_id=world.owner.pk, now=world.now()
    )

    assert "your seats wait until they are switched on again" in words(owner.get(f"/checkout/{quote_id}/"))
