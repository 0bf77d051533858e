"""A preview of prices as its table reads it."""

from __future__ import annotations

from perseat.capabilities.catalog.queries import PriceList
from perseat.entrypoints.backoffice.labels import CYCLES, TERMS, VERDICTS, price_list_label
from perseat.journeys.price_preview import PricePreview


def preview_context(preview: PricePreview) -> dict[str, object]:
    """The rows of new prices, and of those that need a reason."""
    return {
        "price_rows": [
            {
                "ground": ground,
                "terms": f"{TERMS[ground.term]}, {CYCLES[ground.cycle].lower()}",
                "prices": price_list_label(PriceList(currency=ground.currency, includes_tax=ground.includes_tax)),
                "change": change,
                "label": VERDICTS[change.margin.verdict][0],
                "tone": VERDICTS[change.margin.verdict][1],
            }
            for ground, change in preview.changes
        ],
        "flags": preview.flags,
    }
