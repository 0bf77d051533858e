from __future__ import annotations

import pytest
from tests.simulator.world import ACME, BASIC, BASIC_ID, PREMIUM, STANDARD, STANDARD_ID, World


def test_seats_can_be_added_at_any_time_and_show_in_the_directory(world: World) -> None:
    subscription_id = world.buy(BASIC, quantity=5, term="P1Y")
    world.advance(days=200)

    changed = world.change(subscription_id, quantity=8)

    assert changed.status_code == 200
    assert changed.json()["quantity"] == 8
    assert changed.json()["commitmentEndDate"] == "2027-03-09T00:00:00Z"
    assert changed.json()["refundableQuantity"]["totalQuantity"] == 3
    assert world.seats_in_directory(BASIC_ID) == 8


def test_seats_can_be_taken_back_for_a_week_the_newest_first(world: World) -> None:
    subscription_id = world.buy(BASIC, quantity=5)
    world.advance(days=3)
    world.change(subscription_id, quantity=9)

    reduced = world.change(subscription_id, quantity=7)

    details = reduced.json()["refundableQuantity"]["details"]
    assert details == [
        {"quantity": 5, "allowedUntilDateTime": "2026-03-17T09:30:00Z"},
        {"quantity": 2, "allowedUntilDateTime": "2026-03-20T09:30:00Z"},
    ]


def test_each_batch_of_seats_has_a_deadline_of_its_own(world: World) -> None:
    subscription_id = world.buy(BASIC, quantity=5, term="P1Y")
    world.advance(days=3)
    world.change(subscription_id, quantity=9)
    world.advance(days=4)

    too_many = world.change(subscription_id, quantity=4)
    the_newest = world.change(subscription_id, quantity=5)

    assert (too_many.status_code, too_many.json()["code"]) == (400, 800090)
    assert the_newest.json()["quantity"] == 5
    assert world.change(subscription_id, quantity=4).json()["code"] == 800090


def test_the_week_ends_to_the_second(world: World) -> None:
    subscription_id = world.buy(BASIC, quantity=5)
    world.advance(hours=168, seconds=-1)
    assert world.change(subscription_id, quantity=4).status_code == 200

    world.advance(seconds=1)

    assert world.change(subscription_id, quantity=3).json()["code"] == 800090


def test_more_than_three_hundred_seats_over_all_subscriptions_are_refused(world: World) -> None:
    world.buy(BASIC, quantity=100)
    second = world.buy(BASIC, quantity=100)

    refused = world.change(second, quantity=201)

    assert (refused.status_code, refused.json()["code"]) == (403, 800088)
    assert world.change(second, quantity=200).status_code == 200


@pytest.mark.parametrize("quantity", [0, -1, None, "five", True])
def test_a_quantity_must_be_a_whole_number_of_seats(world: World, quantity: object) -> None:
    subscription_id = world.buy(BASIC, quantity=5)

    assert world.change(subscription_id, quantity=quantity).json()["code"] == 2002


def test_what_the_body_leaves_out_is_reset(world: World) -> None:
    subscription_id = world.buy(BASIC, quantity=5)
    body = world.subscription(subscription_id)
    del body["autoRenewEnabled"]

    changed = world.acme("PATCH", f"/subscriptions/{subscription_id}", json=body)

    assert changed.json()["autoRenewEnabled"] is False


def test_a_stale_mark_is_refused_and_changes_nothing(world: World) -> None:
    subscription_id = world.buy(BASIC, quantity=5)
    body = world.subscription(subscription_id)
    mark = {"If-Match": body["attributes"]["etag"]}

    first = world.acme("PATCH", f"/subscriptions/{subscription_id}", json={**body, "quantity": 6}, headers=mark)
    stale = world.acme("PATCH", f"/subscriptions/{subscription_id}", json={**body, "quantity": 7}, headers=mark)

    assert first.status_code == 200
    assert (stale.status_code, stale.json()["code"]) == (400, 2055)
    assert world.subscription(subscription_id)["quantity"] == 6


def test_term_and_billing_cycle_are_not_changed_by_an_update(world: World) -> None:
    subscription_id = world.buy(BASIC, quantity=5, term="P1Y", cycle="monthly")

    assert world.change(subscription_id, billingCycle="annual").json()["code"] == 2054
    assert world.change(subscription_id, termDuration="P3Y").json()["code"] == 2054


