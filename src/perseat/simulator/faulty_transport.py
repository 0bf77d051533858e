"""A transport around another that loses requests or answers, as a broken line does."""

from __future__ import annotations

import dataclasses
import re

import httpx


@dataclasses.dataclass(kw_only=True)
class _Loss:
    method: str
    path_pattern: str
    times: int
    skip: int
    is_answer_lost: bool


class FaultyTransport(httpx.BaseTransport):
    """Passes everything on, but for the requests it was told to lose."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner
        self._losses: list[_Loss] = []

    def lose_request(self, *, method: str = "", path: str = "", times: int = 1, skip: int = 0) -> None:
        """Time out before the next `times` fitting calls arrive (after `skip` of them); `path` is a pattern to find."""
        self._losses.append(_Loss(method=method, path_pattern=path, times=times, skip=skip, is_answer_lost=False))

    def lose_answer(self, *, method: str = "", path: str = "", times: int = 1, skip: int = 0) -> None:
        """Let the next `times` fitting calls be done (after `skip` of them), then time out instead of answering."""
        self._losses.append(_Loss(method=method, path_pattern=path, times=times, skip=skip, is_answer_lost=True))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Pass a request on, or lose it.

        :raises httpx.ReadTimeout: when the request or its answer is lost.
        """
        loss = self._take(request)
        if loss is None:
            return self._inner.handle_request(request)
        if loss.is_answer_lost:
            response = self._inner.handle_request(request)
            response.read()
            response.close()
        raise httpx.ReadTimeout("The simulated line broke.", request=request)

    def close(self) -> None:
        """Close the transport inside."""
        self._inner.close()

    def _take(self, request: httpx.Request) -> _Loss | None:
        for loss in self._losses:
            if loss.method.upper() not in {"", request.method} or not re.search(loss.path_pattern, request.url.path):
                continue
            if loss.skip > 0:
                loss.skip -= 1
                continue
            loss.times -= 1
            self._losses = [one for one in self._losses if one.times > 0]
            return loss
        return None
