"""Composes the bots that are elsewhere: other servers, and the General Bots host with its database."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg_pool import PoolTimeout

from hostbridge.bots import PackageBots
from hostbridge.elsewhere.conversations import Conversations
from hostbridge.elsewhere.servers import Directory
from hostbridge.elsewhere.service import Servers
from hostbridge.everywhere import Everywhere
from hostbridge.packages import Packages
from hostbridge.remote.botserver import Botserver
from hostbridge.remote.host_bots import HostBots
from hostbridge.remote.host_sessions import HostSessions
from mcp_server.settings import Settings
from storage.pool import Pool


@dataclass(frozen=True, slots=True)
class Reach:
    """Who can be reached from this process."""

    servers: Servers
    remote: Botserver | None
    host_bots: HostBots | None

    def bots(self, packages: PackageBots, models_configured: Callable[[str], bool]) -> Everywhere:
        """All bots that programs may call."""
        known = self.host_bots.names if self.host_bots else tuple
        return Everywhere(packages, self.servers, self.remote, models_configured, known)

    async def look(self) -> None:
        """Know the bots of the host from the start; without them where its tables cannot be read."""
        if self.host_bots:
            with contextlib.suppress(psycopg.Error, PoolTimeout):
                await self.host_bots.look()

    async def run(self) -> None:
        """Until cancelled, keep up with the bots of the host."""
        if self.host_bots:
            await self.host_bots.run()
        await asyncio.Event().wait()


def reaching(
    settings: Settings,
    pool: Pool,
    packages: Packages,
    environment: Mapping[str, str],
    clock: Callable[[], datetime],
) -> Reach:
    """Everything of it, by the settings."""
    directory = Directory(packages, (*settings.mcp_servers, *settings.a2a_agents), environment)
    url = settings.botserver_url
    remote = Botserver(url, clock, sessions=HostSessions(pool)) if url else None
    host_bots = (
        HostBots(pool) if settings.host_database_url and settings.host_database_url == settings.database_url else None
    )
    servers = Servers(directory, settings.http_allow, settings.mcp_commands, Conversations(pool))
    return Reach(servers, remote, host_bots)
