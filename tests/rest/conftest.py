"""A served product with a token, and keys of all kinds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import httpx2
import pytest

from mcp_server import http, listening_server
from mcp_server.app import App, open_app
from mcp_server.settings import Settings, read
from workflow.details import SCOPES

TOKEN = "the-token-of-these-tests"
OTHER = UUID("00000000-0000-4000-8000-0000000000ff")


@pytest.fixture
def settings(database: str, tmp_path: Path) -> Settings:
    home = str(tmp_path / "home")
    return read({"BOTMCP_HOME": home, "DATABASE_URL": database, "BOTMCP_PORT": "0", "BOTMCP_TOKEN": TOKEN})


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[App]:
    async with open_app(settings, "serve") as opened:
        yield opened


@pytest.fixture
async def address(app: App) -> AsyncIterator[str]:
    async with listening_server.serving(http.application(app), "127.0.0.1", 0, ()) as where:
        yield where


@pytest.fixture
async def web(address: str) -> AsyncIterator[httpx2.AsyncClient]:
    """The owner's client."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with httpx2.AsyncClient(base_url=f"{address}/api/v1", headers=headers, timeout=60) as client:
        yield client


class KeysFor:
    """Makes keys, and the headers that show them."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(
        self,
        *scopes: str,
        tenant: UUID | None = None,
        bots: tuple[str, ...] | None = None,
        days: float | None = None,
        rate: int | None = None,
        subject: str = "",
    ) -> dict[str, str]:
        owner = self._app.caller("test", "")
        wanted = scopes or tuple(SCOPES)
        _, text = await self._app.keys.new(
            owner, "test", wanted, self._app.now(), tenant=tenant, bots=bots, days=days, rate=rate, subject=subject
        )
        return {"Authorization": f"Bearer {text}"}


@pytest.fixture
def keys(app: App) -> KeysFor:
    return KeysFor(app)
