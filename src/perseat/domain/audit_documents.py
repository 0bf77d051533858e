"""Audit of documents: copied from their quotes, added up, prorated and taxed as the rules say, never changed since."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from perseat.domain.audit_facts import AuditedDocument, AuditedLine, Difference, show_amount
from perseat.domain.money import charge_minor, get_currency
from perseat.domain.proration import CreditedBeyondBilled, credited_by_complement
from perseat.domain.quote_values import BilledCredit, BilledLine, DocumentKind, Line, LineKind, LineReason
from perseat.domain.reversal import is_refused_whole
from perseat.domain.tax import document_totals

_BY_COMPLEMENT = frozenset({LineReason.RETURNED, LineReason.EXCHANGED, LineReason.LATE_START, LineReason.REFUSED})


def compare_documents(documents: Sequence[AuditedDocument]) -> Iterator[Difference]:
    """Every difference within a customer's documents, oldest document first."""
    history = _History(documents)
    for document in documents:
        yield from _compare_hash(document)
        yield from _compare_with_quote(document)
        yield from _compare_sums(document)
        yield from _compare_charges(document)
        if document.lines and all(each.original_id is not None for each in document.lines):
            yield from _compare_originals(document, history)
        elif history.is_mirror(document):
            yield from _compare_mirror(document, history.get(document.corrects_id))
        else:
            yield from _compare_credits(document, history)
            yield from _compare_tax(document, history)
    yield from _compare_credited_sums(documents)


def _compare_hash(document: AuditedDocument) -> Iterator[Difference]:
    if document.expected_hash != document.found_hash:
        yield Difference(
            subject=document.number,
            what="was changed after it was issued (hash of its content)",
            expected=document.found_hash[:12],
            found=document.expected_hash[:12],
        )


def _compare_with_quote(document: AuditedDocument) -> Iterator[Difference]:
    """Rule 14: the document's lines are the quote's."""
    if document.quote is None:
        return
    quoted = {each.number: each for each in document.quote.lines}
    issued = {each.number: each for each in document.lines}
    for number in sorted({*quoted, *issued}):
        expected, found = quoted.get(number), issued.get(number)
        if expected is None or found is None:
            yield Difference(
                subject=document.number,
                what=f"line {number} of the quote",
                expected="a line" if expected else "no line",
                found="a line" if found else "no line",
            )
        else:
            yield from _compare_lines(document, expected, found)
    if document.quote.due_today_minor != document.total_minor:
        yield _amounts(document, "total of the quote", document.quote.due_today_minor, document.total_minor)


def _compare_lines(document: AuditedDocument, expected: AuditedLine, found: AuditedLine) -> Iterator[Difference]:
    for name in Line._fields:  # noqa: SLF001 - a named tuple names its fields
        wanted, is_there = getattr(expected.line, name), getattr(found.line, name)
        if wanted != is_there:
            yield Difference(
                subject=document.number,
                what=f"line {found.number} of the quote, {name}",
                expected=str(wanted),
                found=str(is_there),
            )
    if expected.tax_minor != found.tax_minor:
        yield _amounts(document, f"line {found.number} of the quote, tax", expected.tax_minor, found.tax_minor)


def _compare_sums(document: AuditedDocument) -> Iterator[Difference]:
    amounts = sum(each.line.amount_minor for each in document.lines)
    if document.prices_include_tax:
        amounts -= document.tax_minor
    pairs = (
        ("net of the lines", amounts, document.net_minor),
        ("tax of the lines", sum(each.tax_minor for each in document.lines), document.tax_minor),
        ("net of the tax groups", sum(each.net_minor for each in document.taxes), document.net_minor),
        ("tax of the tax groups", sum(each.tax_minor for each in document.taxes), document.tax_minor),
        ("net and tax", document.net_minor + document.tax_minor, document.total_minor),
    )
    for what, expected, found in pairs:
        if expected != found:
            yield _amounts(document, what, expected, found)
    kind = DocumentKind.CREDIT_NOTE if document.net_minor < 0 else DocumentKind.INVOICE
    if document.kind is not kind:
        yield Difference(subject=document.number, what="kind (by its net)", expected=kind, found=document.kind)
    numbers = [each.number for each in document.lines]
    if numbers != list(range(1, len(numbers) + 1)):
        yield Difference(
            subject=document.number, what="line numbers", expected=f"1 to {len(numbers)}", found=str(numbers)
        )


