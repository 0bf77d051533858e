"""Quote inputs: what a quote rested on, kept with it as JSON, so that the audit can decide it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from perseat.domain.quote import ServiceState


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteInputs:
    """The arguments of `quote_change` beside the day."""

    state: ServiceState
    wanted: Mapping[str, int]


_INPUTS = TypeAdapter(QuoteInputs)


def dump_inputs(state: ServiceState, *, wanted: Mapping[str, int]) -> Any:
    """As JSON; decimals keep their digits."""
    return _INPUTS.dump_python(QuoteInputs(state=state, wanted=dict(wanted)), mode="json")


def read_inputs(kept: Any) -> QuoteInputs:
    """What was kept. :raises ValueError: when it is not what `dump_inputs` gave."""
    return _INPUTS.validate_python(kept)
