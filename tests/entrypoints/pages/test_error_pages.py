"""Error pages: a wrong address, an old form and our own faults are answered in the provider's look and in words."""

from __future__ import annotations

import pytest
from django.template.loader import render_to_string
from django.test import Client
from tests.entrypoints.portal.reading import words


@pytest.mark.django_db
def test_an_address_that_leads_nowhere_leads_back() -> None:
    page = Client().get("/services/no-such-page/")

    assert page.status_code == 404
    assert "There is no such page" in words(page)
    assert 'href="/"' in page.content.decode()


@pytest.mark.django_db
def test_an_old_form_says_what_to_do() -> None:
    page = Client(enforce_csrf_checks=True).post("/login/", {"login": "a@b.example", "password": "x"})

    assert page.status_code == 403
    assert "load the page again, and repeat what you did" in words(page)


def test_our_own_fault_needs_nothing_to_be_told() -> None:
    assert "Something went wrong here" in render_to_string("500.html")
