"""A wrong recipient is mended whatever happened to the invoice: paid or not, credited, upgraded, for two services."""

from __future__ import annotations

import os
import random
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal

import pytest
from tests import makers
from tests.journeys.books import assert_books_hold
from tests.journeys.cast import Story, begin, state_of
from tests.journeys.outside import make_world
from tests.journeys.test_refusal import refuse_purchases

from perseat.capabilities.accounts.models import AuditEntry
from perseat.capabilities.accounts.queries import NotStaff
from perseat.capabilities.customers.models import Customer
from perseat.capabilities.customers.queries import DoesNotBelong
from perseat.capabilities.invoicing.models import Document, DocumentLine
from perseat.capabilities.payments.queries import get_open_minor
from perseat.domain.fulfillment import OrderState
from perseat.journeys.billing_acts import ActRefused, charge_by_hand, give_goodwill
from perseat.journeys.checkout import OpenOrderExists
from perseat.journeys.recipient import CorrectedRecipient, correct_recipient
from perseat.journeys.seat_change import NothingWouldChange, SeatsComeBack

LIVES = int(os.environ.get("RECIPIENT_LIVES", "3"))
pytestmark = pytest.mark.django_db
OLD, NEW = "Acme Pty Ltd", "Acme Holdings Pty Ltd"


def first_invoice(story: Story) -> Document:
    return Document.objects.filter(customer=story.customer).order_by("pk")[0]


def rename(story: Story, name: str = NEW) -> None:
    Customer.objects.filter(pk=story.customer.pk).update(legal_name=name)


def correct(story: Story, document: Document, *, day: str, name: str = NEW) -> CorrectedRecipient:
    """Mend it, and see that the account is what it was and that the old buyer is left with nothing."""
    rename(story, name)
    before = (story.balance(), owed(story))
    done = correct_recipient(document.number, reason="Wrong name", staff_id=makers.clerk_id(), now=makers.moment(day))
    assert (story.balance(), owed(story)) == before
    assert_books_hold(story.customer, now=makers.moment(day))
    return done


def owed(story: Story) -> int:
    return sum(get_open_minor(each) for each in Document.objects.filter(customer=story.customer))


def named(story: Story, name: str) -> int:
    """The sum of all documents that name this buyer."""
    return sum(
        each.total_minor for each in Document.objects.filter(customer=story.customer) if each.buyer["name"] == name
    )


def get(number: str) -> Document:
    return Document.objects.get(number=number)


def test_a_paid_invoice_is_taken_back_and_issued_again() -> None:
    story = begin({"basic": 2})
    wrong = first_invoice(story)
    clerk, now = makers.clerk_id(), makers.moment("2026-11-20")
    with pytest.raises(ActRefused, match="change them first"):
        correct_recipient(wrong.number, reason="Wrong name", staff_id=clerk, now=now)

    done = correct(story, wrong, day="2026-11-20")

    note, invoice = get(done.taken_back_by), get(done.reissued_as)
    assert (note.total_minor, invoice.total_minor) == (-wrong.total_minor, wrong.total_minor)
    assert (note.buyer["name"], invoice.buyer["name"]) == (OLD, NEW)
    assert get_open_minor(invoice) == 0, "what was paid pays the new one"
    assert AuditEntry.objects.get(verb="corrected recipient").details["reason"] == "Wrong name"
    with pytest.raises(ActRefused, match=f"issued again as {invoice.number} already"):
        correct_recipient(wrong.number, reason="Again", staff_id=clerk, now=now)
    with pytest.raises(ActRefused, match="is a credit note"):
        correct_recipient(note.number, reason="Again", staff_id=clerk, now=now)


def test_seats_given_back_later_are_credited_on_the_new_invoice() -> None:
    story = begin({"basic": 4})
    done = correct(story, first_invoice(story), day="2026-11-20")

    story.buy("2026-11-25", {"basic": 1})

    credit = DocumentLine.objects.get(reason="returned")
    assert credit.credits_line is not None
    assert credit.credits_line.document.number == done.reissued_as
    assert_books_hold(story.customer, now=makers.moment("2026-11-25"))
    story.renew("2026-12-15")
    assert_books_hold(story.customer, now=makers.moment("2026-12-15"))


def test_more_seats_on_the_very_day_do_not_undo_the_correction() -> None:
    story = begin({"basic": 2})
    correct(story, first_invoice(story), day="2026-11-20")
    order = story.buy("2026-11-20", {"basic": 3})
    assert [line.reason for line in story.document(order).lines.all()] == ["added"]
    assert_books_hold(story.customer, now=makers.moment("2026-11-20"))


