"""Price sheets made for tests, in the shape of Microsoft's: all values quoted, SKU ids with and without their zeros."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

COLUMNS = (
    "ProductTitle", "ProductId", "SkuId", "SkuTitle", "Publisher", "SkuDescription", "UnitOfMeasure", "TermDuration",
    "BillingPlan", "Market", "Currency", "UnitPrice", "PricingTierRangeMin", "PricingTierRangeMax",
    "EffectiveStartDate", "EffectiveEndDate", "Tags", "ERP Price", "Segment",
)  # fmt: skip
_KNOWN = {
    "ProductTitle": "Microsoft 365 Business Basic",
    "ProductId": "CFQ7TTC0LH18",
    "SkuId": "0001",
    "SkuTitle": "Microsoft 365 Business Basic",
    "Publisher": "Microsoft Corporation",
    "SkuDescription": 'Mail, files and "chat",\nfor up to 300 people',
    "TermDuration": "P1M",
    "BillingPlan": "Monthly",
    "Market": "AU",
    "Currency": "AUD",
    "UnitPrice": "7.2",
    "EffectiveStartDate": "2/1/2026 12:00:00 AM",
    "EffectiveEndDate": "12/31/9999 11:59:59 PM",
    "Tags": "License",
    "ERP Price": "9",
    "Segment": "Commercial",
}


def row(**values: str) -> dict[str, str]:
    """A row of Business Basic by the month in Australia, with other values where they are named (ERP for its price)."""
    if "ERP" in values:
        values["ERP Price"] = values.pop("ERP")
    return _KNOWN | values


def sheet(*rows: Mapping[str, str], columns: Iterable[str] = COLUMNS, bom: bool = True, delimiter: str = ",") -> bytes:
    """The file."""
    columns = list(columns)
    lines = [columns, *([each.get(name, "") for name in columns] for each in rows)]
    quoted = ('"' + value.replace('"', '""') + '"' for line in lines for value in line)
    text = "".join(delimiter.join(next(quoted) for _ in line) + "\r\n" for line in lines)
    return text.encode("utf-8-sig" if bom else "utf-8")
