"""The ledger for accountants: CSV that adds up, text that Beancount accepts, and statements of account."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.test import Client
from tests import makers
from tests.journeys.cast import Story, begin

from perseat.capabilities.ledger.export import export_beancount, export_csv
from perseat.capabilities.ledger.statement import get_statement
from perseat.domain.rights import StaffRole
from perseat.journeys.billing_acts import give_goodwill

pytestmark = pytest.mark.django_db
YEAR = {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 12, 31)}
DECEMBER = {"starts_on": date(2026, 12, 1), "ends_on": date(2026, 12, 31)}


def a_life() -> Story:
    story = begin({"basic": 5})
    story.buy("2026-11-20", {"basic": 3, "premium": 2})
    story.buy("2026-11-25", {"basic": 1, "premium": 2})
    story.renew("2026-12-15")
    give_goodwill(
        "INV-000001", amount_minor=100, reason='It was "slow" \\ twice', staff_id=makers.clerk_id(),
        now=makers.moment("2026-12-16"),
    )  # fmt: skip
    return story


def bean_check(path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "beancount.scripts.check", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own file


@pytest.mark.parametrize("days", [YEAR, DECEMBER], ids=["a year", "a month with what came before"])
def test_beancount_accepts_the_ledger_with_its_balances(days: dict[str, date], tmp_path: Path) -> None:
    a_life()
    file = tmp_path / "ledger.beancount"
    file.write_text("".join(export_beancount(**days)))
    done = bean_check(file)
    assert (done.returncode, done.stderr) == (0, "")
    assert "balance Income:Revenue" in file.read_text()


def test_beancount_refuses_a_ledger_in_which_one_amount_was_changed(tmp_path: Path) -> None:
    a_life()
    file = tmp_path / "ledger.beancount"
    text = "".join(export_beancount(**YEAR))
    line = next(each for each in text.splitlines() if each.startswith("  Assets:Bank"))
    file.write_text(text.replace(line, line.replace("Bank  ", "Bank  9"), 1))
    done = bean_check(file)
    assert done.returncode != 0
    assert "balance" in done.stderr.lower()


def test_the_csv_has_each_side_once_and_sums_to_zero() -> None:
    a_life()
    rows = list(csv.DictReader("".join(export_csv(**YEAR)).splitlines()))
    assert sum(Decimal(row["amount"]) for row in rows) == 0
    sums: dict[str, Decimal] = {}
    for row in rows:
        sums[row["entry"]] = sums.get(row["entry"], Decimal(0)) + Decimal(row["amount"])
    assert set(sums.values()) == {Decimal(0)}
    assert {row["reason"] for row in rows if row["reason"]} >= {'It was "slow" \\ twice'}


@pytest.mark.parametrize("start", ["=", "+", "-", "@", " =", "\n=", "\uff1d", "\u2212"])
def test_no_spreadsheet_takes_a_text_for_a_formula(start: str) -> None:
    begin({"basic": 5})
    text = f"{start}1+HYPERLINK(1)"
    give_goodwill(
        "INV-000001", amount_minor=100, reason=text, staff_id=makers.clerk_id(), now=makers.moment("2026-11-20")
    )
    rows = list(csv.DictReader(io.StringIO("".join(export_csv(**YEAR)), newline="")))
    assert f"'{text}" in {row["reason"] for row in rows}
    assert sum(Decimal(row["amount"]) for row in rows) == 0, "figures stay figures"


def test_a_statement_goes_from_what_was_owed_to_what_is_owed() -> None:
    story = a_life()
    customer = story.customer
    whole = get_statement(customer.number, currency="AUD", **YEAR)
    december = get_statement(customer.number, currency="AUD", **DECEMBER)
    assert whole.opening_minor == 0
    assert december.opening_minor == sum(row.amount_minor for row in whole.rows if row.day < date(2026, 12, 1))
    assert whole.closing_minor == december.closing_minor == whole.rows[-1].owed_minor
    assert [row.description.split()[0] for row in december.rows] == ["Invoice", "Credit"]
    assert "Settled" not in " ".join(row.description for row in whole.rows)


def test_customer_and_staff_see_the_statement_and_only_staff_exports() -> None:
    story = begin({"basic": 5}, started_on="2026-11-10")
    owner, clerk = Client(), Client()
    owner.force_login(makers.make_member(story.customer))
    clerk.force_login(makers.make_user(staff_role=StaffRole.CLERK))
    dates = "?from=2026-11-01&to=2026-12-31"
    theirs = owner.get(f"/invoices/statement/{dates}").content.decode()
    ours = clerk.get(f"/backoffice/customers/{story.customer.number}/statement/{dates}").content.decode()
    for page in (theirs, ours):
        assert "Invoice INV-000001" in page
        assert "Payment received" in page
    assert "/invoices/statement/" in owner.get("/invoices/").content.decode()
    for kind in ("csv", "beancount"):
        assert clerk.get(f"/backoffice/ledger/export.{kind}{dates}").status_code == 200
        assert owner.get(f"/backoffice/ledger/export.{kind}").status_code == 404
    assert clerk.get("/backoffice/ledger/export.exe").status_code == 404
