"""Statements that Postgres may ask to be made again: a row just moved to another partition, a deadlock it broke."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import structlog
from psycopg import AsyncConnection, AsyncCursor, errors

log = structlog.get_logger()

REPEATABLE = (errors.SerializationFailure, errors.DeadlockDetected)
TIMES = 20

T = TypeVar("T")


async def repeated(work: Callable[[], Awaitable[T]]) -> T:
    """What the work answers, once Postgres lets it through; nothing of an attempt that failed remains."""
    for attempt in range(TIMES):
        try:
            return await work()
        except REPEATABLE as error:
            log.info("statement.repeated", error=type(error).__name__, attempt=attempt)
            await asyncio.sleep(0.002 * attempt)
    return await work()


async def execute(
    connection: AsyncConnection, statement: bytes, given: Mapping[str, Any] | None = None
) -> AsyncCursor[tuple[Any, ...]]:
    """One statement on a connection in autocommit, repeated while it must be."""
    return await repeated(lambda: connection.execute(statement, given))
