"""The change feed: who watches a memory is told as soon as a change of it commits, whichever process wrote it.

A hint says that something changed; the log says what, read behind the last look, so that nothing is skipped: a
transaction that was open then is looked at again. Without hints a look each second finds the same.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import TypeAlias
from uuid import UUID

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from storage.hints import Hints, Topics
from storage.pool import Pool
from storage.sql import queries

log = structlog.get_logger()

SQL = queries("memory")
TOPIC = "memory"
LOOK = 1.0  # seconds between two looks when hints are quiet

Told: TypeAlias = Callable[[int], None]  # with the version; 0 for "look yourself": something may have been missed


class Feed:
    """Watches the memories that somebody in this process asked for; `run` does the looking until cancelled."""

    def __init__(self, pool: Pool, hints: Hints) -> None:
        self._pool = pool
        self._hints = hints
        self._watching: dict[tuple[UUID, str], dict[object, Told]] = {}
        self._rung = asyncio.Event()
        self._since: str | None = None

    def watch(self, bot: UUID, key: str, told: Told) -> Callable[[], None]:
        """Calls `told` after each change of this memory; answers what ends that."""
        place, token = (bot, key), object()
        self._watching.setdefault(place, {})[token] = told
        self._rung.set()

        def leave() -> None:
            watchers = self._watching.get(place, {})
            watchers.pop(token, None)
            if not watchers:
                self._watching.pop(place, None)

        return leave

    async def run(self) -> None:
        leave = self._hints.subscribe(self._heard)
        try:
            while True:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LOOK if self._watching else None):
                        await self._rung.wait()
                self._rung.clear()
                try:
                    await self._look()
                except (psycopg.Error, PoolTimeout, TimeoutError) as error:
                    log.info("feed.put_off", error=str(error).strip())
                    await asyncio.sleep(LOOK)
        finally:
            leave()

    def _heard(self, topics: Topics) -> None:
        if topics & {TOPIC, "*"} and self._watching:
            self._rung.set()

    async def _look(self) -> None:
        if not self._watching:
            self._since = None
            return
        bots = list({bot for bot, _ in self._watching})
        async with self._pool.connection() as connection:
            found = await connection.execute(SQL["memory_changes"], {"bots": bots, "since": self._since})
            rows = await found.fetchall()
        fresh = self._since is None
        self._since = rows[0][0]
        latest = {(bot, key): version for _, bot, key, version in rows if bot is not None}
        for place, watchers in list(self._watching.items()):
            if fresh or place in latest:
                for told in tuple(watchers.values()):
                    told(latest.get(place, 0))
