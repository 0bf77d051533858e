"""Mutation tests of the rules: each line of `domain` is changed in turn, and a test of tests/domain has to notice.

`make mutants` runs it. The rules and their tests are laid out in var/mutants without Django or a database, since both
are pure; hypothesis tries few examples, always the same ones, so that a change that survives costs a second, not ten.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
PLACE = CHECKOUT / "var" / "mutants"
JOBS = os.environ.get("JOBS") or "2"
NO_TEST = 33  # mutmut's word for a function that no test calls
_COPIED = (
    "src/perseat/__init__.py",
    "src/perseat/domain",
    "src/perseat/entrypoints/__init__.py",
    "src/perseat/entrypoints/cli/__init__.py",
    *(str(file.relative_to(CHECKOUT)) for file in CHECKOUT.glob("src/perseat/entrypoints/cli/replay*.py")),
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


def results() -> dict[str, int | None]:
    """The exit code of the tests of each mutant: 0 when they noticed nothing, None when it was not tried."""
    found: dict[str, int | None] = {}
    for file in sorted(PLACE.glob("mutants/src/perseat/domain/*.meta")):
        found |= json.loads(file.read_text())["exit_code_by_key"]
    return found


def try_out(*names: str, has_many_examples: bool) -> None:
    """Let mutmut try those that it has not tried, or the named ones again."""
    environment = {**os.environ, "MUTANTS_MANY_EXAMPLES": "1" if has_many_examples else ""}
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", JOBS, *names]
    subprocess.run(command, cwd=PLACE, check=True, env=environment)  # noqa: S603 - our own tool


def report(found: dict[str, int | None]) -> None:
    """The score per module and in all, then every survivor."""
    tried, killed = Counter(map(_module, found)), Counter(_module(name) for name in found if _is_killed(found[name]))
    for module in (*sorted(tried), None):
        of, noticed = (tried[module], killed[module]) if module else (tried.total(), killed.total())
        _tell(f"{module or 'all':16} {noticed:5} of {of:5} noticed, {100 * noticed / of:5.1f} %")
    for name, exit_code in found.items():
        if not _is_killed(exit_code):
            _tell(name, "(no test runs it)" if exit_code == NO_TEST else "")


def _tell(*words: object) -> None:
    print(*words)  # noqa: T201 - a command's answer


def _module(name: str) -> str:
    return name.split(".")[2]


def _is_killed(exit_code: int | None) -> bool:
    return exit_code not in {0, None, NO_TEST}


def main() -> int:
    """Try all mutants with few examples, and those that survive with many. Arguments are patterns of mutants.

    What was found before stands for functions that have not changed since; `--afresh` forgets it.
    """
    patterns = [each for each in sys.argv[1:] if each != "--afresh"]
    if "--afresh" in sys.argv:
        shutil.rmtree(PLACE, ignore_errors=True)
    lay_out()
    try_out(*patterns, has_many_examples=False)
    survivors = [name for name, exit_code in results().items() if exit_code == 0]
    if survivors:
        try_out(*survivors, has_many_examples=True)
    report(results())
    return 0


if __name__ == "__main__":
    sys.exit(main())
