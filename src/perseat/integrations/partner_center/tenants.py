"""The Tenancies port on Partner Center's REST interface: domains, addresses, new customers and how they stand."""

from __future__ import annotations

import json
from uuid import UUID

from perseat.integrations.partner_center.connection import Connection, path_part
from perseat.integrations.partner_center.record import Record
from perseat.ports.failures import Unanswered
from perseat.ports.tenancies import (
    AccountStatus,
    AddressAnswer,
    AddressVerdict,
    FoundTenant,
    MadeTenant,
    NewTenant,
    PostalAddress,
    SignedAgreement,
    Standing,
)

_AGREEMENT = "MicrosoftCustomerAgreement"
_GOOD = frozenset({"verifiedshippable", "verified"})
_ACCOUNT_OF = {
    "allowed": AccountStatus.ALLOWED,
    "inreview": AccountStatus.IN_REVIEW,
    "notallowed": AccountStatus.NOT_ALLOWED,
}


class PartnerCenterTenancies:
    """Answers the Tenancies port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def is_domain_free(self, domain: str) -> bool:
        """Microsoft answers 200 for a domain that somebody has, 404 for a free one."""
        return not self._connection.exists(f"/domains/{path_part(domain)}")

    def check_address(self, address: PostalAddress) -> AddressAnswer:
        """The first suggestion, unless the address is good as it is."""
        found = self._connection.ask("/validations/address", body=_write_address(address))
        suggestions = found.records("suggestedAddresses")
        if found.text("status").casefold() in _GOOD:
            return AddressAnswer(verdict=AddressVerdict.GOOD, suggestion=None)
        if not suggestions:
            return AddressAnswer(verdict=AddressVerdict.UNKNOWN, suggestion=None)
        return AddressAnswer(
            verdict=AddressVerdict.BETTER_SPELLING, suggestion=_read_address(suggestions[0], like=address)
        )

    def get_invitation_link(self) -> str:
        """The same for every customer; it names us, not them. Nothing but a page of the web is taken for one."""
        link = self._connection.get("/customers/relationshiprequests").text("url")
        if not link.startswith("https://"):
            raise Unanswered("Partner Center answered without the invitation's address.")
        return link

    def create_tenant(self, tenant: NewTenant, *, request_id: UUID) -> MadeTenant:
        """The password in the answer goes to the caller and nowhere else."""
        company: dict[str, object] = {"domain": tenant.domain}
        if tenant.registration_number:
            company["organizationRegistrationNumber"] = tenant.registration_number
        body = {
            "enableGDAPByDefault": False,  # its roles would be wider than those that we need
            "companyProfile": company,
            "billingProfile": {
                "email": tenant.email,
                "culture": tenant.culture,
                "language": tenant.language,
                "companyName": tenant.company,
                "defaultAddress": _write_address(tenant.address),
            },
        }
        made = self._connection.write("POST", "/customers", body=body, request_id=request_id).record
        credentials = made.record("userCredentials")
        tenant_id = made.text("id") or made.record("companyProfile").text("tenantId")
        if not tenant_id:
            raise Unanswered("Partner Center answered without the new tenant's id.")
        return MadeTenant(
            tenant_id=tenant_id.lower(),
            domain=made.record("companyProfile").text("domain") or tenant.domain,
            user_name=credentials.text("userName"),
            password=credentials.text("password"),
        )

    def find_tenant(self, domain: str) -> FoundTenant | None:
        """Among the customers whose domain begins like this, the one whose domain it is."""
        asked = {"Field": "Domain", "Value": domain, "Operator": "starts_with"}
        found = self._connection.list_all("/customers", params={"size": 500, "filter": json.dumps(asked)})
        return next((_read_customer(each) for each in found if _has_domain(each, domain)), None)

    def get_standing(self, tenant_id: str) -> Standing:
        """The newest confirmation, else whether it was signed with Microsoft itself; and the account check."""
        customer = f"/customers/{path_part(tenant_id)}"
        confirmed = self._connection.list_all(f"{customer}/agreements", params={"agreementType": _AGREEMENT})
        account = self._connection.get(f"{customer}/validationStatus", params={"type": "account"}).text("status")
        return Standing(
            agreement=self._agreement(customer, confirmed),
            account=_ACCOUNT_OF.get(account.replace(" ", "").casefold(), AccountStatus.IN_REVIEW),
        )

    def _agreement(self, customer: str, confirmed: tuple[Record, ...]) -> SignedAgreement | None:
        if confirmed:
            newest = max(confirmed, key=lambda each: each.text("dateAgreed"))
            contact, agreed_at = newest.record("primaryContact"), newest.moment("dateAgreed")
            return SignedAgreement(
                name=" ".join(part for part in (contact.text("firstName"), contact.text("lastName")) if part),
                email=contact.text("email"),
                agreed_on=agreed_at.date() if agreed_at else None,
                is_signed_at_supplier=False,
            )
        direct = self._connection.get(f"{customer}/directSignedMicrosoftCustomerAgreementStatus")
        if direct.is_true("isSigned"):
            return SignedAgreement(name="", email="", agreed_on=None, is_signed_at_supplier=True)
        return None


def _has_domain(customer: Record, domain: str) -> bool:
    names = (customer.record("companyProfile").text("domain"), *customer.texts("customDomains"))
    return domain.casefold() in {each.casefold() for each in names}


def _read_customer(customer: Record) -> FoundTenant:
    company = customer.record("companyProfile")
    return FoundTenant(
        tenant_id=(company.text("tenantId") or customer.text("id")).lower(),
        company=company.text("companyName"),
        domain=company.text("domain"),
    )


def _write_address(address: PostalAddress) -> dict[str, str]:
    named = {
        "firstName": address.first_name,
        "lastName": address.last_name,
        "phoneNumber": address.phone,
        "addressLine1": address.street,
        "city": address.city,
        "state": address.region,
        "postalCode": address.postal_code,
        "country": address.country,
    }
    return {name: value for name, value in named.items() if value}


def _read_address(record: Record, *, like: PostalAddress) -> PostalAddress:
    """A suggestion tells of the place only; who it is for stays."""
    return PostalAddress(
        street=" ".join(part for part in (record.text("addressLine1"), record.text("addressLine2")) if part),
        city=record.text("city"),
        region=record.text("state"),
        postal_code=record.text("postalCode"),
        country=record.text("country"),
        first_name=like.first_name,
        last_name=like.last_name,
        phone=like.phone,
    )
