"""The audit of credits: undone, of several lines, of lines that are not known, and of documents issued again."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from tests.domain.audited import issue
from tests.domain.services import START, change, edition, service
from tests.domain.test_audit_documents import DAY, Books, five, life, line_changed, told

from perseat.domain.cancellation import IssuedLine, repeat, take_back
from perseat.domain.quote import BilledCredit, LineReason, TaxSum
from perseat.domain.reversal import credit_refused, credit_refused_renewal, undo_credits
from perseat.domain.tax import document_totals


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


def credit_undone_in_two_parts() -> Books:
    """Two seats given back; one of them held again; another given back; then the first credit's rest is undone."""
    given = change(service(edition("basic", 5, lines=(five(),))), DAY, basic=3)
    credit = BilledCredit(reference="21", seats=2, seat_days=46, amount_minor=1073, tax_minor=107)
    before = five(credited_seats=2, credited_seat_days=46, credited_minor=1073, credits_of_the_day=(credit,),
                  document_credited_minor=1073, document_credited_tax_minor=107)  # fmt: skip
    part = change(service(edition("basic", 3, lines=(before,))), DAY, basic=4)
    once = five(credited_seats=1, credited_seat_days=23, credited_minor=537,
                document_credited_minor=537, document_credited_tax_minor=54)  # fmt: skip
    more = change(service(edition("basic", 4, lines=(once,))), DAY, basic=3)
    rest = BilledCredit(reference="21", seats=1, seat_days=23, amount_minor=537, tax_minor=54)
    after = five(credited_seats=2, credited_seat_days=46, credited_minor=1073, credits_of_the_day=(rest,),
                 document_credited_minor=1073, document_credited_tax_minor=107)  # fmt: skip
    undone = undo_credits([after])
    return [
        issue(1, change(service(), START, basic=5).lines),
        issue(2, given.lines, document_totals(given.lines, billed=[five()])),
        issue(3, part.lines, document_totals(part.lines, billed=[before])),
        issue(4, more.lines, document_totals(more.lines, billed=[once])),
        issue(5, undone, document_totals(undone, billed=[after])),
    ]


def test_the_rest_of_a_credit_is_undone_with_the_rest_of_its_tax_whatever_was_credited_between() -> None:
    books = credit_undone_in_two_parts()

    assert [document.tax_minor for document in books] == [350, -107, 53, -53, 54]  # by the sum so far it would be 53
    assert told(books) == []


def test_the_tax_of_credits_goes_by_the_whole_document_that_they_credit() -> None:
    basic = replace(five(), reference="11")
    standard = replace(five(), reference="12", edition="standard", unit_price=Decimal("14.00"), amount_minor=7000)
    returned = change(
        service(edition("basic", 5, lines=(basic,)), edition("standard", 5, lines=(standard,))),
        DAY,
        basic=3,
        standard=4,
    )
    books = [
        issue(1, change(service(), START, basic=5, standard=5).lines),
        issue(2, returned.lines, document_totals(returned.lines, billed=[basic, standard])),
    ]

    assert books[1].tax_minor == -215  # 10 % of 10.73 and 10.73 together: each for itself it would be 2.14
    assert told(books) == []


def free_books() -> Books:
    free = change(service(), DAY, basic=1).lines[0]._replace(unit_price=Decimal(0), amount_minor=0)
    cents = free._replace(unit_price=Decimal("0.13"), amount_minor=10)
    return [issue(1, [free]), issue(2, [cents])]


def test_a_group_of_no_tax_may_be_left_out_or_told() -> None:
    free, _cents = free_books()

    assert told([free]) == []
    assert told([replace(free, taxes=())]) == []
    assert told([replace(free, taxes=(*free.taxes, TaxSum("Z", Decimal(0), 0, 0)))]) == []


def test_a_missing_group_of_one_cent_is_told() -> None:
    _free, cents = free_books()

    assert told([replace(cents, taxes=())])[-1] == "INV-2: tax of S 10 %: expected 0.01 AUD, found 0.00 AUD"


def test_a_credit_of_more_than_there_was_is_told_with_all_there_was() -> None:
    assert "INV-2: credit of INV-1, line 1: expected 35.00 AUD, found 10.73 AUD" in told(line_changed(2, seats=7))


def test_after_a_line_that_is_not_known_the_others_are_compared_all_the_same() -> None:
    books = life()
    unknown = books[7].lines[0]
    unknown = replace(unknown, line=unknown.line._replace(credits="99", restores="98"))
    late, restored = books[7].lines[0], books[2].lines[0]
    late = replace(late, number=2, line=late.line._replace(amount_minor=-661))
    restored = replace(restored, number=3, line=restored.line._replace(amount_minor=1074))
    other = replace(restored, number=2, line=restored.line._replace(restores="98"))
    books[7] = replace(books[7], lines=(unknown, late, other, restored))

    found = told(books)

    assert "INV-8: a credited line: expected an issued line, found no such line" in found
    assert "INV-8: credit of INV-7, line 1: expected 6.60 AUD, found 6.61 AUD" in found
    assert "INV-8: line 3, which restores a credit: expected 10.73 AUD, found 10.74 AUD" in found


