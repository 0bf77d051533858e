"""States of a price sheet, and of each of its lines."""

from __future__ import annotations

from enum import StrEnum


class SheetState(StrEnum):
    """A price sheet waits for a decision, counts, or was thrown away."""

    DRAFT = "draft"
    APPLIED = "applied"
    DISCARDED = "discarded"


class CostChange(StrEnum):
    """What a line of a price sheet does to what we know: nothing (SAME, or PROBLEM, which has a sentence), or more."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    PROBLEM = "problem"
