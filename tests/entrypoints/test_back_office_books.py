"""The back office when books do not hold: both figures on the first page, and a case that closes when they agree."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone
from tests.makers import make_customer, make_service, make_user

from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.ledger.cases import list_open_cases
from perseat.capabilities.subscriptions.models import Subscription
from perseat.domain.rights import StaffRole
from perseat.journeys.audit import audit_customers

pytestmark = pytest.mark.django_db


def test_a_case_shows_both_figures_and_closes_when_they_agree() -> None:
    customer = make_customer()
    make_service(customer, seats={"basic": 2}, started_on="2026-11-10")
    Subscription.objects.update(held_seats=7)
    assert list(audit_customers([customer.pk], now=timezone.now()))
    (case,) = list_open_cases()
    client = Client()
    client.force_login(make_user(staff_role=StaffRole.CLERK))

    first_page = client.get("/backoffice/").content.decode()
    assert "Books that do not hold" in first_page
    assert customer.number in first_page
    page = client.get(f"/backoffice/books/{case.case_id}/").content.decode()
    assert '<td class="num" data-label="Recomputed">2</td>' in page
    assert '<td class="num" data-label="In the books">7</td>' in page

    too_early = client.post(f"/backoffice/books/{case.case_id}/", {"reason": "Looked"})
    assert too_early.status_code == 422
    assert "still differ" in too_early.content.decode()

    Subscription.objects.update(held_seats=2)
    client.post(f"/backoffice/books/{case.case_id}/", {"reason": "Seats set right"})
    customer.refresh_from_db()
    assert customer.parked_reason == ""
    assert client.get(f"/backoffice/books/{case.case_id}/").status_code == 404
    stranger = Client()
    stranger.force_login(make_user())
    assert stranger.get(f"/backoffice/books/{case.case_id}/").status_code == 404


def test_the_billing_team_gives_charges_corrects_and_closes() -> None:
    customer = make_customer()
    make_service(customer, seats={"basic": 2}, started_on="2026-11-10")
    client = Client()
    client.force_login(make_user(staff_role=StaffRole.CLERK))
    invoice = Document.objects.get(customer=customer).number

    for path in (f"invoices/{invoice}/goodwill/", f"customers/{customer.number}/charge/", "months/"):
        assert client.get(f"/backoffice/{path}").status_code == 200
        assert client.post(f"/backoffice/{path}", {"reason": ""}).status_code == 422
    goodwill = {"amount": "1.50", "reason": "Slow"}
    asked = client.post(f"/backoffice/invoices/{invoice}/goodwill/", goodwill).content.decode()
    assert "Nothing is recorded yet." in asked
    assert not Document.objects.filter(number="CN-000001").exists()
    changed = client.post(f"/backoffice/invoices/{invoice}/goodwill/", goodwill | {"confirm": "back"}).content.decode()
    assert 'value="1.50"' in changed
    given = client.post(f"/backoffice/invoices/{invoice}/goodwill/", goodwill | {"confirm": "yes"}, follow=True)
    assert "Credited by CN-000001." in given.content.decode()
    too_much = client.post(f"/backoffice/invoices/{invoice}/goodwill/", {"amount": "999", "reason": "Slow"})
    assert "can be given" in too_much.content.decode()
    typed = {
        "text": "Moving mailboxes",
        "quantity": "3",
        "unit_price": "120.50",
        "category": "S",
        "reason": "Agreed",
        "confirm": "yes",
    }
    charged = client.post(f"/backoffice/customers/{customer.number}/charge/", typed, follow=True)
    assert "Moving mailboxes" in charged.content.decode()
    refused = client.post(f"/backoffice/invoices/{invoice}/recipient/", {"reason": "Wrong"})
    assert refused.status_code == 422
    too_early = client.post("/backoffice/months/", {"month": "2099-01", "reason": "Filed"})
    assert "not over everywhere" in too_early.content.decode()
