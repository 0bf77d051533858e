"""The state as one JSON file: written beside the old one and renamed over it, so a reader never sees half."""

from __future__ import annotations

import dataclasses
import datetime
import json
import os
import types
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

from perseat.simulator.store import NOT_KEPT, Store


def save_store(store: Store, *, path: Path) -> None:
    """Write the whole state to the file in one step."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    fresh.write_text(json.dumps(_encode(store), ensure_ascii=False), encoding="utf-8")
    fresh.replace(path)


def load_store(path: Path) -> Store:
    """The state of the file.

    :raises ValueError: when the file holds something else.
    """
    try:
        loaded = _decode(json.loads(path.read_text(encoding="utf-8")), into=Store)
    except (KeyError, TypeError, json.JSONDecodeError) as problem:
        raise ValueError(
            f"{path} holds no state of this simulator: {problem!r}. Remove it to start afresh."
        ) from problem
    if not isinstance(loaded, Store):
        raise TypeError("The state must decode into a Store.")
    for tenant in loaded.tenants.values():
        tenant.holders  # noqa: B018 - counted now, so that whoever loses a license next is noticed
    return loaded


def _encode(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: _encode(getattr(value, field.name))
            for field in dataclasses.fields(value)
            if NOT_KEPT not in field.metadata
        }
    if isinstance(value, dict):
        return {key: _encode(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_encode(item) for item in value]
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value


def _decode(value: Any, *, into: Any) -> Any:
    if value is None:
        return None
    if get_origin(into) in {Union, types.UnionType}:
        into = next(choice for choice in get_args(into) if choice is not type(None))
    if dataclasses.is_dataclass(into) and isinstance(into, type):
        hints = _hints(into)
        return into(**{name: _decode(item, into=hints[name]) for name, item in value.items()})
    if get_origin(into) is list:
        return [_decode(item, into=get_args(into)[0]) for item in value]
    if get_origin(into) is dict:
        return {key: _decode(item, into=get_args(into)[1]) for key, item in value.items()}
    if into in {datetime.datetime, datetime.date}:
        return into.fromisoformat(value)
    return value


def _hints(cls: type) -> dict[str, Any]:
    if cls not in _HINTS:
        _HINTS[cls] = get_type_hints(cls)
    return _HINTS[cls]


_HINTS: dict[type, dict[str, Any]] = {}
