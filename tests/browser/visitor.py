"""A visitor: does on the pages what a person does, by the words that stand there, and reads what they read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

EDITIONS = ("Microsoft 365 Business Basic", "Microsoft 365 Business Standard", "Microsoft 365 Business Premium")
PASSWORD = "perseat-demo"
_MONEY = re.compile(r"(-|−)?A\$\s?([\d,]+\.\d\d)")
# Microsoft, the worker and the sandbox each take their time; the page says when it is over.
_WORK_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Seats:
    """A row of Licenses."""

    purchased: int
    assigned: int
    available: int


def cents(text: str) -> int:
    """The first amount of money in a text, in cents."""
    found = _MONEY.search(text)
    assert found is not None, f"no amount of money in {text!r}"
    amount = int(found.group(2).replace(",", "").replace(".", ""))
    return -amount if found.group(1) else amount


class Visitor:
    """A person with a browser."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def log_in(self, email: str) -> None:
        self.page.goto("/login/")
        self.page.get_by_label("Email").fill(email)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Log in").click()

    def open_service(self) -> None:
        """Active Services, then Options and View Details in the service's row."""
        self.page.get_by_role("navigation", name="Client Area").get_by_role("link", name="Active Services").click()
        row = self.page.get_by_role("row", name=re.compile("Microsoft 365"))
        row.get_by_text("Options", exact=True).click()
        row.get_by_role("link", name="View Details").click()
        expect(self.page.get_by_role("link", name="Upgrade/Downgrade Options")).to_be_visible()

    def want(self, totals: Mapping[str, int]) -> None:
        """Type totals on the options page and go on to the checkout."""
        self.open_service()
        self.page.get_by_role("link", name="Upgrade/Downgrade Options").click()
        for edition, total in totals.items():
            self.page.get_by_label(edition, exact=True).fill(str(total))
        self.page.get_by_role("button", name="Continue to checkout").click()
        expect(self.page.get_by_role("heading", name="Checkout")).to_be_visible()

    def figure(self, label: str) -> int:
        """An amount of the page by the label before it, in cents."""
        row = (
            self.page.get_by_role("row")
            .filter(has_text=label)
            .or_(self.page.locator("dl > div").filter(has_text=label))
        )
        return cents(row.first.locator("td, dd").first.inner_text())

    def line_amounts(self) -> list[int]:
        """The amounts of the checkout's lines, in cents, in their order."""
        rows = self.page.get_by_role("main").locator("table.sum").first.get_by_role("row").all()
        texts = [row.inner_text() for row in rows]
        end = next(index for index, text in enumerate(texts) if text.startswith("Before tax"))
        return [cents(text.split("\n")[-1]) for text in texts[:end]]

    def pay(self) -> int:
        """Press Pay or Confirm, approve at the gateway when there is something to pay; returns the order's number."""
        self.page.get_by_role("button", name=re.compile("^(Pay|Confirm)")).click()
        if "/sandbox-gateway/" in self.page.url:
            self.page.get_by_role("button", name="Approve").click()
        self.page.wait_for_url(re.compile(r"/orders/\d+/"))
        return int(re.findall(r"/orders/(\d+)/", self.page.url)[0])

    def await_state(self, label: str) -> None:
        """Wait on the order page until it says so by itself."""
        heading = self.page.get_by_role("heading", name="Where it stands")
        expect(self.page.locator(".card-top").filter(has=heading)).to_contain_text(label, timeout=_WORK_SECONDS * 1000)

    def read_licenses(self) -> dict[str, Seats]:
        """The Licenses at the bottom of the product summary."""
        self.open_service()
        table = self.page.get_by_role("table").filter(has_text="Purchased")
        found = {}
        for edition in EDITIONS:
            numbers = [re.match(r"\d+", cell) for cell in self._cells(table, edition)[:3]]
            found[edition] = Seats(*(int(number.group()) if number else 0 for number in numbers))
        return found

    def _cells(self, table: Locator, edition: str) -> list[str]:
        row = table.get_by_role("row").filter(has_text=edition).first
        return [text.strip() for text in row.get_by_role("cell").all_inner_texts()]

    def open_people(self) -> None:
        """Users in the navigation."""
        self.page.get_by_role("navigation", name="Client Area").get_by_role("link", name="Users").click()
        expect(self.page.get_by_role("heading", name="Active users")).to_be_visible()

    def row_of(self, name: str) -> Locator:
        """A person's row of Active users."""
        return self.page.get_by_role("row").filter(has_text=name)

    def give_license(self, name: str, *, edition: str) -> None:
        """Manage product licenses of a person: tick the edition and save."""
        self.open_people()
        self.row_of(name).get_by_role("link", name="Manage product licenses").click()
        self.page.get_by_label(edition).check()
        self.page.get_by_role("button", name="Save changes").click()
        self.open_people()
        expect(self.row_of(name)).to_contain_text(edition.removeprefix("Microsoft 365 "))
