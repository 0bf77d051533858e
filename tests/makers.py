"""Makers: rows that tests start from, as plain functions with keywords. Given nothing, they give something sensible."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from uuid import UUID, uuid4

from perseat.capabilities.accounts.models import User
from perseat.capabilities.catalog import actions as catalog
from perseat.capabilities.catalog.models import Edition, Offer
from perseat.capabilities.customers.models import Customer, Membership, Tenant
from perseat.capabilities.ordering.models import Order
from perseat.capabilities.payments.queries import get_open_minor
from perseat.capabilities.subscriptions.actions import open_service
from perseat.capabilities.subscriptions.models import BatchOrigin, SeatBatch, SeatMovement, Service, ServiceState
from perseat.domain.parties import DocumentLanguage, PaymentTerms, TaxTreatment
from perseat.domain.rights import MemberRole, StaffRole
from perseat.journeys.checkout import accept_quote, get_checkout
from perseat.journeys.paying import record_bank_receipt
from perseat.journeys.renewal_round import renew_customer
from perseat.journeys.seat_change import make_quote

_numbers = count(1)

PASSWORD = "perseat-test"
KNOWN = datetime(2020, 1, 1, tzinfo=UTC)  # when what is given to tests became known

EDITIONS: tuple[tuple[str, str, str, str, str], ...] = (
    ("basic", "Microsoft 365 Business Basic", "Office 365 Business Essentials", "CFQ7TTC0LH18", "9.00"),
    ("standard", "Microsoft 365 Business Standard", "Office 365 Business Premium", "CFQ7TTC0LDPB", "18.00"),
    ("premium", "Microsoft 365 Business Premium", "", "CFQ7TTC0LCHC", "30.00"),
)
SKU_IDS: Mapping[str, UUID] = {
    "basic": UUID("3b555118-da6a-4418-894f-7df1e2096870"),
    "standard": UUID("f245ecc8-75af-4f8e-b61f-27d8114de5f3"),
    "premium": UUID("cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46"),
}


def moment(day: date | str, *, hour: int = 12, zone_hours: int = 11) -> datetime:
    """Noon in Sydney's summer on that day, in UTC."""
    parsed = date.fromisoformat(day) if isinstance(day, str) else day
    local = datetime(parsed.year, parsed.month, parsed.day, hour, tzinfo=UTC)
    return local - timedelta(hours=zone_hours)


def make_catalog(
    *,
    term: str = "P1M",
    cycle: str = "P1M",
    policy: str = "anytime",
    currency: str = "AUD",
    prices: Mapping[str, str] | None = None,
    tax_rate: str = "10",
    prices_include_tax: bool = False,
    tax_categories: Mapping[str, str] | None = None,
    country: str = "AU",
    tax_label: str = "GST",
) -> None:
    """Three editions on these terms, upgrades from the smaller to the larger ones, and Australia's GST."""
    for position, (code, name, former, product, price) in enumerate(EDITIONS, start=1):
        catalog.add_edition(
            code,
            name=name,
            former_names=former,
            summary=f"What {name} gives",
            directory_sku_id=SKU_IDS[code],
            supplier_product_id=product,
            supplier_sku_id="0002" if code == "premium" else "0001",
            position=position,
            tax_category=(tax_categories or {}).get(code, "S"),
        )
        offer_id = catalog.add_offer(code, term=term, cycle=cycle, policy=policy)
        catalog.set_price(
            offer_id,
            currency=currency,
            unit_price=Decimal((prices or {}).get(code, price)),
            starts_on=date(2020, 1, 1),
            now=KNOWN,
            includes_tax=prices_include_tax,
        )
    for source, target in (("basic", "standard"), ("basic", "premium"), ("standard", "premium")):
        catalog.allow_upgrade(source, target_code=target)
    catalog.set_tax_rate(
        country, category="S", label=tax_label, rate=Decimal(tax_rate), starts_on=date(2000, 7, 1), now=KNOWN
    )


def make_user(*, email: str = "", staff_role: StaffRole = StaffRole.NONE, password: str | None = None) -> User:
    """A person; hashing a password takes a while, so only those have one who must type it (PASSWORD serves well)."""
    return User.objects.create_user(
        email or f"person{next(_numbers)}@acme.example", password=password, staff_role=staff_role
    )


def clerk_id(email: str = "counter@provider.example") -> int:
    """Somebody of the billing team, made once."""
    known = User.objects.filter(email=email).values_list("pk", flat=True).first()
    return known or make_user(email=email, staff_role=StaffRole.CLERK).pk


def make_customer(
    *,
    number: str = "",
    legal_name: str = "Acme Pty Ltd",
    currency: str = "AUD",
    time_zone: str = "Australia/Sydney",
    payment_terms: PaymentTerms = PaymentTerms.PREPAID,
    credit_limit_minor: int = 0,
    tax_treatment: TaxTreatment = TaxTreatment.DOMESTIC,
    language: DocumentLanguage = DocumentLanguage.ENGLISH,
    prices_include_tax: bool = False,
    country: str = "AU",
    tax_number: str = "",
    exemption_reason: str = "",
) -> Customer:
    """A customer without members, tenant or service."""
    return Customer.objects.create(
        number=number or f"C-{1000 + next(_numbers)}",
        legal_name=legal_name,
        street="2 Sample Road",
        city="Sydney",
        region="NSW",
        postal_code="2000",
        country=country,
        tax_number=tax_number,
        exemption_reason=exemption_reason,
        prices_include_tax=prices_include_tax,
        invoice_email="billing@acme.example",
        currency=currency,
        time_zone=time_zone,
        payment_terms=payment_terms,
        credit_limit_minor=credit_limit_minor,
        tax_treatment=tax_treatment,
        language=language,
    )


