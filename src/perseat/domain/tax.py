"""Tax: dated rates, and a document's totals per category and rate (rule 11)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache

from perseat.domain.money import allot_by_largest_remainder, round_half_away
from perseat.domain.quote_values import (
    BilledLine,
    DocumentKind,
    Line,
    TaxRate,
    TaxSum,
    Totals,
)

_NO_TAX = Decimal(0)
_INVOICE, _CREDIT_NOTE = DocumentKind.INVOICE, DocumentKind.CREDIT_NOTE


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


def rate_on(category: str, *, day: date, rates: Collection[TaxRate]) -> Decimal:
    """The category's rate in percent on that day: the latest that has begun.

    Zero before its first day, and when no rates are given at all (a seller outside any tax).

    :raises TaxRateUnknown: when rates are given, but none for the category.
    """
    latest: TaxRate | None = None
    is_known = False
    for rate in rates:
        if rate.category == category:
            is_known = True
            if rate.starts_on <= day and (latest is None or rate.starts_on >= latest.starts_on):
                latest = rate
    if rates and not is_known:
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
    taxes: list[int] | None = None
    if lines and None not in [line.credits for line in lines]:
        credited = _CreditedSoFar(billed)
        taxes = [credited.take(line, tax_share(line.tax_rate, prices_include_tax)) for line in lines]
    sums = _sums(lines, prices_include_tax=prices_include_tax, line_taxes=taxes)
    if taxes is None:
        taxes = _allot(lines, sums, prices_include_tax=prices_include_tax)
    return _totals(sums, tuple(taxes))


def totals_of_charges(lines: Sequence[Line], *, prices_include_tax: bool) -> Totals:
    """The same figures for charges only, without telling what part of the tax falls on which line."""
    return _totals(_sums(lines, prices_include_tax=prices_include_tax), ())


def totals_of_told(lines: Sequence[Line], *, line_taxes: Sequence[int], prices_include_tax: bool) -> Totals:
    """The figures of lines whose tax is known line by line: sums only, nothing is rounded."""
    return _totals(_sums(lines, prices_include_tax=prices_include_tax, line_taxes=line_taxes), tuple(line_taxes))


def _sums(lines: Sequence[Line], *, prices_include_tax: bool, line_taxes: Sequence[int] | None = None) -> list[TaxSum]:
    """Amount and tax of each group, in the order of the lines: as given, or one rounding of the group's sum."""
    amounts: dict[tuple[str, Decimal], int] = defaultdict(int)
    for line in lines:
        amounts[line.tax_category, line.tax_rate] += line.amount_minor
    sums: list[TaxSum] = []
    for (category, rate), amount in amounts.items():
        if line_taxes is None:
            numerator, denominator = tax_share(rate, prices_include_tax)
            tax = round_half_away(amount * numerator, denominator)
        elif len(amounts) == 1:
            tax = sum(line_taxes)
        else:
            pairs = zip(lines, line_taxes, strict=True)
            tax = sum([part for line, part in pairs if line.tax_rate == rate and line.tax_category == category])
        net = amount - tax if prices_include_tax else amount
        sums.append(TaxSum(category, rate, net, tax))
    return sums


def _totals(sums: Sequence[TaxSum], line_taxes: tuple[int, ...]) -> Totals:
    net = tax = 0
    for group in sums:
        net += group.net_minor
        tax += group.tax_minor
    kind = _INVOICE if net >= 0 else _CREDIT_NOTE
    return Totals(kind, net, tax, net + tax, tuple(sums), line_taxes)


@lru_cache(maxsize=4096)
def tax_share(rate: Decimal, prices_include_tax: bool) -> tuple[int, int]:  # noqa: FBT001 (a cache takes no keywords)
    """The tax as an exact fraction of an amount: rate / 100, or rate / (100 + rate) of an amount that includes it.

    :raises TaxRateNotUsable: for a negative rate, or what is no number.
    """
    if not rate.is_finite() or rate < 0:
        raise TaxRateNotUsable(rate)
    numerator, denominator = rate.as_integer_ratio()
    return numerator, denominator * 100 + (numerator if prices_include_tax else 0)


def _allot(lines: Sequence[Line], sums: Sequence[TaxSum], *, prices_include_tax: bool) -> list[int]:
    """Each line's part of its group's tax: the charges as if they were alone, the credits by remainder."""
    taxes = [0] * len(lines)
    for group in sums:
        share = tax_share(group.rate, prices_include_tax)
        if share[0]:
            members: Sequence[int] = range(len(lines))
            if len(sums) > 1:
                members = [index for index in members if _is_of_group(lines[index], group)]
            _allot_group(lines, members, group.tax_minor, share, taxes)
    return taxes


def _allot_group(
    lines: Sequence[Line], members: Sequence[int], tax_minor: int, share: tuple[int, int], taxes: list[int]
) -> None:
    numerator, denominator = share
    charges: list[int] = []
    credits_: list[int] = []
    for index in members:
        (charges if lines[index].credits is None else credits_).append(index)
    shares = [lines[index].amount_minor * numerator for index in charges]
    alone = round_half_away(sum(shares), denominator) if credits_ else tax_minor
    parts = allot_by_largest_remainder(alone, shares=shares, denominator=denominator)
    for index, part in zip(charges, parts, strict=True):
        taxes[index] = part
    if len(credits_) == 1:
        taxes[credits_[0]] = tax_minor - alone
    elif credits_:
        of_credits = {index: lines[index].amount_minor * numerator for index in credits_}
        for index, part in _allot_by_original(tax_minor - alone, lines, of_credits, denominator):
            taxes[index] = part


def _is_of_group(line: Line, group: TaxSum) -> bool:
    return line.tax_category == group.category and line.tax_rate == group.rate


def _allot_by_original(
    total: int, lines: Sequence[Line], shares: Mapping[int, int], denominator: int
) -> Iterator[tuple[int, int]]:
    """The credits' tax, first to each original line, then to the credits of it: several count as one would."""
    by_original: dict[str | None, list[int]] = {}
    for index in shares:
        by_original.setdefault(lines[index].credits, []).append(index)
    sums = [sum(shares[index] for index in together) for together in by_original.values()]
    of_originals = allot_by_largest_remainder(total, shares=sums, denominator=denominator)
    for together, of_original in zip(by_original.values(), of_originals, strict=True):
        of_lines = [shares[index] for index in together]
        parts = allot_by_largest_remainder(of_original, shares=of_lines, denominator=denominator)
        yield from zip(together, parts, strict=True)


class _CreditedSoFar:
    """Running sums of what was credited on each original document, while one document of credits is made."""

    def __init__(self, billed: Iterable[BilledLine]) -> None:
        self._billed = {line.reference: line for line in billed}
        self._sums: dict[tuple[str, str, Decimal], tuple[int, int]] = {}

    def take(self, line: Line, share: tuple[int, int]) -> int:
        """The line's part, negative for credits: round(tax of all credited so far) - tax already credited."""
        billed = self._billed.get(line.credits or "")
        document = (billed.document or billed.reference) if billed else line.credits or ""
        key = (document, line.tax_category, line.tax_rate)
        amount, tax = self._sums.get(key) or _credited_before(billed, share)
        amount -= line.amount_minor
        part = _exact_tax_undone(line, billed)
        if part is None:
            part = round_half_away(amount * share[0], share[1]) - tax
        self._sums[key] = (amount, tax + part)
        return -part


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
