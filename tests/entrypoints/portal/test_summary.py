"""Product summary: it says what the documents say, and what Microsoft has."""

from __future__ import annotations

import re

from django.test import Client
from tests.entrypoints.portal.conftest import Visitors
from tests.entrypoints.portal.reading import words
from tests.journeys.outside import World

from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.ordering.models import Quote


def summary(client: Client, world: World) -> str:
    return words(client.get(f"/services/{world.service.pk}/"))


def test_the_figures_are_those_of_the_documents(world: World, owner: Client) -> None:
    world.deliver(world.order(basic=4))
    document = Document.objects.latest("pk")

    text = summary(owner, world)

    # 3 × 9.00 for the 30 days from 22 November, with 10 % GST; then 4 × 9.00 and GST
    assert document.total_minor == 2970
    assert f"{document.number} Invoice 22 Nov 2026 Paid A$ 29.70 A$ 0.00" in text
    assert "Next charge 22 December 2026, in 30 days A$ 39.60 incl. tax" in text
    assert f"Paid to 21 December 2026 from INV-000001, {document.number}" in text
    assert "Owed A$ 0.00" in text
    assert "Your credit with us A$ 0.00" in text


def test_licenses_tell_purchased_assigned_and_available(world: World, owner: Client) -> None:
    world.deliver(world.order(basic=4))

    page = owner.get(f"/services/{world.service.pk}/?fresh=1")

    rows = re.findall(r"<tr>(.*?)</tr>", page.content.decode().split('id="licenses"')[1], flags=re.DOTALL)
    basic = next(row for row in rows if "Business Basic" in row)
    assert re.findall(r'data-label="(Purchased|Assigned|Available)">\D*?(\d+)', basic) == [
        ("Purchased", "4"),
        ("Assigned", "1"),
        ("Available", "3"),
    ]
    assert words(page).rindex("Licenses") > words(page).index("Last invoices"), "licenses stand at the bottom"


def test_seats_that_were_given_back_are_not_available_while_microsoft_still_has_them(
    world: World, owner: Client
) -> None:
    world.deliver(world.order(basic=4))
    owner.get(f"/services/{world.service.pk}/?fresh=1")
    world.order(basic=1)  # Microsoft is not asked to take them back yet

    text = summary(owner, world)

    assert "Microsoft shows 4: what is more goes soon, or was bought elsewhere 1 1 0 A$ 9.00" in text


def test_the_first_look_has_microsofts_numbers_already(world: World, owner: Client) -> None:
    assert "not known yet" not in summary(owner, world)


def test_paid_seats_that_microsoft_does_not_have_yet_are_told_apart(world: World, owner: Client) -> None:
    world.order(basic=4)

    assert "1 at Microsoft so far 4" in summary(owner, world)


def test_a_silent_microsoft_leaves_the_last_numbers_with_their_time(world: World, owner: Client) -> None:
    summary(owner, world)
    world.line.lose_request(path="subscribedSkus", times=50)

    page = owner.get(f"/services/{world.service.pk}/licenses/")

    assert page.status_code == 200
    assert "Microsoft does not answer right now; its numbers are of 22 November 2026, 12:00" in words(page)
    assert "hx-get" not in page.content.decode(), "it is not asked for ever"


def test_a_plan_can_be_undone(world: World, owner: Client) -> None:
    world.service.subscriptions.update(planned_seats=0)
    assert "1 → 0 on 22 December 2026, in 30 days undo" in summary(owner, world)

    page = owner.post(f"/services/{world.service.pk}/undo-plan/", {"edition": "basic"})

    quote = Quote.objects.get()
    assert page.headers["Location"] == f"/checkout/{quote.public_id}/"
    assert quote.wanted == {"basic": 1}


def test_what_one_may_not_do_is_not_offered(world: World, visitors: Visitors) -> None:
    assert "Upgrade/Downgrade Options" in summary(visitors.owner, world)
    for client in (visitors.colleague, visitors.viewer):
        text = summary(client, world)
        assert "Upgrade/Downgrade Options" not in text
        assert "Seats are changed by an owner of Acme Pty Ltd" in text
