"""What the web server says of itself, and what it allows a browser to do."""

from __future__ import annotations

import psycopg
import pytest
from django.test import Client


def test_healthz_answers_without_a_database(client: Client) -> None:
    answer = client.get("/healthz")

    assert answer.status_code == 200
    assert answer.content == b"ok\n"


@pytest.mark.django_db
def test_readyz_tells_database_queue_and_supplier(client: Client) -> None:
    answer = client.get("/readyz")

    assert answer.status_code == 200
    told = answer.json()
    assert (told["ready"], told["database"], told["queue"]) == (True, "ok", "ok")
    assert told["supplier"] == {"state": "does not answer", "writes": "on"}


def test_readyz_is_not_ready_without_the_queues_tables(client: Client, own_database: dict[str, str]) -> None:
    _as_owner(own_database, "DROP TABLE procrastinate_jobs CASCADE")

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["queue"] == "does not answer"
    assert answer.json()["database"] == "ok"


def test_pages_may_load_our_own_files_only(client: Client) -> None:
    headers = client.get("/healthz").headers

    assert "script-src 'self';" in headers["Content-Security-Policy"]
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_a_host_that_is_not_ours_is_refused(client: Client) -> None:
    assert client.get("/healthz", headers={"host": "evil.example"}).status_code == 400


def _as_owner(environment: dict[str, str], statement: str) -> None:
    with psycopg.connect(environment["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(statement)
