"""Customers, the invitation to become one, the account check and the customer agreement."""

from __future__ import annotations

import json
import secrets
import uuid

from perseat.simulator.calls import Call
from perseat.simulator.credentials import PARTNER_TENANT
from perseat.simulator.messages import Answer, JsonObject, instant
from perseat.simulator.partner_errors import PartnerRefusal
from perseat.simulator.partner_resources import (
    collection,
    find_tenant,
    fold_names,
    link,
    market_of,
    read_body,
    read_object,
    read_text,
    require_person,
)
from perseat.simulator.router import Router
from perseat.simulator.store import Agreement, Domain, Tenant, User

AGREEMENT_TEMPLATE = "117a77b0-9360-443b-8795-c6dedc750cf9"
AGREEMENT_TYPE = "MicrosoftCustomerAgreement"
_AGREEMENT_LINK = "https://aka.ms/customeragreement"
_ADDRESS_NAMES = ("addressLine1", "city", "country")


def add_routes(router: Router) -> None:
    """Answer the addresses of customers and agreements."""
    router.add("HEAD", "/v1/domains/{domain}", head_domain)
    router.add("GET", "/v1/agreements", list_agreement_templates)
    router.add("GET", "/v1/customers/relationshiprequests", get_relationship_request)
    router.add("GET", "/v1/customers", list_customers)
    router.add("POST", "/v1/customers", create_customer)
    router.add("GET", "/v1/customers/{customer}", get_customer)
    router.add("GET", "/v1/customers/{customer}/validationStatus", get_validation_status)
    router.add("GET", "/v1/customers/{customer}/agreements", list_agreements)
    router.add("POST", "/v1/customers/{customer}/agreements", confirm_agreement)
    direct = "/v1/customers/{customer}/directSignedMicrosoftCustomerAgreementStatus"
    router.add("GET", direct, get_direct_signature)


def head_domain(call: Call) -> Answer:
    """200 when the domain is taken, 404 when it is free."""
    return Answer(status=200 if _is_taken(call, call.names["domain"].lower()) else 404)


def list_agreement_templates(call: Call) -> Answer:
    """The template that has to be named when an agreement is confirmed."""
    require_person(call)
    template = {
        "templateId": AGREEMENT_TEMPLATE,
        "agreementType": AGREEMENT_TYPE,
        "agreementLink": _AGREEMENT_LINK,
        "versionRank": 0,
    }
    wanted = call.request.query.get("agreementType", AGREEMENT_TYPE)
    return Answer(status=200, body=collection([template] if wanted in {AGREEMENT_TYPE, "*"} else []))


def get_relationship_request(call: Call) -> Answer:  # noqa: ARG001 (every handler takes the call)
    """The address at which an existing organization accepts the partner as its reseller."""
    url = (
        "https://admin.microsoft.com/Adminportal/Home?invType=ResellerRelationship"
        f"&partnerId={PARTNER_TENANT}&msppId=0&DAP=false#/BillingAccounts/partner-invitation"
    )
    return Answer(status=200, body={"url": url, "attributes": {"objectType": "RelationshipRequest"}})


def list_customers(call: Call) -> Answer:
    """All customers, or those whose field begins with a text."""
    named = _read_filter(call)
    found = [tenant for tenant in call.store.tenants.values() if tenant.is_customer and _fits(tenant, named)]
    return Answer(status=200, body=collection([_customer_body(tenant) for tenant in found]))


def get_customer(call: Call) -> Answer:
    """One customer."""
    return Answer(status=200, body=_customer_body(find_tenant(call)))


def create_customer(call: Call) -> Answer:
    """A new organization with its administrator, whose password is told this once."""
    body = read_body(call)
    domain = read_text(read_object(body, "companyprofile"), "domain").lower()
    if not domain.endswith(".onmicrosoft.com") or _is_taken(call, domain):
        raise PartnerRefusal(3000, "companyProfile.domain")
    profile = _read_billing_profile(read_object(body, "billingprofile"))
    tenant = Tenant(
        id=str(uuid.uuid4()),
        company=profile["companyName"],
        country=market_of(profile["defaultAddress"]["country"]).country,
        created_at=call.now,
        domains=[Domain(name=domain, is_default=True, is_initial=True)],
        billing_profile=profile,
        needs_relationship=True,
    )
    administrator = User(
        id=str(uuid.uuid4()),
        user_principal_name=f"admin@{domain}",
        display_name="Administrator",
        mail_nickname="admin",
        account_enabled=True,
        created_at=call.now,
    )
    tenant.users[administrator.id] = administrator
    tenant.touch(administrator)
    call.store.tenants[tenant.id] = tenant
    credentials = {"userName": "admin", "password": secrets.token_urlsafe(9)}
    created = _customer_body(tenant) | {"relationshipToPartner": "none", "userCredentials": credentials}
    return Answer(status=201, body=created)


def get_validation_status(call: Call) -> Answer:
    """Whether Microsoft allows transactions with the customer."""
    if call.request.query.get("type", "").lower() != "account":
        raise PartnerRefusal(3000, "type")
    tenant = find_tenant(call)
    body = {"type": "account", "status": tenant.validation_status, "lastUpdateDateTime": instant(tenant.created_at)}
    return Answer(status=200, body=body)


