"""Cases of the billing team: differences that the audit has found, open until the books hold again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from perseat.capabilities.ledger.models import BooksCase
from perseat.domain.audit_facts import Difference


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """An open case. `customer_number` is "" for the series of numbers, which belong to nobody."""

    case_id: int
    customer_number: str
    opened_at: datetime
    seen_at: datetime
    differences: tuple[Difference, ...]


def open_case(customer_number: str, *, differences: Sequence[Difference], now: datetime) -> bool:
    """Open a case, or bring the open one up to date; True when it is new."""
    told = [
        {"subject": each.subject, "what": each.what, "expected": each.expected, "found": each.found}
        for each in differences
    ]
    _case, is_new = BooksCase.objects.update_or_create(
        customer_number=customer_number,
        closed_at=None,
        defaults={"differences": told, "seen_at": now},
        create_defaults={"differences": told, "seen_at": now, "opened_at": now},
    )
    return is_new


def close_case(case_id: int, *, closed_by: str, reason: str, now: datetime) -> None:
    """Close an open case; one that is closed stays as it is."""
    BooksCase.objects.filter(pk=case_id, closed_at=None).update(closed_at=now, closed_by=closed_by, reason=reason[:300])


def list_open_cases() -> tuple[CaseView, ...]:
    """The oldest first, at most 200."""
    return tuple(_view(case) for case in BooksCase.objects.filter(closed_at=None).order_by("pk")[:200])


def get_open_case(case_id: int) -> CaseView:
    """:raises LookupError: when there is no such case, or it is closed."""
    case = BooksCase.objects.filter(pk=case_id, closed_at=None).first()
    if case is None:
        raise LookupError(case_id)
    return _view(case)


def _view(case: BooksCase) -> CaseView:
    return CaseView(
        case_id=case.pk,
        customer_number=case.customer_number,
        opened_at=case.opened_at,
        seen_at=case.seen_at,
        differences=tuple(Difference(**each) for each in case.differences),
    )
