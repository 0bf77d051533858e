"""Signing in by a certificate: nothing secret is sent, and the file is checked when Perseat starts."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from tests.integrations.canned import StandingClock
from tests.integrations.certificates import make_certificate, make_key, pem_of

from perseat.config.product_settings import SettingsError, load
from perseat.integrations.microsoft_sign_in.credentials import read_certificate
from perseat.integrations.microsoft_sign_in.tokens import Application, TokenSource
from perseat.ports.failures import CredentialsRefused
from perseat.simulator import credentials
from perseat.simulator.app import Simulator
from perseat.simulator.clock import SimulatorClock

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
KEY = make_key()


def sign_in(simulator: Simulator, *, pem: str) -> str:
    tokens = TokenSource(
        httpx.Client(transport=httpx.WSGITransport(simulator)),
        login_base_url="http://microsoft.example",
        application=Application(
            client_id=credentials.CLIENT_ID, client_secret="", certificate=read_certificate(pem.encode())
        ),
        audience="https://graph.microsoft.com",
        clock=StandingClock(START),
    )
    return tokens.get_token(credentials.PARTNER_TENANT)


def microsoft(*certificates: str) -> Simulator:
    simulator = Simulator(clock=SimulatorClock(START))
    simulator.store.certificates.extend(certificates)
    return simulator


def test_a_registered_certificate_opens_microsoft_without_any_secret() -> None:
    certificate = make_certificate(KEY)

    assert sign_in(microsoft(certificate), pem=certificate + pem_of(KEY))


def test_a_certificate_that_is_not_registered_is_refused_in_a_sentence() -> None:
    stranger = make_key()

    with pytest.raises(CredentialsRefused, match="certificate"):
        sign_in(microsoft(make_certificate(KEY)), pem=make_certificate(stranger) + pem_of(stranger))


def test_a_certificate_that_has_ended_is_refused_in_a_sentence() -> None:
    ended = make_certificate(KEY, ends_at=datetime(2026, 1, 1, tzinfo=UTC))

    with pytest.raises(CredentialsRefused, match="certificate"):
        sign_in(microsoft(ended), pem=ended + pem_of(KEY))


def test_a_usable_certificate_file_starts_perseat(tmp_path: Path) -> None:
    file = tmp_path / "application.pem"
    file.write_text(make_certificate(KEY) + pem_of(KEY))

    assert load({"PERSEAT_CLIENT_CERTIFICATE": str(file)}).client_certificate == file


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be read"),
        ("", "no certificate"),
        (make_certificate(KEY), "no private key"),
        (make_certificate(KEY) + pem_of(make_key()), "belongs to another certificate"),
    ],
)
def test_an_unusable_certificate_file_stops_the_start_with_a_sentence(
    tmp_path: Path, content: str | None, words: str
) -> None:
    file = tmp_path / "application.pem"
    if content is not None:
        file.write_text(content)

    with pytest.raises(SettingsError, match=f"PERSEAT_CLIENT_CERTIFICATE .*{words}") as refused:
        load({"PERSEAT_CLIENT_CERTIFICATE": str(file)})
    assert "PRIVATE KEY" not in str(refused.value)


def test_a_key_of_another_kind_is_named(tmp_path: Path) -> None:
    file = tmp_path / "application.pem"
    curve = ec.generate_private_key(ec.SECP256R1())
    file.write_text(make_certificate(curve) + pem_of(curve))

    with pytest.raises(SettingsError, match="must be an RSA key"):
        load({"PERSEAT_CLIENT_CERTIFICATE": str(file)})
