"""Order page: where it stands in words, what to do meanwhile, and the way out while it is unpaid."""

from __future__ import annotations

from django.test import Client
from tests.entrypoints.portal.reading import words
from tests.journeys.outside import World
from tests.makers import buy

from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.ordering.models import Order
from perseat.domain.fulfillment import OrderState


def unpaid(world: World) -> int:
    return buy(
        world.customer, service_id=world.service.pk, wanted={"basic": 4}, user_id=world.owner.pk, now=world.now()
    )


def test_an_unpaid_order_says_how_to_pay(world: World, owner: Client) -> None:
    order_id = unpaid(world)

    page = owner.get(f"/orders/{order_id}/")

    text = words(page)
    assert "Awaiting payment" in text
    assert "Pay A$ 29.70" in text
    assert Document.objects.latest("pk").payment_reference in text
    assert "BSB 000-000, account 12345678" in text
    assert "Withdraw the order" in text
    assert "hx-get" not in page.content.decode(), "nothing moves by itself while it waits for money"


def test_a_paid_order_is_looked_at_again_until_it_is_ready(world: World, owner: Client) -> None:
    order_id = world.order(basic=4)

    meanwhile = owner.get(f"/orders/{order_id}/progress/")
    world.deliver(order_id)
    ready = owner.get(f"/orders/{order_id}/progress/")

    assert 'hx-trigger="every 3s"' in meanwhile.content.decode()
    assert "You can leave this page" in words(meanwhile)
    assert "Ready to assign" in words(ready)
    assert "hx-trigger" not in ready.content.decode()
    assert "<html" not in ready.content.decode(), "only the part that moves"


def test_only_what_is_reached_is_called_by_its_name(world: World, owner: Client) -> None:
    order_id = world.order(basic=4)

    meanwhile = words(owner.get(f"/orders/{order_id}/"))
    world.deliver(order_id)
    ready = words(owner.get(f"/orders/{order_id}/"))

    assert "Ready to assign" not in meanwhile, "whoever waits for these words may take them at their word"
    assert "At Microsoft Ready to assign" in ready, "passed too quickly for a time of its own"
    assert "Setting up" not in ready
    assert "Setting up Hand out licenses" in meanwhile
    assert "Ready to assign 22 November 2026" in ready
    assert "Hand out licenses" not in ready


def test_an_unpaid_order_is_called_paid_nowhere(world: World, owner: Client) -> None:
    text = words(owner.get(f"/orders/{unpaid(world)}/"))

    assert "Paid" not in text
    assert "Payment Order at Microsoft Setting up Hand out licenses" in text


def test_the_page_of_a_moving_order_reloads_without_a_script(world: World, owner: Client) -> None:
    order_id = world.order(basic=4)

    assert '<noscript><meta http-equiv="refresh"' in owner.get(f"/orders/{order_id}/").content.decode()


def test_withdrawing_cancels_the_order_and_its_invoice(world: World, owner: Client) -> None:
    order_id = unpaid(world)

    page = owner.post(f"/orders/{order_id}/withdraw/", follow=True)

    assert Order.objects.get(pk=order_id).state == OrderState.CANCELLED
    assert "The order is withdrawn. Its invoice is cancelled by a credit note." in words(page)
    assert "Cancelled" in words(page)
    assert "Invoice 22 Nov 2026 Cancelled A$ 29.70 A$ 0.00" in words(owner.get("/invoices/")), "it was never paid"
    assert sum(document.total_minor for document in Document.objects.filter(order_id=order_id)) == 0


def test_a_paid_order_cannot_be_withdrawn(world: World, owner: Client) -> None:
    order_id = world.order(basic=4)

    page = owner.post(f"/orders/{order_id}/withdraw/", follow=True)

    assert "This order can no longer be withdrawn" in words(page)
    assert Order.objects.get(pk=order_id).state == OrderState.PAID


def test_an_unpaid_order_is_paid_later_by_card(world: World, owner: Client) -> None:
    order_id = unpaid(world)

    page = owner.post(f"/orders/{order_id}/pay/")

    assert page.headers["Location"].startswith("http://testserver/sandbox-gateway/pay/")


def test_back_from_the_gateway_before_its_notice(world: World, owner: Client) -> None:
    order_id = unpaid(world)

    page = owner.get(f"/orders/{order_id}/?returned=1")

    assert "waiting for the confirmation of your payment" in words(page)
    assert "hx-trigger" in page.content.decode()
