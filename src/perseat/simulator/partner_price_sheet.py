"""The price sheet of a market as a file, for a partner user's token only; packed as zip for who takes deflate."""

from __future__ import annotations

import csv
import datetime
import io
import re
import zipfile
from decimal import ROUND_HALF_UP, Decimal

from perseat.simulator.catalog import TERMS, CatalogSku, Market, load_catalog
from perseat.simulator.messages import Answer, Request
from perseat.simulator.tokens import PRICE_SHEETS, TokenRefused, read_token

_PATH = re.compile(r"^/v1\.0/sales/pricesheets\(Market='(\w{2})',PricesheetView='(\w+)'\)/\$value$", re.IGNORECASE)
_COLUMNS = (
    "ProductTitle", "ProductId", "SkuId", "SkuTitle", "Publisher", "SkuDescription", "UnitOfMeasure", "TermDuration",
    "BillingPlan", "Market", "Currency", "UnitPrice", "PricingTierRangeMin", "PricingTierRangeMax",
    "EffectiveStartDate", "EffectiveEndDate", "Tags", "ERP Price", "Segment",
)  # fmt: skip
_PARTNER_SHARE = Decimal("0.80")
_START, _END = "7/1/2026 12:00:00 AM", "12/31/9999 11:59:59 PM"


def answer_price_sheet_call(request: Request, *, now: datetime.datetime) -> Answer:
    """The current sheet; a future one has no changes, which Microsoft answers by 404."""
    try:
        token = read_token(request.headers.get("authorization"), now=now)
    except TokenRefused:
        return _refusal(401, "Access token is missing or invalid.")
    if token.audience != PRICE_SHEETS:
        return _refusal(401, "Access token is for another audience.")
    if token.is_app_only:
        return _refusal(403, "The price sheet is for a signed-in partner user only.")
    found = _PATH.match(request.path)
    market = load_catalog().markets.get(found[1].upper()) if found else None
    if found is None or market is None or found[2].lower() != "updatedlicensebased":
        return _refusal(400, "Market or PricesheetView is not known.")
    if request.query.get("timeline", "current").lower() != "current":
        return _refusal(404, "There is no such price sheet.")
    content, name = _sheet(market), "sheets.csv"
    if "deflate" in request.headers.get("accept-encoding", ""):
        content, name = _zipped(content, name=name), "sheets.zip"
    headers = {
        "Cache-Control": "private", "Content-Type": "application/octet-stream",
        "Content-Disposition": f"attachment; filename={name}",
    }  # fmt: skip
    return Answer(status=200, body=content, headers=headers)


def _sheet(market: Market) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(_COLUMNS)
    for sku in load_catalog().skus.values():
        for term, cycle in TERMS:
            writer.writerow(_row(sku, market=market, term=term, cycle=cycle))
    return text.getvalue().encode("utf-8-sig")


def _row(sku: CatalogSku, *, market: Market, term: str, cycle: str) -> tuple[object, ...]:
    asked = sku.cycle_price(market=market, term=term, cycle=cycle)
    cost = (asked * _PARTNER_SHARE).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return (
        sku.title, sku.product_id, sku.sku_id, sku.title, "Microsoft Corporation", sku.title, "", term,
        cycle.capitalize(), market.country, market.currency, cost, "", "", _START, _END, "License", asked, "Commercial",
    )  # fmt: skip


def _zipped(content: bytes, *, name: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(name, content)
    return packed.getvalue()


def _refusal(status: int, words: str) -> Answer:
    return Answer(status=status, body={"code": str(status), "description": words})
