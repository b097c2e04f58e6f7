"""A real browser: Debian's Chromium under Playwright. A test that asks for it skips where `chromium` is missing."""

from __future__ import annotations

import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Page, async_playwright


@asynccontextmanager
async def browser() -> AsyncGenerator[Page]:
    """One tab of a browser with a fresh profile."""
    program = shutil.which("chromium")
    if not program:
        pytest.skip("chromium is missing, and this test needs a browser")
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=program, args=quiet)
        try:
            yield await chromium.new_page()
        finally:
            await chromium.close()
