"""Reading Microsoft's price sheet: what each line comes to, and what is said of files and lines that cannot be."""

from __future__ import annotations

import gzip
import io
import random
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from tests.integrations.price_sheets import COLUMNS, row, sheet

from perseat.integrations.partner_center.price_sheet_lines import read_lines
from perseat.ports.price_sheets import LeftOut, LineLeftOut, SheetLine, SheetUnreadable, UnusableLine


def read(content: bytes, *, market: str = "AU") -> list[SheetLine | UnusableLine | LineLeftOut]:
    return list(read_lines(io.BytesIO(content), market=market))


def zipped(content: bytes, name: str = "sheets.csv", *, packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", packing) as file:
        file.writestr(name, content)
    return packed.getvalue()


def locked(packed: bytes) -> bytes:
    """As a zip file with a password says it."""
    central = packed.index(b"PK\x01\x02")
    return packed[:6] + b"\x01" + packed[7 : central + 8] + b"\x01" + packed[central + 9 :]


def test_a_line_says_what_a_seat_costs_for_one_charge_period_and_from_when() -> None:
    (line,) = read(sheet(row()))

    assert line == SheetLine(
        line=3,  # the description goes over two lines
        product_id="CFQ7TTC0LH18",
        sku_id="0001",
        title="Microsoft 365 Business Basic",
        term="P1M",
        cycle="P1M",
        market="AU",
        currency="AUD",
        unit_cost=Decimal("7.2"),
        list_price=Decimal(9),
        starts_on=date(2026, 2, 1),
        ends_on=None,
    )


@pytest.mark.parametrize(
    "pack",
    [bytes, lambda content: content.removeprefix(b"\xef\xbb\xbf"), zipped, gzip.compress, zlib.compress],
    ids=["as it is", "without byte order mark", "zip", "gzip", "deflate"],
)
def test_the_sheet_is_read_plain_and_packed(pack: Callable[[bytes], bytes]) -> None:
    rows = [row(UnitPrice=f"{cents / 100:.2f}") for cents in range(700, 3700)]

    lines = read(pack(sheet(*rows)))

    assert [line.unit_cost for line in lines if isinstance(line, SheetLine)] == [
        Decimal(each["UnitPrice"]) for each in rows
    ]


def test_semicolons_and_a_title_with_a_curly_quote_are_read_too() -> None:
    columns = [*COLUMNS[:-2], "ERP Price“"]

    (line,) = read(sheet(row(), columns=columns, delimiter=";"))

    assert isinstance(line, SheetLine)
    assert line.unit_cost == Decimal("7.2")


@pytest.mark.parametrize(("written", "sku_id"), [("1", "0001"), ("0002", "0002"), ("00G1", "00G1"), ("13", "0013")])
def test_a_sku_that_lost_its_zeros_gets_them_back(written: str, sku_id: str) -> None:
    (line,) = read(sheet(row(SkuId=written)))

    assert isinstance(line, SheetLine)
    assert line.sku_id == sku_id


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2/1/2026 12:00:00 AM", "12/31/9999 11:59:59 PM", (date(2026, 2, 1), None)),
        ("2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z", (date(2026, 2, 1), date(2026, 3, 1))),
        ("2026-02-01", "", (date(2026, 2, 1), None)),
        ("2/1/2026 12:00:00 AM", "2/28/2026 11:59:59 PM", (date(2026, 2, 1), date(2026, 3, 1))),
        ("12/1/2026", "12/1/2026", (date(2026, 12, 1), date(2026, 12, 2))),
        ("2026-02-01T10:00:00+11:00", "", (date(2026, 1, 31), None)),
    ],
)
def test_days_are_those_of_utc_and_the_end_is_not_included(start: str, end: str, days: tuple[date, date]) -> None:
    (line,) = read(sheet(row(EffectiveStartDate=start, EffectiveEndDate=end)))

    assert isinstance(line, SheetLine)
    assert (line.starts_on, line.ends_on) == days


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"Market": "US", "Currency": "USD"}, LeftOut.OTHER_MARKET),
        ({"Segment": "Education"}, LeftOut.OTHER_SEGMENT),
        ({"Segment": "Charity"}, LeftOut.OTHER_SEGMENT),
        ({"PricingTierRangeMin": "301", "PricingTierRangeMax": "1000"}, LeftOut.TIER),
        ({"SkuTitle": "Microsoft 365 Business Basic Trial", "UnitPrice": "0"}, LeftOut.TRIAL),
        ({"BillingPlan": "OneTime"}, LeftOut.NO_SEATS),
    ],
)
def test_lines_for_others_are_left_out_and_told_apart(values: dict[str, str], why: LeftOut) -> None:
    (line,) = read(sheet(row(**values)))

    assert isinstance(line, LineLeftOut)
    assert line.why is why


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"UnitPrice": "-1"}, "'-1' is no price"),
        ({"UnitPrice": "7.123456789"}, "at most eight decimals"),
        ({"UnitPrice": "7,20"}, "has a comma"),
        ({"UnitPrice": ""}, "is no price"),
        ({"UnitPrice": "NaN"}, "is no price"),
        ({"UnitPrice": "1_000"}, "is no price"),
        ({"UnitPrice": "\u0665"}, "is no price"),
        ({"UnitPrice": "1e12"}, "larger than any price"),
        ({"ERP": "free"}, "ERP Price 'free'"),
        ({"Currency": "AUX"}, "'AUX' is not an active ISO 4217"),
        ({"TermDuration": "P5Y"}, "is no term"),
        ({"BillingPlan": "Weekly"}, "is no billing plan"),
        ({"TermDuration": "P1M", "BillingPlan": "Annual"}, "cannot be billed by Annual"),
        ({"EffectiveStartDate": "31/12/2026"}, "EffectiveStartDate '31/12/2026' is no day"),
        ({"EffectiveStartDate": "12/31/9999"}, "too far ahead"),
        ({"EffectiveStartDate": "0001-01-01T00:00:00+14:00"}, "is no day"),
        ({"EffectiveEndDate": "9999-12-31T23:59:59-14:00"}, "is no day"),
        ({"EffectiveEndDate": "1/1/2026 12:00:00 AM"}, "before it starts on 2026-02-01"),
        ({"ProductId": "x y"}, "are no ids"),
        ({"Market": "Australia"}, "is no market"),
    ],
)
def test_a_line_that_cannot_be_used_has_a_sentence_and_the_others_go_through(
    values: dict[str, str], sentence: str
) -> None:
    first, second = read(sheet(row(**values), row()))

    assert isinstance(first, UnusableLine)
    assert sentence in first.sentence
    assert isinstance(second, SheetLine)


