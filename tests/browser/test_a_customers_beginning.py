"""A customer's beginning in a browser: the link of an invitation and of a forgotten password do what they promise."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from tests.browser.visitor import Visitor
from tests.demo import Demo

pytestmark = [pytest.mark.browser, pytest.mark.embedded, pytest.mark.xdist_group("browser")]


def link_sent_to(product: Demo, email: str, *, about: str) -> str:
    """The address in the letter, once the worker has sent it."""
    found: list[str] = []

    def is_there() -> bool:
        for letter in Path(product.folder, "mail").glob("*.eml"):
            message = message_from_bytes(letter.read_bytes(), policy=policy.default)
            if message["To"] == email and about in message["Subject"]:
                found.extend(re.findall(r"http://\S+", message.get_content()))
        return bool(found)

    product.wait_for(is_there)
    return found[0]


def test_an_invited_owner_chooses_a_password_forgets_it_and_chooses_another(
    product: Demo, visitor: Visitor, browser: Browser
) -> None:
    visitor.log_in("admin@provider.example")
    visitor.page.goto("/backoffice/customers/add/")
    visitor.page.get_by_label("Legal name").fill("Newcomer Pty Ltd")
    visitor.page.get_by_label("Owner's email").fill("owner@newcomer.example")
    visitor.page.get_by_role("button", name="Add customer").click()
    guest = browser.new_context(base_url=product.address).new_page()

    guest.goto(link_sent_to(product, "owner@newcomer.example", about="invites you"))
    guest.get_by_label("Your name").fill("Nora Newcomer")
    guest.get_by_label("Choose a password").fill("correct horse battery")
    guest.get_by_role("button", name="Accept invitation").click()
    expect(guest.get_by_text("You act for Newcomer Pty Ltd")).to_be_visible()

    guest.context.clear_cookies()
    guest.goto("/password/reset/")
    guest.get_by_label("Email").fill("owner@newcomer.example")
    guest.get_by_role("button").click()
    guest.goto(link_sent_to(product, "owner@newcomer.example", about="password"))
    for field in guest.locator("input[type=password]").all():
        field.fill("another horse battery")
    guest.get_by_role("main").get_by_role("button").click()
    guest.goto("/login/")
    guest.get_by_label("Email").fill("owner@newcomer.example")
    guest.get_by_label("Password").fill("another horse battery")
    guest.get_by_role("button", name="Log in").click()
    expect(guest.get_by_role("heading", name="Client Area")).to_be_visible()
    guest.context.close()
