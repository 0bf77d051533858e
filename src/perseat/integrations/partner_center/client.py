"""The SeatProvider port on Partner Center's REST interface."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from uuid import UUID

from perseat.integrations.partner_center import purchases, upgrades
from perseat.integrations.partner_center.answers import StaleResource
from perseat.integrations.partner_center.connection import Connection, path_part
from perseat.integrations.partner_center.reading import (
    BILLING_CYCLE_OF,
    CYCLE_OF,
    is_license,
    read_offers,
    read_subscription,
    read_tenant,
    split_offer,
)
from perseat.integrations.partner_center.record import Record
from perseat.ports.clock import Clock
from perseat.ports.failures import Refused, Unanswered
from perseat.ports.seat_provider import (
    AgreementContact,
    PreparedPurchase,
    Purchase,
    SupplierOffer,
    SupplierStatus,
    SupplierSubscription,
    SupplierTenant,
    SupplierUpgrade,
    UpgradePath,
)

_AGREEMENT = "MicrosoftCustomerAgreement"
_ACCEPTED_BEFORE = "600061"
# A change that Microsoft goes on working on (202) is looked at again after these waits, in seconds.
_LOOKS_AFTER = (1.0, 2.0, 4.0, 8.0)

Change = Callable[[Record], dict[str, object] | None]


class PartnerCenter:
    """Answers the SeatProvider port. Every number of seats sent is absolute, so a repetition changes nothing more."""

    def __init__(self, connection: Connection, *, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    # --- the catalog

    def list_offers(self, country: str) -> tuple[SupplierOffer, ...]:
        """Every edition's offers; one call a product and one a SKU, as Microsoft has no flat list."""
        where: dict[str, str | int] = {"country": country}
        view = where | {"targetView": "OnlineServices", "targetSegment": "commercial"}
        return tuple(
            offer
            for product in self._connection.list_all("/products", params=view)
            for sku in self._connection.list_all(f"/products/{path_part(product.text('id'))}/skus", params=where)
            if not sku.is_true("isTrial")
            for availability in self._connection.list_all(
                f"/products/{path_part(product.text('id'))}/skus/{path_part(sku.text('id'))}/availabilities",
                params=where,
            )
            for offer in read_offers(product, sku=sku, availability=availability)
        )

    # --- the customer

    def get_tenant(self, tenant_id: str) -> SupplierTenant:
        """The customer, and whether its agreement was confirmed by us or signed with Microsoft directly."""
        customer = _customer(tenant_id)
        record = self._connection.get(customer)
        confirmed = self._connection.list_all(f"{customer}/agreements", params={"agreementType": _AGREEMENT})
        return read_tenant(record, has_agreement=bool(confirmed) or self._is_signed_directly(customer))

    def accept_agreement(self, tenant_id: str, *, contact: AgreementContact, request_id: UUID) -> None:
        """Confirm the agreement in its newest version."""
        self._connection.must_be_allowed_to_write()
        templates = self._connection.list_all("/agreements", params={"agreementType": _AGREEMENT})
        if not templates:
            raise Unanswered("Partner Center names no version of the Microsoft Customer Agreement.")
        newest = max(templates, key=lambda template: template.number("versionRank"))
        body = {
            "primaryContact": {
                "firstName": contact.first_name,
                "lastName": contact.last_name,
                "email": contact.email,
            },
            "templateId": newest.text("templateId"),
            "dateAgreed": f"{contact.agreed_on.isoformat()}T00:00:00Z",
            "type": _AGREEMENT,
        }
        try:
            self._connection.write("POST", f"{_customer(tenant_id)}/agreements", body=body, request_id=request_id)
        except Refused as refusal:
            if refusal.code != _ACCEPTED_BEFORE:
                raise

    # --- subscriptions

    def list_subscriptions(self, tenant_id: str) -> tuple[SupplierSubscription, ...]:
        """Those of seats; plans of metered use are left out."""
        records = self._connection.list_all(f"{_customer(tenant_id)}/subscriptions")
        return tuple(read_subscription(record) for record in records if is_license(record))

    def get_subscription(self, tenant_id: str, *, subscription_id: str) -> SupplierSubscription:
        """One subscription as it is now."""
        return read_subscription(self._connection.get(_subscription(tenant_id, subscription_id)))

    # --- buying

    def prepare_purchase(
        self,
        tenant_id: str,
        *,
        product_id: str,
        sku_id: str,
        term: str,
        cycle: str,
        seats: int,
        country: str,
        request_id: UUID,
    ) -> PreparedPurchase:
        """Fill a basket of one line."""
        return purchases.prepare(
            self._connection,
            tenant_id,
            product_id=product_id,
            sku_id=sku_id,
            term=term,
            cycle=cycle,
            seats=seats,
            country=country,
            request_id=request_id,
        )

    def complete_purchase(self, tenant_id: str, *, basket_id: str, request_id: UUID) -> Purchase:
        """Buy the basket."""
        return purchases.complete(self._connection, tenant_id, basket_id=basket_id, request_id=request_id)

    def get_purchase(self, tenant_id: str, *, order_id: str) -> Purchase:
        """Read an order back."""
        return purchases.read_purchase(self._connection.get(f"{_customer(tenant_id)}/orders/{path_part(order_id)}"))

    # --- changing

    def set_seats(self, tenant_id: str, *, subscription_id: str, seats: int, request_id: UUID) -> SupplierSubscription:
        """Set the absolute number. A plan for the next term is dropped by Microsoft with it: make it again."""
        return self._change(
            _subscription(tenant_id, subscription_id),
            change=lambda now: None if now.number("quantity") == seats else {"quantity": seats},
            is_done=lambda then: then.seats == seats,
            request_id=request_id,
        )

    def set_renewal_seats(
        self, tenant_id: str, *, subscription_id: str, seats: int | None, request_id: UUID
    ) -> SupplierSubscription:
        """Plan the next term by its instructions; 0 switches the renewal off, which drops them as well."""
        if seats == 0:
            return self._change(
                _subscription(tenant_id, subscription_id),
                change=lambda now: _no_renewal() if now.is_true("autoRenewEnabled") else None,
                is_done=lambda then: not then.renews_itself,
                request_id=request_id,
            )
        return self._change(
            _subscription(tenant_id, subscription_id),
            change=lambda now: _next_term(now, seats=seats),
            is_done=lambda then: then.renews_itself and then.renewal_seats == seats,
            request_id=request_id,
        )

    def set_suspended(
        self, tenant_id: str, *, subscription_id: str, suspended: bool, request_id: UUID
    ) -> SupplierSubscription:
        """Suspend, or make active again; Microsoft switches the renewal off with the first, we on with the second."""
        wanted = SupplierStatus.SUSPENDED if suspended else SupplierStatus.ACTIVE
        changes: dict[str, object] = {
            "status": "suspended" if suspended else "active",
            "autoRenewEnabled": not suspended,
        }
        return self._change(
            _subscription(tenant_id, subscription_id),
            change=lambda now: None if read_subscription(now).status is wanted else changes,
            is_done=lambda then: then.status is wanted,
            request_id=request_id,
        )

    # --- upgrading

    def list_upgrade_paths(self, tenant_id: str, *, subscription_id: str) -> tuple[UpgradePath, ...]:
        """The targets that Microsoft names, each once for each kind of upgrade."""
        return upgrades.list_paths(self._connection, _subscription(tenant_id, subscription_id))

    def list_upgrades(self, tenant_id: str, *, subscription_id: str) -> tuple[SupplierUpgrade, ...]:
        """All that were started."""
        return upgrades.list_upgrades(self._connection, _subscription(tenant_id, subscription_id))

    def start_upgrade(
        self,
        tenant_id: str,
        *,
        subscription_id: str,
        path: UpgradePath,
        seats: int,
        into_subscription_id: str,
        request_id: UUID,
    ) -> SupplierUpgrade:
        """Start one; term and charge cycle stay those of the subscription."""
        return upgrades.start(
            self._connection,
            _subscription(tenant_id, subscription_id),
            path=path,
            seats=seats,
            into_subscription_id=into_subscription_id,
            request_id=request_id,
        )

    # --- ending

    def end_subscription(self, tenant_id: str, *, subscription_id: str, request_id: UUID) -> SupplierSubscription:
        """Cancel at once."""
        return self._change(
            _subscription(tenant_id, subscription_id),
            change=lambda now: None if read_subscription(now).status is SupplierStatus.ENDED else {"status": "deleted"},
            is_done=lambda then: then.status is SupplierStatus.ENDED,
            request_id=request_id,
        )

    def _change(
        self, path: str, *, change: Change, is_done: Callable[[SupplierSubscription], bool], request_id: UUID
    ) -> SupplierSubscription:
        """Read, then send the whole resource back with the change; read once more if it moved in between.

        Microsoft resets what a PATCH leaves out, so nothing is left out.
        """
        self._connection.must_be_allowed_to_write()
        try:
            return self._change_once(path, change=change, is_done=is_done, request_id=request_id)
        except StaleResource:
            # An answered request id is used up. The next one is derived, so that a repeated job sends the same again.
            second = uuid.uuid5(request_id, "after a stale ETag")
            return self._change_once(path, change=change, is_done=is_done, request_id=second)

    def _change_once(
        self, path: str, *, change: Change, is_done: Callable[[SupplierSubscription], bool], request_id: UUID
    ) -> SupplierSubscription:
        now = self._connection.get(path)
        wanted = change(now)
        if wanted is None:
            return read_subscription(now)
        etag = now.record("attributes").text("etag")
        answer = self._connection.write(
            "PATCH",
            path,
            body=now.with_changes(**wanted),
            request_id=request_id,
            headers={"If-Match": etag} if etag else None,
        )
        if answer.is_accepted:
            # The page of this call shows an acceptance that points nowhere: then it is to be seen where it was made.
            return self._wait_for(answer.location or path, is_done=is_done, correlation_id=answer.correlation_id)
        return read_subscription(answer.record if answer.record.has("id") else self._connection.get(path))

    def _wait_for(
        self, location: str, *, is_done: Callable[[SupplierSubscription], bool], correlation_id: str
    ) -> SupplierSubscription:
        for seconds in _LOOKS_AFTER:
            self._clock.wait(seconds)
            found = read_subscription(self._connection.follow(location))
            if is_done(found):
                return found
        raise Unanswered("Microsoft is still working on the change.", correlation_id=correlation_id)

    def _is_signed_directly(self, customer: str) -> bool:
        return self._connection.get(f"{customer}/directSignedMicrosoftCustomerAgreementStatus").is_true("isSigned")


