"""Pages work without scripts of their own in them, and load nothing from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src"
# djade and djlint look at syntax; these are ours.
FORBIDDEN = {
    "a script written into the page": r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")",
    "an event handler in an attribute": r"<[^>]+\son(?:click|change|load|submit|input|key\w+)=",
    "something from another host": r"(?:src|href)=[\"']https?://",
    "text that is not escaped": r"\|\s*safe\b|{%\s*autoescape off",
}


def test_templates_contain_nothing_that_is_forbidden() -> None:
    found = [
        f"{path.relative_to(SOURCE)}:{text[: match.start()].count(chr(10)) + 1}: {what}"
        for path in sorted(SOURCE.rglob("*.html"))
        for text in [path.read_text()]
        for what, pattern in FORBIDDEN.items()
        for match in re.finditer(pattern, text, re.IGNORECASE)
    ]

    assert found == []
