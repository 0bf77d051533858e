"""The demo's sample customers, made through the same journeys that real ones go through, some weeks ago.

Repeating it changes nothing. It runs in the demo only: everybody knows the password of these logins.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.conf import settings

from perseat.capabilities.accounts.actions import create_person, make_first_administrator
from perseat.capabilities.accounts.queries import get_person_by_email
from perseat.capabilities.customers.actions import NewBillingDetails, add_member, create_customer
from perseat.capabilities.customers.queries import list_customers_of
from perseat.capabilities.invoicing.queries import list_documents
from perseat.capabilities.questions.actions import ask_about_document
from perseat.capabilities.subscriptions.queries import list_services
from perseat.domain.calendar import local_day
from perseat.domain.parties import PaymentTerms
from perseat.domain.quote import DecreasePolicy
from perseat.domain.rights import MemberRole, StaffRole
from perseat.entrypoints.cli.connect import ask_for_notices
from perseat.entrypoints.cli.sample_catalog import fill_catalog
from perseat.entrypoints.cli.sample_tenants import ACME_TENANT, UMBRELLA_TENANT, SimulatorControl
from perseat.journeys.adoption import adopt_subscriptions, link_tenant, list_adoptable
from perseat.journeys.checkout import accept_quote, get_checkout
from perseat.journeys.delivery import deliver_order
from perseat.journeys.paying import record_bank_receipt
from perseat.journeys.renewal_round import renew_customer
from perseat.journeys.seat_change import make_quote
from perseat.journeys.seat_counts import read_seat_counts
from perseat.journeys.welcome import add_staff
from perseat.ports.outside import Outside
from perseat.wiring import make_outside

PASSWORD = "perseat-demo"  # noqa: S105 - printed by the demo
_ADMINISTRATOR = "admin@provider.example"
_CLERK = "clerk@provider.example"
_BANK_TRANSFER = "bank_transfer"
_ZONE = "Australia/Sydney"


class _SampleClock:
    """Stands where the story is."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def wait(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Story:
    """A customer's beginning, told step by step with the simulator's clock beside ours."""

    outside: Outside
    clock: _SampleClock
    control: SimulatorControl

    def go_to(self, moment: datetime) -> None:
        self.clock.moment = moment
        self.control.set_clock(moment)


def fill() -> None:
    """Fill what is not there yet."""
    now = datetime.now(UTC).replace(microsecond=0)
    fill_catalog()
    administrator = _fill_staff(now - timedelta(days=45))
    clock = _SampleClock(now)
    story = _Story(outside=make_outside(settings.PERSEAT, clock=clock), clock=clock, control=SimulatorControl())
    try:
        _fill_umbrella(story, administrator=administrator, now=now)
        _fill_acme(story, administrator=administrator, now=now)
    finally:
        story.control.release_clock()
    ask_for_notices(make_outside(settings.PERSEAT), base_url=settings.PERSEAT.base_url)


def _fill_staff(now: datetime) -> int:
    try:
        return get_person_by_email(_ADMINISTRATOR).user_id
    except LookupError:
        administrator = make_first_administrator(_ADMINISTRATOR, now=now)
    add_staff(_CLERK, role=StaffRole.CLERK, user_id=administrator.user_id, now=now)
    for email, name in ((_ADMINISTRATOR, "Robin Admin"), (_CLERK, "Casey Clerk")):
        create_person(email, password=PASSWORD, full_name=name, now=now)
    return administrator.user_id


def _fill_acme(story: _Story, *, administrator: int, now: datetime) -> None:
    """Owner, license manager and viewer; one Basic seat for five days, paid."""
    began = now - timedelta(days=5)
    details = NewBillingDetails(
        legal_name="Acme Pty Ltd", street="12 Harbour Street", city="Sydney", region="NSW", postal_code="2000",
        country="AU", tax_number="53 004 085 616", order_reference="", invoice_email="owner@acme.example",
        language="en",
    )  # fmt: skip
    people = (
        ("owner@acme.example", "Olivia Novak", MemberRole.OWNER),
        ("colleague@acme.example", "Liam Carter", MemberRole.LICENSE_MANAGER),
        ("viewer@acme.example", "Vera Lindqvist", MemberRole.VIEWER),
    )
    customer_id, _owner = _customer(details, people=people, administrator=administrator, now=began)
    if list_services(customer_id):
        return
    story.go_to(began)
    story.control.plant_acme()
    _adopt(
        story, customer_id=customer_id, tenant_id=ACME_TENANT, term="P1M", policy=DecreasePolicy.ANYTIME,
    )  # fmt: skip
    _pay_open_invoices(customer_id, now=began)


