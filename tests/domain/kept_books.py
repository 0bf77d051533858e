"""Books of a few rich lives, kept as plain values, so that the audit can be tried without a database.

tests/journeys/test_kept_books.py lives these lives on real tables and compares what the tables say with what is kept;
`KEEP_BOOKS=1 make test T=tests/journeys/test_kept_books.py` writes them anew, after the facts of the audit changed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from perseat.domain.audit_facts import AuditedSummary, CustomerBooks

FOLDER = Path(__file__).parent / "books"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A customer's books and product summaries."""

    books: CustomerBooks
    summaries: tuple[AuditedSummary, ...]


def names() -> list[str]:
    """Of all lives that are kept."""
    return sorted(file.stem for file in FOLDER.glob("*.json"))


def read(name: str) -> Kept:
    """A life's books as they were kept."""
    kept: Kept = decode(Kept, json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8")))
    return kept


def as_text(kept: Kept) -> str:
    """What is kept, a fact of the books a line."""
    told = encode(kept)
    rows = [f'"{name}": {_rows(value)}' for name, value in told.pop("books").items()]
    return f'{{"books": {{{", ".join(rows)}}},\n"summaries": {_rows(told["summaries"])}}}\n'


def _rows(value: object) -> str:
    if not isinstance(value, list):
        return json.dumps(value)
    return f"[{','.join(chr(10) + json.dumps(each, ensure_ascii=False) for each in value)}]"


def encode(value: object) -> Any:
    """JSON of facts; what equals its default is left out, since it comes back by itself."""
    if is_dataclass(value):
        told = ((field, getattr(value, field.name)) for field in fields(value))
        return {field.name: encode(one) for field, one in told if field.default is MISSING or one != field.default}
    if hasattr(value, "_asdict"):
        return [encode(each) for each in value]
    if isinstance(value, Mapping):
        return [[encode(key), encode(each)] for key, each in value.items()]
    if isinstance(value, tuple | list | frozenset):
        return [encode(each) for each in (sorted(value) if isinstance(value, frozenset) else value)]
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, Decimal | date) else value


def decode(kind: Any, given: Any) -> Any:
    """The fact of a kind, of what `encode` made of it. Fails where the facts have other fields by now."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        (real,) = (each for each in inner if each is not NoneType)
        return None if given is None else decode(real, given)
    if origin is not None:
        return _decode_several(origin, inner, given)
    if isinstance(given, dict):
        return kind(**{name: decode(_hints(kind)[name], each) for name, each in given.items()})
    if isinstance(given, list):  # a named tuple
        return kind(*(decode(each, one) for each, one in zip(_hints(kind).values(), given, strict=True)))
    if kind in (date, datetime):
        return kind.fromisoformat(given)
    return kind(given) if issubclass(kind, Decimal | Enum) else given


def _decode_several(origin: Any, inner: tuple[Any, ...], given: Any) -> Any:
    """Tuples of one kind or of several, sets, and mappings, which JSON has as pairs."""
    if issubclass(origin, Mapping):
        return {decode(inner[0], key): decode(inner[1], each) for key, each in given}
    if origin is tuple and inner[-1] is not ...:
        return tuple(decode(each, one) for each, one in zip(inner, given, strict=True))
    return origin(decode(inner[0], each) for each in given)


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)
