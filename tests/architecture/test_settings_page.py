"""docs/reference/settings.md names every setting with its default, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import SecretStr
from pydantic_core import PydanticUndefined

from perseat.config.product_settings import ProductSettings, environment_name

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "settings.md"
_ROW = re.compile(r"^\| `(?P<name>[A-Z_]+)` \| (?P<default>.*?) \| (?P<meaning>.+) \|$", re.MULTILINE)


def _rows() -> dict[str, re.Match[str]]:
    return {row["name"]: row for row in _ROW.finditer(PAGE.read_text())}


def test_the_page_has_every_setting_and_no_other() -> None:
    assert sorted(_rows()) == sorted(environment_name(field) for field in ProductSettings.model_fields)


@pytest.mark.parametrize("field", list(ProductSettings.model_fields))
def test_the_page_tells_the_default(field: str) -> None:
    told = _rows()[environment_name(field)]["default"]
    default = ProductSettings.model_fields[field].default
    match default:
        case SecretStr() | None | "":
            expected = "none"
        case bool():
            expected = "`on`" if default else "`off`"
        case tuple():
            expected = f"`{','.join(default)}`"
        case _ if default is PydanticUndefined:
            expected = "`var` in the checkout"
        case _:
            expected = f"`{default}`"

    assert told == expected
