"""Selling runs one way, and so do the foreign keys: each table points at earlier capabilities only."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import Field

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"


def _selling_order() -> list[str]:
    """The capabilities, first to last, as import contract 2 lists them (last to first)."""
    contracts = tomllib.loads(PYPROJECT.read_text())["tool"]["importlinter"]["contracts"]
    (contract,) = [one for one in contracts if one["name"].startswith("2.")]
    return [name.strip() for layer in reversed(contract["layers"]) for name in layer.split("|")]


def _foreign_keys() -> list[Field]:
    return [
        field
        for model in apps.get_models()
        if model.__module__.startswith("perseat.capabilities.")
        for field in model._meta.get_fields()
        if isinstance(field, Field) and field.is_relation and field.related_model is not None
    ]


def _describe(field: Field) -> str:
    return f"{field.model._meta.label}.{field.name}"


@pytest.mark.parametrize("field", _foreign_keys(), ids=_describe)
def test_a_foreign_key_points_at_its_own_or_an_earlier_capability(field: Field) -> None:
    order = _selling_order()
    assert field.related_model is not None
    source, target = field.model._meta.app_label, field.related_model._meta.app_label

    assert order.index(target) <= order.index(source), f"{source} comes before {target} in the order of selling"


def test_there_are_foreign_keys_to_look_at() -> None:
    assert len(_foreign_keys()) > 10
