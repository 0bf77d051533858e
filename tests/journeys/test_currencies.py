"""Currencies with no, two, three and four digits through the product, at prices of up to eight decimals."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from tests import makers
from tests.journeys.books import assert_books_hold
from tests.journeys.cast import Story, begin
from tests.journeys.papers import assert_papers_hold, pdf_of, views_of

from perseat.capabilities.customers.models import Customer
from perseat.capabilities.invoicing.wording import write_money, write_unit_price
from perseat.capabilities.ledger.export import export_beancount
from perseat.capabilities.ledger.models import LedgerLine
from perseat.capabilities.ledger.statement import get_statement
from perseat.domain.parties import DocumentLanguage
from perseat.entrypoints.backoffice.forms import parse_amount
from perseat.journeys.billing_acts import charge_by_hand, give_goodwill
from perseat.journeys.electronic_invoicing import why_not_electronic

pytestmark = pytest.mark.django_db
YEARS = {"starts_on": date(2026, 1, 1), "ends_on": date(2027, 12, 31)}


@dataclass(frozen=True)
class Money:
    """A currency, the price of one seat of Basic, and what three seats are charged with 10 % of tax."""

    currency: str
    price: str
    net_minor: int
    tax_minor: int
    printed_total: str


CURRENCIES = [
    Money("JPY", "1018.5", 3056, 306, "¥ 3,362"),
    Money("EUR", "7.12345678", 2137, 214, "€ 23.51"),
    Money("RSD", "845.5", 253650, 25365, "RSD 2,790.15"),
    Money("KWD", "2.1055", 6317, 632, "KWD 6.949"),
    Money("CLF", "0.23456789", 7037, 704, "CLF 0.7741"),
]


def begin_in(money: Money, *, language: DocumentLanguage = DocumentLanguage.ENGLISH) -> Story:
    makers.make_catalog(
        currency=money.currency, prices={"basic": money.price, "standard": money.price, "premium": "9999.12345678"}
    )  # fmt: skip
    customer = makers.make_customer(currency=money.currency, language=language)
    return begin({"basic": 3}, customer=customer)


@pytest.mark.parametrize("money", CURRENCIES, ids=lambda money: money.currency)
def test_a_life_in_any_currency_holds_in_books_on_paper_and_for_the_accountant(money: Money, tmp_path: Path) -> None:
    story = begin_in(money)
    invoice = story.customer.documents.get()
    story.buy("2026-11-20", {"basic": 1, "premium": 2})
    story.order("2026-11-22", {"basic": 0, "premium": 1})
    story.renew("2026-12-15")
    give_goodwill(
        invoice.number, amount_minor=7, reason="Slow", staff_id=makers.clerk_id(), now=makers.moment("2026-12-16")
    )
    charge_by_hand(
        story.customer.pk, text="Moving", quantity=3, unit_price=Decimal("33.33333333"), category="S",
        reason="Agreed", staff_id=makers.clerk_id(), now=makers.moment("2026-12-17"),
    )  # fmt: skip

    assert (invoice.net_minor, invoice.tax_minor) == (money.net_minor, money.tax_minor)
    assert money.printed_total in pdf_of(views_of(story.customer)[0])
    assert_books_hold(story.customer, now=makers.moment("2026-12-17"))
    assert_papers_hold(story.customer)
    assert_accountant_agrees(tmp_path / "ledger.beancount")


def assert_accountant_agrees(file: Path) -> None:
    file.write_text("".join(export_beancount(**YEARS)))
    command = [sys.executable, "-m", "beancount.scripts.check", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own file
    assert (done.returncode, done.stderr) == (0, "")


def test_customers_of_all_currencies_share_one_ledger_that_balances_in_each(tmp_path: Path) -> None:
    stories = {money.currency: begin_in(money) for money in CURRENCIES}
    for story in stories.values():
        story.buy("2026-11-20", {"basic": 5})

    sums: dict[str, int] = {}
    for currency, amount in LedgerLine.objects.values_list("currency", "amount_minor"):
        sums[currency] = sums.get(currency, 0) + amount

    assert sums == dict.fromkeys(stories, 0)
    assert_accountant_agrees(tmp_path / "ledger.beancount")
    for currency, story in stories.items():
        statement = get_statement(story.customer.number, currency=currency, **YEARS)
        assert [row.amount_minor for row in statement.rows][:2] == [
            story.customer.documents.order_by("pk")[0].total_minor,
            -story.customer.documents.order_by("pk")[0].total_minor,
        ]


@pytest.mark.parametrize(("currency", "has_file"), [("JPY", True), ("EUR", True), ("KWD", False), ("CLF", False)])
def test_an_electronic_invoice_is_made_where_the_standard_has_room(currency: str, *, has_file: bool) -> None:
    story = begin_in(next(money for money in CURRENCIES if money.currency == currency))

    (view,) = views_of(story.customer)

    assert (why_not_electronic(view) == "") is has_file


@pytest.mark.parametrize("money", CURRENCIES, ids=lambda money: money.currency)
def test_figures_are_written_with_all_digits_of_the_currency_and_read_back(money: Money) -> None:
    minor = money.net_minor + money.tax_minor
    written = write_money(minor, currency=money.currency, language="en")

    assert written == money.printed_total
    assert parse_amount(written.split(" ")[1], currency=money.currency) == minor


@pytest.mark.parametrize(
    ("price", "currency", "language", "written"),
    [
        ("1018.5", "JPY", "en", "¥ 1,018.5"),
        ("7.12345678", "EUR", "de", "7,12345678 €"),
        ("2.1", "KWD", "de", "2,100 KWD"),
        ("100", "RSD", "en", "RSD 100.00"),
    ],
)
def test_a_unit_price_keeps_all_its_decimals(price: str, currency: str, language: str, written: str) -> None:
    assert write_unit_price(Decimal(price), currency=currency, language=language) == written


def test_a_customer_never_changes_its_currency() -> None:
    story = begin_in(CURRENCIES[0])

    with pytest.raises(Exception, match="customer"):
        Customer.objects.filter(pk=story.customer.pk).update(currency="EUR")
