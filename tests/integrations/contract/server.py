"""A server on loopback that gives the answers of one row and keeps what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx
from tests.integrations.contract.rows import Row, find_row

Change = Callable[[Any], Any]


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A request as it arrived; the path is decoded, header names are lower case."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer as it is sent."""

    status: int
    headers: dict[str, str]
    content: bytes


class CannedAnswers:
    """The answers of a row, and those that its call needs besides; `change` respells every JSON body."""

    def __init__(self, row: Row, *, root: str, change: Change = lambda body: body, mark: bytes = b"") -> None:
        self.sent: list[Sent] = []
        self.unexpected: list[str] = []
        self._row, self._root, self._change, self._mark = row, root, change, mark
        self._others: dict[tuple[str, str], Reply] = {}
        for other in row.client.get("before", ()):
            if isinstance(other, str):
                found = find_row(f"{row.of}/{other}")
                key, status, answer = (found.method, found.sent_path), found.status, found.answer
            else:
                key, status, answer = (other["method"], unquote(other["path"])), other["status"], other["answer"]
            self._others[key] = self._reply(status or 200, {}, answer)

    @property
    def about_it(self) -> Sent:
        """The request that the row is about, as it was sent at first."""
        return next(sent for sent in self.sent if self._is_about_it(sent))

    @property
    def following_pages(self) -> list[Sent]:
        """The requests with which a list was read on."""
        return [sent for sent in self.sent if self._is_about_it(sent)][1:]

    def __call__(self, sent: Sent) -> Reply:
        self.sent.append(sent)
        row, pages = self._row, self._row.client.get("pages", [])
        if pages and self.following_pages:
            return self._reply(200, {}, pages[len(self.following_pages) - 1]["answer"])
        if self._is_about_it(sent):
            return self._reply(row.status or 200, row.answer_headers, row.answer)
        if "held" in row.client and (sent.method, sent.path) == ("GET", row.path):
            return self._reply(200, {}, self._resource())
        if (sent.method, sent.path) in self._others:
            return self._others[sent.method, sent.path]
        self.unexpected.append(f"{sent.method} {sent.path}")
        return Reply(status=404, headers={}, content=b"")

    def _is_about_it(self, sent: Sent) -> bool:
        return (sent.method, sent.path) == (self._row.method, self._row.sent_path)

    def _resource(self) -> Any:
        """The subscription: as it was before the change, and afterwards as the row says."""
        was_changed = "later" in self._row.client and any(sent.method == self._row.method for sent in self.sent)
        if was_changed and self._row.client.get("later") == "answer":
            return self._row.answer or find_row(self._row.name).answer
        return self._row.body if was_changed else self._row.body | self._row.client["held"]

    def _reply(self, status: int, headers: dict[str, str], answer: Any) -> Reply:
        if isinstance(answer, str):
            content = self._mark + answer.encode()
        elif answer is None:
            content = b""
        else:
            text = json.dumps(self._change(answer), ensure_ascii=False).replace("{root}", self._root)
            content = self._mark + text.encode()
        kind = {"Content-Type": "application/json; charset=utf-8"} if content else {}
        return Reply(status=status, headers=kind | headers, content=content)


@contextmanager
def served(answers_at: Callable[[str], CannedAnswers]) -> Iterator[tuple[str, CannedAnswers]]:
    """A real server on a free port of loopback; its address, and what it answers with."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    root = f"http://127.0.0.1:{server.server_port}"
    server.answers = answers_at(root)  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield root, server.answers  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def as_transport(answers: CannedAnswers) -> httpx.MockTransport:
    """The same answers without a socket, for many calls."""

    def answer(request: httpx.Request) -> httpx.Response:
        reply = answers(_read(request.method, str(request.url), dict(request.headers), request.content))
        return httpx.Response(reply.status, headers=reply.headers, stream=httpx.ByteStream(reply.content))

    return httpx.MockTransport(answer)


class _Handler(BaseHTTPRequestHandler):
    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply: Reply = self.server.answers(_read(self.command, self.path, headers, body))  # type: ignore[attr-defined]
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.status != 204:
            self.send_header("Content-Length", str(len(reply.content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.content)

    do_GET = do_HEAD = do_POST = do_PATCH = do_PUT = do_DELETE = _answer  # noqa: N815 (names of the library)

    def log_message(self, *_facts: object) -> None:
        """Say nothing."""


def _read(method: str, address: str, headers: dict[str, str], body: bytes) -> Sent:
    parts = urlsplit(address)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    return Sent(method=method, path=unquote(parts.path), query=query, headers=headers, body=body)
