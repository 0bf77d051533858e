"""Tax: dated rates, and a document's totals per category and rate (rule 11)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache

from perseat.domain.money import allot_by_largest_remainder, round_half_away
from perseat.domain.quote_values import (
    BilledLine,
    DocumentKind,
    Line,
    LineKind,
    LineReason,
    TaxRate,
    TaxSum,
    Totals,
)

_NO_TAX = Decimal(0)


class TaxRateUnknown(ValueError):
    """Rates are known, but none of them is for this category."""

    def __init__(self, category: str) -> None:
        super().__init__(f"No tax rate is known for the category {category!r}.")
        self.category = category


class TaxRateNotUsable(ValueError):
    """A tax rate is a percentage of zero or more."""

    def __init__(self, rate: Decimal) -> None:
        super().__init__(f"A tax rate is a percentage of zero or more, not {rate}.")
        self.rate = rate


def rate_on(category: str, *, day: date, rates: Iterable[TaxRate]) -> Decimal:
    """The category's rate in percent on that day: the latest that has begun.

    Zero before its first day, and when no rates are given at all (a seller outside any tax).

    :raises TaxRateUnknown: when rates are given, but none for the category.
    """
    latest: TaxRate | None = None
    known, empty = False, True
    for rate in rates:
        empty = False
        if rate.category == category:
            known = True
            if rate.starts_on <= day and (latest is None or rate.starts_on >= latest.starts_on):
                latest = rate
    if not known and not empty:
        raise TaxRateUnknown(category)
    return latest.rate if latest else _NO_TAX


def document_totals(
    lines: Sequence[Line], *, billed: Iterable[BilledLine] = (), prices_include_tax: bool = False
) -> Totals:
    """A document's figures: tax once per (category, rate) on the sum of its lines, one rounding half away from zero.

    With charges on it, the tax of a group is that of its sum; what exceeds the tax of the charges alone counts as the
    credits' tax. A document that only credits (or undoes credits) goes by what was credited so far on each original
    document, so that a document credited as a whole gives back exactly its tax: `billed` are the lines it credits.
    Amounts that include tax: the tax is the part of the sum that is not net, rounded once.
    """
    groups: dict[tuple[str, Decimal], list[int]] = {}
    for index, line in enumerate(lines):
        groups.setdefault((line.tax_category, line.tax_rate), []).append(index)
    only_credits = all(_is_of_credit(line) for line in lines)
    credited = _CreditedSoFar(billed) if only_credits else None
    line_taxes = [0] * len(lines)
    taxes: list[TaxSum] = []
    amount = tax = 0
    for (category, rate), indexes in groups.items():
        members = [lines[index] for index in indexes]
        share = tax_share(rate, prices_include_tax)
        parts = credited.taxes(members, share) if credited else _taxes_with_charges(members, share)
        for index, part in zip(indexes, parts, strict=True):
            line_taxes[index] = part
        group_amount, group_tax = sum(line.amount_minor for line in members), sum(parts)
        amount, tax = amount + group_amount, tax + group_tax
        net = group_amount - group_tax if prices_include_tax else group_amount
        taxes.append(TaxSum(category=category, rate=rate, net_minor=net, tax_minor=group_tax))
    net = amount - tax if prices_include_tax else amount
    return Totals(
        kind=DocumentKind.INVOICE if net >= 0 else DocumentKind.CREDIT_NOTE,
        net_minor=net,
        tax_minor=tax,
        total_minor=net + tax,
        taxes=tuple(taxes),
        line_taxes=tuple(line_taxes),
    )


@lru_cache(maxsize=4096)
def tax_share(rate: Decimal, prices_include_tax: bool) -> tuple[int, int]:  # noqa: FBT001 (a cache takes no keywords)
    """The tax as an exact fraction of an amount: rate / 100, or rate / (100 + rate) of an amount that includes it.

    :raises TaxRateNotUsable: for a negative rate, or what is no number.
    """
    if not rate.is_finite() or rate < 0:
        raise TaxRateNotUsable(rate)
    numerator, denominator = rate.as_integer_ratio()
    return numerator, denominator * 100 + (numerator if prices_include_tax else 0)


def _is_of_credit(line: Line) -> bool:
    return line.kind is LineKind.CREDIT or line.reason is LineReason.RESTORED


def _taxes_with_charges(lines: Sequence[Line], share: tuple[int, int]) -> list[int]:
    """Each line's part of a group's tax: the charges as if alone, the credits by remainder."""
    numerator, denominator = share
    if not numerator:
        return [0] * len(lines)
    exact = [line.amount_minor * numerator for line in lines]
    total = round_half_away(sum(exact), denominator)
    if len(lines) == 1:
        return [total]
    of_credits = [index for index, line in enumerate(lines) if _is_of_credit(line)]
    of_charges = [index for index, line in enumerate(lines) if not _is_of_credit(line)] if of_credits else range(len(lines))
    alone = round_half_away(sum(exact[index] for index in of_charges), denominator)
    parts = allot_by_largest_remainder(alone, shares=[exact[index] for index in of_charges], denominator=denominator)
    taxes = [0] * len(lines)
    for index, part in zip(of_charges, parts, strict=True):
        taxes[index] = part
    for index, part in _allot_by_original(total - alone, lines, of_credits, exact, denominator):
        taxes[index] = part
    return taxes


def _allot_by_original(
    total: int, lines: Sequence[Line], indexes: Sequence[int], exact: Sequence[int], denominator: int
) -> Iterator[tuple[int, int]]:
    """The credits' tax, first to each original line, then to the credits of it: several count as one would."""
    by_original: dict[str | None, list[int]] = {}
    for index in indexes:
        by_original.setdefault(lines[index].credits, []).append(index)
    sums = [sum(exact[index] for index in together) for together in by_original.values()]
    of_originals = allot_by_largest_remainder(total, shares=sums, denominator=denominator)
    for together, of_original in zip(by_original.values(), of_originals, strict=True):
        shares = [exact[index] for index in together]
        yield from zip(
            together, allot_by_largest_remainder(of_original, shares=shares, denominator=denominator), strict=True
        )


