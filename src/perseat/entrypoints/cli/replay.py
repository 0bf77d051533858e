"""`perseat replay FILE`: pure arithmetic, no database; prints the documents that scenarios lead to as JSON."""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from perseat.entrypoints.cli.replay_life import replay
from perseat.entrypoints.cli.replay_scenario import Scenario, ScenarioNotUsable, read_scenario

_UNUSABLE = 2
_USAGE = "Say which file: perseat replay FILE, or - for standard input."


class InputNotReadable(ValueError):
    """The file cannot be read, or is not JSON."""


def main(argv: Sequence[str]) -> int:
    """Replay the scenario, or the list of scenarios, in the file that `argv` names (`-`: standard input).

    0 when all was printed; 2 for unusable input, with one sentence on standard error and nothing printed.
    """
    try:
        with _no_search_for_cycles():
            answer = _answers(_parse(_read(argv)))
    except (InputNotReadable, ScenarioNotUsable) as refusal:
        print(refusal, file=sys.stderr)
        return _UNUSABLE
    print(answer)
    return 0


@contextmanager
def _no_search_for_cycles() -> Iterator[None]:
    """There are none, and thousands of scenarios would be searched for them again and again."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _answers(given: object) -> str:
    if isinstance(given, list):
        return f"[{', '.join([_answer(item, place=f'scenario {index}') for index, item in enumerate(given)])}]"
    return _answer(given, place="scenario")


def _answer(given: object, *, place: str) -> str:
    return json.dumps(replay(_scenario(given, place=place)))


def _scenario(given: object, *, place: str) -> Scenario:
    """The scenario, with its id, or its place in the list, before the name of a wrong field."""
    try:
        return read_scenario(given)
    except ScenarioNotUsable as refusal:
        known_as = given.get("id", place) if isinstance(given, dict) else place
        message = f"{known_as}: {refusal.field}"
        raise ScenarioNotUsable(message.replace("\n", " "), refusal.trouble) from refusal


def _read(argv: Sequence[str]) -> str:
    if len(argv) != 1:
        raise InputNotReadable(_USAGE)
    file_name = argv[0]
    try:
        if file_name == "-":
            return sys.stdin.buffer.read().decode()
        return Path(file_name).read_text(encoding="utf-8")
    except OSError as trouble:
        raise InputNotReadable(f"FILE: {file_name} cannot be read: {trouble.strerror}.") from trouble
    except UnicodeDecodeError as trouble:
        raise InputNotReadable(f"FILE: {file_name} is not UTF-8 text.") from trouble


def _parse(text: str) -> object:
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant, object_pairs_hook=_without_twins)
    except (json.JSONDecodeError, RecursionError) as trouble:
        raise InputNotReadable(f"FILE: the input is not JSON: {trouble}.") from trouble
    except ValueError as trouble:
        raise InputNotReadable(f"FILE: {trouble}") from trouble


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not a number that can be billed.")


def _without_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _ in pairs]
        twin = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the field {twin!r} is given twice.")
    return fields
