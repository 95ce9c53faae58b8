"""How Tenfold's log looks: JSON lines for machines, key=value on a terminal; and what never gets into it.

Some addresses are secrets by themselves: whoever reads a personal link or a reset link in the log could use it.
They are masked in whatever is logged, also by Django and the server, so that no caller has to think of it.
"""

from __future__ import annotations

import re
import sys
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

_SECRET_PATHS = re.compile(r"(/p/|/live/me/|/live/console/|/reset/|/set-password/)[^\s\"'<>?]+")
_QUERIES = re.compile(r"(/[^\s\"'<>?]*)\?[^\s\"'<>]+")


def masked(text: str) -> str:
    """`text` without the secret part of any address in it, and without query strings."""
    return _QUERIES.sub(r"\1?***", _SECRET_PATHS.sub(r"\1***", text))


def _mask(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    for key, value in event.items():
        if isinstance(value, str) and key != "timestamp":
            event[key] = masked(value)
    return event


_SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def _last_steps(is_terminal: bool) -> list[Processor]:
    # The traceback becomes text before masking: an address may stand in an exception's message.
    steps: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        _mask,
    ]
    if is_terminal:
        # A log for eyes is narrow: the traceback comes below its line instead of inside it.
        return [*steps, _as_key_values]
    return [*steps, structlog.processors.JSONRenderer(ensure_ascii=False, default=str)]


def _as_key_values(logger: WrappedLogger, method: str, event: EventDict) -> str:
    traceback = event.pop("exception", None)
    order = ["timestamp", "level", "event"]
    line = structlog.processors.LogfmtRenderer(key_order=order, drop_missing=True)(logger, method, event)
    return f"{line}\n{traceback}" if traceback else line


def set_up() -> None:
    """Send structlog's own loggers through the same chain as everybody else's."""
    structlog.configure(
        processors=[
            *_SHARED,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def settings(level: str, *, is_terminal: bool | None = None) -> dict[str, Any]:
    """A logging configuration for Django and for the server, on standard error."""
    is_terminal = sys.stderr.isatty() if is_terminal is None else is_terminal
    loud = {"handlers": ["stderr"], "level": level, "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": _last_steps(is_terminal),
                "foreign_pre_chain": _SHARED,
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Our own line tells of a failed request, with its time; a 404 is nobody's mistake.
            "django.request": {**loud, "level": "ERROR"},
            "django.security.DisallowedHost": {**loud, "level": "CRITICAL"},
            "django": loud,
            # "info" tells of every log-in.
            "axes": {**loud, "level": "WARNING"},
            # "info" of the server tells of every phone that went away in the middle of a stream.
            "_granian": {**loud, "level": "WARNING"},
            "granian.access": {**loud, "level": "WARNING"},
        },
    }
