"""Figures: what pages, e-mails and the API show of quotes and documents, as frozen values.

Amounts are whole minor units of the `currency` beside them, with the document's sign (credits are negative).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from perseat.capabilities.invoicing.explaining import Explanation
from perseat.domain.quote import DocumentKind, LineKind, LineReason


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFigure:
    """One line with its arithmetic, in words and in parts.

    `text`: the line in words. `arithmetic`: "3 × A$ 9.00 × 23 of 30 days", or how the credit was found. `last_day` is
    included, `end` is not. `credits_number`: number of the document whose line is credited (or restored).
    `explanation`: the arithmetic step by step; None only in what was stored before there was one.
    """

    number: int
    kind: LineKind
    reason: LineReason
    edition: str
    edition_name: str
    partner_name: str
    text: str
    arithmetic: str
    seats: int
    start: date
    end: date
    last_day: date
    days: int
    period_days: int
    unit_price: Decimal
    amount_minor: int
    tax_category: str
    tax_rate: Decimal
    credits_number: str = ""
    explanation: Explanation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxFigure:
    """Tax of one (category, rate); `label` is the tax's name (GST, VAT)."""

    label: str
    category: str
    rate: Decimal
    net_minor: int
    tax_minor: int
    explanation: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecurringFigure:
    """The renewal document known today for one day; `end` is not included. Without lines: nothing from that day.

    `arithmetic`: how the total comes about, as a formula.
    """

    on: date
    start: date
    end: date
    lines: tuple[LineFigure, ...]
    net_minor: int
    tax_minor: int
    total_minor: int
    taxes: tuple[TaxFigure, ...] = ()
    arithmetic: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnableFigure:
    """Seats of an edition that are refunded when they are given back by `until` (a local day, included)."""

    seats: int
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionFigure:
    """One row of the options page: what is held and planned, what was typed, and what becomes of it.

    `wanted`: the total typed (or, for an edition not typed, what it comes to). `now`: held from today.
    `planned_after`: the total from `planned_on` after this change, None without a plan. `difference`: wanted − held.
    `returnable`: what could be given back for a refund, before anything is typed. `plan_changeable_until`: the moment
    (not included) until which `planned` can be changed, None without a plan.
    """

    code: str
    name: str
    former_names: str
    summary: str
    maximum_seats: int
    unit_price: Decimal
    held: int
    planned: int | None
    renews_on: date | None
    wanted: int
    now: int
    planned_after: int | None
    planned_on: date | None
    difference: int
    policy: str = ""
    returnable: tuple[ReturnableFigure, ...] = ()
    plan_changeable_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecreaseFigure:
    """A part of a decrease: credited today (`refund_minor` > 0, as on its lines), or scheduled for `effective_on`.

    `refund_total_minor`: the refund with its tax; None in quotes of old. `until`: the last day on which it could be
    refunded, None when any day would do or none does. `changeable_until`: of a scheduled part, the moment (not
    included) until which the plan can be changed.
    """

    edition: str
    edition_name: str
    seats: int
    effective_on: date
    refund_minor: int
    until: date | None
    is_scheduled: bool
    refund_total_minor: int | None = None
    changeable_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpgradeFigure:
    """Seats that move from one edition to another; it cannot be undone at the supplier."""

    source: str
    source_name: str
    target: str
    target_name: str
    seats: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteFigures:
    """All figures of one quote (rule 14). `due_today_minor` = net + tax; when above zero it is from_balance + to_pay.

    `kind` is None when there is no document: nothing is due and nothing credited. `recurring`: the next renewal first,
    then those that differ. `recurring_total_minor` is the first one's total (0 when there is none).
    `period_start`, `period_end` (not included): the charge period of the day. `credit_waits`: it only gives seats back,
    and the credit note is issued when the supplier has taken them. `prices_include_tax`: unit prices and the amounts of
    lines have the tax in them; net and tax are parts of their sum. `due_arithmetic`, `pay_arithmetic`: how what is due
    and what is to pay come about, as formulas.
    """

    day: date
    currency: str
    kind: DocumentKind | None
    period_start: date
    period_end: date
    editions: tuple[EditionFigure, ...]
    lines: tuple[LineFigure, ...]
    taxes: tuple[TaxFigure, ...]
    net_minor: int
    tax_minor: int
    due_today_minor: int
    from_balance_minor: int
    to_pay_minor: int
    recurring_total_minor: int
    next_charge_on: date | None
    recurring: tuple[RecurringFigure, ...]
    decreases: tuple[DecreaseFigure, ...]
    upgrades: tuple[UpgradeFigure, ...]
    prices_include_tax: bool
    credit_waits: bool
    due_arithmetic: str = ""
    pay_arithmetic: str = ""
