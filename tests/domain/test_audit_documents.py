"""The audit of documents: a customer's documents hold by the rules, and whatever was changed in one is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.domain.audited import NOON, issue
from tests.domain.services import START, billed, change, edition, service

from perseat.domain.audit_documents import compare_documents
from perseat.domain.audit_facts import AuditedDocument
from perseat.domain.cancellation import IssuedLine, cancel_document
from perseat.domain.quote import BilledCredit, BilledLine, TaxSum
from perseat.domain.reversal import credit_late_start, credit_refused, undo_credits
from perseat.domain.tax import document_totals

DAY = date(2026, 11, 22)
Books = list[AuditedDocument]


def five(**told: Any) -> BilledLine:
    """The line of the first document."""
    known = {"document": "1", "document_credited_minor": 0, "document_credited_tax_minor": 0, **told}
    return replace(billed("basic", 5), reference="11", **known)


def life() -> Books:
    """Five seats; two given back and, that day, held again; three exchanged, which is taken back; all five refused.

    Then three premium that start three days late.
    """
    returned = change(service(edition("basic", 5, lines=(five(),))), DAY, basic=3)
    given = BilledCredit(reference="21", seats=2, seat_days=46, amount_minor=1073, tax_minor=107)
    again = five(
        credited_seats=2, credited_seat_days=46, credited_minor=1073, credits_of_the_day=(given,),
        document_credited_minor=1073, document_credited_tax_minor=107,
    )  # fmt: skip
    restored = change(service(edition("basic", 3, lines=(again,))), DAY, basic=5)
    exchanged = change(service(edition("basic", 5, lines=(five(),))), DAY, basic=2, premium=3)
    assert exchanged.totals is not None
    as_issued = [
        IssuedLine(reference=f"4{number}", line=line, tax_minor=tax)
        for number, (line, tax) in enumerate(zip(exchanged.lines, exchanged.totals.line_taxes, strict=True), start=1)
    ]
    mirrored, mirror_totals = cancel_document(as_issued, taxes=exchanged.totals.taxes)
    refused = credit_refused([five()])
    premium = replace(billed("premium", 3, start=DAY), reference="71", document="7")
    late = credit_late_start([premium], day=DAY + timedelta(days=3))
    bought = change(service(), DAY, premium=3)
    return [
        issue(1, change(service(), START, basic=5).lines, is_quoted=True),
        issue(2, returned.lines, document_totals(returned.lines, billed=[five()]), is_quoted=True),
        issue(3, restored.lines, document_totals(restored.lines, billed=[again]), is_quoted=True),
        issue(4, exchanged.lines, exchanged.totals, is_quoted=True),
        issue(5, mirrored, mirror_totals, corrects_id=4),
        issue(6, refused, document_totals(refused, billed=[five()])),
        issue(7, bought.lines, is_quoted=True),
        issue(8, late, document_totals(late, billed=[premium])),
    ]


def changed(at: int, **fields: Any) -> Books:
    books = life()
    books[at - 1] = replace(books[at - 1], **fields)
    return books


def line_changed(at: int, number: int = 1, *, tax_minor: int | None = None, **fields: Any) -> Books:
    """A line of document `at` as somebody changed it; its quote stays."""
    lines = list(life()[at - 1].lines)
    line = lines[number - 1]
    tax = line.tax_minor if tax_minor is None else tax_minor
    lines[number - 1] = replace(line, line=line.line._replace(**fields), tax_minor=tax)
    return changed(at, lines=tuple(lines))


def told(books: Books) -> list[str]:
    return [str(each) for each in compare_documents(books)]


def test_documents_that_hold_have_no_difference() -> None:
    assert [document.total_minor for document in life()] == [3850, -1180, 1180, 3795, -3795, -3850, 5566, -726]
    assert told(life()) == []


CASES: dict[str, tuple[Callable[[], Books], list[str]]] = {
    "a hash that no longer fits": (lambda: changed(1, found_hash="0" * 64), [
        "INV-1: was changed after it was issued (hash of its content): expected 000000000000, found 111111111111",
    ]),
    "a document without a quote to compare": (lambda: changed(1, quote=None), [
    ]),
    "a total that is not the quote's": (lambda: changed(1, total_minor=3851, net_minor=3501), [
        "INV-1: total of the quote: expected 38.50 AUD, found 38.51 AUD",
        "INV-1: net of the lines: expected 35.00 AUD, found 35.01 AUD",
        "INV-1: net of the tax groups: expected 35.00 AUD, found 35.01 AUD",
    ]),
    "a line that the quote does not have": (
        lambda: changed(7, lines=(*life()[6].lines, replace(life()[6].lines[0], number=2))), [
        "INV-7: line 2 of the quote: expected no line, found a line",
        "INV-7: net of the lines: expected 101.20 AUD, found 50.60 AUD",
        "INV-7: tax of the lines: expected 10.12 AUD, found 5.06 AUD",
        "INV-7: tax of S 10 %: expected 10.12 AUD, found 5.06 AUD",
    ]),
    "a line of the quote that is missing": (lambda: changed(4, lines=life()[3].lines[:1]), [
        "INV-4: line 2 of the quote: expected a line, found no line",
        "INV-4: net of the lines: expected -16.10 AUD, found 34.50 AUD",
        "INV-4: tax of the lines: expected -1.61 AUD, found 3.45 AUD",
        "INV-4: tax of S 10 %: expected -1.61 AUD, found 3.45 AUD",
    ]),
    "a price that is not the quote's": (lambda: line_changed(1, unit_price=Decimal("7.01")), [
        "INV-1: line 1 of the quote, unit_price: expected 7.00, found 7.01",
        "INV-1: line 1: expected 35.05 AUD, found 35.00 AUD",
    ]),
    "a tax that is not the quote's": (lambda: line_changed(1, tax_minor=349), [
        "INV-1: line 1 of the quote, tax: expected 3.50 AUD, found 3.49 AUD",
        "INV-1: tax of the lines: expected 3.49 AUD, found 3.50 AUD",
    ]),
    "an edition that is not the quote's": (lambda: line_changed(7, edition="standard"), [
        "INV-7: line 1 of the quote, edition: expected premium, found standard",
    ]),
    "an amount that is not the arithmetic's": (lambda: line_changed(7, amount_minor=5061), [
        "INV-7: line 1 of the quote, amount_minor: expected 5060, found 5061",
        "INV-7: net of the lines: expected 50.61 AUD, found 50.60 AUD",
        "INV-7: line 1: expected 50.60 AUD, found 50.61 AUD",
    ]),
    "a day more": (lambda: line_changed(7, end=date(2026, 12, 16)), [
        "INV-7: line 1 of the quote, end: expected 2026-12-15, found 2026-12-16",
        "INV-7: line 1: expected 52.80 AUD, found 50.60 AUD",
        "INV-8: credit of INV-7, line 1: expected 6.32 AUD, found 6.60 AUD",
    ]),
    "a net that is not its lines'": (lambda: changed(6, net_minor=-3499), [
        "INV-6: net of the lines: expected -35.00 AUD, found -34.99 AUD",
        "INV-6: net of the tax groups: expected -35.00 AUD, found -34.99 AUD",
        "INV-6: net and tax: expected -38.49 AUD, found -38.50 AUD",
    ]),
    "a tax that is not its lines'": (lambda: changed(6, tax_minor=-349), [
        "INV-6: tax of the lines: expected -3.50 AUD, found -3.49 AUD",
        "INV-6: tax of the tax groups: expected -3.50 AUD, found -3.49 AUD",
        "INV-6: net and tax: expected -38.49 AUD, found -38.50 AUD",
    ]),
    "a total that is not net and tax": (lambda: changed(6, total_minor=-3851), [
        "INV-6: net and tax: expected -38.50 AUD, found -38.51 AUD",
    ]),
    "prices that do not include tax after all": (lambda: changed(8, prices_include_tax=True), [
        "INV-8: net of the lines: expected -5.94 AUD, found -6.60 AUD",
        "INV-8: tax of S 10 %: expected -0.60 AUD, found -0.66 AUD",
    ]),
    "line numbers out of order": (lambda: changed(8, lines=(replace(life()[7].lines[0], number=2),)), [
        "INV-8: line numbers: expected 1 to 1, found [2]",
    ]),
    "tax groups that say something else": (
        lambda: changed(8, taxes=(life()[7].taxes[0]._replace(net_minor=-661, tax_minor=-65),)), [
        "INV-8: net of the tax groups: expected -6.61 AUD, found -6.60 AUD",
        "INV-8: tax of the tax groups: expected -0.65 AUD, found -0.66 AUD",
        "INV-8: tax of S 10 %: expected -0.66 AUD, found -0.65 AUD",
    ]),
    "a tax group that is missing": (lambda: changed(8, taxes=()), [
        "INV-8: net of the tax groups: expected 0.00 AUD, found -6.60 AUD",
        "INV-8: tax of the tax groups: expected 0.00 AUD, found -0.66 AUD",
        "INV-8: tax of S 10 %: expected -0.66 AUD, found 0.00 AUD",
    ]),
    "a tax group too many": (
        lambda: changed(8, taxes=(*life()[7].taxes, TaxSum("Z", Decimal("0.50"), 0, 1))), [
        "INV-8: tax of the tax groups: expected -0.65 AUD, found -0.66 AUD",
        "INV-8: tax of Z 0.50 %: expected 0.00 AUD, found 0.01 AUD",
    ]),
    "a credit of one more": (lambda: line_changed(2, amount_minor=-1074), [
        "INV-2: line 1 of the quote, amount_minor: expected -1073, found -1074",
        "INV-2: net of the lines: expected -10.74 AUD, found -10.73 AUD",
        "INV-2: credit of INV-1, line 1: expected 10.73 AUD, found 10.74 AUD",
        "INV-3: line 1, which restores a credit: expected 10.74 AUD, found 10.73 AUD",
        "INV-4: credit of INV-1, line 1: expected 16.09 AUD, found 16.10 AUD",
        "INV-6: credit of INV-1, line 1: expected 34.99 AUD, found 35.00 AUD",
        "INV-1: line 1, all its credits (at most the line): expected 35.00 AUD, found 35.01 AUD",
    ]),
    "a credit for one seat less": (lambda: line_changed(2, seats=1), [
        "INV-2: line 1 of the quote, seats: expected 2, found 1",
        "INV-2: credit of INV-1, line 1: expected 5.37 AUD, found 10.73 AUD",
        "INV-4: credit of INV-1, line 1: expected 10.73 AUD, found 16.10 AUD",
    ]),
    "a credit for one day less": (lambda: line_changed(2, days=22), [
        "INV-2: line 1 of the quote, days: expected 23, found 22",
        "INV-2: credit of INV-1, line 1: expected 10.27 AUD, found 10.73 AUD",
        "INV-4: credit of INV-1, line 1: expected 15.63 AUD, found 16.10 AUD",
    ]),
    "a credit of a line that does not exist": (lambda: line_changed(2, credits="99"), [
        "INV-2: line 1 of the quote, credits: expected 11, found 99",
        "INV-2: a credited line: expected an issued line, found no such line",
        "INV-6: credit of INV-1, line 1: expected 45.73 AUD, found 35.00 AUD",
    ]),
    "a late start for a day more": (lambda: line_changed(8, days=4), [
        "INV-8: credit of INV-7, line 1: expected 8.80 AUD, found 6.60 AUD",
    ]),
    "a refusal that leaves something": (lambda: line_changed(6, amount_minor=-3499), [
        "INV-6: net of the lines: expected -34.99 AUD, found -35.00 AUD",
        "INV-6: credit of INV-1, line 1: expected 35.00 AUD, found 34.99 AUD",
    ]),
    "a refusal of more than there was": (lambda: line_changed(6, amount_minor=-3501), [
        "INV-6: net of the lines: expected -35.01 AUD, found -35.00 AUD",
        "INV-6: credit of INV-1, line 1: expected 35.00 AUD, found 35.01 AUD",
        "INV-1: line 1, all its credits (at most the line): expected 35.00 AUD, found 35.01 AUD",
    ]),
    "a restored credit of one more": (lambda: line_changed(3, amount_minor=1074), [
        "INV-3: line 1 of the quote, amount_minor: expected 1073, found 1074",
        "INV-3: net of the lines: expected 10.74 AUD, found 10.73 AUD",
        "INV-3: line 1, which restores a credit: expected 10.73 AUD, found 10.74 AUD",
        "INV-4: credit of INV-1, line 1: expected 16.11 AUD, found 16.10 AUD",
        "INV-6: credit of INV-1, line 1: expected 35.01 AUD, found 35.00 AUD",
    ]),
    "a restored credit of one less": (lambda: line_changed(3, amount_minor=1072), [
        "INV-3: line 1 of the quote, amount_minor: expected 1073, found 1072",
        "INV-3: net of the lines: expected 10.72 AUD, found 10.73 AUD",
        "INV-3: line 1, which restores a credit: expected 10.73 AUD, found 10.72 AUD",
        "INV-4: credit of INV-1, line 1: expected 16.09 AUD, found 16.10 AUD",
        "INV-6: credit of INV-1, line 1: expected 34.99 AUD, found 35.00 AUD",
        "INV-1: line 1, all its credits (at most the line): expected 35.00 AUD, found 35.01 AUD",
    ]),
    "a part of a credit restored": (lambda: line_changed(3, seats=1, amount_minor=536), [
        "INV-3: line 1 of the quote, seats: expected 2, found 1",
        "INV-3: line 1 of the quote, amount_minor: expected 1073, found 536",
        "INV-3: net of the lines: expected 5.36 AUD, found 10.73 AUD",
        "INV-3: tax of S 10 %: expected 0.53 AUD, found 1.07 AUD",
        "INV-6: credit of INV-1, line 1: expected 29.63 AUD, found 35.00 AUD",
        "INV-6: tax of S 10 %: expected -4.04 AUD, found -3.50 AUD",
        "INV-1: line 1, all its credits (at most the line): expected 35.00 AUD, found 40.37 AUD",
    ]),
    "a part of a credit restored beyond it": (lambda: line_changed(3, seats=1, amount_minor=1074), [
        "INV-3: line 1 of the quote, seats: expected 2, found 1",
        "INV-3: line 1 of the quote, amount_minor: expected 1073, found 1074",
        "INV-3: net of the lines: expected 10.74 AUD, found 10.73 AUD",
        "INV-3: line 1, which restores a credit: expected 10.73 AUD, found 10.74 AUD",
        "INV-4: credit of INV-1, line 1: expected 21.48 AUD, found 16.10 AUD",
        "INV-6: credit of INV-1, line 1: expected 35.01 AUD, found 35.00 AUD",
    ]),
    "a restored credit that does not exist": (lambda: line_changed(3, restores="99"), [
        "INV-3: line 1 of the quote, restores: expected 21, found 99",
    ]),
    "a mirror of nothing": (lambda: changed(5, corrects_id=None), [
        "INV-5: the document it cancels: expected an issued document, found none",
    ]),
    "a mirror of a document that does not exist": (lambda: changed(5, corrects_id=99), [
        "INV-5: the document it cancels: expected an issued document, found none",
    ]),
    "a mirror of another net and tax": (lambda: changed(5, net_minor=-3449, tax_minor=-346), [
        "INV-5: net of the lines: expected -34.50 AUD, found -34.49 AUD",
        "INV-5: tax of the lines: expected -3.45 AUD, found -3.46 AUD",
        "INV-5: net of the tax groups: expected -34.50 AUD, found -34.49 AUD",
        "INV-5: tax of the tax groups: expected -3.45 AUD, found -3.46 AUD",
        "INV-5: net of the cancelled document: expected -34.50 AUD, found -34.49 AUD",
        "INV-5: tax of the cancelled document: expected -3.45 AUD, found -3.46 AUD",
    ]),
    "a mirror of another amount": (lambda: line_changed(5, 2, amount_minor=-5061), [
        "INV-5: net of the lines: expected -34.51 AUD, found -34.50 AUD",
        "INV-5: line 2, which cancels INV-4, line 2: expected -50.60 AUD, found -50.61 AUD",
        "INV-4: line 2, all its credits (at most the line): expected 50.60 AUD, found 50.61 AUD",
    ]),
    "a mirror of another first amount": (lambda: line_changed(5, 1, amount_minor=1611), [
        "INV-5: net of the lines: expected -34.49 AUD, found -34.50 AUD",
        "INV-5: line 1, which cancels INV-4, line 1: expected 16.10 AUD, found 16.11 AUD",
        "INV-6: credit of INV-1, line 1: expected 35.01 AUD, found 35.00 AUD",
    ]),
    "a tax that is not the day's": (lambda: line_changed(1, tax_rate=Decimal(20)), [
        "INV-1: line 1 of the quote, tax_rate: expected 10, found 20",
        "INV-1: tax of S 10 %: expected 0.00 AUD, found 3.50 AUD",
        "INV-1: tax of S 20 %: expected 7.00 AUD, found 0.00 AUD",
    ]),
    "an order that no longer counted": (lambda: changed(2, effects=((NOON, True), (NOON, False))), [
        "INV-6: credit of INV-1, line 1: expected 45.73 AUD, found 35.00 AUD",
    ]),
    "an order that counted only later": (lambda: changed(2, effects=((NOON + timedelta(seconds=1), True),)), [
        "INV-6: credit of INV-1, line 1: expected 45.73 AUD, found 35.00 AUD",
    ]),
    "an order that counted at that moment": (lambda: changed(2, effects=((NOON, True),)), [
    ]),
    "an order that never counted": (lambda: changed(2, effects=()), [
        "INV-6: credit of INV-1, line 1: expected 45.73 AUD, found 35.00 AUD",
    ]),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_was_changed_in_a_document_is_told_with_both_figures(case: str) -> None:
    books, differences = CASES[case]

    assert told(books()) == differences


def credits_undone_one_by_one() -> Books:
    """Two seats given back one by one, the first with 0.54 of tax, the other with 0.53; the first is held again."""
    first = change(service(edition("basic", 5, lines=(five(),))), DAY, basic=4)
    once = five(credited_seats=1, credited_seat_days=23, credited_minor=537,
                document_credited_minor=537, document_credited_tax_minor=54)  # fmt: skip
    second = change(service(edition("basic", 4, lines=(once,))), DAY, basic=3)
    credit = BilledCredit(reference="21", seats=1, seat_days=23, amount_minor=537, tax_minor=54)
    twice = five(credited_seats=2, credited_seat_days=46, credited_minor=1073, credits_of_the_day=(credit,),
                 document_credited_minor=1073, document_credited_tax_minor=107)  # fmt: skip
    undone = undo_credits([twice])
    return [
        issue(1, change(service(), START, basic=5).lines),
        issue(2, first.lines, document_totals(first.lines, billed=[five()])),
        issue(3, second.lines, document_totals(second.lines, billed=[once])),
        issue(4, undone, document_totals(undone, billed=[twice])),
    ]


def test_a_credit_undone_as_a_whole_has_the_tax_it_gave_whatever_was_credited_since() -> None:
    books = credits_undone_one_by_one()

    assert [document.tax_minor for document in books] == [350, -54, -53, 54]  # by the sum so far it would be 53
    assert told(books) == []


def test_a_credit_is_undone_only_once() -> None:
    books = credits_undone_one_by_one()
    line = books[3].lines[0]
    again = replace(books[3], document_id=5, number="INV-5", lines=(replace(line, line_id=51),))

    assert told([*books, again]) == [
        "INV-5: tax of S 10 %: expected 0.53 AUD, found 0.54 AUD",
        "INV-1: line 1, all its credits (at most the line): expected 35.00 AUD, found -0.01 AUD",
    ]
