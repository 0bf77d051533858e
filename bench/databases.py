"""Databases for benchmarks: an embedded server that writes to the disk as in production, and Django on a fresh one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django
import psycopg
from django.apps import apps
from django.db import connections
from psycopg import sql

from perseat.config.embedded_postgres import EmbeddedPostgres

CHECKOUT = Path(__file__).parents[1]
_SERVER = EmbeddedPostgres(CHECKOUT / "var" / "bench-postgres")


def url(name: str) -> str:
    """The address of a database of the server, with all rights."""
    return _SERVER.url(name)


@contextmanager
def migrated_database(name: str) -> Iterator[None]:
    """A fresh database with all tables and no rows, which Django uses as the web server would; dropped afterwards."""
    with _SERVER.in_use():
        drop(name)
        _set_environment(name)
        command = [sys.executable, "-m", "perseat.config.program", "migrate"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
        _set_django_up()
        use(name)
        try:
            yield
        finally:
            connections.close_all()
            drop(name)


def use(name: str) -> None:
    """Let Django use another database of the server from now on, also in processes forked later."""
    connections.close_all()
    connections.settings["default"]["NAME"] = name
    connections["default"].settings_dict["NAME"] = name


def copy(name: str, *, to: str) -> None:
    """Copy a database that nobody is connected to, and let the server write it out before anything is timed."""
    connections.close_all()
    drop(to)
    with _administration() as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER perseat_owner").format(
                sql.Identifier(to), sql.Identifier(name)
            )
        )
        connection.execute("CHECKPOINT")


def drop(name: str) -> None:
    """Drop a database, if there is one of that name."""
    with _administration() as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _set_environment(name: str) -> None:
    """Nothing that the person who starts the benchmarks has set counts."""
    for given in [given for given in os.environ if given.startswith("PERSEAT_")]:
        del os.environ[given]
    os.environ.update(
        {
            "DJANGO_SETTINGS_MODULE": "perseat.config.settings",
            "DATABASE_URL": url(name),
            "PERSEAT_SECRET_KEY": "this key signs nothing but the sessions of benchmarks",
            "PERSEAT_DATA_DIR": str(CHECKOUT / "var" / "bench"),
            "PERSEAT_LOG_LEVEL": "warning",
            "PYTHONPATH": os.pathsep.join([str(CHECKOUT / "src"), str(CHECKOUT)]),
        }
    )


def _set_django_up() -> None:
    if not apps.ready:
        django.setup()


@contextmanager
def _administration() -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(url("postgres"), autocommit=True) as connection:
        connection.execute("SET client_min_messages = warning")
        yield connection
