"""Price sheets in the back office's journeys: from the file to prices on sale, and what stands in the way."""

from __future__ import annotations

import io
from datetime import date, datetime
from decimal import Decimal

import pytest
from tests.integrations.price_sheets import row, sheet
from tests.journeys.outside import make_world
from tests.makers import make_user

from perseat.capabilities.accounts.models import AuditEntry
from perseat.capabilities.accounts.queries import NotAllowed
from perseat.capabilities.catalog.actions import set_price
from perseat.capabilities.catalog.models import Edition, Offer, Price, PriceReason, SheetRow, SupplierCost
from perseat.capabilities.catalog.pricing import PriceNeedsReason
from perseat.capabilities.catalog.selling import NewMarkup, OfferHasNoPrice
from perseat.capabilities.catalog.sheets import SheetDecided, get_sheet, list_sheet_rows
from perseat.domain.price_making import MarkupKind, MarkupRule, Verdict
from perseat.domain.price_sheets import CostChange
from perseat.domain.rights import StaffRole
from perseat.journeys.offers import sell_offer, stop_selling_offer
from perseat.journeys.price_preview import PreviewOutdated
from perseat.journeys.price_rules import NewRate, enter_markup, enter_rate, preview_markup, preview_rate
from perseat.journeys.price_sheets import (
    SheetPreview,
    apply_sheet,
    discard_sheet,
    fetch_sheet,
    preview_sheet,
    receive_sheet,
)
from perseat.ports.outside import Outside
from perseat.ports.price_sheets import SheetUnreadable

pytestmark = pytest.mark.django_db
NOW = datetime.fromisoformat("2026-11-23T01:00:00+00:00")
TODAY, TOMORROW = date(2026, 11, 23), date(2026, 11, 24)
STANDARD = {"ProductId": "CFQ7TTC0LDPB", "SkuTitle": "Microsoft 365 Business Standard"}


@pytest.fixture
def outside() -> Outside:
    return make_world().outside


@pytest.fixture
def user_id() -> int:
    return make_user(email="admin@provider.example", staff_role=StaffRole.ADMINISTRATOR).pk


def draft(outside: Outside, user_id: int, *rows: dict[str, str]) -> int:
    content = io.BytesIO(sheet(*rows))
    return receive_sheet(content, file_name="Nov.csv", user_id=user_id, outside=outside, now=NOW)


def apply(
    sheet_id: int, user_id: int, *, reason: str = "", shown: SheetPreview | None = None, ends: bool = False
) -> None:
    shown = shown or preview_sheet(sheet_id, today=TODAY)
    apply_sheet(
        sheet_id, shown=shown.prices.fingerprint, reason=reason, ends_what_it_lacks=ends, user_id=user_id, now=NOW,
        today=TODAY,
    )  # fmt: skip


def percent(value: str, *, starts_on: date = TODAY, **more: str) -> NewMarkup:
    rule = MarkupRule(kind=MarkupKind.PERCENT, value=Decimal(value), starts_on=starts_on, **more)
    return NewMarkup(currency="AUD", includes_tax=False, rule=rule)


def enter(new: NewMarkup, user_id: int, *, reason: str = "") -> None:
    shown = preview_markup(new, today=TODAY).fingerprint
    enter_markup(new, shown=shown, reason=reason, user_id=user_id, now=NOW, today=TODAY)


def prices(code: str = "basic") -> list[tuple[date, Decimal]]:
    rows = Price.objects.filter(offer__edition__code=code, starts_on__gt=date(2020, 1, 1))
    return list(rows.order_by("starts_on").values_list("starts_on", "unit_price"))


