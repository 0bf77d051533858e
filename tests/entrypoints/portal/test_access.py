"""Who may open what: everything of a customer is for its members only, and buying for its owner only."""

from __future__ import annotations

import pytest
from tests.entrypoints.portal.conftest import Visitors
from tests.journeys.outside import World
from tests.makers import make_customer, make_service, quote

from perseat.capabilities.customers.models import Membership
from perseat.capabilities.ordering.models import Order
from perseat.domain.rights import MemberRole

TO_READ = [
    "/services/{service}/",
    "/services/{service}/licenses/",
    "/orders/{order}/",
    "/orders/{order}/progress/",
    "/invoices/{invoice}/",
    "/invoices/{invoice}/pdf/",
]
TO_BUY = ["/services/{service}/options/", "/checkout/{quote}/"]
TO_ACT = ["/services/{service}/undo-plan/", "/orders/{order}/pay/", "/orders/{order}/withdraw/"]


@pytest.fixture
def things(world: World) -> dict[str, object]:
    order_id = world.order(basic=2)
    document = Order.objects.get(pk=order_id).documents.get()
    quote_id = quote(
        world.customer, service_id=world.service.pk, wanted={"basic": 3}, user_id=world.owner.pk, now=world.now()
    )
    return {"service": world.service.pk, "order": order_id, "invoice": document.number, "quote": quote_id}


@pytest.mark.parametrize("address", TO_READ)
def test_members_read_their_own_and_strangers_find_nothing(
    things: dict[str, object], visitors: Visitors, address: str
) -> None:
    there = address.format(**things)

    for client in (visitors.owner, visitors.colleague, visitors.viewer):
        assert client.get(there).status_code == 200
    assert visitors.stranger.get(there).status_code == 404
    assert visitors.nobody.get(there).headers["Location"] == f"/login/?next={there}"


@pytest.mark.parametrize("address", TO_BUY)
def test_only_the_owner_buys(things: dict[str, object], visitors: Visitors, address: str) -> None:
    there = address.format(**things)

    assert visitors.owner.get(there).status_code == 200
    assert visitors.stranger.get(there).status_code == 404
    for client in (visitors.colleague, visitors.viewer):
        assert client.get(there).status_code == 403
        assert client.post(there).status_code == 403


@pytest.mark.parametrize("address", TO_ACT)
def test_strangers_and_people_who_may_not_buy_do_nothing(
    things: dict[str, object], visitors: Visitors, address: str
) -> None:
    there = address.format(**things)
    state = Order.objects.get(pk=things["order"]).state

    assert visitors.stranger.post(there).status_code == 404
    for client in (visitors.colleague, visitors.viewer):
        assert client.post(there).status_code == 403
    assert visitors.owner.get(there).status_code == 405, "an act is never a link"
    assert Order.objects.get(pk=things["order"]).state == state


@pytest.mark.parametrize("address", ["/", "/services/", "/invoices/"])
def test_lists_show_only_what_is_ours(things: dict[str, object], visitors: Visitors, address: str) -> None:
    ours, theirs = visitors.viewer.get(address), visitors.stranger.get(address)

    assert str(things["invoice"]) not in theirs.content.decode()
    assert f"/services/{things['service']}/" not in theirs.content.decode()
    assert ours.status_code == theirs.status_code == 200


def test_a_person_of_two_customers_switches_between_them(world: World, visitors: Visitors) -> None:
    second = make_customer(legal_name="Acme New Zealand Ltd")
    service = make_service(second)
    Membership.objects.create(customer=second, user=world.owner, role=MemberRole.VIEWER)
    assert visitors.owner.get(f"/services/{service.pk}/").status_code == 404

    visitors.owner.post("/switch-customer/", {"customer": second.number})

    assert visitors.owner.get(f"/services/{service.pk}/").status_code == 200
    assert visitors.owner.get(f"/services/{service.pk}/options/").status_code == 403, "a viewer there"
