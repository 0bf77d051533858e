"""Microsoft's own upgrades: whole, in part, or into what is there; and the old way where they are not to be had."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from tests.journeys.books import assert_books_hold
from tests.journeys.outside import World, make_world

from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.provisioning.models import Delivery, DeliveryAttempt
from perseat.capabilities.provisioning.queries import list_kept_seats
from perseat.capabilities.subscriptions.models import Subscription
from perseat.domain.fulfillment import DeliveryAct, DeliveryState, OrderState
from perseat.journeys.delivery import NotWaitingForStaff, buy_instead, retry_delivery
from perseat.simulator.faults import Fault, FaultKind

pytestmark = pytest.mark.django_db


class Watch(httpx.BaseTransport):
    """Looks at everybody's licenses after each call to Microsoft."""

    def __init__(self, inner: httpx.BaseTransport, world: World) -> None:
        self._inner = inner
        self._world = world
        self.seen: list[dict[str, list[str]]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._inner.handle_request(request)
        response.read()
        self.seen.append(self._world.licenses())
        return response


def watch(world: World) -> Watch:
    watching = Watch(world.line._inner, world)  # noqa: SLF001 - the last stretch of the line
    world.line._inner = watching  # noqa: SLF001
    return watching


def assert_always_licensed(watching: Watch) -> None:
    """After every single call everybody holds something, and the directory lets nobody use seats that are gone."""
    assert watching.seen, "something was asked"
    for licenses in watching.seen:
        assert all(licenses.values()), licenses


def writes(world: World) -> list[str]:
    """What was written at Microsoft, without ids."""
    return [each.rpartition("/")[2] if "POST" in each else "PATCH" for each in world.writes("/v1")]


def ids_at_microsoft(world: World) -> list[str]:
    found = world.simulator.subscriptions(str(world.tenant.tenant_id))
    return [each.id for each in found if each.status == "active"]


def our_id(world: World, edition: str) -> str:
    row = Subscription.objects.filter(service=world.service, offer__edition__code=edition).order_by("-pk").first()
    assert row is not None
    return row.supplier_subscription_id


def test_all_seats_keep_their_subscription_and_people_follow_by_themselves() -> None:
    world = make_world(seats={"basic": 2}, people={"Ada": "basic", "Bob": "basic"}, bought_days_ago=60, term="P1Y")
    (before,) = ids_at_microsoft(world)
    watching = watch(world)

    order = world.deliver(world.order(basic=0, premium=2))

    assert order.state == OrderState.READY
    assert ids_at_microsoft(world) == [before]
    assert (our_id(world, "premium"), our_id(world, "basic")) == (before, "")
    assert world.seats_at_microsoft() == {"premium": 2}
    assert world.licenses() == {"Ada": ["premium"], "Bob": ["premium"]}
    assert writes(world) == ["transitions"], "one write, and nobody is moved one by one"
    assert list_kept_seats() == (), "nothing is paid twice until the renewal"
    ended = Delivery.objects.get(order=order, act=DeliveryAct.END)
    assert ended.error_sentence == ("Microsoft's upgrade has made other seats of these; nothing is left to give back.")
    assert_always_licensed(watching)
    assert_books_hold(world.customer, now=world.now())


def test_an_upgrade_cannot_raise_the_number_so_the_rest_is_added_behind_it() -> None:
    world = make_world(seats={"basic": 1}, people={"Ada": "basic"})

    order = world.deliver(world.order(basic=0, premium=3))

    assert order.state == OrderState.READY
    assert writes(world) == ["transitions", "PATCH"]
    assert world.seats_at_microsoft() == {"premium": 3}
    assert world.licenses() == {"Ada": ["premium"]}


def test_some_seats_become_a_new_subscription_and_their_people_are_moved_one_by_one() -> None:
    world = make_world(
        seats={"basic": 3},
        people={"Ada": "basic", "Bob": "basic", "Cy": "basic"},
        bought_days_ago=60,
        term="P1Y",
    )
    (before,) = ids_at_microsoft(world)
    watching = watch(world)

    order = world.deliver(world.order(basic=1, premium=2))

    assert order.state == OrderState.READY
    assert world.seats_at_microsoft() == {"basic": 1, "premium": 2}
    assert our_id(world, "basic") == before
    assert our_id(world, "premium") in ids_at_microsoft(world)
    held = sorted(each for held in world.licenses().values() for each in held)
    assert held == ["basic", "premium", "premium"]
    assert writes(world) == ["transitions", "assignLicense", "assignLicense"]
    assert list_kept_seats() == ()
    assert_always_licensed(watching)
    assert_books_hold(world.customer, now=world.now())


def test_who_still_fits_the_seats_that_stay_is_not_moved() -> None:
    world = make_world(seats={"basic": 5}, people={"Ada": "basic", "Bob": "basic"})

    world.deliver(world.order(basic=3, premium=2))

    assert world.licenses() == {"Ada": ["basic"], "Bob": ["basic"]}


def test_seats_go_into_the_subscription_that_is_there() -> None:
    world = make_world(
        seats={"basic": 3, "premium": 1}, people={"Ada": "basic", "Bob": "basic", "Cy": "basic"}, bought_days_ago=10
    )
    before = ids_at_microsoft(world)
    watching = watch(world)

    order = world.deliver(world.order(basic=2, premium=2))

    assert order.state == OrderState.READY
    assert ids_at_microsoft(world) == before
    assert world.seats_at_microsoft() == {"basic": 2, "premium": 2}
    assert writes(world) == ["transitions", "assignLicense"]
    assert_always_licensed(watching)


def test_into_a_subscription_that_could_still_be_cancelled_seats_are_added_instead() -> None:
    world = make_world(seats={"basic": 3, "premium": 1}, people={"Ada": "basic"})

    order = world.deliver(world.order(basic=2, premium=2))

    assert order.state == OrderState.READY
    assert "transitions" not in writes(world)
    assert world.seats_at_microsoft() == {"basic": 2, "premium": 2}
    upgrade = Delivery.objects.get(order=order, act=DeliveryAct.UPGRADE)
    assert upgrade.error_sentence == (
        "The seats are bought instead. Microsoft does not join these two subscriptions, so seats are added."
    )


def test_where_the_last_seats_of_an_edition_would_leave_people_behind_they_are_bought_instead() -> None:
    """Licenses do not follow into a subscription that is there already, and nobody may stand on seats that are gone."""
    world = make_world(seats={"basic": 1, "premium": 1}, people={"Ada": "basic"}, bought_days_ago=10)
    watching = watch(world)

    order = world.deliver(world.order(basic=0, premium=2))

    assert order.state == OrderState.READY
    assert "transitions" not in writes(world)
    assert world.licenses() == {"Ada": ["premium"]}
    assert_always_licensed(watching)


def test_the_upgrade_is_waited_for_before_anybody_is_moved() -> None:
    world = make_world(seats={"basic": 2}, people={"Ada": "basic", "Bob": "basic"}, delay_seconds=60)
    order_id = world.order(basic=1, premium=1)
    watching = watch(world)

    meanwhile = world.deliver(order_id)
    licenses_meanwhile = world.licenses()
    order = world.deliver(order_id, for_minutes=20)

    assert meanwhile.state == OrderState.AT_MICROSOFT
    assert licenses_meanwhile == {"Ada": ["basic"], "Bob": ["basic"]}
    assert order.state == OrderState.READY
    assert sorted(world.licenses().values()) == [["basic"], ["premium"]]
    assert writes(world).count("transitions") == 1
    assert_always_licensed(watching)


@pytest.mark.parametrize("code", [3, 7, 8, 10, 11, 12])
def test_what_microsoft_cannot_upgrade_is_bought_moved_and_ended(code: int) -> None:
    world = make_world(seats={"basic": 1}, people={"Ada": "basic"})
    world.trouble_upgrades(code=code)
    watching = watch(world)

    order = world.deliver(world.order(basic=0, premium=1))

    assert order.state == OrderState.READY
    assert writes(world) == ["carts", "checkout", "assignLicense", "PATCH"]
    assert world.licenses() == {"Ada": ["premium"]}
    assert_always_licensed(watching)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0, "does not say why"),
        (1, "delegated administration"),
        (2, "not active at Microsoft"),
        (5, "partner user's consent"),
        (6, "add-ons"),
        (13, "role in this tenant"),
    ],
)
@pytest.mark.parametrize("is_told_before", [True, False])
def test_what_staff_can_mend_parks_and_leaves_everybody_with_what_they_had(
    code: int, words: str, *, is_told_before: bool
) -> None:
    world = make_world(seats={"basic": 1}, people={"Ada": "basic"})
    world.trouble_upgrades(code=code, is_told_before=is_told_before)
    watching = watch(world)

    waiting = world.deliver(world.order(basic=0, premium=1), for_minutes=30)

    assert waiting.state == OrderState.NEEDS_ATTENTION
    assert words in waiting.attention
    assert world.licenses() == {"Ada": ["basic"]}
    assert world.seats_at_microsoft() == {"basic": 1}
    assert_always_licensed(watching)

    world.untrouble_upgrades()
    parked = Delivery.objects.get(order=waiting, state=DeliveryState.PARKED)
    retry_delivery(parked.pk, actor="clerk@provider.example", now=world.now())
    order = world.deliver(waiting.pk)

    assert order.state == OrderState.READY
    assert world.licenses() == {"Ada": ["premium"]}
    assert_books_hold(world.customer, now=world.now())


