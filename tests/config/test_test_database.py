"""The tests' own ground holds: roles, rollback, clones that commit, threads and processes."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import ProgrammingError, connection, connections

_MAKE_A_ROW = "INSERT INTO django_content_type (app_label, model) VALUES ('trial', 'trial')"
_COUNT_ROWS = "SELECT count(*) FROM django_content_type WHERE app_label = 'trial'"


def _ask(statement: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        row = cursor.fetchone()
        return row[0] if row else None


@pytest.mark.django_db
def test_a_test_runs_as_the_role_that_the_web_server_has() -> None:
    assert _ask("SELECT current_user") == "perseat_app"


@pytest.mark.django_db
@pytest.mark.parametrize("again", [1, 2])
def test_what_a_test_writes_is_gone_in_the_next(again: int) -> None:
    assert _ask(_COUNT_ROWS) == 0

    ContentType.objects.create(app_label="trial", model="trial")

    assert _ask(_COUNT_ROWS) == 1


def test_without_asking_for_a_database_a_test_gets_none() -> None:
    with pytest.raises(RuntimeError, match="Database access not allowed"):
        _ask("SELECT 1")


@pytest.mark.own_database
@pytest.mark.parametrize("again", [1, 2])
def test_a_database_of_its_own_begins_empty_and_is_seen_by_threads(again: int) -> None:
    def count_in_another_thread() -> object:
        try:
            return _ask(_COUNT_ROWS)
        finally:
            connections.close_all()

    assert _ask(_COUNT_ROWS) == 0

    ContentType.objects.create(app_label="trial", model="trial")

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(count_in_another_thread).result() == 1


def test_a_database_of_its_own_is_seen_by_other_processes(own_database: dict[str, str]) -> None:
    program = (
        "import django; django.setup(); from django.contrib.contenttypes.models import ContentType;"
        "ContentType.objects.create(app_label='trial', model='trial')"
    )

    subprocess.run([sys.executable, "-c", program], env=own_database, check=True)  # noqa: S603

    assert _ask(_COUNT_ROWS) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE procrastinate_jobs CASCADE",
        "ALTER TABLE procrastinate_jobs ADD COLUMN mine int",
        "ALTER TABLE procrastinate_jobs DISABLE TRIGGER ALL",
        "CREATE TABLE mine (id int)",
        "DELETE FROM django_migrations",
        "CREATE ROLE mine",
    ],
)
@pytest.mark.django_db
def test_the_web_servers_role_cannot_get_round_the_guards(statement: str) -> None:
    with pytest.raises(ProgrammingError) as refused:
        _ask(statement)

    assert isinstance(refused.value.__cause__, psycopg.errors.InsufficientPrivilege)
