"""What differs: between a request that was sent and the example's, and between the shapes of two answers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from tests.integrations.contract.rows import Row
from tests.integrations.contract.server import Sent


def differences_of_request(sent: Sent, row: Row, *, fill: Mapping[str, str]) -> list[str]:
    """Where a request is not as the row says. `fill`: what stands for the table's names in braces."""
    found = []
    if sent.query != row.sent_query:
        found.append(f"query {sent.query}, not {row.sent_query}")
    found += [f"header {name}" for name in row.headers if not _has_header(sent, name, expected=row.headers[name])]
    expected = filled(row.sent_body, fill)
    if isinstance(expected, str):
        is_same = dict(parse_qsl(sent.body.decode())) == dict(parse_qsl(expected))
    elif expected is None:
        is_same = sent.body == b""
    else:
        # Microsoft reads names in any letter case.
        is_same = bool(sent.body) and _comparable(json.loads(sent.body)) == _comparable(expected)
    return found if is_same else [*found, f"body {sent.body.decode()}, not {json.dumps(expected)}"]


def _has_header(sent: Sent, name: str, *, expected: str) -> bool:
    value = sent.headers.get(name.lower(), "")
    match name.lower():
        case "authorization":
            return value.startswith("Bearer ")
        case "ms-requestid" | "ms-correlationid":
            return str(UUID(value)) == value
        case "content-type":
            return value.partition(";")[0] == expected.partition(";")[0] or not sent.body
        case "accept":
            return value.partition(",")[0] == expected.partition(",")[0]
        case _:
            return value == expected


def _comparable(value: Any) -> Any:
    """Names without case, moments as moments."""
    if isinstance(value, dict):
        return {name.casefold(): _comparable(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_comparable(part) for part in value]
    if isinstance(value, str) and "T" in value:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return value
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return value


def missing_values(expected: Any, actual: Any, *, path: str = "") -> list[str]:
    """Where what was read does not hold what the row says; names that the row does not mention are free."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        return [
            line
            for name, value in expected.items()
            for line in missing_values(value, actual.get(name, "nothing"), path=f"{path}.{name}".lstrip("."))
        ]
    if isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        return [
            line
            for place, (left, right) in enumerate(zip(expected, actual, strict=True))
            for line in missing_values(left, right, path=f"{path}[{place}]")
        ]
    return [] if expected == actual else [f"{path or 'it'} is {actual!r}, not {expected!r}"]


def differences_of_shape(example: Any, answer: Any, *, path: str = "") -> Iterator[tuple[str, str]]:
    """Where an answer has not the names, types and nesting of the example, as (path, what); more names are free.

    A list's entry has to be like one of the example's, or like all together; a name that only some have may be missing.
    """
    if example is None:
        return
    if _kind(example) != _kind(answer):
        yield path or "$", "is null" if answer is None and path else f"is {_kind(answer)}, not {_kind(example)}"
    elif isinstance(example, dict):
        yield from _differences_of_objects([example], answer, path=path)
    elif isinstance(example, list) and example:
        if not answer:
            yield f"{path}[]", "is empty"
        for entry in answer:
            yield from _differences_of_entry(example, entry, path=f"{path}[]")


def _differences_of_entry(examples: list[Any], entry: Any, *, path: str) -> Iterator[tuple[str, str]]:
    if any(not list(differences_of_shape(example, entry)) for example in examples):
        return
    if isinstance(entry, dict) and all(isinstance(one, dict) for one in examples):
        yield from _differences_of_objects(examples, entry, path=path)
    else:
        yield from differences_of_shape(examples[0], entry, path=path)


def _differences_of_objects(examples: list[Any], answer: Any, *, path: str) -> Iterator[tuple[str, str]]:
    spelled = {name.casefold(): name for name in answer}
    for name in dict.fromkeys(name for example in examples for name in example):
        below = f"{path}.{name}".lstrip(".")
        values = [example[name] for example in examples if name in example]
        if name in answer:
            value = next((one for one in values if one is not None), None)
            yield from differences_of_shape(value, answer[name], path=below)
        elif name.casefold() in spelled:
            yield below, f"is spelled {spelled[name.casefold()]}"
        elif len(values) == len(examples):
            yield below, "is left out"


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "a truth value"
    if isinstance(value, (int, float)):
        return "a number"
    return {str: "a text", dict: "an object", list: "a list"}.get(type(value), "null")


def with_small_names(value: Any) -> Any:
    """The same JSON with names in small letters."""
    if isinstance(value, dict):
        return {name.casefold(): with_small_names(part) for name, part in value.items()}
    return [with_small_names(part) for part in value] if isinstance(value, list) else value


def filled(value: Any, fill: Mapping[str, str]) -> Any:
    """The same JSON with texts replaced, wherever they stand."""
    if isinstance(value, str):
        for old, new in fill.items():
            value = value.replace(old, new)
        return value
    if isinstance(value, dict):
        return {name: filled(part, fill) for name, part in value.items()}
    return [filled(part, fill) for part in value] if isinstance(value, list) else value


def without(value: Any, path: str) -> Any:
    """The same JSON without what a path such as items[].links.offer names; $ and a list's [] become empty."""
    if path == "$":
        return None
    name, _, rest = path.partition(".")
    key = name.removesuffix("[]")
    if not isinstance(value, dict) or key not in value:
        return value
    if not rest and name == key:
        return {other: part for other, part in value.items() if other != key}
    inside = value[key]
    if name == key:
        return value | {key: without(inside, rest)}
    return value | {key: [without(part, rest) for part in inside] if rest else []}
