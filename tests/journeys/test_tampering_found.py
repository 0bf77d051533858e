"""Whatever somebody with all rights changes in the tables that carry money or seats, audit or doctor find it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from tests import makers
from tests.journeys.cast import Story, begin
from tests.journeys.tampering import tamper

from perseat.capabilities.catalog.actions import set_price, set_tax_rate
from perseat.capabilities.catalog.models import Offer
from perseat.capabilities.invoicing.models import Document
from perseat.config import guard_diagnosis
from perseat.journeys.audit import audit_customers, audit_everything
from perseat.journeys.billing_acts import charge_by_hand, close_month, give_goodwill

pytestmark = pytest.mark.django_db
NIGHT = makers.moment("2027-01-02")
CLERK = "clerk@provider.example"


def a_life() -> Story:
    """Everything that a document can be issued for, and two closed months."""
    story = begin({"basic": 5})
    story.buy("2026-11-20", {"basic": 3, "premium": 2})
    story.buy("2026-11-25", {"basic": 1, "premium": 2})
    late = story.order("2026-12-01", {"basic": 4})
    story.pay("2026-12-03", late)
    withdrawn = story.order("2026-12-05", {"standard": 1})
    story.withdraw("2026-12-06", withdrawn)
    story.renew("2026-12-15")
    renewal = Document.objects.filter(customer=story.customer, order=None).order_by("pk").last()
    assert renewal is not None
    staff = makers.clerk_id(CLERK)
    give_goodwill(renewal.number, amount_minor=300, reason="Slow", staff_id=staff, now=makers.moment("2026-12-16"))
    charge_by_hand(
        story.customer.pk, text="Migration", quantity=2, unit_price=Decimal(45), category="S", reason="Agreed",
        staff_id=staff, now=makers.moment("2026-12-17"),
    )  # fmt: skip
    close_month(date(2026, 11, 1), reason="Done", staff_id=staff, now=makers.moment("2026-12-18"))
    return story


SQL = """
price: UPDATE price SET unit_price = unit_price + 1
tax_rate: UPDATE tax_rate SET rate = rate + 1
offer: UPDATE offer SET term = 'P1Y'
service: UPDATE service SET billing_starts_on = billing_starts_on - 1
service: UPDATE service SET billed_through = billed_through + 1
service: UPDATE service SET anchor_day = 16, anchor = anchor + 1
service: UPDATE service SET term = 'P1Y'
subscription: UPDATE subscription SET held_seats = held_seats + 1 WHERE ended_on IS NULL
subscription: UPDATE subscription SET unit_price = unit_price + 1 WHERE ended_on IS NULL
subscription: UPDATE subscription SET planned_seats = 1 WHERE ended_on IS NULL
subscription: UPDATE subscription SET term_started_on = term_started_on + 1 WHERE ended_on IS NULL
subscription: UPDATE subscription SET started_on = started_on + 1
seat_batch: UPDATE seat_batch SET seats = seats + 1
seat_batch: UPDATE seat_batch SET returned_seats = seats
seat_batch: DELETE FROM seat_batch
seat_movement: UPDATE seat_movement SET seats = seats + 1 WHERE id = (SELECT min(id) FROM seat_movement)
seat_movement: UPDATE seat_movement SET effective_on = effective_on + 1 WHERE id = (SELECT min(id) FROM
    seat_movement)
seat_movement: UPDATE seat_movement SET planned_seats = 1 WHERE id = (SELECT min(id) FROM seat_movement)
seat_movement: DELETE FROM seat_movement WHERE id = (SELECT min(id) FROM seat_movement)
seat_movement: INSERT INTO seat_movement (subscription_id, effective_on, seats, cause, recorded_at) SELECT
    subscription_id, effective_on, seats, 'by hand', recorded_at FROM seat_movement ORDER BY id DESC LIMIT 1
quote: UPDATE quote SET recurring_total_minor = recurring_total_minor + 1
quote: UPDATE quote SET next_charge_on = next_charge_on + 1
quote: UPDATE quote SET from_balance_minor = from_balance_minor + 1, to_pay_minor = to_pay_minor - 1 WHERE
    to_pay_minor > 0
