"""Getting started: the next steps, told from facts."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.entrypoints.portal.conftest import Visitors
from tests.entrypoints.portal.people import add_people, silence
from tests.entrypoints.portal.reading import words
from tests.journeys.outside import World
from tests.makers import make_customer, make_member

from perseat.capabilities.customers.models import Customer, Tenant
from perseat.journeys.seat_counts import get_seat_counts

pytestmark = pytest.mark.django_db


def done(page: HttpResponse) -> list[str]:
    return re.findall(r"<strong>([^<]+)</strong><span class=\"visually-hidden\"> \(done\)", page.content.decode())


def test_a_customer_that_works_already_sees_what_is_done(world: World, owner: Client) -> None:
    make_member(world.customer)
    get_seat_counts(world.outside, customer_id=world.customer.pk, service_id=world.service.pk)

    page = owner.get("/getting-started/")

    assert done(page) == [
        "Your Microsoft tenant is linked",
        "Microsoft&#x27;s customer agreement is accepted",
        "Billing details are filled in",
        "Seats are bought",
        "Your people are users of the tenant",
        "Licenses are given to people",
        "A colleague may log in here, too",
    ]
    text = words(page)
    assert "1 seat in all." in text
    assert "2 users so far." in text
    assert "1 license is with people." in text


def test_a_new_customer_starts_with_the_tenant(world: World) -> None:
    customer = make_customer(legal_name="Fresh Pty Ltd")
    Customer.objects.filter(pk=customer.pk).update(street="", invoice_email="")
    browser = Client()
    browser.force_login(make_member(customer))

    page = browser.get("/getting-started/")

    assert done(page) == []
    text = words(page)
    assert "0 of 7 done." in text
    assert "We link it for you." in text
    assert "Still missing: street, an address for invoices." in text
    assert re.findall(r'aria-current="step">.*?<strong>([^<]+)', page.content.decode(), re.DOTALL) == [
        "Your Microsoft tenant is linked"
    ]


def test_an_agreement_that_is_not_accepted_names_the_tenant(world: World, owner: Client) -> None:
    Tenant.objects.filter(pk=world.tenant.pk).update(has_agreement=False)

    page = owner.get("/getting-started/")

    assert "Microsoft&#x27;s customer agreement is accepted" not in done(page)
    assert f"Microsoft sells nothing to {world.tenant.domain} before it is accepted." in words(page)


def test_each_step_leads_to_its_page_for_those_who_may(world: World, visitors: Visitors) -> None:
    options, add = f"/services/{world.service.pk}/options/", f"/services/{world.service.pk}/users/add/"

    by_owner, by_colleague, by_viewer = (
        each.get("/getting-started/").content.decode() for each in (visitors.owner, visitors.colleague, visitors.viewer)
    )

    assert options in by_owner
    assert add in by_owner
    assert options not in by_colleague
    assert add in by_colleague
    assert options not in by_viewer
    assert add not in by_viewer
    assert 'href="/team/"' in by_viewer


def test_a_silent_microsoft_leaves_its_step_open_and_the_page_stands(world: World, owner: Client) -> None:
    silence(world)

    page = owner.get("/getting-started/")

    assert page.status_code == 200
    assert "Microsoft does not answer right now; look again in a minute." in words(page)


def test_it_stands_in_the_navigation_and_asks_who_you_are(world: World, visitors: Visitors) -> None:
    assert '<a class="nav-entry" href="/getting-started/"' in visitors.owner.get("/services/").content.decode()
    assert visitors.nobody.get("/getting-started/").url.startswith("/login/")


def test_the_number_of_queries_does_not_grow(world: World, owner: Client) -> None:
    owner.get("/getting-started/")
    with CaptureQueriesContext(connection) as few:
        owner.get("/getting-started/")
    add_people(world, count=30)
    for _number in range(5):
        make_member(world.customer)

    with CaptureQueriesContext(connection) as many:
        page = owner.get("/getting-started/")

    assert "More than 20 users so far." in words(page)
    assert len(many) == len(few)
