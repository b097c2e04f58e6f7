"""A whole engine on a test's database: real workers, the real language, and keywords that tests can hold on to."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncGenerator, Collection, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from keywords.host import Bots, Child, Host, Identity, Models, ProgramText, Services, Spawn, Value, bot_id
from keywords.library import registry as library
from keywords.mistakes import Refused, Transient, UnknownName, WrongValue
from keywords.registry import Effect, Keyword, Registry, keyword
from memory.effects import effect_statements
from memory.reads import PostgresMemories
from smartrouter.effects import effect_statements as model_statements
from storage.hints import Hints, PostgresHints
from storage.pool import Pool, Where
from tests.workflow.kit import TENANT
from workflow.desk import Desk
from workflow.details import Caller, Detail
from workflow.engine import Engine
from workflow.events.desk import ProgramsDesk
from workflow.events.setup import EventSetup
from workflow.operations import Operations
from workflow.worker import Worker

OWNER = Caller(TENANT, "owner@example.com", "test", owner=True)


@dataclass(slots=True)
class World:
    """What the test keywords touch: outside of Postgres, so it shows how often a call was really made."""

    marks: Counter[str] = field(default_factory=Counter[str])  # call id -> how often
    words: list[Any] = field(default_factory=list[Any])
    gates: dict[str, asyncio.Event] = field(default_factory=dict[str, asyncio.Event])
    held: Counter[str] = field(default_factory=Counter[str])
    failures: int = 0

    def gate(self, name: str) -> asyncio.Event:
        return self.gates.setdefault(name, asyncio.Event())

    async def until_held(self, name: str) -> None:
        while not self.held[name]:
            await asyncio.sleep(0.005)


def test_keywords(world: World) -> Iterable[Keyword]:
    @keyword("MARK {word}", effect=Effect.IDEMPOTENT, example='MARK "a"', group="test")
    async def mark(host: Host, word: Value) -> Value:
        """Leave a mark in the world."""
        world.marks[host.call_id] += 1
        world.words.append(word)
        return word

    @keyword("HOLD {name}", effect=Effect.IDEMPOTENT, example='HOLD "a"', group="test")
    async def hold(host: Host, name: str) -> Value:
        """Wait until the test opens the gate."""
        world.held[name] += 1
        await world.gate(name).wait()
        return name

    @keyword("STRIKE {name}", effect=Effect.ONCE, example='STRIKE "a"', group="test")
    async def strike(host: Host, name: str) -> Value:
        """Act, never twice."""
        world.marks[host.call_id] += 1
        world.held[name] += 1
        await world.gate(name).wait()
        if name == "unclear":
            raise Transient("the line went dead")
        return name

    @keyword("FLICKER {times} [AFTER {seconds}]", effect=Effect.IDEMPOTENT, example="FLICKER 2", group="test")
    async def flicker(host: Host, times: int, seconds: float = 0.0) -> Value:
        """Fail for the moment, so many times."""
        world.marks[host.call_id] += 1
        if host.attempt <= times:
            raise Transient("not now", after=seconds)
        return host.attempt

    @keyword("BREAK DOWN", effect=Effect.IDEMPOTENT, example="BREAK DOWN", group="test")
    async def break_down(host: Host) -> Value:
        """Raise what no keyword should."""
        raise RuntimeError("a wheel came off")

    @keyword("REFUSE {words}", effect=Effect.READ, example='REFUSE "no"', group="test")
    async def refuse(host: Host, words: str) -> Value:
        """Say no."""
        raise Refused(words)

    @keyword("ASK {name}", effect=Effect.WAIT, example='ASK "child"', group="test")
    async def ask(host: Host, name: str) -> Spawn:
        """Run a program of the test as a child."""
        source = PROGRAMS.get(name)
        if source is None:
            raise UnknownName("program", name, PROGRAMS, "Add it to the test.")
        inputs = {key: host.variables[key] for key in host.variables}
        return Spawn((Child(name, inputs, ProgramText(source, name)),), f"program {name}")

    @keyword("UNSTEADY {word}", effect=Effect.IDEMPOTENT, example='UNSTEADY "a"', group="test")
    async def unsteady(host: Host, word: Value) -> Value:
        """Refuse as often as the world says."""
        world.marks[host.call_id] += 1
        if world.failures:
            world.failures -= 1
            raise Refused("the pump stands still")
        return word

    @keyword("STUMBLE {word}", effect=Effect.IDEMPOTENT, example='STUMBLE "a"', group="test")
    async def stumble(host: Host, word: Value) -> Value:
        """Fail as often as the world says, in a way that another attempt may mend."""
        world.marks[host.call_id] += 1
        world.words.append(word)
        if world.failures:
            world.failures -= 1
            raise WrongValue("it stumbled")
        return word

    return mark, hold, strike, flicker, break_down, refuse, ask, unsteady, stumble


PROGRAMS: dict[str, str] = {
    "double": 'PARAM x AS NUMBER\nTALK "doubling " + x\nRETURN x * 2\n',
    "fails": 'REFUSE "the child refuses"\n',
    "endless": 'r = ASK "endless"\nRETURN r\n',
    "broken": "IF 1 THEN\n",
    "echo": 'RETURN "heard " + message\n',
    "slow": 'HOLD "slow"\nRETURN "late"\n',
    "curious": 'HEAR colour AS "red", "blue" WITH "Which colour?"\nRETURN colour\n',
    "approves": 'HUMAN APPROVAL FROM "ana@example.com" TIMEOUT 600\nRETURN "yes"\n',
}


class NoBots:
    """A world without packages: bots have names and memories, but nobody answers."""

    async def answering(self, host: Host, name: str, message: str | None) -> Spawn:
        raise UnknownName("bot", name, (), "There are none in this test.")

    async def tool(self, host: Host, name: str, arguments: Any) -> Spawn:
        raise UnknownName("tool", name, (), "There are none in this test.")

    async def script(self, host: Host, name: str, values: Any, arguments: Any) -> Spawn:
        raise UnknownName("script", name, (), "There are none in this test.")

    async def identified(self, tenant: UUID, origin: str, name: str) -> tuple[UUID, str]:
        return bot_id(tenant, name), name

    def names(self, origin: str) -> Collection[str]:
        return ("sales", "support")


class ProgramBots(NoBots):
    """Bots that are programs of the test, called by their names."""

    async def answering(self, host: Host, name: str, message: str | None) -> Spawn:
        source = PROGRAMS.get(name)
        if source is None:
            raise UnknownName("bot", name, PROGRAMS, "Add it to the test.")
        inputs = {} if message is None else {"message": message}
        program = ProgramText(source, name)
        bot = bot_id(host.identity.tenant, name)
        return Spawn((Child(name, inputs, program, bot=bot, bot_name=name),), f"bot {name}")

    async def identified(self, tenant: UUID, origin: str, name: str) -> tuple[UUID, str]:
        if name not in PROGRAMS:
            raise UnknownName("bot", name, PROGRAMS, "Add it to the test.")
        return bot_id(tenant, name), name

    def names(self, origin: str) -> Collection[str]:
        return tuple(PROGRAMS)


async def packaged(tenant: UUID, origin: str, name: str) -> ProgramText:
    """A program of the test by its name, as packages would find it."""
    if name not in PROGRAMS:
        raise UnknownName("workflow", name, PROGRAMS, "Add it to the test.")
    return ProgramText(PROGRAMS[name], name)


class NoModels:
    async def answer(self, request: Any, call_id: str) -> Any:
        raise Refused("There are no models in this test.")

    async def preferred(self, caller: Identity) -> str | None:
        return None

    def names(self, origin: str) -> Sequence[str]:
        return ()


@dataclass(slots=True)
class House:
    """The engine, its world, and the workers that are up."""

    engine: Engine
    operations: Operations
    world: World
    workers: list[tuple[Worker, asyncio.Task[None]]] = field(default_factory=list[tuple[Worker, asyncio.Task[None]]])

    async def add_worker(self, **options: Any) -> Worker:
        worker = Worker(self.engine, **options)
        self.workers.append((worker, asyncio.create_task(worker.run())))
        await worker.ready.wait()
        return worker

    async def stop_worker(self, worker: Worker) -> None:
        (task,) = [task for known, task in self.workers if known is worker]
        self.workers = [pair for pair in self.workers if pair[0] is not worker]
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    async def start(self, source: str, bot: str = "", **inputs: Any) -> UUID:
        return await self.operations.start(OWNER, ProgramText(source, "test"), inputs=inputs, bot_name=bot)

    async def ended(self, execution: UUID, seconds: float = 30.0) -> Detail:
        detail = await self.operations.wait(OWNER, execution, seconds)
        assert detail.finished, detail
        return detail

    async def run(self, source: str, **inputs: Any) -> Detail:
        return await self.ended(await self.start(source, **inputs))

    async def over(self, execution: UUID) -> Detail:
        """Its end, whoever it asks on its way there."""
        while not (detail := await self.operations.get(OWNER, execution)).finished:
            await asyncio.sleep(0.01)
        return detail

    async def talk(self, execution: UUID) -> list[str]:
        return [message.text for message in (await self.operations.get(OWNER, execution)).messages]

    async def until(self, execution: UUID, status: str) -> Detail:
        while True:
            detail = await self.operations.get(OWNER, execution)
            if detail.status == status:
                return detail
            assert not detail.finished, detail
            await asyncio.sleep(0.01)


@asynccontextmanager
async def house(
    where: Where,
    pool: Pool,
    *,
    workers: int = 1,
    registry: Registry | None = None,
    seed: int = 7,
    hints: Hints | None = None,
    bots: Bots | None = None,
    owner: str = "",
    events: EventSetup | None = None,
    models: Models | None = None,
) -> AsyncGenerator[House]:
    """An engine with so many workers; they end with the block."""
    world = World()
    table = registry or library()
    table.register(*test_keywords(world))
    services = Services(bots or NoBots(), models or NoModels(), PostgresMemories(pool))
    hints = hints or PostgresHints(where, pool)
    statements = (*effect_statements(), *model_statements())
    engine = Engine(pool, where, table, services, statements, hints, chance=random.Random(seed))
    engine = replace(engine, events=events or EventSetup())
    operations = Operations(engine)
    engine = engine.with_executions(Desk(operations, packaged, owner), ProgramsDesk(operations.events))
    made = House(engine, operations, world)
    listening = asyncio.create_task(hints.run())
    try:
        for _ in range(workers):
            await made.add_worker()
        yield made
    finally:
        for worker, _ in list(made.workers):
            await made.stop_worker(worker)
        await operations.events.close()
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
