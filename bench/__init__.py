"""Benchmarks: each module measures one thing and gives rows for `var/bench.json`."""

from __future__ import annotations
