"""Price sheets: received and read as a draft, previewed, then applied as a whole or discarded."""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import BinaryIO

from django.conf import settings
from django.db import transaction

from perseat.capabilities.accounts.actions import record_audit
from perseat.capabilities.accounts.queries import require_staff
from perseat.capabilities.catalog import sheets
from perseat.capabilities.catalog.models import Offer
from perseat.capabilities.catalog.pricing import Proposal, lock_price_making
from perseat.capabilities.catalog.selling import Justification, take_off_sale
from perseat.capabilities.catalog.sheets import EndedOffer, RowFacts, SheetView
from perseat.domain.price_sheets import CostChange, SheetState
from perseat.domain.rights import may_administer
from perseat.journeys.price_preview import PricePreview, make_prices, must_be_as_shown, preview_prices
from perseat.ports.outside import Outside
from perseat.ports.price_sheets import LeftOut, LineLeftOut, SheetLine, SheetUnreadable, UnusableLine

_ACT = "keep the catalog"
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetPreview:
    """What applying a sheet would do. `newer` and `same_file`: applied sheets that make one think twice.

    `ended`: what the sheet lacks; `ended_offers` counts those of our offers that are on sale.
    """

    sheet: SheetView
    prices: PricePreview
    ended: tuple[EndedOffer, ...]
    ended_offers: int
    newer: SheetView | None
    same_file: SheetView | None


def receive_sheet(content: BinaryIO, *, file_name: str, user_id: int, outside: Outside, now: datetime) -> int:
    """Read a sheet as a draft; returns its id. Lines that cannot be used are kept with their sentence.

    :raises NotAllowed: (accounts.queries) unless an administrator asks.
    :raises SheetUnreadable: (ports.price_sheets) for what is no price sheet, or none of our market.
    """
    staff = require_staff(user_id, right=may_administer, act=_ACT)
    market = settings.PERSEAT.provider_country
    reading = _Reading(market)
    return sheets.add_draft(
        reading.rows(outside.price_sheets.read(content, market=market)),
        market=market,
        file_name=file_name,
        sha256=_digest(content),
        left_out=reading.left_out,
        added_by=staff.email,
        now=now,
    )


def fetch_sheet(*, user_id: int, outside: Outside, now: datetime) -> int:
    """Get the sheet of our market from the supplier, and read it as a draft; returns its id.

    :raises Refused, Unanswered: (ports.failures) what the supplier said.
    """
    require_staff(user_id, right=may_administer, act=_ACT)
    market = settings.PERSEAT.provider_country
    with tempfile.TemporaryFile() as file:
        outside.price_sheets.fetch(market, into=file)
        file.seek(0)
        name = f"Partner Center, {market}, {now:%Y-%m-%d}"
        return receive_sheet(file, file_name=name, user_id=user_id, outside=outside, now=now)


def preview_sheet(sheet_id: int, *, today: date) -> SheetPreview:
    """What applying would do today; LookupError when there is no such sheet. A decided one does nothing more."""
    sheet = sheets.get_sheet(sheet_id)
    is_draft = sheet.state is SheetState.DRAFT
    ended = sheets.list_ended(sheet_id, market=sheet.market) if is_draft else ()
    costs = sheets.proposed_costs(sheet_id) if is_draft else {}
    return SheetPreview(
        sheet=sheet,
        prices=preview_prices(proposal=Proposal(costs=costs, rules={}, rates={}), today=today),
        ended=ended,
        ended_offers=len(_offers_of(ended)),
        newer=sheets.find_newer_sheet(sheet) if is_draft else None,
        same_file=sheets.find_same_file(sheet) if is_draft else None,
    )


