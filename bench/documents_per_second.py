"""How many documents one core prints in a second: PDF/A-3 with the EN 16931 XML in it, from what was issued."""

from __future__ import annotations

import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

from bench.rows import Row

LIMIT = 50
COUNT = 200
ROUNDS = 3


def measure() -> list[Row]:
    """The best of a few rounds of invoices of three lines and two rates, no two alike; queries are not in it."""
    # A process of its own: it keeps to one core, and sets Django up without a database.
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as apart:
        best = max(apart.submit(_rounds).result())
    note = f"3 lines, 2 rates; words, XML, PDF/A-3b and its metadata; wall time on one core, best of {ROUNDS} rounds"
    return [Row(name="documents_per_second", value=round(best, 1), unit="1/s", limit=LIMIT, note=note)]


def _rounds() -> list[float]:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    os.environ["DJANGO_SETTINGS_MODULE"] = "perseat.config.settings"
    import django  # noqa: PLC0415 - in this process only

    django.setup()
    return [_round(COUNT * number) for number in range(ROUNDS)]


def _round(first: int) -> float:
    from tests.documents import charge, document  # noqa: PLC0415 - Django is set up only now

    from perseat.integrations.factur_x.writer import FacturXWriter  # noqa: PLC0415
    from perseat.integrations.typst.renderer import TypstRenderer  # noqa: PLC0415
    from perseat.journeys.electronic_invoicing import electronic_invoice  # noqa: PLC0415
    from perseat.journeys.printing import printed  # noqa: PLC0415

    issued = document(charge(3, days=23), charge(1, price="30.00", edition="premium"), charge(2, rate="5.5"))
    renderer, writer = TypstRenderer(), FacturXWriter()
    renderer.render(printed(issued))  # fonts are read once
    begun = time.perf_counter()
    for index in range(COUNT):
        view = replace(issued, number=f"INV-{first + index:06d}")
        pdf = renderer.render(printed(view), attached=writer.write(electronic_invoice(view)))
        assert b"<fx:ConformanceLevel>EN 16931</fx:ConformanceLevel>" in pdf
    return COUNT / (time.perf_counter() - begun)
