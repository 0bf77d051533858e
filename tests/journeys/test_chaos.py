"""A small chaos run: real workers, one of them killed, a fifth of all calls wrong in every way; all is delivered."""

from __future__ import annotations

from pathlib import Path

from tests.chaos.run import Plan, run_chaos

SEED = 7


def test_whatever_goes_wrong_on_the_way_everything_accepted_is_delivered_once(
    own_database: dict[str, str], tmp_path: Path
) -> None:
    plan = Plan(
        seed=SEED,
        changes=40,
        tenants=4,
        within_seconds=120,
        kill_every_seconds=4.0,
        kills_at_most=1,
        silent_seconds=4,
        time_runs=60,
    )

    report = run_chaos(plan, environment=own_database, folder=tmp_path)

    assert report.wrong.sentences == []
    assert report.wrong.total == 0
    assert report.retried_by_staff == []
    assert sum(report.accepted.values()) == 40
    assert sum(report.faults.values()) > 40
    assert report.killed >= 1
