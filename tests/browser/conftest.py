"""A browser on the running product: one demo for all walks of a run, one fresh browser context for each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright
from tests.browser.visitor import Visitor
from tests.demo import Demo

# The sandbox of the browser needs rights that root in a container has not; the rest keeps it from calling home.
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The product as `make demo` starts it, with sample data of its own."""
    demo = Demo(tmp_path_factory.mktemp("product"))
    demo.start()
    try:
        demo.wait_until_ready()
        yield demo
    finally:
        demo.remove()


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """Gone when the last walk is over: while it lives, its event loop keeps Django from the database."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visitor(product: Demo, browser: Browser) -> Iterator[Visitor]:
    """Somebody at a desk, not logged in."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=product.address)
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield Visitor(page)
    context.close()
