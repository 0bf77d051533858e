"""Which handler answers which method and path."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable

from perseat.simulator.calls import Call
from perseat.simulator.messages import Answer

Handler = Callable[[Call], Answer]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Route:
    """One method and path template with the handler that answers it."""

    method: str
    pattern: re.Pattern[str]
    handler: Handler


class Router:
    """Routes in the order they were added; the first that fits answers. Fixed parts ignore case, as Microsoft does."""

    def __init__(self) -> None:
        self._routes: list[Route] = []

    def add(self, method: str, template: str, handler: Handler) -> None:
        """Answer `method` at `template`, where `{name}` stands for one part of the path."""
        parts = re.split(r"(\{\w+\})", template)
        pattern = "".join(f"(?P<{part[1:-1]}>[^/]+)" if part.startswith("{") else re.escape(part) for part in parts)
        compiled = re.compile(f"^{pattern}/?$", re.IGNORECASE)
        self._routes.append(Route(method=method, pattern=compiled, handler=handler))

    def find(self, *, method: str, path: str) -> tuple[Handler, dict[str, str]] | None:
        """The handler and the named parts of the path, or nothing when no route fits."""
        for route in self._routes:
            found = route.pattern.match(path) if route.method == method else None
            if found is not None:
                return route.handler, found.groupdict()
        return None

    def knows_path(self, path: str) -> bool:
        """Whether the path is answered by some method."""
        return any(route.pattern.match(path) for route in self._routes)
