"""Which acts make an order true, and what to say to the supplier next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perseat.domain.delivery_plan import (
    Exchange,
    NamedPerson,
    NextMove,
    PlannedDelivery,
    SeatChange,
    Step,
    SuppliedSeats,
    SupplierMove,
    is_only_planned,
    is_worth_asking,
    next_move,
    plan_deliveries,
    retry_delay,
)
from perseat.domain.fulfillment import DeliveryAct


def change(edition: str, before: int, now: int, *, planned: int | None = None, is_bought: bool = True) -> SeatChange:
    return SeatChange(edition=edition, seats_before=before, seats_now=now, planned_seats=planned, is_bought=is_bought)


def acts(*changes: SeatChange, exchanges: tuple[Exchange, ...] = (), people: tuple[NamedPerson, ...] = ()) -> list[str]:
    plan = plan_deliveries(changes, exchanges=exchanges, people=people)
    return [f"{each.step.value} {each.act.value} {each.edition} {each.seats}" for each in plan]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([change("basic", 1, 4)], ["1 set_seats basic 4"]),
        ([change("basic", 0, 2, is_bought=False)], ["1 buy basic 2"]),
        ([change("basic", 4, 1)], ["3 set_seats basic 1"]),
        ([change("basic", 4, 0)], ["3 end basic 0"]),
        # A plan for the renewal is told to the supplier last, also when seats change today.
        ([change("basic", 4, 4, planned=1)], ["3 plan_renewal basic 1"]),
        ([change("basic", 4, 3, planned=1)], ["3 set_seats basic 3", "3 plan_renewal basic 1"]),
        # Nothing changes: nothing is asked.
        ([change("basic", 4, 4)], []),
        # Increases come before decreases, whatever the order of the lines.
        ([change("basic", 4, 1), change("premium", 1, 3)], ["1 set_seats premium 3", "3 set_seats basic 1"]),
    ],
)
def test_an_orders_lines_become_acts(changes: list[SeatChange], expected: list[str]) -> None:
    assert acts(*changes) == expected


def test_a_plan_that_is_withdrawn_is_withdrawn_there_too() -> None:
    withdrawn = SeatChange(
        edition="basic", seats_before=4, seats_now=4, planned_seats=None, is_bought=True, had_plan=True
    )

    assert acts(withdrawn) == ["3 plan_renewal basic 4"]


def test_people_move_between_the_new_and_the_old() -> None:
    plan = acts(
        change("basic", 2, 0),
        change("premium", 0, 2, is_bought=False),
        exchanges=(Exchange(source="basic", target="premium", seats=2),),
    )

    assert plan == ["0 upgrade premium 2", "1 buy premium 2", "2 move_people premium 2", "3 end basic 0"]


def test_upgrades_come_first_and_their_totals_grow_from_one_to_the_next() -> None:
    plan = acts(
        change("basic", 3, 0),
        change("standard", 2, 1),
        change("premium", 1, 6),
        exchanges=(
            Exchange(source="standard", target="premium", seats=1),
            Exchange(source="basic", target="premium", seats=3),
        ),
    )

    assert plan[:3] == ["0 upgrade premium 2", "0 upgrade premium 5", "1 set_seats premium 6"]


def test_seats_that_the_supplier_never_had_are_not_upgraded() -> None:
    plan = acts(
        change("basic", 1, 0, is_bought=False),
        change("premium", 0, 1, is_bought=False),
        exchanges=(Exchange(source="basic", target="premium", seats=1),),
    )

    assert plan[0] == "1 buy premium 1"


def test_people_named_in_the_quote_are_moved_without_an_exchange() -> None:
    named = NamedPerson(person_id="ada", add="", remove="basic")

    assert acts(change("basic", 2, 1), people=(named,)) == ["2 move_people basic 1", "3 set_seats basic 1"]


def test_who_gets_and_who_loses_a_license_is_told_with_the_move() -> None:
    ada = NamedPerson(person_id="ada", add="premium", remove="basic", name="Ada")
    moved = Exchange(source="basic", target="premium", seats=1)

    plan = plan_deliveries([change("basic", 3, 2), change("premium", 4, 5)], exchanges=[moved], people=[ada])

    assert plan == (
        PlannedDelivery(
            edition="premium", act=DeliveryAct.UPGRADE, step=Step.UPGRADES, seats=5, seats_before=4,
            exchanges=(moved,),
        ),
        PlannedDelivery(
            edition="premium", act=DeliveryAct.SET_SEATS, step=Step.INCREASES, seats=5, seats_before=4
        ),
        PlannedDelivery(
            edition="premium", act=DeliveryAct.MOVE_PEOPLE, step=Step.PEOPLE, seats=5, seats_before=4,
            people=(ada,), exchanges=(moved,),
        ),
        PlannedDelivery(
            edition="basic", act=DeliveryAct.SET_SEATS, step=Step.DECREASES, seats=2, seats_before=3
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        ([("ada", "premium", "basic")], "2 move_people premium 4"),
        ([("ada", "", "standard"), ("bob", "basic", "")], "2 move_people basic 2"),  # who keeps nothing of the order's
        ([("ada", "visio", "")], "2 move_people basic 2"),
    ],
)
def test_people_move_on_an_edition_of_the_order(people: list[tuple[str, str, str]], expected: str) -> None:
    named = tuple(NamedPerson(person_id=person, add=add, remove=remove) for person, add, remove in people)

    assert acts(change("basic", 2, 2), change("premium", 4, 4), people=named) == [expected]


def test_only_plans_make_an_order_scheduled() -> None:
    assert is_only_planned([DeliveryAct.PLAN_RENEWAL])
    assert not is_only_planned([DeliveryAct.SET_SEATS, DeliveryAct.PLAN_RENEWAL])
    assert not is_only_planned([])


@given(
    supplied=st.integers(0, 300),
    renewal=st.none() | st.integers(0, 300),
    returnable=st.integers(0, 300),
    wanted=st.integers(0, 300),
)
def test_whatever_the_supplier_holds_a_few_moves_lead_to_rest(
    supplied: int, renewal: int | None, returnable: int, wanted: int
) -> None:
    state = SuppliedSeats(seats=supplied, renewal_seats=renewal, returnable=min(returnable, supplied))

    for _ in range(3):
        move = next_move(state, seats=wanted, renewal_seats=wanted)
        assert move.seats <= max(supplied, wanted), "more than wanted is never asked for"
        if move.move is SupplierMove.NOTHING:
            break
        if move.move is SupplierMove.PLAN_RENEWAL:
            state = SuppliedSeats(seats=state.seats, renewal_seats=move.seats, returnable=state.returnable)
        else:  # a change of seats drops the plan, as the supplier does
            back = max(state.seats - move.seats, 0)
            state = SuppliedSeats(
                seats=move.seats,
                renewal_seats=None,
                returnable=max(state.returnable - back, 0),
                is_ended=move.move is SupplierMove.END,
            )

    assert next_move(state, seats=wanted, renewal_seats=wanted).move is SupplierMove.NOTHING
    assert state.seats >= wanted or state.is_ended
    assert wanted in {state.seats, state.renewal_seats} or (state.is_ended and wanted == 0)


SET, END, PLAN, NOTHING = (
    SupplierMove.SET_SEATS, SupplierMove.END, SupplierMove.PLAN_RENEWAL, SupplierMove.NOTHING
)  # fmt: skip


@pytest.mark.parametrize(
    ("held", "renewal", "returnable", "wanted", "wanted_later", "said"),
    [
        # More seats are asked for at once; fewer only as far as they can be given back, and the rest is planned away.
        (1, None, 0, 4, 4, (SET, 4, False)),
        (4, None, 2, 1, 1, (SET, 2, True)),
        (4, None, 3, 1, 1, (SET, 1, True)),
        (4, None, 4, 1, 1, (SET, 1, True)),  # never below what is wanted
        (4, None, 0, 1, 1, (PLAN, 1, False)),
        (4, None, 4, 0, 0, (END, 0, True)),  # no seats at all: the subscription ends
        (4, None, 3, 0, 0, (SET, 1, True)),
        (4, 1, 0, 1, 1, (NOTHING, 1, False)),  # it is planned already
        (4, 2, 0, 1, 1, (PLAN, 1, False)),
        (4, 1, 0, 4, 4, (PLAN, 4, False)),  # a plan that is withdrawn
        (4, None, 0, 4, 4, (NOTHING, 4, False)),  # without a plan it renews as it is
        (4, 4, 0, 4, 4, (NOTHING, 4, False)),
        (4, None, 0, 4, 2, (PLAN, 2, False)),
        (4, None, 4, 4, 2, (PLAN, 2, False)),  # held until the renewal, though they could be given back
    ],
)
def test_the_next_thing_to_say_leads_to_what_is_wanted(
    held: int,
    renewal: int | None,
    returnable: int,
    wanted: int,
    wanted_later: int,
    said: tuple[SupplierMove, int, bool],
) -> None:
    supplied = SuppliedSeats(seats=held, renewal_seats=renewal, returnable=returnable)

    move, seats, is_lower = said
    expected = NextMove(move=move, seats=seats, is_lower=is_lower)
    assert next_move(supplied, seats=wanted, renewal_seats=wanted_later) == expected


def test_an_ended_subscription_stays_ended() -> None:
    ended = SuppliedSeats(seats=0, renewal_seats=None, returnable=0, is_ended=True)

    assert next_move(ended, seats=3, renewal_seats=3) == NextMove(move=NOTHING, seats=0, is_lower=False)


@pytest.mark.parametrize(
    ("waited", "goes_on"), [(0, True), (23 * 60 + 59, True), (24 * 60, False), (24 * 60 + 1, False)]
)
def test_after_a_day_a_person_decides(waited: int, goes_on: bool) -> None:  # noqa: FBT001
    asked = datetime(2026, 11, 22, 12, tzinfo=UTC)

    assert is_worth_asking(first_asked_at=asked, now=asked + timedelta(minutes=waited)) is goes_on


def test_the_wait_doubles_to_a_quarter_of_an_hour_and_differs_between_deliveries() -> None:
    waits = [retry_delay(attempts, spread_percent=0).total_seconds() for attempts in (0, 1, 2, 3, 9, 10, 20, 10**6)]
    assert waits == [2, 2, 4, 8, 512, 900, 900, 900]
    assert retry_delay(20, spread_percent=100) == timedelta(seconds=675)
    assert retry_delay(1, spread_percent=50) == timedelta(milliseconds=1750)
