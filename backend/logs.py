"""Structured logs: one line of key=value for each thing that happened, on stderr."""

import json
import logging
import sys
import time
from typing import Final

_LOGGER: Final = logging.getLogger("zonescope")


class _Line(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        parts = [f"{stamp}.{int(record.msecs):03d}Z", f"level={record.levelname.lower()}"]
        event = record.getMessage()
        parts.append(f"event={event if event.isidentifier() else json.dumps(event)}")
        values: dict[str, object] = getattr(record, "values", {})
        parts += [f"{key}={_text(value)}" for key, value in values.items()]
        if record.exc_info:
            parts.append(f"trace={json.dumps(self.formatException(record.exc_info))}")
        return " ".join(parts)


def _text(value: object) -> str:
    text = str(value)
    plain = text.isascii() and text.isprintable() and not any(c in text for c in ' "=\\')
    return text if plain and text else json.dumps(text)


def configure(level: str) -> None:
    """Send the service's lines, and the server's own, to stderr at this level."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Line())
    for name in ("zonescope", "uvicorn"):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.propagate = False
        logger.setLevel(level.upper())


def log(event: str, *, level: int = logging.INFO, trace: bool = False, **values: object) -> None:
    """One line: the event's name, then what belongs to it (session, op, connection, ...)."""
    _LOGGER.log(level, event, exc_info=trace, extra={"values": values})
