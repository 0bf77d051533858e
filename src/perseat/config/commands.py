"""What each word of the `perseat` program does, except `replay` and `demo`, which have files of their own."""

from __future__ import annotations

import argparse
import importlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext

import django
from django.core.management import call_command

from perseat.config import database, demo, diagnosis, worker_process
from perseat.config.product_settings import ProductSettings, SettingsError, load
from perseat.simulator.chances import read_percents

# Most of them only wait: for a time-out to pass, or a slow call.
_SIMULATOR_THREADS = 64


def migrate(_arguments: argparse.Namespace) -> int:
    """Make roles and database, run the migrations as their owner, and close what the web need not change."""
    os.environ["PERSEAT_DATABASE_ROLE"] = "owner"
    settings = load()
    with a_running_database(settings):
        database.prepare(settings)
        _set_django_up()
        call_command("migrate", interactive=False, verbosity=1)
        database.close_what_migrations_opened(settings)
    return 0


def serve(_arguments: argparse.Namespace) -> int:
    """The web server, until it is told to stop."""
    settings = load()
    with a_running_database(settings):
        _serve_wsgi(
            "perseat.config.wsgi:application",
            host=settings.host,
            port=settings.port,
            processes=settings.web_processes,
            threads=settings.web_threads,
        )
    return 0


def work(_arguments: argparse.Namespace) -> int:
    """The worker, until it is told to stop."""
    settings = load()
    with a_running_database(settings):
        _set_django_up()
        worker_process.run(concurrency=settings.worker_concurrency)
    return 0


def simulate(arguments: argparse.Namespace) -> int:
    """The simulator, until it is told to stop; it keeps its state in one file."""
    settings = load()
    state = arguments.state or settings.data_dir / demo.SIMULATOR_STATE
    state.parent.mkdir(parents=True, exist_ok=True)
    os.environ["SIMULATOR_STATE"] = str(state)
    os.environ["SIMULATOR_ADDRESS"] = f"http://127.0.0.1:{settings.simulator_port}"
    os.environ["SIMULATOR_SEED"] = str(arguments.seed)
    os.environ["SIMULATOR_USERS"] = str(arguments.users)
    os.environ["SIMULATOR_FAULTS"] = json.dumps(_read_faults(arguments.fault))
    # One process: the state is in its memory.
    _serve_wsgi(
        "perseat.config.simulator_application:application",
        host="127.0.0.1",
        port=settings.simulator_port,
        processes=1,
        threads=_SIMULATOR_THREADS,
    )
    return 0


def _read_faults(given: Sequence[str]) -> dict[str, float]:
    named = dict(part.partition("=")[::2] for part in given)
    try:
        return read_percents(named)
    except ValueError as problem:
        raise SettingsError(f"--fault: {problem}") from None


def admin(arguments: argparse.Namespace) -> int:
    """Make an administrator, who chooses a password by the link that is printed; never a password here."""
    with a_running_database(load()):
        _set_django_up()
        return int(importlib.import_module("perseat.entrypoints.cli.admin").main(arguments.email))


def doctor(_arguments: argparse.Namespace) -> int:
    """Print what is wrong and how to mend it; 1 when something is."""
    settings = load()
    with a_running_database(settings):
        findings = diagnosis.examine(settings)
        if all(each.is_well for each in findings if each.subject == "database"):
            _set_django_up()
            books: Sequence[diagnosis.Finding] = importlib.import_module("perseat.config.guard_diagnosis").examine()
            access: Sequence[diagnosis.Finding] = importlib.import_module("perseat.config.access_diagnosis").examine()
            findings = (*findings, *books, *access)
    for finding in findings:
        print(finding)
    return 1 if any(not finding.is_well for finding in findings) else 0


def connect(_arguments: argparse.Namespace) -> int:
    """Take up a partner user's consent, which is typed or piped in, never an argument."""
    with a_running_database(load()):
        _set_django_up()
        return int(importlib.import_module("perseat.entrypoints.cli.connect").main())


def audit(_arguments: argparse.Namespace) -> int:
    """Recompute every customer's books."""
    with a_running_database(load()):
        _set_django_up()
        return int(importlib.import_module("perseat.entrypoints.cli.audit").main())


def run_demo(arguments: argparse.Namespace) -> int:
    """Everything at once."""
    if arguments.reset and os.environ.get("DATABASE_URL"):
        raise SettingsError("RESET deletes the embedded database only; unset DATABASE_URL, or empty that one yourself.")
    return demo.run(reset=arguments.reset)


def a_running_database(settings: ProductSettings) -> AbstractContextManager[None]:
    """The embedded server runs within, when there is no other; the last process that uses it stops it."""
    server = database.embedded_server(settings)
    return server.in_use() if server else nullcontext()


def _set_django_up() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "perseat.config.settings"
    django.setup()


def _serve_wsgi(target: str, *, host: str, port: int, processes: int, threads: int) -> None:
    # Imported here: granian starts a runtime, which the other commands need not wait for.
    granian = importlib.import_module("granian")
    constants = importlib.import_module("granian.constants")
    granian.Granian(
        target,
        address=host,
        port=port,
        interface=constants.Interfaces.WSGI,
        workers=processes,
        blocking_threads=threads,
        websockets=False,
        workers_kill_timeout=5,
        log_level="error",
    ).serve()


COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "serve": serve,
    "worker": work,
    "simulator": simulate,
    "migrate": migrate,
    "admin": admin,
    "connect": connect,
    "doctor": doctor,
    "audit": audit,
    "demo": run_demo,
}