@pytest.mark.parametrize("code", [4, 9])
def test_what_passes_is_waited_for(code: int) -> None:
    world = make_world(seats={"basic": 1}, people={"Ada": "basic"})
    world.trouble_upgrades(code=code)
    order_id = world.order(basic=0, premium=1)

    world.deliver(order_id, for_minutes=5)
    world.untrouble_upgrades()
    order = world.deliver(order_id, for_minutes=30)

    assert order.state == OrderState.READY
    assert "transitions" in writes(world)


def test_an_upgrade_that_fails_on_the_way_and_has_no_other_cure_is_bought() -> None:
    world = make_world(seats={"basic": 1}, people={"Ada": "basic"}, delay_seconds=30)
    world.trouble_upgrades(code=3, is_told_before=False)

    order = world.deliver(world.order(basic=0, premium=1), for_minutes=30)

    assert order.state == OrderState.READY
    assert world.licenses() == {"Ada": ["premium"]}
    assert world.seats_at_microsoft() == {"premium": 1}


def test_people_whose_licenses_microsoft_did_not_move_are_moved_by_us() -> None:
    world = make_world(seats={"basic": 2}, people={"Ada": "basic", "Bob": "basic"})
    world.trouble_upgrades(code=12, is_told_before=False, fails_licenses_only=True)
    watching = watch(world)

    order = world.deliver(world.order(basic=0, premium=2), for_minutes=30)

    assert order.state == OrderState.READY
    assert world.licenses() == {"Ada": ["premium"], "Bob": ["premium"]}
    assert writes(world).count("transitions") == 1
    assert_always_licensed(watching)


