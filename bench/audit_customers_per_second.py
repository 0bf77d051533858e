"""How many customers the nightly audit reads, recomputes and compares in a second of one core."""

from __future__ import annotations

import time
from datetime import date

from bench import databases
from bench.rows import Row

CUSTOMERS = 160
ROUNDS = 3


def measure() -> list[Row]:
    """Customers with three invoices and a credit note each, made by the journeys; the best of a few rounds.

    Without a limit: most of it is reading, whose pace is the machine's. That the number of queries does not grow with
    the customers is seen to by a test.
    """
    with databases.migrated_database("bench_audit"):
        from tests.makers import moment  # noqa: PLC0415

        from perseat.journeys.audit import audit_everything  # noqa: PLC0415 - Django is set up only now

        for number in range(CUSTOMERS):
            _life(number)
        best = 0.0
        for _round in range(ROUNDS):
            begun = time.process_time()
            assert not list(audit_everything(now=moment(date(2026, 12, 20))))
            best = max(best, CUSTOMERS / (time.process_time() - begun))
    note = f"{CUSTOMERS} customers with 4 documents each; processor time of the program alone, best of {ROUNDS} rounds"
    return [Row(name="audit_customers_per_second", value=round(best), unit="1/s", note=note)]


def _life(number: int) -> None:
    from tests.journeys.cast import begin  # noqa: PLC0415

    story = begin({"basic": 5 + number % 7})
    story.buy("2026-11-20", {"basic": 3, "premium": 2})
    story.buy("2026-11-25", {"basic": 1, "premium": 2})
    story.renew("2026-12-15")
