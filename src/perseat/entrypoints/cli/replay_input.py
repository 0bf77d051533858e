"""The text that `perseat replay` is given: JSON whose numbers stay exact, and how a refusal quotes its values."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

_LONGEST_QUOTE = 40
_LONGEST_SENTENCE = 400


class InputNotReadable(ValueError):
    """The file cannot be read, or is not JSON."""


@dataclass(frozen=True, slots=True)
class NotANumber:
    """NaN, an infinity, or a number of too many digits: no field takes it, so the field that has it is named."""

    text: str

    def __str__(self) -> str:
        return self.text


def parse(text: str) -> object:
    """The JSON value; numbers with a point as Decimal.

    :raises InputNotReadable: for what is no JSON, is nested too deeply, or names a field twice.
    """
    if not text.strip():
        raise InputNotReadable("FILE: the input is empty.")
    try:
        return json.loads(
            text,
            parse_int=_whole,
            parse_float=_exact,
            parse_constant=NotANumber,
            object_pairs_hook=_without_twins,
        )
    except json.JSONDecodeError as trouble:
        raise InputNotReadable(f"FILE: the input is not JSON: {trouble}.") from trouble
    except RecursionError as trouble:
        raise InputNotReadable("FILE: the input is nested too deeply.") from trouble


def told(given: object) -> str:
    """A value of the input as a sentence quotes it: short, on one line, in the words of JSON."""
    if given is None or isinstance(given, bool):
        return json.dumps(given)
    if isinstance(given, dict | list):  # may be nested too deeply to be shown
        return "an object" if isinstance(given, dict) else "a list"
    text = str(given)
    shown = repr(text[:_LONGEST_QUOTE]) if isinstance(given, str) else text[:_LONGEST_QUOTE]
    return shown if len(text) <= _LONGEST_QUOTE else f"{shown}…"


def one_line(sentence: str) -> str:
    """The sentence with whatever does not print escaped; names of fields may hold anything. A very long one is cut."""
    text = sentence if len(sentence) <= _LONGEST_SENTENCE else f"{sentence[:_LONGEST_SENTENCE]}…"
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


def _whole(text: str) -> int | NotANumber:
    try:
        return int(text)
    except ValueError:  # more digits than Python reads
        return NotANumber(text)


def _exact(text: str) -> Decimal | NotANumber:
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent beyond what Decimal holds
        return NotANumber(text)


def _without_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        twin, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise InputNotReadable(f"FILE: the field {told(twin)} is given twice.")
    return fields