def _fill_umbrella(story: _Story, *, administrator: int, now: datetime) -> None:
    """A yearly term charged monthly; seats added twice since, the last ones still inside their window; one is to go."""
    began = now - timedelta(days=40)
    details = NewBillingDetails(
        legal_name="Umbrella Pty Ltd", street="8 Rain Lane", city="Melbourne", region="VIC", postal_code="3000",
        country="AU", tax_number="83 914 571 673", order_reference="UMB-2026-IT",
        invoice_email="owner@umbrella.example", language="en",
    )  # fmt: skip
    people = (("owner@umbrella.example", "Uma Brandt", MemberRole.OWNER),)
    customer_id, owner = _customer(details, people=people, administrator=administrator, now=began)
    if list_services(customer_id):
        return
    story.go_to(began)
    story.control.plant_umbrella()
    service_id = _adopt(
        story, customer_id=customer_id, tenant_id=UMBRELLA_TENANT, term="P1Y", policy=DecreasePolicy.WINDOW,
    )  # fmt: skip
    _pay_open_invoices(customer_id, now=began)
    for days_ago, basic in ((20, 15), (3, 17)):
        moment = now - timedelta(days=days_ago)
        story.go_to(moment)
        _change_seats(story, customer_id=customer_id, service_id=service_id, user_id=owner, wanted={"basic": basic})
    story.go_to(now - timedelta(days=2))
    _change_seats(story, customer_id=customer_id, service_id=service_id, user_id=owner, wanted={"standard": 4})
    number = list_documents(customer_id, today=local_day(now, _ZONE))[0].number
    ask_about_document(
        "Are these two the seats for our new shop? We will pay either way, I only want to file it correctly.",
        document_number=number, customer_id=customer_id, user_id=owner, now=now - timedelta(days=1),
    )  # fmt: skip


def _customer(
    details: NewBillingDetails, *, people: tuple[tuple[str, str, MemberRole], ...], administrator: int, now: datetime
) -> tuple[int, int]:
    """The customer's and its owner's ids, made unless they are there."""
    try:
        owner_id = get_person_by_email(people[0][0]).user_id
        return list_customers_of(owner_id)[0].customer_id, owner_id
    except (LookupError, IndexError):
        pass
    customer_id = create_customer(
        details, currency="AUD", time_zone=_ZONE, payment_terms=PaymentTerms.PREPAID,
        credit_limit_minor=0, user_id=administrator, now=now,
    )  # fmt: skip
    for email, name, role in people:
        person = create_person(email, password=PASSWORD, full_name=name, now=now)
        add_member(customer_id, member_user_id=person.user_id, role=role, actor=_ADMINISTRATOR, now=now)
    return customer_id, get_person_by_email(people[0][0]).user_id


def _adopt(story: _Story, *, customer_id: int, tenant_id: str, term: str, policy: DecreasePolicy) -> int:
    now = story.clock.now()
    linked = link_tenant(
        story.outside, customer_id=customer_id, tenant_id=UUID(tenant_id), actor=_ADMINISTRATOR, now=now
    )
    day = local_day(now, _ZONE)
    choices = [each.supplier_subscription_id for each in list_adoptable(story.outside, customer_id)]
    service_id = adopt_subscriptions(
        story.outside, customer_id=customer_id, choices=choices, billing_starts_on=day, anchor_day=day.day, term=term,
        cycle="P1M", policy=policy, actor=_ADMINISTRATOR, now=now,
    )  # fmt: skip
    renew_customer(customer_id, now=now)
    read_seat_counts(story.outside, tenant_row_id=linked.tenant_row_id)
    return service_id


def _change_seats(story: _Story, *, customer_id: int, service_id: int, user_id: int, wanted: dict[str, int]) -> None:
    """Quote, order, payment and delivery, all on one day."""
    now = story.clock.now()
    renew_customer(customer_id, now=now)
    _pay_open_invoices(customer_id, now=now)
    quote_id = make_quote(customer_id=customer_id, service_id=service_id, wanted=wanted, user_id=user_id, now=now)
    to_pay = get_checkout(customer_id=customer_id, quote_id=quote_id, now=now).figures.to_pay_minor
    order_id = accept_quote(
        customer_id=customer_id, user_id=user_id, quote_id=quote_id, payment_method=_BANK_TRANSFER if to_pay else "",
        now=now,
    )  # fmt: skip
    _pay_open_invoices(customer_id, now=now)
    deliver_order(story.outside, order_id)


def _pay_open_invoices(customer_id: int, *, now: datetime) -> None:
    today = local_day(now, _ZONE)
    for document in reversed(list_documents(customer_id, today=today)):
        if document.open_minor > 0:
            record_bank_receipt(
                document_number=document.number, amount_minor=document.open_minor,
                received_on=today, bank_reference=f"BANK-{document.number}",
                staff_id=get_person_by_email(_CLERK).user_id, now=now,
            )  # fmt: skip
