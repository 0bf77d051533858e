"""Changing facts: every value of some books is changed in turn, as a fault or a hand in the tables might change it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, is_dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from functools import partial
from typing import Any, get_type_hints

_DAY = timedelta(days=1)
_CURRENCIES = ("AUD", "EUR")


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """`whole` with one value changed. `place`: the names of the fields that lead there, without positions."""

    place: str
    whole: Any


def changes(value: Any, *, place: str = "", but: Collection[str] = ()) -> Iterator[Changed]:
    """Every change of one value inside `value`: another value; of lists and mappings one thing fewer, or one twice.

    Nothing changes at the places `but`, nor within them. A tuple whose things are of one kind is a list.
    """
    if place in but:
        return
    for other in _others(value):
        yield Changed(place=place, whole=other)
    for name, inner, put_in in _inside(value):
        for change in changes(inner, place=f"{place}.{name}".strip("."), but=but):
            with suppress(ValueError):  # no such fact can be
                yield Changed(place=change.place, whole=put_in(change.whole))


def _inside(value: Any) -> Iterator[tuple[str, Any, Callable[[Any], Any]]]:
    """What is in it: the name of its field ("" in lists and mappings), itself, and what puts another in its place."""
    if _is_record(value):
        for name in get_type_hints(type(value)):
            yield name, getattr(value, name), partial(_with_field, value, name)
    elif isinstance(value, tuple):
        for at, inner in enumerate(value):
            yield "", inner, partial(_with_item, value, at)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield "", inner, partial(_with_key, value, key)


def _is_record(value: Any) -> bool:
    return is_dataclass(value) or hasattr(value, "_asdict")


def _with_field(value: Any, name: str, inner: Any) -> Any:
    return replace(value, **{name: inner}) if is_dataclass(value) else value._replace(**{name: inner})


def _with_item(value: tuple[Any, ...], at: int, inner: Any) -> tuple[Any, ...]:
    return (*value[:at], inner, *value[at + 1 :])


def _with_key(value: Mapping[Any, Any], key: Any, inner: Any) -> Mapping[Any, Any]:
    return {**value, key: inner}


def _others(value: Any) -> list[Any]:
    if _is_record(value):
        return []
    found = next((others for kind, others in _KINDS if isinstance(value, kind)), None)
    return found(value) if found else []


def _another_member(value: Enum) -> list[Enum]:
    members = list(type(value))
    return [members[(members.index(value) + 1) % len(members)]]


def _other_days(value: date) -> list[date]:
    return [value + _DAY] if value == date.min else [value + _DAY, value - _DAY]


def _other_texts(value: str) -> list[str]:
    return ["USD"] if value in _CURRENCIES else [f"{value}x"]


def _other_lists(value: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    is_list = len({type(each) for each in value}) == 1
    return [value[1:], value[:-1], (*value, value[-1])] if is_list else []


def _other_mappings(value: Mapping[Any, Any]) -> list[Mapping[Any, Any]]:
    return [dict(list(value.items())[1:])] if value else []


_KINDS: tuple[tuple[Any, Callable[[Any], list[Any]]], ...] = (
    (bool, lambda value: [not value]),
    (Enum, _another_member),
    (int, lambda value: [value + 1, value - 1] if value > 1 else [value + 1]),
    (Decimal, lambda value: [value + 1]),
    (date, _other_days),
    (str, _other_texts),
    (tuple, _other_lists),
    (Mapping, _other_mappings),
)
