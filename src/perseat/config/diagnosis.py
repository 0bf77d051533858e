"""What `perseat doctor` looks at, and the sentences in which it says what it found."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
import psycopg
from psycopg.conninfo import make_conninfo

from perseat.config import database
from perseat.config.product_settings import ProductSettings

_EXPECTED = "SELECT count(*) FROM information_schema.tables WHERE table_name IN ('django_migrations', 'account_user')"
_LIVE_WORKERS = "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '30 seconds'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at."""

    subject: str
    is_well: bool
    sentence: str

    def __str__(self) -> str:
        return f"{'ok ' if self.is_well else 'BAD'} {self.subject}: {self.sentence}"


def examine(settings: ProductSettings) -> tuple[Finding, ...]:
    """Look at what needs no table of ours; nothing is changed. access_diagnosis.py then tries Microsoft itself."""
    return (
        Finding(subject="settings", is_well=True, sentence="every value can be used."),
        *_examine_database(settings),
        *_examine_supplier(settings),
        _examine_mail(settings),
        _examine_gateway(settings),
    )


def _examine_database(settings: ProductSettings) -> tuple[Finding, ...]:
    try:
        with psycopg.connect(make_conninfo(**database.login(settings)), autocommit=True) as connection:
            connection.execute(f"SET ROLE {database.APP_ROLE}")
            if connection.execute(_EXPECTED).fetchone() != (2,):
                return (_bad("database", "it has no tables yet; run `perseat migrate`."),)
            workers = connection.execute(_LIVE_WORKERS).fetchone()
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[0]
        return (_bad("database", f"it does not answer ({reason}); check DATABASE_URL, then run `perseat migrate`."),)
    alive = workers[0] if workers else 0
    queue = (
        _well("queue", f"{alive} worker(s) at work.")
        if alive
        else _bad("queue", "no worker is at work; start one with `perseat worker`.")
    )
    return (_well("database", "it answers, and the tables are there."), queue)


def _examine_supplier(settings: ProductSettings) -> tuple[Finding, ...]:
    needed = {
        "PERSEAT_PARTNER_TENANT_ID": settings.partner_tenant_id,
        "PERSEAT_CLIENT_ID": settings.client_id,
        "PERSEAT_CLIENT_SECRET (or PERSEAT_CLIENT_CERTIFICATE)": settings.client_secret.get_secret_value()
        or settings.client_certificate,
    }
    missing = [name for name, value in needed.items() if not value]
    findings = [
        _bad("supplier", f"set {', '.join(missing)}; docs/howto/connect-microsoft.md says where they come from.")
        if missing
        else _well("supplier", f"credentials are set; writes are {settings.supplier_writes}.")
    ]
    for address in (settings.login_base_url, settings.partner_center_base_url, settings.graph_base_url):
        try:
            httpx.get(address, timeout=5.0)
        except httpx.HTTPError as error:
            findings.append(
                _bad("supplier", f"{address} does not answer ({error}); check the network and the address.")
            )
    return tuple(findings)


def _examine_mail(settings: ProductSettings) -> Finding:
    if settings.smtp_url is None:
        return _well("e-mail", f"messages are written to {settings.data_dir / 'mail'}; set PERSEAT_SMTP_URL to send.")
    address = urlsplit(settings.smtp_url.get_secret_value())
    port = address.port or (465 if address.scheme == "smtps" else 587)
    try:
        socket.create_connection((address.hostname or "localhost", port), timeout=5).close()
    except OSError as error:
        return _bad("e-mail", f"{address.hostname}:{port} does not answer ({error}); check PERSEAT_SMTP_URL.")
    return _well("e-mail", f"{address.hostname}:{port} answers.")


def _examine_gateway(settings: ProductSettings) -> Finding:
    if settings.sandbox_gateway == "on" and not settings.demo:
        return _bad("payments", "the sandbox gateway takes pretended money; set PERSEAT_SANDBOX_GATEWAY=off.")
    return _well("payments", f"the sandbox gateway is {settings.sandbox_gateway}; bank transfer is always there.")


def _well(subject: str, sentence: str) -> Finding:
    return Finding(subject=subject, is_well=True, sentence=sentence)


def _bad(subject: str, sentence: str) -> Finding:
    return Finding(subject=subject, is_well=False, sentence=sentence)