def test_a_sheet_is_a_draft_that_changes_nothing_until_it_is_applied(outside: Outside, user_id: int) -> None:
    enter(percent("50"), user_id)
    sheet_id = draft(outside, user_id, row(), row(**STANDARD, UnitPrice="14"), row(UnitPrice="x"))

    shown = preview_sheet(sheet_id, today=TODAY)

    assert shown.sheet.counts == {
        CostChange.NEW: 2, CostChange.CHANGED: 0, CostChange.SAME: 0, CostChange.PROBLEM: 1,
    }  # fmt: skip
    (ground, change), _standard = shown.prices.changes
    assert (ground.name, change.old_price, change.new_price) == (
        "Microsoft 365 Business Basic", Decimal(9), Decimal("10.80"),
    )  # fmt: skip
    assert change.starts_on == TOMORROW
    assert change.margin.percent == Decimal("33.3")
    assert not SupplierCost.objects.exists()
    assert prices() == []

    apply(sheet_id, user_id)

    assert prices() == [(TOMORROW, Decimal("10.80"))]
    assert prices("standard") == [(TOMORROW, Decimal(21))]
    entry = AuditEntry.objects.get(verb="applied price sheet")
    assert (entry.actor, entry.details["prices"]) == ("admin@provider.example", 2)


def test_a_price_of_a_later_day_waits_for_it(outside: Outside, user_id: int) -> None:
    enter(percent("25"), user_id)
    sheet_id = draft(
        outside, user_id, row(EffectiveEndDate="12/31/2026 11:59:59 PM"),
        row(UnitPrice="8", EffectiveStartDate="1/1/2027 12:00:00 AM"),
    )  # fmt: skip

    apply(sheet_id, user_id)

    assert prices() == [(date(2027, 1, 1), Decimal(10))]  # 7.20 and 25 percent are the 9.00 that it costs already


def test_the_next_sheet_says_what_is_new_changed_and_the_same(outside: Outside, user_id: int) -> None:
    apply(draft(outside, user_id, row(), row(**STANDARD, UnitPrice="14")), user_id)
    sheet_id = draft(
        outside, user_id, row(EffectiveStartDate="3/1/2026"),
        row(**STANDARD, UnitPrice="15", EffectiveStartDate="12/1/2026"),
        row(ProductId="CFQ7TTC0LCHC", SkuId="2", SkuTitle="Microsoft 365 Business Premium", UnitPrice="24"),
    )  # fmt: skip

    rows = list_sheet_rows(sheet_id)

    assert [(each.change, each.old_cost) for each in rows] == [
        (CostChange.SAME, Decimal("7.2")), (CostChange.CHANGED, Decimal(14)), (CostChange.NEW, None),
    ]  # fmt: skip


def test_repeated_lines_count_once_and_contradicting_ones_not_at_all(outside: Outside, user_id: int) -> None:
    sheet_id = draft(
        outside, user_id, row(), row(), row(**STANDARD, UnitPrice="14"), row(**STANDARD, UnitPrice="15")
    )  # fmt: skip

    shown = get_sheet(sheet_id)
    problems = list_sheet_rows(sheet_id, change=CostChange.PROBLEM)

    assert (shown.counts[CostChange.NEW], dict(shown.left_out)) == (1, {"repeated": 1})
    assert len(problems) == 2
    assert all("for the same offer and day" in each.problem for each in problems)


def test_applying_twice_or_discarding_what_is_applied_is_refused(outside: Outside, user_id: int) -> None:
    sheet_id = draft(outside, user_id, row())
    shown = preview_sheet(sheet_id, today=TODAY)
    apply(sheet_id, user_id, shown=shown)

    with pytest.raises(SheetDecided, match=r"admin@provider.example has applied this sheet already"):
        apply(sheet_id, user_id, shown=shown)
    with pytest.raises(SheetDecided):
        discard_sheet(sheet_id, user_id=user_id, now=NOW)

    assert SupplierCost.objects.count() == 1


def test_a_discarded_sheet_leaves_nothing_but_the_record_of_it(outside: Outside, user_id: int) -> None:
    sheet_id = draft(outside, user_id, row())

    discard_sheet(sheet_id, user_id=user_id, now=NOW)

    assert not SheetRow.objects.exists()
    assert not SupplierCost.objects.exists()
    assert get_sheet(sheet_id).decided_by == "admin@provider.example"


