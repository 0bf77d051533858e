"""Licenses are given to people and taken from them, by those who may, and never half."""

from __future__ import annotations

import pytest
from tests.journeys.outside import World, make_world
from tests.makers import SKU_IDS, make_customer, make_member

from perseat.capabilities.accounts.queries import NotAllowed
from perseat.capabilities.customers.queries import DoesNotBelong
from perseat.capabilities.licensing.models import LicenseChange
from perseat.capabilities.licensing.queries import ChangeProgress, get_change_progress
from perseat.domain.rights import MemberRole
from perseat.journeys.assignment import (
    LicenseUnknown,
    NobodyChosen,
    NotEnoughSeats,
    NothingToChange,
    carry_out_change,
    change_licenses,
    get_license_preview,
)
from perseat.journeys.people import (
    FieldNotUsable,
    PersonToAdd,
    add_person,
    get_person,
    list_mail_domains,
    list_people,
    make_password,
    sign_out_everywhere,
)
from perseat.journeys.seat_counts import get_seat_counts

pytestmark = pytest.mark.django_db

BASIC, STANDARD, PREMIUM = (str(SKU_IDS[code]) for code in ("basic", "standard", "premium"))


def change(
    world: World, *names: str, add: tuple[str, ...] = (), remove: tuple[str, ...] = (), user_id: int = 0
) -> ChangeProgress:
    change_id = change_licenses(
        world.outside,
        customer_id=world.customer.pk,
        user_id=user_id or world.owner.pk,
        service_id=world.service.pk,
        person_ids=[world.person_id(name) for name in names],
        add=add,
        remove=remove,
        now=world.now(),
    )
    return get_change_progress(customer_id=world.customer.pk, change_id=change_id)


def where(world: World) -> dict[str, int]:
    return {"customer_id": world.customer.pk, "service_id": world.service.pk}


def test_an_owner_gives_a_license_and_it_is_there_at_once() -> None:
    world = make_world(seats={"basic": 2}, people={"Ada": ""})

    progress = change(world, "Ada", add=(BASIC,))

    assert world.licenses() == {"Ada": ["basic"]}
    assert (progress.done, progress.failed, progress.waiting) == (1, 0, 0)


def test_a_license_manager_may_give_licenses_and_a_viewer_may_not() -> None:
    world = make_world(seats={"basic": 2}, people={"Ada": "", "Bob": ""})
    manager = make_member(world.customer, role=MemberRole.LICENSE_MANAGER)
    viewer = make_member(world.customer, role=MemberRole.VIEWER)

    change(world, "Ada", add=(BASIC,), user_id=manager.pk)
    with pytest.raises(NotAllowed):
        change(world, "Bob", add=(BASIC,), user_id=viewer.pk)

    assert world.licenses() == {"Ada": ["basic"], "Bob": []}


def test_a_stranger_finds_nothing() -> None:
    world = make_world(seats={"basic": 2}, people={"Ada": ""})
    stranger = make_member(make_customer(legal_name="Umbrella"))

    with pytest.raises(DoesNotBelong):
        change(world, "Ada", add=(BASIC,), user_id=stranger.pk)
    with pytest.raises(DoesNotBelong):
        list_people(world.outside, customer_id=stranger.memberships.get().customer_id, service_id=world.service.pk)


def test_a_missing_country_is_filled_in_before_the_license_is_given() -> None:
    world = make_world(seats={"basic": 1}, people={"Cy": ""})
    assert get_person(world.outside, person_id=world.person_id("Cy"), **where(world)).country == ""

    change(world, "Cy", add=(BASIC,))

    assert get_person(world.outside, person_id=world.person_id("Cy"), **where(world)).country == "AU"
    assert world.licenses() == {"Cy": ["basic"]}


def test_the_chosen_country_is_filled_in_where_there_is_none() -> None:
    world = make_world(seats={"basic": 1}, people={"Cy": ""})

    change_licenses(
        world.outside,
        user_id=world.owner.pk,
        person_ids=[world.person_id("Cy")],
        add=[BASIC],
        remove=[],
        country="NZ",
        now=world.now(),
        **where(world),
    )

    assert get_person(world.outside, person_id=world.person_id("Cy"), **where(world)).country == "NZ"
    assert world.licenses() == {"Cy": ["basic"]}


