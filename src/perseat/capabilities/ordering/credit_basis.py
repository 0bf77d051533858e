"""Credit basis: what a credit by complement starts from, in the columns that lines of quotes and documents share."""

from __future__ import annotations

from typing import Protocol

from perseat.domain.quote import Basis

COLUMNS = ("billed_minor", "billed_seats", "billed_days", "kept_seat_days", "credited_before_minor")


class RowWithBasis(Protocol):
    """A line of a quote or of a document."""

    billed_minor: int | None
    billed_seats: int | None
    billed_days: int | None
    kept_seat_days: int | None
    credited_before_minor: int | None


def columns_of(basis: Basis | None) -> dict[str, int]:
    """The columns to write; none for a line that does not credit by complement."""
    return {} if basis is None else dict(zip(COLUMNS, basis, strict=True))


def basis_in(row: RowWithBasis) -> Basis | None:
    """What a stored line starts from; None when it has nothing to start from, or is older than these columns."""
    if row.billed_minor is None:
        return None
    return Basis(
        billed_minor=row.billed_minor,
        seats=row.billed_seats or 0,
        days=row.billed_days or 0,
        kept_seat_days=row.kept_seat_days or 0,
        credited_minor=row.credited_before_minor or 0,
    )
