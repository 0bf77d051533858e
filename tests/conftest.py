"""The ground all tests stand on: a real PostgreSQL, migrated once, and a clone of it for every worker.

Ordinary tests take pytest-django's `db`: they run as `perseat_app` in a transaction that is rolled back. A test that
commits, uses threads or starts processes takes `own_database` (or the marker of that name): a fresh database.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import django
import pytest
from django.db import connections
from pytest_django.plugin import DjangoDbBlocker
from tests.databases import Databases, child_environment

CHECKOUT = Path(__file__).parents[1]
_NO_BROWSER = "no Chromium; install it as /usr/bin/chromium or name it in CHROMIUM."

# No run may depend on what the person who starts it has set, or touch that person's database: the tests' own settings
# come first, then Django starts. xdist's workers inherit what is changed here, so the server's address travels under a
# name of its own, and the settings' name is taken back: with it, a worker would start Django before this file.
if "django.conf" in sys.modules and sys.modules["django.conf"].settings.configured:
    raise pytest.UsageError("Django was started too early; unset DJANGO_SETTINGS_MODULE and run the tests again.")
_GIVEN = os.environ.setdefault("TEST_DATABASE_SERVER", os.environ.get("DATABASE_URL", ""))
for _name in [name for name in os.environ if name.startswith("PERSEAT_")]:
    del os.environ[_name]
_DATABASES = Databases(CHECKOUT, given_url=_GIVEN)
_NAME = _DATABASES.fresh_name()
os.environ["PERSEAT_DATA_DIR"] = str(CHECKOUT / "var" / "test" / os.environ.get("PYTEST_XDIST_WORKER", "main"))
os.environ.update(child_environment(_DATABASES.url(_NAME), checkout=CHECKOUT))
django.setup()
del os.environ["DJANGO_SETTINGS_MODULE"]


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Instead of pytest-django's: clone the template rather than migrate again."""
    with _DATABASES.in_use():
        _DATABASES.clone(_NAME)
        yield
        with django_db_blocker.unblock():
            connections.close_all()
        _DATABASES.drop(_NAME)


@pytest.fixture
def own_database(
    request: pytest.FixtureRequest,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[dict[str, str]]:
    """A database for this test alone; commits are real. Gives the environment for processes that shall use it."""
    if {"db", "transactional_db"} & set(request.fixturenames) or request.node.get_closest_marker("django_db"):
        raise pytest.UsageError("A test has either own_database or db: the other's transaction would hide its rows.")
    name = _DATABASES.fresh_name()
    _DATABASES.clone(name)
    environment = dict(child_environment(_DATABASES.url(name), checkout=CHECKOUT))
    monkeypatch.setenv("DATABASE_URL", environment["DATABASE_URL"])
    with django_db_blocker.unblock():
        connections.close_all()
        monkeypatch.setitem(connections.settings["default"], "NAME", name)  # threads to come read it, too
        yield environment
        connections.close_all()
    _DATABASES.drop(name)


@pytest.fixture(autouse=True)
def _own_database_by_marker(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("own_database"):
        request.getfixturevalue("own_database")


def _find_chromium() -> str | None:
    return os.environ.get("CHROMIUM") or shutil.which("chromium", path="/usr/bin")


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where the browser is. Tests marked `browser` are skipped, and counted, when there is none."""
    found = _find_chromium()
    if found is None:
        pytest.skip(_NO_BROWSER)
    return found


def pytest_configure(config: pytest.Config) -> None:
    if os.environ.get("REQUIRE_BROWSER_TESTS") and _find_chromium() is None:
        raise pytest.UsageError("There is no Chromium, and REQUIRE_BROWSER_TESTS says that there must be.")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if _find_chromium() is None:
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason=_NO_BROWSER))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [report for report in terminalreporter.getreports("skipped") if _NO_BROWSER in str(report.longrepr)]
    if skipped:
        terminalreporter.write_line(
            f"WARNING: {len(skipped)} browser tests were skipped: {_NO_BROWSER}", yellow=True, bold=True
        )