def test_a_part_payment_moves_over_and_the_rest_stays_open() -> None:
    story = begin({"basic": 1})
    order = story.order("2026-11-20", {"basic": 4})
    wrong = story.document(order)
    makers.pay(wrong.number, amount_minor=1000, now=makers.moment("2026-11-20"))

    done = correct(story, wrong, day="2026-11-21")

    assert (get_open_minor(wrong), get_open_minor(get(done.reissued_as))) == (0, wrong.total_minor - 1000)
    assert state_of(order) is OrderState.AWAITING_PAYMENT
    # The customer pays by the old number; the order starts, and its seats begin two days late.
    makers.pay(wrong.payment_reference, amount_minor=wrong.total_minor - 1000, now=makers.moment("2026-11-22"))
    assert state_of(order) is OrderState.PAID
    assert story.held() == {"basic": 4}
    assert get_open_minor(get(done.reissued_as)) == 0
    assert_books_hold(story.customer, now=makers.moment("2026-11-22"))


def test_an_unpaid_order_whose_invoice_was_issued_again_can_be_withdrawn_and_replaced() -> None:
    story = begin({"basic": 1})
    order = story.order("2026-11-20", {"basic": 4})
    makers.pay(story.document(order).number, amount_minor=500, now=makers.moment("2026-11-20"))
    correct(story, story.document(order), day="2026-11-20")
    second = story.replace("2026-11-20", {"basic": 3})
    assert state_of(order) is OrderState.CANCELLED
    assert_books_hold(story.customer, now=makers.moment("2026-11-20"))
    story.withdraw("2026-11-20", second)
    assert (story.balance(), owed(story)) == (500, 0)
    assert_books_hold(story.customer, now=makers.moment("2026-11-20"))
    with pytest.raises(ActRefused, match="Nothing is left"):
        correct_recipient(
            story.document(second).number, reason="x", staff_id=makers.clerk_id(), now=makers.moment("2026-11-20")
        )


def test_credits_goodwill_and_upgrades_follow_the_invoice() -> None:
    story = begin({"basic": 5})
    wrong = first_invoice(story)
    story.buy("2026-11-18", {"basic": 3})
    give_goodwill(
        wrong.number, amount_minor=100, reason="Slow", staff_id=makers.clerk_id(), now=makers.moment("2026-11-19")
    )
    story.buy("2026-11-20", {"basic": 2, "premium": 1})
    story.buy("2026-11-21", {"basic": 1, "premium": 1})

    done = correct(story, wrong, day="2026-11-22")

    assert len(done.credited_again_by) == 4
    assert named(story, NEW) == sum(get(each).total_minor for each in (done.reissued_as, *done.credited_again_by))
    seats = {"basic": 0, "premium": 2}
    story.buy("2026-11-23", seats)
    assert_books_hold(story.customer, now=makers.moment("2026-11-23"))
    story.renew("2026-12-15")
    assert_books_hold(story.customer, now=makers.moment("2026-12-15"))


def test_every_invoice_of_a_life_can_be_corrected_and_corrected_again() -> None:
    story = begin({"basic": 5})
    story.buy("2026-11-18", {"basic": 2, "premium": 2})
    story.buy("2026-11-18", {"basic": 3, "premium": 2})
    story.buy("2026-11-20", {"basic": 3, "premium": 1})
    story.renew("2026-12-15")
    story.buy("2026-12-16", {"basic": 1, "standard": 2, "premium": 1})
    invoices = list(Document.objects.filter(kind="invoice").order_by("pk"))
    only_undoes = invoices.pop(2)
    assert {line.reason for line in only_undoes.lines.all()} == {"restored"}

    again = [correct(story, each, day="2026-12-17") for each in invoices]
    with pytest.raises(ActRefused, match="Nothing is left"):  # it went with the invoice whose credit it undid
        correct(story, only_undoes, day="2026-12-17")
    assert named(story, OLD) == 0, "the old buyer is left with nothing"
    third = [correct(story, get(each.reissued_as), day="2026-12-18", name="Acme Group Ltd") for each in again]

    assert named(story, NEW) == named(story, OLD) == 0
    assert len(third) == len(invoices)
    story.buy("2026-12-20", {"basic": 0, "standard": 0, "premium": 0})
    assert_books_hold(story.customer, now=makers.moment("2026-12-20"))


def test_a_renewal_over_two_services_and_a_charge_by_hand_are_corrected() -> None:
    story = begin({"basic": 2})
    makers.make_service(story.customer, seats={"basic": 3}, started_on="2026-11-15")
    story.renew("2026-12-15")
    renewal = Document.objects.order_by("pk").last()
    assert renewal is not None
    assert renewal.service_id is None
    number = charge_by_hand(
        story.customer.pk, text="Moving mailboxes", quantity=3, unit_price=Decimal("120.50"), category="S",
        reason="Agreed", staff_id=makers.clerk_id(), now=makers.moment("2026-12-15"),
    )  # fmt: skip
    correct(story, renewal, day="2026-12-16")
    done = correct(story, get(number), day="2026-12-16")
    assert get(done.reissued_as).lines.get().text == "Moving mailboxes"
    story.buy("2026-12-20", {"basic": 1})
    assert_books_hold(story.customer, now=makers.moment("2026-12-20"))


