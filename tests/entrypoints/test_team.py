"""The pages Team, Billing details, Ask billing and the invitation's, and who may do what on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from django.test import Client
from pytest_django import Settings
from tests.makers import make_customer, make_member, make_service, make_user

from perseat.capabilities.accounts.models import User
from perseat.capabilities.customers.invitations import get_letter, invite_member
from perseat.capabilities.customers.models import Customer, Invitation, Membership
from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.questions.models import Question
from perseat.domain.rights import MemberRole, StaffRole

pytestmark = pytest.mark.django_db


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    customer: Customer
    owner: User
    colleague: User
    viewer: User
    stranger: User


@pytest.fixture
def cast(settings: Settings) -> Cast:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    customer = make_customer()
    return Cast(
        customer=customer,
        owner=make_member(customer),
        colleague=make_member(customer, role=MemberRole.LICENSE_MANAGER),
        viewer=make_member(customer, role=MemberRole.VIEWER),
        stranger=make_member(make_customer(legal_name="Umbrella Pty Ltd")),
    )


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


BILLING_DETAILS = {
    "legal_name": "Acme Holdings",
    "street": "1 New Street",
    "city": "Perth",
    "country": "AU",
    "tax_number": "51 824 753 556",
    "language": "de",
}


def test_an_owner_invites_and_the_invited_person_joins_and_is_logged_in(cast: Cast) -> None:
    said = browser(cast.owner).post("/team/invite/", {"email": "New@acme.example", "role": "viewer"}, follow=True)
    letter = get_letter(Invitation.objects.get().pk, now=datetime.now(UTC))
    assert letter is not None
    guest = Client()
    page = guest.get(f"/invitations/{letter.token}/")
    weak = guest.post(f"/invitations/{letter.token}/", {"full_name": "Nora", "password": "short"})
    guest.post(f"/invitations/{letter.token}/", {"full_name": "Nora", "password": "correct horse battery"})

    assert "An invitation is on its way to new@acme.example" in said.content.decode()
    assert page["Referrer-Policy"] == "strict-origin", "other sites never see the token; browsers still name our origin"
    assert weak.status_code == 422
    assert 'value="Nora"' in weak.content.decode()  # what was typed is kept
    assert "(you)" in guest.get("/team/").content.decode()
    assert guest.get(f"/invitations/{letter.token}/").status_code == 410


def test_an_invited_person_with_an_account_logs_in_and_accepts(cast: Cast) -> None:
    cast.stranger.set_password("correct horse battery")
    cast.stranger.save()
    invitation_id = invite_member(
        cast.stranger.email,
        role=MemberRole.VIEWER,
        customer_id=cast.customer.pk,
        user_id=cast.owner.pk,
        now=datetime.now(UTC),
    )
    letter = get_letter(invitation_id, now=datetime.now(UTC))
    assert letter is not None
    address = f"/invitations/{letter.token}/"

    as_guest = Client().get(address).content.decode()
    as_another = browser(cast.viewer).post(address)
    accepted = browser(cast.stranger).post(address)

    assert f"/login/?next={address}" in as_guest
    assert as_another.status_code == 403
    assert accepted["Location"] == "/"
    assert Membership.objects.filter(customer=cast.customer, user=cast.stranger).exists()


def test_a_forged_link_opens_nothing() -> None:
    assert Client().get(f"/invitations/{'0' * 64}/").status_code == 404
    assert Client().post("/invitations/x/", {"full_name": "N", "password": "correct horse battery"}).status_code == 404


@pytest.mark.parametrize(("who", "status"), [("owner", 302), ("colleague", 403), ("viewer", 403), ("stranger", 404)])
def test_who_may_remove_a_member(cast: Cast, who: str, status: int) -> None:
    membership = Membership.objects.get(user=cast.viewer)

    answer = browser(getattr(cast, who)).post(f"/team/{membership.pk}/remove/")

    assert answer.status_code == status
    assert Membership.objects.filter(pk=membership.pk).exists() is (status != 302)


@pytest.mark.parametrize(("who", "status"), [("owner", 302), ("colleague", 403), ("viewer", 403)])
def test_who_may_invite_and_change_billing_details(cast: Cast, who: str, status: int) -> None:
    client = browser(getattr(cast, who))

    invited = client.post("/team/invite/", {"email": "n@acme.example", "role": "owner"})
    changed = client.post("/billing-details/", BILLING_DETAILS)

    assert (invited.status_code, changed.status_code) == (status, status)
    assert Invitation.objects.exists() is (status == 302)
    cast.customer.refresh_from_db()
    assert (cast.customer.legal_name == "Acme Holdings") is (status == 302)


def test_the_only_owner_reads_why_they_cannot_go(cast: Cast) -> None:
    membership = Membership.objects.get(user=cast.owner)

    page = browser(cast.owner).post(f"/team/{membership.pk}/remove/", follow=True).content.decode()

    assert "is the only owner" in page


def test_an_ended_membership_ends_the_open_browser_too(cast: Cast) -> None:
    client = browser(cast.viewer)
    assert client.get("/team/").status_code == 200

    browser(cast.owner).post(f"/team/{Membership.objects.get(user=cast.viewer).pk}/remove/")

    assert client.get("/team/").status_code == 403


def test_a_wrong_tax_number_is_said_beside_its_field_and_nothing_typed_is_lost(cast: Cast) -> None:
    answer = browser(cast.owner).post("/billing-details/", {**BILLING_DETAILS, "tax_number": "51 824 753 557"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="id_tax_number_error">51 824 753 557 is not an ABN' in page
    assert 'value="1 New Street"' in page


def test_changed_billing_details_leave_issued_documents_alone(cast: Cast) -> None:
    make_service(cast.customer, seats={"basic": 1})
    before = Document.objects.get(customer=cast.customer).buyer

    browser(cast.owner).post("/billing-details/", BILLING_DETAILS)

    document = Document.objects.get(customer=cast.customer)
    cast.customer.refresh_from_db()
    assert (document.buyer, document.language) == (before, "en")
    assert cast.customer.language == "de", "the next ones are German"
    assert before["legal_name" if "legal_name" in before else "name"] == "Acme Pty Ltd"


def test_a_question_goes_from_the_invoice_to_billing_and_is_read_by_the_viewer(cast: Cast) -> None:
    make_service(cast.customer, seats={"basic": 1})
    number = Document.objects.get(customer=cast.customer).number

    asked = browser(cast.owner).post(f"/invoices/{number}/ask/", {"text": "Why <b>26</b> days?"}, follow=True)
    question = Question.objects.get()
    as_viewer = browser(cast.viewer)

    assert "Your question is with the billing team" in asked.content.decode()
    assert "Why &lt;b&gt;26&lt;/b&gt; days?" in as_viewer.get(f"/questions/{question.pk}/").content.decode()
    assert as_viewer.post(f"/questions/{question.pk}/", {"text": "Me too"}).status_code == 403
    assert as_viewer.post(f"/invoices/{number}/ask/", {"text": "Me too"}).status_code == 403


def test_a_customer_without_service_and_invoice_asks_billing_too() -> None:
    customer = make_customer()
    owner, viewer = browser(make_member(customer)), browser(make_member(customer, role=MemberRole.VIEWER))

    page = owner.get("/questions/").content.decode()
    asked = owner.post("/questions/ask/", {"text": "When is our tenant linked?"})
    owner.post("/questions/ask/", {"text": "When is our tenant linked?"})

    question = Question.objects.get()
    assert 'href="/questions/ask/"' in page
    assert asked.headers["Location"] == f"/questions/{question.pk}/"
    assert (question.subject, question.document_id, question.service_id) == ("Your account with us", None, None)
    staff = browser(make_user(staff_role=StaffRole.CLERK))
    assert "When is our tenant linked?" in staff.get(f"/backoffice/questions/{question.pk}/").content.decode()
    assert "When is our tenant linked?" in viewer.get(f"/questions/{question.pk}/").content.decode()
    assert viewer.post("/questions/ask/", {"text": "Me too"}).status_code == 403
    assert 'href="/questions/ask/"' not in viewer.get("/questions/").content.decode()


def test_another_customers_things_do_not_exist(cast: Cast) -> None:
    service = make_service(cast.customer, seats={"basic": 1})
    number = Document.objects.get(customer=cast.customer).number
    browser(cast.owner).post(f"/invoices/{number}/ask/", {"text": "Why?"})
    membership = Membership.objects.get(user=cast.viewer)
    browser(cast.owner).post("/team/invite/", {"email": "n@acme.example", "role": "viewer"})
    stranger = browser(cast.stranger)

    reads = [
        f"/questions/{Question.objects.get().pk}/",
        f"/invoices/{number}/ask/",
        f"/services/{service.pk}/ask/",
        "/questions/999999999999999999999999/",
        "/invoices/%00/ask/",
    ]
    writes = [
        f"/team/{membership.pk}/remove/",
        f"/team/{membership.pk}/role/",
        f"/team/invitations/{Invitation.objects.get().pk}/withdraw/",
        f"/questions/{Question.objects.get().pk}/",
        f"/invoices/{number}/ask/",
    ]

    assert {path: stranger.get(path).status_code for path in reads} == dict.fromkeys(reads, 404)
    data = {"role": "viewer", "text": "Hello"}
    assert {path: stranger.post(path, data).status_code for path in writes} == dict.fromkeys(writes, 404)


def test_a_person_of_two_customers_switches_between_them_and_to_no_third(cast: Cast) -> None:
    other = make_customer(legal_name="Second Pty Ltd")
    Membership.objects.create(customer=other, user=cast.owner, role=MemberRole.VIEWER)
    client = browser(cast.owner)

    client.post("/switch-customer/", {"customer": other.number})
    third = client.post("/switch-customer/", {"customer": Membership.objects.get(user=cast.stranger).customer.number})

    assert "Second Pty Ltd" in client.get("/team/").content.decode()
    assert third.status_code == 404


def test_acts_need_the_forms_own_token(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.owner)

    answer = client.post("/team/invite/", {"email": "n@acme.example", "role": "owner"})

    assert answer.status_code == 403
    assert not Invitation.objects.exists()


def test_somebody_without_any_customer_is_told_so() -> None:
    assert "You do not act for anybody here" in browser(make_user()).get("/team/").content.decode()