def readdressed() -> Books:
    """The first document taken back line by line, and issued again to another recipient."""
    first = life()[0]
    standing = [IssuedLine(reference="11", line=each.line, tax_minor=each.tax_minor) for each in first.lines]
    back, back_totals = take_back(standing, prices_include_tax=False)
    again, again_totals = repeat(standing, renamed={}, prices_include_tax=False)
    documents = [first, issue(2, back, back_totals), issue(3, again, again_totals)]
    return [
        first,
        *(
            replace(document, lines=tuple(replace(line, original_id=11) for line in document.lines))
            for document in documents[1:]
        ),
    ]


def test_a_document_issued_again_has_the_figures_of_the_first() -> None:
    assert [document.total_minor for document in readdressed()] == [3850, -3850, 3850]
    assert told(readdressed()) == []


@pytest.mark.parametrize(
    ("at", "fields", "differences"),
    [
        (2, {"original_id": 99},
         ["INV-2: original of line 1: expected an issued line of this customer, found no such line"]),
        (2, {"tax_minor": -349}, [
            "INV-2: tax of the lines: expected -3.49 AUD, found -3.50 AUD",
            "INV-2: line 1, by INV-1, line 1, tax: expected -3.50 AUD, found -3.49 AUD",
        ]),
        (3, {"tax_minor": 349}, [
            "INV-3: tax of the lines: expected 3.49 AUD, found 3.50 AUD",
            "INV-3: line 1, by INV-1, line 1, tax: expected 3.50 AUD, found 3.49 AUD",
        ]),
        (2, {"amount_minor": -3499}, [
            "INV-2: net of the lines: expected -34.99 AUD, found -35.00 AUD",
            "INV-2: line 1, by INV-1, line 1: expected -35.00 AUD, found -34.99 AUD",
        ]),
        (2, {"edition": "premium"}, ["INV-2: line 1, by INV-1, line 1, edition: expected basic, found premium"]),
        (2, {"days": 29}, ["INV-2: line 1, by INV-1, line 1, days: expected 30, found 29"]),
    ],
)  # fmt: skip
def test_a_line_issued_again_that_differs_from_its_original_is_told(
    at: int, fields: dict[str, Any], differences: list[str]
) -> None:
    books = readdressed()
    line = books[at - 1].lines[0]
    of_line = {name: value for name, value in fields.items() if name in {"amount_minor", "edition", "days"}}
    others = {name: value for name, value in fields.items() if name not in of_line}
    changed_line = replace(line, line=line.line._replace(**of_line), **others)
    books[at - 1] = replace(books[at - 1], lines=(changed_line,))

    assert told(books) == differences


def test_a_line_without_its_original_does_not_hide_the_next() -> None:
    books = readdressed()
    line = books[2].lines[0]
    lost, wrong = replace(line, original_id=99), replace(line, number=2, line=line.line._replace(seats=4))
    books[2] = replace(books[2], lines=(lost, wrong))

    found = told(books)

    assert "INV-3: original of line 1: expected an issued line of this customer, found no such line" in found
    assert "INV-3: line 2, by INV-1, line 1, seats: expected 5, found 4" in found


def test_after_a_refusal_nothing_of_the_line_is_left_to_credit() -> None:
    first, returned = life()[:2]
    partly = five(credited_seats=2, credited_seat_days=46, credited_minor=1073,
                  document_credited_minor=1073, document_credited_tax_minor=107)  # fmt: skip
    refused = credit_refused([partly])
    once_more = returned.lines[0].line._replace(seats=1, days=1, amount_minor=-1)
    books = [first, returned, issue(3, refused, document_totals(refused, billed=[partly])), issue(4, [once_more])]

    assert told(books[:3]) == []
    assert "INV-4: credit of INV-1, line 1: expected 0.00 AUD, found 0.01 AUD" in told(books)


def test_of_a_renewal_only_the_refused_seats_are_expected_back() -> None:
    renewed = change(service(), START, basic=5).lines[0]._replace(reason=LineReason.RENEWED)
    once = five(credited_seats=2, credited_seat_days=60, credited_minor=1400,
                document_credited_minor=1400, document_credited_tax_minor=140)  # fmt: skip
    first = credit_refused_renewal(five(), seats=2)
    second = credit_refused_renewal(once, seats=1)
    books = [
        issue(1, [renewed]),
        issue(2, first, document_totals(first, billed=[five()])),
        issue(3, second, document_totals(second, billed=[once])),
    ]

    assert [document.net_minor for document in books] == [3500, -1400, -700]
    assert told(books) == []


def test_the_tax_of_credits_of_two_documents_goes_by_each() -> None:
    basic = five()
    standard = five(document="2")
    standard = replace(standard, reference="21", edition="standard", unit_price=Decimal("14.00"), amount_minor=7000)
    returned = change(
        service(edition("basic", 5, lines=(basic,)), edition("standard", 5, lines=(standard,))),
        DAY,
        basic=3,
        standard=4,
    )
    books = [
        issue(1, change(service(), START, basic=5).lines),
        issue(2, change(service(), START, standard=5).lines),
        issue(3, returned.lines, document_totals(returned.lines, billed=[basic, standard])),
    ]

    assert books[2].tax_minor == -214
    assert told(books) == []