def test_what_was_decided_on_an_outdated_preview_is_not_done(outside: Outside, user_id: int) -> None:
    sheet_id = draft(outside, user_id, row())
    shown = preview_sheet(sheet_id, today=TODAY)
    enter(percent("50"), user_id)

    with pytest.raises(PreviewOutdated):
        apply(sheet_id, user_id, shown=shown)

    assert not SupplierCost.objects.exists()


def test_an_older_sheet_and_the_same_file_are_warned_about(outside: Outside, user_id: int) -> None:
    newer = draft(outside, user_id, row(EffectiveStartDate="11/1/2026"))
    older = draft(outside, user_id, row())
    again = draft(outside, user_id, row(EffectiveStartDate="11/1/2026"))
    apply(newer, user_id)

    first, second = preview_sheet(older, today=TODAY), preview_sheet(again, today=TODAY)

    assert first.newer
    assert (first.newer.sheet_id, first.same_file) == (newer, None)
    assert second.same_file
    assert (second.same_file.sheet_id, second.newer) == (newer, None)


def test_an_older_sheet_does_not_bring_old_prices_back(outside: Outside, user_id: int) -> None:
    enter(percent("50"), user_id)
    apply(draft(outside, user_id, row(UnitPrice="8", EffectiveStartDate="11/1/2026")), user_id)

    apply(draft(outside, user_id, row(UnitPrice="7.2", EffectiveStartDate="2/1/2026")), user_id)

    assert prices() == [(TOMORROW, Decimal(12))]


def test_what_the_sheet_lacks_goes_off_sale_only_when_asked(outside: Outside, user_id: int) -> None:
    apply(draft(outside, user_id, row(), row(**STANDARD, UnitPrice="14")), user_id)
    kept, ended = (draft(outside, user_id, row(UnitPrice=price)) for price in ("7.3", "7.4"))

    shown = preview_sheet(kept, today=TODAY)
    apply(kept, user_id)

    assert [each.title for each in shown.ended] == ["Microsoft 365 Business Standard"]
    assert shown.ended_offers == 1
    assert Offer.objects.get(edition__code="standard").is_on_sale

    apply(ended, user_id, ends=True)

    assert not Offer.objects.get(edition__code="standard").is_on_sale
    assert Offer.objects.get(edition__code="basic").is_on_sale
    assert AuditEntry.objects.get(verb="took off sale").details == {"reason": "Not on the price sheet Nov.csv."}


def test_a_cost_above_the_price_needs_a_reason_which_is_kept(outside: Outside, user_id: int) -> None:
    sheet_id = draft(outside, user_id, row(UnitPrice="9.50"))
    (flag,) = preview_sheet(sheet_id, today=TODAY).prices.flags
    assert (flag.unit_price, flag.unit_cost, flag.margin.verdict) == (
        Decimal(9), Decimal("9.50"), Verdict.BELOW_COST,
    )  # fmt: skip

    with pytest.raises(PriceNeedsReason):
        apply(sheet_id, user_id)
    assert not SupplierCost.objects.exists()
    apply(sheet_id, user_id, reason="Promised until March")

    kept = PriceReason.objects.get()
    assert (kept.reason, kept.given_by, kept.unit_price) == ("Promised until March", "admin@provider.example", 9)
    assert preview_sheet(sheet_id, today=TODAY).prices.flags == ()
    worse = draft(outside, user_id, row(UnitPrice="9.60"))
    assert len(preview_sheet(worse, today=TODAY).prices.flags) == 1


@pytest.mark.parametrize("price", ["0", "7.19"])
def test_nothing_goes_on_sale_for_nothing_or_below_cost_without_a_reason(
    outside: Outside, user_id: int, price: str
) -> None:
    apply(draft(outside, user_id, row()), user_id)
    offer = Offer.objects.get(edition__code="basic")

    with pytest.raises(PriceNeedsReason):
        set_price(offer.pk, currency="AUD", unit_price=Decimal(price), starts_on=TODAY, now=NOW)
    stop_selling_offer(offer.pk, reason="Reworked", user_id=user_id, now=NOW)
    set_price(offer.pk, currency="AUD", unit_price=Decimal(price), starts_on=TODAY, now=NOW)
    with pytest.raises(PriceNeedsReason):
        sell_offer(offer.pk, reason=" ", user_id=user_id, now=NOW, today=TODAY)
    sell_offer(offer.pk, reason="For schools", user_id=user_id, now=NOW, today=TODAY)

    offer.refresh_from_db()
    assert offer.is_on_sale
    assert AuditEntry.objects.get(verb="put on sale").details == {"reason": "For schools"}


