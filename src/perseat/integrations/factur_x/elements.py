"""The XML of Cross Industry Invoices: its name spaces, and elements that are left out when they are empty."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from xml.etree import ElementTree as ET

RSM = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
RAM = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
UDT = "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100"
for _prefix, _name_space in (("rsm", RSM), ("ram", RAM), ("udt", UDT)):
    ET.register_namespace(_prefix, _name_space)

# XML 1.0 cannot carry them, not even escaped.
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def add_group(parent: ET.Element, name: str, *, name_space: str = RAM) -> ET.Element:
    """A new last child without text."""
    return ET.SubElement(parent, f"{{{name_space}}}{name}")


def add_text(parent: ET.Element, name: str, text: str, **attributes: str) -> None:
    """A new last child with that text; none when the text is empty, as the standard knows no empty elements."""
    plain = _NOT_IN_XML.sub(" ", text).strip()
    if plain:
        ET.SubElement(parent, f"{{{RAM}}}{name}", attributes).text = plain


def add_number(parent: ET.Element, name: str, number: Decimal | int, **attributes: str) -> None:
    """A new last child with that number, never in scientific notation."""
    ET.SubElement(parent, f"{{{RAM}}}{name}", attributes).text = f"{Decimal(number) or abs(Decimal(number)):f}"


def add_day(parent: ET.Element, name: str, day: date) -> None:
    """A new last child with that day as YYYYMMDD (format 102)."""
    moment = add_group(parent, name)
    ET.SubElement(moment, f"{{{UDT}}}DateTimeString", {"format": "102"}).text = f"{day:%Y%m%d}"
