"""A database server that is given by DATABASE_URL: what is made on it, by whom, and what is refused."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from perseat.config import database
from perseat.config.embedded_postgres import EmbeddedPostgres
from perseat.config.product_settings import ProductSettings, load

pytestmark = pytest.mark.embedded

CHECKOUT = Path(__file__).parents[2]
KEY = "k" * 50
OWNERS = "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    """A server as an administrator hands it over: without any of our roles or databases."""
    server = EmbeddedPostgres(tmp_path / "pg", options={"fsync": "off"})
    server.start()
    yield server
    server.remove()


def _settings(server: EmbeddedPostgres, *, user: str = "postgres", role: str = "app") -> ProductSettings:
    return load(
        {"DATABASE_URL": server.url("shop", user=user), "PERSEAT_SECRET_KEY": KEY, "PERSEAT_DATABASE_ROLE": role}
    )


def _migrate(server: EmbeddedPostgres, tmp_path: Path, *, user: str = "postgres") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "perseat.config.program", "migrate"],
        env={
            "PYTHONPATH": str(CHECKOUT / "src"),
            "DATABASE_URL": server.url("shop", user=user),
            "PERSEAT_SECRET_KEY": KEY,
            "PERSEAT_DATA_DIR": str(tmp_path / "var"),
        },
        capture_output=True,
        text=True,
        check=False,
    )


def _ask(server: EmbeddedPostgres, statement: str, *, user: str = "postgres", name: str = "shop") -> list[Any]:
    with psycopg.connect(server.url(name, user=user), autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def test_migrate_makes_roles_database_and_tables_and_may_be_repeated(server: EmbeddedPostgres, tmp_path: Path) -> None:
    for _ in range(2):
        done = _migrate(server, tmp_path)
        assert done.returncode == 0, done.stderr

    assert _ask(server, OWNERS) == [("perseat_owner",)]
    roles = "SELECT rolname, rolsuper, rolcreaterole FROM pg_roles WHERE rolname LIKE 'perseat%' ORDER BY rolname"
    assert _ask(server, roles) == [("perseat_app", False, False), ("perseat_owner", False, False)]


def test_a_login_that_may_make_roles_and_databases_is_enough(server: EmbeddedPostgres, tmp_path: Path) -> None:
    _ask(server, "CREATE ROLE hosting LOGIN CREATEDB CREATEROLE", name="postgres")

    done = _migrate(server, tmp_path, user="hosting")

    assert done.returncode == 0, done.stderr
    assert _ask(server, OWNERS) == [("perseat_owner",)]
    assert _ask(server, "SELECT count(*) FROM django_migrations", user="perseat_app")[0][0] > 0


def test_a_login_that_may_nothing_is_told_what_an_administrator_has_to_do(
    server: EmbeddedPostgres, tmp_path: Path
) -> None:
    _ask(server, "CREATE ROLE powerless LOGIN", name="postgres")

    done = _migrate(server, tmp_path, user="powerless")

    assert done.returncode == 1
    assert "Let an administrator of that server run: CREATE ROLE perseat_owner;" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_server_that_does_not_answer_is_told_in_a_sentence(server: EmbeddedPostgres, tmp_path: Path) -> None:
    server.stop()

    done = _migrate(server, tmp_path)

    assert done.returncode == 1
    assert done.stderr.startswith("The database does not answer:")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("role", "name"), [("app", "perseat_app"), ("owner", "perseat_owner")])
def test_every_connection_begins_as_its_role_whoever_logs_in(server: EmbeddedPostgres, role: str, name: str) -> None:
    database.prepare(_settings(server))

    entry = database.django_database(_settings(server, role=role))

    given = {"host": entry["HOST"], "user": entry["USER"], "dbname": entry["NAME"], **entry["OPTIONS"]}
    with psycopg.connect(**given) as connection:
        assert connection.execute("SELECT current_user").fetchone() == (name,)


def test_what_a_migration_revokes_stays_revoked_when_migrations_run_again(
    server: EmbeddedPostgres, tmp_path: Path
) -> None:
    assert _migrate(server, tmp_path).returncode == 0
    with psycopg.connect(server.url("shop"), autocommit=True) as connection:
        connection.execute("SET ROLE perseat_owner")
        connection.execute("CREATE TABLE paper (id int)")
        connection.execute("REVOKE UPDATE ON paper FROM perseat_app")

    assert _migrate(server, tmp_path).returncode == 0

    _ask(server, "INSERT INTO paper VALUES (1)", user="perseat_app")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        _ask(server, "UPDATE paper SET id = 2", user="perseat_app")


def test_a_role_that_was_made_a_superuser_is_refused(server: EmbeddedPostgres) -> None:
    _ask(server, "CREATE ROLE perseat_app LOGIN SUPERUSER", name="postgres")

    with pytest.raises(database.DatabaseError, match="must not be"):
        database.prepare(_settings(server))


def test_other_logins_of_the_server_see_nothing(server: EmbeddedPostgres) -> None:
    database.prepare(_settings(server))
    _ask(server, "CREATE ROLE neighbor LOGIN", name="postgres")

    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        _ask(server, "SELECT 1", user="neighbor")
