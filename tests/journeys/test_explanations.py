"""Each amount explains itself: what stands left of "=" gives what stands right of it, for every kind of line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.journeys.books import assert_books_hold
from tests.journeys.cast import Story, begin
from tests.journeys.outside import make_world
from tests.journeys.test_refusal import refuse_purchases
from tests.makers import make_user, moment

from perseat.capabilities.invoicing.explaining import Explanation, Method, explain_line, explain_tax
from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.invoicing.queries import DocumentView, get_document
from perseat.capabilities.invoicing.wording import LineFacts
from perseat.domain.money import charge_minor, from_minor, get_currency, round_half_away
from perseat.domain.proration import credited_by_complement
from perseat.domain.quote import Basis, BilledLine, LineKind, LineReason
from perseat.domain.rights import StaffRole
from perseat.journeys.billing_acts import charge_by_hand, give_goodwill

NUMBER = r"\d(?:[\d.,]*\d)?"
FORMULA = re.compile(rf"(−?{NUMBER}(?: [−+×÷] {NUMBER})*) = (−?{NUMBER})(…?)(?:, \w+ (−?{NUMBER}))?")


def formulas(sentence: str, *, decimal: str = ".") -> Iterator[tuple[Fraction, Fraction, bool, Fraction | None]]:
    """Left side, right side, whether that is shortened, and what it is rounded to. Currency signs do not count."""
    bare = re.sub(r"A\$ | AU\$", "", sentence.replace("\u00a0", " "))
    for left, right, is_shortened, rounded in FORMULA.findall(bare):
        yield (
            _value(left, decimal),
            _number(right, decimal),
            bool(is_shortened),
            (_number(rounded, decimal) if rounded else None),
        )


def _number(text: str, decimal: str) -> Fraction:
    return Fraction(text.replace({".": ",", ",": "."}[decimal], "").replace(decimal, ".").replace("−", "-"))


def _value(text: str, decimal: str) -> Fraction:
    """From left to right, as a pocket calculator does: a formula has only × and ÷, or only + and −."""
    first, *rest = re.split(r" ([−+×÷]) ", text)
    found = _number(first, decimal)
    for operator, number in zip(rest[::2], rest[1::2], strict=True):
        value = _number(number, decimal)
        if operator == "×":
            found *= value
        elif operator == "÷":
            found /= value
        else:
            found += value if operator == "+" else -value
    return found


def result_of(sentence: str, *, decimal: str = ".", digits: int = 2) -> Fraction:
    """The last formula's result, after each of the sentence was computed again."""
    result = None
    for left, right, is_shortened, rounded in formulas(sentence, decimal=decimal):
        if rounded is None:
            assert left == right, sentence
        else:
            assert left == right if not is_shortened else 0 < abs(left) - abs(right) < Fraction(1, 10 ** (digits + 4))
            scaled = left * 10**digits
            assert Fraction(round_half_away(scaled.numerator, scaled.denominator), 10**digits) == rounded, sentence
        result = right if rounded is None else rounded
    assert result is not None, sentence
    return result


def amount_of(explained: Explanation) -> Fraction:
    """What the parts give, computed by whoever has only them."""
    parts = {name: Fraction(value) for name, value in explained.parts.items()}
    if explained.method is Method.SHARE:
        return parts["seats"] * parts["unit_price"] * parts["days"] / parts["period_days"]
    if explained.method is Method.COMPLEMENT:
        total = parts["billed_seats"] * parts["billed_days"]
        stays = parts["billed"] * parts["kept_seat_days"] / total
        assert abs(stays - parts["stays_charged"]) <= Fraction(1, 200)
        return parts["stays_charged"] - parts["billed"] + parts["credited_before"]
    if explained.method is Method.BY_HAND:
        return parts["seats"] * parts["unit_price"]
    (amount,) = parts.values()
    return amount


def assert_explained(view: DocumentView) -> set[Method]:
    """Every amount of the document follows from its explanation; returns the ways in which they were found."""
    decimal = "," if view.language == "de" else "."
    methods = set()
    for line in view.lines:
        explained = line.explanation
        assert explained is not None
        amount = Fraction(from_minor(abs(line.amount_minor), get_currency(view.currency)))
        if explained.method in (Method.SHARE, Method.COMPLEMENT, Method.BY_HAND):
            assert [result_of(each, decimal=decimal) for each in explained.sentences if "=" in each][-1] == amount
        else:
            assert explained.method is not Method.AS_ISSUED, line
            assert f"{amount.numerator}" in explained.sentences[0] or amount.denominator != 1
        assert round(abs(amount_of(explained)) * 100 + Fraction(1, 1000)) == amount * 100
        assert all(str(Decimal(value)) for value in explained.parts.values())
        methods.add(explained.method)
    for tax in view.taxes:
        (sentence,) = tax.explanation
        result_of(sentence, decimal=decimal)
    assert result_of(view.total_arithmetic, decimal=decimal) == Fraction(view.total_minor, 100)
    if view.allocations:
        assert result_of(view.open_arithmetic, decimal=decimal) == Fraction(view.open_minor, 100)
    return methods


