"""Log lines are JSON, and secrets do not get into them."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils.log import log_response

from perseat.config import logs


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What the root handler writes."""
    logs.set_up(level="info")
    (handler,) = [h for h in logging.getLogger().handlers if type(h) is logging.StreamHandler]
    stream = io.StringIO()
    before = handler.setStream(stream)
    yield stream
    if before is not None:
        handler.setStream(before)


def _lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_our_lines_and_the_lines_of_a_library_are_json_with_a_time(written: io.StringIO) -> None:
    structlog.get_logger("ours").info("order accepted", order=7)
    logging.getLogger("theirs").warning("slow: %s", "query")

    ours, theirs = _lines(written)
    assert (ours["event"], ours["order"], ours["level"]) == ("order accepted", 7, "info")
    assert (theirs["event"], theirs["logger"]) == ("slow: query", "theirs")
    assert "timestamp" in ours
    assert "timestamp" in theirs


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("calling", {"client_secret": "hunter2"}),
        ("calling", {"request": {"headers": {"Authorization": "Bearer hunter2"}}}),
        ("calling", {"items": [{"refresh_token": "hunter2"}]}),
        ("Authorization: Bearer hunter2", {}),
        ("connecting to postgresql://shop:hunter2@db.example/shop", {}),
        ("grant_type=refresh_token&refresh_token=hunter2&scope=all", {}),
        ('{"access_token": "hunter2"}', {}),
        ("calling", {"set-cookie": "session=hunter2"}),
        ("Unprocessable Entity: /invitations/hunter2/", {}),
        ("Too Many Requests: /password/reset/key/1-hunter2/", {}),
        ("Not Found: /sandbox-gateway/pay/hunter2/", {}),
    ],
)
def test_a_secret_is_blotted_out(written: io.StringIO, text: str, fields: dict[str, Any]) -> None:
    structlog.get_logger("ours").info(text, **fields)
    logging.getLogger("theirs").warning(text, extra=fields)

    assert "hunter2" not in written.getvalue()
    assert written.getvalue().count("[hidden]") == 2


def test_the_address_of_an_invitation_is_blotted_out_of_what_django_says_of_a_request(
    written: io.StringIO, rf: RequestFactory
) -> None:
    request = rf.post("/invitations/hunter2/", {"password": "weak"})

    log_response("Unprocessable Entity: %s", request.path, response=HttpResponse(status=422), request=request)

    (line,) = _lines(written)
    assert line["event"] == "Unprocessable Entity: /invitations/[hidden]/"
    assert line["request"] == "<WSGIRequest: POST '/invitations/[hidden]/'>"


def test_a_secret_in_an_exceptions_text_is_blotted_out(written: io.StringIO) -> None:
    refused = ConnectionError("postgresql://shop:hunter2@db.example/shop refused")
    try:
        raise refused
    except ConnectionError:
        logging.getLogger("theirs").exception("failed")

    assert "hunter2" not in written.getvalue()
    assert "ConnectionError" in written.getvalue()


def test_ordinary_words_stay(written: io.StringIO) -> None:
    structlog.get_logger("ours").info("3 seats for https://portal.example/orders/7", customer="Acme")

    (line,) = _lines(written)
    assert line["event"] == "3 seats for https://portal.example/orders/7"
    assert line["customer"] == "Acme"
