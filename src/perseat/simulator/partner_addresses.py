"""The check of a postal address: written tidily it is accepted, else a tidier way is suggested or a part is missed."""

from __future__ import annotations

import re

from perseat.simulator.calls import Call
from perseat.simulator.catalog import load_catalog
from perseat.simulator.messages import Answer, JsonObject
from perseat.simulator.partner_errors import PartnerRefusal
from perseat.simulator.partner_resources import read_body, read_text
from perseat.simulator.router import Router

_NAMES = ("country", "region", "city", "state", "addressLine1", "addressLine2", "postalCode", "firstName", "lastName")
_POSTAL_CODES = {"AU": r"\d{4}", "NZ": r"\d{4}", "DE": r"\d{5}", "US": r"\d{5}(-\d{4})?"}


def add_routes(router: Router) -> None:
    """Answer the address of the check."""
    router.add("POST", "/v1/validations/address", validate_address)


def validate_address(call: Call) -> Answer:
    """Verified as it is; InteractionRequired with the tidier address; or partly or not at all recognized."""
    body = read_body(call)
    country = read_text(body, "country").upper()
    if country not in load_catalog().markets:
        raise PartnerRefusal(3000, "country")
    original = {name: str(body[name.lower()]).strip() for name in _NAMES if body.get(name.lower())}
    status, suggested = _look_at(original, country=country)
    answer: JsonObject = {"originalAddress": original, "suggestedAddresses": suggested, "status": status}
    return Answer(status=200, body=answer)


def _look_at(address: dict[str, str], *, country: str) -> tuple[str, list[dict[str, str]]]:
    if not re.fullmatch(_POSTAL_CODES.get(country, r".+"), address.get("postalCode", "")):
        return "None", []
    if not re.search(r"\d", address.get("addressLine1", "")):
        return "StreetPartial", []
    tidy = address | {"country": country, "city": _capitalized(address.get("city", ""))}
    tidy["addressLine1"] = _capitalized(address["addressLine1"])
    if "state" in address:
        tidy["state"] = address["state"].upper()
    return ("VerifiedShippable", [tidy]) if tidy == address else ("InteractionRequired", [tidy])


def _capitalized(text: str) -> str:
    return " ".join(word[:1].upper() + word[1:] for word in text.split())
