"""Filters that live in the address: what a list searches, which state it shows, which page it is on."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from django.http import HttpRequest

State = TypeVar("State", bound=StrEnum)
_LONGEST_SEARCH = 100
_LAST_PAGE = 100_000


def search_in(request: HttpRequest) -> str:
    """What was typed into the search field."""
    return request.GET.get("search", "").replace("\x00", "").strip()[:_LONGEST_SEARCH]


def page_in(request: HttpRequest) -> int:
    """The page's number, from 1; anything else is the first page."""
    typed = request.GET.get("page", "")
    return min(max(int(typed), 1), _LAST_PAGE) if typed.isascii() and typed.isdigit() and len(typed) < 9 else 1


def before_in(request: HttpRequest) -> int | None:
    """The key before which the list goes on; None at its beginning."""
    typed = request.GET.get("before", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 19 else None


def state_in(request: HttpRequest, *, states: type[State], name: str = "state") -> State | None:
    """The chosen state; None for all, and for words that are no state."""
    try:
        return states(request.GET.get(name, ""))
    except ValueError:
        return None
