"""Mutation tests of the rules: each line of `domain` is changed in turn, and a test of tests/domain has to notice.

`make mutants` runs it. The rules and their tests are laid out in var/mutants without Django or a database, since both
are pure; hypothesis tries few examples, always the same ones, so that a change that survives costs a second, not ten.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
PLACE = CHECKOUT / "var" / "mutants"
_COPIED = (
    "src/perseat/__init__.py",
    "src/perseat/domain",
    "src/perseat/entrypoints/__init__.py",
    "src/perseat/entrypoints/cli/__init__.py",
    "src/perseat/entrypoints/cli/replay.py",
    "src/perseat/entrypoints/cli/replay_life.py",
    "src/perseat/entrypoints/cli/replay_scenario.py",
    "tests/domain",
    "docs/rules",
)
_SETTINGS = """[mutmut]
source_paths = src
only_mutate = src/perseat/domain/*
pytest_add_cli_args_test_selection = tests/domain
also_copy =
    docs
    conftest.py
mutate_only_covered_lines = False
debug = False

[tool:pytest]
addopts = --import-mode=importlib
pythonpath = src .
"""
_CONFTEST = """from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

MANY = bool(os.environ.get("MUTANTS_MANY_EXAMPLES"))
QUICK = settings(
    max_examples=100 if MANY else 10,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def pytest_collection_modifyitems(items):
    for item in items:
        if hasattr(item.obj, "hypothesis"):
            item.obj._hypothesis_internal_use_settings = QUICK
"""


def lay_out() -> None:
    """Copy what is mutated, what tests it, and nothing else; what an earlier run found out is kept.

    Without caches: mutmut changes no decorated function, and an answer remembered from before would hide a change.
    """
    for name in _COPIED:
        source, target = CHECKOUT / name, PLACE / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    for file in (PLACE / "src" / "perseat" / "domain").glob("*.py"):
        file.write_text(re.sub(r"^@lru_cache\(.*\)\n", "", file.read_text(), flags=re.MULTILINE))
    (PLACE / "setup.cfg").write_text(_SETTINGS)
    (PLACE / "conftest.py").write_text(_CONFTEST)


def main() -> int:
    """Run mutmut in the place; its exit code. Arguments are mutants or patterns of them, all when left out."""
    lay_out()
    mutmut = [sys.executable, "-m", "mutmut"]
    done = subprocess.run([*mutmut, "run", *sys.argv[1:]], cwd=PLACE, check=False)  # noqa: S603 - our own tool
    subprocess.run([*mutmut, "results"], cwd=PLACE, check=False)  # noqa: S603
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
