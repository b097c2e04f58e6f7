"""What every face calls: start, look, wait, publish, decide, answer, steer. Each caller sees one tenant."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from keywords.encode import dump_text, from_plain, load, state_to_json
from keywords.host import Identity, ProgramText, bot_id
from keywords.machine import start_state
from keywords.mistakes import ProgramError, WrongValue
from keywords.program import Program
from keywords.values import text as as_text
from storage.hints import Topics
from workflow import approvals, steering
from workflow.bell import Bell
from workflow.cancel import cancel
from workflow.details import Approval, Caller, Cursor, Deed, Detail, JournalRow, Message
from workflow.engine import Engine
from workflow.programs import Programs
from workflow.repeat import repeated
from workflow.steering import SQL, UnknownExecution
from workflow.turn import FINISHED, STUCK

T = TypeVar("T")
Steer: TypeAlias = Callable[[AsyncConnection, Caller, UUID, datetime], Awaitable[object]]
Member: TypeAlias = tuple[UUID, str, str | None, bool]  # of a family: id, status, reason, whether it stands at a HEAR
KEYS_LAST = timedelta(days=7)
LONGEST_KEY = 200
LONGEST_NAME = 200
THREAD_FROM = 20_000  # characters of source that are compiled beside the event loop
ROWS = 500  # of the journal, at once
PUBLISH = ProgramText("id = PUBLISH EVENT name WITH data\nRETURN id\n", "publish event")


class IdempotencyConflict(ProgramError):
    kind = "conflict"

    def __init__(self, key: str) -> None:
        super().__init__(
            f"The idempotency key {key} was used for another request. "
            "Use a new key, or send the same program and inputs."
        )


class Operations:
    """The engine as the faces see it. Works in any process; the executions need a worker somewhere."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._programs = Programs(engine.pool, engine.registry)

    # -- start ---------------------------------------------------------------------------------------------------------

    async def start(
        self,
        caller: Caller,
        program: ProgramText,
        *,
        inputs: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
        session: UUID | None = None,
        bot_name: str = "",
    ) -> UUID:
        """Start the program, or find the start that had this key; all of it happens, or nothing.

        Raises Rejected for a program that cannot run, IdempotencyConflict, and ProgramError for wrong inputs.
        """
        given = dict(inputs or {})
        name = (program.name or "workflow")[:LONGEST_NAME]
        compiled = await self._compiled(program)
        now = self._engine.clock()
        bot = bot_name or program.origin or name
        identity = Identity(
            caller.tenant,
            self._new_id(),
            bot_id(caller.tenant, bot),
            bot_name or program.origin,
            program.origin,
            session,
        )
        values = {key: from_plain(value) for key, value in given.items()}
        state = start_state(compiled, identity, values, self._engine.chance.getrandbits(63))
        row = {
            "id": identity.execution,
            "tenant": caller.tenant,
            "bot": identity.bot,
            "bot_name": identity.bot_name,
            "origin": identity.origin,
            "session": session,
            "name": name,
            "program": compiled.hash,
            "state": state_to_json(state),
            "by": caller.subject,
            "through": caller.through,
            "now": now,
        }

        async def started(connection: AsyncConnection) -> UUID:
            if idempotency_key is not None:
                request = _digest(program, bot_name, given)
                known = await self._claim_key(connection, caller, idempotency_key, identity.execution, request, now)
                if known is not None:
                    return known
            await self._programs.keep(caller.tenant, compiled, now, connection)
            kept = {"tenant": caller.tenant, "bot": identity.bot, "name": bot, "now": now}
            await connection.execute(SQL["keep_bot"], kept)
            await connection.execute(SQL["insert_execution"], row)
            return identity.execution

        return await self._transaction(started, "ready")

    async def _compiled(self, program: ProgramText) -> Program:
        known = self._engine.services.bots.names(program.origin)
        if len(program.source) < THREAD_FROM:
            return self._programs.compile(program, known)
        return await asyncio.to_thread(self._programs.compile, program, known)

    async def _claim_key(
        self, connection: AsyncConnection, caller: Caller, key: str, execution: UUID, request: str, now: datetime
    ) -> UUID | None:
        """The execution that an earlier start with this key made; None when this one is the first."""
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

    async def publish(self, caller: Caller, event_name: str, data: Any = None, *, seconds: float = 20.0) -> UUID:
        """Publish an event from outside: an execution of one line, so journalled and checked like any other."""
        detail = await self.completed(caller, PUBLISH, {"name": event_name, "data": data}, seconds=seconds)
        return UUID(detail.result)

    async def completed(
        self,
        caller: Caller,
        program: ProgramText,
        inputs: Mapping[str, Any],
        *,
        seconds: float = 20.0,
        bot_name: str = "",
    ) -> Detail:
        """Run a short program to its end; raises ProgramError with its mistake, or when no worker ran it in time."""
        execution = await self.start(caller, program, inputs=inputs, bot_name=bot_name)
        detail = await self.wait(caller, execution, seconds)
        if detail.status != "completed":
            words = (
                str(detail.error) if detail.error else f"{program.name} is still {detail.status}. Is a worker running?"
            )
            raise ProgramError(words)
        return detail

    # -- look ----------------------------------------------------------------------------------------------------------

    async def get(self, caller: Caller, execution: UUID) -> Detail:
        """The execution as it stands, with all that was said and asked below it; raises UnknownExecution."""
        async with self._engine.pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(SQL["get_execution"], {"tenant": caller.tenant, "id": execution})
            row = await cursor.fetchone()
            if row is None:
                raise UnknownExecution(execution)
            family = await self._family(connection, caller, execution)
            given = {"tenant": caller.tenant, "family": [id_ for id_, *_ in family]}
            await cursor.execute(SQL["messages"], given)
            said = tuple(
                Message(m["ended_at"], m["bot_name"], as_text(load(m["answer"])), m["execution_id"])
                for m in await cursor.fetchall()
            )
            await cursor.execute(SQL["pending_approvals"], given)
            asked = tuple(Approval.of(a) for a in await cursor.fetchall())
            hearing = [id_ for id_, _, _, hears in family if hears]
            heard = await steering.questions(connection, caller, hearing) if hearing else ()
        troubles = tuple(reason or status for _, status, reason, _ in family if status in STUCK)
        return Detail.of(row, said, asked, troubles, heard)

    async def wait(self, caller: Caller, execution: UUID, seconds: float, *, news: bool = False) -> Detail:
        """The execution once it has ended or needs a person, at the latest after so many seconds.

        With `news`, what people are asked already does not count: it waits until that is decided or answered.
        """
        bell = Bell()
        wanted = {f"done:{execution}", "approval", "*"}

        def heard(topics: Topics) -> None:
            if topics & wanted:
                bell.ring()

        loop = asyncio.get_running_loop()
        end, look = loop.time() + seconds, 0.05
        leave = self._engine.hints.subscribe(heard)
        try:
            known = (await self._standing(caller, execution))[1] if news else ""
            while True:
                status, asked = await self._standing(caller, execution)
                left = end - loop.time()
                if status in FINISHED or (asked and asked != known) or left <= 0:
                    return await self.get(caller, execution)
                await bell.wait(min(left, look))
                look = min(1.0, look * 2)
        finally:
            leave()

    async def _standing(self, caller: Caller, execution: UUID) -> tuple[str, str]:
        """Its status, and what it or anything below it asks of people, "" for nothing: looked at again and again."""
        async with self._engine.pool.connection() as connection:
            cursor = await connection.execute(SQL["standing"], {"tenant": caller.tenant, "id": execution})
            row = await cursor.fetchone()
        if row is None:
            raise UnknownExecution(execution)
        return row[0], row[1]

    async def _looked(self, caller: Caller, execution: UUID) -> list[Member]:
        async with self._engine.pool.connection() as connection:
            family = await self._family(connection, caller, execution)
        if not family:
            raise UnknownExecution(execution)
        return family

    async def journal(
        self, caller: Caller, execution: UUID, after: Cursor | None = None
    ) -> tuple[tuple[JournalRow, ...], Cursor]:
        """The next rows of the journal of an execution and of everything it started, and where to go on."""
        places = dict(after or {})
        async with self._engine.pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            family = [id_ for id_, *_ in await self._family(connection, caller, execution)]
            if not family:
                raise UnknownExecution(execution)
            marks = [places.get(id_, (-1, 0, 0)) for id_ in family]
            given = {
                "tenant": caller.tenant,
                "family": family,
                "generation": [g for g, _, _ in marks],
                "seq": [n for _, n, _ in marks],
                "attempt": [a for _, _, a in marks],
                "limit": ROWS,
            }
            await cursor.execute(SQL["journal"], given)
            rows = tuple(JournalRow.of(row) for row in await cursor.fetchall())
        for row in rows:
            places[row.execution] = row.place
        return rows, places

    async def listed(self, caller: Caller, status: str | None = None, limit: int = 50) -> tuple[Detail, ...]:
        """The newest executions that people started, without what they said."""
        given = {"tenant": caller.tenant, "status": status, "limit": min(limit, ROWS)}
        return tuple(Detail.of(row) for row in await self._rows("list_executions", given))

    async def approvals(self, caller: Caller, execution: UUID | None = None) -> tuple[Approval, ...]:
        """The pending approvals of the tenant, or of one execution and everything it started."""
        family: list[UUID] | None = None
        if execution is not None:
            family = [id_ for id_, *_ in await self._looked(caller, execution)]
        rows = await self._rows("pending_approvals", {"tenant": caller.tenant, "family": family})
        return tuple(Approval.of(row) for row in rows)

    async def bots(self, caller: Caller, execution: UUID) -> Sequence[Mapping[str, Any]]:
        """Who was added to the conversation of a running execution, the first to be asked first."""
        return await self._rows("session_bots", {"tenant": caller.tenant, "id": execution})

    async def statistics(self, caller: Caller, bot: UUID) -> Mapping[str, Any]:
        """What the journal says of the latest runs of a bot."""
        (row,) = await self._rows("statistics", {"tenant": caller.tenant, "bot": bot})
        return row

    async def unfinished(self) -> int:
        """Executions of all tenants that will go on by themselves or when a person answers."""
        async with self._engine.pool.connection() as connection:
            row = await (await connection.execute(SQL["unfinished"])).fetchone()
        return row[0] if row else 0

    # -- change --------------------------------------------------------------------------------------------------------
    # With a `key` a change happens once: asked for again with the same one, it does nothing.

    async def decide(
        self, caller: Caller, approval: UUID, decision: str, comment: str = "", *, key: str | None = None
    ) -> Approval:
        """Approve or reject; raises AlreadyDecided, Refused, UnknownApproval. The first decision stands."""
        now = self._engine.clock()

        async def decided(connection: AsyncConnection) -> Approval:
            if await self._done_before(connection, caller, key, approval, decision, now):
                return await approvals.as_it_stands(connection, caller, approval)
            return (await approvals.decide(connection, caller, approval, decision, comment, now))[0]

        return await self._transaction(decided, "ready", "approval")

    async def cancel(self, caller: Caller, execution: UUID, *, key: str | None = None) -> Detail:
        """End the execution and everything below it: at once what waits, at its next commit what runs."""

        async def ended(connection: AsyncConnection, caller: Caller, execution: UUID, now: datetime) -> None:
            if await cancel(connection, caller.tenant, execution, now):
                await steering.noted(connection, caller, execution, "cancel", now)

        return await self._steered(caller, execution, "cancel", ended, key)

    async def pause(self, caller: Caller, execution: UUID, *, key: str | None = None) -> Detail:
        """Pause the execution and everything below it; what runs pauses at its next commit."""
        return await self._steered(caller, execution, "pause", steering.pause, key)

    async def resume(self, caller: Caller, execution: UUID, *, key: str | None = None) -> Detail:
        """Let what is paused go on from where it stands; raises Refused where nothing is paused."""
        return await self._steered(caller, execution, "resume", steering.resume, key)

    async def retry(self, caller: Caller, execution: UUID, *, key: str | None = None) -> Detail:
        """Let a failed run go on from the call it failed at; raises Refused for any other."""
        return await self._steered(caller, execution, "retry", steering.retry, key)

    async def answer(self, caller: Caller, execution: UUID, text: str, *, key: str | None = None) -> Detail:
        """Answer the HEAR at which it, or something it started, waits; raises Refused where nobody asks."""
        family = [id_ for id_, *_ in await self._looked(caller, execution)]
        act = partial(steering.answer, text=text, family=family)
        return await self._steered(caller, execution, "answer", act, key)

    async def settle(
        self, caller: Caller, execution: UUID, *, took_place: bool, value: Any = None, key: str | None = None
    ) -> Detail:
        """Say what became of a call that is in doubt: it took place and answered this, or it is to be made (again)."""
        answer = f'{{"v":{dump_text(from_plain(value))}}}' if took_place else None
        return await self._steered(caller, execution, "settle", partial(steering.settle, answer=answer), key)

    async def deeds(self, caller: Caller, execution: UUID) -> tuple[Deed, ...]:
        """What was done to the execution, and to everything it started, from outside; the oldest first."""
        family = [id_ for id_, *_ in await self._looked(caller, execution)]
        return tuple(Deed(**row) for row in await self._rows("acts", {"tenant": caller.tenant, "family": family}))

    async def _steered(self, caller: Caller, execution: UUID, action: str, act: Steer, key: str | None) -> Detail:
        now = self._engine.clock()

        async def steered(connection: AsyncConnection) -> None:
            if not await self._done_before(connection, caller, key, execution, action, now):
                await act(connection, caller, execution, now)

        await self._transaction(steered, "ready", "event", "approval", f"done:{execution}")
        return await self.get(caller, execution)

    async def _done_before(
        self, connection: AsyncConnection, caller: Caller, key: str | None, what: UUID, action: str, now: datetime
    ) -> bool:
        return key is not None and await self._claim_key(connection, caller, key, what, action, now) is not None

    # -- connections ---------------------------------------------------------------------------------------------------

    async def _rows(self, statement: str, given: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        async with self._engine.pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(SQL[statement], given)
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

    def _new_id(self) -> UUID:
        return UUID(int=self._engine.chance.getrandbits(128), version=4)


def _digest(program: ProgramText, bot_name: str, inputs: Mapping[str, Any]) -> str:
    request = [program.source, program.name, program.origin, bot_name, inputs]
    return sha256(json.dumps(request, sort_keys=True, default=str).encode("utf-8", "surrogatepass")).hexdigest()
