"""Every setting of the product: its name, its kind, its default. The page docs/reference/settings.md explains them."""

from __future__ import annotations

import difflib
import importlib
import os
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails

from perseat.domain.money import UnknownCurrency, get_currency

PREFIX = "PERSEAT_"
# Names that other programs know, too, keep the form that people expect.
_COMMON_NAMES = {"database_url": "DATABASE_URL", "host": "HOST", "port": "PORT"}


class SettingsError(Exception):
    """A setting is missing or wrong; the text has one sentence for each."""


def _checkout() -> Path:
    source = Path(__file__).parents[3]
    return source if (source / "pyproject.toml").exists() else Path.cwd()


def environment_name(field: str) -> str:
    """The environment variable of a field."""
    return _COMMON_NAMES.get(field) or PREFIX + field.upper()


Switch = Literal["on", "off"]
Url = Annotated[str, Field(pattern=r"^https?://[^\s/?#]+[^\s?#]*$")]


class ProductSettings(BaseModel):
    """What an installation may choose. Frozen: nothing changes while the program runs."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=environment_name, validate_default=False)

    # The installation
    demo: bool = False
    debug: bool = False
    secret_key: SecretStr = SecretStr("")
    former_secret_keys: SecretStr = SecretStr("")
    allowed_hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "[::1]")
    base_url: Url = "http://localhost:8000"
    trusted_proxies: int = Field(0, ge=0, le=10)
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    data_dir: Path = Field(default_factory=lambda: _checkout() / "var")
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    web_threads: int = Field(8, ge=1, le=256)
    web_processes: int = Field(1, ge=1, le=256)
    worker_concurrency: int = Field(4, ge=1, le=256)

    # The database
    database_url: SecretStr | None = None
    database_role: Literal["app", "owner"] = "app"

    # Money and time
    currency: str = Field("AUD", pattern=r"^[A-Z]{3}$")
    time_zone: str = "Australia/Sydney"
    payment_days: int = Field(14, ge=0, le=365)

    # E-mail
    smtp_url: SecretStr | None = None
    email_from: str = Field("billing@provider.example", pattern=r"^[^@\r\n]+@[^@\r\n]+$")

    # The provider, as invoices and pages name it
    provider_name: str = Field("Example Hosting Pty Ltd", min_length=1, max_length=200)
    provider_address: str = Field("1 Example Street, Sydney NSW 2000, Australia", max_length=500)
    provider_country: str = Field("AU", pattern=r"^[A-Z]{2}$")
    provider_tax_number: str = Field("51 824 753 556", max_length=40)
    provider_bank_account: str = Field("BSB 000-000, account 12345678", max_length=200)
    brand_name: str = Field("Perseat", min_length=1, max_length=60)
    brand_color: str = Field("#066fd1", pattern=r"^#[0-9a-fA-F]{6}$")
    brand_logo: str = Field("", max_length=500)

    # Microsoft
    supplier_writes: Switch = "on"
    partner_center_base_url: Url = "https://api.partnercenter.microsoft.com"
    price_sheet_base_url: Url = "https://api.partner.microsoft.com"
    graph_base_url: Url = "https://graph.microsoft.com"
    login_base_url: Url = "https://login.microsoftonline.com"
    notice_certificate_hosts: tuple[str, ...] = ("3psostorageacct.blob.core.windows.net",)
    partner_tenant_id: str = ""
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    client_certificate: Path | None = None
    refresh_token: SecretStr = SecretStr("")
    gdap_group_id: str = Field("", pattern=r"^([0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})?$")
    simulator_port: int = Field(8900, ge=1, le=65535)

    # Payments
    sandbox_gateway: Switch = "off"
    sandbox_gateway_secret: SecretStr = SecretStr("")

    @field_validator("allowed_hosts", "notice_certificate_hosts", mode="before")
    @classmethod
    def _split_at_commas(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("time_zone")
    @classmethod
    def _must_be_a_known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError("must be the name of a time zone such as Australia/Sydney") from None
        return value

    @field_validator("client_certificate")
    @classmethod
    def _must_be_a_certificate(cls, value: Path | None) -> Path | None:
        if value is not None:
            # Cryptography is loaded for those only who use it.
            credentials = importlib.import_module("perseat.integrations.microsoft_sign_in.credentials")
            try:
                credentials.read_certificate(value.read_bytes())
            except OSError as error:
                raise ValueError(f"cannot be read ({error.strerror})") from None
            except credentials.CertificateNotUsable as problem:
                raise ValueError(f"is not usable: {problem}".rstrip(".")) from None
        return value

    @field_validator("base_url", "partner_center_base_url", "price_sheet_base_url", "graph_base_url", "login_base_url")
    @classmethod
    def _without_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _must_be_postgresql(cls, value: SecretStr | None) -> SecretStr | None:
        if value and urlsplit(value.get_secret_value()).scheme not in {"postgresql", "postgres"}:
            raise ValueError("must begin with postgresql://")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _must_be_smtp(cls, value: SecretStr | None) -> SecretStr | None:
        if value and urlsplit(value.get_secret_value()).scheme not in {"smtp", "smtps"}:
            raise ValueError("must begin with smtp:// or smtps://")
        return value

    @field_validator("currency")
    @classmethod
    def _must_be_a_currency(cls, value: str) -> str:
        try:
            return get_currency(value).code
        except UnknownCurrency:
            raise ValueError("must be an active ISO 4217 code such as EUR") from None

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return Path(os.path.abspath(value))  # noqa: PTH100 - links stay as they were given

    @model_validator(mode="after")
    def _must_have_a_key_in_production(self) -> Self:
        # Before a real server several machines may stand, which must agree on the key: none is made up for them.
        key = self.secret_key.get_secret_value()
        if key and len(key) < 32:
            raise ValueError("PERSEAT_SECRET_KEY must have at least 32 characters.")
        if not key and self.database_url and not self.demo:
            raise ValueError("PERSEAT_SECRET_KEY must be set when DATABASE_URL is; 50 random characters serve well.")
        return self

    @model_validator(mode="after")
    def _must_sign_the_sandbox(self) -> Self:
        if self.sandbox_gateway == "on" and not self.sandbox_gateway_secret.get_secret_value() and not self.demo:
            raise ValueError("PERSEAT_SANDBOX_GATEWAY_SECRET must be set when PERSEAT_SANDBOX_GATEWAY is on.")
        return self

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


def load(environment: Mapping[str, str] | None = None) -> ProductSettings:
    """Read and check the settings, from the process's environment only.

    :raises SettingsError: one sentence for each wrong, missing or unknown setting.
    """
    given = os.environ if environment is None else environment
    known = {environment_name(field) for field in ProductSettings.model_fields}
    problems = [_unknown(name, known) for name in given if name.startswith(PREFIX) and name not in known]
    try:
        settings = ProductSettings.model_validate({name: given[name] for name in known if given.get(name)})
    except ValidationError as error:
        problems += [_sentence(problem) for problem in error.errors(include_url=False)]
    else:
        if not problems:
            return settings
    raise SettingsError("\n".join(problems))


def secret_key(settings: ProductSettings) -> str:
    """The key that signs sessions: the one given, or one made once and kept under the data directory (mode 0600)."""
    given = settings.secret_key.get_secret_value()
    return given or _kept_secret(settings, name="secret-key")


def _kept_secret(settings: ProductSettings, *, name: str) -> str:
    path = settings.data_dir / name
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        fresh = path.with_name(f".{name}-{os.getpid()}-{secrets.token_hex(4)}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
        try:
            os.link(fresh, path)  # never over one that another process made at the same moment
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text()


def _unknown(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"{name} is not a setting" + (f"; did you mean {near[0]}?" if near else ".")


def _sentence(problem: ErrorDetails) -> str:
    message = problem["msg"].removeprefix("Value error, ")
    if not problem["loc"]:
        return message
    name = str(problem["loc"][0])
    message = message.replace("Input should", "should").replace("String should", "should")
    message = message[0].lower() + message[1:]
    kept_silent = any(word in name for word in ("SECRET", "TOKEN", "DATABASE", "SMTP"))
    return f"{name} {message}." if kept_silent else f"{name} {message}; it is {str(problem['input'])!r}."