def test_more_people_than_seats_changes_nothing_and_says_how_many_are_missing() -> None:
    world = make_world(seats={"basic": 2}, people={"Ada": "basic", "Bob": "", "Cy": ""})

    with pytest.raises(NotEnoughSeats) as refusal:
        change(world, "Ada", "Bob", "Cy", add=(BASIC,))

    assert (refusal.value.available, refusal.value.needed) == (1, 2)
    assert not LicenseChange.objects.exists()
    assert world.licenses() == {"Ada": ["basic"], "Bob": [], "Cy": []}


def test_changing_edition_is_one_act_for_each_person() -> None:
    world = make_world(seats={"basic": 2, "premium": 2}, people={"Ada": "basic", "Bob": "basic"})

    progress = change(world, "Ada", "Bob", add=(PREMIUM,), remove=(BASIC,))
    assert progress.waiting == 2, "more than one person is the worker's"
    carry_out_change(world.outside, progress.public_id)

    assert world.licenses() == {"Ada": ["premium"], "Bob": ["premium"]}
    assert len(world.writes("/assignLicense")) == 2


def test_carrying_out_twice_changes_nothing_more() -> None:
    world = make_world(seats={"basic": 2}, people={"Ada": "", "Bob": ""})
    progress = change(world, "Ada", "Bob", add=(BASIC,))

    assert carry_out_change(world.outside, progress.public_id)
    assert carry_out_change(world.outside, progress.public_id)
    change(world, "Ada", add=(BASIC,))

    assert len(world.writes("/assignLicense")) == 2


def test_a_license_that_comes_from_a_group_stays_and_the_sentence_says_why() -> None:
    world = make_world(seats={"basic": 2}, people={"Ada": "basic"}, groups={"Bob": "basic"})

    progress = change(world, "Ada", "Bob", remove=(BASIC,))
    carry_out_change(world.outside, progress.public_id)

    after = get_change_progress(customer_id=world.customer.pk, change_id=progress.public_id)
    assert world.licenses() == {"Ada": [], "Bob": ["basic"]}
    (failed,) = [each for each in after.people if each.sentence]
    assert failed.display_name == "Bob"
    assert "group" in failed.sentence


def test_whoever_got_no_answer_waits_and_is_done_by_the_next_run() -> None:
    world = make_world(seats={"basic": 2}, people={"Ada": "", "Bob": ""})
    progress = change(world, "Ada", "Bob", add=(BASIC,))
    world.line.lose_request(method="POST", path="assignLicense", times=5)

    is_finished = carry_out_change(world.outside, progress.public_id)
    is_finished_later = carry_out_change(world.outside, progress.public_id) or carry_out_change(
        world.outside, progress.public_id
    )

    assert not is_finished
    assert is_finished_later
    assert world.licenses() == {"Ada": ["basic"], "Bob": ["basic"]}


def test_what_is_lost_is_said_before_anything_is_saved() -> None:
    world = make_world(seats={"basic": 1}, people={"Ada": "basic", "Cy": ""})

    preview = get_license_preview(
        world.outside, person_ids=[world.person_id("Ada")], add=[], remove=[BASIC], **where(world)
    )

    (loss,) = preview.losses
    assert loss == (
        "Ada loses the mailbox, Teams and the files in OneDrive. "
        "Microsoft keeps mail and files for 30 days, then deletes them."
    )
    assert world.licenses()["Ada"] == ["basic"]


def test_a_larger_edition_in_the_same_act_loses_nothing_and_a_smaller_one_says_what() -> None:
    world = make_world(seats={"basic": 1}, people={"Ada": "basic"}, at_microsoft={"premium": 1})
    ada = [world.person_id("Ada")]

    larger = get_license_preview(world.outside, person_ids=ada, add=[PREMIUM], remove=[BASIC], **where(world))
    change(world, "Ada", add=(PREMIUM,), remove=(BASIC,))
    smaller = get_license_preview(world.outside, person_ids=ada, add=[BASIC], remove=[PREMIUM], **where(world))

    assert larger.losses == ()
    assert smaller.losses == ("Ada loses the installed Office apps and device protection.",)


def test_a_shortage_is_counted_before_anything_is_saved() -> None:
    world = make_world(seats={"basic": 1}, people={"Ada": "basic"})

    preview = get_license_preview(
        world.outside, person_ids=[world.person_id("Ada")], add=[STANDARD], remove=[BASIC], **where(world)
    )

    (shortage,) = preview.shortages
    assert (shortage.edition, shortage.available, shortage.needed) == ("standard", 0, 1)


