"""Deliveries that one worker brings to their end in a second, and its calls to Microsoft over the smallest number.

Nothing goes wrong, and everything is accepted before the worker starts. Tokens are no calls here.
"""

from __future__ import annotations

import os

from bench import databases
from bench.rows import Row

NAMES = ("deliveries_per_second", "calls_per_delivery")
ORDERS, TENANTS, SEED = 300, 50, 1
_DATABASE = "bench_deliveries"
_WITHIN_SECONDS = 600.0


def measure() -> list[Row]:
    """The orders that a chaos run would make, all kinds of them but returns, in quiet."""
    with databases.migrated_database(_DATABASE):
        from tests.chaos.quiet import deliver_in_quiet  # noqa: PLC0415 - Django is set up only now

        quiet = deliver_in_quiet(
            seed=SEED,
            changes=ORDERS,
            tenants=TENANTS,
            environment=os.environ,
            folder=databases.CHECKOUT / "var" / "bench" / "deliveries",
            within_seconds=_WITHIN_SECONDS,
        )
    if quiet.wrong:
        raise RuntimeError(f"{quiet.wrong} things are wrong after deliveries with no faults.")
    rate, ratio = quiet.deliveries / quiet.seconds, quiet.calls / quiet.smallest
    note = f"{quiet.deliveries:,} deliveries of {quiet.orders} orders by one worker in {quiet.seconds:.1f} s, no faults"
    calls = (
        f"{quiet.calls:,} calls without tokens, {quiet.calls / quiet.deliveries:.1f} a delivery;"
        f" its writes take {quiet.smallest:,} at the least"
    )
    return [
        Row(name=NAMES[0], value=round(rate, 1), unit="1/s", note=note),
        Row(name=NAMES[1], value=round(ratio, 2), unit="1", ratio=round(ratio, 2), note=calls),
    ]