def test_a_purchase_can_be_cancelled_for_a_week(world: World) -> None:
    early, late = world.buy(BASIC, quantity=5), world.buy(STANDARD, quantity=5)
    cancelled = world.change(early, status="deleted")
    world.advance(days=7)

    refused = world.change(late, status="deleted")

    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "deleted")
    assert world.seats_in_directory(BASIC_ID) == 0
    assert (refused.status_code, refused.json()["code"]) == (400, 900117)
    assert world.change(early, quantity=6).json()["code"] == 2011


def test_suspending_turns_renewal_off_and_blocks_changes_of_seats(world: World) -> None:
    subscription_id = world.buy(BASIC, quantity=5)

    suspended = world.change(subscription_id, status="suspended")

    assert suspended.json()["autoRenewEnabled"] is False
    assert world.seats_in_directory(BASIC_ID) == 0
    assert world.change(subscription_id, quantity=6).json()["code"] == 2001
    assert world.change(subscription_id, status="active", autoRenewEnabled=True).json()["autoRenewEnabled"] is True
    assert world.seats_in_directory(BASIC_ID) == 5


def test_a_term_renews_at_midnight_after_its_last_day_with_a_new_window(world: World) -> None:
    subscription_id = world.buy(BASIC, quantity=5)
    world.advance(days=30, hours=14, minutes=29)
    assert world.subscription(subscription_id)["commitmentEndDate"] == "2026-04-09T00:00:00Z"

    world.advance(minutes=1)

    renewed = world.subscription(subscription_id)
    assert renewed["effectiveStartDate"] == "2026-04-10T00:00:00Z"
    assert renewed["commitmentEndDate"] == "2026-05-09T00:00:00Z"
    assert renewed["refundableQuantity"]["details"] == [{"quantity": 5, "allowedUntilDateTime": "2026-04-17T00:00:00Z"}]
    assert world.change(subscription_id, quantity=2).status_code == 200


def test_a_scheduled_reduction_comes_with_the_renewal(world: World) -> None:
    subscription_id = world.buy(BASIC, quantity=5)
    plan = {"quantity": 2, "product": {"termDuration": "P1Y", "billingCycle": "annual"}}

    scheduled = world.change(subscription_id, scheduledNextTermInstructions=plan).json()

    assert (scheduled["quantity"], scheduled["scheduledNextTermInstructions"]["quantity"]) == (5, 2)
    world.advance(days=40)
    renewed = world.subscription(subscription_id)
    assert (renewed["quantity"], renewed["termDuration"], renewed["billingCycle"]) == (2, "P1Y", "annual")
    assert renewed["commitmentEndDate"] == "2027-04-09T00:00:00Z"
    assert "scheduledNextTermInstructions" not in renewed
    assert world.seats_in_directory(BASIC_ID) == 2


def test_a_change_of_seats_deletes_the_schedule(world: World) -> None:
    subscription_id = world.buy(BASIC, quantity=5)
    world.change(subscription_id, scheduledNextTermInstructions={"quantity": 2})

    changed = world.change(subscription_id, quantity=6)

    assert "scheduledNextTermInstructions" not in changed.json()
    assert "scheduledNextTermInstructions" not in world.subscription(subscription_id)


def test_turning_renewal_off_deletes_the_schedule(world: World) -> None:
    subscription_id = world.buy(BASIC, quantity=5)
    world.change(subscription_id, scheduledNextTermInstructions={"quantity": 2})

    assert "scheduledNextTermInstructions" not in world.change(subscription_id, autoRenewEnabled=False).json()


@pytest.mark.parametrize(
    ("plan", "code"),
    [
        ({"quantity": 301}, 800088),
        ({"quantity": 1, "product": {"termDuration": "P1M", "billingCycle": "annual"}}, 900270),
        ({"quantity": 1, "product": {"termDuration": "P2Y"}}, 900268),
        ({"quantity": 1, "product": {"productId": "CFQ7TTC0LH16", "skuId": "0001"}}, 800020),
        ({"quantity": 1, "product": {"productId": "CFQ7TTC0NONE"}}, 400018),
        ({"quantity": 1, "customTermEndDate": "2027-01-31T00:00:00Z"}, 900245),
    ],
)
def test_a_schedule_that_cannot_be_is_refused(world: World, plan: dict[str, object], code: int) -> None:
    subscription_id = world.buy(BASIC, quantity=5)

    assert world.change(subscription_id, scheduledNextTermInstructions=plan).json()["code"] == code


