"""Databases for tests: a template that is migrated once for each state of the code, and clones of it."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psutil
import psycopg
from psycopg import sql

from perseat.config.embedded_postgres import EmbeddedPostgres

# Nothing of a test outlives a power cut, so nothing has to reach the disk.
_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}
_ONE_BUILDER_AT_A_TIME = 7_250_002


class Databases:
    """The tests' own embedded server, or the one whose address was given as DATABASE_URL."""

    def __init__(self, checkout: Path, *, given_url: str) -> None:
        self.given_url = given_url
        self._checkout = checkout
        self._server = EmbeddedPostgres(checkout / "var" / "test-postgres", options=_FAST)
        self._mark = hashlib.sha256(f"{platform.node()} {checkout}".encode()).hexdigest()[:8]

    def url(self, name: str) -> str:
        """The address of one database, with the login that may do everything."""
        if self.given_url:
            return urlunsplit((*urlsplit(self.given_url)[:2], f"/{name}", *urlsplit(self.given_url)[3:]))
        return self._server.url(name)

    def fresh_name(self) -> str:
        """A name that says which run it belongs to, so that a later run can clear up after a killed one."""
        return f"perseat_test_{self._mark}_{os.getpid()}_{uuid.uuid4().hex[:8]}"

    def in_use(self) -> AbstractContextManager[None]:
        """The embedded server runs within; the last of several parallel runs stops it."""
        return nullcontext() if self.given_url else self._server.in_use()

    def clone(self, name: str) -> None:
        """Make a database with all tables and no rows."""
        with self._administration() as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", [_ONE_BUILDER_AT_A_TIME])
            template = self._template(connection)
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER perseat_owner").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )

    def drop(self, name: str) -> None:
        with self._administration() as connection:
            self._drop(connection, name=name)

    def _template(self, connection: psycopg.Connection[Any]) -> str:
        name = f"perseat_template_{self._mark}_{self._fingerprint()}"
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return name
        self._clear_up(connection)
        unfinished = f"perseat_test_{self._mark}_{os.getpid()}_template"
        self._drop(connection, name=unfinished)
        command = [sys.executable, "-m", "perseat.config.program", "migrate"]
        environment = child_environment(self.url(unfinished), checkout=self._checkout)
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            raise RuntimeError(f"The test database could not be migrated:\n{done.stdout}\n{done.stderr}")
        connection.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(unfinished), sql.Identifier(name))
        )
        return name

    def _fingerprint(self) -> str:
        """Everything that the tables are made from: a change of any of it makes a new template."""
        source = self._checkout / "src" / "perseat"
        files = [
            *source.glob("capabilities/**/migrations/*.py"),
            *source.glob("capabilities/**/models.py"),
            source / "config" / "database.py",
            source / "config" / "settings.py",
            self._checkout / "requirements.lock",
        ]
        digest = hashlib.sha256()
        for file in sorted(files):
            digest.update(str(file.relative_to(self._checkout)).encode() + b"\0" + file.read_bytes() + b"\0")
        return digest.hexdigest()[:12]

    def _clear_up(self, connection: psycopg.Connection[Any]) -> None:
        """Drop the templates of earlier code, and what killed runs left."""
        rows = connection.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s) OR starts_with(datname, %s)",
            [f"perseat_template_{self._mark}_", f"perseat_test_{self._mark}_"],
        ).fetchall()
        for (name,) in rows:
            kind, pid = name.split("_")[1], name.split("_")[3]
            if kind == "template" or not psutil.pid_exists(int(pid)):
                self._drop(connection, name=name)

    def _drop(self, connection: psycopg.Connection[Any], *, name: str) -> None:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    @contextmanager
    def _administration(self) -> Iterator[psycopg.Connection[Any]]:
        url = self.given_url or self._server.url("postgres")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("SET client_min_messages = warning")
            yield connection


def child_environment(url: str, *, checkout: Path) -> Mapping[str, str]:
    """The whole environment of another Perseat process that uses the database of that address."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "TMPDIR"}}
    return {
        **kept,
        "PYTHONPATH": str(checkout / "src"),
        "DJANGO_SETTINGS_MODULE": "perseat.config.settings",
        "DATABASE_URL": url,
        "PERSEAT_SECRET_KEY": "this key signs nothing but the tests' own sessions",
        "PERSEAT_DATA_DIR": os.environ["PERSEAT_DATA_DIR"],
        # Nobody answers there: a test that wants Microsoft brings the simulator.
        **{f"PERSEAT_{name}_BASE_URL": "http://127.0.0.1:9" for name in ("PARTNER_CENTER", "GRAPH", "LOGIN")},
    }
