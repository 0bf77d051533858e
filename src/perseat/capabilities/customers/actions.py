"""Writes of customers: made by staff, changed by their owners; who may log in for them; their directories."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import connection, transaction

from perseat.capabilities.accounts.actions import record_audit
from perseat.capabilities.accounts.queries import NotAllowed, NotStaff, get_person, require_staff
from perseat.capabilities.customers.models import Customer, Membership, Tenant
from perseat.capabilities.customers.queries import DoesNotBelong, require_member
from perseat.capabilities.customers.tax_numbers import check_reverse_charge, normalize_tax_number
from perseat.domain.money import get_currency
from perseat.domain.parties import DocumentLanguage, PaymentTerms, TaxTreatment
from perseat.domain.rights import MemberRole, StaffRole, may_administer, may_buy, may_manage_team

_ONE_NUMBER_AT_A_TIME = 7_250_101
_FIRST_NUMBER = 1001


class LastOwner(Exception):
    """Nobody could buy or manage the team after this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBillingDetails:
    """What the owner typed; `country` is an ISO code, `tax_number` as typed, `language` that of the documents."""

    legal_name: str
    street: str
    city: str
    region: str
    postal_code: str
    country: str
    tax_number: str
    order_reference: str
    invoice_email: str
    language: str


@transaction.atomic
def create_customer(
    details: NewBillingDetails,
    *,
    currency: str,
    time_zone: str,
    payment_terms: PaymentTerms,
    credit_limit_minor: int,
    user_id: int,
    now: datetime,
    prices_include_tax: bool = False,
) -> int:
    """Make a customer with the next number ("C-1001") and return its id.

    `credit_limit_minor` in minor units of `currency`; it counts with payment on account only. Currency and
    `prices_include_tax` choose the prices that the customer buys at; neither can be changed later.

    :raises NotAllowed: unless an administrator asks.
    :raises TaxNumberUnusable: when the tax number cannot be right.
    :raises UnknownCurrency: (perseat.domain.money) for what is no active ISO 4217 code.
    """
    staff = require_staff(user_id, right=may_administer, act="create customers")
    customer = Customer(
        number=_next_number(),
        currency=get_currency(currency).code,
        prices_include_tax=prices_include_tax,
        time_zone=time_zone,
        payment_terms=payment_terms,
        credit_limit_minor=credit_limit_minor,
        tax_treatment=TaxTreatment.DOMESTIC,
    )
    _write_details(customer, details=details)
    customer.save()
    record_audit(
        "created customer",
        actor=staff.email,
        object_label=str(customer),
        at=now,
        customer_number=customer.number,
        details={"payment_terms": payment_terms, "credit_limit_minor": credit_limit_minor, "currency": currency},
    )
    return customer.pk


@transaction.atomic
def change_billing_details(details: NewBillingDetails, *, customer_id: int, user_id: int, now: datetime) -> None:
    """Change what the next documents say of the buyer; issued ones keep what they say.

    :raises NotAllowed: unless an owner or an administrator asks.
    :raises TaxNumberUnusable: when the tax number cannot be right.
    :raises ReverseChargeImpossible: when documents under reverse charge could not be made with them.
    """
    actor = _require(
        user_id, customer_id=customer_id, right=may_buy, staff_right=may_administer, act="change billing details"
    )
    customer = _lock_customer(customer_id)
    before = {name: getattr(customer, name) for name in asdict(details)}
    _write_details(customer, details=details)
    _check_treatment(customer)
    changed = {
        name: {"from": old, "to": getattr(customer, name)}
        for name, old in before.items()
        if getattr(customer, name) != old
    }
    if not changed:
        return
    customer.save(update_fields=list(changed))
    record_audit(
        "changed billing details",
        actor=actor,
        object_label=str(customer),
        at=now,
        customer_number=customer.number,
        details=changed,
    )


