"""Signing in: by e-mail, without telling strangers who is known, and only to our own pages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client, RequestFactory
from pytest_django import Settings
from tests.makers import PASSWORD, make_customer, make_member, make_user

from perseat.capabilities.accounts.models import User
from perseat.domain.rights import StaffRole
from perseat.entrypoints.cli import admin
from perseat.entrypoints.portal.sign_in import SignInAdapter
from perseat.entrypoints.worker import tasks
from perseat.journeys import welcome
from perseat.wiring import get_outside

pytestmark = pytest.mark.django_db

NEW_PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def quick_passwords(settings: Settings) -> Iterator[None]:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()
    yield
    cache.clear()


def person_with_password() -> User:
    person = make_member(make_customer())
    person.set_password(PASSWORD)
    person.save()
    return person


def log_in(client: Client, email: str, password: str = PASSWORD, *, address: str = "/login/") -> tuple[int, str]:
    answer = client.post(address, {"login": email, "password": password})
    return answer.status_code, answer.get("Location", answer.content.decode())


def test_the_log_in_page_has_the_labels_that_people_and_scripts_look_for() -> None:
    page = Client().get("/login/").content.decode()

    assert re.search(r'<label[^>]*for="id_login"[^>]*>Email', page)
    assert re.search(r'<label[^>]*for="id_password"[^>]*>Password', page)
    assert re.search(r"<button[^>]*>Log in</button>", page)


@pytest.mark.parametrize(
    ("who", "lands_on"), [("member", "/"), ("clerk", "/backoffice/"), ("administrator", "/backoffice/")]
)
def test_members_land_in_the_client_area_and_staff_in_the_back_office(who: str, lands_on: str) -> None:
    cast = {
        "member": person_with_password(),
        "clerk": make_user(staff_role=StaffRole.CLERK, password=PASSWORD),
        "administrator": make_user(staff_role=StaffRole.ADMINISTRATOR, password=PASSWORD),
    }

    assert log_in(Client(), cast[who].email.upper()) == (302, lands_on)


def test_a_wrong_password_and_an_unknown_address_read_the_same() -> None:
    known = person_with_password()

    _, wrong = log_in(Client(), known.email, "not the password")
    _, unknown = log_in(Client(), "nobody@acme.example", "not the password")

    sentence = "The email or the password is not right."
    assert sentence in wrong
    assert sentence in unknown
    assert known.email in wrong  # what was typed is kept


def test_somebody_switched_off_cannot_log_in() -> None:
    person = person_with_password()
    User.objects.filter(pk=person.pk).update(is_active=False)
    client = Client()

    log_in(client, person.email)

    assert "_auth_user_id" not in client.session


def test_after_five_wrong_passwords_even_the_right_one_waits() -> None:
    person = person_with_password()
    for _ in range(5):
        log_in(Client(), person.email, "not the password")
    client = Client()

    status, page = log_in(client, person.email)

    assert status == 200
    assert "Too many attempts" in page
    assert "_auth_user_id" not in client.session


def test_attempts_stay_counted_while_strangers_try_hundreds_of_addresses() -> None:
    counted = [f"attempts-{number}" for number in range(400)]

    for key in counted:
        cache.set(key, 1, timeout=300)

    assert len(cache.get_many(counted)) == len(counted)


@pytest.mark.parametrize(("proxies", "counted"), [(0, "10.0.0.1"), (1, "198.51.100.7"), (2, "203.0.113.9")])
def test_attempts_are_counted_by_what_the_trusted_proxies_wrote(settings: Settings, proxies: int, counted: str) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    invented_by_the_visitor = "192.0.2.66"
    request = RequestFactory().get(
        "/login/",
        REMOTE_ADDR="10.0.0.1",
        headers={"x-forwarded-for": f"{invented_by_the_visitor}, 203.0.113.9, 198.51.100.7"},
    )

    assert SignInAdapter(request).get_client_ip(request) == counted


@pytest.mark.parametrize("header", ["203.0.113.9", "", "unknown"])
def test_a_visitor_who_did_not_come_by_all_proxies_can_log_in(settings: Settings, header: str) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2
    person = person_with_password()

    answer = Client(headers={"x-forwarded-for": header}).post(
        "/login/", {"login": person.email, "password": PASSWORD}, REMOTE_ADDR="10.0.0.1"
    )

    assert answer.status_code == 302
    request = RequestFactory().get("/login/", REMOTE_ADDR="10.0.0.1", headers={"x-forwarded-for": header})
    assert SignInAdapter(request).get_client_ip(request) == "10.0.0.1", "who connected is counted"


def change_password(client: Client, *, now: str = PASSWORD, new: str = NEW_PASSWORD, again: str = NEW_PASSWORD) -> str:
    answer = client.post("/password/change/", {"oldpassword": now, "password1": new, "password2": again}, follow=True)
    return answer.content.decode()


def test_who_is_logged_in_changes_the_password_and_other_browsers_are_logged_out() -> None:
    person = person_with_password()
    here, elsewhere = Client(), Client()
    for client in (here, elsewhere):
        log_in(client, person.email)

    assert 'href="/password/change/"' in here.get("/team/").content.decode(), "the menu leads there"
    assert "Your password is changed." in change_password(here)
    assert here.get("/team/").status_code == 200
    assert elsewhere.get("/team/").headers["Location"].startswith("/login/")
    assert log_in(Client(), person.email, NEW_PASSWORD)[0] == 302
    assert "is not right" in log_in(Client(), person.email, PASSWORD)[1]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"now": "not the password"}, "current password"),
        ({"new": "short", "again": "short"}, "at least 10 characters"),
        ({"again": "something else"}, "same password"),
    ],
)
def test_a_password_that_cannot_be_changed_is_said_and_stays(typed: dict[str, str], sentence: str) -> None:
    person = person_with_password()
    client = Client()
    log_in(client, person.email)

    assert sentence in change_password(client, **typed)
    assert log_in(Client(), person.email)[0] == 302


def test_changing_a_password_needs_a_log_in_and_a_password() -> None:
    invited = make_member(make_customer())
    invited.set_unusable_password()
    invited.save()
    client = Client()

    assert client.get("/password/change/").headers["Location"].startswith("/login/")
    client.force_login(invited)
    assert client.get("/password/change/").headers["Location"] == "/password/reset/"


def test_staff_change_theirs_and_land_in_the_back_office() -> None:
    clerk = make_user(staff_role=StaffRole.CLERK, password=PASSWORD)
    client = Client()
    log_in(client, clerk.email)

    change = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert client.post("/password/change/", change).headers["Location"] == "/backoffice/"


def test_the_session_gets_a_new_key_at_log_in_and_ends_at_log_out() -> None:
    person = person_with_password()
    client = Client()
    client.get("/login/")
    session = client.session
    session["before"] = "log in"
    session.save()
    before = client.cookies["sessionid"].value if "sessionid" in client.cookies else None

    log_in(client, person.email)
    during = client.cookies["sessionid"].value
    client.post("/logout/")

    assert during != before
    assert client.get("/team/")["Location"] == "/login/?next=/team/"


@pytest.mark.parametrize(
    "path", ["/", "/team/", "/billing-details/", "/questions/", "/backoffice/", "/backoffice/staff/"]
)
def test_pages_ask_to_log_in_first_and_come_back(path: str) -> None:
    answer = Client().get(path)

    assert (answer.status_code, answer["Location"]) == (302, f"/login/?next={path}")


@pytest.mark.parametrize(
    ("wish", "lands_on"),
    [
        ("/team/", "/team/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("http://localhost/", "/"),  # allowed as a host, yet not the one that was asked
        ("javascript:alert(1)", "/"),
    ],
)
def test_after_log_in_one_comes_back_to_our_own_pages_only(wish: str, lands_on: str) -> None:
    person = person_with_password()

    answer = Client().post("/login/", {"login": person.email, "password": PASSWORD, "next": wish})

    assert answer["Location"] == lands_on


@pytest.mark.parametrize("path", ["/signup/", "/accounts/signup/", "/login/code/", "/email/"])
def test_nobody_signs_up_by_themselves(path: str) -> None:
    assert Client().get(path).status_code == 404


def asked_password_links() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT args::text FROM procrastinate_jobs WHERE task_name = %s", [tasks.mail_password_link.name]
        )
        return [json.loads(row[0])["user_id"] for row in cursor.fetchall()]


def test_a_forgotten_password_is_chosen_anew_by_the_link_in_the_mail(settings: Settings) -> None:
    person = person_with_password()
    other_device = Client()
    log_in(other_device, person.email)
    browser = Client()

    answer = browser.post("/password/reset/", {"email": person.email})
    welcome.send_password_link(get_outside(), user_id=asked_password_links()[0], request_id="1")
    mail = newest_mail(settings.PERSEAT.data_dir / "mail")
    path = re.search(r"https?://[^/]+(/password/reset/key/\S+)", mail)
    assert path is not None
    form = browser.get(path[1], follow=True)
    saved = browser.post(form.request["PATH_INFO"], {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})

    assert answer["Location"] == "/password/reset/done/"
    assert f"To: {person.email}" in mail
    assert saved["Location"] == "/password/reset/key/done/"
    assert log_in(Client(), person.email, NEW_PASSWORD) == (302, "/")
    assert other_device.get("/team/")["Location"].startswith("/login/")  # logged out everywhere else
    assert "does not work any more" in Client().get(path[1], follow=True).content.decode()


def test_an_unknown_address_is_answered_alike_and_gets_no_mail() -> None:
    answer = Client().post("/password/reset/", {"email": "nobody@acme.example"})

    assert answer["Location"] == "/password/reset/done/"
    assert asked_password_links() == []


def test_a_new_password_must_be_strong_and_typed_twice_alike() -> None:
    person = person_with_password()
    browser = Client()
    link = welcome.make_password_link(person.pk)
    page = browser.get("/" + link.split("/", 3)[3], follow=True)

    short = browser.post(page.request["PATH_INFO"], {"password1": "short", "password2": "short"}).content.decode()
    unlike = browser.post(
        page.request["PATH_INFO"], {"password1": NEW_PASSWORD, "password2": "something else"}
    ).content.decode()

    assert "at least 10 characters" in short
    assert "same password" in unlike


def test_perseat_admin_makes_an_administrator_who_chooses_a_password_by_the_printed_link(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = admin.main("Boss@provider.example")
    printed = capsys.readouterr().out
    browser = Client()
    link = re.search(r"https?://[^/]+(\S+)", printed)
    assert link is not None
    form = browser.get(link[1], follow=True)
    browser.post(form.request["PATH_INFO"], {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})

    assert code == 0
    assert log_in(Client(), "boss@provider.example", NEW_PASSWORD) == (302, "/backoffice/")


def test_perseat_admin_wants_an_address(capsys: pytest.CaptureFixture[str]) -> None:
    assert admin.main("boss") == 2
    assert "not an e-mail address" in capsys.readouterr().err


def newest_mail(folder: Path) -> str:
    return max(folder.iterdir(), key=lambda file: file.stat().st_mtime_ns).read_text().replace("=\n", "")