def list_agreements(call: Call) -> Answer:
    """The confirmed agreements of a customer."""
    require_person(call)
    return Answer(status=200, body=collection([_agreement_body(one) for one in find_tenant(call).agreements]))


def get_direct_signature(call: Call) -> Answer:
    """Whether the customer signed with Microsoft itself instead of having the partner confirm it."""
    require_person(call)
    return Answer(status=200, body={"isSigned": find_tenant(call).is_signed_directly})


def confirm_agreement(call: Call) -> Answer:
    """The partner states that the customer accepted the agreement."""
    require_person(call)
    tenant = find_tenant(call)
    body = read_body(call)
    if read_text(body, "templateid").lower() != AGREEMENT_TEMPLATE:
        raise PartnerRefusal(3000, "templateId")
    if read_text(body, "type") != AGREEMENT_TYPE:
        raise PartnerRefusal(3000, "type")
    contact = read_object(body, "primarycontact")
    names = {"firstName": "firstname", "lastName": "lastname", "email": "email"}
    agreement = Agreement(
        user_id=str(uuid.uuid5(uuid.NAMESPACE_URL, PARTNER_TENANT)),
        template_id=AGREEMENT_TEMPLATE,
        date_agreed=read_text(body, "dateagreed"),
        type=AGREEMENT_TYPE,
        primary_contact={name: read_text(contact, folded) for name, folded in names.items()}
        | {"phoneNumber": str(contact.get("phonenumber") or "")},
    )
    if agreement in tenant.agreements:
        raise PartnerRefusal(600061)
    tenant.agreements.append(agreement)
    return Answer(status=201, body={"userId": agreement.user_id, **_agreement_body(agreement)})


def _read_filter(call: Call) -> tuple[str, str]:
    """The field and the beginning that are asked for, both in lower case; nothing when everything is."""
    text = call.request.query.get("filter", "")
    if not text:
        return "", ""
    try:
        asked = fold_names(json.loads(text))
        field, value = str(asked["field"]).lower(), str(asked["value"]).lower()
    except (ValueError, KeyError, TypeError) as problem:
        raise PartnerRefusal(3000, "filter") from problem
    if field not in {"domain", "companyname"} or asked.get("operator") != "starts_with":
        raise PartnerRefusal(3000, "filter")
    return field, value


def _fits(tenant: Tenant, named: tuple[str, str]) -> bool:
    field, value = named
    text = tenant.company if field == "companyname" else tenant.default_domain
    return not field or text.lower().startswith(value)


def _is_taken(call: Call, domain: str) -> bool:
    return any(known.name == domain for tenant in call.store.tenants.values() for known in tenant.domains)


def _read_billing_profile(profile: JsonObject) -> JsonObject:
    address = read_object(profile, "defaultaddress")
    optional = ("addressLine2", "state", "postalCode", "firstName", "lastName", "phoneNumber")
    return {
        "email": read_text(profile, "email"),
        "companyName": read_text(profile, "companyname"),
        "culture": read_text(profile, "culture"),
        "language": read_text(profile, "language"),
        "firstName": str(profile.get("firstname") or ""),
        "lastName": str(profile.get("lastname") or ""),
        "defaultAddress": {name: read_text(address, name.lower()) for name in _ADDRESS_NAMES}
        | {name: str(address.get(name.lower()) or "") for name in optional},
    }


def _customer_body(tenant: Tenant) -> JsonObject:
    path = f"/customers/{tenant.id}"
    company = {
        "tenantId": tenant.id,
        "domain": tenant.default_domain,
        "companyName": tenant.company,
        "email": tenant.billing_profile["email"],
        "address": _company_address(tenant),
        "links": {"self": link(f"{path}/profiles/company")},
        "attributes": {"objectType": "CustomerCompanyProfile"},
    }
    billing = {
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{tenant.id}/billing")),
        **tenant.billing_profile,
        "links": {"self": link(f"{path}/profiles/billing")},
        "attributes": {"etag": str(uuid.UUID(tenant.id).int % 10**19), "objectType": "CustomerBillingProfile"},
    }
    return {
        "id": tenant.id,
        "commerceId": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{tenant.id}/commerce")),
        "companyProfile": company,
        "billingProfile": billing,
        "relationshipToPartner": "reseller",
        "allowDelegatedAccess": True,
        "customDomains": [domain.name for domain in tenant.domains],
        "links": {"self": link(path)},
        "attributes": {"objectType": "Customer"},
    }


def _company_address(tenant: Tenant) -> JsonObject:
    """The same address in the words of the company profile, which calls a state a region."""
    address: JsonObject = tenant.billing_profile["defaultAddress"]
    names = ("country", "city", "addressLine1", "postalCode", "phoneNumber")
    return {**{name: address.get(name, "") for name in names}, "region": address.get("state", "")}


def _agreement_body(agreement: Agreement) -> JsonObject:
    return {
        "primaryContact": agreement.primary_contact,
        "templateId": agreement.template_id,
        "dateAgreed": agreement.date_agreed,
        "type": agreement.type,
        "agreementLink": _AGREEMENT_LINK,
    }
