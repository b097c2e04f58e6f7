"""The one committer of a worker: turns of many executions become durable together.

While one batch is in flight the next gathers, so nobody waits for a timer: alone, a turn takes one commit; among many,
a share of one. Everything a turn brings (state, journal, effects, children, the wake-up of its parent) is written in
one transaction or not at all.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

import psycopg
import structlog
from psycopg import AsyncConnection, AsyncCursor

from keywords.host import EffectStatement
from storage.arrays import taught, texts, uuids
from storage.hints import Hints
from storage.sql import queries
from workflow import batch
from workflow.batch import Prepared
from workflow.repeat import REPEATABLE
from workflow.turn import Committed, Fate, Fenced, Turn, Unstorable, with_ended
from workflow.watch import Unwatched, Watch

log = structlog.get_logger()

BATCH = 100  # rows of one statement: about half of what a worker runs, so that one half computes while one is written
HEAVY = 32 * 1_048_576  # bytes that end a batch before it has so many
HEAVIEST = 256 * 1_048_576  # bytes of one turn; Postgres takes no message of 1 GB, and drops who sends one
SQL = {**queries("workflow"), **queries("workflow", "branches.sql")}
# By Postgres, or before it was sent.
REFUSED = (psycopg.Error, struct.error, ValueError, TypeError, ArithmeticError)
OVER_A_LIMIT = ("54000", "54001", "54011", "54023")  # of Postgres itself, and by this very row
UNWRITABLE = (ValueError, TypeError)  # a value that no JSON can hold

Queued: TypeAlias = tuple[Prepared, asyncio.Future[Fate]]
Asked: TypeAlias = tuple[AsyncCursor[Any], Sequence[tuple[UUID, int]]]  # and by `ref` which call of whom each row is of


class Refusals(Exception):
    """A statement refused what some turns bring: all is undone, and written again without those."""

    def __init__(self, fates: dict[UUID, Fate]) -> None:
        super().__init__(f"{len(fates)} turns")
        self.fates = fates


class OwnershipLost(Exception):
    """The connection is gone and could not be had again in time: this worker must begin anew under another name."""


class Committer:
    """Queues turns and writes them in batches; `run` does the writing until cancelled."""

    def __init__(
        self,
        owner: UUID,
        connect: Callable[[], Awaitable[AsyncConnection]],
        statements: Sequence[EffectStatement],
        hints: Hints,
        noticed: Callable[[Sequence[Turn]], None],
        watch: Watch | None = None,
    ) -> None:
        self.owner = owner
        self._connect = connect
        self._statements = tuple(statements)
        self._known = {statement.kind.name for statement in statements}
        self._hints = hints
        self._noticed = noticed
        self._watch = watch or Unwatched()
        self._untold: set[str] = set()
        self._telling: asyncio.Task[None] | None = None
        self._queue: list[Queued] = []
        self._connection: AsyncConnection  # the one in use, which a lost one leaves to the next
        self._filled = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    async def commit(self, turn: Turn) -> Fate:
        """What became of the turn, once it is durable or certainly not."""
        for written in turn.effects:
            if written.row.kind.name not in self._known:
                return Unstorable(f"Nothing here writes effects of the kind {written.row.kind.name}.")
        try:
            ready = batch.prepared(turn)
        except UNWRITABLE as error:
            return Unstorable(str(error))
        if ready.weight > HEAVIEST:
            return Unstorable(f"it takes about {ready.weight >> 20} MB, and a commit at most {HEAVIEST >> 20} MB")
        done: asyncio.Future[Fate] = self._loop.create_future()
        self._queue.append((ready, done))
        self._filled.set()
        return await done

    async def run(self) -> None:
        """Write batches until cancelled; raises OwnershipLost when the database stays away."""
        self._connection = taught(await self._connect())
        clock = self._loop.time
        try:
            while True:
                await self._filled.wait()
                taken = self._next()
                turns = sorted((ready for ready, _ in taken), key=_by_id)
                began = clock()
                fates = await self._durable(turns)
                durable = [ready.turn for ready in turns if isinstance(fates[ready.turn.id], Committed)]
                self._noticed(durable)
                self._watch.committed(with_ended(durable), clock() - began)
                for ready, done in taken:
                    if not done.done():
                        done.set_result(fates[ready.turn.id])
        finally:
            await self._connection.close()

    def _next(self) -> list[Queued]:
        """The next batch. Fates go by execution: two turns of one, a zombie's and its heir's, never meet in a batch."""
        taken: dict[UUID, Queued] = {}
        later: list[Queued] = []
        bytes_ = 0
        for place, queued in enumerate(self._queue):
            ready, _ = queued
            if len(taken) == BATCH or (taken and bytes_ + ready.weight > HEAVY):
                later += self._queue[place:]
                break
            if ready.turn.id in taken:
                later.append(queued)
                continue
            taken[ready.turn.id] = queued
            bytes_ += ready.weight
        self._queue = later
        if not later:
            self._filled.clear()
        return list(taken.values())

    async def _settle(self, connection: AsyncConnection, turns: Sequence[Prepared]) -> dict[UUID, Fate]:
        """Commit the batch; repeat it when Postgres asks for that, halve it until a refused turn stands alone."""
        pause = 0.02
        while True:
            try:
                return await self._write(connection, turns)
            except REPEATABLE as error:
                log.info("commit.repeated", error=type(error).__name__, turns=len(turns))
            except Refusals as refusals:
                rest = [ready for ready in turns if ready.turn.id not in refusals.fates]
                return {**refusals.fates, **(await self._settle(connection, rest) if rest else {})}
            except REFUSED as error:
                if connection.broken:
                    raise
                if isinstance(error, psycopg.OperationalError) and error.sqlstate not in OVER_A_LIMIT:
                    # The server's trouble, not the turns': no room on the disk, no memory, shutting down.
                    log.warning("commit.put_off", error=str(error).strip(), turns=len(turns))
                    await asyncio.sleep(pause)
                    pause = min(1.0, pause * 2)
                    continue
                if len(turns) == 1:
                    reason, refused = str(error).partition("\n")[0], turns[0].turn.id
                    log.warning("commit.refused", execution=str(refused), reason=reason)
                    return {refused: Unstorable(reason)}
                middle = len(turns) // 2
                first = await self._settle(connection, turns[:middle])
                return first | await self._settle(connection, turns[middle:])

    async def _write(self, connection: AsyncConnection, turns: Sequence[Prepared]) -> dict[UUID, Fate]:
        if not any(map(_brings_more, turns)):
            fates = self._fates(turns, await (await self._move(connection, turns)).fetchall())
            woken: Sequence[UUID] = ()
        else:
            try:
                fates, woken = await self._write_at_once(connection, turns)
            except _NotAll:
                fates, woken = await self._write_in_turn(connection, turns)
        self._tell(batch.topics([ready.turn for ready in turns if isinstance(fates[ready.turn.id], Committed)], woken))
        return fates

    def _tell(self, topics: Sequence[str]) -> None:
        """Hints go on their own, after the commit and together, and keep no commit waiting."""
        if not topics:
            return
        self._untold.update(topics)
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._tell_all())

    async def _tell_all(self) -> None:
        while self._untold:
            topics, self._untold = self._untold, set()
            await self._hints.publish(*topics)

    async def _write_at_once(
        self, connection: AsyncConnection, turns: Sequence[Prepared]
    ) -> tuple[dict[UUID, Fate], Sequence[UUID]]:
        """All statements of the batch in one round trip, taking it that every turn passes; raises _NotAll if not."""
        plain = [ready.turn for ready in turns]
        async with connection.pipeline(), connection.transaction():
            moving = await self._move(connection, turns)
            rest = await self._write_rest(connection, turns)
            fates = self._fates(turns, await moving.fetchall())
            if not all(isinstance(fate, Committed) for fate in fates.values()):
                raise _NotAll
            if any(_brings_life(turn) and _cancelled(fates[turn.id]) for turn in plain):
                raise _NotAll
            return await self._finish(connection, plain, fates, rest)

    async def _write_in_turn(
        self, connection: AsyncConnection, turns: Sequence[Prepared]
    ) -> tuple[dict[UUID, Fate], Sequence[UUID]]:
        """First the fence, then what the turns bring that passed it."""
        async with connection.transaction():
            fates = self._fates(turns, await (await self._move(connection, turns)).fetchall())
            passed = [ready for ready in turns if isinstance(fates[ready.turn.id], Committed)]
            if not passed:
                return fates, ()
            unborn = {ready.turn.id for ready in passed if _cancelled(fates[ready.turn.id])}
            rest = await self._write_rest(connection, passed, unborn)
            return await self._finish(connection, [ready.turn for ready in passed], fates, rest)

    async def _move(
        self, connection: AsyncConnection, turns: Sequence[Prepared]
    ) -> AsyncCursor[tuple[UUID, bool, bool]]:
        columns = {**batch.turn_columns(turns), "owner": self.owner}
        return await connection.execute(SQL["commit_turns"], columns)

    def _fates(self, turns: Sequence[Prepared], rows: Sequence[tuple[UUID, bool, bool]]) -> dict[UUID, Fate]:
        passed = {id_: Committed(ends, None, pauses) if ends or pauses else COMMITTED for id_, ends, pauses in rows}
        return {ready.turn.id: passed.get(ready.turn.id, FENCED) for ready in turns}

    async def _write_rest(
        self, connection: AsyncConnection, ready: Sequence[Prepared], unborn: Collection[UUID] = ()
    ) -> _Rest:
        """Children, effects and the wake-up of parents; nothing is read, so it may stand in a pipeline."""
        turns = [each.turn for each in ready]
        born = [turn for turn in turns if turn.id not in unborn]
        if births := batch.birth_columns(turns, unborn):
            await connection.execute(SQL["insert_children"], births)
            if lines := batch.line_columns(ready):
                await connection.execute(SQL["journal_children"], lines)
        if forks := batch.fork_columns(born):
            await connection.execute(SQL["fork_parents"], forks)
        if values := batch.value_columns(turns):
            await connection.execute(SQL["keep_values"], values)
        if freed := [turn.id for turn in turns if turn.frees]:
            await connection.execute(SQL["free_values"], {"id": uuids(freed)})
        refusing: list[Asked] = []
        deciding: list[Asked] = []
        acting = [turn for turn in with_ended(turns) if turn.effects]
        for statement in self._statements:
            columns, callers = batch.effect_columns(statement, acting)
            if columns:
                cursor = await connection.execute(statement.sql, columns)
                if statement.kind.refuses:
                    refusing.append((cursor, callers))
                if statement.kind.decides:
                    deciding.append((cursor, callers))
        joins = batch.join_columns(turns)
        joining = await connection.execute(SQL["join_parents"], joins) if joins else None
        if released := batch.release_columns(born):
            await connection.execute(SQL["release_children"], released)
        return _Rest(refusing, deciding, joining)

    async def _finish(
        self, connection: AsyncConnection, turns: Sequence[Turn], fates: dict[UUID, Fate], rest: _Rest
    ) -> tuple[dict[UUID, Fate], Sequence[UUID]]:
        refused: dict[UUID, Fate] = {}
        for cursor, callers in rest.refusing:
            for ref, message in await cursor.fetchall():
                execution, n = callers[ref]
                refused.setdefault(execution, Unstorable(message, n))
        if refused:
            raise Refusals(refused)
        verdicts: dict[UUID, dict[str, Any]] = {}
        for cursor, callers in rest.deciding:
            verdicts |= {callers[ref][0]: verdict for ref, verdict in await cursor.fetchall()}
        undecided = [turn.id for turn in turns if turn.decides and turn.id not in verdicts]
        verdicts |= {id_: {"v": None} for id_ in undecided}  # or the call would be made again after a crash
        if verdicts:
            given = {"id": uuids(list(verdicts)), "verdict": texts(list(map(batch.verdict_text, verdicts.values())))}
            await connection.execute(SQL["write_verdicts"], given)
            fates |= {id_: Committed(_cancelled(fates[id_]), verdict) for id_, verdict in verdicts.items()}
        woken = await rest.joining.fetchall() if rest.joining else ()
        return fates, [id_ for id_, status in woken if status == "ready"]

    async def _durable(self, turns: Sequence[Prepared]) -> dict[UUID, Fate]:
        """The fates of all turns.

        The outcome of a commit whose answer never came is unknown: it is read before anything is repeated. A repeated
        batch cannot write twice, because the fence names the seq; so a turn that is fenced out may be one that the
        cut-off commit had written after all, and is read once more.
        """
        fates: dict[UUID, Fate] = {}
        cut = False
        while True:
            try:
                if cut:
                    fates |= await self._known_fates(turns)
                unknown = [ready for ready in turns if ready.turn.id not in fates]
                if unknown:
                    fates |= await self._settle(self._connection, unknown)
                ghosts = [ready for ready in unknown if cut and isinstance(fates[ready.turn.id], Fenced)]
                if ghosts:
                    fates |= await self._known_fates(ghosts)
                return fates
            except psycopg.Error as error:
                if not self._connection.broken:
                    raise
                log.warning("commit.cut_off", error=str(error).strip(), turns=len(turns))
                await self._reconnect()
                cut, fates = True, {}

    async def _reconnect(self) -> None:
        for pause in (0.0, 0.1, 0.3, 1.0, 2.0):
            await asyncio.sleep(pause)
            try:
                self._connection = taught(await self._connect())
                return
            except Exception as error:  # noqa: BLE001 - whatever kept the connection away, the answer is to try again
                log.info("commit.no_connection", error=str(error))
        raise OwnershipLost("The database could not be reached again.")

    async def _known_fates(self, turns: Sequence[Prepared]) -> dict[UUID, Fate]:
        given = {"id": uuids([ready.turn.id for ready in turns])}
        cursor = await self._connection.execute(SQL["reread_turns"], given)
        rows = {row[0]: row[1:] for row in await cursor.fetchall()}
        fates: dict[UUID, Fate] = {}
        for turn in (ready.turn for ready in turns):
            epoch, seq, owner, cancelled, answer = rows.get(turn.id, (None, None, None, False, None))
            if epoch == turn.epoch and seq == turn.seq + 1:
                fates[turn.id] = Committed(cancelled, answer if turn.decides else None)
            elif epoch != turn.epoch or owner != self.owner:
                fates[turn.id] = FENCED
        return fates


class _NotAll(Exception):
    """Not every turn of the batch may bring what it holds."""


@dataclass(frozen=True, slots=True)
class _Rest:
    """What was asked beside the turns themselves: refusals, verdicts, the woken parents."""

    refusing: Sequence[Asked]
    deciding: Sequence[Asked]
    joining: AsyncCursor[tuple[UUID, str]] | None


COMMITTED, FENCED = Committed(), Fenced()


def _cancelled(fate: Fate) -> bool:
    return isinstance(fate, Committed) and fate.cancel_requested


def _by_id(ready: Prepared) -> bytes:
    return ready.turn.id.bytes


def _brings_life(turn: Turn) -> bool:
    return any(not birth.ended for birth in turn.births)


def _brings_more(ready: Prepared) -> bool:
    """Whether it writes to more than its own row and its journal."""
    turn = ready.turn
    own = turn.values or turn.frees or turn.effects or turn.births or turn.decides
    return bool(own or (turn.parent and turn.finished))
