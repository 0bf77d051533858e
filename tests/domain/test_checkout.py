"""Balance and payment at checkout: rules 12 and 14."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perseat.domain.checkout import NothingToSettle, Unpaid, returnable_minor, settle_negative, split_payment


@given(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9))
def test_balance_and_payment_make_the_total(total: int, balance: int) -> None:
    from_balance, to_pay = split_payment(total, balance)

    assert from_balance + to_pay == max(total, 0)
    assert 0 <= from_balance <= max(balance, 0)
    assert to_pay == 0 or from_balance == max(balance, 0)


def test_a_negative_total_closes_what_is_open_before_it_becomes_balance() -> None:
    open_documents = [Unpaid(reference="INV-7", open_minor=300), Unpaid(reference="INV-8", open_minor=900)]

    settlement = settle_negative(-1000, unpaid=open_documents)

    assert [(part.reference, part.open_minor) for part in settlement.to_documents] == [("INV-7", 300), ("INV-8", 700)]
    assert settlement.to_balance_minor == 0


@given(st.integers(-(10**6), -1), st.lists(st.integers(0, 10**6), max_size=4))
def test_nothing_of_a_negative_total_is_lost(total: int, open_minors: list[int]) -> None:
    unpaid = [Unpaid(reference=str(index), open_minor=amount) for index, amount in enumerate(open_minors)]

    settlement = settle_negative(total, unpaid=unpaid)

    assert sum(part.open_minor for part in settlement.to_documents) + settlement.to_balance_minor == -total
    assert settlement.to_balance_minor == max(0, -total - sum(open_minors))


def test_a_document_that_is_paid_or_overpaid_gets_nothing_of_it() -> None:
    documents = [Unpaid(reference=name, open_minor=left) for name, left in [("INV-7", 0), ("INV-8", -5), ("INV-9", 1)]]

    settlement = settle_negative(-1000, unpaid=documents)

    assert settlement.to_documents == (Unpaid(reference="INV-9", open_minor=1),)
    assert settlement.to_balance_minor == 999


def test_a_total_that_gives_nothing_back_is_not_settled() -> None:
    with pytest.raises(NothingToSettle):
        settle_negative(0, unpaid=[])


@pytest.mark.parametrize(
    ("balance", "received", "returned", "may_return"),
    [
        (500, 2000, 0, 500),
        (500, 300, 0, 300),  # never more than came in
        (500, 300, 250, 50),
        (500, 0, 0, 0),  # a goodwill credit is no money
        (-10, 300, 0, 0),
    ],
)
def test_money_goes_back_only_up_to_what_came_in(balance: int, received: int, returned: int, may_return: int) -> None:
    assert returnable_minor(balance, received_minor=received, returned_minor=returned) == may_return
