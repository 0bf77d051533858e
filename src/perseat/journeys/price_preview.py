"""What a change would do to our prices, shown before and made exactly so: for sheets, rules and rates alike."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from perseat.capabilities.catalog.pricing import (
    NOTHING_NEW,
    OfferGround,
    PriceFlag,
    Proposal,
    find_flags,
    list_grounds,
    save_prices,
)
from perseat.capabilities.catalog.selling import Justification, check_prices
from perseat.domain.price_making import Cost, PriceChange


class PreviewOutdated(Exception):
    """Somebody changed the catalog since the preview was shown: what would be made now is something else."""

    def __init__(self) -> None:
        super().__init__("The catalog has changed since you looked. Look at the preview again, then decide.")


@dataclass(frozen=True, slots=True, kw_only=True)
class PricePreview:
    """The prices to be made, and what would be on sale for nothing or below cost. `fingerprint` names all of it."""

    changes: tuple[tuple[OfferGround, PriceChange], ...]
    flags: tuple[PriceFlag, ...]
    fingerprint: str


def preview_prices(*, proposal: Proposal, today: date) -> PricePreview:
    """What the proposal would do, as of today."""
    before = {(each.offer_id, each.currency, each.includes_tax): each.ground.costs for each in list_grounds()}
    grounds = list_grounds(proposal=proposal)
    changes: list[tuple[OfferGround, PriceChange]] = []
    after: list[OfferGround] = []
    for each in grounds:
        known: Sequence[Cost] = before.get((each.offer_id, each.currency, each.includes_tax), ())
        planned = each.plan(before=known, today=today)
        changes.extend((each, change) for change in planned)
        after.append(each.with_changes(planned))
    flags = find_flags(after, today=today)
    return PricePreview(changes=tuple(changes), flags=flags, fingerprint=_fingerprint(changes, flags=flags))


def must_be_as_shown(preview: PricePreview, *, shown: str) -> None:
    """:raises PreviewOutdated: when the preview that was decided upon is not the present one."""
    if preview.fingerprint != shown:
        raise PreviewOutdated


def make_prices(preview: PricePreview, *, justification: Justification, today: date) -> None:
    """Write the previewed prices, once that from which they follow is in the tables.

    :raises PriceNeedsReason: (catalog.pricing) for prices of nothing or below cost without a reason.
    """
    save_prices(preview.changes, now=justification.given_at)
    check_prices(list_grounds(), justification=justification, today=today)


def preview_of_nothing(*, today: date) -> PricePreview:
    """What the rules would change without anything new; empty while the catalog follows them."""
    return preview_prices(proposal=NOTHING_NEW, today=today)


def _fingerprint(changes: Sequence[tuple[OfferGround, PriceChange]], *, flags: Sequence[PriceFlag]) -> str:
    digest = hashlib.sha256()
    for ground, change in changes:
        figures = (ground.offer_id, ground.currency, ground.includes_tax, change.starts_on, change.old_price)
        digest.update(repr((figures, change.new_price, change.new_cost)).encode())
    for flag in flags:
        figures = (flag.offer_id, flag.currency, flag.includes_tax, flag.starts_on, flag.unit_price)
        digest.update(repr((figures, flag.unit_cost)).encode())
    return digest.hexdigest()
