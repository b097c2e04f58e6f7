"""A worker: claims executions, runs each in a task of its own, and lives through the loss of its database.

Worker.run          one life after another: when the database is lost, so is everything it held; begin anew
  _Life             one registration: a name, three connections, the committer, the loops, the runs
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Collection, Sequence
from functools import partial
from uuid import UUID

import psycopg
import structlog
from psycopg import AsyncConnection
from psycopg.rows import class_row
from structlog.contextvars import bound_contextvars

from keywords.mistakes import Mistake
from storage.arrays import taught, uuids
from storage.hints import Topics
from storage.pool import DatabaseUnreachable, connect
from storage.sql import queries
from workflow.batch import EVENTFUL, mistake_text, storable
from workflow.bell import Bell
from workflow.claim import Claim
from workflow.commit import Committer, OwnershipLost
from workflow.deadlines import Deadlines
from workflow.effects import own_statements
from workflow.engine import Engine
from workflow.events import Delivery
from workflow.events.dispatch import Dispatch
from workflow.events.retention import forget
from workflow.interrupts import Interrupts
from workflow.joins import Joins
from workflow.lease import Heirs, Lease, LeaseLost
from workflow.maintenance import Maintenance
from workflow.onlookers import Onlookers
from workflow.perform import PASSING
from workflow.programs import Programs
from workflow.reminders import Reminders
from workflow.repeat import execute, repeated
from workflow.run import Run
from workflow.sweep import Sweep
from workflow.timers import Timers
from workflow.turn import Turn, with_ended

log = structlog.get_logger()

SQL = queries("workflow")
SLOTS = 200  # executions at once; all but those that act outside are cheap
SPARE = 4  # a fourth of so many again, for tenants of whom nothing runs here: nobody waits for the slots of others
AT_ONCE = 100  # executions that one claim takes
LOOK = 1.0  # seconds: the safety poll when hints are quiet
MAINTAINED = 3600.0  # seconds between two looks for partitions to make
SOON = (0.02, 0.2)

# One index look-up a row, whatever the statistics say (`queries.sql`).
PLANS = (
    "-c enable_hashjoin=off -c enable_mergejoin=off -c enable_seqscan=off -c enable_bitmapscan=off "
    "-c enable_material=off "
    "-c plan_cache_mode=force_generic_plan -c jit=off"
)
UNHURRIED = f"{PLANS} -c synchronous_commit=off"  # claims and wake-ups: losing one in a crash is harmless
LOST = (psycopg.Error, DatabaseUnreachable, OwnershipLost, LeaseLost, OSError)


class Worker:
    """Runs until cancelled; then gives back what it holds. Any number may share a database."""

    def __init__(self, engine: Engine, *, slots: int = SLOTS, programs: Programs | None = None) -> None:
        self._engine = engine
        self._slots = slots
        self.programs = programs or Programs(engine.pool, engine.registry)
        self.ready = asyncio.Event()  # set while it is registered and claiming
        self.running = 0

    async def run(self) -> None:
        pause = 0.1
        while True:
            life = _Life(self._engine, self._slots, self.programs, self)
            # In a task of its own: a TaskGroup that fails and is cancelled in one moment tells of the failure only.
            living = asyncio.create_task(life.run())
            try:
                await asyncio.wait({living})
            except asyncio.CancelledError:
                living.cancel()
                await asyncio.wait({living})
                raise
            finally:
                self.ready.clear()
                self.running = 0
            _tell_why(living)
            pause = 0.1 if life.lasted else min(pause * 2, 2.0)
            await asyncio.sleep(pause * self._engine.chance.uniform(0.8, 1.2))


def _tell_why(ended: asyncio.Task[None]) -> None:
    """Log what ended a life: the loss of the database is a warning, anything else a fault of ours."""
    error = None if ended.cancelled() else ended.exception()
    while isinstance(error, BaseExceptionGroup):
        error = next((e for e in error.exceptions if not isinstance(e, LOST)), error.exceptions[0])
    if isinstance(error, LOST):
        log.warning("worker.lost_its_database", error=str(error).strip())
    else:
        log.error("worker.fault", exc_info=error)


class _Life:
    """One registration of a worker."""

    def __init__(self, engine: Engine, slots: int, programs: Programs, worker: Worker) -> None:
        self._engine = engine
        self._slots = slots
        self._programs = programs
        self._joins = Joins(engine.pool)
        self._worker = worker
        self._id = UUID(int=engine.chance.getrandbits(128), version=4)
        self._work = Bell()
        self._runs: dict[UUID, asyncio.Task[None]] = {}
        self._tenants: dict[UUID, UUID] = {}  # of the same
        self._lives: dict[UUID, Run] = {}  # of the same
        self._committer: Committer
        self._side: AsyncConnection
        self._timers: Timers
        self._delivery: Delivery
        self._dispatch: Dispatch
        self._interrupts: Interrupts
        self.lasted = False

    async def run(self) -> None:
        async with contextlib.AsyncExitStack() as stack:
            self._side = taught(await stack.enter_async_context(await self._connection("claims", UNHURRIED)))
            heirs = Heirs(self._side, self._id, self._engine.clock, self._work.ring)
            parts = (self._side, self._engine.clock, self._engine.chance, self._work.ring)
            self._timers, self._delivery = Timers(*parts), Delivery(*parts)
            self._dispatch = Dispatch(self._engine, lambda: self._connection("events", ""), self._work.ring)
            self._interrupts = Interrupts(self._side, self._id, self._lives)
            self._committer = Committer(
                self._id,
                lambda: self._connection("commits", PLANS),
                (*own_statements(), *self._engine.statements),
                self._engine.hints,
                self._noticed,
                self._engine.watch,
            )
            self._onlookers = Onlookers(self._engine.hints, asyncio.get_running_loop().time)
            stack.callback(self._engine.hints.subscribe(self._hinted))
            with bound_contextvars(worker=str(self._id)):
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._committer.run())
                    looking = group.create_task(self._look_about(heirs))
                    keeper = await stack.enter_async_context(await self._connection("lease", ""))
                    lease = Lease(keeper, self._id)
                    await Maintenance(keeper, self._engine.clock).prepare()
                    await lease.take()
                    stack.push_async_callback(self._leave)
                    await looking
                    claims = await repeated(partial(self._claimed, min(self._slots, AT_ONCE)))
                    self._begin(group, claims)
                    loops = (
                        self._claim(group),  # first: what waits for this worker does not wait for its housekeeping
                        lease.run(),
                        heirs.run(),
                        self._timers.run(),
                        self._delivery.run(),
                        self._dispatch.run(),
                        self._interrupts.run(),
                        self._maintain(),
                        Deadlines(self._engine).run(),
                        Reminders(self._engine).run(),
                        Sweep(self._side, self._id, self._engine, self._runs, self._work.ring).run(),
                    )
                    for loop in loops:
                        group.create_task(loop)
                    self.lasted = True
                    self._worker.ready.set()

    async def _connection(self, purpose: str, settings: str) -> AsyncConnection:
        connection = await connect(self._engine.where, application=f"botmcp {purpose}", settings=settings)
        connection.prepare_threshold = 0  # the same few statements again and again: each is planned once
        return connection

    async def _leave(self) -> None:
        """Give everything back at once; when the database is gone, others find out by themselves."""
        with contextlib.suppress(psycopg.Error):
            await execute(self._side, SQL["leave"], {"me": self._id, "now": self._engine.clock()})

    async def _maintain(self) -> None:
        """On a connection of its own each time: what others do on ours must not ride in its transactions."""
        while True:
            await asyncio.sleep(MAINTAINED)
            async with await self._connection("maintenance", "") as connection:
                await Maintenance(connection, self._engine.clock).prepare()
                await forget(connection, self._engine.events, self._engine.clock())

    # -- claims --------------------------------------------------------------------------------------------------------

    async def _look_about(self, heirs: Heirs) -> None:
        """Free what the dead held, and have Postgres plan how to claim, while this worker is being registered."""
        await self._claimed(0)
        await heirs.take_over()

    async def _claim(self, group: asyncio.TaskGroup) -> None:
        """Claims skip rows that are locked, if only for a moment: so a ring is followed by two more looks soon."""
        looks = len(SOON)
        while True:
            await self._take(group)
            pause = SOON[looks] if looks < len(SOON) else LOOK * self._engine.chance.uniform(0.8, 1.2)
            looks = 0 if await self._work.wait(pause) else looks + 1

    async def _take(self, group: asyncio.TaskGroup) -> None:
        """Claim and begin to run what there is; where all slots are taken, one of each tenant that has none of them."""
        free = self._slots - len(self._runs)
        if free <= 0:
            if (spare := free + self._slots // SPARE) > 0:
                self._begin(group, await repeated(partial(self._claimed, spare, set(self._tenants.values()))))
            return
        while free > 0:
            claims = await repeated(partial(self._claimed, min(free, AT_ONCE)))
            self._begin(group, claims)
            if not any(claim.more for claim in claims):
                return
            free = self._slots - len(self._runs)

    def _begin(self, group: asyncio.TaskGroup, claims: Sequence[Claim]) -> None:
        for claim in claims:
            if lost := self._runs.get(claim.id):  # it was taken from us, and came back: the commits fence it
                lost.cancel()
            self._runs[claim.id] = group.create_task(self._drive(claim))
            self._tenants[claim.id] = claim.tenant_id
        if claims:
            self._engine.watch.claimed(len(claims))
        self._worker.running = len(self._runs)

    async def _claimed(self, wanted: int, busy: Collection[UUID] = ()) -> list[Claim]:
        async with self._side.cursor(row_factory=class_row(Claim)) as cursor:
            start = UUID(int=self._engine.chance.getrandbits(128))
            given = {"slots": wanted, "owner": self._id, "start": start, "busy": uuids(tuple(busy))}
            await cursor.execute(SQL["claim"], given)
            return await cursor.fetchall()

    async def _drive(self, claim: Claim) -> None:
        """Run it; whatever goes wrong stays with this one execution."""
        with bound_contextvars(execution=str(claim.id), program=claim.workflow_name):
            try:
                run = Run(claim, self._engine, self._committer, self._programs, self._joins)
                self._lives[claim.id] = run
                await run.live()
            except PASSING as error:
                log.warning("run.interrupted", error=str(error).strip())
                await self._give_back(claim)
            except Exception as error:
                log.exception("run.fault")
                await self._fail(claim, error)
            finally:
                full = len(self._runs) >= self._slots
                if self._runs.get(claim.id) is asyncio.current_task():  # else a newer run of it has begun
                    del self._runs[claim.id], self._tenants[claim.id]
                    self._lives.pop(claim.id, None)
                self._worker.running = len(self._runs)
                if full:  # there may be work that found no slot; whatever else is ready has rung by itself
                    self._work.ring()

    async def _give_back(self, claim: Claim) -> None:
        """It could not be read or run for the moment: let any worker try again a little later."""
        await asyncio.sleep(0.5)
        given = {"id": claim.id, "owner": self._id, "epoch": claim.epoch, "now": self._engine.clock()}
        await execute(self._side, SQL["give_back"], given)
        self._work.ring()

    async def _fail(self, claim: Claim, error: Exception) -> None:
        words = f"botmcp broke down here with {type(error).__name__}: {storable(str(error))}. The log has the details."
        given = {
            "id": claim.id,
            "owner": self._id,
            "epoch": claim.epoch,
            "now": self._engine.clock(),
            "error": mistake_text(Mistake("fault", words)),
        }
        await execute(self._side, SQL["fail_at_once"], given)
        self._work.ring()

    # -- news ----------------------------------------------------------------------------------------------------------

    def _noticed(self, turns: Sequence[Turn]) -> None:
        """What this worker's own commits mean for its loops: nobody waits for a hint of his own."""
        self._onlookers.noticed(turns)
        kinds = {written.row.kind.name for turn in with_ended(turns) for written in turn.effects}
        if any(turn.wake_at for turn in turns):
            self._timers.look()
        if kinds & (EVENTFUL | {"event.awaited", "event.chosen"}):
            self._delivery.look()
            self._dispatch.look()
        if any(turn.finished and turn.parent is None for turn in turns):
            self._dispatch.ended()
        if "signal.awaited" in kinds:  # what was sent before has woken it at once
            self._work.ring()
        if any((turn.finished and turn.parent) or any(not b.ended for b in turn.births) for turn in turns):
            self._work.ring()

    def _hinted(self, topics: Topics) -> None:
        if topics & {"ready", "*"}:
            self._work.ring()
        if topics & {"event", "*"}:
            self._delivery.look()
        self._onlookers.heard(topics)
        self._interrupts.heard(topics)
        self._dispatch.heard(topics)
