"""A partner user's consent is kept encrypted, survives restarts, and its end is told in time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from perseat.capabilities.connections.consents import KeptConsents
from perseat.capabilities.connections.queries import list_consents
from perseat.capabilities.connections.sealing import CannotBeOpened, Seal

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
KEY, NEW_KEY = "k" * 50, "n" * 50


def consents(given: str = "from the settings", *, keys: tuple[str, ...] = (KEY,)) -> KeptConsents:
    return KeptConsents(given=given, seal=Seal(keys, purpose="test"))


@pytest.mark.django_db
def test_until_a_consent_was_renewed_the_one_of_the_settings_is_used() -> None:
    assert consents().get() == "from the settings"
    assert consents("").get() == ""


@pytest.mark.django_db
def test_a_renewed_consent_is_there_after_a_restart() -> None:
    consents().renewed("second", at=NOW)

    assert consents().get() == "second"


@pytest.mark.django_db
def test_an_older_answer_that_comes_late_does_not_replace_a_newer_consent() -> None:
    consents().renewed("newer", at=NOW)
    consents().renewed("older", at=NOW - timedelta(seconds=1))

    assert consents().get() == "newer"


@pytest.mark.django_db
def test_another_consent_in_the_settings_is_taken_up() -> None:
    consents("first").renewed("second", at=NOW)

    assert consents("given anew").get() == "given anew"
    consents("given anew").renewed("third", at=NOW - timedelta(days=1))
    assert consents("given anew").get() == "third"


@pytest.mark.django_db
def test_the_database_never_holds_a_consent_in_plain_words() -> None:
    consents().renewed("a very secret token", at=NOW)

    with connection.cursor() as cursor:
        cursor.execute("SELECT consent::text FROM consent")
        (row,) = cursor.fetchone()
    assert "secret" not in row
    assert "settings" not in row


@pytest.mark.django_db
def test_after_a_change_of_key_the_former_key_still_opens_what_is_kept() -> None:
    consents().renewed("second", at=NOW)

    assert consents(keys=(NEW_KEY, KEY)).get() == "second"


@pytest.mark.django_db
def test_a_consent_kept_under_a_lost_key_is_replaced_by_that_of_the_settings() -> None:
    consents().renewed("second", at=NOW)

    assert consents(keys=(NEW_KEY,)).get() == "from the settings"


def test_what_somebody_has_changed_cannot_be_opened() -> None:
    seal = Seal((KEY,), purpose="test")
    sealed = seal.close("a secret")

    assert seal.open(sealed) == "a secret"
    for wrong in (sealed[:-5] + "AAAAA", "", "plain"):
        with pytest.raises(CannotBeOpened):
            seal.open(wrong)
    with pytest.raises(CannotBeOpened):
        Seal((KEY,), purpose="another").open(sealed)


@pytest.mark.django_db
def test_staff_hear_of_a_refused_consent_until_it_works_again() -> None:
    kept = consents()
    kept.renewed("second", at=NOW)
    kept.refused("The consent has expired.", at=NOW + timedelta(hours=1))
    kept.refused("The consent has expired.", at=NOW + timedelta(hours=2))

    (view,) = list_consents(NOW + timedelta(hours=3))
    assert (view.needs_a_person, view.refused_because) == (True, "The consent has expired.")
    assert view.refused_at == NOW + timedelta(hours=1)

    kept.renewed("third", at=NOW + timedelta(hours=4))
    (view,) = list_consents(NOW + timedelta(hours=5))
    assert (view.needs_a_person, view.refused_because) == (False, "")


@pytest.mark.django_db
def test_staff_are_warned_a_month_before_an_unused_consent_ends() -> None:
    consents().renewed("second", at=NOW)

    assert not list_consents(NOW + timedelta(days=59))[0].needs_a_person
    (view,) = list_consents(NOW + timedelta(days=60))
    assert view.needs_a_person
    assert view.ends_at == NOW + timedelta(days=90)
