"""The ways that programs go on rows of the engine, and what became of them."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from psycopg import AsyncConnection

from storage.pool import Pool, connect
from tests.golden import rows
from tests.golden.rows import Ended
from tests.golden.stage import Stage
from tests.golden.workers import Troupe
from workflow.run import Run


@dataclass(slots=True)
class Played:
    """A way that the programs went."""

    troupe: Troupe
    begun: dict[str, UUID]
    ended: dict[UUID, Ended]

    def by_name(self) -> dict[str, Ended]:
        return {name: self.ended[root] for name, root in self.begun.items()}


async def begin(connection: AsyncConnection, stage: Stage) -> dict[str, UUID]:
    owners = [(rows.identity(), piece) for piece in stage.cast.pieces.values()]
    begun = await rows.insert(connection, [(own, piece.name, piece.program, piece.begin(own)) for own, piece in owners])
    for name, own in begun.items():
        stage.cast.meet(own.execution, name)
    return {name: own.execution for name, own in begun.items()}


@asynccontextmanager
async def play(
    database: str, pool: Pool, stage: Stage, kind: type[Run]
) -> AsyncGenerator[tuple[AsyncConnection, Played]]:
    """The programs, having gone this way on a fresh database."""
    async with await connect(database) as connection:
        await connection.set_autocommit(True)
        begun = await begin(connection, stage)
        troupe = Troupe(database, pool, stage.registry, stage.cast, kind)
        await troupe.work(connection)
        yield connection, Played(troupe, begun, await rows.ended(connection, stage.cast))


def same(one: dict[str, Ended], other: dict[str, Ended]) -> None:
    assert one.keys() == other.keys()
    for name, ended in one.items():
        assert other[name].ends == ended.ends, name
        assert other[name].journal == ended.journal, name
