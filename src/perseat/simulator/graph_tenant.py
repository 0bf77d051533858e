"""What the directory knows of the organization: its SKUs, itself, its domains and its subscriptions."""

from __future__ import annotations

from perseat.simulator.calls import Call
from perseat.simulator.catalog import CatalogSku, load_catalog
from perseat.simulator.graph_errors import not_found
from perseat.simulator.graph_resources import context, find_tenant, select, selected_names
from perseat.simulator.licenses import consumed_units, prepaid_units
from perseat.simulator.messages import Answer, JsonObject, instant
from perseat.simulator.router import Router
from perseat.simulator.store import Domain, Subscription, Tenant
from perseat.simulator.terms import renewal_moment

_STATUS_WORDS = {"active": "Enabled", "expired": "Warning", "suspended": "Suspended", "disabled": "Suspended"}


def add_routes(router: Router) -> None:
    """Answer the addresses of the organization."""
    router.add("GET", "/v1.0/subscribedSkus", list_subscribed_skus)
    router.add("GET", "/v1.0/subscribedSkus/{id}", get_subscribed_sku)
    router.add("GET", "/v1.0/organization", list_organization)
    router.add("GET", "/v1.0/organization/{id}", get_organization)
    router.add("GET", "/v1.0/domains", list_domains)
    router.add("GET", "/v1.0/domains/{id}", get_domain)
    router.add("GET", "/v1.0/directory/subscriptions", list_directory_subscriptions)


def list_subscribed_skus(call: Call) -> Answer:
    """One row for each SKU the directory has heard of, over all subscriptions."""
    tenant = find_tenant(call)
    names = selected_names(call)
    rows = [select(_sku_row(tenant, sku), names) for sku in _known_skus(tenant)]
    return Answer(status=200, body={"@odata.context": context("subscribedSkus", names), "value": rows})


def get_subscribed_sku(call: Call) -> Answer:
    """The row of one SKU."""
    tenant = find_tenant(call)
    for sku in _known_skus(tenant):
        row = _sku_row(tenant, sku)
        if row["id"] == call.names["id"].lower():
            body = select(row, selected_names(call))
            return Answer(status=200, body={"@odata.context": context("subscribedSkus/$entity"), **body})
    raise not_found(call.names["id"])


def list_organization(call: Call) -> Answer:
    """The organization, as a list of one."""
    names = selected_names(call)
    body = select(_organization_body(find_tenant(call)), names)
    return Answer(status=200, body={"@odata.context": context("organization", names), "value": [body]})


def get_organization(call: Call) -> Answer:
    """The organization by its id."""
    tenant = find_tenant(call)
    if call.names["id"].lower() != tenant.id:
        raise not_found(call.names["id"])
    body = select(_organization_body(tenant), selected_names(call))
    return Answer(status=200, body={"@odata.context": context("organization/$entity"), **body})


def list_domains(call: Call) -> Answer:
    """The domains."""
    names = selected_names(call)
    rows = [select(_domain_body(domain), names) for domain in find_tenant(call).domains]
    return Answer(status=200, body={"@odata.context": context("domains", names), "value": rows})


def get_domain(call: Call) -> Answer:
    """One domain."""
    for domain in find_tenant(call).domains:
        if domain.name == call.names["id"].lower():
            body = select(_domain_body(domain), selected_names(call))
            return Answer(status=200, body={"@odata.context": context("domains/$entity"), **body})
    raise not_found(call.names["id"])


def list_directory_subscriptions(call: Call) -> Answer:
    """The subscriptions as the directory knows them, to be joined with those of Partner Center."""
    tenant = find_tenant(call)
    rows = [_directory_row(tenant, one) for one in tenant.subscriptions.values() if one.directory_quantity]
    return Answer(status=200, body={"@odata.context": context("directory/subscriptions"), "value": rows})


def _known_skus(tenant: Tenant) -> list[CatalogSku]:
    """The SKUs that have seats in some state, or people who still hold them."""
    return [
        sku
        for sku in load_catalog().skus.values()
        if prepaid_units(tenant, sku_key=sku.key).capability_status != "Deleted"
        or consumed_units(tenant, sku_id=sku.graph_sku_id)
    ]


def _sku_row(tenant: Tenant, sku: CatalogSku) -> JsonObject:
    units = prepaid_units(tenant, sku_key=sku.key)
    subscriptions = [one for one in tenant.subscriptions.values() if one.sku_key == sku.key and one.directory_quantity]
    return {
        "accountId": tenant.id,
        "accountName": tenant.default_domain.partition(".")[0],
        "appliesTo": "User",
        "capabilityStatus": units.capability_status,
        "consumedUnits": consumed_units(tenant, sku_id=sku.graph_sku_id),
        "id": f"{tenant.id}_{sku.graph_sku_id}",
        "prepaidUnits": {
            "enabled": units.enabled,
            "warning": units.warning,
            "suspended": units.suspended,
            "lockedOut": 0,
        },
        "servicePlans": [
            {
                "servicePlanId": plan.id,
                "servicePlanName": plan.name,
                "provisioningStatus": "Success",
                "appliesTo": "User",
            }
            for plan in sku.service_plans
        ],
        "skuId": sku.graph_sku_id,
        "skuPartNumber": sku.part_number,
        "subscriptionIds": [one.id for one in subscriptions],
    }


def _organization_body(tenant: Tenant) -> JsonObject:
    domains = [
        {
            "name": domain.name,
            "isDefault": domain.is_default,
            "isInitial": domain.is_initial,
            "type": "Managed",
            "capabilities": "Email, OfficeCommunicationsOnline",
        }
        for domain in tenant.domains
        if domain.is_verified
    ]
    return {
        "id": tenant.id,
        "displayName": tenant.company,
        "countryLetterCode": tenant.country,
        "country": None,
        "createdDateTime": instant(tenant.created_at),
        "defaultUsageLocation": None,
        "businessPhones": [],
        "assignedPlans": [],
        "provisionedPlans": [],
        "verifiedDomains": domains,
    }


def _domain_body(domain: Domain) -> JsonObject:
    return {
        "id": domain.name,
        "authenticationType": "Managed",
        "availabilityStatus": None,
        "isAdminManaged": True,
        "isDefault": domain.is_default,
        "isInitial": domain.is_initial,
        "isRoot": True,
        "isVerified": domain.is_verified,
        "supportedServices": ["Email", "OfficeCommunicationsOnline"] if domain.is_verified else [],
    }


def _directory_row(tenant: Tenant, subscription: Subscription) -> JsonObject:
    sku = load_catalog().skus[subscription.sku_key]
    return {
        "id": subscription.id,
        "commerceSubscriptionId": subscription.id,
        "createdDateTime": instant(subscription.created_at),
        "isTrial": False,
        "nextLifecycleDateTime": instant(renewal_moment(subscription.end_date)),
        "ownerTenantId": tenant.id,
        "ownerType": "User",
        "skuId": sku.graph_sku_id,
        "skuPartNumber": sku.part_number,
        "status": _STATUS_WORDS.get(subscription.status, "Deleted"),
        "totalLicenses": subscription.directory_quantity,
    }
