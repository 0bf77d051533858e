"""Pages of the back office about money: returns, the trial balance, exports, statements; and who may see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests import makers
from tests.entrypoints.portal.reading import words

from perseat.capabilities.customers.models import Customer
from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.payments.models import Payment, Repayment
from perseat.domain.rights import MemberRole, StaffRole
from perseat.entrypoints.pages.templatetags.money import money
from perseat.journeys.paying import record_bank_receipt

pytestmark = pytest.mark.django_db


@dataclass
class Cast:
    """A customer with an overpaid invoice and 50.00 of balance."""

    customer: Customer
    invoice: Document
    clerk: Client
    owner: Client

    def path(self, name: str) -> str:
        return f"/backoffice/customers/{self.customer.number}/{name}"


@pytest.fixture
def cast() -> Cast:
    customer = makers.make_customer()
    today = timezone.now().date()
    makers.make_service(customer, seats={"basic": 2}, started_on=today - timedelta(days=3))
    invoice = Document.objects.get(customer=customer)
    clerk, owner = Client(), Client()
    person = makers.make_user(staff_role=StaffRole.CLERK, email="clerk@p.example")
    clerk.force_login(person)
    owner.force_login(makers.make_member(customer))
    record_bank_receipt(
        document_number=invoice.number, amount_minor=5000, received_on=today - timedelta(days=1), bank_reference="ST-9",
        staff_id=person.pk, now=timezone.now(),
    )  # fmt: skip
    return Cast(customer=customer, invoice=invoice, clerk=clerk, owner=owner)


RETURN = {"amount": "20.00", "way": "bank_transfer", "bank_reference": "OUT-7", "reason": "Paid twice"}


def test_a_clerk_returns_money_and_everybody_sees_it(cast: Cast) -> None:
    page = words(cast.clerk.get(cast.path("return/")))
    assert "Can go back A$ 50.00" in page
    asked = words(cast.clerk.post(cast.path("return/"), RETURN))
    assert "Nothing is recorded yet." in asked
    assert "Return A$ 20.00?" in asked
    assert not Repayment.objects.exists()

    done = words(cast.clerk.post(cast.path("return/"), RETURN | {"confirm": "yes"}, follow=True))

    assert "Return of A$ 20.00" in done
    assert "Paid twice" in done
    assert "OUT-7" in words(cast.clerk.get("/backoffice/repayments/?search=OUT"))
    assert "Returned money: Return" in words(cast.clerk.get(cast.path("")))
    theirs = words(cast.owner.get("/invoices/statement/"))
    assert "Money returned by bank transfer" in theirs
    assert "OUT-7" in theirs
    assert "We hold A$ 30.00 for you" in theirs


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("amount", "50.01", "At most 50.00 AUD can go back now"),
        ("amount", "0", "The amount must be above zero."),
        ("amount", "-1", "Write the amount in figures"),
        ("amount", "1.005", "at most 2 digits"),
        ("amount", "", "This field is required."),
        ("bank_reference", " ", "Name the transfer by its reference"),
        ("way", "4711", "Select a valid choice."),
        ("reason", "", "Say why"),
    ],
)
def test_a_return_that_cannot_be_is_refused_beside_its_field(cast: Cast, field: str, typed: str, sentence: str) -> None:
    answer = cast.clerk.post(cast.path("return/"), RETURN | {field: typed})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert sentence in words(answer)
    assert text.index(sentence.split(maxsplit=1)[0], text.index(f'name="{field}"')) > 0
    assert not Repayment.objects.exists()


def test_the_trial_balance_of_any_day_is_even_and_each_account_opens(cast: Cast) -> None:
    page = words(cast.clerk.get("/backoffice/ledger/"))
    assert "Trial balance in AUD" in page
    assert "Debit and credit are the same: the ledger balances." in page
    early = words(cast.clerk.get("/backoffice/ledger/?on=2020-01-01"))
    assert "No entry up to this day" in early
    bank = cast.clerk.get("/backoffice/ledger/accounts/bank/AUD/")
    assert "Payment received" in words(bank)
    assert f"/backoffice/payments/{Payment.objects.order_by('-pk')[0].pk}/" in bank.content.decode()
    owed = cast.clerk.get("/backoffice/ledger/accounts/receivable/AUD/").content.decode()
    assert f"/backoffice/invoices/{cast.invoice.number}/" in owed
    assert cast.clerk.get("/backoffice/ledger/accounts/nonsense/AUD/").status_code == 404
    assert cast.clerk.get("/backoffice/ledger/?on=1").status_code == 422


def test_ledger_pages_ask_the_database_as_often_for_many_entries_as_for_few(cast: Cast) -> None:
    paths = [
        "/backoffice/ledger/", "/backoffice/ledger/accounts/balance/AUD/", cast.path("statement/"),
        "/backoffice/repayments/",
    ]  # fmt: skip

    def count() -> list[int]:
        counts = []
        for path in paths:
            with CaptureQueriesContext(
                connection,
            ) as queries:
                cast.clerk.get(path)
            counts.append(len(queries))
        return counts

    few = count()
    clerk = makers.clerk_id()
    for number in range(20):
        record_bank_receipt(
            document_number=cast.invoice.number, amount_minor=100, received_on=date(2026, 1, 1),
            bank_reference=f"MANY-{number}", staff_id=clerk, now=timezone.now(),
        )  # fmt: skip
    for number in range(5):
        typed = RETURN | {"bank_reference": f"OUT-{number}", "amount": f"1.0{number}", "confirm": "yes"}
        cast.clerk.post(cast.path("return/"), typed, follow=True)
    assert Repayment.objects.count() == 5
    assert count() == few


def test_the_days_of_an_export_are_chosen_on_a_page(cast: Cast) -> None:
    page = cast.clerk.get("/backoffice/ledger/export/?from=2026-01-01&to=2026-03-31").content.decode()
    assert "/backoffice/ledger/export.csv?from=2026-01-01&amp;to=2026-03-31" in page
    wrong = cast.clerk.get("/backoffice/ledger/export.csv?from=2026-03-31&to=2026-01-01")
    assert wrong.status_code == 422
    assert "The last day is before the first." in words(wrong)
    assert 'value="2026-03-31"' in wrong.content.decode(), "what was typed is kept"
    assert "Enter a valid date." in words(cast.clerk.get("/backoffice/ledger/export/?from=yesterday"))


def test_a_statement_is_a_page_and_a_file_and_leads_to_its_documents(cast: Cast) -> None:
    for client, page, file, invoice in (
        (cast.clerk, cast.path("statement/"), cast.path("statement.csv"), "/backoffice/invoices/"),
        (cast.owner, "/invoices/statement/", "/invoices/statement.csv", "/invoices/"),
    ):
        text = client.get(page).content.decode()
        assert f'href="{invoice}{cast.invoice.number}/"' in text
        assert "Brought forward" in text
        rows = client.get(file).content.decode().splitlines()
        assert rows[0] == "date,what,reference,amount,owed_after,currency"
        assert rows[1].split(",")[1] == "Brought forward"
        assert rows[-1].split(",")[4] == "-50.00"
        assert client.get(f"{page}?from=2026-02-30").status_code == 422


def test_a_receipt_for_a_closed_month_says_on_which_day_it_is_dated(cast: Cast) -> None:
    month = (timezone.now().date().replace(day=1) - timedelta(days=1)).replace(day=1)
    assert cast.clerk.post("/backoffice/months/", {"month": f"{month:%Y-%m}", "reason": "Filed"}).status_code == 200
    cast.clerk.post("/backoffice/months/", {"month": f"{month:%Y-%m}", "reason": "Filed", "confirm": "yes"})
    typed = {
        "document_number": cast.invoice.number, "amount": "1.00", "received_on": f"{month:%Y-%m-%d}",
        "bank_reference": "LATE-1",
    }  # fmt: skip
    said = words(cast.clerk.post("/backoffice/payments/add/", typed, follow=True))
    assert "because the books of its month are closed" in said
    again = cast.clerk.post("/backoffice/months/", {"month": f"{month:%Y-%m}", "reason": "Filed"})
    assert again.status_code == 422
    assert "This month is closed already." in words(again)
    for never in ("9999-12", "0001-01"):
        refused = cast.clerk.post("/backoffice/months/", {"month": never, "reason": "Filed"})
        assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["month"])


def test_a_customer_asks_for_the_balance_with_words_that_are_there_already(cast: Cast) -> None:
    page = cast.owner.get("/balance/ask/")
    assert "Please return our balance of A$ 50.00 to us." in page.content.decode()
    sent = words(cast.owner.post("/balance/ask/", {"text": "Please return our balance."}, follow=True))
    assert "Return of the balance" in sent
    thread = cast.clerk.get("/backoffice/questions/").content.decode()
    assert "Return of the balance" in thread
    asked = cast.clerk.get(f"/backoffice/questions/{cast.customer.questions.get().pk}/").content.decode()
    assert cast.path("return/") in asked
    viewer = Client()
    viewer.force_login(makers.make_member(cast.customer, role=MemberRole.VIEWER))
    assert "We hold A$ 50.00" in words(viewer.get("/invoices/statement/"))
    assert "Ask for its return" not in words(viewer.get("/invoices/statement/"))
    assert viewer.post("/balance/ask/", {"text": "Please"}).status_code == 403


def test_nobody_but_the_staff_sees_or_does_any_of_it(cast: Cast) -> None:
    cast.clerk.post(cast.path("return/"), RETURN | {"confirm": "yes"})
    repayment = Repayment.objects.get()
    paths = [
        cast.path("return/"), cast.path("statement/"), cast.path("statement.csv"), cast.path("charge/"),
        f"/backoffice/invoices/{cast.invoice.number}/goodwill/",
        f"/backoffice/invoices/{cast.invoice.number}/recipient/",
        "/backoffice/months/", "/backoffice/ledger/", "/backoffice/ledger/export/", "/backoffice/ledger/export.csv",
        "/backoffice/ledger/accounts/bank/AUD/", "/backoffice/repayments/", f"/backoffice/repayments/{repayment.pk}/",
    ]  # fmt: skip
    assert {path: cast.clerk.get(path).status_code for path in paths} == dict.fromkeys(paths, 200)
    for role in (MemberRole.OWNER, MemberRole.LICENSE_MANAGER, MemberRole.VIEWER):
        client = Client()
        client.force_login(makers.make_member(cast.customer, role=role))
        assert {path: client.get(path).status_code for path in paths} == dict.fromkeys(paths, 404)
        assert {path: client.post(path, {"reason": "x"}).status_code for path in paths} == dict.fromkeys(paths, 404)
    for path in ("customers/C-9/return/", "customers/C-9/statement/", "repayments/99999/", "invoices/INV-9/recipient/"):
        assert cast.clerk.get(f"/backoffice/{path}").status_code == 404


def test_what_is_paid_in_part_too_much_or_by_mistake_is_told_everywhere(cast: Cast) -> None:
    service = cast.customer.services.get()
    buyer = makers.make_member(cast.customer)
    now = timezone.now()
    cast.clerk.post(cast.path("return/"), RETURN | {"amount": "50.00", "confirm": "yes"})
    order_id = makers.buy(cast.customer, service_id=service.pk, wanted={"basic": 6}, user_id=buyer.pk, now=now)
    invoice = Document.objects.get(order_id=order_id)

    def record(minor: int, reference: str) -> str:
        typed = {
            "document_number": invoice.number, "amount": f"{minor / 100:.2f}", "received_on": f"{now:%Y-%m-%d}",
            "bank_reference": reference,
        }  # fmt: skip
        return words(cast.clerk.post("/backoffice/payments/add/", typed, follow=True))

    left = money(invoice.total_minor - 1000, "AUD")
    assert f"Left to pay: {left}" in record(1000, "PART-1")
    for client, path in (
        (cast.clerk, f"/backoffice/invoices/{invoice.number}/"), (cast.clerk, "/backoffice/invoices/"),
        (cast.clerk, cast.path("")), (cast.owner, f"/invoices/{invoice.number}/"), (cast.owner, "/invoices/"),
        (cast.owner, f"/orders/{order_id}/"), (cast.owner, f"/services/{service.pk}/"),
        (cast.owner, "/invoices/statement/"),
    ):  # fmt: skip
        assert left in words(client.get(path)), path
    assert "PART-1 is recorded already" in record(1000, "PART-1")

    record(invoice.total_minor, "REST-1")  # 10.00 too much
    assert "We hold A$ 10.00 for you" in words(cast.owner.get("/invoices/statement/"))
    second = makers.buy(cast.customer, service_id=service.pk, wanted={"basic": 9}, user_id=buyer.pk, now=now)
    document = Document.objects.get(order_id=second)
    assert money(document.total_minor - 1000, "AUD") in words(cast.owner.get(f"/invoices/{document.number}/"))

    wrong = Payment.objects.get(bank_reference="REST-1")
    cast.clerk.post(f"/backoffice/payments/{wrong.pk}/", {"reason": "Another customer's"})
    assert left in words(cast.owner.get(f"/invoices/{invoice.number}/"))
    assert money(document.total_minor, "AUD") in words(cast.owner.get(f"/invoices/{document.number}/"))
    assert "Payment reversed" in words(cast.owner.get("/invoices/statement/"))