quote: UPDATE quote SET net_minor = net_minor + 1, due_today_minor = due_today_minor + 1, to_pay_minor =
    to_pay_minor + 1 WHERE to_pay_minor > 0
quote: UPDATE quote SET outcomes = jsonb_set(outcomes, '{0,now}', '9')
quote: UPDATE quote SET wanted = '{"basic": 9}', inputs = jsonb_set(inputs, '{wanted,basic}', '9')
quote: UPDATE quote SET inputs = jsonb_set(inputs, '{state,editions,0,held}', '7')
quote: UPDATE quote SET day = day + 1
quote_line: UPDATE quote_line SET amount_minor = amount_minor + 1 WHERE kind = 'charge'
quote_line: UPDATE quote_line SET tax_minor = tax_minor + 1
quote_line: DELETE FROM quote_line WHERE number = 1
sales_order: UPDATE sales_order SET state = 'ready' WHERE state = 'cancelled'
sales_order: UPDATE sales_order SET effective_on = effective_on + 1 WHERE effective_on IS NOT NULL
sales_order: UPDATE sales_order SET accepted_at = accepted_at + interval '1 hour'
sales_order_line: UPDATE sales_order_line SET seats_now = seats_now + 1
sales_order_line: UPDATE sales_order_line SET planned_seats = 1
sales_order_line: DELETE FROM sales_order_line WHERE id = (SELECT min(id) FROM sales_order_line)
sales_order_line: UPDATE sales_order_line SET unit_price = unit_price + 1
sales_order_event: DELETE FROM sales_order_event WHERE state = 'paid'
sales_order_event: DELETE FROM sales_order_event WHERE state = 'cancelled'
sales_order_event: UPDATE sales_order_event SET at = at + interval '1 day' WHERE state = 'paid'
number_series: UPDATE number_series SET last_number = last_number + 1
document: UPDATE document SET net_minor = net_minor - 1, total_minor = total_minor - 1 WHERE net_minor > 1
document: UPDATE document SET due_on = due_on + 30
document: UPDATE document SET issued_at = issued_at + interval '1 day'
document: UPDATE document SET sequence = sequence + 100
document: UPDATE document SET issued_on = issued_on - 1 WHERE order_id IS NULL
document: UPDATE document SET buyer = jsonb_set(buyer, '{tax_treatment}', '"exempt"')
document_line: UPDATE document_line SET text = 'Something else'
document_line: UPDATE document_line SET amount_minor = amount_minor + 1 WHERE reason = 'manual'
document_line: UPDATE document_line SET amount_minor = amount_minor - 1 WHERE reason = 'goodwill'
document_line: UPDATE document_line SET amount_minor = amount_minor - 1 WHERE reason = 'late_start'
document_line: UPDATE document_line SET amount_minor = amount_minor + 1 WHERE reason = 'cancelled'
document_line: UPDATE document_line SET unit_price = unit_price + 1 WHERE reason = 'renewed'
document_line: UPDATE document_line SET tax_rate = tax_rate + 1 WHERE reason = 'renewed'
document_line: DELETE FROM document_line WHERE reason = 'goodwill'
document_tax: UPDATE document_tax SET tax_minor = tax_minor + 1
document_tax: DELETE FROM document_tax WHERE id = (SELECT max(id) FROM document_tax)
ledger_entry: UPDATE ledger_entry SET customer_number = 'C-0'
ledger_entry: UPDATE ledger_entry SET occurred_on = occurred_on + 40 WHERE idempotency_key LIKE 'document:%%'
ledger_entry: UPDATE ledger_entry SET reference = 'INV-999999' WHERE idempotency_key LIKE 'allocation:%%'
ledger_entry: UPDATE ledger_entry SET reference = 'another' WHERE idempotency_key LIKE 'payment:%%'
ledger_entry: INSERT INTO ledger_entry (occurred_on, recorded_at, description, reference, customer_number,
    idempotency_key, reason, recorded_by) SELECT occurred_on, recorded_at, description, reference, customer_number,
    'again', '', '' FROM ledger_entry LIMIT 1
