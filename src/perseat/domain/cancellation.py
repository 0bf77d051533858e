"""Cancellation: the exact mirror of a document whose order never began (billing rule: Payment gates), or of all that
stands of one, to issue it again to another recipient.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from perseat.domain.quote_values import DocumentKind, Line, LineKind, LineReason, TaxSum, Totals
from perseat.domain.tax import totals_of_told


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


def take_back(standing: Sequence[IssuedLine], *, prices_include_tax: bool) -> tuple[tuple[Line, ...], Totals]:
    """Lines and totals that take back these lines, whichever documents they stand on, at their exact figures.

    Nothing is rounded. The tax of each (category, rate) is the sum of what was counted for the lines.
    """
    lines = tuple(_mirror(each) for each in standing)
    taxes = [-each.tax_minor for each in standing]
    return lines, totals_of_told(lines, line_taxes=taxes, prices_include_tax=prices_include_tax)


def repeat(
    standing: Sequence[IssuedLine], *, renamed: Mapping[str, str], prices_include_tax: bool
) -> tuple[tuple[Line, ...], Totals]:
    """The same lines once more, at their exact figures. `renamed`: lines that were issued again, by their old names."""
    lines = tuple(
        each.line._replace(
            credits=renamed.get(each.line.credits or "", each.line.credits),
            restores=renamed.get(each.line.restores or "", each.line.restores),
        )
        for each in standing
    )
    taxes = [each.tax_minor for each in standing]
    return lines, totals_of_told(lines, line_taxes=taxes, prices_include_tax=prices_include_tax)


def drop_undone(later: Sequence[IssuedLine]) -> tuple[IssuedLine, ...]:
    """The lines without credits that were taken back as a whole, and without what took them back."""
    restored: dict[str, int] = {}
    for each in later:
        if each.line.restores is not None:
            restored[each.line.restores] = restored.get(each.line.restores, 0) + each.line.amount_minor
    undone = {
        each.reference
        for each in later
        if each.line.kind is LineKind.CREDIT and restored.get(each.reference) == -each.line.amount_minor
    }
    return tuple(each for each in later if each.reference not in undone and each.line.restores not in undone)


def _mirror(issued: IssuedLine) -> Line:
    line = issued.line._replace(basis=None)
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
