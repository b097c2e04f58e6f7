"""The host's own channels `events:{name}` in Redis, both ways.

What a host script publishes is stored first, then it wakes ours; every process hears it, the id that the host sends
makes
it happen once. What happens here is told there by the process that leads. A message may be lost with Redis: nothing
here relies on one.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol, cast
from uuid import UUID

import psycopg
import structlog

from keywords.mistakes import ProgramError
from storage.pool import DatabaseUnreachable, Pool, connect
from storage.sql import queries
from workflow.events.event import Event

log = structlog.get_logger()

SQL = queries("workflow.events", "host.sql")
CHANNEL = "events:"
SOURCE = "/host"

Publish = Callable[..., Awaitable[UUID]]


class Overhearing(Protocol):
    """Hints through Redis, which may hear and say more than hints."""

    def overhear(self, pattern: str, hear: Callable[[str, str], None]) -> None: ...

    async def say(self, messages: Sequence[tuple[str, str]]) -> None: ...


class HostBus:
    """One a process; `database` is where the host keeps its rows, "" when that is not known."""

    def __init__(self, hints: Overhearing, pool: Pool, tenant: UUID, database: str = "") -> None:
        self._hints = hints
        self._pool = pool
        self._tenant = tenant
        self._database = database
        self._publish: Publish | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def listen(self) -> None:
        """Before the hints run: hear the host, too."""
        self._hints.overhear(f"{CHANNEL}*", self._heard)

    def open(self, publish: Publish) -> None:
        """From now on what the host says is published."""
        self._publish = publish

    async def tell(self, events: Sequence[Event]) -> None:
        """Say on the host's channels what happened: the id of each event, as the host does."""
        await self._hints.say([(f"{CHANNEL}{event.name}", str(event.id)) for event in events])

    def _heard(self, channel: str, message: str) -> None:
        if self._publish is None:
            return
        task = asyncio.create_task(self._taken(channel.removeprefix(CHANNEL), message))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _taken(self, name: str, message: str) -> None:
        assert self._publish is not None
        try:
            id_ = _uuid(message)
            if id_ is None:
                log.info("host.event_without_id", name=name)
                return
            if await self._known(id_):
                return  # it is one of ours
            data = await self._data(id_)
            await self._publish(self._tenant, name, data, dedupe=f"host {id_}", source=SOURCE)
        except (ProgramError, psycopg.Error, DatabaseUnreachable, OSError) as error:
            log.warning("host.event_refused", name=name[:100], error=str(error).strip())

    async def _known(self, id_: UUID) -> bool:
        async with self._pool.connection() as connection:
            row = await (await connection.execute(SQL["is_ours"], {"id": id_})).fetchone()
        return bool(row and row[0])

    async def _data(self, id_: UUID) -> Any:
        """What the host's row carries, whichever of its two shapes the table has; nothing where there is no row."""
        if not self._database:
            return None
        async with await connect(self._database, application="botmcp host") as connection:
            row = await (await connection.execute(SQL["host_row"], {"id": id_})).fetchone()
        found = cast("dict[str, Any]", row[0]) if row else {}
        data = found.get("event_data_json", found.get("payload"))
        if isinstance(data, str):
            try:
                return json.loads(data)
            except ValueError:
                return data
        return data


def _uuid(message: str) -> UUID | None:
    try:
        return UUID(message.strip())
    except ValueError:
        return None
