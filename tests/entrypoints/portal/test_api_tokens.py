"""API tokens: made by a member for themselves, shown once, kept as a hash, ended by withdrawal or by leaving."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta

from django.test import Client
from tests.entrypoints.portal.conftest import Visitors
from tests.entrypoints.portal.reading import words
from tests.journeys.outside import World

from perseat.capabilities.accounts.models import AuditEntry
from perseat.capabilities.customers.models import ApiToken, Membership


def make(client: Client, name: str = "ERP") -> str:
    page = client.post("/api-tokens/", {"name": name, "valid_for_days": "90"})
    found = re.search(r"perseat_[\w-]{43}", page.content.decode())
    assert found, words(page)
    return found[0]


def test_a_token_is_shown_once_and_kept_as_a_hash(owner: Client) -> None:
    secret = make(owner)

    token = ApiToken.objects.get()
    assert token.token_hash == hashlib.sha256(secret.encode()).hexdigest()
    page = owner.get("/api-tokens/")
    assert secret not in page.content.decode()
    assert "ERP made 22 Nov 2026 Never 20 Feb 2027 Withdraw" in words(page)
    assert AuditEntry.objects.filter(verb="made API token").values_list("object_label", flat=True).get() == "ERP"
    assert "no-store" in page.headers["Cache-Control"]


def test_everybody_sees_and_withdraws_their_own_tokens_only(visitors: Visitors) -> None:
    make(visitors.viewer, "My script")
    token = ApiToken.objects.get()

    assert "You have no tokens" in words(visitors.owner.get("/api-tokens/"))
    for client in (visitors.owner, visitors.stranger):
        assert client.post(f"/api-tokens/{token.pk}/withdraw/").status_code == 404
    assert visitors.nobody.get("/api-tokens/").status_code == 302
    page = visitors.viewer.post(f"/api-tokens/{token.pk}/withdraw/", follow=True)
    assert "The token My script is withdrawn" in words(page)
    assert visitors.viewer.post(f"/api-tokens/{token.pk}/withdraw/").status_code == 404


def test_two_tokens_at_work_never_have_one_name(world: World, owner: Client) -> None:
    make(owner)

    again = owner.post("/api-tokens/", {"name": " ERP ", "valid_for_days": "30"})
    assert again.status_code == 422
    assert "You have a token of this name already." in words(again)
    world.clock.move(timedelta(days=91))
    assert "Expired" in words(owner.get("/api-tokens/"))
    make(owner)
    assert ApiToken.objects.filter(withdrawn_at=None).count() == 1


def test_what_cannot_be_a_token_is_said_beside_the_field(owner: Client) -> None:
    for sent in ({"name": "", "valid_for_days": "90"}, {"name": "ERP", "valid_for_days": "36500"}, {"name": "x\0y"}):
        page = owner.post("/api-tokens/", sent)
        assert page.status_code == 422
        assert "field-error" in page.content.decode()
    assert not ApiToken.objects.exists()


def test_twenty_tokens_are_enough(owner: Client) -> None:
    for number in range(20):
        make(owner, f"Program {number}")

    page = owner.post("/api-tokens/", {"name": "One more", "valid_for_days": "90"})
    assert page.status_code == 422
    assert "You have 20 tokens." in words(page)


def test_whoever_leaves_the_team_leaves_no_token(visitors: Visitors, world: World) -> None:
    make(visitors.colleague)
    token = ApiToken.objects.get()

    visitors.owner.post(f"/team/{token.membership_id}/remove/")

    assert not Membership.objects.filter(pk=token.membership_id).exists()
    assert not ApiToken.objects.exists()
