"""Logs: one JSON object a line on standard error, from structlog and from every library, with secrets blotted out."""

from __future__ import annotations

import logging.config
import re
from collections.abc import MutableMapping
from typing import Any

import structlog

_SECRET_NAME = re.compile(r"secret|password|token|authorization|cookie|api_?key|credential", re.IGNORECASE)
_SECRET_IN_TEXT = re.compile(
    r"(?P<url>[a-z][a-z0-9+.-]*://[^\s:/@]*:)[^\s@/]+(?=@)"
    r"|(?P<path>/(?:invitations|password/reset/key|sandbox-gateway/pay)/)[^\s/\"'<>]+"  # addresses that open doors
    r"|(?P<bearer>\bBearer\s+)[\w.~+/=-]+"
    r"|(?P<pair>\b(?:client_secret|refresh_token|access_token|id_token|password)\b[\"']?\s*[=:]\s*[\"']?)[^\s&\"',}]+",
    re.IGNORECASE,
)
_TALKATIVE = ("httpx", "httpcore", "procrastinate.blueprints")
_BLOT = "[hidden]"


def set_up(*, level: str) -> None:
    """Send every logger's lines through the same processors."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.format_exc_info,
        blot_secrets,
    ]
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "json": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": shared,
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        structlog.processors.JSONRenderer(sort_keys=True),
                    ],
                }
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
            "root": {"handlers": ["stderr"], "level": level.upper()},
            "loggers": {name: {"level": "WARNING"} for name in _TALKATIVE},
        }
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def blot_secrets(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace what must not be written: by the field's name at any depth, and by its look within texts."""
    for name, value in list(event.items()):
        if not name.startswith("_"):  # structlog's own: the record and its origin
            event[name] = _BLOT if _SECRET_NAME.search(name) else _blotted(value)
    return event


def _blotted(value: Any) -> Any:
    match value:
        case str():
            return _SECRET_IN_TEXT.sub(_keep_the_name, value)
        case dict():
            return {k: _BLOT if _SECRET_NAME.search(str(k)) else _blotted(v) for k, v in value.items()}
        case list() | tuple():
            return [_blotted(item) for item in value]
        case int() | float() | None:
            return value
        case _:  # a request, say: it would be written as its repr
            return _blotted(repr(value))


def _keep_the_name(match: re.Match[str]) -> str:
    return next(part for part in match.groups() if part is not None) + _BLOT