class _CreditedSoFar:
    """Running sums of what was credited on each original document, while one document of credits is made."""

    def __init__(self, billed: Iterable[BilledLine]) -> None:
        self._billed = {line.reference: line for line in billed}
        self._sums: dict[tuple[str, str, Decimal], tuple[int, int]] = {}

    def taxes(self, lines: Sequence[Line], share: tuple[int, int]) -> list[int]:
        """Each line's part, negative for credits: round(tax of all credited so far) - tax already credited."""
        return [-self._credit(line, share) for line in lines]

    def _credit(self, line: Line, share: tuple[int, int]) -> int:
        billed = self._billed.get(line.credits or "")
        document = (billed.document or billed.reference) if billed else line.credits or ""
        key = (document, line.tax_category, line.tax_rate)
        amount, tax = self._sums.get(key) or _credited_before(billed, share)
        amount -= line.amount_minor
        part = _exact_tax_undone(line, billed)
        if part is None:
            part = round_half_away(amount * share[0], share[1]) - tax
        self._sums[key] = (amount, tax + part)
        return part


def _credited_before(billed: BilledLine | None, share: tuple[int, int]) -> tuple[int, int]:
    if billed is None:
        return 0, 0
    amount = billed.document_credited_minor
    if amount is None:
        amount = billed.credited_minor
    tax = billed.document_credited_tax_minor
    if tax is None:
        tax = round_half_away(amount * share[0], share[1])
    return amount, tax


def _exact_tax_undone(line: Line, billed: BilledLine | None) -> int | None:
    """The tax that goes back when a credit is undone as a whole and its own tax is known; negative."""
    if billed is None or line.restores is None:
        return None
    for credit in billed.credits_of_the_day:
        if credit.reference == line.restores and credit.amount_minor == line.amount_minor:
            return None if credit.tax_minor is None else -credit.tax_minor
    return None
