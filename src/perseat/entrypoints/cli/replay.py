"""`perseat replay FILE`: pure arithmetic, no database; prints the documents that scenarios lead to as JSON."""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from perseat.entrypoints.cli.replay_input import InputNotReadable, one_line, parse
from perseat.entrypoints.cli.replay_life import replay
from perseat.entrypoints.cli.replay_scenario import Scenario, ScenarioNotUsable, read_scenario

_UNUSABLE = 2
_LONGEST_NAME = 60
_USAGE = "Say which file: perseat replay FILE, or - for standard input."


def main(argv: Sequence[str]) -> int:
    """Replay the scenario, or the list of scenarios, in the file that `argv` names (`-`: standard input).

    0 when all was printed; 2 for unusable input, with one sentence on standard error and nothing printed.
    """
    try:
        with _no_search_for_cycles():
            answer = _answers(parse(_read(argv)))
    except (InputNotReadable, ScenarioNotUsable) as refusal:
        print(one_line(str(refusal)), file=sys.stderr)
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
        name = given.get("id") if isinstance(given, dict) else None
        known_as = str(name)[:_LONGEST_NAME] if isinstance(name, str) or type(name) is int else place
        raise ScenarioNotUsable(f"{known_as}: {refusal.field}", refusal.trouble) from refusal


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
