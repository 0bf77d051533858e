"""E-mails are short, go to who is concerned, and lead to the page that knows more."""

from __future__ import annotations

import pytest
from tests.journeys.outside import make_world

from perseat.capabilities.invoicing.models import Document
from perseat.journeys.telling import tell_document_issued, tell_order_needs_attention, tell_order_ready

pytestmark = pytest.mark.django_db


def test_who_ordered_learns_that_the_seats_are_ready() -> None:
    world = make_world(seats={"basic": 1})
    order = world.deliver(world.order(basic=4))

    tell_order_ready(world.outside, order_id=order.pk)
    tell_order_ready(world.outside, order_id=order.pk)

    first, again = world.letters.sent
    assert first.to == world.owner.email
    assert "Microsoft 365 Business Basic: 4 (before: 1)" in first.text
    assert f"/services/{world.service.pk}/users/" in first.text
    assert first.message_id == again.message_id, "sent twice it is the same letter"


def test_an_invoice_goes_to_the_billing_address_with_what_to_pay_and_how() -> None:
    world = make_world(seats={"basic": 1})
    order_id = world.order(basic=4)
    invoice = Document.objects.get(order_id=order_id)

    tell_document_issued(world.outside, document_number=invoice.number)

    (letter,) = world.letters.sent
    assert letter.to == "billing@acme.example"
    assert letter.subject == f"Invoice {invoice.number}"
    assert f"A$ {invoice.total_minor / 100:.2f} is due on 6 December 2026" in letter.text
    assert invoice.payment_reference in letter.text
    assert f"/invoices/{invoice.number}/" in letter.text


def test_an_order_that_went_on_meanwhile_is_not_complained_about() -> None:
    world = make_world(seats={"basic": 1})
    order = world.deliver(world.order(basic=4))

    tell_order_needs_attention(world.outside, order_id=order.pk)

    assert world.letters.sent == []
