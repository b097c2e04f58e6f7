"""A few bots that live in one engine and talk about what they remember."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from keywords.host import ProgramText, bot_id
from keywords.mistakes import UnknownName
from storage.pool import Pool
from tests.workflow.house import House, NoBots, house
from tests.workflow.kit import TENANT
from workflow.details import Caller

ELSEWHERE = UUID(int=77)
NAMES = ("ana", "ben", "eve")


class Known(NoBots):
    """Three bots; nobody knows any other."""

    async def identified(self, tenant: UUID, origin: str, name: str) -> tuple[UUID, str]:
        if name not in NAMES:
            raise UnknownName("bot", name, NAMES, "The bots are ana, ben and eve.")
        return bot_id(tenant, name), name

    def names(self, origin: str) -> Collection[str]:
        return NAMES


class Town:
    """Runs programs as the bots."""

    def __init__(self, house: House, pool: Pool) -> None:
        self._house = house
        self.pool = pool

    async def does(self, bot: str, source: str, tenant: UUID = TENANT, **inputs: Any) -> Any:
        """What the program of this bot returns; raises AssertionError with its mistake."""
        detail = await self._run(bot, source, tenant, inputs)
        assert detail.status == "completed", detail.error
        return detail.result

    async def fails(self, bot: str, source: str, tenant: UUID = TENANT, **inputs: Any) -> tuple[str, str]:
        """The kind and the words of the mistake that ends the program."""
        detail = await self._run(bot, source, tenant, inputs)
        assert detail.error is not None, detail
        return detail.error.kind, detail.error.message

    async def rows(self, statement: str, **given: Any) -> list[Any]:
        async with self.pool.connection() as connection:
            found = await connection.execute(statement.encode(), given)
            return [row[0] if len(row) == 1 else row for row in await found.fetchall()]

    async def _run(self, bot: str, source: str, tenant: UUID, inputs: dict[str, Any]) -> Any:
        caller = Caller(tenant, "owner@example.com", "test", owner=True)
        operations = self._house.operations
        execution = await operations.start(caller, ProgramText(source + "\n", bot), inputs=inputs, bot_name=bot)
        detail = await operations.wait(caller, execution, 30)
        assert detail.finished, detail
        return detail


@asynccontextmanager
async def town(database: str, pool: Pool) -> AsyncGenerator[Town]:
    async with house(database, pool, bots=Known()) as made:
        yield Town(made, pool)
