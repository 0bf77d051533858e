"""Upgrades by Partner Center's contract, over canned answers that differ in how much they tell."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import httpx
import pytest
from tests.integrations.canned import TENANT, Wire, partner_center, subscription

from perseat.ports.failures import Refused, WritesAreOff
from perseat.ports.seat_provider import SupplierStatus, SupplierUpgrade, UpgradePath, UpgradeStage

REQUEST = UUID("5f0d4a3e-0000-4000-8000-00000000000a")
SUBSCRIPTION = "a4c1340d-0000-4000-8000-000000000001"
PREMIUM = "CFQ7TTC0LCHC:0002:CFQ7TTC0KCSV"
PATH = UpgradePath(
    product_id="CFQ7TTC0LCHC", sku_id="0002", item_id=PREMIUM, moves_licenses=True, is_open=True, codes=()
)


def ok(body: object) -> httpx.Response:
    return httpx.Response(200, json=body)


def event(name: str, status: str, *, at: str = "2026-11-20T18:01:14.7488618Z", **more: object) -> dict[str, object]:
    return {"name": name, "status": status, "timestamp": at} | more


def start(wire: Wire, *, into: str = "", path: UpgradePath = PATH, writes: bool = True) -> SupplierUpgrade:
    return partner_center(wire, writes=writes).start_upgrade(
        TENANT, subscription_id=SUBSCRIPTION, path=path, seats=2, into_subscription_id=into, request_id=REQUEST
    )


def test_the_ways_up_are_read_each_with_its_kind_and_its_reasons() -> None:
    wire = Wire(
        ok(
            {
                "totalCount": 1,
                "items": [
                    {
                        "catalogItemId": PREMIUM,
                        "eligibilities": [
                            {"isEligible": True, "transitionType": "transition_only"},
                            {
                                "isEligible": False,
                                "transitionType": "transition_with_license_transfer",
                                "errors": [{"code": 3, "description": "Their words."}],
                            },
                        ],
                    }
                ],
            }
        )
    )

    without, with_licenses = partner_center(wire).list_upgrade_paths(TENANT, subscription_id=SUBSCRIPTION)

    assert (without.item_id, without.product_id, without.sku_id) == (PREMIUM, "CFQ7TTC0LCHC", "0002")
    assert (without.is_open, without.moves_licenses, without.codes) == (True, False, ())
    assert (with_licenses.is_open, with_licenses.moves_licenses, with_licenses.codes) == (False, True, ("3",))
    assert wire.sent[0].url.path.endswith(f"/subscriptions/{SUBSCRIPTION}/transitionEligibilities")
    assert wire.sent[0].url.params["eligibilityType"] == "immediate"


@pytest.mark.parametrize("into", ["", "a4c1340d-0000-4000-8000-00000000000b"])
def test_an_upgrade_is_asked_for_with_its_target_number_and_kind(into: str) -> None:
    wire = Wire(ok({"toCatalogItemId": PREMIUM, "quantity": 2, "events": [event("Conversion", "Started ")]}))

    started = start(wire, into=into)

    expected: dict[str, object] = {
        "toCatalogItemId": PREMIUM,
        "quantity": 2,
        "transitionType": "transition_with_license_transfer",
    }
    if into:
        expected["toSubscriptionId"] = into
    assert wire.body(0) == expected, "term and charge cycle are left out: they stay"
    assert wire.sent[0].headers["MS-RequestId"] == str(REQUEST)
    assert (started.operation_id, started.target_subscription_id) == ("", ""), "as the documented answer has neither"
    assert started.seats_stage is UpgradeStage.STARTED
    assert started.licenses_stage is UpgradeStage.NOT_ASKED


@pytest.mark.parametrize("name", ["items", "transition"])
def test_upgrades_are_read_by_either_name_oldest_first_with_the_last_state_of_each_part(name: str) -> None:
    newer = {
        "operationId": "two",
        "ToCatalogItemId": PREMIUM,
        "quantity": 1,
        "Events": [
            event("Conversion", "Started ", at="2026-11-21T10:00:00Z"),
            event("Conversion", "Completed", at="2026-11-21T10:30:00Z"),
            event("LicenseReassignment", "Started", at="2026-11-21T10:30:00Z"),
            event("LicenseReassignment", "Failed", at="2026-11-21T10:31:00Z", errors=[{"code": 12}]),
        ],
    }
    older = {
        "operationId": "one",
        "toCatalogItemId": PREMIUM,
        "quantity": 2,
        "events": [event("Conversion", "Started")],
    }

    first, second = partner_center(Wire(ok({name: [newer, older]}))).list_upgrades(TENANT, subscription_id=SUBSCRIPTION)

    assert (first.operation_id, first.seats, first.seats_stage) == ("one", 2, UpgradeStage.STARTED)
    assert second.started_at == datetime(2026, 11, 21, 10, tzinfo=UTC)
    assert (second.seats_stage, second.licenses_stage) == (UpgradeStage.COMPLETED, UpgradeStage.FAILED)
    assert second.codes == ("12",)


def test_a_refused_upgrade_says_why_in_plain_words() -> None:
    wire = Wire(httpx.Response(400, json={"code": 900236, "description": "Their words.", "source": "PartnerFD"}))

    with pytest.raises(Refused, match="ends before the old one") as refusal:
        start(wire)

    assert not refusal.value.is_for_staff, "the seats can be bought instead"


def test_nothing_is_upgraded_while_writes_are_off() -> None:
    wire = Wire()

    with pytest.raises(WritesAreOff):
        start(wire, writes=False)

    assert wire.sent == []


def test_suspending_sends_the_whole_resource_back_without_renewal_and_plan() -> None:
    wire = Wire(ok(subscription()), ok(subscription(status="suspended", autoRenewEnabled=False)))

    found = partner_center(wire).set_suspended(TENANT, subscription_id=SUBSCRIPTION, suspended=True, request_id=REQUEST)

    assert found.status is SupplierStatus.SUSPENDED
    sent = wire.body(1)
    assert (sent["status"], sent["autoRenewEnabled"], sent["quantity"]) == ("suspended", False, 4)
    assert set(subscription()) <= set(sent)


def test_opening_again_switches_the_renewal_on_and_done_before_is_not_asked_again() -> None:
    wire = Wire(ok(subscription(status="suspended", autoRenewEnabled=False)), ok(subscription()), ok(subscription()))
    client = partner_center(wire)

    for _time in range(2):
        client.set_suspended(TENANT, subscription_id=SUBSCRIPTION, suspended=False, request_id=REQUEST)

    assert [request.method for request in wire.sent] == ["GET", "PATCH", "GET"]
    assert (wire.body(1)["status"], wire.body(1)["autoRenewEnabled"]) == ("active", True)


def test_another_number_for_the_next_term_leaves_its_edition_and_end_as_they_were_chosen() -> None:
    chosen = {
        "product": {"productId": "CFQ7TTC0LDPB", "skuId": "0001", "availabilityId": "X", "termDuration": "P3Y"},
        "quantity": 4,
        "customTermEndDate": "2029-12-31T00:00:00Z",
    }
    wire = Wire(ok(subscription(scheduledNextTermInstructions=chosen)), ok(subscription()))

    partner_center(wire).set_renewal_seats(TENANT, subscription_id=SUBSCRIPTION, seats=2, request_id=REQUEST)

    assert wire.body(1)["scheduledNextTermInstructions"] == chosen | {"quantity": 2}