@transaction.atomic
def apply_sheet(
    sheet_id: int, *, shown: str, reason: str, ends_what_it_lacks: bool, user_id: int, now: datetime, today: date
) -> PricePreview:
    """Take the sheet's costs over and make the prices that follow, all or nothing; returns what was made.

    `shown`: the fingerprint of the preview that was decided upon. `ends_what_it_lacks`: also take off sale what the
    sheet no longer has.

    :raises SheetDecided: (catalog.sheets) for one that was applied or discarded already.
    :raises PreviewOutdated: (journeys.price_preview) when the catalog has changed since.
    :raises PriceNeedsReason: (catalog.pricing) for prices on sale of nothing or below cost without a reason.
    """
    staff = require_staff(user_id, right=may_administer, act=_ACT)
    lock_price_making()
    sheet = sheets.lock_draft(sheet_id)
    preview = preview_prices(proposal=Proposal(costs=sheets.proposed_costs(sheet_id), rules={}, rates={}), today=today)
    must_be_as_shown(preview, shown=shown)
    ended = sheets.list_ended(sheet_id, market=sheet.market) if ends_what_it_lacks else ()
    sheets.keep_costs(sheet, ended_on=today if ends_what_it_lacks else None)
    taken_off = _take_off_sale(ended, sheet=sheet, actor=staff.email, now=now)
    make_prices(preview, justification=Justification(reason=reason, given_by=staff.email, given_at=now), today=today)
    sheets.decide_sheet(sheet, state=SheetState.APPLIED, decided_by=staff.email, now=now)
    record_audit(
        "applied price sheet",
        actor=staff.email,
        object_label=sheet.file_name,
        at=now,
        details={
            "sheet": sheet_id,
            "new_costs": sheet.counts[CostChange.NEW],
            "changed_costs": sheet.counts[CostChange.CHANGED],
            "prices": len(preview.changes),
            "taken_off_sale": taken_off,
            "reason": reason if preview.flags else "",
        },
    )
    return preview


@transaction.atomic
def discard_sheet(sheet_id: int, *, user_id: int, now: datetime) -> None:
    """Throw a draft away. :raises SheetDecided: (catalog.sheets) when it is none any more."""
    staff = require_staff(user_id, right=may_administer, act=_ACT)
    sheet = sheets.lock_draft(sheet_id)
    sheets.decide_sheet(sheet, state=SheetState.DISCARDED, decided_by=staff.email, now=now)
    record_audit("discarded price sheet", actor=staff.email, object_label=sheet.file_name, at=now)


class _Reading:
    """Passes usable and unusable lines on, and counts the others."""

    def __init__(self, market: str) -> None:
        self._market = market
        self._markets: Counter[str] = Counter()
        self.left_out: Counter[str] = Counter()

    def rows(self, lines: Iterator[SheetLine | UnusableLine | LineLeftOut]) -> Iterator[RowFacts]:
        has_ours = False
        for line in lines:
            if isinstance(line, LineLeftOut):
                self.left_out[line.why.value] += 1
                if line.why is LeftOut.OTHER_MARKET:
                    self._markets[line.market] += 1
                continue
            has_ours = True
            yield _facts(line)
        if not has_ours:
            raise SheetUnreadable(self._nothing_of_ours())

    def _nothing_of_ours(self) -> str:
        if self._markets:
            names = ", ".join(sorted(self._markets)[:5])
            return f"This sheet is for {names}; you sell in {self._market}. Download the sheet of that market."
        return f"No line of this sheet sells seats to companies in {self._market}."


def _facts(line: SheetLine | UnusableLine) -> RowFacts:
    if isinstance(line, UnusableLine):
        return RowFacts(line=line.line, title=line.title, problem=line.sentence)
    return RowFacts(
        line=line.line,
        title=line.title,
        product_id=line.product_id,
        sku_id=line.sku_id,
        term=line.term,
        cycle=line.cycle,
        currency=line.currency,
        unit_cost=line.unit_cost,
        list_price=line.list_price,
        starts_on=line.starts_on,
        ends_on=line.ends_on,
    )


def _digest(content: BinaryIO) -> str:
    content.seek(0)
    digest = hashlib.sha256()
    while piece := content.read(_PIECE):
        digest.update(piece)
    content.seek(0)
    return digest.hexdigest()


def _offers_of(ended: tuple[EndedOffer, ...]) -> list[Offer]:
    keys = {(each.product_id, each.sku_id, each.term, each.cycle) for each in ended}
    products = {key[0] for key in keys}
    on_sale = Offer.objects.filter(is_on_sale=True, edition__supplier_product_id__in=products)
    return [
        offer
        for offer in on_sale.select_related("edition").order_by("pk")
        if (offer.edition.supplier_product_id, offer.edition.supplier_sku_id, offer.term, offer.cycle) in keys
    ]


def _take_off_sale(ended: tuple[EndedOffer, ...], *, sheet: SheetView, actor: str, now: datetime) -> int:
    offers = _offers_of(ended)
    for offer in offers:
        take_off_sale(offer.pk)
        why = f"Not on the price sheet {sheet.file_name}."
        record_audit("took off sale", actor=actor, object_label=str(offer), at=now, details={"reason": why})
    return len(offers)
