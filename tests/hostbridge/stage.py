"""The whole product for tests of what packages do: real Postgres, real files, a web server on loopback."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keywords.host import ProgramText
from mcp_server.app import App, open_app
from mcp_server.settings import read
from tests.site import Site, website
from workflow.details import Detail


@dataclass
class Stage:
    app: App
    site: Site
    home: Path
    packages: Path

    async def run(self, source: str, origin: str = "") -> Detail:
        caller = self.app.caller("test", "")
        text = source.replace("SITE", self.site.url)
        started = await self.app.operations.start(caller, ProgramText(text, "test", origin))
        return await self.app.operations.wait(caller, started, 20)

    async def result(self, source: str, origin: str = "") -> Any:
        detail = await self.run(source, origin)
        assert detail.status == "completed", detail.error
        return detail.result

    async def error(self, source: str, origin: str = "") -> str:
        detail = await self.run(source, origin)
        assert detail.status == "failed" and detail.error, detail.result
        return detail.error.message


@asynccontextmanager
async def product(database: str, folder: Path, files: Mapping[str, str] = {}) -> AsyncGenerator[Stage]:
    """The product with these files as its packages."""
    packages = folder / "packages"
    packages.mkdir()
    for name, text in files.items():
        (packages / name).parent.mkdir(parents=True, exist_ok=True)
        (packages / name).write_text(text, "utf-8")
    settings = read(
        {
            "BOTMCP_HOME": str(folder / "home"),
            "BOTMCP_PACKAGES": str(packages),
            "DATABASE_URL": database,
            "BOTMCP_HTTP_ALLOW": "127.0.0.1",
        }
    )
    async with website() as site, open_app(settings, "command") as app:
        yield Stage(app, site, folder / "home", packages)
