"""Which acts make an order true, and what to say to the supplier next."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perseat.domain.delivery_plan import (
    Exchange,
    NamedPerson,
    SeatChange,
    SuppliedSeats,
    SupplierMove,
    is_only_planned,
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

    assert plan == ["1 buy premium 2", "2 move_people premium 2", "3 end basic 0"]


def test_people_named_in_the_quote_are_moved_without_an_exchange() -> None:
    named = NamedPerson(person_id="ada", add="", remove="basic")

    assert acts(change("basic", 2, 1), people=(named,)) == ["2 move_people basic 1", "3 set_seats basic 1"]


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


def test_the_wait_doubles_to_a_quarter_of_an_hour_and_differs_between_deliveries() -> None:
    assert [retry_delay(attempts, spread_percent=0).total_seconds() for attempts in (1, 2, 3, 20)] == [2, 4, 8, 900]
    assert retry_delay(20, spread_percent=100) == timedelta(seconds=675)
