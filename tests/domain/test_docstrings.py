"""What the docstrings of the rules show is true."""

from __future__ import annotations

import doctest
from importlib import import_module
from pathlib import Path

import pytest

import perseat.domain

FILES = sorted(Path(perseat.domain.__file__).parent.glob("*.py"))
WITH_EXAMPLES = [file.stem for file in FILES if "\n    >>> " in file.read_text(encoding="utf-8")]


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_the_examples_of_the_rules_are_true(name: str) -> None:
    result = doctest.testmod(import_module(f"perseat.domain.{name}"))

    assert result.attempted > 0
    assert result.failed == 0