def _compare_charges(document: AuditedDocument) -> Iterator[Difference]:
    """Rule 5: seats x price x days / days of the period, rounded once."""
    currency = get_currency(document.currency)
    for each in document.lines:
        line = each.line
        if line.kind is LineKind.CHARGE and line.credits is None:
            expected = charge_minor(
                seats=line.seats,
                unit_price=line.unit_price,
                days=(line.end - line.start).days,
                period_days=line.period_days,
                currency=currency,
            )
            if expected != line.amount_minor:
                yield _amounts(document, f"line {each.number}", expected, line.amount_minor)


@dataclass(frozen=True, slots=True, kw_only=True)
class _SoFar:
    """What was credited of a line before a document."""

    given_back_seat_days: int
    credited_minor: int


class _History:
    """The documents with who credits what."""

    def __init__(self, documents: Sequence[AuditedDocument]) -> None:
        self._documents = {document.document_id: document for document in documents}
        self.lines: dict[str, tuple[AuditedDocument, AuditedLine]] = {
            str(line.line_id): (document, line) for document in documents for line in document.lines
        }
        self._related: dict[str, list[tuple[AuditedDocument, AuditedLine]]] = {}
        self._of_document: dict[int, list[tuple[AuditedDocument, AuditedLine]]] = {}
        for document in documents:
            for line in document.lines:
                if line.line.credits is not None:
                    self._related.setdefault(line.line.credits, []).append((document, line))
                    original = self.lines.get(line.line.credits)
                    if original is not None:
                        self._of_document.setdefault(original[0].document_id, []).append((document, line))

    def get(self, document_id: int | None) -> AuditedDocument | None:
        return self._documents.get(document_id) if document_id is not None else None

    def is_mirror(self, document: AuditedDocument) -> bool:
        """Whether it takes another document back as a whole."""
        return any(each.line.reason is LineReason.CANCELLED for each in document.lines)

    def before(self, document: AuditedDocument, reference: str) -> _SoFar:
        """What was credited of a line when the document was decided: by documents that were in effect then."""
        original = self.lines[reference][1].line
        may_be_whole = is_refused_whole(original.reason)
        days = credited = 0
        is_refused = False
        for other, each in self._related.get(reference, ()):
            if self._counts(other, document):
                days += each.line.seats * each.line.days * (1 if each.line.kind is LineKind.CREDIT else -1)
                credited -= each.line.amount_minor
                is_refused = is_refused or (may_be_whole and each.line.reason is LineReason.REFUSED)
        return _SoFar(
            given_back_seat_days=original.seats * original.days if is_refused else days, credited_minor=credited
        )

    def credited_of_document(
        self, document: AuditedDocument, original_id: int, *, category: str, rate: Decimal
    ) -> tuple[int, int]:
        """Amount and tax, positive, credited before on any line of the original with that category and rate."""
        found = [
            each
            for other, each in self._of_document.get(original_id, ())
            if self._counts(other, document) and (each.line.tax_category, each.line.tax_rate) == (category, rate)
        ]
        return -sum(each.line.amount_minor for each in found), -sum(each.tax_minor for each in found)

    def undone_credit(self, document: AuditedDocument, line: AuditedLine) -> BilledCredit | None:
        """The credit that a line of the document takes back, as far as it stood before; None for another line."""
        reference = line.line.restores
        if reference is None or reference not in self.lines:
            return None
        credit = self.lines[reference][1]
        back = [
            each
            for other, each in self._related.get(line.line.credits or "", ())
            if each.line.restores == reference and self._counts(other, document)
        ]
        return BilledCredit(
            reference=reference,
            seats=credit.line.seats,
            seat_days=credit.line.seats * credit.line.days,
            amount_minor=-credit.line.amount_minor - sum(each.line.amount_minor for each in back),
            tax_minor=-credit.tax_minor - sum(each.tax_minor for each in back),
        )

    @staticmethod
    def _counts(other: AuditedDocument, document: AuditedDocument) -> bool:
        return other.document_id < document.document_id and other.is_in_effect(document.issued_at)