def make_member(
    customer: Customer, *, role: MemberRole = MemberRole.OWNER, email: str = "", password: str | None = None
) -> User:
    """A person who may act for the customer."""
    user = make_user(email=email, password=password)
    Membership.objects.create(customer=customer, user=user, role=role)
    return user


def make_tenant(customer: Customer, *, domain: str = "", now: datetime | None = None) -> Tenant:
    """The customer's directory, linked and with the agreement signed."""
    name = domain or f"acme{next(_numbers)}.example"
    return Tenant.objects.create(
        customer=customer,
        tenant_id=uuid4(),
        company=customer.legal_name,
        domain=name,
        domains=[name],
        country="AU",
        has_agreement=True,
        linked_at=now or moment("2026-11-01"),
    )


def make_service(
    customer: Customer,
    *,
    seats: Mapping[str, int] | None = None,
    started_on: date | str = "2026-11-15",
    anchor_day: int = 0,
    term: str = "P1M",
    cycle: str = "P1M",
    policy: str = "anytime",
    tenant: Tenant | None = None,
) -> Service:
    """A service whose seats were bought and paid on its first day, through the journeys; none when `seats` is empty."""
    day = date.fromisoformat(started_on) if isinstance(started_on, str) else started_on
    if not Edition.objects.exists() or not Offer.objects.filter(term=term, cycle=cycle, policy=policy).exists():
        make_catalog(
            term=term,
            cycle=cycle,
            policy=policy,
            currency=customer.currency,
            prices_include_tax=customer.prices_include_tax,
        )
    service_id = open_service(
        customer_id=customer.pk,
        tenant_row_id=(tenant or make_tenant(customer)).pk,
        name="Microsoft 365",
        term=term,
        cycle=cycle,
        policy=policy,
        anchor=day.replace(day=anchor_day) if anchor_day else day,
        anchor_day=anchor_day or day.day,
        billing_starts_on=day,
    )
    if seats:
        buyer = make_member(customer)
        buy_and_pay(customer, service_id=service_id, wanted=seats, user_id=buyer.pk, now=moment(day))
    return Service.objects.get(pk=service_id)


def make_adopted_service(
    customer: Customer, *, seats: Mapping[str, int], billing_starts_on: date | str, policy: str = "anytime"
) -> Service:
    """A service whose seats were taken over from another seller; nothing is charged before its first day."""
    service = make_service(customer, started_on=billing_starts_on, policy=policy)
    for code, held in seats.items():
        offer = Offer.objects.get(edition__code=code, term=service.term, cycle=service.cycle, policy=policy)
        subscription = service.subscriptions.create(
            offer=offer,
            held_seats=held,
            unit_price=offer.prices.get(currency=customer.currency).unit_price,
            term_started_on=service.billing_starts_on,
            started_on=service.billing_starts_on,
        )
        SeatBatch.objects.create(
            subscription=subscription, origin=BatchOrigin.ADOPTED, added_on=service.billing_starts_on, seats=held
        )
        SeatMovement.objects.create(
            subscription=subscription,
            effective_on=service.billing_starts_on,
            seats=held,
            cause="adopted",
            recorded_at=moment(service.billing_starts_on),
        )
    Service.objects.filter(pk=service.pk).update(state=ServiceState.ACTIVE)
    return Service.objects.get(pk=service.pk)


def quote(customer: Customer, *, service_id: int, wanted: Mapping[str, int], user_id: int, now: datetime) -> UUID:
    """A stored quote of these totals."""
    return make_quote(customer_id=customer.pk, service_id=service_id, wanted=wanted, user_id=user_id, now=now)


def accept(
    customer: Customer, *, quote_id: UUID, user_id: int, now: datetime, payment_method: str = "bank_transfer"
) -> int:
    """The order made of a quote; the way to pay counts only when there is something to pay."""
    to_pay = get_checkout(customer_id=customer.pk, quote_id=quote_id, now=now).figures.to_pay_minor
    return accept_quote(
        customer_id=customer.pk,
        user_id=user_id,
        quote_id=quote_id,
        payment_method=payment_method if to_pay else "",
        now=now,
    )


def buy(
    customer: Customer,
    *,
    service_id: int,
    wanted: Mapping[str, int],
    user_id: int,
    now: datetime,
    payment_method: str = "bank_transfer",
) -> int:
    """Quote and accept; returns the order's id."""
    quote_id = quote(customer, service_id=service_id, wanted=wanted, user_id=user_id, now=now)
    return accept(customer, quote_id=quote_id, user_id=user_id, now=now, payment_method=payment_method)


def pay(
    document_number: str, *, amount_minor: int, now: datetime, received_on: date | None = None, reference: str = ""
) -> int:
    """Money on the bank statement."""
    return record_bank_receipt(
        document_number=document_number,
        amount_minor=amount_minor,
        received_on=received_on or now.date(),
        bank_reference=reference or f"statement-{next(_numbers)}",
        staff_id=clerk_id(),
        now=now,
    )


def buy_and_pay(customer: Customer, *, service_id: int, wanted: Mapping[str, int], user_id: int, now: datetime) -> int:
    """Quote, accept, and pay what is open by bank at once; returns the order's id."""
    order_id = buy(customer, service_id=service_id, wanted=wanted, user_id=user_id, now=now)
    document = Order.objects.get(pk=order_id).documents.order_by("pk").first()
    if document is not None and get_open_minor(document):
        pay(document.number, amount_minor=get_open_minor(document), now=now)
    return order_id


def renew(customer: Customer, *, now: datetime) -> int:
    """Charge the customer's periods that have begun."""
    return renew_customer(customer.pk, now=now)
