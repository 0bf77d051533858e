"""Adoption: a customer's tenant is linked, and the subscriptions that it already has become ours to bill."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from perseat.capabilities.accounts.actions import record_audit
from perseat.capabilities.catalog.models import Edition, Offer, Price
from perseat.capabilities.customers.models import Customer, Tenant
from perseat.capabilities.customers.queries import DoesNotBelong
from perseat.capabilities.customers.tenants import KnownTenant, keep_tenant
from perseat.capabilities.subscriptions.actions import adopt_subscription, open_service
from perseat.capabilities.subscriptions.models import Service, Subscription
from perseat.capabilities.subscriptions.supplier_facts import record_deadlines
from perseat.domain.calendar import Rhythm, aligned_period, local_day
from perseat.domain.deadlines import SeatsUntil
from perseat.domain.events import TenantLinked
from perseat.domain.quote import DecreasePolicy
from perseat.journeys.reactions import react
from perseat.ports.failures import CredentialsRefused
from perseat.ports.outside import Outside
from perseat.ports.seat_provider import SupplierStatus, SupplierSubscription

_MONTHS = {"P1M": 1, "P3M": 3, "P6M": 6, "P1Y": 12, "P3Y": 36}


class TenantNotLinked(LookupError):
    """The customer has no tenant yet."""

    def __init__(self) -> None:
        super().__init__("Link the customer's tenant first.")


class ServiceExists(Exception):
    """The tenant has a service already."""

    def __init__(self, *, service_id: int) -> None:
        super().__init__("This tenant has a service already.")
        self.service_id = service_id


class NothingToAdopt(ValueError):
    """No subscription was chosen, or one that cannot be taken over."""


class NoPriceFor(Exception):
    """An edition has no offer or no price on these terms; nothing was written."""

    def __init__(self, *, edition_name: str, sentence: str) -> None:
        super().__init__(sentence)
        self.edition_name = edition_name
        self.sentence = sentence


class TermsNotUsable(ValueError):
    """Term, cycle, anchor day or start do not fit together; `sentence` says which."""

    def __init__(self, field_name: str, *, sentence: str) -> None:
        super().__init__(sentence)
        self.field_name = field_name
        self.sentence = sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoptable:
    """A subscription that the tenant holds at the supplier. `problem`: why it cannot be taken over, "" if it can.

    `returnable`: seats that the supplier would still take back.
    """

    supplier_subscription_id: str
    title: str
    edition: str
    seats: int
    term: str
    cycle: str
    term_ends_on: date | None
    returnable: tuple[SeatsUntil, ...]
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedFacts:
    """What linking found. `has_agreement`: the Microsoft Customer Agreement is accepted; without it nothing is sold."""

    tenant_row_id: int
    tenant_id: str
    company: str
    domain: str
    country: str
    has_agreement: bool


def link_tenant(outside: Outside, *, customer_id: int, tenant_id: UUID, actor: str, now: datetime) -> LinkedFacts:
    """Ask the supplier about the tenant and keep it as the customer's; linking again reads the facts anew.

    :raises DoesNotBelong: when there is no such customer.
    :raises TenantIsTaken: when it is another customer's.
    :raises NotFound: (perseat.ports.failures) when the supplier has no relationship with it.
    :raises Refused, Unanswered, CredentialsRefused: when the supplier says nothing.
    """
    known = outside.seats.get_tenant(str(tenant_id))
    facts = KnownTenant(
        tenant_id=tenant_id,
        company=known.company,
        domain=known.domain,
        domains=_verified_domains(outside, tenant_id),
        country=known.country,
        has_agreement=known.has_agreement,
    )
    with transaction.atomic():
        tenant = keep_tenant(facts, customer_id=customer_id, actor=actor, now=now)
        react(TenantLinked(tenant_row_id=tenant.pk))
    return LinkedFacts(
        tenant_row_id=tenant.pk,
        tenant_id=str(tenant_id),
        company=tenant.company,
        domain=tenant.domain,
        country=tenant.country,
        has_agreement=tenant.has_agreement,
    )


def _verified_domains(outside: Outside, tenant_id: UUID) -> tuple[str, ...]:
    """None before the tenant has let us into its directory; they are read again when it has."""
    try:
        return tuple(each.name for each in outside.directory.list_domains(str(tenant_id)) if each.is_verified)
    except CredentialsRefused:
        return ()


def list_adoptable(outside: Outside, customer_id: int, *, tenant_row_id: int | None = None) -> tuple[Adoptable, ...]:
    """What the tenant holds at the supplier now, ended subscriptions left out. Raises as `link_tenant`.

    :raises TenantNotLinked: when the customer has none.
    """
    tenant = _tenant(customer_id, tenant_row_id=tenant_row_id)
    editions = _editions_by_offer()
    held = set(
        Subscription.objects.exclude(supplier_subscription_id="").values_list("supplier_subscription_id", flat=True)
    )
    found = outside.seats.list_subscriptions(str(tenant.tenant_id))
    return tuple(_adoptable(each, editions, held) for each in found if each.status is not SupplierStatus.ENDED)


def adopt_subscriptions(
    outside: Outside,
    *,
    customer_id: int,
    choices: Sequence[str],
    billing_starts_on: date,
    anchor_day: int,
    term: str,
    cycle: str,
    policy: DecreasePolicy,
    actor: str,
    now: datetime,
    tenant_row_id: int | None = None,
) -> int:
    """Open the customer's service with the chosen supplier subscriptions; returns its id. The supplier is only read.

    Their seats are charged from `billing_starts_on` on (a local date, included), at that day's prices.

    :raises NothingToAdopt: when a choice cannot be taken over, or none was made.
    :raises ServiceExists: when the tenant has a service.
    :raises NoPriceFor: when an edition is not sold on these terms.
    :raises TermsNotUsable: when the terms do not fit together. Raises as `list_adoptable`, besides.
    """
    tenant = _tenant(customer_id, tenant_row_id=tenant_row_id)
    adoptable = {
        each.supplier_subscription_id: each for each in list_adoptable(outside, customer_id, tenant_row_id=tenant.pk)
    }
    chosen = [adoptable.get(each) for each in dict.fromkeys(choices)]
    if not chosen:
        raise NothingToAdopt("Choose at least one subscription.")
    usable = [each for each in chosen if each is not None and not each.problem]
    if len(usable) < len(chosen):
        raise NothingToAdopt("One of the chosen subscriptions can no longer be taken over; please look again.")
    if len({each.edition for each in usable}) < len(usable):
        raise NothingToAdopt("Two of the chosen subscriptions are of one edition; take over one of them.")
    with transaction.atomic():
        service_id = _open(
            tenant,
            billing_starts_on=billing_starts_on,
            anchor_day=anchor_day,
            term=term,
            cycle=cycle,
            policy=policy,
            now=now,
        )
        for each in usable:
            _adopt(service_id, each, tenant=tenant, day=billing_starts_on, actor=actor, now=now)
        _audit(
            "adopted subscriptions",
            tenant,
            actor=actor,
            now=now,
            details={"subscriptions": [each.supplier_subscription_id for each in usable]},
        )
    return service_id


def open_empty_service(
    *,
    customer_id: int,
    billing_starts_on: date,
    anchor_day: int,
    term: str,
    cycle: str,
    policy: DecreasePolicy,
    actor: str,
    now: datetime,
    tenant_row_id: int | None = None,
) -> int:
    """Open a service without seats, for a first purchase; returns its id. Raises as `adopt_subscriptions`."""
    with transaction.atomic():
        tenant = _tenant(customer_id, tenant_row_id=tenant_row_id)
        service_id = _open(
            tenant,
            billing_starts_on=billing_starts_on,
            anchor_day=anchor_day,
            term=term,
            cycle=cycle,
            policy=policy,
            now=now,
        )
        _audit("opened service", tenant, actor=actor, now=now, details={"service": service_id})
    return service_id


def _open(
    tenant: Tenant,
    *,
    billing_starts_on: date,
    anchor_day: int,
    term: str,
    cycle: str,
    policy: DecreasePolicy,
    now: datetime,
) -> int:
    Customer.objects.select_for_update(no_key=True).get(pk=tenant.customer_id)
    existing = Service.objects.filter(tenant=tenant).first()
    if existing is not None:
        raise ServiceExists(service_id=existing.pk)
    _check_terms(term=term, cycle=cycle, anchor_day=anchor_day)
    if billing_starts_on < local_day(now, tenant.customer.time_zone):
        raise TermsNotUsable("billing_starts_on", sentence="Billing can start today or later, not in the past.")
    if not Offer.objects.filter(term=term, cycle=cycle, policy=policy, is_on_sale=True).exists():
        raise TermsNotUsable("term", sentence="Nothing is on sale on this term, charge cycle and policy.")
    return open_service(
        customer_id=tenant.customer_id,
        tenant_row_id=tenant.pk,
        name="Microsoft 365",
        term=term,
        cycle=cycle,
        policy=policy,
        anchor=_anchor(billing_starts_on, anchor_day=anchor_day, cycle=cycle),
        anchor_day=anchor_day,
        billing_starts_on=billing_starts_on,
    )


def _check_terms(*, term: str, cycle: str, anchor_day: int) -> None:
    if term not in _MONTHS or cycle not in _MONTHS or _MONTHS[term] % _MONTHS[cycle]:
        raise TermsNotUsable("cycle", sentence="The term must be a whole number of charge cycles.")
    if not 1 <= anchor_day <= 31:
        raise TermsNotUsable("anchor_day", sentence="The day of the month is from 1 to 31.")


def _anchor(day: date, *, anchor_day: int, cycle: str) -> date:
    """The first day of the aligned period that contains the start; longer cycles begin on the start itself."""
    if cycle != "P1M":
        return day
    rhythm = Rhythm(anchor=date(day.year, 1, anchor_day), anchor_day=anchor_day, cycle_months=1, term_cycles=1)
    return aligned_period(rhythm, day).start


def _adopt(service_id: int, found: Adoptable, *, tenant: Tenant, day: date, actor: str, now: datetime) -> None:
    service = Service.objects.get(pk=service_id)
    offer = Offer.objects.filter(
        edition__code=found.edition, term=service.term, cycle=service.cycle, policy=service.policy
    ).first()
    price = _price(offer, customer=tenant.customer, day=day) if offer else None
    if offer is None or price is None:
        raise NoPriceFor(
            edition_name=found.title,
            sentence=f"{found.title} has no price in {_list_words(tenant.customer)} on these terms. Add one first.",
        )
    subscription_id = adopt_subscription(
        service_id,
        offer_id=offer.pk,
        seats=found.seats,
        unit_price=price,
        term_started_on=day,
        supplier_subscription_id=found.supplier_subscription_id,
        supplier_term_ends_on=found.term_ends_on,
        now=now,
        actor=actor,
    )
    record_deadlines(
        subscription_id,
        returnable=[each for each in found.returnable if each.until and each.until > now],
        term_ends_on=found.term_ends_on,
        read_at=now,
    )


def _price(offer: Offer, *, customer: Customer, day: date) -> Decimal | None:
    of_list = Price.objects.filter(
        offer=offer, currency=customer.currency, includes_tax=customer.prices_include_tax, starts_on__lte=day
    )
    return of_list.order_by("-starts_on", "-recorded_at", "-pk").values_list("unit_price", flat=True).first()


def _list_words(customer: Customer) -> str:
    return f"{customer.currency} that includes tax" if customer.prices_include_tax else customer.currency


def _adoptable(found: SupplierSubscription, editions: dict[tuple[str, str], Edition], held: set[str]) -> Adoptable:
    edition = editions.get((found.product_id, found.sku_id))
    if edition is None:
        problem = "We do not sell this edition."
    elif found.subscription_id in held:
        problem = "It is billed here already."
    elif found.status is not SupplierStatus.ACTIVE:
        problem = f"The supplier says that it is {found.status.value}."
    elif found.seats < 1:
        problem = "It has no seats."
    else:
        problem = ""
    return Adoptable(
        supplier_subscription_id=found.subscription_id,
        title=edition.name if edition else found.title,
        edition=edition.code if edition else "",
        seats=found.seats,
        term=found.term,
        cycle=found.cycle,
        term_ends_on=found.term_ends_on,
        returnable=tuple(SeatsUntil(each.seats, each.until) for each in found.returnable),
        problem=problem,
    )


def _editions_by_offer() -> dict[tuple[str, str], Edition]:
    return {(each.supplier_product_id, each.supplier_sku_id): each for each in Edition.objects.all()}


def _customer(customer_id: int) -> Customer:
    customer = Customer.objects.filter(pk=customer_id).first()
    if customer is None:
        raise DoesNotBelong(customer_id)
    return customer


def _tenant(customer_id: int, *, tenant_row_id: int | None) -> Tenant:
    """The customer's tenant: the one named, or else the one without a service, or else the first."""
    _customer(customer_id)
    tenants = Tenant.objects.select_related("customer").filter(customer_id=customer_id).order_by("pk")
    if tenant_row_id is not None:
        tenants = tenants.filter(pk=tenant_row_id)
    tenant = tenants.filter(service=None).first() or tenants.first()
    if tenant is None:
        raise TenantNotLinked
    return tenant


def _audit(verb: str, tenant: Tenant, *, actor: str, now: datetime, details: dict[str, object]) -> None:
    record_audit(
        verb,
        actor=actor,
        object_label=tenant.domain,
        at=now,
        customer_number=tenant.customer.number,
        details=details,
    )
