"""The main pages, in light and in dark, hold what axe-core checks of WCAG 2.2; each has a title and one heading."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page
from tests.browser.visitor import Visitor
from tests.demo import CHECKOUT, Demo

pytestmark = [pytest.mark.browser, pytest.mark.embedded, pytest.mark.xdist_group("browser")]

AXE = CHECKOUT / "node_modules" / "axe-core" / "axe.min.js"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
NO_LOGIN = ("/login/", "/password/reset/", "/no-such-page/")
OF_A_CUSTOMER = (
    "/",
    "/services/",
    "/services/1/",
    "/services/1/options/",
    "/services/1/users/",
    "/services/1/users/add/",
    "/services/1/ask/",
    "/orders/1/",
    "/invoices/",
    "/invoices/INV-000001/",
    "/team/",
    "/billing-details/",
    "/questions/",
    "/getting-started/",
)
OF_THE_STAFF = (
    "/backoffice/",
    "/backoffice/customers/",
    "/backoffice/customers/add/",
    "/backoffice/customers/C-1001/",
    "/backoffice/customers/C-1001/tenant/",
    "/backoffice/customers/C-1001/tenant/create/",
    "/backoffice/orders/1/",
    "/backoffice/invoices/INV-000001/",
    "/backoffice/payments/",
    "/backoffice/payments/add/",
    "/backoffice/deliveries/1/",
    "/backoffice/questions/1/",
    "/backoffice/staff/",
)
# In the dark only the colors are other ones, so only they are checked again.
_VIOLATIONS = """async (rules) => (await axe.run(document, {resultTypes: ["violations"], ...rules})).violations
    .map(each => `${each.id}: ${each.nodes[0].html}`)"""
_RULES: dict[str, dict[str, list[str]]] = {"light": {}, "dark": {"runOnly": ["color-contrast"]}}


@pytest.fixture
def page(product: Demo, browser: Browser) -> Iterator[Page]:
    """A page into which axe can be put: the product's own rules allow no foreign script."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, base_url=product.address, bypass_csp=True, reduced_motion="reduce"
    )
    yield context.new_page()
    context.close()


def found_on(page: Page, path: str) -> list[str]:
    """What is wrong with a page, each in a line."""
    page.goto(path, wait_until="load")
    found = []
    if page.get_by_role("heading", level=1).count() != 1:
        found.append(f"{path}: not one heading of the first level")
    if not page.title().removesuffix("Perseat").strip(" \u00b7"):
        found.append(f"{path}: no title of its own")
    page.evaluate(AXE.read_text())
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        found += [f"{path} ({scheme}): {each}" for each in page.evaluate(_VIOLATIONS, _RULES[scheme])]
    return found


@pytest.mark.parametrize(
    ("login", "paths"),
    [("", NO_LOGIN), ("owner@umbrella.example", OF_A_CUSTOMER), ("admin@provider.example", OF_THE_STAFF)],
    ids=["before logging in", "a customer", "the staff"],
)
def test_pages_can_be_used_by_everybody(page: Page, login: str, paths: tuple[str, ...]) -> None:
    if login:
        Visitor(page).log_in(login)

    assert [problem for path in paths for problem in found_on(page, path)] == []
