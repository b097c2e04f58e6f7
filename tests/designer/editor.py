"""A designer that is served on a free port over a database of its own: what browser tests and measurements open."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from designer.app import routes
from mcp_server.app import App, open_app
from mcp_server.designing import doors
from mcp_server.settings import Settings
from workflow.details import Caller


@dataclass(frozen=True, slots=True)
class Editor:
    """The served product; `address` is its first page."""

    app: App
    caller: Caller
    address: str

    async def draft(self, source: str | None = None, name: str = "order", origin: str = "") -> str:
        """The address of a new draft."""
        made = await self.app.drafts.create(self.caller, name, source, origin=origin)
        return f"{self.address}/workflows/{made.id}"


@asynccontextmanager
async def editor(home: Path, database: str = "") -> AsyncGenerator[Editor]:
    """Serves until it is left."""
    settings = replace(Settings(home=home), database_url=database)
    async with open_app(settings, "command") as app:
        listener = socket.create_server(("127.0.0.1", 0))
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as the product listens
        port = listener.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes(doors(app))), log_level="error", lifespan="off"))
        serving = asyncio.create_task(server.serve([listener]))
        while not server.started:
            await asyncio.sleep(0.01)
        yield Editor(app, app.caller("designer", ""), f"http://127.0.0.1:{port}/designer")
        server.should_exit = server.force_exit = True  # streams of events are open for ever
        await serving
