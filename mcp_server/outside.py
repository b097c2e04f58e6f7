"""Composes what bots reach outside the engine: their tables, files, the web, and the mail that leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg
import structlog
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from hostbridge.files.service import PackageFiles
from hostbridge.messages.mail_server import MailServer
from hostbridge.messages.outbox import Outbox, effect_statements as message_statements
from hostbridge.messages.relay import Relay
from hostbridge.packages import Packages
from hostbridge.tables.declared import PackageTables
from hostbridge.tables.store import PostgresTables
from hostbridge.web.requests import GuardedWeb, effect_statements as web_statements
from keywords.effect_kinds import EffectStatement
from keywords.registry import Registry
from mcp_server.settings import Settings

log = structlog.get_logger()

TIDIED = 300.0  # seconds between two looks
KEPT = timedelta(days=30)  # answers of calls: a run may be paused between a crash and its next attempt


@dataclass(frozen=True, slots=True)
class Outside:
    """The services of a process, and what they add to its commits."""

    tables: PostgresTables
    web: GuardedWeb
    files: PackageFiles
    outbox: Outbox
    relay: Relay
    statements: tuple[EffectStatement, ...]
    clock: Callable[[], datetime]

    async def tidy(self) -> None:
        """Until cancelled, delete what ended runs leave behind: their headers, and what their calls answered."""
        while True:
            try:
                await self.web.forget()
                await self.tables.forget(self.clock() - KEPT)
            except (psycopg.Error, PoolTimeout) as error:
                log.warning("outside.not_tidied", error=str(error).strip())
            await asyncio.sleep(TIDIED)


def outside(
    settings: Settings,
    pool: AsyncConnectionPool[AsyncConnection],
    packages: Packages,
    registry: Registry,
    clock: Callable[[], datetime],
) -> Outside:
    """Everything of it, by the settings."""
    web = GuardedWeb(pool, settings.http_allow)
    files = PackageFiles(packages, settings.home, web.door)
    server = MailServer.read(settings.smtp_url) if settings.smtp_url else None
    return Outside(
        PostgresTables(pool, PackageTables(packages, registry)),
        web,
        files,
        Outbox(pool),
        Relay(pool, server, files.drive, clock),
        (*web_statements(), *message_statements()),
        clock,
    )
