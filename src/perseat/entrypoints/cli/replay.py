"""`perseat replay FILE`: pure arithmetic, no database; prints the documents that scenarios lead to as JSON."""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from perseat.entrypoints.cli.replay_input import InputNotReadable, one_line, parse
from perseat.entrypoints.cli.replay_life import replay
from perseat.entrypoints.cli.replay_scenario import Scenario, ScenarioNotUsable, read_scenario

_UNUSABLE = 2
_LONGEST_NAME = 60
_A_SHARE = 500  # scenarios that are worth a process of their own
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
    if not isinstance(given, list):
        return _answer(given, place="scenario")
    shares = [(first, given[first : first + _A_SHARE]) for first in range(0, len(given), _A_SHARE)]
    return f"[{', '.join(_answers_of_shares(shares))}]"


def _answers_of_shares(shares: Sequence[tuple[int, Sequence[object]]]) -> list[str]:
    """Each share's answers, in order; many shares are spread over the processors, since no scenario knows another.

    The first unusable scenario in the order of the file is the one that is told, however they are spread.
    """
    processes = min(len(os.sched_getaffinity(0)), len(shares))
    if processes < 2:
        return [_answers_of_share(share) for share in shares]
    with ProcessPoolExecutor(processes, initializer=gc.disable) as pool:
        return list(pool.map(_answers_of_share, shares))


def _answers_of_share(share: tuple[int, Sequence[object]]) -> str:
    first, given = share
    return ", ".join([_answer(item, place=f"scenario {place}") for place, item in enumerate(given, first)])


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