def test_a_scheduled_upgrade_takes_peoples_licenses_along(world: World) -> None:
    subscription_id = world.buy(BASIC, quantity=1)
    ann = world.add_user("ann")
    world.assign(ann, add=(BASIC_ID,))
    product_id, sku_id = STANDARD.split(":")
    plan = {"quantity": 1, "product": {"productId": product_id, "skuId": sku_id}}

    world.change(subscription_id, scheduledNextTermInstructions=plan)
    world.advance(days=40)

    held = world.graph("GET", f"/users/{ann}/licenseDetails").json()["value"]
    assert [row["skuId"] for row in held] == [STANDARD_ID]
    assert world.subscription(subscription_id)["offerName"] == "Microsoft 365 Business Standard"


def test_without_renewal_a_subscription_expires_is_disabled_and_deleted(world: World) -> None:
    subscription_id = world.buy(BASIC, quantity=5)
    world.change(subscription_id, autoRenewEnabled=False)

    def state_after(days: int) -> tuple[str, str | None]:
        world.advance(days=days)
        rows = world.graph("GET", "/subscribedSkus").json()["value"]
        return world.subscription(subscription_id)["status"], rows[0]["capabilityStatus"] if rows else None

    assert state_after(31) == ("expired", "Warning")
    assert world.change(subscription_id, quantity=6).json()["code"] == 900279
    assert state_after(30) == ("disabled", "Suspended")
    assert state_after(90) == ("deleted", None)


def test_many_renewals_pass_when_the_clock_is_moved_far(world: World) -> None:
    subscription_id = world.buy(BASIC, quantity=5)

    world.advance(days=365)

    assert world.subscription(subscription_id)["effectiveStartDate"] == "2027-03-10T00:00:00Z"


def test_a_change_may_be_accepted_first_and_done_later(world: World) -> None:
    subscription_id = world.buy(BASIC, quantity=5)
    fault = {"kind": "202", "match": {"method": "PATCH"}, "seconds": 60}
    world.client.post("/control/faults", json=fault)

    accepted = world.change(subscription_id, quantity=6)

    assert accepted.status_code == 202
    assert accepted.headers["Location"] == f"/customers/{ACME}/subscriptions/{subscription_id}"
    assert world.subscription(subscription_id)["quantity"] == 5
    busy = world.change(subscription_id, quantity=7)
    assert (busy.status_code, busy.json()["code"]) == (409, 900278)
    world.advance(seconds=60)
    assert world.subscription(subscription_id)["quantity"] == 6
    assert world.seats_in_directory(BASIC_ID) == 6


def test_all_seats_upgraded_keep_the_subscription_and_move_the_licenses(world: World) -> None:
    subscription_id = world.buy(BASIC, quantity=2)
    ann = world.add_user("ann")
    world.assign(ann, add=(BASIC_ID,))
    eligible = world.acme("GET", f"/subscriptions/{subscription_id}/transitionEligibilities").json()["items"]
    target = next(item for item in eligible if item["catalogItemId"].startswith(STANDARD))

    body = {"toCatalogItemId": target["catalogItemId"], "quantity": 2, "transitionType": "transition_only"}
    answer = world.acme("POST", f"/subscriptions/{subscription_id}/transitions", json=body)

    assert answer.json()["toSubscriptionId"] == subscription_id
    assert (world.seats_in_directory(BASIC_ID), world.seats_in_directory(STANDARD_ID)) == (0, 2)
    held = world.graph("GET", f"/users/{ann}/licenseDetails").json()["value"]
    assert [row["skuId"] for row in held] == [STANDARD_ID]
    assert world.change(subscription_id, status="deleted").json()["code"] == 900117
    done = world.acme("GET", f"/subscriptions/{subscription_id}/transitions").json()["items"][0]
    assert [event["status"] for event in done["events"]] == ["Started", "Completed"]


