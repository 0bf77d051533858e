"""The tables of docs/rules are true: every row is fed to the rule that its table tells of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from tests.docs.more_rules import MORE_RULES
from tests.docs.other_engines import ours_is_told
from tests.docs.upgrade_rules import UPGRADE_RULES
from tests.documents import SELLER, charge, document
from tests.domain.services import START, billed, change, edition, monthly, service

from perseat.domain.calendar import Rhythm, aligned_period, charge_period, term_end
from perseat.domain.checkout import Unpaid, settle_negative, split_payment
from perseat.domain.money import charge_minor, from_minor, get_currency, round_half_away, to_minor
from perseat.domain.parties import TaxTreatment, category_of_treatment
from perseat.domain.proration import credited_by_complement
from perseat.domain.quote import Batch, BilledCredit, BilledLine, DecreasePolicy, Line, LineKind, QuotedChange, TaxRate
from perseat.domain.reversal import charge_late_exchange, credit_late_start, credit_refused, undo_credits
from perseat.domain.tax import document_totals, rate_on
from perseat.journeys.electronic_invoicing import electronic_invoice

PAGES = Path(__file__).parents[2] / "docs" / "rules"
AUD = get_currency("AUD")
Row = dict[str, str]


@dataclass(frozen=True)
class Case:
    """One row of a page: its cells by their column, and its columns, which name the rule."""

    page: str
    number: int
    columns: tuple[str, ...]
    row: Row

    def __str__(self) -> str:
        return f"{self.page}:{self.number}"


def cases() -> Iterator[Case]:
    for page in sorted(PAGES.glob("*.md")):
        columns: tuple[str, ...] = ()
        for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1):
            cells = tuple(cell.strip() for cell in line.strip().strip("|").split("|"))
            if not line.startswith("|"):
                columns = ()
            elif not columns:
                columns = cells
            elif not set(line) <= set("|- "):
                yield Case(page.stem, number, columns, dict(zip(columns, cells, strict=True)))


def a_period_contains_the_day(row: Row) -> None:
    period = aligned_period(rhythm_of(row), day(row["day"]))

    assert (str(period.start), str(period.end)) == (row["from"], row["to"])


def a_first_period_is_clipped(row: Row) -> None:
    period = charge_period(rhythm_of(row), day(row["start"]), day(row["day"]))

    assert (str(period.start), str(period.end)) == (row["from"], row["to"])
    assert aligned_period(rhythm_of(row), day(row["day"])).days == int(row["days of the whole"])


def a_term_ends(row: Row) -> None:
    rhythm = replace(rhythm_of(row), term_cycles=int(row["periods in a term"]))

    assert term_end(rhythm, term_start=day(row["term starts"])) == day(row["renews"])


def added_seats_cost(row: Row) -> None:
    on, currency = day(row["day"]), get_currency(row["currency"])
    line = billed("basic", 1, start=START, rhythm=monthly(anchor=date(2026, 1, 15)))
    held = replace(
        edition("basic", 1, lines=(line,)), unit_price=Decimal(row["unit price"]), term_start=date(2026, 1, 15)
    )
    now = replace(
        service(held, tax_rates=()),
        currency=currency,
        rhythm=monthly(anchor=date(2026, 1, 15)),
        started_on=date(2026, 1, 15),
    )
    added = int(row["added"])
    if added == 1_000_000:
        now = replace(now, editions=tuple(replace(one, held=0, billed=()) for one in now.editions))

    [quoted] = change(now, on, basic=added + (added < 1_000_000)).lines

    assert (quoted.seats, quoted.days, quoted.period_days) == (
        added,
        int(row["days left"]),
        int(row["days of the period"]),
    )
    assert from_minor(quoted.amount_minor, currency) == Decimal(row["amount"])


def credits_complement_what_is_kept(row: Row) -> None:
    scale = 1000 if "." in row["charged"] and len(row["charged"].split(".")[1]) == 3 else 100
    scale = scale if "." in row["charged"] else 1
    line = replace(
        billed("basic", int(row["seats"])),
        end=date.fromordinal(START.toordinal() + int(row["days"])),
        amount_minor=int(Decimal(row["charged"]) * scale),
    )
    given_back, credited, credits_ = 0, 0, []
    for seats, days in re.findall(r"(\d+) for (\d+)", row["given back: seats for days"]):
        given_back += int(seats) * int(days)
        in_all = credited_by_complement(line, given_back_seat_days=given_back)
        credits_.append(in_all - credited)
        credited = in_all

    assert credits_ == [int(Decimal(amount) * scale) for amount in row["credits"].split(", ")]


def a_policy_decides_a_decrease(row: Row) -> None:
    batches = (
        Batch(added_on=START, seats=5, returnable_through=date(2026, 11, 21)),
        Batch(added_on=date(2026, 11, 22), seats=3, returnable_through=date(2026, 11, 28)),
    )
    lines = (billed("basic", 5), billed("basic", 3, start=date(2026, 11, 22), order=1))
    basic = edition("basic", 8, policy=DecreasePolicy(row["policy"]), batches=batches, lines=lines)

    quoted = change(service(basic, term_cycles=12), day(row["day"]), basic=int(row["total wanted"]))

    outcome = quoted.outcomes[0]
    assert outcome.now == int(row["held from then"])
    assert sum(part.refund_minor for part in quoted.decreases) == minor(row["refund"])
    assert outcome.planned == number_or_none(row["planned for 2027-11-15"])
    assert outcome.planned_on == (None if outcome.planned is None else date(2027, 11, 15))


def a_typed_total_replaces_the_plan(row: Row) -> None:
    basic = edition("basic", 5, policy=DecreasePolicy.RENEWAL, planned=number_or_none(row["planned before"]))
    wanted = {} if row["typed"] == "nothing" else {"basic": int(row["typed"])}

    quoted = change(service(basic), date(2026, 11, 22), **wanted)

    outcome = quoted.outcomes[0]
    assert outcome.now == int(row["held"])
    assert outcome.planned == number_or_none(row["planned after"])
    assert sum(line.amount_minor for line in quoted.lines) == minor(row["charged"])


def totals_become_moves(row: Row) -> None:
    names = ("basic", "standard", "premium")
    held = dict(zip(names, map(int, row["held"].split()), strict=True))
    wanted = dict(zip(names, map(int, row["wanted"].split()), strict=True))

    quoted = change(service(*(edition(name, seats) for name, seats in held.items())), date(2026, 11, 22), **wanted)

    moves = [f"{move.seats} {move.source} to {move.target}" for move in quoted.upgrades]
    more = [f"{line.seats} {line.edition}" for line in quoted.lines if line.reason in {"new", "added"}]
    fewer = [f"{part.seats} {part.edition}" for part in quoted.decreases]
    assert ", ".join(moves) == row["moves"]
    assert ", ".join(more) == row["simply more"]
    assert ", ".join(fewer) == row["simply fewer"]


def a_change_of_edition_costs(row: Row) -> None:
    quoted = change(service(edition("basic", 1)), day(row["day"]), basic=0, premium=1)

    assert [line.amount_minor for line in quoted.lines] == [minor(row["credit"]), minor(row["charge"])]
    assert quoted.totals is not None
    assert (quoted.totals.net_minor, quoted.totals.tax_minor) == (minor(row["net"]), minor(row["tax at 10 %"]))


def tax_is_added(row: Row) -> None:
    totals = document_totals(lines_of(row["lines: amount at rate"]))

    assert (totals.net_minor, totals.tax_minor, totals.total_minor) == figures(row)


def tax_is_included(row: Row) -> None:
    totals = document_totals(lines_of(row["lines with tax: amount at rate"]), prices_include_tax=True)

    assert (totals.net_minor, totals.tax_minor, totals.total_minor) == figures(row)


def tax_comes_back_in_parts(row: Row) -> None:
    [charge] = lines_of(f"{row['charged']} at {row['rate']}")
    line = replace(billed("basic"), amount_minor=charge.amount_minor, tax_rate=charge.tax_rate)
    taxes = []
    for amount in row["credits, one after another"].split(", "):
        [credit] = lines_of(f"-{amount} at {row['rate']}")
        totals = document_totals([credit._replace(credits=line.reference)], billed=[line])
        taxes.append(-totals.tax_minor)
        line = replace(
            line,
            credited_minor=line.credited_minor + minor(amount),
            document_credited_minor=line.credited_minor + minor(amount),
            document_credited_tax_minor=sum(taxes),
        )

    assert document_totals([charge]).tax_minor == minor(row["tax charged"]) == sum(taxes)
    assert taxes == [minor(amount) for amount in row["tax of each"].split(", ")]


def a_rate_counts_from_its_day(row: Row) -> None:
    rates = [
        TaxRate(category="S", rate=Decimal(rate), starts_on=day(starts_on))
        for rate, starts_on in re.findall(r"([\d.]+) from ([\d-]+)", row["rates of S"])
    ]

    assert len(rates) == 2
    assert rate_on("S", day=day(row["day"]), rates=rates) == Decimal(row["rate"])


def a_customer_is_taxed(row: Row) -> None:
    treated = category_of_treatment(TaxTreatment(row["customer is taxed"]))

    assert (treated or row["edition's category"]) == row["line's category"]


def an_amount_is_rounded(row: Row) -> None:
    currency, exact = get_currency(row["currency"]), Decimal(row["exact amount"])
    numerator, denominator = exact.as_integer_ratio()

    rounded = round_half_away(numerator * 10**currency.digits, denominator)

    assert rounded == to_minor(row["rounded"], currency)
    if exact > 0:
        assert rounded == charge_minor(seats=1, unit_price=exact, days=30, period_days=30, currency=currency)


def the_balance_pays(row: Row) -> None:
    from_balance, to_pay = split_payment(minor(row["total"]), minor(row["balance"]))

    assert (from_balance, to_pay) == (minor(row["from your balance"]), minor(row["to pay"]))


def a_negative_total_is_settled(row: Row) -> None:
    unpaid = [Unpaid(reference="original", open_minor=minor(row["unpaid of what it credits"]))]

    settlement = settle_negative(minor(row["total"]), unpaid=unpaid)

    assert sum(part.open_minor for part in settlement.to_documents) == minor(row["closes"])
    assert settlement.to_balance_minor == minor(row["to balance"])


def late_and_refused_seats_are_credited(row: Row) -> None:
    on, never = date(2026, 11, 22), row["begins"] == "never"
    if row["bought"] == "3 basic":
        bought, old = billed("basic", 3, start=on, order=1), list[BilledLine]()
    else:
        bought, old = billed("premium", 1, start=on, order=1), [credited_basic(on)]

    if never:
        lines = (*credit_refused([bought]), *undo_credits(old))
    else:
        begins = day(row["begins"])
        lines = (*credit_late_start([bought], day=begins), *charge_late_exchange(old, day=begins))

    assert -sum(line.amount_minor for line in lines) == minor(row["credited"])


def a_quantity_has_a_price(row: Row) -> None:
    (line,) = electronic_invoice(
        document(charge(int(row["seats"]), price=row["unit price"], days=int(row["days"])))
    ).lines

    assert str(line.net) == row["net amount"]
    assert (str(line.quantity), f"{line.price:f}", str(line.price_per)) == (row["quantity"], row["price"], row["for"])
    assert line.quantity * line.price / line.price_per == line.net


def nets_add_up(row: Row) -> None:
    charges = [
        charge(1, price=amount, rate=rate)
        for amount, rate in re.findall(r"([\d.]+) at ([\d.]+)", row["lines with tax: amount at rate"])
    ]
    invoice = electronic_invoice(document(*charges, prices_include_tax=True))

    assert ", ".join(str(line.net) for line in invoice.lines) == row["nets of the lines"]
    assert sum(line.net for line in invoice.lines) == invoice.net


def a_category_is_written(row: Row) -> None:
    seller = SELLER if row["seller has a tax number"] == "yes" else SELLER | {"tax_number": ""}
    invoice = electronic_invoice(document(charge(category=row["category"], rate=row["rate"]), seller=seller))

    assert [line.category for line in invoice.lines] == [row["written as"]]
    assert [(tax.category, tax.reason or "none") for tax in invoice.taxes] == [(row["written as"], row["reason"])]


RULES: dict[tuple[str, ...], Callable[[Row], None]] = {
    ("anchor", "months", "day", "from", "to"): a_period_contains_the_day,
    ("anchor", "months", "start", "day", "from", "to", "days of the whole"): a_first_period_is_clipped,
    ("anchor", "months", "periods in a term", "term starts", "renews"): a_term_ends,
    (
        "currency",
        "unit price",
        "added",
        "day",
        "days left",
        "days of the period",
        "amount",
    ): added_seats_cost,
    ("charged", "seats", "days", "given back: seats for days", "credits"): credits_complement_what_is_kept,
    (
        "policy",
        "day",
        "total wanted",
        "held from then",
        "refund",
        "planned for 2027-11-15",
    ): a_policy_decides_a_decrease,
    ("planned before", "typed", "held", "charged", "planned after"): a_typed_total_replaces_the_plan,
    ("held", "wanted", "moves", "simply more", "simply fewer"): totals_become_moves,
    ("day", "credit", "charge", "net", "tax at 10 %"): a_change_of_edition_costs,
    ("lines: amount at rate", "net", "tax", "total"): tax_is_added,
    ("lines with tax: amount at rate", "net", "tax", "total"): tax_is_included,
    ("charged", "rate", "tax charged", "credits, one after another", "tax of each"): tax_comes_back_in_parts,
    ("rates of S", "day", "rate"): a_rate_counts_from_its_day,
    ("customer is taxed", "edition's category", "line's category"): a_customer_is_taxed,
    ("exact amount", "currency", "rounded"): an_amount_is_rounded,
    ("total", "balance", "from your balance", "to pay"): the_balance_pays,
    ("total", "unpaid of what it credits", "closes", "to balance"): a_negative_total_is_settled,
    ("seats", "unit price", "days", "net amount", "quantity", "price", "for"): a_quantity_has_a_price,
    ("lines with tax: amount at rate", "nets of the lines"): nets_add_up,
    ("category", "rate", "seller has a tax number", "written as", "reason"): a_category_is_written,
    ("bought", "begins", "credited"): late_and_refused_seats_are_credited,
    ("case", "theirs", "ours", "why"): ours_is_told,
    **MORE_RULES,
    **UPGRADE_RULES,
}


@pytest.mark.parametrize("case", list(cases()), ids=str)
def test_a_row_of_a_rules_page_is_true(case: Case) -> None:
    RULES[case.columns](case.row)


def test_every_rule_with_a_table_is_told_on_a_page() -> None:
    assert {case.columns for case in cases()} == set(RULES)


def test_every_page_is_listed_and_has_a_table() -> None:
    listed = set(re.findall(r"\(([a-z-]+)\.md\)", (PAGES / "README.md").read_text(encoding="utf-8")))

    assert listed == {page.stem for page in PAGES.glob("*.md")} - {"README"}
    assert listed == {case.page for case in cases()}


def day(text: str) -> date:
    return date.fromisoformat(text)


def minor(text: str) -> int:
    return to_minor(text, AUD)


def number_or_none(text: str) -> int | None:
    return None if text == "none" else int(text)


def figures(row: Row) -> tuple[int, int, int]:
    return minor(row["net"]), minor(row["tax"]), minor(row["total"])


def rhythm_of(row: Row) -> Rhythm:
    anchor = day(row["anchor"])
    return Rhythm(anchor=anchor, anchor_day=anchor.day, cycle_months=int(row["months"]), term_cycles=1)


def lines_of(text: str) -> list[Line]:
    """Lines like `7.00 at 10`; a negative amount is a credit."""
    quoted: QuotedChange = change(service(), START, basic=1)
    lines = []
    for amount, rate in re.findall(r"(-?[\d.]+) at ([\d.]+)", text):
        line = quoted.lines[0]._replace(amount_minor=minor(amount), tax_rate=Decimal(rate))
        lines.append(line._replace(kind=LineKind.CREDIT, credits="original") if line.amount_minor < 0 else line)
    return lines


def credited_basic(on: date) -> BilledLine:
    """One seat of Basic that was credited on the day on which it was to become one of Premium."""
    [credit, _] = change(service(edition("basic", 1)), on, basic=0, premium=1).lines
    return replace(
        billed("basic", 1),
        credited_seats=1,
        credited_seat_days=credit.days,
        credited_minor=-credit.amount_minor,
        credits_of_the_day=(
            BilledCredit(reference="c", seats=1, seat_days=credit.days, amount_minor=-credit.amount_minor),
        ),
    )
