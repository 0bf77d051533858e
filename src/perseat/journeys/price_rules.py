"""Markup rules and exchange rates: previewed, then entered with the prices that follow from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from perseat.capabilities.accounts.actions import record_audit
from perseat.capabilities.accounts.queries import require_staff
from perseat.capabilities.catalog.pricing import Proposal, lock_price_making
from perseat.capabilities.catalog.selling import (
    Justification,
    MarkupUnusable,
    NewMarkup,
    add_exchange_rate,
    add_markup,
    check_exchange_rate,
    check_markup,
)
from perseat.domain.calendar import is_day_of_business
from perseat.domain.price_making import Dated
from perseat.domain.rights import may_administer
from perseat.journeys.price_preview import PricePreview, make_prices, must_be_as_shown, preview_prices

_ACT = "keep the catalog"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRate:
    """How much of `target` one unit of `source` comes to, from a day on."""

    source: str
    target: str
    rate: Decimal
    starts_on: date


def preview_markup(new: NewMarkup, *, today: date) -> PricePreview:
    """What the rule would change. :raises MarkupUnusable: (catalog.selling) for one that could make no price."""
    check_markup(new)
    _not_before(new.rule.starts_on, today=today)
    rules = {(new.currency, new.includes_tax): [new.rule]}
    return preview_prices(proposal=Proposal(costs={}, rules=rules, rates={}), today=today)


def preview_rate(new: NewRate, *, today: date) -> PricePreview:
    """What the rate would change. :raises MarkupUnusable: (catalog.selling) for one that cannot be."""
    check_exchange_rate(new.source, target=new.target, rate=new.rate)
    _not_before(new.starts_on, today=today)
    rates = {(new.source, new.target): [Dated(starts_on=new.starts_on, value=new.rate)]}
    return preview_prices(proposal=Proposal(costs={}, rules={}, rates=rates), today=today)


@transaction.atomic
def enter_markup(new: NewMarkup, *, shown: str, reason: str, user_id: int, now: datetime, today: date) -> PricePreview:
    """Enter a rule and make the prices that follow; returns what was made.

    :raises NotAllowed: (accounts.queries) unless an administrator asks.
    :raises MarkupUnusable: (catalog.selling), PreviewOutdated: (journeys.price_preview).
    :raises PriceNeedsReason: (catalog.pricing) for prices on sale of nothing or below cost without a reason.
    """
    staff = require_staff(user_id, right=may_administer, act=_ACT)
    lock_price_making()
    preview = preview_markup(new, today=today)
    must_be_as_shown(preview, shown=shown)
    add_markup(new, entered_by=staff.email, now=now)
    make_prices(preview, justification=Justification(reason=reason, given_by=staff.email, given_at=now), today=today)
    rule = new.rule
    record_audit(
        "entered markup rule",
        actor=staff.email,
        object_label=f"{rule.edition_code or rule.group or 'all editions'} {rule.term}/{rule.cycle} {new.currency}",
        at=now,
        details={
            "kind": rule.kind.value, "value": str(rule.value), "step": str(rule.step), "ending": str(rule.ending),
            "from": str(rule.starts_on), "prices": len(preview.changes), "reason": reason if preview.flags else "",
        },
    )  # fmt: skip
    return preview


@transaction.atomic
def enter_rate(new: NewRate, *, shown: str, reason: str, user_id: int, now: datetime, today: date) -> PricePreview:
    """Enter an exchange rate and make the prices that follow; refused as `enter_markup` is."""
    staff = require_staff(user_id, right=may_administer, act=_ACT)
    lock_price_making()
    preview = preview_rate(new, today=today)
    must_be_as_shown(preview, shown=shown)
    add_exchange_rate(
        new.source, target=new.target, rate=new.rate, starts_on=new.starts_on, entered_by=staff.email, now=now
    )
    make_prices(preview, justification=Justification(reason=reason, given_by=staff.email, given_at=now), today=today)
    record_audit(
        "entered exchange rate",
        actor=staff.email,
        object_label=f"{new.source} to {new.target} from {new.starts_on}",
        at=now,
        details={"rate": str(new.rate), "prices": len(preview.changes), "reason": reason if preview.flags else ""},
    )
    return preview


def _not_before(day: date, *, today: date) -> None:
    if day < today:
        raise MarkupUnusable("starts_on", "From today on at the earliest: what was sold is sold.")
    if not is_day_of_business(day):
        raise MarkupUnusable("starts_on", f"Nothing is ever sold on {day}.")
