"""Looks at what somebody in this process watches, and tells of what has changed, whichever process changed it.

Hints only make it look at once: what they do not tell, a look each second finds. It looks while somebody watches.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection, Hashable, Mapping
from typing import Generic, TypeAlias, TypeVar

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from storage.hints import Hints, Topics

K = TypeVar("K", bound=Hashable)
Told: TypeAlias = Callable[[], object]
EVERY = 1.0  # seconds between two looks when hints are quiet
REST = 0.1  # and at least
log = structlog.get_logger()


class Lookout(Generic[K]):
    """`look` answers a mark for each key, another one when what the key stands for has changed."""

    def __init__(
        self,
        look: Callable[[Collection[K]], Awaitable[Mapping[K, str]]],
        hints: Hints,
        concerns: Callable[[Topics], bool],
    ) -> None:
        self._look, self._hints, self._concerns = look, hints, concerns
        self._watchers: dict[K, dict[object, tuple[Told, str | None]]] = {}  # with the mark that each was told of
        self._rung = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def watch(self, key: K, told: Told) -> Callable[[], None]:
        """Calls `told` soon, for nobody knows what happened until now, and after each change; answers what ends it."""
        token = object()
        self._watchers.setdefault(key, {})[token] = told, None
        self._rung.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

        def leave() -> None:
            watchers = self._watchers.get(key, {})
            watchers.pop(token, None)
            if not watchers:
                self._watchers.pop(key, None)

        return leave

    async def _run(self) -> None:
        leave = self._hints.subscribe(self._heard)
        try:
            while self._watchers:
                self._rung.clear()
                try:
                    await self._once()
                except (psycopg.Error, PoolTimeout, TimeoutError) as error:
                    log.info("lookout.put_off", error=str(error).strip())
                await asyncio.sleep(REST)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(EVERY):
                        await self._rung.wait()
        finally:
            leave()

    def _heard(self, topics: Topics) -> None:
        if self._concerns(topics):
            self._rung.set()

    async def _once(self) -> None:
        if not self._watchers:
            return
        found = await self._look(list(self._watchers))
        for key, watchers in list(self._watchers.items()):
            mark = found.get(key, "")
            for token, (told, known) in tuple(watchers.items()):
                if known != mark and token in watchers:
                    watchers[token] = told, mark
                    told()
