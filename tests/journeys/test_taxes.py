"""Taxes through the product: several rates, a new rate from a day on, reverse charge, exempt, zero, outside scope."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from decimal import Decimal

import pytest
from pytest_django.fixtures import Settings
from tests import makers
from tests.journeys.books import assert_books_hold
from tests.journeys.cast import Story, begin
from tests.journeys.papers import assert_papers_hold, pdf_of, texts, views_of, xml_of
from tests.journeys.providers import sell_from_germany

from perseat.capabilities.accounts.models import AuditEntry
from perseat.capabilities.accounts.queries import NotAllowed
from perseat.capabilities.catalog.actions import TaxRateUnusable, add_edition, set_price, set_tax_rate
from perseat.capabilities.catalog.models import Edition, Offer
from perseat.capabilities.customers.actions import NewBillingDetails, change_billing_details, change_tax_treatment
from perseat.capabilities.customers.models import Customer
from perseat.capabilities.customers.queries import get_billing_details
from perseat.capabilities.customers.tax_numbers import ReverseChargeImpossible
from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.ledger.models import Account
from perseat.capabilities.ledger.queries import get_account_minor
from perseat.domain.money import UnitPriceNotUsable, UnknownCurrency
from perseat.domain.parties import DocumentLanguage, TaxTreatment
from perseat.domain.rights import StaffRole
from perseat.journeys.billing_acts import ActRefused, charge_by_hand, give_goodwill
from perseat.journeys.checkout import MovedBecause, QuoteHasMoved
from perseat.journeys.taxation import PriceKind, enter_tax_rate, taxation_of

pytestmark = pytest.mark.django_db
AUSTRIAN = {"country": "AT", "tax_number": "ATU13585627"}


@pytest.fixture(autouse=True)
def _german_provider(settings: Settings) -> None:
    sell_from_germany(settings)


def make_prices(**categories: str) -> None:
    makers.make_catalog(currency="EUR", country="DE", tax_rate="19", tax_label="USt", tax_categories=categories)


def make_customer(**details: object) -> Customer:
    return makers.make_customer(currency="EUR", **({"country": "DE"} | details))  # type: ignore[arg-type]


def tax_account(customer: Customer) -> int:
    return -get_account_minor(customer.number, account=Account.TAX, currency="EUR")


def taxes_of(document: Document) -> list[tuple[str, str, int, int]]:
    rows = document.taxes.order_by("pk")
    return [(row.category, f"{row.rate.normalize():f}", row.net_minor, row.tax_minor) for row in rows]


def last(story: Story) -> Document:
    return story.customer.documents.order_by("-pk")[0]


def assert_all_holds(story: Story, day: str) -> None:
    assert_books_hold(story.customer, now=makers.moment(day))
    assert_papers_hold(story.customer)
    assert tax_account(story.customer) == sum(document.tax_minor for document in story.customer.documents.all())


def test_several_categories_stand_on_one_document_each_with_its_sum() -> None:
    make_prices(standard="Z", premium="E")
    set_tax_rate("DE", category="Z", label="USt", rate=Decimal(0), starts_on=date(2020, 1, 1), now=makers.KNOWN)
    set_tax_rate("DE", category="E", label="USt", rate=Decimal(0), starts_on=date(2020, 1, 1), now=makers.KNOWN)
    story = begin({"basic": 3, "standard": 2, "premium": 1}, customer=make_customer())

    assert taxes_of(last(story)) == [("S", "19", 2700, 513), ("Z", "0", 3600, 0), ("E", "0", 3000, 0)]
    story.buy("2026-11-20", {"basic": 1, "standard": 0, "premium": 4})
    story.renew("2026-12-15")
    assert_all_holds(story, "2026-12-15")
    xml = xml_of(views_of(story.customer)[0])
    assert texts(xml, "ApplicableHeaderTradeSettlement/ApplicableTradeTax/CategoryCode") == ["S", "Z", "E"]
    assert texts(xml, "ExemptionReason") == ["Exempt from tax"]


def test_of_an_invoice_with_several_rates_goodwill_never_brings_more_tax_back_than_was_charged() -> None:
    make_prices(premium="Z")
    set_tax_rate("DE", category="Z", label="USt", rate=Decimal(0), starts_on=date(2020, 1, 1), now=makers.KNOWN)
    story = begin({"basic": 4, "premium": 1}, customer=make_customer())
    invoice = last(story)

    give_goodwill(
        invoice.number,
        amount_minor=6600,
        reason="All of it",
        staff_id=makers.clerk_id(),
        now=makers.moment("2026-11-20"),
    )

    assert taxes_of(last(story)) == [("S", "19", -3600, -684), ("Z", "0", -3000, 0)]
    assert last(story).total_minor == -invoice.total_minor
    with pytest.raises(ActRefused, match="at most 0"):
        give_goodwill(
            invoice.number, amount_minor=1, reason="More", staff_id=makers.clerk_id(), now=makers.moment("2026-11-21")
        )
    assert_all_holds(story, "2026-11-21")


def test_a_new_rate_counts_from_its_day_and_credits_keep_the_old_one() -> None:
    make_prices()
    story = begin({"basic": 4}, customer=make_customer())
    announced = makers.moment("2026-11-20")
    set_tax_rate("DE", category="S", label="USt", rate=Decimal("20.5"), starts_on=date(2026, 12, 1), now=announced)

    story.buy("2026-11-30", {"basic": 5})
    assert taxes_of(last(story)) == [("S", "19", 450, 86)]
    story.buy("2026-12-01", {"basic": 4, "premium": 1})

    assert [(rate, net < 0) for _, rate, net, _ in taxes_of(last(story))] == [("19", True), ("20.5", False)]
    story.renew("2026-12-15")
    assert [rate for _, rate, _, _ in taxes_of(last(story))] == ["20.5"]
    assert_all_holds(story, "2026-12-15")


def test_a_quote_made_before_a_new_rate_was_entered_is_made_afresh() -> None:
    make_prices()
    story = begin({"basic": 4}, customer=make_customer())
    quote_id = story.quote("2026-11-20", {"basic": 5})
    administrator = makers.make_user(staff_role=StaffRole.ADMINISTRATOR)
    enter_tax_rate(
        category="S", label="USt", rate=Decimal(20), starts_on=date(2026, 12, 1), user_id=administrator.pk,
        now=makers.moment("2026-11-20"),
    )  # fmt: skip

    with pytest.raises(QuoteHasMoved) as moved:
        story.accept("2026-11-20", quote_id)

    assert moved.value.reason is MovedBecause.PRICES
    assert moved.value.fresh_quote_id is not None
    figures = story.checkout("2026-11-20", moved.value.fresh_quote_id).figures
    assert (figures.net_minor, figures.tax_minor, figures.recurring[0].tax_minor) == (750, 143, 900)
    assert AuditEntry.objects.filter(verb="entered tax rate", actor=administrator.email).exists()


def test_only_an_administrator_enters_a_rate() -> None:
    clerk = makers.make_user(staff_role=StaffRole.CLERK)

    with pytest.raises(NotAllowed):
        enter_tax_rate(
            category="S", label="USt", rate=Decimal(20), starts_on=date(2026, 12, 1), user_id=clerk.pk,
            now=makers.moment("2026-11-20"),
        )  # fmt: skip


TREATMENTS = {
    "reverse charge": (
        {"tax_treatment": TaxTreatment.REVERSE_CHARGE, **AUSTRIAN},
        "AE",
        "Reverse charge",
        "Steuerschuldnerschaft des Leistungsempfängers",
    ),
    "exempt": (
        {"tax_treatment": TaxTreatment.EXEMPT, "exemption_reason": "Steuerfrei nach § 4 Nr. 7 UStG"},
        "E",
        "Steuerfrei nach § 4 Nr. 7 UStG",
        "Steuerfrei nach § 4 Nr. 7 UStG",
    ),
    "outside scope": (
        {"tax_treatment": TaxTreatment.OUTSIDE_SCOPE, "country": "CH"},
        "O",
        "Not subject to tax",
        "Nicht steuerbar",
    ),
}


@pytest.mark.parametrize("language", DocumentLanguage)
@pytest.mark.parametrize("treatment", TREATMENTS)
def test_who_is_not_charged_tax_gets_documents_that_say_why(treatment: str, language: DocumentLanguage) -> None:
    details, category, english, german = TREATMENTS[treatment]
    make_prices()
    story = begin({"basic": 3}, customer=make_customer(language=language, **details))
    story.buy("2026-11-20", {"basic": 1, "premium": 2})
    story.order("2026-11-22", {"basic": 0, "premium": 1})
    story.renew("2026-12-15")
    charge_by_hand(
        story.customer.pk, text="Moving", quantity=2, unit_price=Decimal(45), category="S", reason="Agreed",
        staff_id=makers.clerk_id(), now=makers.moment("2026-12-16"),
    )  # fmt: skip

    assert_all_holds(story, "2026-12-16")
    assert tax_account(story.customer) == 0
    assert taxation_of(story.customer).price_kind is PriceKind.WITHOUT_TAX
    for view in views_of(story.customer):
        assert {line.tax_category for line in view.lines} == {category}
        assert view.tax_minor == 0
        assert (english if language is DocumentLanguage.ENGLISH else german) in pdf_of(view)
        assert texts(xml_of(view), "ExemptionReason") == [english if language is DocumentLanguage.ENGLISH else german]


def test_under_reverse_charge_both_numbers_stand_on_paper_and_in_the_file() -> None:
    make_prices()
    customer = make_customer(
        tax_treatment=TaxTreatment.REVERSE_CHARGE, language=DocumentLanguage.GERMAN, **AUSTRIAN
    )  # fmt: skip
    begin({"basic": 3}, customer=customer)
    (view,) = views_of(customer)

    text, xml = pdf_of(view), xml_of(view)

    assert "USt-IdNr. DE136695976" in text
    assert "USt-IdNr. ATU13585627" in text
    assert texts(xml, "SellerTradeParty/SpecifiedTaxRegistration/ID") == ["DE136695976"]
    assert texts(xml, "BuyerTradeParty/SpecifiedTaxRegistration/ID") == ["ATU13585627"]


def test_a_seller_outside_any_tax_adds_none_and_says_so(settings: Settings) -> None:
    settings.PERSEAT = settings.PERSEAT.model_copy(update={"provider_country": "XX", "provider_tax_number": ""})
    make_prices()
    story = begin({"basic": 3}, customer=make_customer(language=DocumentLanguage.GERMAN))

    assert taxes_of(last(story)) == [("S", "0", 2700, 0)]
    assert "Steuer 0 % von 27,00 €" in pdf_of(views_of(story.customer)[0])
    assert "Nicht steuerbar" in pdf_of(views_of(story.customer)[0])


def change_treatment(customer: Customer, treatment: TaxTreatment, **details: str) -> None:
    change_tax_treatment(
        customer.pk,
        treatment=treatment,
        tax_number=details.get("tax_number", customer.tax_number),
        exemption_reason=details.get("exemption_reason", ""),
        user_id=makers.make_user(staff_role=StaffRole.ADMINISTRATOR).pk,
        now=makers.moment("2026-11-18"),
    )


def test_a_customer_that_becomes_liable_itself_is_credited_with_the_tax_that_it_paid() -> None:
    make_prices()
    story = begin({"basic": 4}, customer=make_customer(country="AT"))
    quote_id = story.quote("2026-11-18", {"basic": 5})
    change_treatment(story.customer, TaxTreatment.REVERSE_CHARGE, tax_number="U13585627")

    with pytest.raises(QuoteHasMoved):
        story.accept("2026-11-18", quote_id)
    story.buy("2026-11-20", {"basic": 0, "premium": 4})
    story.renew("2026-12-15")

    documents = [taxes_of(document) for document in story.customer.documents.order_by("pk")]
    assert [[(category, rate) for category, rate, _, _ in taxes] for taxes in documents] == [
        [("S", "19")],
        [("S", "19"), ("AE", "0")],
        [("AE", "0")],
    ]
    assert_all_holds(story, "2026-12-15")


@pytest.mark.parametrize(
    ("country", "tax_number", "field"),
    [("AT", "", "tax_number"), ("DE", "DE136695976", "country")],
)
def test_reverse_charge_needs_a_number_and_another_country(country: str, tax_number: str, field: str) -> None:
    customer = make_customer(country=country)

    with pytest.raises(ReverseChargeImpossible) as refusal:
        change_treatment(customer, TaxTreatment.REVERSE_CHARGE, tax_number=tax_number)

    assert refusal.value.field == field
    customer.refresh_from_db()
    assert customer.tax_treatment == TaxTreatment.DOMESTIC


@pytest.mark.parametrize(
    ("change", "field"),
    [({"tax_number": ""}, "tax_number"), ({"country": "DE", "tax_number": "DE136695976"}, "country")],
)
def test_an_owner_under_reverse_charge_cannot_take_what_it_rests_on_away(change: dict[str, str], field: str) -> None:
    customer = make_customer(tax_treatment=TaxTreatment.REVERSE_CHARGE, **AUSTRIAN)
    known = asdict(get_billing_details(customer.pk))
    details = NewBillingDetails(**{name: str(known[name]) for name in NewBillingDetails.__dataclass_fields__} | change)

    with pytest.raises(ReverseChargeImpossible) as refusal:
        change_billing_details(
            details, customer_id=customer.pk, user_id=makers.make_member(customer).pk, now=makers.moment("2026-11-18")
        )

    assert refusal.value.field == field
    customer.refresh_from_db()
    assert customer.tax_number == AUSTRIAN["tax_number"]


def test_why_a_customer_was_exempt_goes_with_the_exemption() -> None:
    customer = make_customer()

    change_treatment(customer, TaxTreatment.EXEMPT, exemption_reason=" Steuerfrei  nach § 4 ")
    customer.refresh_from_db()
    assert customer.exemption_reason == "Steuerfrei nach § 4"
    change_treatment(customer, TaxTreatment.DOMESTIC, exemption_reason="Steuerfrei nach § 4")

    customer.refresh_from_db()
    assert customer.exemption_reason == ""


@pytest.mark.parametrize(
    ("rate", "category", "label", "field"),
    [
        ("-1", "S", "USt", "rate"),
        ("100.01", "S", "USt", "rate"),
        ("19.00001", "S", "USt", "rate"),
        ("NaN", "S", "USt", "rate"),
        ("5", "AE", "USt", "rate"),
        ("19", "X", "USt", "category"),
        ("19", "S", " ", "label"),
        ("19", "S", "Mehrwertsteuer in Deutschland", "label"),
    ],
)
def test_a_rate_that_no_document_could_have_is_refused(rate: str, category: str, label: str, field: str) -> None:
    with pytest.raises(TaxRateUnusable) as refusal:
        set_tax_rate(
            "DE", category=category, label=label, rate=Decimal(rate), starts_on=date(2026, 12, 1), now=makers.KNOWN
        )

    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("price", "currency", "refusal"),
    [("7.123456789", "EUR", UnitPriceNotUsable), ("-1", "EUR", UnitPriceNotUsable), ("7", "EUX", UnknownCurrency)],
)
def test_a_price_that_cannot_be_kept_exactly_is_refused(price: str, currency: str, refusal: type[Exception]) -> None:
    make_prices()
    offer = Offer.objects.get(edition__code="basic")

    with pytest.raises(refusal):
        set_price(offer.pk, currency=currency, unit_price=Decimal(price), starts_on=date(2026, 12, 1), now=makers.KNOWN)

    assert offer.prices.count() == 1


def test_an_edition_of_an_unknown_tax_category_is_not_sold() -> None:
    make_prices()
    basic = Edition.objects.get(code="basic")

    with pytest.raises(TaxRateUnusable):
        add_edition(
            "basic", name=basic.name, former_names="", summary="", directory_sku_id=basic.directory_sku_id,
            supplier_product_id="", supplier_sku_id="", position=1, tax_category="R",
        )  # fmt: skip
