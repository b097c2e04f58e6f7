"""What faces and programs may ask of events: publish, wait, look, replay. Each caller sees one tenant."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from keywords import patterns
from keywords.host import Moment
from keywords.library import limits
from keywords.mistakes import Forbidden, UnknownName, WrongValue
from storage.pool import connect
from storage.sql import queries
from workflow.details import Caller
from workflow.engine import Engine
from workflow.events import cloudevents
from workflow.events.event import Event
from workflow.events.listener import Listener
from workflow.events.publisher import Publisher
from workflow.events.subscribers import Subscribers
from workflow.repeat import repeated

SQL = {**queries("workflow.events", "desk.sql"), **queries("workflow.events", "dispatch.sql")}
ROWS = 500


class EventDesk:
    """Works in any process; deliveries need a worker somewhere."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.publisher = Publisher(self._connection, engine.hints, engine.clock, engine.chance)
        self.listener = Listener(engine.pool, engine.hints, engine.chance)

    async def _connection(self) -> AsyncConnection:
        return await connect(self._engine.where, application="botmcp publisher")

    async def close(self) -> None:
        await self.publisher.close()

    async def wait(
        self, caller: Caller, pattern: str, *, where: Any = None, since: str = "", seconds: float
    ) -> Event | None:
        """The first event that fits, from now on or behind the event or time `since`; None when none came in time."""
        _reads(caller)
        wanted = patterns.checked(limits.name_of("an event", pattern))
        return await self.listener.wait(
            caller.tenant, wanted, where=where, since=await self._since(caller, since), seconds=seconds
        )

    async def _since(self, caller: Caller, since: str) -> tuple[str, int] | datetime | None:
        if not since.strip():
            return None
        try:
            id_ = UUID(since.strip())
        except ValueError:
            try:
                when = datetime.fromisoformat(since.strip())
            except ValueError:
                raise WrongValue("since is the id of an event, or a time such as 2026-12-31T08:00:00Z.") from None
            return when if when.tzinfo else when.astimezone()
        event, _ = await self._event(caller.tenant, id_)
        return event.xid, event.seq

    async def listed(self, caller: Caller, pattern: str | None = None, limit: int = 50) -> Sequence[Mapping[str, Any]]:
        """The newest events, the latest first."""
        _reads(caller)
        wanted = None if not pattern else patterns.checked(limits.name_of("an event", pattern))
        chooses = wanted is not None and patterns.is_pattern(wanted)
        given: dict[str, Any] = {
            "tenant": caller.tenant,
            "name": None if chooses else wanted,
            "prefix": wanted.partition(patterns.ONE)[0].partition(patterns.REST)[0] if wanted and chooses else "",
            "limit": ROWS * 20 if chooses else min(limit, ROWS),
        }
        found = [Event.of(caller.tenant, row) for row in await self._rows("newest_events", given)]
        fitting = [e.told() for e in found if wanted is None or patterns.fits(wanted, e.name)]
        return fitting[: min(limit, ROWS)]

    async def page(
        self,
        caller: Caller,
        pattern: str | None = None,
        limit: int = 50,
        *,
        since: datetime | None = None,
        before: tuple[int, int] | None = None,
    ) -> tuple[Sequence[Event], tuple[int, int] | None]:
        """The newest events, or those before a place in the log; and the place behind them, None at the end."""
        _reads(caller)
        wanted = None if not pattern else patterns.checked(limits.name_of("an event", pattern))
        chooses = wanted is not None and patterns.is_pattern(wanted)
        given: dict[str, Any] = {
            "tenant": caller.tenant,
            "name": None if chooses else wanted,
            "prefix": wanted.partition(patterns.ONE)[0].partition(patterns.REST)[0] if wanted and chooses else "",
            "since": since,
            "limit": min(limit, ROWS) + 1 if not chooses else ROWS,
            "xid": str(before[0]) if before else None,
            "seq": before[1] if before else None,
        }
        found = [Event.of(caller.tenant, row) for row in await self._rows("older_events", given)]
        more = len(found) == given["limit"]
        looked = found[:-1] if more else found
        fitting = [e for e in looked if wanted is None or patterns.fits(wanted, e.name)]
        shown = fitting[:limit]
        last = shown[-1] if len(fitting) > limit else looked[-1] if more and looked else None
        return shown, (int(last.xid), last.seq) if last else None

    async def get(self, caller: Caller, event: UUID) -> Event:
        """One event; raises UnknownName."""
        _reads(caller)
        return (await self._event(caller.tenant, event))[0]

    async def unsubscribed(self, caller: Caller, subscription: UUID) -> None:
        """End a webhook; raises UnknownName for what is none."""
        _reads(caller, "events:publish")
        given = {"tenant": caller.tenant, "id": subscription, "now": self._engine.clock()}
        if not await self._rows("end_subscription", given):
            raise UnknownName("webhook", str(subscription), (), "LIST SUBSCRIPTIONS shows them.")

    async def deliveries(
        self, caller: Caller, subscription: UUID, limit: int, before: tuple[datetime, UUID] | None = None
    ) -> Sequence[Mapping[str, Any]]:
        """What became of the events that one subscription is told of, the newest first."""
        _reads(caller)
        at, id_ = before or (None, None)
        given = {"tenant": caller.tenant, "id": subscription, "limit": limit, "before_at": at, "before_id": id_}
        return await self._rows("deliveries", given)

    async def dead(self, caller: Caller, limit: int = 50) -> Sequence[Mapping[str, Any]]:
        """What handlers and webhooks gave up, the latest first; `id` is the event's, to be replayed."""
        _reads(caller)
        rows = await self._rows("dead_deliveries", {"tenant": caller.tenant, "limit": min(limit, ROWS)})
        return [
            {
                "id": str(row["event_id"]),
                "name": row["event_name"],
                "key": row["event_key"],
                "data": row["event_data"],
                "error": row["error"],
                "attempts": row["attempts"],
                "at": row["ended_at"].isoformat() if row["ended_at"] else None,
                "execution_id": str(row["execution_id"]) if row["execution_id"] else None,
                "to": row["url"] or f"ON EVENT {row['pattern']} of {row['bot_name'] or 'a program'}",
            }
            for row in rows
        ]

    async def replayed(self, caller: Caller, event: UUID) -> int:
        """Deliver again: to whoever gave it up, else to all who want it and never had it. How many."""
        _reads(caller, "events:publish")
        found, day = await self._event(caller.tenant, event)
        now = self._engine.clock()
        body = json.dumps(cloudevents.written(found), ensure_ascii=False)
        given = {"tenant": caller.tenant, "event": event, "body": body, "now": now}
        again = await self._rows("replay_dead", given)
        count = len(again) or await self._delivered(found, day, body, now)
        await self._engine.hints.publish("event")
        return count

    async def _delivered(self, event: Event, day: Any, body: str, now: datetime) -> int:
        subscribers = Subscribers()

        async def once() -> int:
            async with self._engine.pool.connection() as connection, connection.transaction():
                await subscribers.look(connection)
                wanted = subscribers.wanting(event, old=True)
                columns: dict[str, Any] = {
                    "subscription": [one.id for one in wanted],
                    "hook": [one.kind == "webhook" for one in wanted],
                    "body": [body if one.kind == "webhook" else None for one in wanted],
                }
                for name, value in {
                    "event": event.id, "tenant": event.tenant, "day": day, "key": event.key, "xid": event.xid,
                    "seq": event.seq,
                }.items():  # fmt: skip
                    columns[name] = [value] * len(wanted)
                row = await (await connection.execute(SQL["deliver"], {**columns, "now": now})).fetchone()
                return row[0] if row else 0

        return await repeated(once)

    async def subscriptions(self, caller: Caller, *, scope: str = "wf:read") -> Sequence[Mapping[str, Any]]:
        """Who is told of which events."""
        _reads(caller, scope)
        rows = await self._rows("subscriptions", {"tenant": caller.tenant})
        plain = ("kind", "pattern", "consume", "bot_name", "workflow_name", "url", "outstanding")
        return [
            {
                "id": str(row["id"]),
                **{name: row[name] for name in plain},
                "execution_id": str(row["execution_id"]) if row["execution_id"] else None,
                "since": row["created_at"].isoformat(),
            }
            for row in rows
        ]

    async def _event(self, tenant: UUID, id_: UUID) -> tuple[Event, Any]:
        rows = await self._rows("one_event", {"tenant": tenant, "id": id_})
        if not rows:
            raise UnknownName("event", str(id_), (), "LIST EVENTS shows those that are kept.")
        return Event.of(tenant, rows[0]), rows[0]["day"]

    async def _rows(self, statement: str, given: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        async with self._engine.pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(SQL[statement], given)
            return await cursor.fetchall()


def _reads(caller: Caller, scope: str = "wf:read") -> None:
    """The log of events is the whole tenant's: whoever is limited to some of its bots does not read it."""
    caller.require(scope)
    if caller.bots is not None:
        raise Forbidden("A key that is limited to bots does not read the events of the tenant.")


class ProgramsDesk:
    """Events as programs see them: fulfils `keywords.event_kinds.Events`."""

    def __init__(self, desk: EventDesk) -> None:
        self._desk = desk

    async def listed(self, moment: Moment, pattern: str | None, limit: int) -> Sequence[Mapping[str, Any]]:
        return await self._desk.listed(_caller(moment), pattern, limit)

    async def dead(self, moment: Moment, limit: int) -> Sequence[Mapping[str, Any]]:
        return await self._desk.dead(_caller(moment), limit)

    async def replayed(self, moment: Moment, event: str) -> int:
        try:
            id_ = UUID(event.strip())
        except ValueError:
            raise WrongValue(f"{limits.shown(event)} is not the id of an event.") from None
        return await self._desk.replayed(_caller(moment), id_)

    async def subscriptions(self, moment: Moment) -> Sequence[Mapping[str, Any]]:
        return await self._desk.subscriptions(_caller(moment))


def _caller(moment: Moment) -> Caller:
    return Caller(moment.identity.tenant, f"execution {moment.identity.execution}", "BASIC")
