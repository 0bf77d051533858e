"""The `perseat` program: one word for each thing that can be started or asked."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

from perseat.config.supervised import stop_when_the_supervisor_dies


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 1 found wanting, 2 unusable input or settings."""
    chosen = _parser().parse_args(arguments)
    if chosen.command == "replay":  # pure arithmetic: neither settings nor Django are loaded
        return int(importlib.import_module("perseat.entrypoints.cli.replay").main([chosen.file]))
    stop_when_the_supervisor_dies()
    return _run(chosen)


def _run(chosen: argparse.Namespace) -> int:
    commands = importlib.import_module("perseat.config.commands")
    database = importlib.import_module("perseat.config.database")
    embedded_postgres = importlib.import_module("perseat.config.embedded_postgres")
    product_settings = importlib.import_module("perseat.config.product_settings")
    try:
        return int(commands.COMMANDS[chosen.command](chosen))
    except product_settings.SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    except (database.DatabaseError, embedded_postgres.EmbeddedPostgresError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="perseat", description="Sell Microsoft 365 by the seat.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    replay = commands.add_parser("replay", help="compute the documents of a scenario; no database, pure arithmetic")
    replay.add_argument("file", metavar="FILE", help="a JSON file, or - for standard input")
    commands.add_parser("serve", help="the web server")
    commands.add_parser("worker", help="the worker, which talks to Microsoft, sends mail and renews")
    simulator = commands.add_parser("simulator", help="a Microsoft of our own to try things on")
    simulator.add_argument("--state", type=Path, metavar="FILE", help="where it keeps its state")
    simulator.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="KIND=PERCENT",
        help="misbehave by chance, such as all=20 or 429=2",
    )
    simulator.add_argument("--seed", type=int, default=0, help="chance draws the same again for the same seed")
    simulator.add_argument("--users", type=int, default=0, metavar="COUNT", help="a tenant of so many people")
    commands.add_parser("migrate", help="make the database ready: roles, tables, rights")
    admin = commands.add_parser("admin", help="make the first administrator")
    admin.add_argument("email", metavar="EMAIL")
    commands.add_parser("connect", help="take up a partner user's consent to Microsoft, read from standard input")
    commands.add_parser("doctor", help="say in a sentence what is wrong and how to mend it")
    commands.add_parser("audit", help="recompute every customer's books and print each difference")
    demo = commands.add_parser("demo", help="everything at once, with sample customers, on this machine")
    demo.add_argument("--reset", action="store_true", help="delete the demo's data first")
    return parser


if __name__ == "__main__":
    sys.exit(main())