def _next_term(now: Record, *, seats: int | None) -> dict[str, object] | None:
    present = read_subscription(now)
    if present.renews_itself and present.renewal_seats == seats:
        return None
    if seats is None:
        return {"autoRenewEnabled": True, "scheduledNextTermInstructions": None}
    planned = now.record("scheduledNextTermInstructions")
    if planned.record("product").raw:  # another edition, term or end that was chosen there stays chosen
        return {"autoRenewEnabled": True, "scheduledNextTermInstructions": planned.with_changes(quantity=seats)}
    product_id, sku_id, availability_id = split_offer(now.text("offerId"))
    product = {
        "productId": product_id,
        "skuId": sku_id,
        "availabilityId": availability_id,
        "billingCycle": BILLING_CYCLE_OF.get(CYCLE_OF.get(now.text("billingCycle").casefold(), ""), ""),
        "termDuration": now.text("termDuration"),
    }
    return {"autoRenewEnabled": True, "scheduledNextTermInstructions": {"product": product, "quantity": seats}}


def _no_renewal() -> dict[str, object]:
    return {"autoRenewEnabled": False, "scheduledNextTermInstructions": None}


def _customer(tenant_id: str) -> str:
    return f"/customers/{path_part(tenant_id)}"


def _subscription(tenant_id: str, subscription_id: str) -> str:
    return f"{_customer(tenant_id)}/subscriptions/{path_part(subscription_id)}"
