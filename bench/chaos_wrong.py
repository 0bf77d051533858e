"""What is wrong after a chaos run: random changes are accepted while a fifth of all calls go wrong, in every way there
is, and one of two workers is killed every five seconds.

`SEED=` repeats a run, `CHANGES=` and `TENANTS=` make a smaller one.
"""

from __future__ import annotations

import os
import secrets
import sys

from bench import databases
from bench.rows import Row

CHANGES, TENANTS = 2_000, 50
_DATABASE = "bench_chaos"
_WITHIN_SECONDS = 900.0
_TOLD = 20


def measure() -> list[Row]:
    """Seats twice or lost, orders not at their end, people without a license or elsewhere, plans, books: all of it."""
    seed = int(os.environ.get("SEED") or secrets.randbelow(1_000_000))
    with databases.migrated_database(_DATABASE):
        from tests.chaos.run import Plan, run_chaos  # noqa: PLC0415 - Django is set up only now

        plan = Plan(
            seed=seed,
            changes=int(os.environ.get("CHANGES") or CHANGES),
            tenants=int(os.environ.get("TENANTS") or TENANTS),
            within_seconds=_WITHIN_SECONDS,
        )
        report = run_chaos(plan, environment=os.environ, folder=databases.CHECKOUT / "var" / "bench" / "chaos")
    for sentence in report.wrong.sentences[:_TOLD]:
        print(f"  {sentence}", file=sys.stderr)
    for sentence in report.retried_by_staff[:_TOLD]:
        print(f"  staff retried {sentence}", file=sys.stderr)
    counts = ", ".join(f"{count} {what}" for what, count in report.wrong.counts.items())
    note = (
        f"{sum(report.accepted.values()):,} changes at {plan.tenants} tenants in {report.seconds:.0f} s,"
        f" {sum(report.faults.values()):,} faults of {len(report.faults)} kinds, {report.killed} workers killed,"
        f" {len(report.retried_by_staff)} retried by staff, {report.wrong.kept_until_renewal} seats kept by Microsoft"
        f" until the renewal; {counts}; seed {seed}"
    )
    return [Row(name="chaos_wrong", value=report.wrong.total, unit="wrongs", limit=0, note=note)]
