"""What no single changed value shows: books of the six lives with something taken out, added, or changed twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.domain import kept_books
from tests.domain.kept_books import Kept
from tests.domain.test_what_the_audit_notices import differences

from perseat.domain.audit_facts import (
    AuditedOrder,
    AuditedPrice,
    AuditedService,
    AuditedSubscription,
    AuditedTaxRate,
    CustomerBooks,
)

HALF_A_MINUTE = timedelta(seconds=30)


def said(kept: Kept) -> list[str]:
    return [str(each) for found in differences(kept) for each in found]


def in_books(kept: Kept, **changes: Any) -> Kept:
    return replace(kept, books=replace(kept.books, **changes))


def with_order(kept: Kept, place: int, change: Callable[[AuditedOrder], AuditedOrder]) -> Kept:
    orders = list(kept.books.orders)
    orders[place] = change(orders[place])
    return in_books(kept, orders=tuple(orders))


def with_subscription(kept: Kept, edition: str, **changes: Any) -> Kept:
    def changed(service: AuditedService) -> AuditedService:
        return replace(
            service,
            subscriptions=tuple(
                replace(each, **changes) if each.edition == edition and each.held else each
                for each in service.subscriptions
            ),
        )

    return in_books(kept, services=tuple(map(changed, kept.books.services)))


def subscription(books: CustomerBooks, edition: str) -> AuditedSubscription:
    return next(one for each in books.services for one in each.subscriptions if one.edition == edition and one.held)


def test_an_order_that_never_was_in_any_state_says_so() -> None:
    kept = kept_books.read("monthly")
    order = kept.books.orders[0]

    found = said(with_order(kept, 0, lambda each: replace(each, events=())))

    assert f"order {order.order_id}: state (by its events): expected no state, found {order.state}" in found
    first = f"order {order.order_id}: its first event: expected accepted at {order.accepted_at}, found no state at None"
    assert first in found


def test_a_quote_whose_inputs_were_not_kept_is_not_decided_again() -> None:
    kept = kept_books.read("monthly")
    without = with_order(kept, 0, lambda each: replace(each, quote=replace(each.quote, state=None)))

    assert said(without) == []


def test_every_quote_is_looked_at_whatever_is_wrong_with_those_before() -> None:
    kept = kept_books.read("monthly")
    for place in range(len(kept.books.orders)):
        kept = with_order(kept, place, lambda each: replace(each, quote=replace(each.quote, is_same_state=False)))

    found = [each for each in said(kept) if "its fingerprint" in each]

    assert len(found) == len(kept.books.orders)


def test_a_plan_that_is_in_one_place_only_is_told() -> None:
    name = "service 1 (Microsoft 365): premium, seats planned (by the history)"
    kept = kept_books.read("monthly")
    planned = with_subscription(kept, "premium", planned=1)
    movements = subscription(kept.books, "premium").movements
    other = (*movements[:-1], replace(movements[-1], planned=1))

    assert f"{name}: expected none, found 1" in said(planned)
    assert f"{name}: expected 1, found none" in said(with_subscription(kept, "premium", movements=other))
    assert f"{name}: expected 1, found none" not in said(with_subscription(planned, "premium", movements=other))


def test_fewer_seats_at_the_supplier_than_are_sold_are_told_once_nothing_is_under_way() -> None:
    kept = kept_books.read("monthly")
    held = subscription(kept.books, "premium").held
    sentence = f"service 1 (Microsoft 365): premium, seats at the supplier: expected {held}, found {held - 1}"

    assert said(with_subscription(kept, "premium", at_supplier=held - 1, is_settled=True)) == [sentence]
    assert said(with_subscription(kept, "premium", at_supplier=held - 1, is_settled=False)) == []
    assert said(with_subscription(kept, "premium", at_supplier=held + 1, is_settled=True)) == []
    assert said(with_subscription(kept, "premium", at_supplier=None, is_settled=True)) == []


def test_seats_that_no_movement_tells_of_are_told() -> None:
    kept = with_subscription(kept_books.read("monthly"), "premium", movements=())

    assert "service 1 (Microsoft 365): premium, seats held (by the history): expected 0, found 2" in said(kept)


def test_a_service_without_a_summary_hides_no_other() -> None:
    kept = kept_books.read("monthly")
    (service,) = kept.books.services
    (summary,) = kept.summaries
    empty = replace(service, service_id=99, subscriptions=(), periods=(), begun_through=(), is_running=False)
    both = in_books(kept, services=(empty, service))

    found = said(replace(both, summaries=(replace(summary, owed_minor=7),)))

    assert "product summary of service 99: the summary: expected one, found none" in found
    assert "product summary of service 1: owed: expected 100.32 AUD, found 0.07 AUD" in found


@pytest.mark.parametrize(("later", "is_told"), [(-HALF_A_MINUTE, False), (timedelta(0), False), (HALF_A_MINUTE, True)])
def test_a_price_entered_while_a_quote_was_made_may_be_in_it_or_not(later: timedelta, is_told: bool) -> None:  # noqa: FBT001
    """The quote's own price became known `later` than the quote; another was known long before."""
    kept = kept_books.read("monthly")
    place = next(at for at, order in enumerate(kept.books.orders) if order.lines[-1].edition == "premium")
    quote, prices = kept.books.orders[place].quote, subscription(kept.books, "premium").prices
    made = prices[0]
    before = AuditedPrice(starts_on=made.starts_on, unit_price=made.unit_price + 1, recorded_at=made.recorded_at)
    entered = replace(made, recorded_at=quote.made_at + later)

    found = said(with_subscription(kept, "premium", prices=(before, entered)))

    assert any("premium, unit price" in each and quote.name in each for each in found) is is_told


