"""Watching a run: each row of its journal once and in order, and where everything in it stands, as it happens.

All who watch one run in a process share one look at the database after each of its commits. A watcher may come back
with the place he had come to (`Places`) and is told the rest: nothing is lost, nothing told twice.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
import structlog
from psycopg.rows import dict_row
from psycopg_pool import PoolTimeout

from keywords.mistakes import Mistake
from keywords.program import MissingKeyword, UnknownFormat
from storage.hints import Topics
from storage.sql import queries
from workflow import permission
from workflow.bell import Bell
from workflow.details import Caller, JournalRow, mistake
from workflow.engine import Engine
from workflow.onlookers import AGAIN_SECONDS, looking, stepped
from workflow.places import Places
from workflow.programs import Programs
from workflow.steering import SQL as OPERATIONS, UnknownExecution
from workflow.turn import FINISHED

log = structlog.get_logger()
SQL = queries("workflow", "following.sql")

LOOK_SECONDS = 1.0  # between looks when hints are quiet
GAP_SECONDS = 0.01  # between looks at least: what comes closer together is seen together
MEMBERS = 5_000  # of a run that are watched
ROWS = 500
BEHIND = 1_000  # news that a watcher may leave unread before he has to begin anew


@dataclass(frozen=True, slots=True)
class Position:
    """Where one execution of a run stands."""

    id: UUID
    parent: UUID | None
    name: str
    bot_name: str
    program: str
    entry: str
    status: str
    reason: str | None
    retrying: bool
    step: int
    generation: int
    n: int
    line: int | None  # of its program, where it is parked
    keyword: str | None
    created_at: datetime
    ended_at: datetime | None
    error: Mistake | None

    @property
    def finished(self) -> bool:
        return self.status in FINISHED


@dataclass(frozen=True, slots=True)
class LineState:
    """What became of the last call that a line made."""

    line: int
    execution: UUID
    generation: int
    seq: int
    keyword: str
    failed: bool
    attempt: int
    calls: int
    ended_at: datetime
    started_at: datetime | None


@dataclass(frozen=True, slots=True)
class News:
    """What has happened since the last: rows of journals, and the positions that are others now."""

    rows: tuple[JournalRow, ...]
    positions: tuple[Position, ...]  # that changed, and those of new executions
    all: Mapping[UUID, Position]
    root: Position
    complete: bool = True  # False: more rows are there already

    @property
    def ended(self) -> bool:
        """Whether all of it has come to its end, and was told."""
        return self.complete and all(position.finished for position in self.all.values())


class Following:
    """The watched runs of this process."""

    def __init__(self, engine: Engine, programs: Programs) -> None:
        self._engine = engine
        self._programs = programs
        self._stations: dict[tuple[UUID, UUID], _Station] = {}

    async def now(self, caller: Caller, execution: UUID) -> tuple[News, Places]:
        """Where the run stands, and behind which place what is to come comes; raises UnknownExecution."""
        await self.allowed(caller, execution)
        return await self.look(caller.tenant, execution, None)

    async def lines(self, caller: Caller, positions: Mapping[UUID, Position], program: str) -> tuple[LineState, ...]:
        """What became of the lines of one program in this run."""
        family = [id_ for id_, position in positions.items() if position.program == program]
        given = {"tenant": caller.tenant, "family": family, "program": program}
        async with self._engine.pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(SQL["line_states"], given)
            return tuple(LineState(**row) for row in await cursor.fetchall())

    async def follow(
        self, caller: Caller, execution: UUID, after: Places | None = None
    ) -> AsyncGenerator[tuple[News, Places]]:
        """What happens behind a place, with the place after each; first what happened meanwhile and where all stands.

        Ends when the run, and all that it started, has ended; a retry then begins a new one. Raises UnknownExecution.
        """
        await self.allowed(caller, execution)
        key = (caller.tenant, execution)
        station = self._stations.get(key)
        if station is None:
            station = self._stations[key] = _Station(self, caller.tenant, execution)
        with station.joined() as inbox:
            try:
                await station.begun.wait()  # it tells what comes after its first look: ours must not be earlier
                places = after or Places()
                told: News | None = None
                while True:
                    if told is None:  # the database tells; what the station tells meanwhile waits in the inbox
                        news, places = await self.look(caller.tenant, execution, places)
                    else:
                        rows = tuple(row for row in told.rows if row.place > places.after(*_of(row, told)))
                        news = told if len(rows) == len(told.rows) else replace(told, rows=rows)
                        places = _moved(places, news)
                    yield news, places
                    if news.ended:
                        return
                    told = await _told(inbox) if news.complete or told is not None else None
            finally:
                if station.alone():
                    self._stations.pop(key, None)

    def watch(self, tenant: UUID, execution: UUID, told: Callable[[], object]) -> Callable[[], None]:
        """Calls `told` whenever the run has gone on, as far as hints tell; answers what ends that."""
        step, done = stepped(execution), f"done:{execution}"

        def heard(topics: Topics) -> None:
            if topics & {step, done, "*"}:
                told()

        async def remind() -> None:
            while True:
                await self._engine.hints.publish(looking(execution))
                await asyncio.sleep(AGAIN_SECONDS)

        leave, reminding = self._engine.hints.subscribe(heard), asyncio.create_task(remind())

        def end() -> None:
            leave()
            reminding.cancel()

        return end

    async def allowed(self, caller: Caller, execution: UUID) -> None:
        """Raise UnknownExecution, or Forbidden, for who may not watch it."""
        caller.require("wf:read")
        async with self._engine.pool.connection() as connection:
            await permission.see_execution(connection, caller, execution)

    async def look(self, tenant: UUID, execution: UUID, places: Places | None) -> tuple[News, Places]:
        """Where it stands, and the rows behind these places (None: no rows), with the place behind those."""
        given: dict[str, Any] = {"tenant": tenant, "id": execution, "limit": MEMBERS}
        async with self._engine.pool.connection() as connection, connection.transaction():
            await connection.execute(SQL["at_one_moment"])
            async with connection.cursor(row_factory=dict_row) as cursor:
                await cursor.execute(SQL["positions"], given)
                found = await cursor.fetchall()
                if not found:
                    raise UnknownExecution(execution)
                given["family"] = [row["id"] for row in found]
                if places is None:
                    await cursor.execute(SQL["last_places"], given)
                    last = {r["id"]: (r["generation"], r["seq"], r["attempt"]) for r in await cursor.fetchall()}
                    places, rows = Places(last), ()
                else:
                    marks = [places.after(row["id"], row["generation"]) for row in found]
                    given |= {
                        "generation": [g for g, _, _ in marks],
                        "seq": [n for _, n, _ in marks],
                        "attempt": [a for _, _, a in marks],
                        "limit": ROWS,
                    }
                    await cursor.execute(OPERATIONS["journal"], given)
                    rows = tuple(JournalRow.of(row) for row in await cursor.fetchall())
        positions = {row["id"]: await self._position(tenant, row) for row in found}
        news = News(rows, tuple(positions.values()), positions, positions[execution], len(rows) < ROWS)
        return news, _moved(places, news)

    async def _position(self, tenant: UUID, row: Mapping[str, Any]) -> Position:
        line = None
        if row["at"] is not None and row["status"] not in FINISHED:
            with contextlib.suppress(LookupError, MissingKeyword, UnknownFormat):
                line = (await self._programs.load(tenant, row["program"])).steps[row["at"]][1]
        same = ("id", "bot_name", "program", "entry", "status", "reason", "retrying", "generation", "n", "keyword")
        return Position(
            **{name: row[name] for name in same},
            parent=row["parent_id"],
            name=row["workflow_name"],
            step=row["current_step"],
            line=line,
            created_at=row["created_at"],
            ended_at=row["ended_at"],
            error=mistake(row["error"]),
        )


class _Station:
    """One watched run: looks at it after each of its commits, and tells all who watch."""

    def __init__(self, following: Following, tenant: UUID, execution: UUID) -> None:
        self._following, self._tenant, self._execution = following, tenant, execution
        self._inboxes: set[asyncio.Queue[News | None]] = set()
        self._bell = Bell()
        self._running: asyncio.Task[None] | None = None
        self.begun = asyncio.Event()  # set once it has looked, or has given up

    @contextlib.contextmanager
    def joined(self) -> Generator[asyncio.Queue[News | None]]:
        """An inbox that gets all news from now on; a None in it says: look yourself."""
        inbox: asyncio.Queue[News | None] = asyncio.Queue()
        self._inboxes.add(inbox)
        if self._running is None or self._running.done():
            self.begun = asyncio.Event()
            self._running = asyncio.create_task(self._run())
        try:
            yield inbox
        finally:
            self._inboxes.discard(inbox)
            if not self._inboxes:
                self._running.cancel()

    def alone(self) -> bool:
        """Whether nobody else watches."""
        return len(self._inboxes) <= 1

    async def _run(self) -> None:
        leave = self._following.watch(self._tenant, self._execution, self._bell.ring)
        places: Places | None = None
        known: Mapping[UUID, Position] = {}
        begun = self.begun
        try:
            while True:
                try:
                    news, places = await self._following.look(self._tenant, self._execution, places)
                except (psycopg.Error, PoolTimeout, TimeoutError) as error:
                    log.info("following.put_off", error=str(error).strip())
                    await asyncio.sleep(LOOK_SECONDS)
                    continue
                except UnknownExecution:  # erased meanwhile: who looks is told so
                    self._tell(None)
                    return
                begun.set()
                changed = tuple(one for one in news.positions if known.get(one.id) != one)
                if news.rows or changed:
                    self._tell(replace(news, positions=changed))
                known = news.all
                if news.complete:
                    await self._bell.wait(LOOK_SECONDS)
                    await asyncio.sleep(GAP_SECONDS)
        finally:
            begun.set()
            leave()

    def _tell(self, news: News | None) -> None:
        for inbox in self._inboxes:
            if inbox.qsize() >= BEHIND:
                while not inbox.empty():
                    inbox.get_nowait()
                inbox.put_nowait(None)
            else:
                inbox.put_nowait(news)


async def _told(inbox: asyncio.Queue[News | None]) -> News | None:
    """What has been told since; all of it at once where a slow watcher left several unread."""
    told = await inbox.get()
    while told is not None and not inbox.empty():
        later = inbox.get_nowait()
        if later is None:
            return None
        positions = {one.id: one for one in (*told.positions, *later.positions)}
        told = replace(later, rows=(*told.rows, *later.rows), positions=tuple(positions.values()))
    return told


def _of(row: JournalRow, news: News) -> tuple[UUID, int]:
    position = news.all.get(row.execution)
    return row.execution, position.generation if position else row.generation


def _moved(places: Places, news: News) -> Places:
    """The places after these news. What has ended is remembered shortly, once all of its journal was told."""
    live = {**places.live, **{row.execution: row.place for row in news.rows}}
    if not news.complete:
        return Places(live, places.ended)
    over = {id_ for id_, position in news.all.items() if position.finished and position.parent is not None}
    ended = dict(places.ended)
    for id_, position in news.all.items():
        short = id_.bytes[:6]
        if id_ in over:
            ended[short] = position.generation
        elif id_ in live:
            ended.pop(short, None)
    return Places({id_: place for id_, place in live.items() if id_ not in over}, ended)