def _compare_credits(document: AuditedDocument, history: _History) -> Iterator[Difference]:
    """Rule 8, per original line: what the document credits in all, whatever the order of its lines."""
    groups: dict[str, list[AuditedLine]] = {}
    for each in document.lines:
        if each.line.credits is not None:
            groups.setdefault(each.line.credits, []).append(each)
    for reference, lines in groups.items():
        original = history.lines.get(reference)
        if original is None:
            yield Difference(
                subject=document.number, what="a credited line", expected="an issued line", found="no such line"
            )
            continue
        expected = _expected_credit(document, history, reference=reference, lines=lines)
        found = -sum(each.line.amount_minor for each in lines)
        if expected is not None and expected != found:
            yield _amounts(document, f"credit of {original[0].number}, line {original[1].number}", expected, found)
        yield from _compare_restored(document, history, lines)


def _expected_credit(
    document: AuditedDocument, history: _History, *, reference: str, lines: Sequence[AuditedLine]
) -> int | None:
    """Positive when something is credited; None where a restored credit decides, which is compared by itself."""
    original = history.lines[reference][1]
    before = history.before(document, reference)
    reasons = {each.line.reason for each in lines}
    if reasons == {LineReason.REFUSED} and is_refused_whole(original.line.reason):
        return original.line.amount_minor - before.credited_minor
    if not reasons <= _BY_COMPLEMENT:
        return None
    given_back = before.given_back_seat_days + sum(each.line.seats * each.line.days for each in lines)
    try:
        total = credited_by_complement(_billed(original.line, reference), given_back_seat_days=given_back)
    except CreditedBeyondBilled:
        total = original.line.amount_minor  # more seat-days than there are: at most everything comes back
    return total - before.credited_minor


def _compare_restored(
    document: AuditedDocument, history: _History, lines: Sequence[AuditedLine]
) -> Iterator[Difference]:
    """Rule 9: a credit taken back as a whole comes back at its exact amount, and never more than was credited."""
    for each in lines:
        credit = history.lines.get(each.line.restores or "")
        if credit is None:
            continue
        most = -credit[1].line.amount_minor
        is_whole = each.line.seats * each.line.days == credit[1].line.seats * credit[1].line.days
        if each.line.amount_minor > most or (is_whole and each.line.amount_minor != most):
            yield _amounts(document, f"line {each.number}, which restores a credit", most, each.line.amount_minor)


_SAME = ("edition", "seats", "start", "end", "days", "period_days", "unit_price", "tax_category", "tax_rate")


def _compare_originals(document: AuditedDocument, history: _History) -> Iterator[Difference]:
    """A document that is issued again, or takes others back, has exactly the figures of the lines that it names."""
    for each in document.lines:
        original = history.lines.get(str(each.original_id))
        if original is None:
            yield Difference(
                subject=document.number,
                what=f"original of line {each.number}",
                expected="an issued line of this customer",
                found="no such line",
            )
            continue
        line, first = each.line, original[1].line
        sign = 1 if line.kind is first.kind else -1
        where = f"line {each.number}, by {original[0].number}, line {original[1].number}"
        for what, expected, found in (
            (where, sign * first.amount_minor, line.amount_minor),
            (f"{where}, tax", sign * original[1].tax_minor, each.tax_minor),
        ):
            if expected != found:
                yield _amounts(document, what, expected, found)
        for name in _SAME:
            wanted, is_there = getattr(first, name), getattr(line, name)
            if wanted != is_there:
                yield Difference(
                    subject=document.number, what=f"{where}, {name}", expected=str(wanted), found=str(is_there)
                )


