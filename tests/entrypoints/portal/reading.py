"""Reading pages as a person does: words without markup, and where a form leads."""

from __future__ import annotations

import html
import re

from django.http import HttpResponse


def words(response: HttpResponse) -> str:
    """All that can be read, with single spaces."""
    text = re.sub(r"<(style|script|head)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    plain = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())
    return re.sub(r" (?=[,.;])", "", plain)


def field(response: HttpResponse, name: str) -> str:
    """What the input of that name holds."""
    found = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', response.content.decode())
    assert found, f"there is no field {name}"
    return html.unescape(found[1])
