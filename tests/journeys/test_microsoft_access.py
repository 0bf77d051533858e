"""`perseat doctor` tries every permission at Microsoft, and says in a sentence which one is missing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.integrations.microsoft import ACME, Microsoft, start_microsoft
from tests.journeys.beginnings import begin
from tests.makers import make_customer

from perseat.capabilities.customers.models import Tenant
from perseat.journeys.microsoft_access import AccessFinding, try_access

pytestmark = pytest.mark.django_db


@pytest.fixture
def microsoft(tmp_path: Path) -> Microsoft:
    Tenant.objects.create(
        customer=make_customer(),
        tenant_id=ACME,
        company="Acme",
        domain="acme.example",
        country="AU",
        linked_at=datetime(2026, 11, 1, tzinfo=UTC),
    )
    return start_microsoft(tmp_path)


def missing(microsoft: Microsoft) -> list[AccessFinding]:
    return [each for each in try_access(microsoft.outside) if not each.is_granted]


def test_a_connected_installation_may_do_everything(microsoft: Microsoft) -> None:
    assert len(try_access(microsoft.outside)) == 5
    assert missing(microsoft) == []


def test_where_delegated_access_is_used_reading_it_is_tried() -> None:
    beginning = begin()

    well = {each.subject: each.is_granted for each in try_access(beginning.world.outside)}
    beginning.at_microsoft(
        "faults",
        kind="error",
        match={"method": "GET", "path_regex": "delegatedAdmin"},
        answer={"status": 403, "body": {"error": {"code": "Authorization_RequestDenied", "message": "No."}}},
    )
    badly = {each.subject: each.is_granted for each in try_access(beginning.world.outside)}

    assert well["Delegated access (GDAP)"]
    assert not badly["Delegated access (GDAP)"]


def test_a_withdrawn_partner_consent_is_told_once(microsoft: Microsoft) -> None:
    microsoft.simulator.store.is_consent_revoked = True

    (finding,) = missing(microsoft)
    assert finding.subject == "Partner Center"
    assert "Give the consent again" in finding.sentence


def test_a_customer_that_withdrew_its_consent_is_named(microsoft: Microsoft) -> None:
    microsoft.simulator.store.tenants[ACME].has_consent = False

    (finding,) = missing(microsoft)
    assert finding.subject == "acme.example at Graph"
    assert "not been consented" in finding.sentence


@pytest.mark.parametrize("name", ["Organization.Read.All", "Domain.Read.All", "User.ReadWrite.All"])
def test_each_missing_permission_is_named(microsoft: Microsoft, name: str) -> None:
    microsoft.simulator.store.tenants[ACME].missing_permissions = [name]

    assert any(name in each.sentence or "lacks a permission" in each.sentence for each in missing(microsoft))


def test_without_the_right_to_give_licenses_it_is_named(microsoft: Microsoft) -> None:
    lacking = ["LicenseAssignment.ReadWrite.All", "User.ReadWrite.All"]
    microsoft.simulator.store.tenants[ACME].missing_permissions = lacking

    findings = {each.subject: each.sentence for each in missing(microsoft)}
    assert all(name in findings["acme.example: permissions"] for name in lacking)


def test_an_application_without_a_partner_users_consent_is_told_what_it_lacks(
    microsoft: Microsoft, tmp_path: Path
) -> None:
    (finding,) = missing(start_microsoft(tmp_path, refresh_token=""))

    assert finding.subject == "acme.example at Partner Center"
    assert "consent" in finding.sentence