def test_an_unpaid_order_that_credits_the_invoice_stands_in_the_way() -> None:
    story = begin({"basic": 2})
    order = story.order("2026-11-20", {"basic": 1, "premium": 1})
    rename(story)
    with pytest.raises(ActRefused, match=rf"Order {order.pk} \({story.document(order).number}\) is not paid yet"):
        correct_recipient(
            first_invoice(story).number, reason="x", staff_id=makers.clerk_id(), now=makers.moment("2026-11-20")
        )
    story.pay("2026-11-21", order)
    correct(story, first_invoice(story), day="2026-11-22")
    correct(story, story.document(order), day="2026-11-22")
    story.buy("2026-11-23", {"basic": 1, "premium": 0})
    assert_books_hold(story.customer, now=makers.moment("2026-11-23"))


def test_only_the_billing_team_corrects_and_only_what_exists() -> None:
    story = begin({"basic": 2})
    rename(story)
    now = makers.moment("2026-11-20")
    with pytest.raises(NotStaff):
        correct_recipient(first_invoice(story).number, reason="x", staff_id=story.owner_id, now=now)
    with pytest.raises(DoesNotBelong):
        correct_recipient("INV-999999", reason="x", staff_id=makers.clerk_id(), now=now)


def test_late_starts_and_late_changes_of_edition_follow_the_invoice() -> None:
    story = begin({"basic": 3})
    order = story.order("2026-11-18", {"basic": 1, "premium": 2})
    story.pay("2026-11-21", order)  # three days late: a credit, and the old seats' days charged again
    late = list(Document.objects.order_by("pk"))[2:]
    assert late
    correct(story, first_invoice(story), day="2026-11-22")
    correct(story, story.document(order), day="2026-11-22")
    story.buy("2026-11-24", {"basic": 0, "premium": 1})
    assert named(story, OLD) == 0
    assert_books_hold(story.customer, now=makers.moment("2026-11-24"))
    story.renew("2026-12-15")
    assert_books_hold(story.customer, now=makers.moment("2026-12-15"))


def test_what_microsoft_refuses_after_the_correction_is_credited_on_the_new_invoice() -> None:
    world = make_world(seats={"basic": 3}, upgrades=False)
    story = Story(customer=world.customer, service_id=world.service.pk, owner_id=world.owner.pk)
    order_id = world.order(basic=1, premium=2)
    wrong = Document.objects.filter(order_id=order_id).order_by("pk")[0]
    rename(story)
    done = correct_recipient(wrong.number, reason="Wrong name", staff_id=makers.clerk_id(), now=world.now())
    refuse_purchases(world)

    world.deliver(order_id)

    credit = Document.objects.order_by("-pk")[0]
    assert credit.reason.startswith("Microsoft refused the seats.")
    assert credit.total_minor == -get(done.reissued_as).total_minor
    assert_books_hold(world.customer, now=world.now())
    rename(story, "Acme Group Ltd")
    with pytest.raises(ActRefused, match="Nothing is left"):
        correct_recipient(done.reissued_as, reason="Again", staff_id=makers.clerk_id(), now=world.now())


@pytest.mark.parametrize("seed", range(LIVES))
def test_whatever_happens_before_and_after_the_books_hold(seed: int) -> None:
    """A life of purchases, late payments, goodwill, returns and renewals, with corrections of any invoice between."""
    chance = random.Random(seed)
    story = begin({"basic": chance.randint(1, 6)}, policy=chance.choice(["anytime", "window"]))
    day = date(2026, 11, 15)
    for step in range(10):
        day += timedelta(days=chance.choice([0, 0, 1, 2, 5, 11]))
        now = makers.moment(day)
        story.renew(day.isoformat())
        act = chance.random()
        if act < 0.5:
            day = _buy(story, chance, day)
            now = makers.moment(day)
        elif act < 0.6:
            _give(story, chance, day)
        else:
            rename(story, f"Buyer {seed} {step}")
            document = chance.choice(list(Document.objects.filter(customer=story.customer)))
            before = (story.balance(), owed(story))
            with suppress(ActRefused):
                correct_recipient(document.number, reason="Name", staff_id=makers.clerk_id(), now=now)
                assert before[0] - before[1] == story.balance() - owed(story)
        assert_books_hold(story.customer, now=now)


def _buy(story: Story, chance: random.Random, day: date) -> date:
    """The day on which it is paid: the same, or the next."""
    wanted = {code: chance.randint(0, 4) for code in ("basic", "standard", "premium") if chance.random() < 0.7}
    with suppress(NothingWouldChange, OpenOrderExists, SeatsComeBack):
        order = story.order(day.isoformat(), wanted)
        if state_of(order) is OrderState.AWAITING_PAYMENT and chance.random() < 0.8:
            day += timedelta(days=chance.choice([0, 0, 1]))
            story.pay(day.isoformat(), order)
    return day


def _give(story: Story, chance: random.Random, day: date) -> None:
    document = chance.choice(list(Document.objects.filter(customer=story.customer)))
    with suppress(ActRefused):
        give_goodwill(
            document.number, amount_minor=chance.randint(1, 900), reason="Slow", staff_id=makers.clerk_id(),
            now=makers.moment(day),
        )  # fmt: skip
