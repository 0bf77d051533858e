"""Customers to begin with: given by tests and the demo, and taken over only once."""

from __future__ import annotations

import dataclasses
import datetime
import uuid

from perseat.simulator.catalog import CatalogSku, load_catalog
from perseat.simulator.messages import parse_instant
from perseat.simulator.partner_customers import AGREEMENT_TEMPLATE, AGREEMENT_TYPE
from perseat.simulator.seats import new_order_id, open_subscription
from perseat.simulator.store import (
    Agreement,
    AssignedLicense,
    Domain,
    Order,
    OrderLine,
    Store,
    Subscription,
    Tenant,
    User,
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class SeedUser:
    """A person. `licenses` and `group_licenses` name SKUs: product:sku, part number, or directory id."""

    user_principal_name: str
    display_name: str
    id: str | None = None
    usage_location: str | None = None
    account_enabled: bool = True
    given_name: str | None = None
    surname: str | None = None
    licenses: tuple[str, ...] = ()
    group_licenses: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True)
class SeedSubscription:
    """A subscription bought at `purchased_at` (default: now). `sku` as product:sku, part number, or directory id."""

    sku: str
    quantity: int
    term: str = "P1M"
    billing_cycle: str = "monthly"
    id: str | None = None
    purchased_at: datetime.datetime | str | None = None
    auto_renew: bool = True


@dataclasses.dataclass(frozen=True, kw_only=True)
class SeedTenant:
    """A customer of the partner, or an organization that may become one. Without `agreement` it cannot buy."""

    tenant_id: str
    company: str
    domain: str
    country: str
    agreement: bool = True
    is_customer: bool = True
    needs_relationship: bool = False
    extra_domains: tuple[str, ...] = ()
    users: tuple[SeedUser, ...] = ()
    subscriptions: tuple[SeedSubscription, ...] = ()


def plant_tenant(store: Store, seed: SeedTenant, *, now: datetime.datetime) -> bool:
    """Add the customer unless it is known already; whether it was added.

    :raises ValueError: when the country or a SKU is unknown.
    """
    tenant_id = str(uuid.UUID(seed.tenant_id))
    if tenant_id in store.tenants:
        return False
    if seed.country.upper() not in load_catalog().markets:
        raise ValueError(f"Nothing is sold in the country {seed.country!r}.")
    domains = [Domain(name=seed.domain.lower(), is_default=True, is_initial=True)]
    domains += [Domain(name=name.lower(), is_default=False, is_initial=False) for name in seed.extra_domains]
    tenant = Tenant(
        id=tenant_id,
        company=seed.company,
        country=seed.country.upper(),
        created_at=now,
        domains=domains,
        billing_profile=_billing_profile(seed),
        agreements=[_agreement(now)] if seed.agreement else [],
        is_customer=seed.is_customer,
        needs_relationship=seed.needs_relationship,
    )
    for subscription in seed.subscriptions:
        plant_subscription(tenant, subscription, now=now)
    for user in seed.users:
        _plant_user(tenant, user, now=now)
    store.tenants[tenant_id] = tenant
    return True


def plant_subscription(tenant: Tenant, seed: SeedSubscription, *, now: datetime.datetime) -> Subscription:
    """Add a subscription with its order, as if somebody had bought it. :raises ValueError: for an unknown SKU."""
    sku = _find_sku(seed.sku)
    bought_at = parse_instant(seed.purchased_at) if isinstance(seed.purchased_at, str) else seed.purchased_at or now
    offer_id = sku.catalog_item_id(country=tenant.country, generation=0)
    subscription = open_subscription(
        tenant,
        order_id=new_order_id(),
        offer_id=offer_id,
        name=sku.title,
        quantity=seed.quantity,
        term=seed.term,
        cycle=seed.billing_cycle,
        now=bought_at,
        subscription_id=None if seed.id is None else str(uuid.UUID(seed.id)),
    )
    subscription.auto_renew = seed.auto_renew
    line = OrderLine(
        number=0,
        offer_id=offer_id,
        quantity=seed.quantity,
        term_duration=seed.term,
        billing_cycle=seed.billing_cycle,
        friendly_name=sku.title,
        subscription_id=subscription.id,
    )
    order_id = subscription.order_id
    tenant.orders[order_id] = Order(id=order_id, created_at=bought_at, visible_at=bought_at, lines=[line])
    return subscription


def _plant_user(tenant: Tenant, seed: SeedUser, *, now: datetime.datetime) -> None:
    named = uuid.uuid5(uuid.UUID(tenant.id), seed.user_principal_name.lower())
    attributes = {"givenName": seed.given_name, "surname": seed.surname, "mail": seed.user_principal_name}
    direct = [_license(name, group=None, now=now) for name in seed.licenses]
    inherited = [_license(name, group=str(uuid.uuid5(named, "group")), now=now) for name in seed.group_licenses]
    user = User(
        id=str(named) if seed.id is None else str(uuid.UUID(seed.id)),
        user_principal_name=seed.user_principal_name,
        display_name=seed.display_name,
        mail_nickname=seed.user_principal_name.partition("@")[0],
        account_enabled=seed.account_enabled,
        created_at=now,
        usage_location=seed.usage_location,
        attributes=attributes,
        licenses=direct + inherited,
    )
    tenant.users[user.id] = user
    tenant.touch(user)


def _license(name: str, *, group: str | None, now: datetime.datetime) -> AssignedLicense:
    sku_id = _find_sku(name).graph_sku_id
    return AssignedLicense(sku_id=sku_id, disabled_plans=[], assigned_at=now, assigned_by_group=group)


def _find_sku(name: str) -> CatalogSku:
    sku = load_catalog().find_sku(name)
    if sku is None:
        raise ValueError(f"The catalog has no SKU {name!r}.")
    return sku


def _billing_profile(seed: SeedTenant) -> dict[str, object]:
    return {
        "email": f"admin@{seed.domain.lower()}",
        "companyName": seed.company,
        "culture": "en-US",
        "language": "en",
        "firstName": "",
        "lastName": "",
        "defaultAddress": {
            "addressLine1": "1 Main Street",
            "city": "Springfield",
            "state": "",
            "postalCode": "1000",
            "country": seed.country.upper(),
            "firstName": "",
            "lastName": "",
            "phoneNumber": "",
        },
    }


def _agreement(now: datetime.datetime) -> Agreement:
    contact = {"firstName": "Ada", "lastName": "Admin", "email": "admin@example.com", "phoneNumber": ""}
    return Agreement(
        user_id=str(uuid.uuid5(uuid.NAMESPACE_URL, "simulator/partner-user")),
        template_id=AGREEMENT_TEMPLATE,
        date_agreed=now.date().isoformat(),
        type=AGREEMENT_TYPE,
        primary_contact=contact,
    )
