"""Settings come from the environment; a wrong one is told in a sentence; secrets are kept and not shown."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from perseat.config.product_settings import ProductSettings, SettingsError, load, secret_key

PRODUCTION = {"DATABASE_URL": "postgresql://shop@db.example/shop"}
KEY = "k" * 50


def test_nothing_needs_to_be_set_on_a_laptop() -> None:
    settings = load({})

    assert (settings.currency, settings.time_zone, settings.payment_days) == ("AUD", "Australia/Sydney", 14)
    assert settings.database_url is None


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("PORT", "eighty", "PORT should be a valid integer"),
        ("PORT", "70000", "PORT should be less than or equal to 65535"),
        ("PERSEAT_PAYMENT_DAYS", "-1", "PERSEAT_PAYMENT_DAYS should be greater than or equal to 0"),
        ("PERSEAT_TIME_ZONE", "Sydney", "PERSEAT_TIME_ZONE must be the name of a time zone"),
        ("PERSEAT_CURRENCY", "dollars", "PERSEAT_CURRENCY should match pattern"),
        ("PERSEAT_SUPPLIER_WRITES", "maybe", "PERSEAT_SUPPLIER_WRITES should be 'on' or 'off'"),
        ("PERSEAT_BASE_URL", "portal.example", "PERSEAT_BASE_URL should match pattern"),
        ("PERSEAT_SMTP_URL", "mail.example", "PERSEAT_SMTP_URL must begin with smtp://"),
        ("DATABASE_URL", "mysql://shop", "DATABASE_URL must begin with postgresql://"),
        ("PERSEAT_DEMO", "perhaps", "PERSEAT_DEMO should be a valid boolean"),
        ("PERSEAT_SECRET_KEY", "short", "PERSEAT_SECRET_KEY must have at least 32 characters."),
        ("PERSEAT_PAYMENT_DAY", "14", "PERSEAT_PAYMENT_DAY is not a setting; did you mean PERSEAT_PAYMENT_DAYS?"),
        ("PERSEAT_BRAND_COLOR", "blue", "PERSEAT_BRAND_COLOR should match pattern"),
    ],
)
def test_a_wrong_value_is_named_in_a_sentence(name: str, value: str, sentence: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load({name: value})

    assert str(refused.value).startswith(sentence)
    assert str(refused.value).count("\n") == 0


def test_every_wrong_setting_is_told_at_once() -> None:
    with pytest.raises(SettingsError) as refused:
        load({"PORT": "x", "PERSEAT_CURRENCY": "x", "PERSEAT_COLOR": "x"})

    assert len(str(refused.value).splitlines()) == 3


def test_in_production_the_key_must_be_given() -> None:
    with pytest.raises(SettingsError, match="PERSEAT_SECRET_KEY must be set"):
        load(PRODUCTION)

    assert load({**PRODUCTION, "PERSEAT_SECRET_KEY": KEY}).secret_key.get_secret_value() == KEY


def test_on_a_laptop_a_key_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    settings = load({"PERSEAT_DATA_DIR": str(tmp_path / "var")})

    first = secret_key(settings)

    kept = tmp_path / "var" / "secret-key"
    assert len(first) >= 50
    assert secret_key(settings) == first
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert [path.name for path in kept.parent.iterdir()] == ["secret-key"]


def test_a_wrong_secret_is_not_repeated() -> None:
    with pytest.raises(SettingsError) as refused:
        load({"DATABASE_URL": "mysql://shop:hunter2@db", "PERSEAT_SMTP_URL": "http://me:hunter2@mail"})

    assert "hunter2" not in str(refused.value)


def test_secrets_do_not_show_when_settings_are_printed() -> None:
    settings = load({**PRODUCTION, "PERSEAT_SECRET_KEY": KEY, "PERSEAT_CLIENT_SECRET": "hunter2"})

    assert KEY not in repr(settings)
    assert "hunter2" not in repr(settings)


def test_nothing_can_be_changed_afterwards() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load({}).currency = "USD"  # type: ignore[misc]


@pytest.mark.parametrize("command", ["serve", "worker", "simulator", "migrate", "doctor", "demo"])
def test_a_wrong_value_stops_every_process_with_the_sentence_alone(command: str, tmp_path: Path) -> None:
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "perseat.config.program", command],
        env={"PYTHONPATH": "src", "PERSEAT_PAYMENT_DAYS": "soon", "PERSEAT_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        check=False,
    )

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("PERSEAT_PAYMENT_DAYS should be a valid integer")
    assert len(done.stderr.splitlines()) == 1


def test_every_setting_has_a_default_or_may_be_absent() -> None:
    assert [name for name, field in ProductSettings.model_fields.items() if field.is_required()] == []
