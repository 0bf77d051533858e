"""Which state of an order may follow which, and how a customer's tax treatment is written on a document."""

from __future__ import annotations

import pytest

from perseat.domain.fulfillment import ORDER_LABELS, ORDER_MOVES, OrderState, may_order_become
from perseat.domain.parties import TaxTreatment, category_of_treatment

LIFE = {
    "awaiting_payment": "paid cancelled",
    "paid": "ordering scheduled needs_attention",
    "ordering": "at_microsoft ready needs_attention",
    "at_microsoft": "ready needs_attention",
    "needs_attention": "ordering at_microsoft ready scheduled cancelled",
    "ready": "",
    "scheduled": "",
    "cancelled": "",
}


@pytest.mark.parametrize("old", list(OrderState))
def test_an_order_goes_only_where_its_life_leads(old: OrderState) -> None:
    assert {new.value for new in OrderState if may_order_become(old, new=new)} == set(LIFE[old].split())


def test_every_state_has_its_moves_and_its_words() -> None:
    assert set(ORDER_MOVES) == set(ORDER_LABELS) == set(OrderState)


@pytest.mark.parametrize(
    ("treatment", "category"),
    [("domestic", ""), ("reverse_charge", "AE"), ("exempt", "E"), ("outside_scope", "O")],
)
def test_a_treatment_has_the_category_of_the_norm(treatment: str, category: str) -> None:
    assert category_of_treatment(TaxTreatment(treatment)) == category
