"""How Partner Center says the same in other ways: in pages, with capitals, behind a byte order mark."""

from __future__ import annotations

import base64
import binascii
import codecs
import dataclasses
import json
from typing import Any
from urllib.parse import urlencode

from perseat.simulator.messages import Answer, JsonObject, Request
from perseat.simulator.partner_errors import PartnerRefusal
from perseat.simulator.store import Dialect


def speak(answer: Answer, *, request: Request, dialect: Dialect) -> Answer:
    """The same answer in the dialect.

    :raises PartnerRefusal: 3000 for a continuation token that was not given out.
    """
    body = answer.body
    if dialect.page_size and request.method == "GET" and _is_collection(body):
        body = _page(body, request=request, size=dialect.page_size)
    if dialect.has_capitals:
        body = _with_capitals(body)
    if dialect.has_byte_order_mark and body is not None:
        body = codecs.BOM_UTF8 + json.dumps(body, ensure_ascii=False).encode()
    return dataclasses.replace(answer, body=body)


def _is_collection(body: Any) -> bool:
    return isinstance(body, dict) and body.get("attributes") == {"objectType": "Collection"}


def _page(body: JsonObject, *, request: Request, size: int) -> JsonObject:
    """Some of the items, and the link with the token that leads to the next ones; the last page has none."""
    start = _read_token(request.headers.get("ms-continuationtoken", ""))
    items = body["items"][start : start + size]
    links = {name: link for name, link in (body.get("links") or {}).items() if name != "next"}
    if start + size < len(body["items"]):
        query = urlencode({**request.query, "seekOperation": "Next"})
        token = {"key": "MS-ContinuationToken", "value": _write_token(start + size)}
        uri = f"{request.path.removeprefix('/v1')}?{query}"
        links["next"] = {"uri": uri, "method": "GET", "headers": [token]}
    return {**body, "items": items} | ({"links": links} if links else {})


def _write_token(start: int) -> str:
    return base64.urlsafe_b64encode(f"from {start}".encode()).decode()


def _read_token(token: str) -> int:
    if not token:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token.encode()).decode().removeprefix("from "))
    except (binascii.Error, ValueError) as problem:
        raise PartnerRefusal(3000, "MS-ContinuationToken") from problem


def _with_capitals(value: Any) -> Any:
    if isinstance(value, dict):
        return {name[:1].upper() + name[1:]: _with_capitals(part) for name, part in value.items()}
    return [_with_capitals(part) for part in value] if isinstance(value, list) else value
