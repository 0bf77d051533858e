"""Offers: an edition taken from a price sheet into the catalog, put on sale and off it, and prices by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db import transaction

from perseat.capabilities.accounts.actions import record_audit
from perseat.capabilities.accounts.queries import require_staff
from perseat.capabilities.catalog.actions import add_edition, add_offer, allow_upgrade, set_price
from perseat.capabilities.catalog.models import Edition, Offer
from perseat.capabilities.catalog.pricing import NOTHING_NEW, lock_price_making
from perseat.capabilities.catalog.selling import Justification, put_on_sale, take_off_sale
from perseat.domain.rights import may_administer
from perseat.journeys.price_preview import make_prices, preview_prices
from perseat.ports.failures import OutsideFailure
from perseat.ports.outside import Outside
from perseat.ports.price_sheets import SupplierEdition

_ACT = "keep the catalog"


class EditionUnusable(ValueError):
    """An edition that cannot be added. `field` names what was wrong, the text says it in a sentence."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEdition:
    """What staff decided of an edition that the supplier sells; `offers` are (term, cycle, policy)."""

    code: str
    name: str
    summary: str
    group: str
    product_id: str
    sku_id: str
    directory_sku_id: UUID
    maximum_seats: int
    tax_category: str
    offers: Sequence[tuple[str, str, str]]


def ask_about_edition(product_id: str, *, sku_id: str, outside: Outside) -> SupplierEdition | str:
    """What the supplier's catalog says of an edition, or in a sentence why it does not."""
    try:
        return outside.price_sheets.get_edition(product_id, sku_id=sku_id, market=settings.PERSEAT.provider_country)
    except OutsideFailure as failure:
        return str(failure)


@transaction.atomic
def add_to_catalog(
    new: NewEdition, *, upgrades_to: Sequence[tuple[str, str]], user_id: int, now: datetime, today: date
) -> int:
    """Add an edition with its offers, not on sale yet, and the prices that the rules make; returns its id.

    `upgrades_to`: product and SKU ids; upgrade paths are made to and from those that the catalog has.

    :raises NotAllowed: (accounts.queries) unless an administrator asks.
    :raises EditionUnusable: for an edition that the catalog has already, or a code that is taken.
    """
    staff = require_staff(user_id, right=may_administer, act=_ACT)
    lock_price_making()
    _check_is_new(new)
    last = Edition.objects.order_by("-position").values_list("position", flat=True).first() or 0
    edition_id = add_edition(
        new.code,
        name=new.name,
        former_names="",
        summary=new.summary,
        directory_sku_id=new.directory_sku_id,
        supplier_product_id=new.product_id,
        supplier_sku_id=new.sku_id,
        position=last + 1,
        maximum_seats=new.maximum_seats,
        tax_category=new.tax_category,
    )
    Edition.objects.filter(pk=edition_id).update(group=new.group)
    for term, cycle, policy in new.offers:
        add_offer(new.code, term=term, cycle=cycle, policy=policy, is_on_sale=False)
    for product_id, sku_id in upgrades_to:
        target = Edition.objects.filter(supplier_product_id=product_id, supplier_sku_id=sku_id).first()
        if target is not None and target.pk != edition_id:
            allow_upgrade(new.code, target_code=target.code)
    preview = preview_prices(proposal=NOTHING_NEW, today=today)
    make_prices(preview, justification=Justification(reason="", given_by=staff.email, given_at=now), today=today)
    record_audit(
        "added to catalog",
        actor=staff.email,
        object_label=new.name,
        at=now,
        details={"offers": ["/".join(each) for each in new.offers], "prices": len(preview.changes)},
    )
    return edition_id


@transaction.atomic
def sell_offer(offer_id: int, *, reason: str, user_id: int, now: datetime, today: date) -> None:
    """Put an offer on sale; LookupError when there is none.

    :raises OfferHasNoPrice, PriceNeedsReason: (catalog.selling, catalog.pricing)
    """
    staff = require_staff(user_id, right=may_administer, act=_ACT)
    lock_price_making()
    offer = _offer(offer_id)
    put_on_sale(offer_id, justification=Justification(reason=reason, given_by=staff.email, given_at=now), today=today)
    record_audit("put on sale", actor=staff.email, object_label=str(offer), at=now, details={"reason": reason})


@transaction.atomic
def stop_selling_offer(offer_id: int, *, reason: str, user_id: int, now: datetime) -> None:
    """Take an offer off sale, with the reason; who has it keeps it. LookupError when there is none."""
    staff = require_staff(user_id, right=may_administer, act=_ACT)
    lock_price_making()
    offer = _offer(offer_id)
    take_off_sale(offer_id)
    record_audit("took off sale", actor=staff.email, object_label=str(offer), at=now, details={"reason": reason})


@transaction.atomic
def enter_price(
    offer_id: int,
    *,
    currency: str,
    includes_tax: bool,
    unit_price: Decimal,
    starts_on: date,
    reason: str,
    user_id: int,
    now: datetime,
) -> None:
    """A price by hand from a day on; a rule that makes another one there replaces it at the next change.

    :raises UnitPriceNotUsable, UnknownCurrency: (perseat.domain.money)
    :raises PriceNeedsReason: (catalog.pricing) for nothing or below cost on sale without a reason.
    """
    staff = require_staff(user_id, right=may_administer, act=_ACT)
    lock_price_making()
    offer = _offer(offer_id)
    set_price(
        offer_id,
        currency=currency,
        unit_price=unit_price,
        starts_on=starts_on,
        now=now,
        includes_tax=includes_tax,
        justification=Justification(reason=reason, given_by=staff.email, given_at=now),
    )
    record_audit(
        "entered price",
        actor=staff.email,
        object_label=str(offer),
        at=now,
        details={"price": f"{unit_price} {currency}", "from": str(starts_on), "reason": reason},
    )


def _offer(offer_id: int) -> Offer:
    offer = Offer.objects.select_related("edition").filter(pk=offer_id).first()
    if offer is None:
        raise LookupError(offer_id)
    return offer


def _check_is_new(new: NewEdition) -> None:
    if Edition.objects.filter(code=new.code).exists():
        raise EditionUnusable("code", "Another edition has this code.")
    if Edition.objects.filter(directory_sku_id=new.directory_sku_id).exists():
        raise EditionUnusable("directory_sku_id", "The catalog has the edition with this id already.")
    if Edition.objects.filter(supplier_product_id=new.product_id, supplier_sku_id=new.sku_id).exists():
        raise EditionUnusable("code", "The catalog has this edition already.")
    if not new.offers:
        raise EditionUnusable("offers", "Choose at least one term.")
