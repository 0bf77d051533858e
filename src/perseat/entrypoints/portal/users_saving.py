"""Save changes: from what a form asks for to the recorded change, saying first what would be lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from perseat import wiring
from perseat.entrypoints.portal.access import MemberRequest
from perseat.entrypoints.portal.clock import present_moment
from perseat.entrypoints.portal.users_choices import Wanted, sku_ids
from perseat.entrypoints.portal.users_microsoft import sentence_for
from perseat.journeys.assignment import (
    LicenseUnknown,
    NobodyChosen,
    NotEnoughSeats,
    NothingToChange,
    TooManyChosen,
    change_licenses,
    get_license_preview,
)
from perseat.journeys.seat_counts import get_last_seat_counts
from perseat.ports.failures import CredentialsRefused, Refused, Unanswered


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """How Save changes ended: a change, or losses to agree to first, or a problem. Errors are by edition code."""

    change_id: UUID | None = None
    losses: tuple[str, ...] = ()
    problem: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    is_microsoft_silent: bool = False


def save_licenses(
    request: MemberRequest, *, service_id: int, person_ids: Sequence[str], wanted: Wanted, has_agreed: bool
) -> Saved:
    """Save; while nobody has agreed to what would be lost, only say it."""
    outside = wiring.get_outside()
    counts = get_last_seat_counts(customer_id=request.member.customer_id, service_id=service_id)
    add, remove = sku_ids(wanted.add, counts=counts), sku_ids(wanted.remove, counts=counts)
    try:
        if wanted.remove and not has_agreed:
            preview = get_license_preview(
                outside,
                customer_id=request.member.customer_id,
                service_id=service_id,
                person_ids=person_ids,
                add=add,
                remove=remove,
            )
            if preview.losses:
                return Saved(losses=preview.losses)
        change_id = change_licenses(
            outside,
            customer_id=request.member.customer_id,
            user_id=request.member.user_id,
            service_id=service_id,
            person_ids=person_ids,
            add=add,
            remove=remove,
            country=wanted.country,
            now=present_moment(),
        )
    except (NobodyChosen, TooManyChosen, NothingToChange, LicenseUnknown) as unusable:
        return Saved(problem=str(unusable))
    except NotEnoughSeats as shortage:
        return Saved(errors={shortage.edition: str(shortage)})
    except (Refused, CredentialsRefused) as refusal:
        return Saved(problem=sentence_for(refusal))
    except Unanswered as silence:
        return Saved(problem=sentence_for(silence), is_microsoft_silent=True)
    return Saved(change_id=change_id)
