"""What a change of totals means: rules 6 to 10 and 13, and the decrease policies."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.domain.services import START, after, billed, change, edition, service

from perseat.domain.proration import CreditedBeyondBilled, SeatsNotBilled, credited_by_complement
from perseat.domain.quote import (
    Batch,
    BilledCredit,
    Decrease,
    DecreasePolicy,
    DocumentKind,
    EditionUnknown,
    LineReason,
    SeatsNotCountable,
    ServiceState,
    TaxRate,
    Totals,
    Upgrade,
)
from perseat.domain.quoting import DayBeforeStart

DAY = date(2026, 11, 22)


def amounts(quoted: object) -> list[tuple[str, str, int]]:
    return [(line.edition, line.reason.value, line.amount_minor) for line in quoted.lines]  # type: ignore[attr-defined]


def test_the_first_purchase_covers_the_period_from_its_day() -> None:
    quoted = change(service(), START, basic=1)

    assert amounts(quoted) == [("basic", "new", 700)]
    assert quoted.totals is not None
    assert (quoted.totals.net_minor, quoted.totals.tax_minor, quoted.totals.total_minor) == (700, 70, 770)
    assert [charge.on for charge in quoted.recurring] == [date(2026, 12, 15)]


def test_more_seats_are_one_line_for_the_days_left() -> None:
    quoted = change(service(edition("basic", 1)), DAY, basic=4)

    [line] = quoted.lines
    assert (line.reason, line.seats, line.days, line.period_days) == (LineReason.ADDED, 3, 23, 30)
    assert line.amount_minor == 1610
    assert quoted.totals is not None
    assert quoted.totals.total_minor == 1771
    assert quoted.recurring[0].totals.total_minor == 3080


def test_what_is_typed_as_held_changes_nothing() -> None:
    quoted = change(service(edition("basic", 5)), DAY, basic=5)

    assert quoted.lines == ()
    assert quoted.totals is None
    assert quoted.outcomes[0].now == 5


def test_a_change_of_edition_credits_its_line_and_charges_its_own() -> None:
    quoted = change(service(edition("basic", 1)), DAY, basic=0, premium=1)

    assert amounts(quoted) == [("basic", "exchanged", -537), ("premium", "upgraded", 1687)]
    assert [(line.credits, line.partner) for line in quoted.lines] == [("basic-0", "premium"), (None, "basic")]
    assert quoted.upgrades == (Upgrade(source="basic", target="premium", seats=1),)
    assert quoted.decreases == ()
    assert quoted.totals is not None
    assert (quoted.totals.net_minor, quoted.totals.tax_minor) == (1150, 115)


def test_a_change_of_edition_works_in_mid_term_whatever_the_policy() -> None:
    basic = edition("basic", 5, policy=DecreasePolicy.RENEWAL)

    quoted = change(service(basic, term_cycles=12), DAY, basic=2, premium=1)

    assert amounts(quoted) == [("basic", "exchanged", -537), ("premium", "upgraded", 1687)]
    assert quoted.outcomes[0].now == 4
    assert (quoted.outcomes[0].planned, quoted.outcomes[0].planned_on) == (2, date(2027, 11, 15))


def test_seats_that_move_and_seats_that_end_are_told_apart() -> None:
    quoted = change(service(edition("basic", 5)), DAY, basic=2, premium=1)

    assert amounts(quoted) == [
        ("basic", "exchanged", -537),
        ("basic", "returned", -1073),
        ("premium", "upgraded", 1687),
    ]
    assert sum(line.amount_minor for line in quoted.lines[:2]) == -(3500 - 1890)


def test_without_a_path_one_edition_ends_and_another_begins() -> None:
    quoted = change(service(edition("basic", 1), upgrades=frozenset()), DAY, basic=0, premium=1)

    assert amounts(quoted) == [("basic", "returned", -537), ("premium", "new", 1687)]
    assert quoted.upgrades == ()


def test_the_newest_line_is_credited_first() -> None:
    lines = (billed("basic", 5), billed("basic", 3, start=DAY, order=1), billed("basic", 2, start=DAY, order=2))

    quoted = change(service(edition("basic", 10, lines=lines)), date(2026, 11, 27), basic=7)

    assert [(line.credits, line.seats) for line in quoted.lines] == [("basic-2", 2), ("basic-1", 1)]


def test_of_one_document_the_later_line_is_the_newer() -> None:
    first = billed("basic", 2)
    second = replace(first, reference="basic-0-later")

    quoted = change(service(edition("basic", 4, lines=(first, second))), DAY, basic=3)

    assert [line.credits for line in quoted.lines] == ["basic-0-later"]


def test_a_decrease_at_renewal_is_only_planned() -> None:
    quoted = change(service(edition("basic", 5, policy=DecreasePolicy.RENEWAL)), DAY, basic=3)

    assert quoted.totals is None
    assert quoted.decreases == (
        Decrease(edition="basic", seats=2, effective_on=date(2026, 12, 15), refund_minor=0, until=None),
    )
    assert quoted.recurring[0].totals.net_minor == 2100


@pytest.mark.parametrize(
    ("day", "credited", "scheduled"),
    [
        (date(2026, 11, 28), 2, 1),  # the last day of the younger seats' window is included
        (date(2026, 11, 29), 0, 3),  # the day after it is not
        (date(2026, 11, 21), 3, 0),  # on this day the older seats may still go
    ],
)
def test_a_window_credits_what_may_still_go_and_plans_the_rest(day: date, credited: int, scheduled: int) -> None:
    batches = (
        Batch(added_on=START, seats=5, returnable_through=date(2026, 11, 21)),
        Batch(added_on=date(2026, 11, 16), seats=4, returnable_through=None),  # gained by an upgrade
        Batch(added_on=date(2026, 11, 20), seats=2, returnable_through=date(2026, 11, 28)),
    )
    basic = edition("basic", 11, policy=DecreasePolicy.WINDOW, batches=batches, lines=(billed("basic", 11),))

    quoted = change(service(basic, term_cycles=12), day, basic=8)

    parts = [(part.seats, part.effective_on == day) for part in quoted.decreases]
    assert parts == [part for part in [(credited, True), (scheduled, False)] if part[0]]
    assert quoted.outcomes[0].now == 11 - credited
    assert quoted.outcomes[0].planned == (8 if scheduled else None)


def test_a_typed_total_replaces_the_plan_and_an_untyped_edition_keeps_it() -> None:
    planned = service(
        edition("basic", 5, policy=DecreasePolicy.RENEWAL, planned=2),
        edition("standard", 3, policy=DecreasePolicy.RENEWAL, planned=1),
    )

    quoted = change(planned, DAY, basic=5)

    assert [(outcome.edition, outcome.planned) for outcome in quoted.outcomes[:2]] == [
        ("basic", None),
        ("standard", 1),
    ]
    assert [(line.edition, line.seats) for line in quoted.recurring[0].lines] == [("basic", 5), ("standard", 1)]


def test_above_what_is_held_only_the_difference_is_charged_whatever_was_planned() -> None:
    planned = service(edition("basic", 5, policy=DecreasePolicy.RENEWAL, planned=2))

    quoted = change(planned, DAY, basic=6)

    assert [line.seats for line in quoted.lines] == [1]
    assert quoted.outcomes[0].planned is None


def test_recurring_says_what_comes_later_when_plans_prices_or_rates_change() -> None:
    basic = edition("basic", 5, policy=DecreasePolicy.RENEWAL, planned=2, renewal_price="8.00")
    standard = edition("standard", 1, term_start=date(2026, 12, 15))
    rates = (service().tax_rates[0], TaxRate(category="S", rate=Decimal(20), starts_on=date(2027, 1, 1)))

    quoted = change(service(basic, standard, term_cycles=3, tax_rates=rates), DAY, premium=1)

    assert [(charge.on, charge.totals.net_minor, charge.totals.tax_minor) for charge in quoted.recurring] == [
        (date(2026, 12, 15), 3500 + 1400 + 2200, 710),
        (date(2027, 1, 15), 3500 + 1400 + 2200, 1420),
        (date(2027, 2, 15), 1600 + 1400 + 2200, 1040),
    ]


def test_a_service_that_ends_later_says_from_when_it_costs_nothing() -> None:
    basic = edition("basic", 5, policy=DecreasePolicy.RENEWAL)

    quoted = change(service(basic, term_cycles=2), DAY, basic=0)

    assert [(charge.on, charge.totals.total_minor) for charge in quoted.recurring] == [
        (date(2026, 12, 15), 3850),
        (date(2027, 1, 15), 0),
    ]


def test_a_service_that_ends_today_has_no_next_charge() -> None:
    quoted = change(service(edition("basic", 5)), DAY, basic=0)

    assert quoted.recurring == ()
    assert quoted.totals is not None
    assert quoted.totals.kind is DocumentKind.CREDIT_NOTE


def test_going_up_again_on_the_day_undoes_the_days_credits_exactly() -> None:
    before = service(edition("basic", 5))
    fewer = change(before, DAY, basic=2)

    again = change(after(before, fewer), DAY, basic=5)

    assert amounts(again) == [("basic", "restored", 1610)]
    assert fewer.totals is not None
    assert again.totals is not None
    assert again.totals.total_minor == -fewer.totals.total_minor
    assert again.recurring == change(before, DAY).recurring


def test_undoing_a_part_and_then_the_rest_is_exact_too() -> None:
    before = service(edition("basic", 5))
    fewer = change(before, DAY, basic=1)
    middle = after(before, fewer)

    once = change(middle, DAY, basic=2)

    straight = change(before, DAY, basic=2)
    assert fewer.lines[0].amount_minor + once.lines[0].amount_minor == straight.lines[0].amount_minor


def test_more_than_the_days_credits_are_undone_first_and_then_added() -> None:
    before = service(edition("basic", 5))
    middle = after(before, change(before, DAY, basic=3))

    quoted = change(middle, DAY, basic=6)

    assert [(line.reason, line.seats) for line in quoted.lines] == [(LineReason.RESTORED, 2), (LineReason.ADDED, 1)]


def test_of_several_credits_the_last_is_undone_first() -> None:
    lines = (
        replace(billed("basic", 5), credited_seats=1, credited_seat_days=23, credited_minor=537,
                credits_of_the_day=(BilledCredit(reference="old", seats=1, seat_days=23, amount_minor=537),)),
        replace(billed("basic", 2, start=date(2026, 11, 20), order=1), credited_seats=2, credited_seat_days=46,
                credited_minor=1073,
                credits_of_the_day=(BilledCredit(reference="young", seats=2, seat_days=46, amount_minor=1073),)),
    )  # fmt: skip

    quoted = change(service(edition("basic", 4, lines=lines)), DAY, basic=6)

    assert [(line.restores, line.seats) for line in quoted.lines] == [("old", 1), ("young", 1)]


def test_an_upgrade_undone_on_its_day_comes_to_nothing() -> None:
    before = service(edition("basic", 1))
    up = change(before, DAY, basic=0, premium=1)

    back = change(after(before, up), DAY, basic=1, premium=0)

    assert amounts(back) == [("premium", "returned", -1687), ("basic", "restored", 537)]
    assert up.totals is not None
    assert back.totals is not None
    assert back.totals.total_minor == -up.totals.total_minor


three_totals = st.tuples(st.integers(0, 12), st.integers(0, 12), st.integers(0, 12))
a_day = st.integers(0, 29).map(lambda days: date.fromordinal(START.toordinal() + days))


@st.composite
def taxed_services(draw: st.DrawFn) -> ServiceState:
    """Basic and perhaps Standard, each billed on a document of its own, at some rate beside or within the price."""
    tax = TaxRate(
        category="S", rate=Decimal(draw(st.sampled_from(["0", "5.5", "10", "19", "33.333"]))), starts_on=START
    )
    editions = []
    for order, name in enumerate(["basic", "standard"]):
        seats = draw(st.integers(1 - order, 9))
        lines = (replace(billed(name, seats, order=order), tax_rate=tax.rate),) if seats else ()
        editions.append(edition(name, seats, lines=lines))
    return service(*editions, tax_rates=(tax,), prices_include_tax=draw(st.booleans()))


def totals_of(state: ServiceState, day: date, *path: tuple[int, int, int]) -> list[Totals]:
    """The documents of several checkouts of one day, one after the other."""
    documents = []
    for basic, standard, premium in path:
        quoted = change(state, day, basic=basic, standard=standard, premium=premium)
        if quoted.totals is not None:
            documents.append(quoted.totals)
            state = after(state, quoted)
    return documents


@settings(max_examples=300, deadline=None)
@given(day=a_day, before=taxed_services(), wanted=three_totals)
def test_whatever_is_undone_on_its_day_leaves_nothing(
    day: date, before: ServiceState, wanted: tuple[int, int, int]
) -> None:
    basic, standard, premium = (each.held for each in before.editions)

    documents = totals_of(before, day, wanted, (basic, standard, premium))

    assert sum(each.net_minor for each in documents) == 0
    assert sum(each.total_minor for each in documents) == 0


@settings(max_examples=300, deadline=None)
@given(before=taxed_services(), path=st.lists(three_totals, max_size=4))
def test_whatever_happened_on_the_first_day_ending_it_all_gives_all_back(
    before: ServiceState, path: list[tuple[int, int, int]]
) -> None:
    lines = [line for each in before.editions for line in each.billed]
    net = sum(line.amount_minor for line in lines)
    tax = sum(int(line.amount_minor * line.tax_rate / 100 + Decimal("0.5")) for line in lines)

    documents = totals_of(before, START, *path, (0, 0, 0))

    if before.prices_include_tax:
        assert sum(each.total_minor for each in documents) == -net
    else:
        assert sum(each.net_minor for each in documents) == -net
        # The tax of a document with credits and charges is that of its sum: docs/rules/tax.md, a rounding each.
        assert abs(sum(each.tax_minor for each in documents) + tax) <= len(path)


@settings(max_examples=200, deadline=None)
@given(days=st.tuples(st.integers(0, 29), st.integers(0, 29)), seats=st.integers(1, 1000))
def test_a_later_increase_never_costs_more_and_more_seats_never_cost_less(days: tuple[int, int], seats: int) -> None:
    early, late = (date.fromordinal(START.toordinal() + day) for day in sorted(days))
    now = service(edition("basic", 5))

    costs = [change(now, day, basic=5 + more).lines[0].amount_minor for day, more in
             [(late, seats), (early, seats), (early, seats + 1)]]  # fmt: skip

    assert costs == sorted(costs)


@settings(max_examples=150, deadline=None)
@given(amount=st.integers(0, 10**9), seats=st.integers(1, 500), data=st.data())
def test_used_and_credited_always_make_what_was_billed(amount: int, seats: int, data: st.DataObject) -> None:
    line = replace(billed("basic", seats), amount_minor=amount)
    total = seats * 30
    given_back = sorted(data.draw(st.lists(st.integers(0, total), max_size=8)))

    credited = [credited_by_complement(line, given_back_seat_days=back) for back in (0, *given_back, total)]

    assert credited[0] == 0
    assert credited[-1] == amount
    assert credited == sorted(credited)


@pytest.mark.parametrize("given_back", [-1, 151])
def test_more_than_a_line_covers_cannot_be_given_back(given_back: int) -> None:
    with pytest.raises(CreditedBeyondBilled):
        credited_by_complement(billed("basic", 5), given_back_seat_days=given_back)


def test_seats_that_were_never_charged_are_not_credited() -> None:
    with pytest.raises(SeatsNotBilled):
        change(service(edition("basic", 5, lines=())), DAY, basic=4)


@pytest.mark.parametrize("seats", [-1, 1_000_001, 1.0, True, "3", None])
def test_a_total_must_be_a_counting_number(seats: object) -> None:
    with pytest.raises(SeatsNotCountable):
        change(service(), DAY, basic=seats)  # type: ignore[arg-type]


def test_an_unknown_edition_is_refused() -> None:
    with pytest.raises(EditionUnknown):
        change(service(), DAY, gold=1)


def test_nothing_changes_before_the_first_day() -> None:
    with pytest.raises(DayBeforeStart):
        change(service(), date(2026, 11, 14), basic=1)


@pytest.mark.parametrize(
    ("bought", "renews"), [(date(2026, 12, 1), date(2027, 11, 15)), (date(2026, 12, 20), date(2027, 12, 15))]
)
def test_an_edition_bought_later_has_a_term_of_its_own(bought: date, renews: date) -> None:
    before = service(edition("basic", 1), edition("premium", policy=DecreasePolicy.RENEWAL), term_cycles=12)
    two = after(before, change(before, bought, premium=2))

    quoted = change(two, bought, premium=1)

    assert quoted.decreases[0].effective_on == renews
