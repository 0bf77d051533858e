"""What the columns of a price sheet mean: terms, billing plans, markets, prices and days, each line by itself.

Source: Microsoft's page on price sheets (columns; a SKU's id that lost its zeros is filled up to four figures) and the
new-commerce rules: one row for each term and billing plan, its price for one charge period.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import BinaryIO

from perseat.domain.calendar import is_day_of_business
from perseat.domain.money import UnitPriceNotUsable, UnknownCurrency, get_currency, unit_price_ratio
from perseat.integrations.partner_center.price_sheet_file import read_rows
from perseat.ports.price_sheets import LeftOut, LineLeftOut, SheetLine, SheetUnreadable, UnusableLine

_NEEDED = (
    "productid", "skuid", "skutitle", "termduration", "billingplan", "market", "currency", "unitprice",
    "effectivestartdate",
)  # fmt: skip
_CYCLES = {"monthly": "P1M", "annual": "P1Y", "triennial": "P3Y"}
_TERMS = ("P1M", "P1Y", "P3Y")
_MONTHS = {"P1M": 1, "P1Y": 12, "P3Y": 36}
_NO_SEATS = ("none", "onetime", "one_time", "one time", "")
_DATE_FORMS = ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y")
_FOREVER = 9000
_MOST = Decimal(10) ** 9
_LONGEST_TITLE = 200


class _Unusable(Exception):
    """Why a line cannot be used, in a sentence."""


def read_lines(content: BinaryIO, *, market: str) -> Iterator[SheetLine | UnusableLine | LineLeftOut]:
    """Every line of the file. :raises SheetUnreadable: without the columns that a price sheet has."""
    rows = read_rows(content)
    _, header = next(rows, (0, []))
    names = [re.sub(r"[^a-z]", "", name.casefold()) for name in header]
    missing = [name for name in _NEEDED if name not in names]
    if missing:
        raise SheetUnreadable(
            f"The first line lacks {len(missing)} columns of a license-based price sheet, {missing[0]} first."
        )
    for line, row in rows:
        values = {name: value.strip() for name, value in zip(names, row, strict=False)}
        yield _read_line(values, line=line, market=market, is_whole=len(row) == len(names))


def _read_line(
    values: Mapping[str, str], *, line: int, market: str, is_whole: bool
) -> SheetLine | UnusableLine | LineLeftOut:
    title = (values.get("skutitle") or values.get("producttitle") or "").replace("\x00", "")[:_LONGEST_TITLE]
    if not is_whole:
        return UnusableLine(line=line, title=title, sentence="The line has another number of columns than the first.")
    why = _why_left_out(values, market=market)
    if why:
        return LineLeftOut(line=line, why=why, market=values["market"].upper()[:10])
    try:
        return _usable_line(values, line=line, title=title)
    except _Unusable as problem:
        return UnusableLine(line=line, title=title, sentence=str(problem))


def _why_left_out(values: Mapping[str, str], *, market: str) -> LeftOut | None:
    if values["market"].upper() != market and re.fullmatch("[A-Za-z]{2}", values["market"]):
        return LeftOut.OTHER_MARKET
    if values.get("segment", "").casefold() not in ("", "commercial"):
        return LeftOut.OTHER_SEGMENT
    if values["billingplan"].casefold() in _NO_SEATS:
        return LeftOut.NO_SEATS
    if values.get("pricingtierrangemin", "") not in ("", "0", "1"):
        return LeftOut.TIER
    return LeftOut.TRIAL if re.search(r"\btrial\b", values["skutitle"], re.IGNORECASE) else None


def _usable_line(values: Mapping[str, str], *, line: int, title: str) -> SheetLine:
    product_id, sku_id = values["productid"].upper(), values["skuid"].upper().zfill(4)
    if not re.fullmatch(r"[A-Z0-9]{6,20}", product_id) or not re.fullmatch(r"[A-Z0-9]{4,10}", sku_id):
        raise _Unusable(f"Product {values['productid'][:40]!r} and SKU {values['skuid'][:40]!r} are no ids.")
    term, cycle = _term_and_cycle(values)
    if not re.fullmatch("[A-Za-z]{2}", values["market"]):
        raise _Unusable(f"{values['market'][:40]!r} is no market: a country has two letters.")
    starts_on, ends_on = _days(values)
    return SheetLine(
        line=line,
        product_id=product_id,
        sku_id=sku_id,
        title=title,
        term=term,
        cycle=cycle,
        market=values["market"].upper(),
        currency=_currency(values["currency"]),
        unit_cost=_price(values["unitprice"], name="UnitPrice"),
        list_price=_price(values["erpprice"], name="ERP Price") if values.get("erpprice") else None,
        starts_on=starts_on,
        ends_on=ends_on,
    )


def _term_and_cycle(values: Mapping[str, str]) -> tuple[str, str]:
    term, plan = values["termduration"].upper(), values["billingplan"]
    if term not in _TERMS:
        raise _Unusable(f"{values['termduration'][:40]!r} is no term: P1M, P1Y or P3Y.")
    cycle = _CYCLES.get(plan.casefold())
    if cycle is None:
        raise _Unusable(f"{plan[:40]!r} is no billing plan: Monthly, Annual or Triennial.")
    if _MONTHS[cycle] > _MONTHS[term]:
        raise _Unusable(f"A term of {term} cannot be billed by {plan[:40]}.")
    return term, cycle


def _currency(text: str) -> str:
    try:
        return get_currency(text.upper()).code
    except UnknownCurrency:
        raise _Unusable(f"{text[:40]!r} is not an active ISO 4217 currency code.") from None


def _price(text: str, *, name: str) -> Decimal:
    if "," in text:
        raise _Unusable(f"{name} {text[:40]!r} has a comma; prices are written 1234.5.")
    try:
        price = Decimal(text if text.isascii() and "_" not in text else "none")  # as spreadsheets write figures
        unit_price_ratio(price)
    except (InvalidOperation, UnitPriceNotUsable):
        raise _Unusable(
            f"{name} {text[:40]!r} is no price: a number of zero or more with at most eight decimals."
        ) from None
    if price >= _MOST:
        raise _Unusable(f"{name} {text[:40]} is larger than any price.")
    return price


def _days(values: Mapping[str, str]) -> tuple[date, date | None]:
    start = _moment(values["effectivestartdate"], name="EffectiveStartDate")
    written = values.get("effectiveenddate", "")
    end = _moment(written, name="EffectiveEndDate") if written else None
    if not is_day_of_business(start.date()):
        raise _Unusable(f"It starts on {start.date()}, too long ago or too far ahead to be right.")
    if end is None or end.year > _FOREVER:
        return start.date(), None
    if end < start:
        raise _Unusable(f"It ends on {end.date()}, before it starts on {start.date()}.")
    # The last moment of a day, or one within it, still belongs to the price.
    ends_on = end.date() + timedelta(days=1 if end.time().replace(microsecond=0) != datetime.min.time() else 0)
    return start.date(), max(ends_on, start.date() + timedelta(days=1))


def _moment(text: str, *, name: str) -> datetime:
    for form in _DATE_FORMS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise _Unusable(f"{name} {text[:40]!r} is no day: month/day/year, or year-month-day.") from None