@transaction.atomic
def change_payment_terms(
    customer_id: int, *, payment_terms: PaymentTerms, credit_limit_minor: int, user_id: int, now: datetime
) -> None:
    """Change how the customer's next orders are paid; the limit in minor units of its currency.

    :raises NotAllowed: unless an administrator asks.
    """
    staff = require_staff(user_id, right=may_administer, act="change payment terms")
    customer = _lock_customer(customer_id)
    if credit_limit_minor < 0:
        raise ValueError("a credit limit is not negative")
    before = {"payment_terms": customer.payment_terms, "credit_limit_minor": customer.credit_limit_minor}
    customer.payment_terms = payment_terms
    customer.credit_limit_minor = credit_limit_minor
    customer.save(update_fields=["payment_terms", "credit_limit_minor"])
    record_audit(
        "changed payment terms",
        actor=staff.email,
        object_label=str(customer),
        at=now,
        customer_number=customer.number,
        details={"from": before, "to": {"payment_terms": payment_terms, "credit_limit_minor": credit_limit_minor}},
    )


@transaction.atomic
def change_tax_treatment(
    customer_id: int,
    *,
    treatment: TaxTreatment,
    tax_number: str,
    exemption_reason: str,
    user_id: int,
    now: datetime,
) -> None:
    """Change how the customer's next lines are taxed; credits keep the tax of what they credit.

    `exemption_reason`: printed on documents without tax; kept for an exempt customer only.

    :raises NotAllowed: unless an administrator asks.
    :raises TaxNumberUnusable: when the tax number cannot be right.
    :raises ReverseChargeImpossible: when documents under reverse charge could not be made.
    """
    staff = require_staff(user_id, right=may_administer, act="change how a customer is taxed")
    customer = _lock_customer(customer_id)
    fields = ("tax_treatment", "tax_number", "exemption_reason")
    before = {name: getattr(customer, name) for name in fields}
    customer.tax_treatment = treatment
    customer.tax_number = normalize_tax_number(tax_number, country=customer.country)
    customer.exemption_reason = " ".join(exemption_reason.split()) if treatment is TaxTreatment.EXEMPT else ""
    _check_treatment(customer)
    customer.save(update_fields=fields)
    record_audit(
        "changed tax treatment",
        actor=staff.email,
        object_label=str(customer),
        at=now,
        customer_number=customer.number,
        details={"from": before, "to": {name: getattr(customer, name) for name in fields}},
    )


@transaction.atomic
def change_member_role(membership_id: int, *, role: MemberRole, customer_id: int, user_id: int, now: datetime) -> None:
    """Give a member another role.

    :raises NotAllowed: unless an owner asks.
    :raises DoesNotBelong: when the membership is not this customer's.
    :raises LastOwner: when the customer would have no owner.
    """
    actor = _require(user_id, customer_id=customer_id, right=may_manage_team, act="manage the team")
    membership = _lock_membership(membership_id, customer_id=customer_id, keeps_owner=role is MemberRole.OWNER)
    if membership.role == role:
        return
    old_role, membership.role = membership.role, role
    membership.save(update_fields=["role"])
    record_audit(
        "changed role",
        actor=actor,
        object_label=membership.user.email,
        at=now,
        customer_number=membership.customer.number,
        details={"from": old_role, "to": role},
    )


@transaction.atomic
def remove_member(membership_id: int, *, customer_id: int, user_id: int, now: datetime) -> str:
    """Take the customer away from a member at once, and return their address; their account stays.

    :raises NotAllowed: unless an owner asks.
    :raises DoesNotBelong: when the membership is not this customer's.
    :raises LastOwner: when the customer would have no owner.
    """
    actor = _require(user_id, customer_id=customer_id, right=may_manage_team, act="manage the team")
    membership = _lock_membership(membership_id, customer_id=customer_id, keeps_owner=False)
    record_audit(
        "removed member",
        actor=actor,
        object_label=membership.user.email,
        at=now,
        customer_number=membership.customer.number,
        details={"role": membership.role},
    )
    membership.delete()
    return membership.user.email


