"""What a waiting loop listens to: rung when there is work, silent otherwise; it may also just look after a while."""

from __future__ import annotations

import asyncio
import contextlib


class Bell:
    """Rings are not counted: one that rings while nobody waits is heard by the next who does."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self._rung.set()

    async def wait(self, seconds: float) -> bool:
        """Return when it rings, at the latest after so many seconds; True when it rang."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(seconds, 0.0)):
                await self._rung.wait()
        rang = self._rung.is_set()
        self._rung.clear()
        return rang
