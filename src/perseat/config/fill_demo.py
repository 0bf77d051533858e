"""Fills the sample customers into a fresh demo, in a process of its own."""

from __future__ import annotations

import importlib
import importlib.util
import os

import django


def main() -> None:
    """Call the sample data's `fill`, which does nothing when the rows are there already."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "perseat.config.settings"
    django.setup()
    if importlib.util.find_spec("perseat.entrypoints.cli.sample_data") is None:
        print("There are no sample data to fill yet.")
        return
    importlib.import_module("perseat.entrypoints.cli.sample_data").fill()


if __name__ == "__main__":
    main()
