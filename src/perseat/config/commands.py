"""What each word of the `perseat` program does, except `replay` and `demo`, which have files of their own."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext

import django
from django.core.management import call_command

from perseat.config import database
from perseat.config.embedded_postgres import EmbeddedPostgresError
from perseat.config.product_settings import ProductSettings, load


def migrate(_arguments: argparse.Namespace) -> int:
    """Make roles and database, run the migrations as their owner, and close what the web need not change."""
    settings = load({**os.environ, "PERSEAT_DATABASE_ROLE": "owner"})
    try:
        with a_running_database(settings):
            database.prepare(settings)
            os.environ["PERSEAT_DATABASE_ROLE"] = "owner"
            _set_django_up()
            call_command("migrate", interactive=False, verbosity=1)
            database.close_what_migrations_opened(settings)
    except (database.DatabaseError, EmbeddedPostgresError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def a_running_database(settings: ProductSettings) -> AbstractContextManager[None]:
    """The embedded server runs within, when there is no other; the last process that uses it stops it."""
    server = database.embedded_server(settings)
    return server.in_use() if server else nullcontext()


def _set_django_up() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "perseat.config.settings"
    django.setup()


COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {"migrate": migrate}
