"""The wiring: the settings decide who answers each port."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import override_settings
from tests.integrations.canned import StandingClock
from tests.integrations.test_mail import KeepingServer

from perseat.config.product_settings import ProductSettings, load
from perseat.integrations.system_clock import SystemClock
from perseat.ports.failures import CredentialsRefused
from perseat.wiring import get_outside, make_outside, sandbox_secret


def given(tmp_path: Path, **more: str) -> ProductSettings:
    return load({"PERSEAT_DATA_DIR": str(tmp_path)} | more)


def test_an_installation_that_is_not_connected_yet_starts_and_says_what_is_missing(tmp_path: Path) -> None:
    outside = make_outside(given(tmp_path))

    with pytest.raises(CredentialsRefused, match="PERSEAT_CLIENT_ID"):
        outside.seats.list_offers("AU")
    assert outside.gateways == {}


@pytest.mark.parametrize(("switch", "is_on"), [("on", True), ("off", False)])
def test_the_switch_for_writes_reaches_the_outside(tmp_path: Path, switch: str, *, is_on: bool) -> None:
    assert make_outside(given(tmp_path, PERSEAT_SUPPLIER_WRITES=switch)).supplier_writes is is_on


def test_without_a_mail_server_mail_goes_into_the_data_folder(tmp_path: Path) -> None:
    outside = make_outside(given(tmp_path), clock=StandingClock())

    outside.mailer.send(to="owner@acme.example", subject="s", text="t", message_id="m@perseat")

    assert [file.suffix for file in (tmp_path / "mail").iterdir()] == [".eml"]


def test_a_mail_server_in_the_settings_gets_the_mail(tmp_path: Path) -> None:
    with KeepingServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"smtp://127.0.0.1:{server.server_address[1]}"
        outside = make_outside(given(tmp_path, PERSEAT_SMTP_URL=address), clock=StandingClock())

        outside.mailer.send(to="owner@acme.example", subject="s", text="t", message_id="m@perseat")
        server.shutdown()

    assert len(server.kept) == 1
    assert not (tmp_path / "mail").exists()


def test_the_sandbox_gateway_is_there_when_switched_on(tmp_path: Path) -> None:
    settings = given(
        tmp_path,
        PERSEAT_SANDBOX_GATEWAY="on",
        PERSEAT_SANDBOX_GATEWAY_SECRET="a secret of the sandbox",
        PERSEAT_BASE_URL="https://perseat.example",
    )

    page = (
        make_outside(settings)
        .gateways["sandbox"]
        .start_payment("p", amount_minor=1, currency="AUD", description="d", return_address="https://x.example/")
    )

    assert page.address.startswith("https://perseat.example/sandbox-gateway/pay/")
    assert sandbox_secret(settings) == "a secret of the sandbox"


def test_a_demo_without_a_secret_of_its_own_always_makes_the_same_from_its_key(tmp_path: Path) -> None:
    demo = given(tmp_path, PERSEAT_DEMO="true", PERSEAT_SANDBOX_GATEWAY="on")

    def made_from(key: str) -> str:
        with override_settings(SECRET_KEY=key):
            return sandbox_secret(demo)

    assert made_from("one key") == made_from("one key")
    assert made_from("one key") != made_from("another key")


def test_a_process_has_one_outside_and_a_test_may_bring_its_own(tmp_path: Path) -> None:
    ours = make_outside(given(tmp_path))

    assert get_outside() is get_outside()
    with override_settings(OUTSIDE=ours):
        assert get_outside() is ours
    assert get_outside() is not ours


def test_the_real_clock_tells_the_time_in_utc() -> None:
    before = datetime.now(UTC)
    told = SystemClock().now()

    assert before <= told <= datetime.now(UTC)
    assert told.tzinfo is UTC
