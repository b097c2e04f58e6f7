"""What goes wrong inside the engine is told plainly: the states of five hundred programs are no reading."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture(scope="session", autouse=True)
def _plain_log() -> Iterator[None]:
    renderer = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[structlog.processors.format_exc_info, renderer])
    yield
    structlog.reset_defaults()