def test_staff_may_buy_instead_of_waiting_for_an_upgrade() -> None:
    world = make_world(seats={"basic": 1}, people={"Ada": "basic"})
    world.trouble_upgrades(code=6)
    waiting = world.deliver(world.order(basic=0, premium=1))
    parked = Delivery.objects.get(order=waiting, state=DeliveryState.PARKED)

    buy_instead(parked.pk, reason="The add-ons go.", actor="clerk@provider.example", now=world.now())
    order = world.deliver(waiting.pk)

    assert order.state == OrderState.READY
    assert world.licenses() == {"Ada": ["premium"]}
    with pytest.raises(NotWaitingForStaff):
        buy_instead(parked.pk, reason="Again.", actor="clerk@provider.example", now=world.now())


def test_what_is_refused_behind_an_upgrade_goes_back_and_the_upgraded_seats_stay() -> None:
    world = make_world(seats={"basic": 2}, people={"Ada": "basic"})
    order_id = world.order(basic=0, premium=5)
    world.simulator.faults.arm(
        Fault(
            kind=FaultKind.REFUSED,
            method="PATCH",
            path_pattern="/subscriptions/",
            answer={"status": 403, "body": {"code": 800088, "description": "Too many.", "source": "PartnerFD"}},
        )
    )

    order = world.deliver(order_id, for_minutes=10)

    held = dict(Subscription.objects.filter(ended_on=None).values_list("offer__edition__code", "held_seats"))
    assert order.state == OrderState.READY
    assert held == {"premium": 2} == world.seats_at_microsoft()
    assert world.licenses() == {"Ada": ["premium"]}
    assert "refused 3 seats of Microsoft 365 Business Premium" in order.attention
    invoice, credit_note = Document.objects.filter(order=order).order_by("pk")
    (line,) = credit_note.lines.all()
    assert line.credits_line == invoice.lines.get(reason__in=["new", "added"])
    assert_books_hold(world.customer, now=world.now())


