"""Billing details, payment terms, numbers and the staff's search."""

from __future__ import annotations

import pytest
from tests.makers import make_customer, make_member, make_tenant, make_user, moment

from perseat.capabilities.accounts.models import AuditEntry
from perseat.capabilities.accounts.queries import NotAllowed, NotStaff
from perseat.capabilities.customers.actions import (
    NewBillingDetails,
    change_billing_details,
    change_payment_terms,
    create_customer,
)
from perseat.capabilities.customers.models import Customer
from perseat.capabilities.customers.queries import DoesNotBelong, list_customers_for_staff
from perseat.capabilities.customers.tax_numbers import TaxNumberUnusable, normalize_tax_number
from perseat.domain.parties import PaymentTerms
from perseat.domain.rights import MemberRole, StaffRole

NOW = moment("2026-11-22")


def details(**changes: str) -> NewBillingDetails:
    given = {
        "legal_name": "Acme Pty Ltd",
        "street": "2 Sample Road",
        "city": "Sydney",
        "region": "NSW",
        "postal_code": "2000",
        "country": "AU",
        "tax_number": "",
        "order_reference": "",
        "invoice_email": "",
        "language": "en",
    }
    return NewBillingDetails(**{**given, **changes})


@pytest.mark.parametrize(
    ("typed", "country", "printed"),
    [
        ("51824753556", "AU", "51 824 753 556"),
        (" 51 824 753 556 ", "AU", "51 824 753 556"),
        ("136695976", "DE", "DE136695976"),  # the prefix may be left out
        ("de 136.695.976", "DE", "DE136695976"),
        ("EL 094259216", "GR", "EL094259216"),  # Greece writes EL
        ("12-3456789", "US", "12-3456789"),  # no form is checked
        ("", "AU", ""),
    ],
)
def test_a_tax_number_is_printed_in_the_form_of_its_country(typed: str, country: str, printed: str) -> None:
    assert normalize_tax_number(typed, country=country) == printed


@pytest.mark.parametrize(
    ("typed", "country"),
    [("51824753557", "AU"), ("٥١٨٢٤٧٥٣٥٥٦", "AU"), ("DE136695977", "DE"), ("FR40303265045", "DE"), ("x", "AU")],
)
def test_a_tax_number_that_cannot_be_right_is_refused_in_a_sentence(typed: str, country: str) -> None:
    with pytest.raises(TaxNumberUnusable, match="check each"):
        normalize_tax_number(typed, country=country)


@pytest.mark.django_db
def test_an_owner_changes_billing_details_and_the_trail_says_what() -> None:
    customer = make_customer()
    owner = make_member(customer)

    change_billing_details(
        details(legal_name="Acme  Holdings Pty Ltd", tax_number="51824753556"),
        customer_id=customer.pk,
        user_id=owner.pk,
        now=NOW,
    )

    customer.refresh_from_db()
    assert (customer.legal_name, customer.tax_number) == ("Acme Holdings Pty Ltd", "51 824 753 556")
    entry = AuditEntry.objects.get(verb="changed billing details")
    assert entry.actor == owner.email
    assert entry.details["legal_name"] == {"from": "Acme Pty Ltd", "to": "Acme Holdings Pty Ltd"}


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["colleague", "viewer", "stranger", "clerk"])
def test_only_an_owner_or_an_administrator_changes_billing_details(who: str) -> None:
    customer = make_customer()
    cast = {
        "colleague": make_member(customer, role=MemberRole.LICENSE_MANAGER),
        "viewer": make_member(customer, role=MemberRole.VIEWER),
        "stranger": make_member(make_customer(legal_name="Other")),
        "clerk": make_user(staff_role=StaffRole.CLERK),
    }

    with pytest.raises((NotAllowed, DoesNotBelong)):
        change_billing_details(details(legal_name="Mine"), customer_id=customer.pk, user_id=cast[who].pk, now=NOW)

    customer.refresh_from_db()
    assert customer.legal_name == "Acme Pty Ltd"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "refusal"),
    [(StaffRole.CLERK, NotAllowed), (StaffRole.NONE, NotStaff)],
)
def test_only_an_administrator_changes_payment_terms(role: StaffRole, refusal: type[Exception]) -> None:
    customer = make_customer()

    with pytest.raises(refusal):
        change_payment_terms(
            customer.pk,
            payment_terms=PaymentTerms.ON_ACCOUNT,
            credit_limit_minor=100_000,
            user_id=make_user(staff_role=role).pk,
            now=NOW,
        )

    customer.refresh_from_db()
    assert customer.payment_terms == PaymentTerms.PREPAID


@pytest.mark.django_db
def test_customers_are_numbered_one_after_the_other() -> None:
    administrator = make_user(staff_role=StaffRole.ADMINISTRATOR)

    made = [
        create_customer(
            details(),
            currency="AUD",
            time_zone="Australia/Sydney",
            payment_terms=PaymentTerms.PREPAID,
            credit_limit_minor=0,
            user_id=administrator.pk,
            now=NOW,
        )
        for _ in range(2)
    ]

    first, second = (int(Customer.objects.get(pk=each).number.removeprefix("C-")) for each in made)
    assert second == first + 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("umb", ["Umbrella Holdings"]),  # the beginning of a word
        ("hold UMBR", ["Umbrella Holdings"]),  # of several, in any order
        ("brella", []),  # not its middle
        ("C-77", ["Umbrella Holdings"]),  # the beginning of a number
        ("umbrella.ex", ["Umbrella Holdings"]),  # of a mail domain
        ("o'brien & (sons):*", ["O'Brien & Sons"]),  # signs of the search language are just signs
        ("", ["O'Brien & Sons", "Umbrella Holdings"]),
    ],
)
def test_the_staff_finds_customers_by_the_beginnings_of_words(search: str, found: list[str]) -> None:
    umbrella = make_customer(legal_name="Umbrella Holdings", number="C-7701")
    make_tenant(umbrella, domain="umbrella.example")
    make_customer(legal_name="O'Brien & Sons", number="C-8801")

    rows = list_customers_for_staff(search=search, page_size=10)

    assert [each.facts.legal_name for each in rows] == found