@pytest.mark.parametrize(("later", "is_told"), [(-HALF_A_MINUTE, False), (timedelta(0), False), (HALF_A_MINUTE, True)])
def test_a_tax_rate_entered_while_a_quote_was_made_may_be_in_it_or_not(later: timedelta, is_told: bool) -> None:  # noqa: FBT001
    kept = kept_books.read("monthly")
    order = kept.books.orders[-1]
    (known,) = kept.books.tax_rates
    before = AuditedTaxRate(rate=replace(known.rate, rate=Decimal(9)), recorded_at=known.recorded_at)
    entered = replace(known, recorded_at=order.quote.made_at + later)

    found = said(in_books(kept, tax_rates=(before, entered)))

    assert any("tax rates" in each and order.quote.name in each for each in found) is is_told


@pytest.mark.parametrize("later", [-HALF_A_MINUTE, timedelta(0)])
def test_what_was_entered_just_before_a_quote_need_not_be_in_it(later: timedelta) -> None:
    kept = kept_books.read("monthly")
    order = kept.books.orders[-1]
    (known,) = kept.books.tax_rates
    raised = replace(known.rate, rate=Decimal(11))
    entered = AuditedTaxRate(rate=raised, recorded_at=order.quote.made_at + later)

    found = said(in_books(kept, tax_rates=(known, entered)))

    assert [each for each in found if "tax rates" in each and order.quote.name in each] == []


@pytest.mark.parametrize("later", [-HALF_A_MINUTE, timedelta(0)])
def test_a_price_entered_just_before_a_quote_need_not_be_in_it(later: timedelta) -> None:
    kept = kept_books.read("monthly")
    place = next(at for at, order in enumerate(kept.books.orders) if order.lines[-1].edition == "premium")
    quote, prices = kept.books.orders[place].quote, subscription(kept.books, "premium").prices
    entered = replace(prices[0], unit_price=prices[0].unit_price + 1, recorded_at=quote.made_at + later)

    found = said(with_subscription(kept, "premium", prices=(*prices, entered)))

    assert [each for each in found if "premium, unit price" in each and quote.name in each] == []