def test_an_offer_without_a_price_is_not_put_on_sale(outside: Outside, user_id: int) -> None:
    offer = Offer.objects.create(edition=Edition.objects.get(code="basic"), term="P1Y", cycle="P1Y", policy="renewal")

    with pytest.raises(OfferHasNoPrice):
        sell_offer(offer.pk, reason="", user_id=user_id, now=NOW, today=TODAY)


def test_costs_in_another_currency_count_at_the_rate_that_staff_entered(outside: Outside, user_id: int) -> None:
    enter(percent("50"), user_id)
    apply(draft(outside, user_id, row(Currency="USD", UnitPrice="5")), user_id)
    assert prices() == []
    rate = NewRate(source="USD", target="AUD", rate=Decimal("1.5"), starts_on=TODAY)

    shown = preview_rate(rate, today=TODAY)
    enter_rate(rate, shown=shown.fingerprint, reason="", user_id=user_id, now=NOW, today=TODAY)

    assert prices() == [(TOMORROW, Decimal("11.25"))]


def test_a_rule_of_a_later_day_has_its_preview_and_waits(outside: Outside, user_id: int) -> None:
    apply(draft(outside, user_id, row()), user_id)
    new = percent("50", starts_on=date(2027, 1, 1), edition_code="basic")

    ((_, change),) = preview_markup(new, today=TODAY).changes
    enter(new, user_id)

    assert (change.starts_on, change.old_price, change.new_price) == (date(2027, 1, 1), Decimal(9), Decimal("10.80"))
    assert prices() == [(date(2027, 1, 1), Decimal("10.80"))]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (sheet(row(Market="US", Currency="USD")), "This sheet is for US; you sell in AU"),
        (sheet(row(Segment="Education")), "No line of this sheet sells seats"),
        (sheet(), "No line of this sheet sells seats"),
        (b"<html>", "a web page"),
    ],
    ids=["market", "segment", "nothing", "page"],
)
def test_a_sheet_of_nothing_for_us_is_no_draft(outside: Outside, user_id: int, content: bytes, sentence: str) -> None:
    with pytest.raises(SheetUnreadable, match=sentence):
        receive_sheet(io.BytesIO(content), file_name="x.csv", user_id=user_id, outside=outside, now=NOW)

    assert not SheetRow.objects.exists()


def test_a_clerk_may_not_change_the_catalog(outside: Outside, user_id: int) -> None:
    clerk = make_user(staff_role=StaffRole.CLERK).pk
    sheet_id = draft(outside, user_id, row())

    with pytest.raises(NotAllowed):
        draft(outside, clerk, row())
    with pytest.raises(NotAllowed):
        apply(sheet_id, clerk)
    with pytest.raises(NotAllowed):
        enter(percent("20"), clerk)


def test_the_sheet_is_fetched_from_microsoft_by_the_partner_user(outside: Outside, user_id: int) -> None:
    sheet_id = fetch_sheet(user_id=user_id, outside=outside, now=NOW)

    shown = get_sheet(sheet_id)
    assert shown.file_name == "Partner Center, AU, 2026-11-23"
    assert shown.counts[CostChange.NEW] >= 18
    assert shown.counts[CostChange.PROBLEM] == 0
    basic = outside.price_sheets.get_edition("CFQ7TTC0LH18", sku_id="0001", market="AU")
    assert (basic.directory_sku_id, basic.maximum_seats) == ("3b555118-da6a-4418-894f-7df1e2096870", 300)
    assert ("CFQ7TTC0LDPB", "0001") in basic.upgrades_to