@transaction.atomic
def add_member(customer_id: int, *, member_user_id: int, role: MemberRole, actor: str, now: datetime) -> None:
    """Make a person a member, as an accepted invitation or the demo's samples do; no right is checked here."""
    customer = _lock_customer(customer_id)
    person = get_person(member_user_id)
    Membership.objects.create(customer=customer, user_id=person.user_id, role=role)
    record_audit(
        "joined",
        actor=actor,
        object_label=person.email,
        at=now,
        customer_number=customer.number,
        details={"role": role},
    )


@transaction.atomic
def record_agreement(
    tenant_row_id: int,
    *,
    customer_id: int,
    actor: str,
    now: datetime,
    name: str = "",
    email: str = "",
    agreed_on: date | None = None,
) -> None:
    """Write down that the customer has accepted the Microsoft Customer Agreement; DoesNotBelong if not its tenant."""
    customer = _lock_customer(customer_id)
    tenant = Tenant.objects.select_for_update().filter(pk=tenant_row_id, customer_id=customer_id).first()
    if tenant is None:
        raise DoesNotBelong(tenant_row_id)
    if tenant.has_agreement:
        return
    tenant.has_agreement = True
    tenant.agreed_by, tenant.agreed_email, tenant.agreed_on = name[:201], email[:254], agreed_on
    tenant.save(update_fields=["has_agreement", "agreed_by", "agreed_email", "agreed_on"])
    record_audit(
        "recorded the Microsoft Customer Agreement",
        actor=actor,
        object_label=tenant.domain,
        at=now,
        customer_number=customer.number,
    )


def require_inviter(user_id: int, *, customer_id: int) -> str:
    """The address of a person who may invite for the customer: its owner, or an administrator."""
    return _require(
        user_id, customer_id=customer_id, right=may_manage_team, staff_right=may_administer, act="manage the team"
    )


def _require(
    user_id: int,
    *,
    customer_id: int,
    right: Callable[[MemberRole], bool],
    staff_right: Callable[[StaffRole], bool] | None = None,
    act: str,
) -> str:
    """The e-mail of the member with the right, or of the person of the staff who has theirs."""
    if staff_right is not None:
        try:
            return require_staff(user_id, right=staff_right, act=act).email
        except (NotStaff, NotAllowed):
            pass
    return require_member(user_id, customer_id=customer_id, right=right, act=act).email


def _next_number() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_NUMBER_AT_A_TIME])
        cursor.execute("SELECT max(substring(number from '^C-([0-9]+)$')::bigint) FROM customer")
        (last,) = cursor.fetchone()
    return f"C-{_FIRST_NUMBER if last is None else last + 1}"


def _write_details(customer: Customer, *, details: NewBillingDetails) -> None:
    for name, value in asdict(details).items():
        setattr(customer, name, " ".join(value.split()))
    customer.language = DocumentLanguage(details.language)
    customer.tax_number = normalize_tax_number(details.tax_number, country=details.country)


def _check_treatment(customer: Customer) -> None:
    if customer.tax_treatment == TaxTreatment.REVERSE_CHARGE:
        check_reverse_charge(
            tax_number=customer.tax_number,
            country=customer.country,
            seller_country=settings.PERSEAT.provider_country,
        )


def _lock_customer(customer_id: int) -> Customer:
    customer = Customer.objects.select_for_update().filter(pk=customer_id).first()
    if customer is None:
        raise DoesNotBelong(customer_id)
    return customer


def _lock_membership(membership_id: int, *, customer_id: int, keeps_owner: bool) -> Membership:
    """Lock all of the customer's memberships in key order, so that two owners cannot remove each other at once."""
    rows = Membership.objects.select_for_update(of=("self",)).filter(customer_id=customer_id)
    memberships = list(rows.select_related("user", "customer").order_by("pk"))
    membership = next((each for each in memberships if each.pk == membership_id), None)
    if membership is None:
        raise DoesNotBelong(membership_id)
    owners = [each.pk for each in memberships if each.role == MemberRole.OWNER and each.user.is_active]
    if not keeps_owner and owners == [membership.pk]:
        raise LastOwner(membership.user.email)
    return membership
