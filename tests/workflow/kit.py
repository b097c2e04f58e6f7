"""What the engine's tests share: rows made by hand, committers of their own, programs that run on a real database."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from psycopg import AsyncConnection
from psycopg.rows import class_row

from keywords.host import EffectStatement, Identity
from keywords.outcome import Entry
from storage.hints import PostgresHints
from storage.pool import Pool, connect
from storage.sql import queries
from workflow.claim import Claim
from workflow.commit import Committer
from workflow.effects import own_statements
from workflow.turn import Line, Turn

ENGINE = queries("workflow")
FACES = queries("workflow", "operations.sql")
TENANT = UUID(int=1)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
STATE: dict[str, Any] = {
    "v": 1, "n": 0, "g": 0, "seed": 1, "draws": 0, "step": 0, "on_error": None, "turns": 0, "frames": [], "call": None,
}  # fmt: skip


async def insert(pool: Pool, *, tenant: UUID = TENANT, name: str = "test", bot: int = 7) -> UUID:
    """A ready execution that is only a row."""
    execution = uuid4()
    row = {
        "id": execution, "tenant": tenant, "bot": UUID(int=bot), "bot_name": "", "origin": "", "session": None,
        "name": name, "program": "none", "state": json.dumps(STATE), "now": NOW, "by": "test", "through": "test",
        "priority": 0, "deadline": None,
    }  # fmt: skip
    async with pool.connection() as connection:
        await connection.execute(FACES["insert_execution"], row)
    return execution


async def claim(pool: Pool, owner: UUID, slots: int = 1000, busy: Sequence[UUID] = ()) -> list[Claim]:
    """What a worker of this name takes."""
    async with pool.connection() as connection, connection.cursor(row_factory=class_row(Claim)) as cursor:
        given = {"slots": slots, "owner": owner, "start": owner, "busy": list(busy)}
        await cursor.execute(ENGINE["claim"], given)
        return await cursor.fetchall()


def turn(claimed: Claim, status: str = "running", **changes: Any) -> Turn:
    """The next commit of a claimed row; `n` of its journal line follows its seq."""
    n = claimed.seq + 1
    given: dict[str, Any] = {
        "state": json.dumps({**STATE, "n": n}),
        "lines": (line(n),),
        "parent": claimed.parent_id,
        "root": claimed.root_id,
        **changes,
    }
    return Turn(claimed.identity, claimed.epoch, claimed.seq, status, NOW, n, 0, **given)


def line(n: int, answer: Any = None) -> Line:
    return Line(Entry(n, 0, 0, 1, 1, "TEST", answer, None, NOW), 0)


def identity(execution: UUID) -> Identity:
    return Identity(TENANT, execution, UUID(int=7))


@asynccontextmanager
async def committer(
    database: str, pool: Pool, owner: UUID, extra: Sequence[EffectStatement] = ()
) -> AsyncGenerator[Committer]:
    """A committer that runs."""

    async def connection() -> AsyncConnection:
        return await connect(database)

    made = Committer(owner, connection, (*own_statements(), *extra), PostgresHints(database, pool), lambda turns: None)
    task = asyncio.create_task(made.run())
    try:
        yield made
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def rows(pool: Pool, query: bytes, given: dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
    async with pool.connection() as connection:
        return await (await connection.execute(query, given)).fetchall()


async def row(pool: Pool, query: bytes, given: dict[str, Any] | None = None) -> tuple[Any, ...]:
    (found,) = await rows(pool, query, given)
    return found
