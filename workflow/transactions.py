"""One transaction an operation, told of when it is durable; and the keys with which an operation happens once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from keywords.mistakes import ProgramError, WrongValue
from workflow import permission
from workflow.details import Caller
from workflow.engine import Engine
from workflow.repeat import repeated
from workflow.steering import SQL

T = TypeVar("T")
Member: TypeAlias = tuple[UUID, str, str | None, bool]  # of a family: id, status, reason, whether it stands at a HEAR
KEYS_LAST = timedelta(days=7)
LONGEST_KEY = 200


class IdempotencyConflict(ProgramError):
    kind = "conflict"

    def __init__(self, key: str) -> None:
        super().__init__(
            f"The idempotency key {key} was used for another request. "
            "Use a new key, or send the same program and inputs."
        )


class Transactions:
    """What all operations stand on."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def _may(self, caller: Caller, scope: str, execution: UUID | None = None) -> None:
        """Raise Refused without the scope, and UnknownExecution for what is none of the caller's bots."""
        caller.require(scope)
        if execution is not None and caller.bots is not None:
            async with self._engine.pool.connection() as connection:
                await permission.see_execution(connection, caller, execution)

    async def _rows(self, statement: str, given: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        return await self._selected(SQL[statement], given)

    async def _selected(self, statement: bytes, given: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        async with self._engine.pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(statement, given)
            return await cursor.fetchall()

    async def _family(self, connection: AsyncConnection, caller: Caller, execution: UUID) -> list[Member]:
        cursor = await connection.execute(SQL["family"], {"tenant": caller.tenant, "id": execution})
        return [(id_, status, reason, hears) for id_, status, reason, hears in await cursor.fetchall()]

    async def _transaction(self, work: Callable[[AsyncConnection], Awaitable[T]], *topics: str) -> T:
        """What the work answers, done in one transaction that is told of when it is durable."""
        notify = self._engine.hints.statement(*topics)

        async def once() -> T:
            async with self._engine.pool.connection() as connection, connection.transaction():
                answer = await work(connection)
                if notify:
                    await connection.execute(*notify)
                return answer

        answer = await repeated(once)
        if not notify:
            await self._engine.hints.publish(*topics)
        return answer

    async def _claim_key(
        self, connection: AsyncConnection, caller: Caller, key: str, execution: UUID, request: str, now: datetime
    ) -> UUID | None:
        """The execution that an earlier request with this key made; None when this one is the first."""
        if not key or len(key) > LONGEST_KEY or "\0" in key:
            raise WrongValue(f"An idempotency key is text of 1 to {LONGEST_KEY} characters.")
        given = {"tenant": caller.tenant, "key": key, "execution": execution, "request": request, "now": now}
        cursor = await connection.execute(SQL["claim_key"], {**given, "expires": now + KEYS_LAST})
        if await cursor.fetchone():
            return None
        cursor = await connection.execute(SQL["known_key"], given)
        row = await cursor.fetchone()
        assert row is not None, "a key that cannot be inserted is there"
        if row[1] != request:
            raise IdempotencyConflict(key)
        return row[0]

    async def _done_before(
        self, connection: AsyncConnection, caller: Caller, key: str | None, what: UUID, action: str, now: datetime
    ) -> bool:
        return key is not None and await self._claim_key(connection, caller, key, what, action, now) is not None

    def _new_id(self) -> UUID:
        return UUID(int=self._engine.chance.getrandbits(128), version=4)
