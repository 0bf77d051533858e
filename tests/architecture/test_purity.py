"""The rules are plain Python: they run without Django, and know neither floats nor the clock."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src"
PURE = [path for layer in ("domain", "ports") for path in sorted((SOURCE / "perseat" / layer).rglob("*.py"))]
ALLOWED = {*sys.stdlib_module_names, "perseat"}
CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time")}


def _nodes(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text(), filename=str(path)))


def _name(path: Path) -> str:
    return str(path.relative_to(SOURCE))


@pytest.mark.parametrize("path", PURE, ids=_name)
def test_domain_and_ports_import_the_standard_library_only(path: Path) -> None:
    imported = set()
    for node in _nodes(path):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").split(".")[0])

    assert imported - ALLOWED == set()


@pytest.mark.parametrize("path", PURE, ids=_name)
def test_domain_and_ports_have_no_floats_but_for_how_long_to_wait(path: Path) -> None:
    nodes = list(_nodes(path))
    waits = {
        id(part)
        for node in nodes
        if isinstance(node, ast.arg | ast.AnnAssign) and _is_named_seconds(node) and node.annotation is not None
        for part in ast.walk(node.annotation)
    }

    floats = [
        node.lineno
        for node in nodes
        if (isinstance(node, ast.Constant) and isinstance(node.value, float | complex))
        or (isinstance(node, ast.Name) and node.id == "float" and id(node) not in waits)
    ]

    assert floats == [], f"{_name(path)}: money and time are whole numbers or Decimals; lines {floats}"


def _is_named_seconds(node: ast.arg | ast.AnnAssign) -> bool:
    name = node.arg if isinstance(node, ast.arg) else getattr(node.target, "id", getattr(node.target, "attr", ""))
    return name == "seconds" or name.endswith("_seconds")


@pytest.mark.parametrize("path", PURE, ids=_name)
def test_domain_and_ports_read_no_clock(path: Path) -> None:
    read = [
        node.lineno
        for node in _nodes(path)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name | ast.Attribute)
        and (getattr(node.value, "id", getattr(node.value, "attr", "")), node.attr) in CLOCKS
    ]

    assert read == []


def test_there_is_something_to_look_at() -> None:
    assert len(PURE) > 10
