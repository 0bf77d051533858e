"""At Microsoft: a tenant's subscriptions as they are read there now, in words, beside what we hold of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date

from perseat.capabilities.catalog.models import Edition
from perseat.capabilities.customers.models import Tenant
from perseat.capabilities.customers.queries import DoesNotBelong
from perseat.capabilities.provisioning.suspensions import SuspensionFacts, get_suspension
from perseat.capabilities.subscriptions.models import Service, Subscription
from perseat.ports.outside import Outside
from perseat.ports.seat_provider import NextTermPlan, SupplierStatus, SupplierSubscription

_TERMS = {"P1M": "a month", "P1Y": "a year", "P3Y": "three years"}
_CYCLES = {"P1M": "charged monthly", "P1Y": "charged yearly", "P3Y": "charged every three years"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenSubscription:
    """One subscription. `held`: our total of it, None when it is not ours to bill. `remarks`: what else is said of it.

    `ends_on`: the last day of its term (included). `at_the_end`: what happens then.
    """

    subscription_id: str
    title: str
    seats: int
    held: int | None
    status: SupplierStatus
    terms: str
    ends_on: date | None
    at_the_end: str
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAtMicrosoft:
    """The tenant's service, None without one, and whether its seats are suspended."""

    service_id: int | None
    suspension: SuspensionFacts | None


def read_subscriptions(outside: Outside, *, customer_id: int, tenant_row_id: int) -> tuple[SeenSubscription, ...]:
    """Ask Microsoft now; ended subscriptions last. Raises as the port does.

    :raises DoesNotBelong: when the tenant is not the customer's.
    """
    tenant = _tenant(customer_id, tenant_row_id)
    found = outside.seats.list_subscriptions(str(tenant.tenant_id))
    held = dict(
        Subscription.objects.filter(service__tenant=tenant)
        .exclude(supplier_subscription_id="")
        .order_by("pk")
        .values_list("supplier_subscription_id", "held_seats")
    )
    titles = {each.subscription_id: each.title for each in found}
    names = {(each.supplier_product_id, each.supplier_sku_id): each.name for each in Edition.objects.all()}
    ordered = sorted(found, key=lambda each: each.status is SupplierStatus.ENDED)
    return tuple(_seen(each, held=held.get(each.subscription_id), titles=titles, names=names) for each in ordered)


def get_service_at_microsoft(*, customer_id: int, tenant_row_id: int) -> ServiceAtMicrosoft:
    """What we know without asking. :raises DoesNotBelong: when the tenant is not the customer's."""
    tenant = _tenant(customer_id, tenant_row_id)
    service_id = Service.objects.filter(tenant=tenant).values_list("pk", flat=True).first()
    return ServiceAtMicrosoft(
        service_id=service_id, suspension=get_suspension(service_id) if service_id is not None else None
    )


def _tenant(customer_id: int, tenant_row_id: int) -> Tenant:
    tenant = Tenant.objects.filter(pk=tenant_row_id, customer_id=customer_id).first()
    if tenant is None:
        raise DoesNotBelong(tenant_row_id)
    return tenant


def _seen(
    found: SupplierSubscription,
    *,
    held: int | None,
    titles: Mapping[str, str],
    names: Mapping[tuple[str, str], str],
) -> SeenSubscription:
    title = names.get((found.product_id, found.sku_id)) or found.title
    return SeenSubscription(
        subscription_id=found.subscription_id,
        title=title,
        seats=found.seats,
        held=held,
        status=found.status,
        terms=", ".join(each for each in (_TERMS.get(found.term, found.term), _CYCLES.get(found.cycle, "")) if each),
        ends_on=found.term_ends_on,
        at_the_end=_at_the_end(found, names=names),
        remarks=tuple(_remarks(found, titles=titles)),
    )


def _at_the_end(found: SupplierSubscription, *, names: Mapping[tuple[str, str], str]) -> str:
    """The choice for the term's end, as far as Microsoft tells it."""
    if found.status is SupplierStatus.ENDED:
        return ""
    if found.end_actions:
        return f"Microsoft says: {', '.join(found.end_actions)}"
    if not found.renews_itself:
        return "not renewed"
    if found.next_term is None:
        return "renewed as it is"
    parts = list(_plan_words(found.next_term, found, names=names))
    return f"renewed with {', '.join(parts)}" if parts else "renewed as it is"


def _plan_words(
    plan: NextTermPlan, found: SupplierSubscription, *, names: Mapping[tuple[str, str], str]
) -> Iterator[str]:
    if plan.seats is not None:
        yield "1 seat" if plan.seats == 1 else f"{plan.seats} seats"
    if plan.product_id and (plan.product_id, plan.sku_id) != (found.product_id, found.sku_id):
        yield f"as {names.get((plan.product_id, plan.sku_id), f'{plan.product_id}:{plan.sku_id}')}"
    if plan.term and plan.term != found.term:
        yield f"for {_TERMS.get(plan.term, plan.term)}"
    if plan.cycle and plan.cycle != found.cycle:
        yield _CYCLES.get(plan.cycle, plan.cycle)
    if plan.ends_on is not None:
        yield f"a first term that ends on {format_date(plan.ends_on, format='d MMMM y', locale='en')}"


def _remarks(found: SupplierSubscription, *, titles: Mapping[str, str]) -> Iterator[str]:
    if found.is_trial:
        yield "A trial: its seats cannot be changed, and it becomes a paid term by itself."
    if found.parent_id:
        yield f"An add-on of {titles.get(found.parent_id, found.parent_id)}; it does not end with it."
    refundable = sum(each.seats for each in found.returnable)
    if refundable:
        until = max(each.until for each in found.returnable)
        yield f"{refundable} can be given back, the last until {until:%-d %b %Y, %H:%M} UTC."