def test_another_sellers_seats_of_either_edition_keep_the_upgrade_from_moving_the_wrong_people() -> None:
    world = make_world(seats={"basic": 1}, people={"Ada": "basic", "Bob": "basic"}, at_microsoft={"basic": 2})

    order = world.deliver(world.order(basic=0, premium=1))

    assert order.state == OrderState.READY
    assert "transitions" not in writes(world)
    assert world.seats_at_microsoft() == {"basic": 2, "premium": 1}


def test_a_later_increase_and_decrease_find_the_upgraded_subscription() -> None:
    world = make_world(seats={"basic": 1}, people={"Ada": "basic"})
    world.deliver(world.order(basic=0, premium=1))

    world.deliver(world.order(basic=2, premium=3))

    assert world.seats_at_microsoft() == {"basic": 2, "premium": 3}
    world.clock.move(timedelta(days=1))
    world.deliver(world.order(basic=0, premium=5))
    assert world.seats_at_microsoft() == {"premium": 5}
    assert_books_hold(world.customer, now=world.now())


def test_every_question_about_an_upgrade_is_written_down() -> None:
    world = make_world(seats={"basic": 1}, people={"Ada": "basic"})

    order = world.deliver(world.order(basic=0, premium=1))

    asked = DeliveryAttempt.objects.filter(delivery__order=order, delivery__act="upgrade").order_by("pk")
    assert [each.question for each in asked] == [
        "list upgrades",
        "read old seats",
        "list upgrade paths",
        "upgrade 1 basic #1",
        "read subscription",
    ]


CALLS = 16


def upgrading_world() -> tuple[World, int]:
    """Two of three become Premium, by Microsoft's upgrade; then their people follow."""
    world = make_world(seats={"basic": 3}, people={"Ada": "basic", "Bob": "basic", "Cy": "basic"}, bought_days_ago=20)
    return world, world.order(basic=1, premium=2)


def every_call() -> Iterator[tuple[int, str]]:
    for call in range(CALLS):
        yield call, "request"
        yield call, "answer"


@pytest.mark.parametrize(("call", "lost"), list(every_call()))
def test_any_call_of_an_upgrade_may_be_lost_and_nothing_is_upgraded_twice(call: int, lost: str) -> None:
    world, order_id = upgrading_world()
    watching = watch(world)
    lose = world.line.lose_request if lost == "request" else world.line.lose_answer
    lose(times=1, skip=call)

    order = world.deliver(order_id, for_minutes=30)

    assert order.state == OrderState.READY
    assert world.seats_at_microsoft() == {"basic": 1, "premium": 2}
    assert sorted(world.licenses().values()) == [["basic"], ["premium"], ["premium"]]
    assert writes(world).count("transitions") == 1
    assert_always_licensed(watching)
