"""The one committer of a worker: turns of many executions become durable together.

While one batch is in flight the next gathers, so nobody waits for a timer: alone, a turn takes one commit; among many,
a share of one. Everything a turn brings (state, journal, effects, children, the wake-up of its parent) is written in
one transaction or not at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeAlias
from uuid import UUID

import psycopg
import structlog
from psycopg import AsyncConnection

from keywords.host import EffectStatement
from storage.hints import Hints
from storage.sql import queries
from workflow import batch
from workflow.repeat import REPEATABLE
from workflow.turn import Committed, Fate, Fenced, Turn, Unstorable

log = structlog.get_logger()

BATCH = 200  # rows of one statement; larger ones were not faster, and made worse plans
HEAVY = 32 * 1_048_576  # bytes that end a batch before it has so many
HEAVIEST = 256 * 1_048_576  # bytes of one turn; Postgres takes no message of 1 GB, and drops who sends one
SQL = queries("workflow")
REFUSED = (psycopg.Error, ValueError, TypeError, ArithmeticError)  # by Postgres, or by psycopg before it was sent
OVER_A_LIMIT = ("54000", "54001", "54011", "54023")  # of Postgres itself, and by this very row


Queued: TypeAlias = tuple[Turn, int, asyncio.Future[Fate]]  # with its weight


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
    ) -> None:
        self._owner = owner
        self._connect = connect
        self._statements = tuple(statements)
        self._known = {statement.kind.name for statement in statements}
        self._hints = hints
        self._noticed = noticed
        self._untold: set[str] = set()
        self._telling: asyncio.Task[None] | None = None
        self._queue: list[Queued] = []
        self._connection: AsyncConnection  # the one in use, which a lost one leaves to the next
        self._filled = asyncio.Event()

    async def commit(self, turn: Turn) -> Fate:
        """What became of the turn, once it is durable or certainly not."""
        for written in turn.effects:
            if written.row.kind.name not in self._known:
                return Unstorable(f"Nothing here writes effects of the kind {written.row.kind.name}.")
        heavy = batch.weight(turn)
        if heavy > HEAVIEST:
            return Unstorable(f"it takes about {heavy >> 20} MB, and a commit at most {HEAVIEST >> 20} MB")
        done: asyncio.Future[Fate] = asyncio.get_running_loop().create_future()
        self._queue.append((turn, heavy, done))
        self._filled.set()
        return await done

    async def run(self) -> None:
        """Write batches until cancelled; raises OwnershipLost when the database stays away."""
        self._connection = await self._connect()
        try:
            while True:
                await self._filled.wait()
                taken = self._next()
                turns = sorted((turn for turn, _, _ in taken), key=lambda turn: turn.id.bytes)
                fates = await self._durable(turns)
                self._noticed([turn for turn in turns if isinstance(fates[turn.id], Committed)])
                for turn, _, done in taken:
                    if not done.done():
                        done.set_result(fates[turn.id])
        finally:
            await self._connection.close()

    def _next(self) -> list[Queued]:
        """The next batch. Fates go by execution: two turns of one, a zombie's and its heir's, never meet in a batch."""
        taken: dict[UUID, Queued] = {}
        later: list[Queued] = []
        bytes_ = 0
        for place, queued in enumerate(self._queue):
            turn, heavy, _ = queued
            if len(taken) == BATCH or (taken and bytes_ + heavy > HEAVY):
                later += self._queue[place:]
                break
            if turn.id in taken:
                later.append(queued)
                continue
            taken[turn.id] = queued
            bytes_ += heavy
        self._queue = later
        if not later:
            self._filled.clear()
        return list(taken.values())

    async def _settle(self, connection: AsyncConnection, turns: Sequence[Turn]) -> dict[UUID, Fate]:
        """Commit the batch; repeat it when Postgres asks for that, halve it until a refused turn stands alone."""
        pause = 0.02
        while True:
            try:
                return await self._write(connection, turns)
            except REPEATABLE as error:
                log.info("commit.repeated", error=type(error).__name__, turns=len(turns))
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
                    reason = str(error).partition("\n")[0]
                    log.warning("commit.refused", execution=str(turns[0].id), reason=reason)
                    return {turns[0].id: Unstorable(reason)}
                middle = len(turns) // 2
                first = await self._settle(connection, turns[:middle])
                return first | await self._settle(connection, turns[middle:])

    async def _write(self, connection: AsyncConnection, turns: Sequence[Turn]) -> dict[UUID, Fate]:
        if not any(turn.effects or turn.births or turn.status != "running" for turn in turns):
            return await self._move(connection, turns)
        async with connection.transaction():
            fates, told = await self._write_all(connection, turns)
            notify = self._hints.statement(*told) if told else None
            if notify:
                await connection.execute(*notify)
        if told and not notify:
            self._tell(told)
        return fates

    def _tell(self, topics: Sequence[str]) -> None:
        """Hints that do not ride in the transaction go on their own, together, and keep no commit waiting."""
        self._untold.update(topics)
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._tell_all())

    async def _tell_all(self) -> None:
        while self._untold:
            topics, self._untold = self._untold, set()
            await self._hints.publish(*topics)

    async def _write_all(
        self, connection: AsyncConnection, turns: Sequence[Turn]
    ) -> tuple[dict[UUID, Fate], list[str]]:
        fates = await self._move(connection, turns)
        passed = [turn for turn in turns if isinstance(fates[turn.id], Committed)]
        if not passed:
            return fates, []
        if births := batch.birth_columns([turn for turn in passed if not _cancelled(fates[turn.id])]):
            await connection.execute(SQL["insert_children"], births)
        verdicts: dict[UUID, dict[str, Any]] = {}
        for statement in self._statements:
            columns, callers = batch.effect_columns(statement, passed)
            if not columns:
                continue
            cursor = await connection.execute(statement.sql, columns)
            if statement.kind.decides:
                verdicts |= {callers[ref]: verdict for ref, verdict in await cursor.fetchall()}
        undecided = [turn.id for turn in passed if turn.decides and turn.id not in verdicts]
        verdicts |= {id_: {"v": None} for id_ in undecided}  # or the call would be made again after a crash
        if verdicts:
            await self._keep(connection, verdicts)
            fates |= {id_: Committed(_cancelled(fates[id_]), verdict) for id_, verdict in verdicts.items()}
        woken: list[UUID] = []
        if joins := batch.join_columns(passed):
            cursor = await connection.execute(SQL["join_parents"], joins)
            woken = [id_ for id_, status in await cursor.fetchall() if status == "ready"]
        return fates, batch.topics(passed, woken)

    async def _move(self, connection: AsyncConnection, turns: Sequence[Turn]) -> dict[UUID, Fate]:
        columns: dict[str, Any] = {**batch.turn_columns(turns), "owner": self._owner}
        cursor = await connection.execute(SQL["commit_turns"], columns)
        passed = {id_: Committed(ends, None, pauses) for id_, ends, pauses in await cursor.fetchall()}
        return {turn.id: passed.get(turn.id, Fenced()) for turn in turns}

    async def _keep(self, connection: AsyncConnection, verdicts: Mapping[UUID, dict[str, Any]]) -> None:
        texts = [batch.verdict_text(verdict) for verdict in verdicts.values()]
        await connection.execute(SQL["write_verdicts"], {"id": list(verdicts), "verdict": texts})

    async def _durable(self, turns: Sequence[Turn]) -> dict[UUID, Fate]:
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
                unknown = [turn for turn in turns if turn.id not in fates]
                if unknown:
                    fates |= await self._settle(self._connection, unknown)
                ghosts = [turn for turn in unknown if cut and isinstance(fates[turn.id], Fenced)]
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
                self._connection = await self._connect()
                return
            except Exception as error:  # noqa: BLE001 - whatever kept the connection away, the answer is to try again
                log.info("commit.no_connection", error=str(error))
        raise OwnershipLost("The database could not be reached again.")

    async def _known_fates(self, turns: Sequence[Turn]) -> dict[UUID, Fate]:
        cursor = await self._connection.execute(SQL["reread_turns"], {"id": [turn.id for turn in turns]})
        rows = {row[0]: row[1:] for row in await cursor.fetchall()}
        fates: dict[UUID, Fate] = {}
        for turn in turns:
            epoch, seq, owner, cancelled, answer = rows.get(turn.id, (None, None, None, False, None))
            if epoch == turn.epoch and seq == turn.seq + 1:
                fates[turn.id] = Committed(cancelled, answer if turn.decides else None)
            elif epoch != turn.epoch or owner != self._owner:
                fates[turn.id] = Fenced()
        return fates


def _cancelled(fate: Fate) -> bool:
    return isinstance(fate, Committed) and fate.cancel_requested
