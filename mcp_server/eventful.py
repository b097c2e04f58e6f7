"""Events as the settings make them: limits, the mirror in the host's table, the host's channels."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from mcp_server.settings import Settings
from storage.pool import Pool
from workflow.events.host_bus import HostBus
from workflow.events.setup import EventSetup

if TYPE_CHECKING:
    from storage.redis_hints import RedisHints


def setup(settings: Settings, host: HostBus | None) -> EventSetup:
    """What the engine is given."""
    limits = settings.events
    return EventSetup(
        rate=limits.rate,
        outstanding=limits.outstanding,
        kept=timedelta(days=limits.days),
        kept_for_readers=timedelta(days=max(30, limits.days)),
        mirror=host_database(settings) if settings.mirror_events else "",
        tell_host=host.tell if host else None,
        private_hosts=settings.http_allow,
    )


def host_bus(settings: Settings, hints: RedisHints, pool: Pool, tenant: UUID) -> HostBus:
    """The host's channels, heard from the moment that the hints run."""
    bus = HostBus(hints, pool, tenant, host_database(settings))
    bus.listen()
    return bus


def host_database(settings: Settings) -> str:
    """Where the host's tables are: its own database, or ours."""
    return settings.host_database_url or settings.database_url
