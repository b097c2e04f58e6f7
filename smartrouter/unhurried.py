"""Work on the database that a caller may leave at once.

psycopg ends a query that is cancelled by asking the server to end it and waiting for that; a call whose time is up must
not wait. So the query goes on to its end by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
_going: set[asyncio.Task[Any]] = set()


async def unhurried(work: Coroutine[Any, Any, T]) -> T:
    """The result of the work; whoever is cancelled leaves it behind."""
    return await asyncio.shield(left_to_itself(work))


def left_to_itself(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """The work, begun, and kept until it has ended."""
    task = asyncio.ensure_future(work)
    _going.add(task)
    task.add_done_callback(_ended)
    return task


def _ended(task: asyncio.Task[Any]) -> None:
    _going.discard(task)
    if not task.cancelled():
        task.exception()  # whoever still waits is told; nobody else needs to know