def _compare_mirror(document: AuditedDocument, original: AuditedDocument | None) -> Iterator[Difference]:
    if original is None:
        yield Difference(
            subject=document.number, what="the document it cancels", expected="an issued document", found="none"
        )
        return
    for what, expected, found in (
        ("net of the cancelled document", -original.net_minor, document.net_minor),
        ("tax of the cancelled document", -original.tax_minor, document.tax_minor),
    ):
        if expected != found:
            yield _amounts(document, what, expected, found)
    for ours, theirs in zip(document.lines, original.lines, strict=False):
        if ours.line.amount_minor != -theirs.line.amount_minor:
            what = f"line {ours.number}, which cancels {original.number}, line {theirs.number}"
            yield _amounts(document, what, -theirs.line.amount_minor, ours.line.amount_minor)


def _compare_tax(document: AuditedDocument, history: _History) -> Iterator[Difference]:
    """Rule 11, by the same function that decided it."""
    lines = [each.line for each in document.lines]
    billed = _billed_for_tax(document, history)
    totals = document_totals(lines, billed=billed, prices_include_tax=document.prices_include_tax)
    expected = {(tax.category, tax.rate): tax.tax_minor for tax in totals.taxes}
    found = {(tax.category, tax.rate): tax.tax_minor for tax in document.taxes}
    for key in sorted({*expected, *found}):
        if expected.get(key, 0) != found.get(key, 0):
            yield _amounts(document, f"tax of {key[0]} {key[1]:f} %", expected.get(key, 0), found.get(key, 0))


def _billed_for_tax(document: AuditedDocument, history: _History) -> list[BilledLine]:
    found: list[BilledLine] = []
    for each in document.lines:
        original = history.lines.get(each.line.credits or "")
        if original is not None:
            amount, tax = history.credited_of_document(
                document, original[0].document_id, category=each.line.tax_category, rate=each.line.tax_rate
            )
            found.append(
                _billed(
                    original[1].line,
                    each.line.credits or "",
                    document=str(original[0].document_id),
                    credited=(amount, tax),
                    undone=history.undone_credit(document, each),
                )
            )
    return found


def _compare_credited_sums(documents: Sequence[AuditedDocument]) -> Iterator[Difference]:
    """Used + credited = billed: what is credited of a line is never below zero and never above the line."""
    credited: dict[str, int] = {}
    for document in documents:
        for each in document.lines:
            if each.line.credits is not None:
                credited[each.line.credits] = credited.get(each.line.credits, 0) - each.line.amount_minor
    for document in documents:
        for each in document.lines:
            sum_minor = credited.get(str(each.line_id), 0)
            if sum_minor and not 0 <= sum_minor <= each.line.amount_minor:
                what = f"line {each.number}, all its credits (at most the line)"
                yield _amounts(document, what, each.line.amount_minor, sum_minor)


def _billed(
    line: Line,
    reference: str,
    *,
    document: str = "",
    credited: tuple[int, int] | None = None,
    undone: BilledCredit | None = None,
) -> BilledLine:
    return BilledLine(
        reference=reference,
        issued_order=0,
        edition=line.edition,
        seats=line.seats,
        start=line.start,
        end=line.end,
        period_days=line.period_days,
        unit_price=line.unit_price,
        amount_minor=line.amount_minor,
        tax_category=line.tax_category,
        tax_rate=line.tax_rate,
        document=document,
        document_credited_minor=credited[0] if credited else None,
        document_credited_tax_minor=credited[1] if credited else None,
        credits_of_the_day=(undone,) if undone else (),
    )


def _amounts(document: AuditedDocument, what: str, expected: int, found: int) -> Difference:
    return Difference(
        subject=document.number,
        what=what,
        expected=show_amount(expected, document.currency),
        found=show_amount(found, document.currency),
    )
