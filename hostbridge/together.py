"""Looks at the disk, in a thread, that many callers of one moment share.

A hundred executions that call the same bot in the same turn of the event loop cost one hop to a thread and back. Nobody
gets what was read before he asked: who comes once the thread has begun has it read anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")


class Together:
    """Calls of slow functions, by what they are asked for."""

    def __init__(self) -> None:
        self._coming: dict[Hashable, asyncio.Task[Any]] = {}

    async def ask(self, key: Hashable, look: Callable[[], T]) -> T:
        """What `look` answers or raises, run in a thread; equal keys must mean the same look."""
        task = self._coming.get(key)
        if task is None:
            task = self._coming[key] = asyncio.create_task(self._looked(key, look))
        return await asyncio.shield(task)

    async def _looked(self, key: Hashable, look: Callable[[], T]) -> T:
        await asyncio.sleep(0)  # all that are ready to run now may join
        del self._coming[key]
        return await asyncio.to_thread(look)