def views(story: Story) -> list[DocumentView]:
    rows = Document.objects.filter(customer=story.customer).order_by("pk")
    return [get_document(story.customer.pk, row.number, today=row.issued_on) for row in rows]


def told(view: DocumentView, number: int = 0) -> tuple[str, ...]:
    explained = view.lines[number].explanation
    assert explained is not None
    return tuple(sentence.replace("\u00a0", " ") for sentence in explained.sentences)


@pytest.mark.django_db
def test_added_seats_say_what_one_costs_and_for_how_many_days() -> None:
    story = begin({"basic": 1})
    story.buy("2026-11-22", {"basic": 4})

    assert told(views(story)[-1]) == (
        "One seat costs A$ 9.00 for 30 days. Charged are 23 of them, 22 Nov 2026 – 14 Dec 2026.",
        "3 × A$ 9.00 × 23 ÷ 30 = A$ 20.70",
    )


@pytest.mark.django_db
def test_a_credit_says_what_was_charged_what_stays_and_what_was_credited_before() -> None:
    story = begin({"basic": 4})
    story.buy("2026-11-20", {"basic": 3})
    story.buy("2026-11-25", {"basic": 1})

    first, second = views(story)[-2:]
    assert told(first)[-1] == "The rest is credited: A$ 36.00 − A$ 28.50 = A$ 7.50"
    assert told(second) == (
        f"{views(story)[0].number} charged A$ 36.00 for: 4 × 30 = 120 seat-days",
        "Of these, 55 stay charged: A$ 36.00 × 55 ÷ 120 = A$ 16.50",
        "A$ 7.50 of the rest was credited before; credited now: A$ 36.00 − A$ 16.50 − A$ 7.50 = A$ 12.00",
    )


@pytest.mark.django_db
def test_what_is_rounded_shows_what_it_was_before() -> None:
    story = begin({"basic": 1}, started_on="2026-12-15")
    story.buy("2026-12-22", {"basic": 2})

    assert told(views(story)[-1])[-1] == "1 × A$ 9.00 × 24 ÷ 31 = 6.967741…, rounded A$ 6.97"


@pytest.mark.django_db
def test_every_document_of_an_eventful_life_can_be_computed_again() -> None:
    story = begin({"basic": 5, "standard": 1}, started_on="2026-12-15")
    story.buy("2026-12-20", {"basic": 3, "premium": 1})  # one upgraded, one given back
    story.buy("2026-12-20", {"basic": 4})  # part of it taken back the same day
    story.buy("2026-12-20", {"basic": 5})
    story.buy("2026-12-29", {"basic": 2})
    late = story.order("2027-01-02", {"basic": 3, "standard": 0, "premium": 9})
    story.pay("2027-01-05", late)  # starts three days late, its exchange shrinks
    unpaid = story.order("2027-01-07", {"basic": 1, "premium": 60})
    story.withdraw("2027-01-08", unpaid)
    story.renew("2027-01-15")
    number = Document.objects.filter(customer=story.customer, kind="invoice").earliest("pk").number
    by = {"staff_id": make_user(staff_role=StaffRole.CLERK).pk, "now": moment("2027-01-16")}
    give_goodwill(number, amount_minor=333, reason="A slow start", **by)
    charge_by_hand(
        story.customer.pk,
        text="Moving",
        quantity=3,
        unit_price=Decimal("33.335"),
        category="S",
        reason="As agreed",
        **by,
    )

    found = views(story)
    methods = set().union(*(assert_explained(view) for view in found))

    assert methods == {Method.SHARE, Method.COMPLEMENT, Method.UNDONE, Method.BY_HAND, Method.GIVEN}
    assert {line.reason for view in found for line in view.lines} >= {
        LineReason.NEW, LineReason.ADDED, LineReason.UPGRADED, LineReason.EXCHANGED, LineReason.RETURNED,
        LineReason.RESTORED, LineReason.RENEWED, LineReason.LATE_START, LineReason.CANCELLED, LineReason.MANUAL,
        LineReason.GOODWILL,
    }  # fmt: skip
    assert_books_hold(story.customer, now=moment("2027-01-16"))