ledger_line: UPDATE ledger_line SET amount_minor = amount_minor * 2
ledger_line: UPDATE ledger_line SET account = 'gateway' WHERE account = 'bank'
ledger_line: UPDATE ledger_line SET customer_number = 'C-0'
ledger_line: UPDATE ledger_line SET currency = 'EUR'
ledger_line: DELETE FROM ledger_line
closed_month: DELETE FROM closed_month
closed_month: UPDATE closed_month SET starts_on = '2026-12-01', ends_on = '2027-01-01'
payment: UPDATE payment SET amount_minor = amount_minor + 5
payment: UPDATE payment SET state = 'reversed'
payment: UPDATE payment SET bank_reference = bank_reference || '-2'
payment: INSERT INTO payment (public_id, customer_id, method, gateway_reference, bank_reference, state,
    currency, amount_minor, started_at, recorded_by, reversal_reason) SELECT gen_random_uuid(), customer_id, method,
    '', 'new', state, currency, amount_minor, started_at, '', '' FROM payment LIMIT 1
allocation: UPDATE allocation SET amount_minor = amount_minor - 1 WHERE amount_minor > 1
allocation: UPDATE allocation SET allocated_at = allocated_at + interval '1 day'
allocation: UPDATE allocation SET payment_id = (SELECT min(id) FROM payment) WHERE payment_id = (SELECT max(id)
    FROM payment)
allocation: DELETE FROM allocation WHERE id = (SELECT max(id) FROM allocation)
allocation: INSERT INTO allocation (document_id, payment_id, currency, amount_minor, allocated_at) SELECT
    document_id, payment_id, currency, 1, allocated_at FROM allocation WHERE payment_id IS NOT NULL LIMIT 1
renewed_period: UPDATE renewed_period SET ends_on = ends_on + 1
renewed_period: UPDATE renewed_period SET starts_on = starts_on - 1
renewed_period: UPDATE renewed_period SET renewed_at = renewed_at + interval '1 day'
renewed_period: UPDATE renewed_period SET document_id = NULL
renewed_period: DELETE FROM renewed_period
audit_entry: DELETE FROM audit_entry WHERE verb = 'closed month'
"""
TAMPERINGS = [line.partition(": ")[::2] for line in SQL.strip().replace("\n    ", " ").splitlines()]


@pytest.mark.parametrize(("table", "statement"), TAMPERINGS, ids=[statement[:90] for _table, statement in TAMPERINGS])
def test_tampering_is_found(table: str, statement: str) -> None:
    a_life()
    tamper(table, statement)

    found = [str(each) for _number, each in audit_everything(now=NIGHT)]
    weak = [each.sentence for each in guard_diagnosis.examine() if not each.is_well]

    assert found or weak


def test_a_life_without_tampering_holds() -> None:
    story = a_life()

    assert [str(each) for _number, each in audit_everything(now=NIGHT)] == []
    assert story.held() == {"basic": 4, "premium": 2}


def test_a_price_or_rate_entered_later_for_an_earlier_day_changes_nothing_that_was_decided() -> None:
    story = a_life()
    offer = Offer.objects.get(edition__code="basic")
    now = makers.moment("2026-12-28")
    set_price(offer.pk, currency="AUD", unit_price=Decimal(11), starts_on=date(2026, 11, 1), now=now)
    set_tax_rate("AU", category="S", label="GST", rate=Decimal(12), starts_on=date(2026, 11, 1), now=now)

    assert not list(audit_customers([story.customer.pk], now=NIGHT))

    story.renew("2027-01-15")
    renewal = Document.objects.filter(customer=story.customer).order_by("pk").last()
    assert renewal is not None
    assert renewal.lines.get(edition__code="basic").unit_price == Decimal(11)
    assert renewal.taxes.get().rate == Decimal(12)
    assert not list(audit_customers([story.customer.pk], now=makers.moment("2027-01-16")))
