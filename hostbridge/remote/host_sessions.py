"""Which session of the General Bots server a conversation of ours is.

The server knows sessions that it has made itself (`GET /api/auth`); to any other id the older generation makes a new
one for each message, and forgets between two of them what was said. So a conversation asks for its session once, and it
is kept.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import structlog

from hostbridge.remote.frames import Address
from storage.sql import queries

if TYPE_CHECKING:
    from psycopg import AsyncConnection
    from psycopg_pool import AsyncConnectionPool

SQL = queries("hostbridge.remote")
SECONDS = 15.0
KEPT = timedelta(days=30)
log = structlog.get_logger()


class HostSessions:
    """The sessions, kept in our database."""

    def __init__(self, pool: AsyncConnectionPool[AsyncConnection]) -> None:
        self._pool = pool

    async def known(self, tenant: UUID, address: Address) -> Address | None:
        """The conversation where it stands on the server."""
        async with self._pool.connection() as connection:
            given = {"tenant": tenant, "conversation": address.session}
            row = await (await connection.execute(SQL["host_session"], given)).fetchone()
        return Address(address.bot, row[1], row[0]) if row else None

    async def keep(self, tenant: UUID, address: Address, there: Address, now: datetime) -> None:
        """Remember where it stands; what nobody has asked for a month is forgotten."""
        given = {
            "tenant": tenant, "conversation": address.session, "session": there.session, "user": there.user, "now": now,
        }  # fmt: skip
        async with self._pool.connection() as connection:
            await connection.execute(SQL["keep_host_session"], given)
            await connection.execute(SQL["forget_host_sessions"], {"before": now - KEPT})


async def opened(url: str, address: Address) -> Address | None:
    """The session that the server makes for this conversation; None where it makes none, which some builds do not."""
    from storage.outgoing import Outgoing, OutgoingError  # the library takes a while to import

    query = urlencode({"bot_name": address.bot, "user_id": address.user, "session_id": address.session})
    door = Outgoing((urlsplit(url).hostname or "",))
    try:
        base = url.replace("ws", "http", 1) if url.startswith("ws") else url
        answer = await door.request("GET", f"{base.rstrip('/')}/api/auth?{query}", seconds=SECONDS, most=1_048_576)
        said: Any = json.loads(answer.body) if answer.status == 200 else None
        found = cast("dict[str, Any]", said) if isinstance(said, dict) else {}
        return Address(address.bot, UUID(str(found["user_id"])), UUID(str(found["session_id"])))
    except (OutgoingError, ValueError, KeyError, RecursionError) as error:
        log.debug("host.no_session", bot=address.bot, error=str(error))
        return None