def test_a_line_cut_short_is_told_apart() -> None:
    content = sheet(row()).rstrip() + b'\r\n"Microsoft 365","CFQ7TTC0LH18"\r\n'

    _, cut = read(content)

    assert isinstance(cut, UnusableLine)
    assert "another number of columns" in cut.sentence


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "a web page saved as a file"),
        (b'{"error": "unauthorized"}', "is JSON"),
        (b"a,b,c\r\n1,2,3\r\n", "lacks 9 columns"),
        (sheet(row(SkuTitle="Men\u00fc"), bom=False).decode().encode("latin-1"), "not in UTF-8"),
        (sheet(row(), bom=False).decode().encode("utf-16"), "not in UTF-8"),
        (zipped(b"x", "xl/workbook.xml"), "an Excel workbook"),
        (zipped(b"x", "readme.txt"), "has 0 CSV files"),
        (zipped(sheet(row()))[:60], "is damaged"),
        (gzip.compress(sheet(row()))[:60], "is damaged"),
        (b"x", "lacks 9 columns"),
        (locked(zipped(sheet(row()))), "is damaged or locked"),
        (zipped(sheet(row())).replace(b"\x08\x00", b"\x61\x00"), "is damaged or locked"),
        (zipped(b"," * 5_000_000), "longer lines"),
        (zipped(sheet(row()) + b"\n" * 3_000_001), "or more of them"),
    ],
    ids=[
        "empty",
        "page",
        "json",
        "columns",
        "latin",
        "utf-16",
        "workbook",
        "no csv",
        "cut zip",
        "cut gzip",
        "one sign",
        "password",
        "unknown packing",
        "endless line",
        "endless lines",
    ],
)
def test_what_is_no_price_sheet_is_refused_with_a_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(SheetUnreadable, match=sentence):
        read(content)


@pytest.mark.parametrize("packing", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_a_damaged_packed_file_is_read_or_refused_with_a_sentence(packing: int) -> None:
    chance = random.Random(packing)
    packed = zipped(sheet(row()), packing=packing)
    for _ in range(300):
        damaged = bytearray(packed)
        damaged[chance.randrange(len(packed))] = chance.randrange(256)
        with suppress(SheetUnreadable):
            read(bytes(damaged))
