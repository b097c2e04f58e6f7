"""Sends events to webhooks: signed, at least once, again with growing pauses, at last to the dead letters."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog
from psycopg.rows import dict_row

from keywords.mistakes import ProgramError
from storage.sql import queries
from workflow.bell import Bell
from workflow.engine import Engine
from workflow.events import cloudevents
from workflow.events.addresses import reachable
from workflow.events.signing import signed

if TYPE_CHECKING:
    import httpx

log = structlog.get_logger()

SQL = queries("workflow.events", "webhooks.sql")
SOME = 20  # at once
SECONDS = 15.0  # for an answer
LEASE = timedelta(seconds=60)
ATTEMPTS = 8
PAUSES = (5, 30, 120, 600, 1_800, 7_200, 21_600)  # seconds before each further attempt
LOOK = 1.0
GONE = 410  # who answers this wants no more


class Webhooks:
    """For the process that leads: looks into the outbox and sends what is due."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._bell = Bell()
        self._client: httpx.AsyncClient | None = None

    def look(self) -> None:
        """Something was written that is to be sent."""
        self._bell.ring()

    async def run(self) -> None:
        try:
            while True:
                if not await self.send():
                    await self._bell.wait(await self._pause())
        finally:
            if self._client is not None:
                await self._client.aclose()

    async def send(self) -> int:
        """Send what is due now; how many."""
        now = self._engine.clock()
        given = {"now": now, "some": SOME, "lease": now + LEASE}
        async with self._engine.pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(SQL["webhooks_due"], given)
            rows: Sequence[dict[str, Any]] = await cursor.fetchall()
        await asyncio.gather(*(self._one(row) for row in rows))
        return len(rows)

    async def _pause(self) -> float:
        async with self._engine.pool.connection() as connection:
            row = await (await connection.execute(SQL["next_webhook"])).fetchone()
        if not row or not row[0]:
            return LOOK
        return max(0.01, min(LOOK, (row[0] - self._engine.clock()).total_seconds()))

    async def _one(self, row: Mapping[str, Any]) -> None:
        error = "the subscription has ended" if row["ended"] else await self._sent(row)
        now, attempts = self._engine.clock(), row["attempts"]
        told = json.dumps({"kind": "webhook", "message": error}) if error else None
        given = {
            "id": row["id"], "subscription": row["subscription_id"], "event": row["event_id"], "attempts": attempts,
            "error": told, "now": now,
        }  # fmt: skip
        if error is None or row["ended"] or attempts >= ATTEMPTS:
            given["status"] = "dead" if error and not row["ended"] else "done"
            statement = "webhook_done"
        else:
            given["due"] = now + timedelta(seconds=PAUSES[attempts - 1] * self._engine.chance.uniform(0.9, 1.1))
            statement = "webhook_again"
        async with self._engine.pool.connection() as connection:
            await connection.execute(SQL[statement], given)

    async def _sent(self, row: Mapping[str, Any]) -> str | None:
        """None when it was taken, else why not. Nothing follows a redirect: it could lead inside."""
        import httpx  # only here, for it takes time to import

        body = json.dumps(row["body"], ensure_ascii=False).encode()
        now = self._engine.clock()
        try:
            place = await reachable(row["url"], self._engine.events.private_hosts)
            headers = {
                "host": place.host,
                "content-type": cloudevents.ONE,
                "user-agent": "botmcp",
                **signed(row["secret"], str(row["event_id"]), body, now),
            }
            if self._client is None:
                self._client = httpx.AsyncClient(timeout=SECONDS, follow_redirects=False, trust_env=False)
            request = self._client.build_request(
                "POST", place.url, content=body, headers=headers, extensions={"sni_hostname": place.name}
            )
            answer = await self._client.send(request, stream=True)
            await answer.aclose()
        except (ProgramError, httpx.HTTPError, OSError, ValueError) as error:
            return f"{type(error).__name__}: {error}"[:500]
        if answer.is_success:
            return None
        return f"It answered {answer.status_code}."
