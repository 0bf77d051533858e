"""Graph's resources read as the port's values: its words end here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from perseat.integrations.graph.answers import JsonObject
from perseat.integrations.graph.app_titles import app_title
from perseat.ports.directory import (
    Domain,
    HeldLicense,
    Organization,
    Person,
    SeatCount,
    ServicePlan,
    ShownSubscription,
)
from perseat.ports.failures import Unanswered

PERSON_FIELDS = (
    "id,userPrincipalName,displayName,givenName,surname,mail,department,jobTitle,usageLocation,"
    "accountEnabled,userType,createdDateTime,assignedLicenses,licenseAssignmentStates"
)


def read_person(user: JsonObject) -> Person:
    """A person; what was not selected or is null is empty."""
    return Person(
        person_id=_text(user, "id"),
        sign_in_name=_text(user, "userPrincipalName"),
        display_name=_text(user, "displayName"),
        first_name=_text(user, "givenName"),
        last_name=_text(user, "surname"),
        mail=_text(user, "mail"),
        department=_text(user, "department"),
        job_title=_text(user, "jobTitle"),
        country=_text(user, "usageLocation"),
        is_enabled=user.get("accountEnabled") is not False,
        is_guest=_text(user, "userType").casefold() == "guest",
        created_at=read_moment(user.get("createdDateTime")),
        last_sign_in_at=read_moment((user.get("signInActivity") or {}).get("lastSignInDateTime")),
        licenses=_licenses(user),
    )


def read_seat_count(sku: JsonObject) -> SeatCount:
    """Seats that count as purchased are the enabled ones; those of a lapsed subscription's grace are not."""
    return SeatCount(
        sku_id=_text(sku, "skuId").lower(),
        part_number=_text(sku, "skuPartNumber"),
        status=_text(sku, "capabilityStatus").casefold(),
        purchased=_number((sku.get("prepaidUnits") or {}).get("enabled")),
        assigned=_number(sku.get("consumedUnits")),
        plans=_plans(_objects(sku.get("servicePlans"))),
    )


def read_shown_subscription(row: JsonObject) -> ShownSubscription:
    """A subscription of any seller; Partner Center knows it by its commerce id."""
    return ShownSubscription(
        supplier_subscription_id=_text(row, "commerceSubscriptionId").lower(),
        sku_id=_text(row, "skuId").lower(),
        seats=_number(row.get("totalLicenses")),
    )


def read_license_detail(detail: JsonObject) -> SeatCount:
    """One license of one person, app by app."""
    return SeatCount(
        sku_id=_text(detail, "skuId").lower(),
        part_number=_text(detail, "skuPartNumber"),
        status="enabled",
        purchased=1,
        assigned=1,
        plans=_plans(_objects(detail.get("servicePlans"))),
    )


def read_domain(domain: JsonObject) -> Domain:
    """A mail domain."""
    return Domain(
        name=_text(domain, "id"),
        is_default=domain.get("isDefault") is True,
        is_verified=domain.get("isVerified") is True,
        is_federated=_text(domain, "authenticationType").casefold() == "federated",
    )


def read_organization(organization: JsonObject, *, tenant_id: str) -> Organization:
    """The tenant."""
    return Organization(
        tenant_id=_text(organization, "id") or tenant_id,
        name=_text(organization, "displayName"),
        country=_text(organization, "countryLetterCode").upper(),
    )


def _licenses(user: JsonObject) -> tuple[HeldLicense, ...]:
    """By the states, which know of groups and errors; by the plain list where a tenant gives no states."""
    states = _objects(user.get("licenseAssignmentStates"))
    if states:
        return tuple(
            HeldLicense(
                sku_id=_text(state, "skuId").lower(),
                disabled_plans=_names(state.get("disabledPlans")),
                from_group=_text(state, "assignedByGroup") or None,
                error="" if _text(state, "error").casefold() == "none" else _text(state, "error"),
            )
            for state in states
        )
    return tuple(
        HeldLicense(sku_id=_text(held, "skuId").lower(), disabled_plans=_names(held.get("disabledPlans")))
        for held in _objects(user.get("assignedLicenses"))
    )


def _plans(plans: Iterable[JsonObject]) -> tuple[ServicePlan, ...]:
    """The apps that people use; plans of the company as a whole are left out."""
    return tuple(
        ServicePlan(
            plan_id=_text(plan, "servicePlanId").lower(),
            name=_text(plan, "servicePlanName"),
            status=_text(plan, "provisioningStatus"),
            title=app_title(_text(plan, "servicePlanName")),
        )
        for plan in plans
        if _text(plan, "appliesTo").casefold() != "company"
    )


def _text(source: JsonObject, name: str) -> str:
    value = source.get(name)
    return "" if value is None else str(value)


def _number(value: object) -> int:
    if value is None:
        return 0
    if not isinstance(value, int):
        raise Unanswered("Microsoft Graph answered with a count that is no whole number.")
    return value


def _names(value: object) -> tuple[str, ...]:
    return tuple(str(name).lower() for name in value) if isinstance(value, list) else ()


def _objects(value: object) -> list[JsonObject]:
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []


def read_moment(value: object) -> datetime | None:
    """A moment in UTC, None when missing."""
    if not value:
        return None
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise Unanswered("Microsoft Graph answered with a date that cannot be read.") from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
