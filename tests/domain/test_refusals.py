"""What the rules refuse is said in a sentence that names the figure, and kept for whoever catches it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from tests.domain.services import START, billed, change, edition, monthly, service
from tests.domain.test_tax import charge

from perseat.domain.calendar import Period, Rhythm, RhythmNotUsable, UnknownZone, get_zone
from perseat.domain.checkout import NothingToSettle, settle_negative
from perseat.domain.money import (
    AmountNotExact,
    UnitPriceNotUsable,
    UnknownCurrency,
    charge_minor,
    get_currency,
    to_minor,
)
from perseat.domain.proration import CreditedBeyondBilled, SeatsNotBilled, credited_by_complement
from perseat.domain.quote import TaxRate
from perseat.domain.quoting import DayBeforeStart, EditionUnknown
from perseat.domain.renewal import HeldWithoutTerm, NotARenewalDay, quote_renewal
from perseat.domain.seats import SeatsNotCountable
from perseat.domain.tax import TaxRateNotUsable, TaxRateUnknown, document_totals, rate_on

AUD = get_currency("AUD")
BESIDE = "Rhythm(anchor=datetime.date(2026, 11, 15), anchor_day=16, cycle_months=1, term_cycles=1)"
FIRST_PERIOD = Period(START, date(2026, 12, 15))


def _free_of_tax(category: str) -> TaxRate:
    return TaxRate(category=category, rate=Decimal(0), starts_on=START)


REFUSALS: dict[str, tuple[type[Exception], str, dict[str, object], Callable[[], object]]] = {
    "an amount with too many decimals": (
        AmountNotExact,
        "7.005 is not an amount in AUD with at most 2 decimals.",
        {"amount": "7.005", "currency": AUD},
        lambda: to_minor("7.005", AUD),
    ),
    "an amount that is no number": (
        AmountNotExact,
        "seven is not an amount in AUD with at most 2 decimals.",
        {"amount": "seven", "currency": AUD},
        lambda: to_minor("seven", AUD),
    ),
    "an amount without end": (
        AmountNotExact,
        "Infinity is not an amount in AUD with at most 2 decimals.",
        {"amount": "Infinity", "currency": AUD},
        lambda: to_minor("Infinity", AUD),
    ),
    "a currency of the past": (
        UnknownCurrency,
        "'DEM' is not an active ISO 4217 currency code.",
        {"code": "DEM"},
        lambda: get_currency("DEM"),
    ),
    "a price below zero": (
        UnitPriceNotUsable,
        "A unit price is zero or more, with at most 8 decimals; not -0.01.",
        {"unit_price": Decimal("-0.01")},
        lambda: charge_minor(seats=1, unit_price=Decimal("-0.01"), days=1, period_days=30, currency=AUD),
    ),
    "a price with nine decimals": (
        UnitPriceNotUsable,
        "A unit price is zero or more, with at most 8 decimals; not 1E-9.",
        {"unit_price": Decimal("1E-9")},
        lambda: charge_minor(seats=1, unit_price=Decimal("1E-9"), days=1, period_days=30, currency=AUD),
    ),
    "a zone that nobody lives in": (
        UnknownZone,
        "'Europe/Atlantis' is not an IANA time zone.",
        {"zone_name": "Europe/Atlantis"},
        lambda: get_zone("Europe/Atlantis"),
    ),
    "an anchor beside its day": (
        RhythmNotUsable,
        f"No periods can be counted with {BESIDE}.",
        {},
        lambda: Rhythm(anchor=START, anchor_day=16, cycle_months=1, term_cycles=1),
    ),
    "a category without a rate": (
        TaxRateUnknown,
        "No tax rate is known for the category 'AE'.",
        {"category": "AE"},
        lambda: rate_on("AE", day=START, rates=[_free_of_tax("S")]),
    ),
    "a tax below zero": (
        TaxRateNotUsable,
        "A tax rate is a percentage of zero or more, not -19.",
        {"rate": Decimal(-19)},
        lambda: document_totals([charge(100, rate="-19")]),
    ),
    "a tax that is no number": (
        TaxRateNotUsable,
        "A tax rate is a percentage of zero or more, not NaN.",
        {},
        lambda: document_totals([charge(100, rate="NaN")]),
    ),
    "a tax without end": (
        TaxRateNotUsable,
        "A tax rate is a percentage of zero or more, not Infinity.",
        {"rate": Decimal("Infinity")},
        lambda: document_totals([charge(100, rate="Infinity")]),
    ),
    "settling what is owed": (
        NothingToSettle,
        "A total of 0 gives nothing back.",
        {"total_minor": 0},
        lambda: settle_negative(0, unpaid=[]),
    ),
    "more seats than anybody has": (
        SeatsNotCountable,
        "The seats of basic must be a whole number from 0 to 1,000,000, not 1000001.",
        {"edition": "basic", "seats": 1_000_001},
        lambda: change(service(), START, basic=1_000_001),
    ),
    "fewer seats than none": (
        SeatsNotCountable,
        "The seats of basic must be a whole number from 0 to 1,000,000, not -1.",
        {"edition": "basic", "seats": -1},
        lambda: change(service(), START, basic=-1),
    ),
    "an edition that is not sold": (
        EditionUnknown,
        "The service has no edition 'ultimate'.",
        {"edition": "ultimate"},
        lambda: change(service(), START, ultimate=1),
    ),
    "a change before the first day": (
        DayBeforeStart,
        "The service starts on 2026-11-15; 2026-11-14 is before it.",
        {"day": date(2026, 11, 14), "started_on": START},
        lambda: change(service(), date(2026, 11, 14), basic=1),
    ),
    "a renewal within a period": (
        NotARenewalDay,
        "No charge period begins on 2026-11-16: it is in the one from 2026-11-15 to 2026-12-15.",
        {"day": date(2026, 11, 16), "period": FIRST_PERIOD},
        lambda: quote_renewal(service(edition("basic", 5)), day=date(2026, 11, 16)),
    ),
    "seats of no term": (
        HeldWithoutTerm,
        "Seats of basic are held without a term.",
        {"edition": "basic"},
        lambda: quote_renewal(
            service(replace(edition("basic", 5), term_start=None)), day=monthly().anchor
        ),
    ),
    "seats given back that were not charged": (
        SeatsNotBilled,
        "3 seats of basic are given back that no charge of the running period covers.",
        {"edition": "basic", "seats": 3},
        lambda: change(service(edition("basic", 5, lines=(billed("basic", 2),))), START, basic=0),
    ),
    "more days given back than were charged": (
        CreditedBeyondBilled,
        "151 seat-days are given back of the line basic-0.",
        {"reference": "basic-0", "given_back_seat_days": 151},
        lambda: credited_by_complement(billed("basic", 5), given_back_seat_days=151),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSALS)
def test_a_refusal_says_in_a_sentence_what_was_wrong(case: str) -> None:
    refusal, sentence, kept, act = REFUSALS[case]

    with pytest.raises(refusal) as caught:
        act()

    assert str(caught.value) == sentence
    assert {name: getattr(caught.value, name) for name in kept} == kept