@pytest.mark.parametrize(
    ("people", "add", "remove", "refusal"),
    [
        ((), (BASIC,), (), NobodyChosen),
        (("Ada",), (), (), NothingToChange),
        (("Ada",), (BASIC,), (BASIC,), LicenseUnknown),
        (("Ada",), ("18181a46-0d4e-45cd-891e-60aabd171b4e",), (), LicenseUnknown),
    ],
)
def test_a_form_that_cannot_be_used_changes_nothing(
    people: tuple[str, ...], add: tuple[str, ...], remove: tuple[str, ...], refusal: type[Exception]
) -> None:
    world = make_world(seats={"basic": 1}, people={"Ada": ""})

    with pytest.raises(refusal):
        change(world, *people, add=add, remove=remove)

    assert not LicenseChange.objects.exists()


def test_when_the_directory_is_silent_the_last_counts_are_shown_with_their_time() -> None:
    world = make_world(seats={"basic": 3}, people={"Ada": "basic"})
    known = get_seat_counts(world.outside, **where(world))
    world.line.lose_request(path="subscribedSkus", times=50)
    world.clock.wait(600)

    counts = get_seat_counts(world.outside, **where(world))

    assert not counts.is_current
    assert counts.problem
    assert counts.read_at == known.read_at
    basic = counts.of(BASIC)
    assert basic is not None
    assert (basic.purchased, basic.assigned, basic.available) == (3, 1, 2)


def test_a_new_user_gets_a_password_once_and_the_tenants_country() -> None:
    world = make_world(seats={"basic": 1})
    (domain,) = list_mail_domains(world.outside, **where(world))

    added = add_person(
        world.outside,
        user_id=world.owner.pk,
        person=PersonToAdd(user_name="Dora", domain=domain.name, display_name="Dora Dee"),
        **where(world),
    )

    assert added.person.sign_in_name == f"dora@{world.tenant.domain}"
    assert added.person.country == "AU"
    assert len(added.password) == 16
    assert added.password not in repr(added)
    found = list_people(world.outside, search="dora", **where(world))
    assert [each.display_name for each in found.people] == ["Dora Dee"]


def test_a_name_that_somebody_has_is_refused_rather_than_shown_with_a_password_that_is_not_theirs() -> None:
    world = make_world(seats={"basic": 1})
    dora = PersonToAdd(user_name="dora", domain=world.tenant.domain, display_name="Dora Dee")
    add_person(world.outside, user_id=world.owner.pk, person=dora, **where(world))

    with pytest.raises(FieldNotUsable) as problem:
        add_person(world.outside, user_id=world.owner.pk, person=dora, **where(world))

    assert problem.value.field_name == "user_name"


def test_the_first_password_of_a_form_is_the_same_however_often_it_is_sent() -> None:
    first = make_password(b"a form's key", sign_in_name="dora@acme.example")

    assert make_password(b"a form's key", sign_in_name="dora@acme.example") == first
    assert make_password(b"another form's", sign_in_name="dora@acme.example") != first
    assert make_password(b"a form's key", sign_in_name="emil@acme.example") != first


@pytest.mark.parametrize(
    ("user_name", "display_name", "field"),
    [
        ("", "Dora", "user_name"),
        ("dôra", "Dora", "user_name"),
        ("dora.", "Dora", "user_name"),
        ("d", " ", "display_name"),
    ],
)
def test_a_field_that_cannot_be_used_is_named(user_name: str, display_name: str, field: str) -> None:
    world = make_world(seats={"basic": 1})

    with pytest.raises(FieldNotUsable) as problem:
        add_person(
            world.outside,
            user_id=world.owner.pk,
            person=PersonToAdd(user_name=user_name, domain=world.tenant.domain, display_name=display_name),
            **where(world),
        )

    assert problem.value.field_name == field
    assert world.simulator.users(str(world.tenant.tenant_id)) == []


def test_signing_out_everywhere_reaches_microsoft() -> None:
    world = make_world(seats={"basic": 1}, people={"Ada": "basic"})

    sign_out_everywhere(world.outside, user_id=world.owner.pk, person_id=world.person_id("Ada"), **where(world))

    assert len(world.writes("/revokeSignInSessions")) == 1
