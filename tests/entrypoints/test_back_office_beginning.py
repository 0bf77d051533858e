"""The back office while a tenant begins: forms, sentences beside their fields, roles, and a password shown once."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings
from tests.journeys.beginnings import STRANGER, Beginning, begin
from tests.makers import make_customer, make_member, make_user

from perseat.capabilities.accounts.models import User
from perseat.capabilities.customers.models import DelegatedAccess, Tenant, TenantBeginning
from perseat.domain.rights import MemberRole, StaffRole

pytestmark = pytest.mark.django_db

TYPED = {
    "domain_name": "globex",
    "company": "Globex Pty Ltd",
    "first_name": "Gus",
    "last_name": "Globex",
    "email": "gus@globex.example",
    "street": "1 Main Street",
    "postal_code": "2000",
    "city": "Sydney",
    "region": "NSW",
    "country": "AU",
}


@pytest.fixture
def beginning(settings: Settings) -> Beginning:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    made = begin()
    settings.OUTSIDE = made.world.outside
    return made


@pytest.fixture
def administrator(beginning: Beginning) -> Client:
    return browser(beginning.administrator)


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def address(beginning: Beginning, rest: str = "") -> str:
    return f"/backoffice/customers/{beginning.customer.number}/tenant/{rest}"


def create(client: Client, beginning: Beginning, **typed: str) -> HttpResponse:
    return client.post(address(beginning, "create/"), {**TYPED, **typed})


def words(page: HttpResponse) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.content.decode())).split())


def error_of(page: HttpResponse, name: str) -> str:
    found = re.search(rf'id="id_{name}_error">([^<]+)', page.content.decode())
    return html.unescape(found.group(1)) if found else ""


def test_the_first_password_is_shown_once_and_never_cached(administrator: Client, beginning: Beginning) -> None:
    page = create(administrator, beginning)

    text = words(page)
    assert "the only time that you see the password" in text
    assert "admin@globex.onmicrosoft.com" in text
    password = re.search(r"First password</dt><dd class=\"code\">([^<]+)", page.content.decode())
    assert password is not None
    assert "no-store" in page["Cache-Control"]
    again = administrator.get(address(beginning)).content.decode()
    assert password.group(1) not in again
    assert "globex.onmicrosoft.com" in again


def test_the_form_knows_what_we_know_of_the_customer(administrator: Client, beginning: Beginning) -> None:
    page = administrator.get(address(beginning, "create/")).content.decode()

    assert 'value="Globex Pty Ltd"' in page
    assert '<option value="AU" selected>' in page


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"domain_name": "glo bex"}, "domain_name", "letters a to z and digits only"),
        ({"domain_name": ""}, "domain_name", "required"),
        ({"email": "gus"}, "email", "valid email"),
        ({"phone": "call me"}, "phone", "in digits"),
        ({"street": "Main Street"}, "street", "Microsoft does not find this address"),
    ],
)
def test_a_problem_stands_beside_its_field_and_nothing_is_made(
    administrator: Client, beginning: Beginning, typed: Mapping[str, str], field: str, sentence: str
) -> None:
    page = create(administrator, beginning, **typed)

    assert page.status_code == 422
    assert sentence in error_of(page, field)
    assert 'value="gus@globex.example"' in page.content.decode() or "email" in typed
    assert not TenantBeginning.objects.exists()


def test_a_taken_name_is_said_beside_the_field(administrator: Client, beginning: Beginning) -> None:
    beginning.plant_stranger()
    beginning.world.simulator.store.tenants[STRANGER].domains[0].name = "globex.onmicrosoft.com"

    checked = create(administrator, beginning, check="1")
    created = create(administrator, beginning)
    free = create(administrator, beginning, check="1", domain_name="globex2")

    assert "globex.onmicrosoft.com is taken. Choose another name." in words(checked)
    assert "is taken" in error_of(created, "domain_name")
    assert "globex2.onmicrosoft.com is free." in words(free)
    assert 'value="gus@globex.example"' in free.content.decode()


def test_microsofts_spelling_is_offered_and_either_can_be_taken(administrator: Client, beginning: Beginning) -> None:
    asked = create(administrator, beginning, city="sydney")
    taken = create(administrator, beginning, city="sydney", use_suggestion="1")
    kept = create(administrator, beginning, city="sydney", domain_name="globex2", keep_address="1")

    assert asked.status_code == 422
    assert "1 Main Street, 2000 Sydney NSW, AU" in words(asked)
    assert "First password" in words(taken)
    assert "First password" in words(kept)
    tenants = beginning.world.simulator.store.tenants.values()
    cities = {each.default_domain: each.billing_profile["defaultAddress"]["city"] for each in tenants}
    assert (cities["globex.onmicrosoft.com"], cities["globex2.onmicrosoft.com"]) == ("Sydney", "sydney")


def test_what_microsoft_refuses_stands_at_the_field_that_it_means(administrator: Client, beginning: Beginning) -> None:
    body = {"code": 600051, "description": "x", "data": [], "source": "PartnerFD"}
    match = {"method": "POST", "path_regex": "/v1/customers$"}
    beginning.at_microsoft("faults", kind="error", match=match, answer={"status": 400, "body": body})

    page = create(administrator, beginning)

    assert page.status_code == 422
    assert error_of(page, "phone") == "Microsoft asks for a telephone number in this country."


def test_a_lost_request_can_be_repeated_from_the_list(administrator: Client, beginning: Beginning) -> None:
    beginning.world.line.lose_request(method="POST", path="/v1/customers$")

    lost = administrator.post(address(beginning, "create/"), TYPED, follow=True)
    row = TenantBeginning.objects.get()
    again = administrator.post(address(beginning, f"waiting/{row.pk}/again/"))
    late = administrator.post(address(beginning, f"waiting/{row.pk}/again/"), follow=True)

    assert "asking again is safe" in words(lost)
    assert "Ask again" in words(lost)
    assert "First password" in words(again)
    assert "It has moved on in the meantime" in words(late)
    assert beginning.made_tenants() == 1


def test_an_invitation_shows_its_link_and_what_accepting_means(administrator: Client, beginning: Beginning) -> None:
    page = administrator.post(address(beginning, "invite/"), {"name": "globex.example"}, follow=True)
    wrong = administrator.post(address(beginning, "invite/"), {"name": "globex"})
    row = TenantBeginning.objects.get()
    gone = administrator.post(address(beginning, f"waiting/{row.pk}/withdraw/"), follow=True)

    assert "partner-invitation" in words(page)
    assert "Accepting makes us your reseller" in words(page)
    assert "Waits for the customer" in words(page)
    assert wrong.status_code == 422
    assert "or its tenant ID" in error_of(wrong, "name")
    assert "We no longer wait for it." in words(gone)
    assert "partner-invitation" not in words(gone)


def test_access_is_asked_for_by_a_button_and_its_link_appears(administrator: Client, beginning: Beginning) -> None:
    create(administrator, beginning)
    tenant = Tenant.objects.get(customer=beginning.customer)
    beginning.work()
    beginning.answer_access("reject")
    beginning.work()

    rejected = administrator.get(address(beginning))
    administrator.post(address(beginning, f"{tenant.pk}/access/"))
    beginning.work()
    page = administrator.get(f"/backoffice/customers/{beginning.customer.number}/")
    twice = administrator.post(address(beginning, f"{tenant.pk}/access/"), follow=True)

    assert "Ask for access" in words(rejected)
    assert "granularAdminRelationships" in words(page)
    assert "Approving lets us list and change your users" in words(page)
    assert DelegatedAccess.objects.filter(tenant=tenant).count() == 2
    assert twice.status_code == 200


def test_an_end_that_comes_near_is_among_what_needs_a_person(administrator: Client, beginning: Beginning) -> None:
    create(administrator, beginning)
    beginning.work()
    beginning.answer_access("approve")
    beginning.work()

    before = words(administrator.get("/backoffice/"))
    beginning.live(days=680)
    after = words(administrator.get("/backoffice/"))

    assert "Delegated access that ends soon" not in before
    assert "Delegated access that ends soon" in after
    assert "globex.onmicrosoft.com" in after


@pytest.mark.parametrize("path", ["create/", "invite/", "waiting/{row}/again/", "waiting/{row}/withdraw/"])
def test_a_clerk_sees_the_list_and_does_nothing(beginning: Beginning, path: str) -> None:
    beginning.world.line.lose_request(method="POST", path="/v1/customers$")
    beginning.create()
    row = TenantBeginning.objects.get()
    clerk = browser(make_user(staff_role=StaffRole.CLERK))

    page = clerk.get(f"/backoffice/customers/{beginning.customer.number}/")
    refused = clerk.post(address(beginning, path.format(row=row.pk)), TYPED | {"name": "a.example"})

    assert "Waits for us" in words(page)
    assert "Ask again" not in words(page)
    assert refused.status_code == 403
    assert TenantBeginning.objects.count() == 1
    assert Tenant.objects.filter(customer=beginning.customer).count() == 0


def test_members_and_other_customers_numbers_find_nothing(administrator: Client, beginning: Beginning) -> None:
    create(administrator, beginning)
    tenant = Tenant.objects.get(customer=beginning.customer)
    row = TenantBeginning.objects.get()
    other = make_customer(legal_name="Initech Pty Ltd").number
    member = browser(make_member(beginning.customer))

    paths = [f"{tenant.pk}/access/", f"{tenant.pk}/read/", f"waiting/{row.pk}/again/", f"waiting/{row.pk}/withdraw/"]

    for path in paths:
        assert administrator.post(f"/backoffice/customers/{other}/tenant/{path}").status_code == 404
        assert member.post(address(beginning, path)).status_code == 404
    assert member.get(address(beginning, "create/")).status_code == 404


def test_the_customers_owner_opens_the_link_and_others_are_told_who_does(
    administrator: Client, beginning: Beginning
) -> None:
    owner = browser(make_member(beginning.customer))
    viewer = browser(make_member(beginning.customer, role=MemberRole.VIEWER))
    administrator.post(address(beginning, "invite/"), {"name": "globex.example"})

    by_owner, by_viewer = owner.get("/getting-started/"), viewer.get("/getting-started/")

    assert (
        'href="https://admin.microsoft.com/Adminportal/Home?invType=ResellerRelationship' in by_owner.content.decode()
    )
    assert "An administrator of globex.example accepts us as its reseller" in words(by_owner)
    assert "you can end it at any time" in words(by_owner)
    assert "partner-invitation" not in by_viewer.content.decode()
    assert "An owner does this." in words(by_viewer)


def test_the_customers_own_list_goes_on_with_the_approval(administrator: Client, beginning: Beginning) -> None:
    owner = browser(make_member(beginning.customer))
    create(administrator, beginning)
    beginning.work()

    asked = owner.get("/getting-started/")
    beginning.answer_access("approve")
    beginning.work()
    beginning.work()
    approved = words(owner.get("/getting-started/"))

    assert "granularAdminRelationships" in asked.content.decode()
    assert "We may manage users and licenses for you (not done yet)" in words(asked)
    assert "We may manage users and licenses for you (done)" in approved
    assert "Our team is set up for it" not in approved
