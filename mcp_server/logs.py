"""Where the product's log goes: a file in the data folder, or stderr; one JSON object a line, never to stdout.

Secrets are not logged because nothing that holds one is ever a field; as a second line, fields whose name says that
they are secret are blanked, and so is a password within an address.
"""

from __future__ import annotations

import logging
import re
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict

from mcp_server.settings import Settings

FILE_BYTES, FILES = 5_000_000, 3
_SECRET = re.compile(r"token|secret|password|authorization|api_?key|dsn|database_url|redis_url", re.IGNORECASE)
_PASSWORD = re.compile(r"(\w://[^\s:/@]*:)[^\s@/]+@")


def file_of(settings: Settings, role: str) -> Path:
    """The log file of this part of the product."""
    return settings.home / "log" / f"{role}.log"


def to_file(settings: Settings, role: str) -> Path:
    """Send the log of this process to its file."""
    file = file_of(settings, role)
    settings.made_home()
    file.parent.mkdir(exist_ok=True, mode=0o700)
    handler = RotatingFileHandler(file, maxBytes=FILE_BYTES, backupCount=FILES, encoding="utf-8", delay=True)
    _configure(handler, settings, structlog.processors.JSONRenderer(default=str))
    return file


def to_stderr(settings: Settings) -> None:
    """Send the log of this process to stderr: of servers that somebody else supervises."""
    handler: logging.StreamHandler[TextIO] = logging.StreamHandler(sys.stderr)
    shown = structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer(default=str)
    _configure(handler, settings, shown)


def _configure(handler: logging.Handler, settings: Settings, renderer: structlog.typing.Processor) -> None:
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        blanked,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    last: list[structlog.typing.Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer]
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=last))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    for noisy in ("httpx", "httpx2", "httpcore", "LiteLLM", "mcp", "uvicorn", "psycopg.pool"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))


def blanked(logger: Any, name: str, event: EventDict) -> EventDict:
    """The event without what looks like a secret."""
    for key, value in event.items():
        if _SECRET.search(key) and value:
            event[key] = "***"
        elif isinstance(value, str) and "://" in value:
            event[key] = _PASSWORD.sub(r"\1***@", value)
    return event
