"""The back office: for the staff only, and what a clerk and an administrator do in it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.test import Client
from tests.makers import make_customer, make_member, make_service, make_user

from perseat.capabilities.accounts.models import AuditEntry, User
from perseat.capabilities.customers.models import Customer, Invitation
from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.payments.models import Payment
from perseat.capabilities.payments.queries import get_open_minor
from perseat.capabilities.provisioning.models import Delivery
from perseat.capabilities.questions.models import Question
from perseat.domain.fulfillment import DeliveryState, PaymentState
from perseat.domain.parties import QuestionState
from perseat.domain.rights import StaffRole
from perseat.entrypoints.backoffice.forms import AmountUnusable, parse_amount
from perseat.journeys.billing_desk import ask_about_document

pytestmark = pytest.mark.django_db


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    customer: Customer
    owner: User
    clerk: User
    administrator: User


@pytest.fixture
def cast() -> Cast:
    """A customer with a paid order, and the staff."""
    customer = make_customer()
    make_service(customer, seats={"basic": 2})
    return Cast(
        customer=customer,
        owner=make_member(customer),
        clerk=make_user(staff_role=StaffRole.CLERK, email="clerk@provider.example"),
        administrator=make_user(staff_role=StaffRole.ADMINISTRATOR, email="admin@provider.example"),
    )


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def pages_for_everybody(cast: Cast) -> list[str]:
    document = Document.objects.get(customer=cast.customer)
    asked = ask_about_document(
        "Why?",
        document_number=document.number,
        customer_id=cast.customer.pk,
        user_id=cast.owner.pk,
        now=document.issued_at,
    )
    return [
        "/backoffice/",
        "/backoffice/customers/?search=acm&terms=prepaid",
        f"/backoffice/customers/{cast.customer.number}/?show=documents",
        "/backoffice/orders/?state=paid",
        f"/backoffice/orders/{document.order_id}/",
        "/backoffice/invoices/?kind=invoice",
        f"/backoffice/invoices/{document.number}/",
        "/backoffice/payments/?state=succeeded",
        "/backoffice/payments/add/",
        f"/backoffice/payments/{Payment.objects.get().pk}/",
        "/backoffice/deliveries/?state=waiting&page=2",
        f"/backoffice/deliveries/{Delivery.objects.get().pk}/",
        "/backoffice/questions/?state=open",
        f"/backoffice/questions/{asked}/",
    ]


def pages_for_administrators(cast: Cast) -> list[str]:
    number = cast.customer.number
    return [
        "/backoffice/customers/add/",
        f"/backoffice/customers/{number}/terms/",
        f"/backoffice/customers/{number}/invite/",
        f"/backoffice/customers/{number}/tenant/",
        "/backoffice/staff/",
    ]


def test_who_may_open_which_page(cast: Cast) -> None:
    common, special = pages_for_everybody(cast), pages_for_administrators(cast)
    clerk, administrator, owner = browser(cast.clerk), browser(cast.administrator), browser(cast.owner)

    assert {path: clerk.get(path).status_code for path in common} == dict.fromkeys(common, 200)
    assert {path: clerk.get(path).status_code for path in special} == dict.fromkeys(special, 403)
    everything = common + special
    assert {path: administrator.get(path).status_code for path in everything} == dict.fromkeys(everything, 200)
    assert {path: owner.get(path).status_code for path in everything} == dict.fromkeys(everything, 404)
    assert {path: Client().get(path).status_code for path in everything} == dict.fromkeys(everything, 302)


@pytest.mark.parametrize(
    "path",
    [
        "customers/C-9999999/",
        "orders/999999999/",
        "invoices/INV-999999/",
        "payments/99999999999999999999/",
        "deliveries/999999999/",
        "questions/999999999/",
        "customers/%00/",
    ],
)
def test_what_there_is_not_is_not_found(cast: Cast, path: str) -> None:
    assert browser(cast.clerk).get(f"/backoffice/{path}").status_code == 404


@pytest.mark.parametrize("query", ["page=-1", "page=x", "page=٣", "before=x", "state=nonsense", "search=%00", "show=x"])
def test_an_odd_filter_in_the_address_breaks_nothing(cast: Cast, query: str) -> None:
    clerk = browser(cast.clerk)
    lists = ["customers", "orders", "invoices", "payments", "deliveries", "questions"]

    answers = {name: clerk.get(f"/backoffice/{name}/?{query}").status_code for name in lists}

    assert answers == dict.fromkeys(lists, 200)


def unpaid_document(cast: Cast) -> Document:
    """An invoice that is open: its receipt was reversed."""
    payment = Payment.objects.get()
    browser(cast.clerk).post(f"/backoffice/payments/{payment.pk}/", {"reason": "Typed for the wrong customer"})
    return Document.objects.get(customer=cast.customer)


def test_a_wrong_receipt_is_reversed_with_a_reason_and_recorded_anew(cast: Cast) -> None:
    document = unpaid_document(cast)
    clerk = browser(cast.clerk)
    typed = {
        "document_number": document.payment_reference.lower(),
        "amount": f"{document.total_minor / 100:,.2f}",
        "received_on": "2026-11-16",
        "bank_reference": "ST-77",
    }

    reversed_one = Payment.objects.get()
    said = clerk.post("/backoffice/payments/add/", typed, follow=True).content.decode()
    again = clerk.post("/backoffice/payments/add/", typed)

    assert (reversed_one.state, reversed_one.reversal_reason) == ("reversed", "Typed for the wrong customer")
    assert f"recorded for {document.number} of Acme Pty Ltd" in said
    assert get_open_minor(document) == 0
    assert again.status_code == 422
    assert "The receipt ST-77 is recorded already." in again.content.decode()
    assert Payment.objects.filter(state=PaymentState.SUCCEEDED).count() == 1
    assert AuditEntry.objects.filter(verb="reversed receipt", actor=cast.clerk.email).exists()


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("amount", "abc", "Write the amount in figures"),
        ("amount", "-5", "Write the amount in figures"),
        ("amount", "٥", "Write the amount in figures"),  # noqa: RUF001 - a digit, and none of ours
        ("amount", "1.005", "at most 2 digits"),
        ("amount", "0", "must be above zero"),
        ("amount", "9" * 25, "too large"),
        ("document_number", "INV-424242", "There is no document INV-424242."),
        ("received_on", "2199-01-01", "This day has not come yet."),
        ("received_on", "yesterday", "Enter a valid date"),
        ("bank_reference", "", "This field is required"),
    ],
)
def test_a_receipt_that_cannot_be_right_is_refused_beside_its_field(
    cast: Cast, field: str, typed: str, sentence: str
) -> None:
    document = unpaid_document(cast)
    good = {
        "document_number": document.number,
        "amount": "1.00",
        "received_on": "2026-11-16",
        "bank_reference": "ST-78",
    }

    answer = browser(cast.clerk).post("/backoffice/payments/add/", {**good, field: typed})

    assert answer.status_code == 422
    assert sentence in str(answer.context["form"].errors[field])
    assert Payment.objects.count() == 1


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [("1,234.50", "AUD", 123450), ("12", "AUD", 1200), ("12", "JPY", 12), (" 0.5 ", "AUD", 50), ("1.234", "KWD", 1234)],
)
def test_an_amount_is_read_exactly(text: str, currency: str, minor: int) -> None:
    assert parse_amount(text, currency=currency) == minor


@pytest.mark.parametrize("text", ["1,23", "1.2.3", "1e3", "", "NaN", "12 000", "½"])
def test_an_amount_that_could_be_misread_is_refused(text: str) -> None:
    with pytest.raises(AmountUnusable):
        parse_amount(text, currency="AUD")


def test_an_administrator_adds_a_customer_and_its_owner_is_invited(cast: Cast) -> None:
    form = {
        "legal_name": "Globex Pty Ltd",
        "owner_email": "hank@globex.example",
        "country": "AU",
        "time_zone": "Australia/Perth",
        "payment_terms": "on_account",
        "credit_limit": "5,000",
        "tax_number": "51824753556",
        "language": "de",
        "prices": "AUD-False",
    }

    said = browser(cast.administrator).post("/backoffice/customers/add/", form, follow=True).content.decode()
    by_clerk = browser(cast.clerk).post("/backoffice/customers/add/", {**form, "legal_name": "Other"})

    customer = Customer.objects.get(legal_name="Globex Pty Ltd")
    assert (customer.credit_limit_minor, customer.payment_terms) == (500_000, "on_account")
    assert customer.language == "de"
    assert Invitation.objects.get(customer=customer).email == "hank@globex.example"
    assert f"is customer {customer.number}" in said
    assert by_clerk.status_code == 403
    assert not Customer.objects.filter(legal_name="Other").exists()


def test_a_wrong_field_of_a_new_customer_makes_nothing(cast: Cast) -> None:
    form = {
        "legal_name": "Globex Pty Ltd",
        "owner_email": "hank@globex.example",
        "country": "AU",
        "time_zone": "Australia/Perth",
        "payment_terms": "prepaid",
        "credit_limit": "-1",
        "tax_number": "123",
        "language": "xx",
        "prices": "AUD-False",
    }

    answer = browser(cast.administrator).post("/backoffice/customers/add/", form)

    assert set(answer.context["form"].errors) == {"credit_limit", "tax_number", "language"}
    assert 'value="Globex Pty Ltd"' in answer.content.decode()
    assert not Customer.objects.filter(legal_name="Globex Pty Ltd").exists()
    assert not Invitation.objects.exists()


def test_the_staff_gets_the_files_that_the_customer_gets(cast: Cast) -> None:
    number = Document.objects.get(customer=cast.customer).number
    page = f"/backoffice/invoices/{number}/"

    for name, content_type in (("pdf", "application/pdf"), ("xml", "application/xml")):
        ours, theirs = browser(cast.clerk).get(f"{page}{name}/"), browser(cast.owner).get(f"/invoices/{number}/{name}/")

        assert ours.headers["Content-Type"] == content_type
        assert ours.content == theirs.content
        assert browser(cast.owner).get(f"{page}{name}/").status_code == 404
        assert f'href="{page}{name}/"' in browser(cast.clerk).get(page).content.decode()


def test_a_document_without_an_electronic_invoice_says_why(cast: Cast) -> None:
    customer = make_customer(currency="KWD")
    make_service(customer, seats={"basic": 2}, term="P1Y")
    page = f"/backoffice/invoices/{Document.objects.get(customer=customer).number}/"

    text = browser(cast.clerk).get(page).content.decode()

    assert "There is no electronic invoice. Electronic invoices have two decimals at most" in text
    assert "Download XML" not in text
    assert browser(cast.clerk).get(f"{page}xml/").status_code == 404
    assert browser(cast.clerk).get(f"{page}pdf/").content.startswith(b"%PDF-1.7")


def test_a_question_is_answered_beside_its_document(cast: Cast) -> None:
    pages_for_everybody(cast)
    question = Question.objects.get()
    clerk = browser(cast.clerk)

    page = clerk.get(f"/backoffice/questions/{question.pk}/").content.decode()
    clerk.post(f"/backoffice/questions/{question.pk}/", {"text": "Because."})

    question.refresh_from_db()
    document = Document.objects.get(customer=cast.customer)
    assert document.lines.get().text.replace("&", "&amp;") in page
    assert question.state == QuestionState.ANSWERED
    assert "Because." in browser(cast.owner).get(f"/questions/{question.pk}/").content.decode()


def test_a_delivery_is_stopped_with_a_reason_and_tried_again(cast: Cast) -> None:
    delivery = Delivery.objects.get()
    clerk = browser(cast.clerk)
    address = f"/backoffice/deliveries/{delivery.pk}/"

    without_reason = clerk.post(f"{address}stop/", {"stop-reason": ""})
    clerk.post(f"{address}stop/", {"stop-reason": "The customer asked us to wait"})
    delivery.refresh_from_db()
    first_page = clerk.get("/backoffice/").content.decode()
    parked = delivery.state
    clerk.post(f"{address}try-again/")
    delivery.refresh_from_db()

    assert without_reason.status_code == 422
    assert parked == DeliveryState.PARKED
    assert "The customer asked us to wait" in first_page
    assert delivery.state == DeliveryState.WAITING


def test_the_story_of_a_customer_holds_orders_documents_payments_deliveries_questions_and_acts(cast: Cast) -> None:
    pages_for_everybody(cast)
    document = Document.objects.get(customer=cast.customer)

    page = browser(cast.clerk).get(f"/backoffice/customers/{cast.customer.number}/").content.decode()

    for word in (
        f"Order {document.order_id}: Paid",
        f"Invoice {document.number}",
        f"Payment received for {document.number}",
        "0 → 2 seats",
        f"Question: Invoice {document.number}",
        f"Asked billing: Invoice {document.number}",
    ):
        assert word in page


def test_lists_ask_the_database_as_often_for_many_rows_as_for_few(cast: Cast) -> None:
    clerk = browser(cast.clerk)
    lists = ["", "customers/", "orders/", "invoices/", "payments/", "deliveries/", "questions/"]
    few = {name: count_queries(clerk, name) for name in lists}

    for _ in range(3):
        other = make_customer()
        make_service(other, seats={"basic": 1})

    assert {name: count_queries(clerk, name) for name in lists} == few


def count_queries(client: Client, name: str) -> int:
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    with CaptureQueriesContext(connection) as queries:
        assert client.get(f"/backoffice/{name}").status_code == 200
    return len(queries)


def test_an_administrator_adds_staff_and_the_last_administrator_stays(cast: Cast) -> None:
    administrator = browser(cast.administrator)

    administrator.post("/backoffice/staff/", {"email": "New.Clerk@provider.example", "role": "clerk"})
    said = administrator.post(
        f"/backoffice/staff/{cast.administrator.pk}/role/", {"role": "clerk"}, follow=True
    ).content.decode()
    by_clerk = browser(cast.clerk).post("/backoffice/staff/", {"email": "x@provider.example", "role": "administrator"})
    of_a_customer = administrator.post(f"/backoffice/staff/{cast.owner.pk}/role/", {"role": "administrator"})

    assert User.objects.get(email="new.clerk@provider.example").staff_role == StaffRole.CLERK
    assert "is the only administrator" in said
    assert (by_clerk.status_code, of_a_customer.status_code) == (403, 404)
    cast.administrator.refresh_from_db()
    assert cast.administrator.staff_role == StaffRole.ADMINISTRATOR
