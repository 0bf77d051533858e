"""Paging: which page of a list was asked for."""

from __future__ import annotations

from django.http import HttpRequest

_LAST_PAGE = 100_000


def page_number(request: HttpRequest) -> int:
    """The page in the address, counted from 1; anything unusable is the first."""
    text = request.GET.get("page", "1")
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(_LAST_PAGE)) else 1
    return max(1, min(number, _LAST_PAGE))
