"""Partner Center's contract for new customers, over canned answers: what is sent, and what each answer means."""

from __future__ import annotations

from uuid import UUID

import httpx
import pytest
from tests.integrations.canned import PARTNER, CountedTokens, StandingClock, Wire

from perseat.integrations.partner_center.connection import Connection
from perseat.integrations.partner_center.tenants import PartnerCenterTenancies
from perseat.ports.failures import Refused, Unanswered, WritesAreOff
from perseat.ports.tenancies import AccountStatus, AddressVerdict, NewTenant, PostalAddress

REQUEST_ID = UUID("0b9a3c54-6a5e-4f0f-9d55-6f2f1f1b7a10")
TENANT = "dfd8cc0a-c592-468c-8461-869a38d24738"
ADDRESS = PostalAddress(
    street="1 Main Street", city="Sydney", region="", postal_code="2000", country="AU", first_name="Ada"
)
NEW = NewTenant(
    domain="contoso.onmicrosoft.com",
    company="Contoso",
    email="ada@contoso.example",
    culture="en-AU",
    language="en",
    registration_number="",
    address=ADDRESS,
)
MADE = {
    "id": TENANT.upper(),
    "companyProfile": {"tenantId": TENANT, "domain": "contoso.onmicrosoft.com"},
    "userCredentials": {"userName": "admin", "password": "=;;n.=s9Z"},
}


def tenancies(wire: Wire, *, writes: bool = True) -> PartnerCenterTenancies:
    clock = StandingClock()
    connection = Connection(
        httpx.Client(transport=httpx.MockTransport(wire)),
        base_url="https://partner.example",
        partner_tenant_id=PARTNER,
        tokens=CountedTokens(),
        clock=clock,
        writes=writes,
    )
    return PartnerCenterTenancies(connection)


def ok(body: object, status: int = 200) -> httpx.Response:
    return httpx.Response(status, json=body)


@pytest.mark.parametrize(("status", "is_free"), [(404, True), (200, False)])
def test_a_domain_that_is_not_found_is_free(status: int, *, is_free: bool) -> None:
    wire = Wire(httpx.Response(status))

    assert tenancies(wire).is_domain_free("contoso.onmicrosoft.com") is is_free
    assert (wire.sent[0].method, wire.sent[0].url.path) == ("HEAD", "/v1/domains/contoso.onmicrosoft.com")


def test_a_silent_microsoft_leaves_it_open_whether_a_domain_is_free() -> None:
    with pytest.raises(Unanswered):
        tenancies(Wire(*[httpx.Response(503)] * 3)).is_domain_free("contoso.onmicrosoft.com")


def test_a_tenant_is_asked_for_without_wide_roles_and_its_password_shows_in_no_repr() -> None:
    wire = Wire(ok(MADE, 201))

    made = tenancies(wire).create_tenant(NEW, request_id=REQUEST_ID)

    body = wire.body(0)
    assert body["enableGDAPByDefault"] is False
    assert body["companyProfile"] == {"domain": "contoso.onmicrosoft.com"}
    assert body["billingProfile"]["defaultAddress"] == {  # type: ignore[index]
        "firstName": "Ada",
        "addressLine1": "1 Main Street",
        "city": "Sydney",
        "postalCode": "2000",
        "country": "AU",
    }
    assert wire.sent[0].headers["MS-RequestId"] == str(REQUEST_ID)
    assert (made.tenant_id, made.user_name, made.password) == (TENANT, "admin", "=;;n.=s9Z")
    assert made.password not in repr(made)


def test_an_answer_without_an_id_says_nothing_and_a_refusal_names_its_reason() -> None:
    with pytest.raises(Unanswered):
        tenancies(Wire(ok({}, 201))).create_tenant(NEW, request_id=REQUEST_ID)
    with pytest.raises(Refused, match="registration number in this country"):
        tenancies(Wire(ok({"code": 600049, "description": "x"}, 400))).create_tenant(NEW, request_id=REQUEST_ID)
    with pytest.raises(WritesAreOff):
        tenancies(Wire(), writes=False).create_tenant(NEW, request_id=REQUEST_ID)


@pytest.mark.parametrize(
    ("status", "suggested", "verdict"),
    [
        ("VerifiedShippable", [{"addressLine1": "1 Main St"}], AddressVerdict.GOOD),
        ("Verified", [], AddressVerdict.GOOD),
        ("InteractionRequired", [{"addressLine1": "1 Main St", "city": "Sydney"}], AddressVerdict.BETTER_SPELLING),
        ("StreetPartial", [], AddressVerdict.UNKNOWN),
        ("None", [], AddressVerdict.UNKNOWN),
    ],
)
def test_each_verdict_on_an_address(status: str, suggested: list[dict[str, str]], verdict: AddressVerdict) -> None:
    wire = Wire(ok({"status": status, "suggestedAddresses": suggested}))

    found = tenancies(wire, writes=False).check_address(ADDRESS)

    assert found.verdict is verdict
    assert (found.suggestion is not None) is (verdict is AddressVerdict.BETTER_SPELLING)
    if found.suggestion:
        assert (found.suggestion.street, found.suggestion.first_name) == ("1 Main St", "Ada")


def test_an_invitation_that_is_no_page_of_the_web_is_not_shown() -> None:
    assert tenancies(Wire(ok({"url": "https://admin.microsoft.com/x"}))).get_invitation_link().endswith("/x")
    with pytest.raises(Unanswered):
        tenancies(Wire(ok({"url": "javascript:alert(1)"}))).get_invitation_link()


def test_a_customer_is_found_by_its_whole_domain_only() -> None:
    rows = [
        {"id": "1", "companyProfile": {"tenantId": "T-1", "domain": "contoso.onmicrosoft.com.au"}},
        {"id": "2", "companyProfile": {"tenantId": "T-2", "domain": "Contoso.OnMicrosoft.com", "companyName": "C"}},
    ]
    wire = Wire(ok({"items": rows}), ok({"items": rows[:1]}))
    found = tenancies(wire)

    known = found.find_tenant("contoso.onmicrosoft.com")

    assert known is not None
    assert (known.tenant_id, known.company) == ("t-2", "C")
    assert found.find_tenant("contoso.onmicrosoft.com") is None
    assert '"Operator": "starts_with"' in wire.sent[0].url.params["filter"]


def test_the_newest_agreement_says_who_signed_it() -> None:
    contact = {"firstName": "Tania", "lastName": "Carr", "email": "tania@contoso.example"}
    rows = [
        {"primaryContact": {}, "dateAgreed": "2019-08-26T00:00:00"},
        {"primaryContact": contact, "dateAgreed": "2019-08-27T00:00:00"},
    ]
    wire = Wire(ok({"items": rows}), ok({"type": "account", "status": "InReview"}))

    standing = tenancies(wire).get_standing(TENANT)

    assert standing.agreement is not None
    assert (standing.agreement.name, str(standing.agreement.agreed_on)) == ("Tania Carr", "2019-08-27")
    assert standing.account is AccountStatus.IN_REVIEW


@pytest.mark.parametrize("is_signed", [True, False])
def test_without_a_confirmation_it_counts_whether_it_was_signed_at_microsoft(*, is_signed: bool) -> None:
    wire = Wire(ok({"items": []}), ok({"status": "Allowed"}), ok({"isSigned": is_signed}))

    standing = tenancies(wire).get_standing(TENANT)

    assert (standing.agreement is not None) is is_signed
    assert standing.account is AccountStatus.ALLOWED
