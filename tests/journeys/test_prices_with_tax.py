"""Prices that include tax: what is written is what is paid, on every figure from the quote to the ledger."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from pytest_django.fixtures import Settings
from tests import makers
from tests.journeys.books import assert_books_hold
from tests.journeys.cast import Story, begin, state_of
from tests.journeys.outside import make_world
from tests.journeys.papers import assert_papers_hold, pdf_of, texts, views_of, xml_of
from tests.journeys.providers import sell_from_germany

from perseat.capabilities.catalog.actions import set_price
from perseat.capabilities.catalog.models import Offer
from perseat.capabilities.customers.models import Customer
from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.ledger.models import Account
from perseat.capabilities.ledger.queries import get_account_minor
from perseat.capabilities.ledger.statement import get_statement
from perseat.domain.fulfillment import OrderState
from perseat.domain.money import round_half_away
from perseat.domain.parties import DocumentLanguage, TaxTreatment
from perseat.domain.quote import DecreasePolicy
from perseat.journeys.billing_acts import ActRefused, charge_by_hand, give_goodwill
from perseat.journeys.product_summary import get_product_summary
from perseat.journeys.recipient import correct_recipient
from perseat.journeys.taxation import PriceKind
from perseat.simulator.faults import Fault, FaultKind

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _german_provider(settings: Settings) -> None:
    sell_from_germany(settings)


def make_prices(*, include_tax: bool, basic: str = "11.90") -> None:
    makers.make_catalog(
        currency="EUR",
        prices={"basic": basic, "standard": "23.80", "premium": "35.70"},
        prices_include_tax=include_tax,
        country="DE",
        tax_rate="19",
        tax_label="USt",
    )


def make_customer(*, include_tax: bool = True, **details: object) -> Customer:
    return makers.make_customer(currency="EUR", prices_include_tax=include_tax, country="DE", **details)  # type: ignore[arg-type]


def begin_with_tax(seats: dict[str, int] | None = None) -> Story:
    make_prices(include_tax=True)
    return begin(seats or {"basic": 3}, customer=make_customer())


def last(story: Story) -> Document:
    return story.customer.documents.order_by("-pk")[0]


def test_the_price_that_is_written_is_what_is_paid() -> None:
    story = begin_with_tax()
    quote_id = story.quote("2026-11-15", {"basic": 4})

    figures = story.checkout("2026-11-15", quote_id).figures
    document = story.document(story.accept("2026-11-15", quote_id))

    assert figures.prices_include_tax
    assert [line.amount_minor for line in figures.lines] == [1190]
    assert (figures.net_minor, figures.tax_minor, figures.due_today_minor) == (1000, 190, 1190)
    assert figures.recurring_total_minor == 4 * 1190
    assert document.prices_include_tax
    assert (document.net_minor, document.tax_minor, document.total_minor) == (1000, 190, 1190)
    assert_books_hold(story.customer, now=makers.moment("2026-11-15"))


def test_the_product_summary_says_that_prices_include_tax() -> None:
    story = begin_with_tax()

    summary = get_product_summary(customer_id=story.customer.pk, service_id=story.service_id, today=date(2026, 11, 20))

    assert (summary.price_kind, summary.prices_include_tax) == (PriceKind.INCLUDES_TAX, True)
    assert summary.next_charge is not None
    assert (summary.next_charge.total_minor, summary.next_charge.tax_minor) == (3570, 570)


def test_a_whole_life_with_tax_in_its_prices_holds_in_books_and_on_paper() -> None:
    story = begin_with_tax()
    story.buy("2026-11-20", {"basic": 1, "premium": 2})
    story.order("2026-11-22", {"basic": 0, "premium": 1})
    story.order("2026-11-22", {"premium": 2})
    story.withdraw("2026-11-25", story.order("2026-11-25", {"standard": 9}))
    late = story.order("2026-11-26", {"standard": 2})
    story.pay("2026-12-01", late)
    story.renew("2026-12-15")
    story.order("2026-12-20", {"standard": 0})
    goodwill_for = first_invoice(story).number
    give_goodwill(
        goodwill_for, amount_minor=300, reason="Slow mail", staff_id=makers.clerk_id(), now=makers.moment("2026-12-21")
    )
    charge_by_hand(
        story.customer.pk, text="Moving mailboxes", quantity=3, unit_price=Decimal("33.33333333"), category="S",
        reason="Agreed", staff_id=makers.clerk_id(), now=makers.moment("2026-12-22"),
    )  # fmt: skip

    documents = list(story.customer.documents.order_by("pk"))

    assert state_of(late) in (OrderState.PAID, OrderState.ORDERING)
    assert all(document.prices_include_tax for document in documents)
    assert {document.kind for document in documents} == {"invoice", "credit_note"}
    assert_books_hold(story.customer, now=makers.moment("2026-12-22"))
    assert_papers_hold(story.customer)


def first_invoice(story: Story) -> Document:
    return story.customer.documents.order_by("pk")[0]


def test_a_document_credited_as_a_whole_gives_exactly_its_tax_back() -> None:
    story = begin_with_tax({"basic": 7})
    for total in (5, 4, 1, 0):
        story.order("2026-11-15", {"basic": total})

    sums = [story.customer.documents.all(), first_invoice(story)]

    assert sum(document.tax_minor for document in sums[0]) == 0
    assert sum(document.total_minor for document in sums[0]) == 0
    assert first_invoice(story).tax_minor == 1330
    assert_books_hold(story.customer, now=makers.moment("2026-11-15"))


def test_seats_that_start_late_are_credited_with_the_tax_in_them() -> None:
    story = begin_with_tax()
    order = story.order("2026-11-20", {"basic": 5})

    story.pay("2026-11-25", order)

    note = last(story)
    assert (note.kind, note.total_minor) == ("credit_note", -sum_of_days(5))
    assert note.net_minor + note.tax_minor == note.total_minor
    assert note.tax_minor == -round(sum_of_days(5) * 19 / 119)
    assert_books_hold(story.customer, now=makers.moment("2026-11-25"))
    assert_papers_hold(story.customer)


def sum_of_days(days: int) -> int:
    """What two seats cost for so many of the 25 days of 20 November to 15 December, by complement."""
    billed = round(2 * 1190 * 25 / 30)
    return billed - round(billed * (25 - days) / 25)


def test_goodwill_is_given_with_the_tax_in_it_and_at_most_what_was_paid() -> None:
    story = begin_with_tax()
    number = first_invoice(story).number

    given = give_goodwill(
        number, amount_minor=1190, reason="Slow", staff_id=makers.clerk_id(), now=makers.moment("2026-11-20")
    )

    note = Document.objects.get(number=given)
    assert (note.net_minor, note.tax_minor, note.total_minor) == (-1000, -190, -1190)
    with pytest.raises(ActRefused, match=r"at most 23\.80 EUR with the tax in it"):
        give_goodwill(
            number, amount_minor=2381, reason="More", staff_id=makers.clerk_id(), now=makers.moment("2026-11-20")
        )
    assert_books_hold(story.customer, now=makers.moment("2026-11-20"))


def test_a_charge_by_hand_has_its_tax_in_the_price() -> None:
    story = begin_with_tax()

    number = charge_by_hand(
        story.customer.pk, text="Moving", quantity=1, unit_price=Decimal(119), category="S", reason="Agreed",
        staff_id=makers.clerk_id(), now=makers.moment("2026-11-20"),
    )  # fmt: skip

    invoice = Document.objects.get(number=number)
    assert (invoice.net_minor, invoice.tax_minor, invoice.total_minor) == (10000, 1900, 11900)


def test_a_corrected_recipient_pays_the_same() -> None:
    story = begin_with_tax()
    Customer.objects.filter(pk=story.customer.pk).update(legal_name="Acme Holding GmbH")
    original = first_invoice(story)

    done = correct_recipient(
        original.number, reason="Wrong name", staff_id=makers.clerk_id(), now=makers.moment("2026-11-20")
    )

    credited, reissued = Document.objects.get(number=done.taken_back_by), Document.objects.get(number=done.reissued_as)
    assert (credited.net_minor, credited.tax_minor) == (-original.net_minor, -original.tax_minor)
    assert (reissued.net_minor, reissued.tax_minor) == (original.net_minor, original.tax_minor)
    assert_papers_hold(story.customer)


def test_a_new_rate_leaves_the_price_and_changes_what_is_net() -> None:
    story = begin_with_tax()
    makers.catalog.set_tax_rate(
        "DE", category="S", label="USt", rate=Decimal(21), starts_on=date(2026, 12, 1), now=makers.KNOWN
    )

    story.renew("2026-12-15")

    assert (last(story).total_minor, last(story).tax_minor, last(story).net_minor) == (3570, 620, 2950)
    assert_books_hold(story.customer, now=makers.moment("2026-12-15"))


def test_who_pays_no_tax_pays_the_price_as_it_is_written() -> None:
    make_prices(include_tax=True)
    customer = make_customer(tax_treatment=TaxTreatment.EXEMPT, exemption_reason="Steuerfrei nach § 4 UStG")
    story = begin({"basic": 3}, customer=customer)

    assert (last(story).total_minor, last(story).tax_minor, last(story).net_minor) == (3570, 0, 3570)
    assert "Steuerfrei nach § 4 UStG" in pdf_of(views_of(customer)[0])
    assert_papers_hold(customer)


def test_both_kinds_of_prices_stand_side_by_side_and_each_customer_has_one() -> None:
    make_prices(include_tax=True)
    make_prices(include_tax=False, basic="9.00")
    private = begin({"basic": 1}, customer=make_customer())
    company = begin({"basic": 1}, customer=make_customer(include_tax=False))
    offer = Offer.objects.get(edition__code="basic")
    set_price(
        offer.pk, currency="EUR", unit_price=Decimal("12.90"), starts_on=date(2026, 12, 1), includes_tax=True,
        now=makers.KNOWN,
    )  # fmt: skip

    for story in (private, company):
        story.renew("2026-12-15")

    assert [document.total_minor for document in private.customer.documents.order_by("pk")] == [1190, 1290]
    assert [document.total_minor for document in company.customer.documents.order_by("pk")] == [1071, 1071]
    for story in (private, company):
        assert_books_hold(story.customer, now=makers.moment("2026-12-15"))
        assert_papers_hold(story.customer)


def test_a_customer_never_changes_from_one_kind_of_prices_to_the_other() -> None:
    story = begin_with_tax()

    with pytest.raises(DatabaseError, match="customer"), transaction.atomic():
        Customer.objects.filter(pk=story.customer.pk).update(prices_include_tax=False)


def test_the_database_refuses_a_document_of_the_other_kind() -> None:
    story = begin_with_tax()
    document = first_invoice(story)
    document.pk = None
    document.sequence, document.number, document.prices_include_tax = 999, "INV-000999", False

    with pytest.raises(DatabaseError, match="as its customer has"), transaction.atomic():
        document.save(force_insert=True)


def test_the_paper_and_the_file_say_in_words_that_tax_is_included() -> None:
    make_prices(include_tax=True)
    customer = make_customer(language=DocumentLanguage.GERMAN)
    begin({"basic": 3}, customer=customer)
    (view,) = views_of(customer)

    text, xml = pdf_of(view), xml_of(view)

    assert "Einzelpreis inkl. Steuer Betrag inkl. Steuer" in text
    assert "Die Beträge der Positionen enthalten die Steuer." in text
    assert "USt 19 % von 30,00 € 5,70 €" in text
    assert texts(xml, "IncludedNote/Content")[0].endswith("= 35,70 € · enthält Steuer")
    assert "Einzelpreis inkl. Steuer" in texts(xml, "ApplicableProductCharacteristic/Description")


def test_ledger_and_statement_tell_net_and_tax_apart() -> None:
    story = begin_with_tax()

    def account(name: Account) -> int:
        return get_account_minor(story.customer.number, account=name, currency="EUR")

    assert (account(Account.REVENUE), account(Account.TAX), account(Account.BANK)) == (-3000, -570, 3570)
    statement = get_statement(
        story.customer.number, currency="EUR", starts_on=date(2026, 11, 1), ends_on=date(2026, 11, 30)
    )
    assert [row.amount_minor for row in statement.rows] == [3570, -3570]


def test_what_microsoft_refuses_comes_back_with_the_tax_in_it(settings: Settings) -> None:
    settings.PERSEAT = settings.PERSEAT.model_copy(update={"provider_country": "AU"})
    world = make_world(seats={"basic": 2}, prices_include_tax=True, upgrades=False)
    order_id = world.order(basic=1, premium=2)
    world.simulator.faults.arm(
        Fault(
            kind=FaultKind.REFUSED,
            method="POST",
            path_pattern="/carts$",
            times=100,
            answer={"status": 403, "body": {"code": 800070, "description": "Not sold here.", "source": "PartnerFD"}},
        )
    )

    world.deliver(order_id)

    invoice, note = Document.objects.filter(order_id=order_id).order_by("pk")
    assert (note.total_minor, note.tax_minor) == (-invoice.total_minor, -invoice.tax_minor)
    assert note.tax_minor == -(-note.total_minor - round_half_away(-note.total_minor * 10, 11))
    assert_books_hold(world.customer, now=world.now())
    assert_papers_hold(world.customer)


def test_seats_are_taken_over_at_the_prices_that_the_customer_has() -> None:
    world = make_world(seats={"basic": 2}, prices_include_tax=True)

    makers.renew(world.customer, now=world.now())

    document = Document.objects.get(customer=world.customer)
    assert (document.total_minor, document.prices_include_tax) == (1800, True)


def test_seats_returned_in_their_window_come_back_with_the_tax_in_them(settings: Settings) -> None:
    settings.PERSEAT = settings.PERSEAT.model_copy(update={"provider_country": "AU"})
    world = make_world(seats={"basic": 4}, prices_include_tax=True, policy=DecreasePolicy.WINDOW)
    world.deliver(world.order(basic=6))
    order_id = world.order(basic=4)

    order = world.deliver(order_id)

    note = Document.objects.get(order_id=order_id)
    assert (note.total_minor, note.tax_minor) == (-1800, -164)
    assert note.total_minor == order.quote.due_today_minor
    assert order.quote.decreases[0]["refund_total_minor"] == 1800
    assert_books_hold(world.customer, now=world.now())
    assert_papers_hold(world.customer)