def test_some_seats_upgraded_open_a_subscription_with_the_same_end(world: World) -> None:
    subscription_id = world.buy(BASIC, quantity=5, term="P1Y")
    world.advance(days=100)

    body = {"toCatalogItemId": world.item(STANDARD), "quantity": 2, "transitionType": "transition_only"}
    answer = world.acme("POST", f"/subscriptions/{subscription_id}/transitions", json=body).json()

    target, source = world.subscription(answer["toSubscriptionId"]), world.subscription(subscription_id)
    assert (source["quantity"], target["quantity"]) == (3, 2)
    assert source["commitmentEndDate"] == target["commitmentEndDate"]
    assert target["refundableQuantity"]["totalQuantity"] == 0


def test_an_upgrade_takes_its_time_and_nothing_else_changes_the_subscription_meanwhile(world: World) -> None:
    subscription_id = world.buy(BASIC, quantity=5)
    ann = world.add_user("ann")
    world.assign(ann, add=(BASIC_ID,))
    world.client.post("/control/settings", json={"provisioning_delay_seconds": 60})
    body = {"toCatalogItemId": world.item(STANDARD), "quantity": 5, "transitionType": "transition_only"}

    started = world.acme("POST", f"/subscriptions/{subscription_id}/transitions", json=body).json()

    assert [event["status"] for event in started["events"]] == ["Started"]
    assert world.subscription(subscription_id)["offerId"].startswith(BASIC)
    assert world.change(subscription_id, quantity=6).json()["code"] == 900278
    again = world.acme("POST", f"/subscriptions/{subscription_id}/transitions", json=body)
    assert again.json()["code"] == 900278
    world.advance(seconds=60)
    assert world.subscription(subscription_id)["offerId"].startswith(STANDARD)
    assert (world.seats_in_directory(BASIC_ID), world.seats_in_directory(STANDARD_ID)) == (0, 5)


def test_upgrades_can_be_made_to_fail_when_asked_about_or_on_the_way(world: World) -> None:
    subscription_id = world.buy(BASIC, quantity=5)
    path = f"/subscriptions/{subscription_id}"
    trouble = {"tenant_id": ACME, "upgrade_trouble": {"code": 3}}
    world.client.post("/control/settings", json=trouble)
    (told, *_others) = world.acme("GET", f"{path}/transitionEligibilities").json()["items"]
    world.client.post("/control/settings", json=trouble | {"upgrade_trouble": {"code": 12, "is_told_before": False}})

    body = {"toCatalogItemId": world.item(STANDARD), "quantity": 5, "transitionType": "transition_only"}
    failed = world.acme("POST", f"{path}/transitions", json=body).json()

    assert [kind["errors"][0]["code"] for kind in told["eligibilities"]] == [3, 3]
    assert failed["events"][-1]["status"] == "Failed"
    assert failed["events"][-1]["errors"][0]["code"] == 12
    assert world.subscription(subscription_id)["offerId"].startswith(BASIC)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"quantity": 6}, 900275),
        ({"toCatalogItemId": "CFQ7TTC0LDPB:0001:CFQ7TTC0NONE"}, 400019),
        ({"termDuration": "P1M", "billingCycle": "monthly"}, 900267),
        ({"toSubscriptionId": "self"}, 900259),
        ({"toSubscriptionId": "fresh"}, 900261),
    ],
)
def test_an_upgrade_that_cannot_be_is_refused(world: World, change: dict[str, object], code: int) -> None:
    source = world.buy(BASIC, quantity=5, term="P1Y")
    named = {"self": source, "fresh": world.buy(STANDARD, quantity=1, term="P1Y")}
    wanted = {name: named.get(str(value), value) for name, value in change.items()}
    body = {"toCatalogItemId": world.item(STANDARD), "quantity": 2, "transitionType": "transition_only"}

    answer = world.acme("POST", f"/subscriptions/{source}/transitions", json={**body, **wanted})

    assert answer.json()["code"] == code


def test_there_is_no_way_down(world: World) -> None:
    source = world.buy(PREMIUM, quantity=5)

    body = {"toCatalogItemId": world.item(BASIC), "quantity": 5, "transitionType": "transition_only"}

    assert world.acme("GET", f"/subscriptions/{source}/transitionEligibilities").json()["items"] == []
    assert world.acme("POST", f"/subscriptions/{source}/transitions", json=body).json()["code"] == 800020
