"""The designer's pages on a fresh database, served on loopback as `botmcp serve` does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.designer.editor import Editor, editor
from tests.mcp_server.browser import browser
from tests.mcp_server.conftest import address, app, settings

__all__ = ["address", "app", "settings"]


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    """A tab of a desk's size; whoever waits in it waits at most ten seconds."""
    async with browser() as first:
        assert first.context.browser
        context = await first.context.browser.new_context(viewport={"width": 1440, "height": 900})
        opened = await context.new_page()
        opened.set_default_timeout(10_000)
        yield opened


@pytest.fixture
async def served(tmp_path: Path, database: str) -> AsyncIterator[Editor]:
    """The editor, and somebody who may write."""
    async with editor(tmp_path, database) as made:
        yield made
