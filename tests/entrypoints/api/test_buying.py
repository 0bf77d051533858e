"""Buying by the API: the figures of the quote are those of the page and of the invoice, to the last line."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.test import Client
from tests.entrypoints.api.calling import Program
from tests.entrypoints.portal.reading import words
from tests.journeys.outside import World

from perseat.capabilities.customers.models import Tenant
from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.ordering.models import Order, Quote


def quoted(world: World, program: Program, **wanted: int) -> dict[str, Any]:
    answer = program.post(f"/services/{world.service.pk}/quotes", {"wanted": wanted})
    assert answer.status == 201, answer.json
    found: dict[str, Any] = answer.json
    return found


def test_a_quote_shows_every_line_with_its_arithmetic(world: World, owner: Program) -> None:
    quote = quoted(world, owner, basic=4)

    (line,) = quote["lines"]
    assert line["arithmetic"] == "3 × A$ 9.00 × 30 of 30 days = A$ 27.00"
    assert line["amount"] == {"amount": "27.00", "currency": "AUD"}
    assert line["unit_price"] == {"amount": "9.00", "currency": "AUD"}
    assert (line["start"], line["last_day"]) == ("2026-11-22", "2026-12-21")
    assert quote["taxes"][0]["tax"]["amount"] == "2.70"
    assert quote["due_today"]["amount"] == quote["to_pay"]["amount"] == "29.70"
    assert quote["new_recurring_total"]["amount"] == "39.60"
    assert quote["next_charge"] == "2026-12-22"
    assert owner.get(f"/quotes/{quote['id']}").json == quote


def test_quote_page_and_invoice_say_the_same(world: World, owner: Program) -> None:
    quote = quoted(world, owner, basic=2, premium=3)
    browser = Client()
    browser.force_login(world.owner)
    page = words(browser.get(f"/checkout/{quote['id']}/"))
    order = owner.post(f"/quotes/{quote['id']}/accept", {"payment_method": "bank_transfer"}).json
    invoice = owner.get(f"/invoices/{order['document_number']}").json

    assert len(quote["lines"]) == 2
    assert quote["lines"] == order["lines"] == invoice["lines"]
    assert quote["taxes"] == invoice["taxes"]
    assert quote["due_today"] == order["total"] == invoice["total"]
    assert quote["to_pay"] == order["open"] == invoice["open"]
    for line in quote["lines"]:
        assert line["arithmetic"] in page
        assert line["arithmetic"].endswith(f"= A$ {line['amount']['amount']}")


def test_accepting_again_gives_the_same_order(world: World, owner: Program) -> None:
    address = f"/quotes/{quoted(world, owner, basic=4)['id']}/accept"

    first, second = (owner.post(address, {"payment_method": "bank_transfer"}) for _ in range(2))

    assert (first.status, first.json) == (second.status, second.json)
    assert first.json["state"] == "awaiting_payment"
    assert first.json["payment_reference"]
    assert Order.objects.count() == 1
    assert owner.get(f"/orders/{first.json['id']}").json == first.json
    assert [each["id"] for each in owner.get("/orders").json["items"]] == [first.json["id"]]


def test_a_quote_that_has_moved_is_refused_with_a_fresh_one(world: World, owner: Program) -> None:
    stale = quoted(world, owner, basic=4)
    world.clock.move(timedelta(days=2))

    answer = owner.post(f"/quotes/{stale['id']}/accept", {"payment_method": "bank_transfer"})

    assert answer.status == 409
    assert (answer.json["code"], answer.json["reason"]) == ("quote_has_moved", "expired")
    fresh = answer.json["fresh_quote"]
    assert fresh["lines"][0]["arithmetic"] == "3 × A$ 9.00 × 28 of 30 days = A$ 25.20"
    assert owner.post(f"/quotes/{fresh['id']}/accept", {"payment_method": "bank_transfer"}).status == 200


def test_a_second_order_is_refused_until_it_replaces_the_first(world: World, owner: Program) -> None:
    first, second = quoted(world, owner, basic=4), quoted(world, owner, basic=6)
    order = owner.post(f"/quotes/{first['id']}/accept", {"payment_method": "bank_transfer"}).json

    refused = owner.post(f"/quotes/{second['id']}/accept", {"payment_method": "bank_transfer"})
    replaced = owner.post(
        f"/quotes/{second['id']}/accept", {"payment_method": "bank_transfer", "replace_open_order": True}
    )

    assert (refused.status, refused.json["code"], refused.json["order_id"]) == (409, "open_order_exists", order["id"])
    assert replaced.status == 200
    assert owner.get(f"/orders/{order['id']}").json["replaced_by_id"] == replaced.json["id"]


def test_an_unpaid_order_is_withdrawn_by_a_credit_note(world: World, owner: Program) -> None:
    quote = quoted(world, owner, basic=4)
    order = owner.post(f"/quotes/{quote['id']}/accept", {"payment_method": "bank_transfer"}).json

    answers = [owner.post(f"/orders/{order['id']}/withdraw") for _ in range(2)]

    assert [each.status for each in answers] == [200, 200]
    assert answers[0].json["state"] == "cancelled"
    invoice = owner.get(f"/invoices/{order['document_number']}").json
    (number,) = invoice["corrected_by"]
    note = owner.get(f"/invoices/{number}").json
    assert (note["kind"], note["total"]["amount"]) == ("credit_note", "-29.70")
    assert (invoice["credited"]["amount"], invoice["open"]["amount"]) == ("29.70", "0.00")
    assert [each["number"] for each in owner.get("/invoices").json["items"]][:2] == [number, invoice["number"]]


def test_a_paid_order_can_no_longer_be_withdrawn(world: World, owner: Program) -> None:
    order_id = world.order(basic=4)

    answer = owner.post(f"/orders/{order_id}/withdraw", {})

    assert (answer.status, answer.json["code"]) == (409, "order_cannot_be_withdrawn")


def test_what_is_not_to_pay_is_confirmed_without_a_method_and_credited(world: World, owner: Program) -> None:
    world.deliver(world.order(basic=4))

    quote = quoted(world, owner, basic=2)
    order = owner.post(f"/quotes/{quote['id']}/accept", {})

    assert quote["due_today"]["amount"] == "-19.80"
    assert quote["decreases"][0]["refund"]["amount"] == "18.00"
    assert quote["payment_methods"] == []
    assert order.status == 200
    assert order.json["total"]["amount"] == "-19.80"


def test_wrong_totals_name_the_field(world: World, owner: Program) -> None:
    address = f"/services/{world.service.pk}/quotes"
    for wanted, field, code in [
        ({"basic": 301}, "wanted.basic", "total_not_usable"),
        ({"visio": 1}, "wanted.visio", "total_not_usable"),
        ({"basic": 1}, "wanted", "nothing_would_change"),
        ({"basic": -1}, "wanted.basic", "field_not_usable"),
        ({"basic": "4"}, "wanted.basic", "field_not_usable"),
        ({"basic": True}, "wanted.basic", "field_not_usable"),
        ({"basic": 4.0}, "wanted.basic", "field_not_usable"),
        ({}, "wanted", "field_not_usable"),
    ]:
        answer = owner.post(address, {"wanted": wanted})
        assert answer.status == 422, wanted
        assert (answer.json["field"], answer.json["code"]) == (field, code), answer.json
        assert answer.json["sentence"].endswith(".")
    assert not Quote.objects.filter(order=None).exists()


def test_seats_that_people_hold_are_not_given_back(world: World, owner: Program) -> None:
    owner.get(f"/services/{world.service.pk}")  # Microsoft tells that Ada holds the seat

    answer = owner.post(f"/services/{world.service.pk}/quotes", {"wanted": {"basic": 0, "premium": 0}})

    assert (answer.status, answer.json["field"]) == (422, "wanted.basic")
    assert "take the license from 1 person first" in answer.json["sentence"]


def test_without_the_agreement_nothing_is_quoted(world: World, owner: Program) -> None:
    Tenant.objects.filter(pk=world.tenant.pk).update(has_agreement=False)

    answer = owner.post(f"/services/{world.service.pk}/quotes", {"wanted": {"basic": 4}})

    assert (answer.status, answer.json["code"]) == (409, "agreement_missing")


def test_while_microsoft_looks_at_the_company_nothing_is_quoted(world: World, owner: Program) -> None:
    Tenant.objects.filter(pk=world.tenant.pk).update(account="in_review")

    answer = owner.post(f"/services/{world.service.pk}/quotes", {"wanted": {"basic": 4}})

    assert (answer.status, answer.json["code"]) == (409, "account_not_approved")


def test_a_way_to_pay_that_is_not_offered_is_refused(world: World, owner: Program) -> None:
    before = Document.objects.count()
    quote = quoted(world, owner, basic=4)

    answer = owner.post(f"/quotes/{quote['id']}/accept", {"payment_method": "gold"})

    assert (answer.status, answer.json["field"]) == (422, "payment_method")
    assert Document.objects.count() == before


def test_the_pdf_is_the_invoices(world: World, owner: Program) -> None:
    number = Document.objects.get().number

    answer = owner.get(f"/invoices/{number}/pdf")

    assert answer.response.headers["Content-Type"] == "application/pdf"
    assert answer.response.content.startswith(b"%PDF-")
    assert f'filename="{number}.pdf"' in answer.response.headers["Content-Disposition"]