@pytest.mark.django_db
def test_what_microsoft_refused_goes_back_with_its_arithmetic() -> None:
    world = make_world(seats={"basic": 2})
    refuse_purchases(world)
    order = world.deliver(world.order(premium=2))
    note = order.documents.latest("pk")

    view = get_document(world.customer.pk, note.number, today=note.issued_on)

    assert [line.reason for line in view.lines] == [LineReason.REFUSED]
    assert assert_explained(view) == {Method.COMPLEMENT}
    assert told(view)[1].startswith("Of these, 0 stay charged: ")


@pytest.mark.django_db
def test_a_german_customer_reads_it_in_german() -> None:
    story = begin({"basic": 4}, started_on="2026-12-15")
    story.customer.language = "de"
    story.customer.save(update_fields=["language"])
    story.buy("2026-12-22", {"basic": 2})

    view = views(story)[-1]
    assert_explained(view)
    assert "76 bleiben berechnet: 36,00 AU$ × 76 ÷ 124 = 22,064516…, gerundet 22,06 AU$" in told(view)[1]


rates = st.sampled_from(["0", "5.5", "7", "8.1", "10", "19", "20"])


@given(st.integers(1, 300), st.decimals(0, 99999, places=4), st.integers(1, 366), st.integers(0, 366))
def test_any_charge_follows_from_its_explanation(seats: int, price: Decimal, period: int, less: int) -> None:
    days = max(1, period - less)
    amount = charge_minor(seats=seats, unit_price=price, days=days, period_days=period, currency=get_currency("AUD"))
    facts = _facts(LineKind.CHARGE, seats=seats, price=price, days=days, period=period, amount=amount)

    explained = explain_line(facts, language="en")

    assert result_of(explained.sentences[-1]) == Fraction(amount, 100)
    exact = amount_of(explained) * 100
    assert round_half_away(exact.numerator, exact.denominator) == amount


@given(st.integers(0, 10**8), st.integers(1, 300), st.integers(1, 366), st.data())
def test_any_credit_follows_from_its_explanation(billed: int, seats: int, days: int, data: st.DataObject) -> None:
    before = data.draw(st.integers(0, seats * days))
    after = data.draw(st.integers(before, seats * days))
    line = BilledLine(
        reference="1", issued_order=1, edition="basic", seats=seats, start=_DAY, end=_DAY + timedelta(days=days),
        period_days=days, unit_price=Decimal(1), amount_minor=billed, tax_category="S", tax_rate=Decimal(10),
    )  # fmt: skip
    credited = credited_by_complement(line, given_back_seat_days=before)
    amount = credited_by_complement(line, given_back_seat_days=after) - credited
    basis = Basis(
        billed_minor=billed, seats=seats, days=days, kept_seat_days=seats * days - after, credited_minor=credited
    )
    facts = _facts(LineKind.CREDIT, seats=1, price=Decimal(1), days=1, period=days, amount=-amount, basis=basis)

    explained = explain_line(facts, language="en")

    assert result_of(explained.sentences[-1]) == Fraction(amount, 100)
    assert result_of(explained.sentences[1]) == Fraction(explained.parts["stays_charged"])
    assert amount_of(explained) == Fraction(-amount, 100)


@given(st.integers(-(10**8), 10**8), rates, st.booleans())
def test_any_tax_follows_from_its_explanation(amount: int, rate: str, is_included: bool) -> None:  # noqa: FBT001
    share = Fraction(rate) / (100 + Fraction(rate) if is_included else 100)
    exact = amount * share
    tax = round_half_away(exact.numerator, exact.denominator)

    (sentence,) = explain_tax(
        net_minor=amount - tax if is_included else amount, tax_minor=tax, rate=Decimal(rate), currency="AUD",
        language="en", is_included=is_included,
    )  # fmt: skip

    assert result_of(sentence) == Fraction(tax, 100)


_DAY = moment("2026-11-22").date()


def _facts(
    kind: LineKind, *, seats: int, price: Decimal, days: int, period: int, amount: int, basis: Basis | None = None
) -> LineFacts:
    return LineFacts(
        kind=kind,
        reason=LineReason.ADDED if kind is LineKind.CHARGE else LineReason.RETURNED,
        edition_name="Microsoft 365 Business Basic",
        partner_name="",
        seats=seats,
        start=_DAY,
        end=_DAY + timedelta(days=days),
        days=days,
        period_days=period,
        unit_price=price,
        amount_minor=amount,
        currency="AUD",
        basis=basis,
        credits_number="INV-000001",
    )
