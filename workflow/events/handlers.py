"""The executions that ON EVENT starts, one for each event of a subscription.

Its id follows from subscription and event, and a delivery that failed goes on *in that execution*, from the call it
failed
at: what it had done stays done, so its effects happen once. What failed at no call, by itself, would fail again: it is
given up at once. What is given up stands among the dead letters until somebody replays it.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import structlog
from psycopg import AsyncConnection
from psycopg.rows import dict_row

from keywords.encode import dump, from_plain
from keywords.mistakes import ProgramError
from storage.sql import queries
from workflow import steering
from workflow.details import Caller
from workflow.events.event import Event

log = structlog.get_logger()

SQL = queries("workflow.events", "handlers.sql")
AT_ONCE = 1_000  # handlers that are under way
ATTEMPTS = 5
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 600.0  # seconds
RUN = "~run"  # the run that registered the handler, for CONTINUE WORKFLOW


class Handlers:
    """Begins and settles deliveries; for the process that leads, on its connection."""

    def __init__(self, connection: AsyncConnection, clock: Callable[[], datetime], chance: random.Random) -> None:
        self._connection = connection
        self._clock = clock
        self._chance = chance

    async def open(self) -> bool:
        """Whether any delivery is pending or under way."""
        row = await (await self._connection.execute(SQL["handlers_open"])).fetchone()
        return bool(row and row[0])

    async def next_due(self) -> datetime | None:
        """When the next attempt is due."""
        row = await (await self._connection.execute(SQL["next_handler"])).fetchone()
        return row[0] if row else None

    async def begin(self) -> int:
        """Begin what can begin now; how many."""
        now = self._clock()
        async with self._connection.transaction(), self._connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(SQL["handlers_due"], {"now": now, "most": AT_ONCE})
            rows = await cursor.fetchall()
            fresh = [row for row in rows if row["execution_id"] is None and row["at"] is not None and row["id"]]
            await self._start(fresh, now)
            for row in rows:
                if row["execution_id"] is not None:
                    await self._again(row, now)
                elif row not in fresh:
                    await self._settle([_gone(row)], now)
        return len(rows)

    async def _start(self, rows: Sequence[Mapping[str, Any]], now: datetime) -> None:
        if not rows:
            return
        ids = [handler_id(row["subscription_id"], row["event_id"], row["attempts"]) for row in rows]
        given = {
            "id": ids,
            "tenant": [row["tenant_id"] for row in rows],
            "bot": [row["bot_id"] for row in rows],
            "bot_name": [row["bot_name"] for row in rows],
            "origin": [row["origin"] for row in rows],
            "session": [row["session_id"] for row in rows],
            "name": [f"{row['workflow_name']} on {row['name']}"[:200] for row in rows],
            "program": [row["program"] for row in rows],
            "entry": [row["entry"] for row in rows],
            "state": [_state(row, id_) for row, id_ in zip(rows, ids, strict=True)],
            "priority": [row["priority"] for row in rows],
            "by": [f"ON EVENT {row['pattern']} of {row['run']}" for row in rows],
            "now": now,
        }
        await self._connection.execute(SQL["begin_handlers"], given)
        await self._mark(rows, ids)

    async def _mark(self, rows: Sequence[Mapping[str, Any]], ids: Sequence[UUID]) -> None:
        given = {
            "subscription": [row["subscription_id"] for row in rows],
            "event": [row["event_id"] for row in rows],
            "execution": list(ids),
        }
        await self._connection.execute(SQL["begun"], given)

    async def _again(self, row: Mapping[str, Any], now: datetime) -> None:
        """Another attempt: its execution goes on from the call it failed at."""
        caller = Caller(row["tenant_id"], "retry of the event", "event")
        try:
            async with self._connection.transaction():
                await steering.retry(self._connection, caller, row["execution_id"], now)
        except ProgramError as error:
            await self._settle([_dead(row, {"kind": error.kind, "message": str(error)}, row["attempts"])], now)
        else:
            await self._mark([row], [row["execution_id"]])

    async def settle(self) -> int:
        """See which handlers have come to an end: done, to be tried again, or given up; how many."""
        now = self._clock()
        async with self._connection.transaction(), self._connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(SQL["handlers_ended"])
            rows = await cursor.fetchall()
            await self._settle([self._settled(row, now) for row in rows], now)
        return len(rows)

    def _settled(self, row: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        if row["status"] != "failed":
            return {**row, "status": "done", "due": None, "error": None}
        attempts = row["attempts"] + 1
        if attempts >= ATTEMPTS:
            log.warning("event.given_up", event_id=str(row["event_id"]), execution=str(row["execution_id"]))
            return _dead(row, row["error"], attempts)
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 4 ** (attempts - 1)) * self._chance.uniform(0.8, 1.2)
        return {**row, "status": "pending", "attempts": attempts, "due": now + timedelta(seconds=pause)}

    async def _settle(self, rows: Sequence[Mapping[str, Any]], now: datetime) -> None:
        if not rows:
            return
        given = {
            "subscription": [row["subscription_id"] for row in rows],
            "event": [row["event_id"] for row in rows],
            "status": [row["status"] for row in rows],
            "attempts": [row["attempts"] for row in rows],
            "due": [row["due"] for row in rows],
            "error": [json.dumps(row["error"]) if row["error"] else None for row in rows],
            "now": now,
        }
        await self._connection.execute(SQL["settle"], given)


def handler_id(subscription: UUID, event: UUID, attempts: int = 0) -> UUID:
    """The execution that handles the event for the subscription: always the same one, until it is begun anew."""
    return uuid5(subscription, f"{event}:{attempts}" if attempts else str(event))


def _dead(row: Mapping[str, Any], error: Any, attempts: int) -> dict[str, Any]:
    return {**row, "status": "dead", "attempts": attempts, "due": None, "error": error}


def _gone(row: Mapping[str, Any]) -> dict[str, Any]:
    what = "The event" if not row["id"] else "The program of the handler"
    return _dead(row, {"kind": "unknown", "message": f"{what} is no longer kept."}, row["attempts"])


def _state(row: Mapping[str, Any], id_: UUID) -> str:
    """Before its first step, with the run's variables and the event."""
    event = Event.of(row["tenant_id"], {**row, "bot_id": row["event_bot"]})
    told = {**event.told(), "data": event.data}
    given = from_plain(told)
    given["time"] = event.time
    variables = {name: value for name, value in json.loads(row["vars"]).items() if not name.startswith("~")}
    variables |= {"event": dump(given), RUN: str(row["run"])}
    frame = {"f": row["entry"], "at": row["at"], "on_error": None, "vars": variables}
    state: dict[str, Any] = {
        "v": 1, "n": 0, "g": 0, "seed": id_.int & (2**63 - 1), "draws": 0, "step": 0, "turns": 0, "frames": [frame],
        "call": None, "since": None,
    }  # fmt: skip
    return json.dumps(state, ensure_ascii=False)
