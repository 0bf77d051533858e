"""Cancellation: the exact mirror of a document whose order never began (billing rule: Payment gates)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from perseat.domain.quote_values import DocumentKind, Line, LineKind, LineReason, TaxSum, Totals


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedLine:
    """A line as it stands on an issued document. `reference` names it for the caller (opaque)."""

    reference: str
    line: Line
    tax_minor: int


def cancel_document(issued: Sequence[IssuedLine], *, taxes: Sequence[TaxSum]) -> tuple[tuple[Line, ...], Totals]:
    """Lines and totals that take a whole document back: every amount and every tax with the opposite sign.

    Nothing is rounded. A charge is credited; a credit is restored; a restored credit is credited again.
    """
    lines = tuple(_mirror(each) for each in issued)
    sums = tuple(tax._replace(net_minor=-tax.net_minor, tax_minor=-tax.tax_minor) for tax in taxes)
    net, tax = sum(each.net_minor for each in sums), sum(each.tax_minor for each in sums)
    totals = Totals(
        kind=DocumentKind.INVOICE if net >= 0 else DocumentKind.CREDIT_NOTE,
        net_minor=net,
        tax_minor=tax,
        total_minor=net + tax,
        taxes=sums,
        line_taxes=tuple(-each.tax_minor for each in issued),
    )
    return lines, totals


def _mirror(issued: IssuedLine) -> Line:
    line = issued.line
    if line.kind is LineKind.CREDIT:
        return line._replace(
            kind=LineKind.CHARGE,
            reason=LineReason.RESTORED,
            amount_minor=-line.amount_minor,
            restores=issued.reference,
            basis=None,
        )
    return line._replace(
        kind=LineKind.CREDIT,
        reason=LineReason.CANCELLED,
        amount_minor=-line.amount_minor,
        credits=line.credits or issued.reference,
        restores=None,
        basis=None,
    )
