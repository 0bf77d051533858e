"""Settings, addresses and processes: puts everything together; imported by nothing."""

from __future__ import annotations
