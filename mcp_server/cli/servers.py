"""`botmcp serve`, `worker` and `migrate`: the processes that somebody supervises."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import replace

import structlog

from mcp_server import garbage, logs, served
from mcp_server.app import open_app
from mcp_server.cli.console import out
from mcp_server.rendezvous import place
from mcp_server.settings import Settings, SettingsError
from mcp_server.toolsets import as_toolsets

log = structlog.get_logger()


async def serve(
    settings: Settings, host: str | None, port: int | None, toolsets: str | None = None, read_only: bool = False
) -> int:
    """Serve MCP over HTTP until a signal ends it."""
    from mcp_server import http, listening_server  # half a second, which a worker does without

    settings = replace(settings, host=host or settings.host, port=settings.port if port is None else port)
    if toolsets is not None:
        try:
            settings = replace(settings, toolsets=as_toolsets(toolsets, {}))
        except ValueError as error:
            raise SettingsError(f"--toolsets: {error}.") from None
    settings = replace(settings, read_only=settings.read_only or read_only)
    http.check(settings)
    logs.to_stderr(settings)
    signalled = signals()
    async with open_app(settings, "serve") as app:
        garbage.settled()
        pages = http.application(app)
        listening = listening_server.serving(pages, settings.host, settings.port, settings.allowed_hosts)
        async with listening as address:
            with served.noted(place(settings.made_home()), address):
                log.info("serve.listening", mcp=f"{address}/mcp", inbox=f"{address}/inbox")
                await signalled.wait()
                log.info("serve.leaving")
    return 0


async def work(settings: Settings) -> int:
    """Be a worker until a signal ends it."""
    logs.to_stderr(settings)
    signalled = signals()
    async with open_app(settings, "worker"):
        garbage.settled()
        log.info("worker.started")
        await signalled.wait()
        log.info("worker.leaving")
    return 0


async def migrated(settings: Settings) -> int:
    """Bring the database to this release."""
    from mcp_server.app import database
    from storage.migrate import migrate

    async with database(settings) as where:
        steps = await migrate(where)
    for step in steps:
        if step.applied:
            out.print(f"applied {step.version:04d} {step.name}")
    out.print("The database is up to date.")
    return 0


def signals() -> asyncio.Event:
    """Set once somebody asks us to leave; installed first, so that a server still starting leaves in order too."""
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    return told
