"""Upgrades at Partner Center: where a subscription may go, going there, and how far it has come.

The documented answers differ in how much they tell: the one to a start has no operation id, the list may be called
`items` or `transition`, and a state may come with a blank behind it. Read here with all of that.
"""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from perseat.integrations.partner_center.connection import Connection
from perseat.integrations.partner_center.reading import split_offer
from perseat.integrations.partner_center.record import Record
from perseat.ports.seat_provider import SupplierUpgrade, UpgradePath, UpgradeStage

_WITH_LICENSES = "transition_with_license_transfer"
_WITHOUT_LICENSES = "transition_only"
_STAGE_OF = {
    "started": UpgradeStage.STARTED,
    "completed": UpgradeStage.COMPLETED,
    "failed": UpgradeStage.FAILED,
}
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


def list_paths(connection: Connection, subscription: str) -> tuple[UpgradePath, ...]:
    """What Microsoft names as targets for now, each once for each kind of upgrade."""
    found = connection.get(f"{subscription}/transitionEligibilities", params={"eligibilityType": "immediate"})
    return tuple(_path(target, kind) for target in found.records("items") for kind in target.records("eligibilities"))


def list_upgrades(connection: Connection, subscription: str) -> tuple[SupplierUpgrade, ...]:
    """All upgrades that were started from the subscription, oldest first."""
    found = connection.get(f"{subscription}/transitions")
    read = [read_upgrade(each) for each in found.records("items") or found.records("transition")]
    return tuple(sorted(read, key=lambda each: each.started_at or _LONG_AGO))


def start(
    connection: Connection,
    subscription: str,
    *,
    path: UpgradePath,
    seats: int,
    into_subscription_id: str,
    request_id: UUID,
) -> SupplierUpgrade:
    """Start an upgrade; term and charge cycle are left out, so they stay as they are."""
    connection.must_be_allowed_to_write()
    body: dict[str, object] = {
        "toCatalogItemId": path.item_id,
        "quantity": seats,
        "transitionType": _WITH_LICENSES if path.moves_licenses else _WITHOUT_LICENSES,
    }
    if into_subscription_id:
        body["toSubscriptionId"] = into_subscription_id
    answer = connection.write("POST", f"{subscription}/transitions", body=body, request_id=request_id)
    return read_upgrade(answer.record)


def read_upgrade(record: Record) -> SupplierUpgrade:
    """One upgrade; the last event of each kind says how far it is."""
    events = record.records("events")
    product_id, sku_id, _availability_id = split_offer(record.text("toCatalogItemId"))
    moments = [moment for event in events if (moment := event.moment("timestamp"))]
    return SupplierUpgrade(
        operation_id=record.text("operationId"),
        product_id=product_id,
        sku_id=sku_id,
        target_subscription_id=record.text("toSubscriptionId"),
        seats=record.number("quantity"),
        started_at=min(moments, default=None),
        seats_stage=_stage(events, name="conversion"),
        licenses_stage=_stage(events, name="licensereassignment"),
        codes=tuple(code for event in events for code in _codes(event)),
    )


def _path(target: Record, kind: Record) -> UpgradePath:
    item_id = target.text("catalogItemId")
    product_id, sku_id, _availability_id = split_offer(item_id)
    return UpgradePath(
        product_id=product_id,
        sku_id=sku_id,
        item_id=item_id,
        moves_licenses=kind.text("transitionType").casefold() == _WITH_LICENSES,
        is_open=kind.is_true("isEligible"),
        codes=_codes(kind),
    )


def _codes(record: Record) -> tuple[str, ...]:
    return tuple(error.text("code") for error in record.records("errors") if error.has("code"))


def _stage(events: tuple[Record, ...], *, name: str) -> UpgradeStage:
    own = [event.text("status").strip().casefold() for event in events if event.text("name").casefold() == name]
    known = [_STAGE_OF[status] for status in own if status in _STAGE_OF]
    return known[-1] if known else UpgradeStage.STARTED if own else UpgradeStage.NOT_ASKED
