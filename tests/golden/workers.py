"""Workers for golden programs: the engine's own claim, run and commit, interrupted in every way there is."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from psycopg import AsyncConnection
from psycopg.rows import class_row

from keywords.program import Program
from keywords.registry import Registry
from memory.reads import PostgresMemories
from storage.pool import Pool, connect
from storage.sql import queries
from tests.golden.answers import STATEMENTS, services
from tests.golden.rows import Cast, Clock, answer_waiting
from workflow.claim import Claim
from workflow.commit import Committer
from workflow.effects import own_statements
from workflow.engine import Engine
from workflow.joins import Joins
from workflow.programs import Programs
from workflow.run import Run
from workflow.turn import Committed, Fate, Turn

ENGINE = queries("workflow")
SLOTS = 4_000
ROUNDS = 3_000  # more than any program needs


class Died(Exception):
    """The worker is no more: nothing that it still held is ever written."""


class Deaf:
    """Hints that nobody hears."""

    def statement(self, *topics: str) -> None:
        return None

    async def publish(self, *topics: str) -> None:
        return None

    def subscribe(self, subscriber: Any) -> Any:
        return lambda: None

    async def run(self) -> None:
        return None


@dataclass(slots=True)
class Seen:
    """What the commits of a way held: each state with its n, and what was written to memories before which call."""

    states: dict[UUID, dict[int, str]] = field(default_factory=lambda: defaultdict[UUID, dict[int, str]](dict))
    turns: dict[UUID, list[Turn]] = field(default_factory=lambda: defaultdict[UUID, list[Turn]](list))  # by root


class Whole(Run):
    """Runs as far as it goes."""


class Stopping(Run):
    """Gives the execution back with each commit, and stops after almost every step: the row alone goes on."""

    gathered = 0

    async def _commit(self, status: str, *rest: Any, **more: Any) -> Committed | None:
        """Ready for anybody, instead of running on."""
        if status != "running":
            return await super()._commit(status, *rest, **more)
        await super()._commit("ready", *rest, **more)
        raise Died


class Dying(Run):
    """Dies right after each commit that would let it go on."""

    async def _commit(self, status: str, *rest: Any, **more: Any) -> Committed | None:
        found = await super()._commit(status, *rest, **more)
        if status == "running":
            raise Died
        return found


class Crashing(Run):
    """Dies before each commit, once; whoever comes next makes it."""

    async def _commit(self, status: str, *rest: Any, **more: Any) -> Committed | None:
        place = (self._claim.id, self._seq)
        if place not in CRASHED:
            CRASHED.add(place)
            raise Died
        return await super()._commit(status, *rest, **more)


CRASHED: set[tuple[UUID, int]] = set()  # the commits that one worker has not survived


@dataclass(slots=True)
class Troupe:
    """All workers of one way on one database, one after the other."""

    dsn: str
    pool: Pool
    registry: Registry
    cast: Cast
    kind: type[Run] = Whole
    clock: Clock = field(default_factory=Clock)
    seen: Seen = field(default_factory=Seen)
    loaded: dict[str, Program] = field(default_factory=dict[str, Program])

    async def work(self, connection: AsyncConnection) -> None:
        """Until every program has ended."""
        for _ in range(ROUNDS):
            await self.take_over(connection)
            if not await self.act(connection) and not await answer_waiting(connection, self.cast):
                return
        raise AssertionError("the programs never end")

    async def take_over(self, connection: AsyncConnection) -> None:
        await connection.execute(ENGINE["take_over"], {"me": uuid4(), "now": self.clock()})

    async def act(self, connection: AsyncConnection) -> int:
        """One worker's life: it claims what there is, and runs it until it ends, waits or kills the worker."""
        owner = uuid4()
        async with connection.cursor(row_factory=class_row(Claim)) as cursor:
            await cursor.execute(ENGINE["claim"], {"slots": SLOTS, "owner": owner, "start": owner, "busy": []})
            claims = await cursor.fetchall()
        if not claims:
            return 0
        engine = Engine(
            self.pool, self.dsn, self.registry, services(PostgresMemories(self.pool)),
            STATEMENTS, Deaf(),
            self.clock,
        )  # fmt: skip
        committer = Watched(owner, engine, self.seen)
        programs, joins = Shared(self.pool, self.registry, self.loaded), Joins(self.pool)
        writing = asyncio.create_task(committer.run())
        try:
            await asyncio.gather(*(self.live(self.kind(c, engine, committer, programs, joins), c) for c in claims))
        finally:
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
        return len(claims)

    async def live(self, run: Run, claim: Claim) -> None:
        if isinstance(run, Stopping):
            known = self.cast.known.get(claim.id)
            run.fuel = known[0].fuel if known else 5
        with suppress(Died):
            await run.live()


class Watched(Committer):
    """A committer that remembers what it made durable."""

    def __init__(self, owner: UUID, engine: Engine, seen: Seen) -> None:
        statements = (*own_statements(), *engine.statements)
        super().__init__(owner, lambda: connect(engine.where), statements, engine.hints, lambda turns: None)
        self._seen = seen

    async def commit(self, turn: Turn) -> Fate:
        fate = await super().commit(turn)
        if isinstance(fate, Committed):
            self._seen.turns[turn.root or turn.id].append(turn)
            if turn.state is not None and not turn.finished:
                self._seen.states[turn.id].setdefault(turn.n, turn.state)
        return fate


class Shared(Programs):
    """Reads a program once, though every tenant has it."""

    def __init__(self, pool: Pool, registry: Registry, loaded: dict[str, Program]) -> None:
        super().__init__(pool, registry)
        self._shared = loaded

    async def kept(self, tenant: UUID, program: Program, now: datetime) -> str:
        self._shared.setdefault(program.hash, program)  # a child that ends at once is never loaded
        return await super().kept(tenant, program, now)

    async def load(self, tenant: UUID, hash_: str) -> Program:
        if hash_ not in self._shared:
            self._shared[hash_] = await super().load(tenant, hash_)
        return self._shared[hash_]
