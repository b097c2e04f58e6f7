"""What people and programs do to executions, each in one transaction, kept as an act of who did it.

With a `key` a change happens once: asked for again with the same one, it does nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Any, TypeAlias
from uuid import UUID

from psycopg import AsyncConnection

from keywords.encode import dump_text, from_plain
from keywords.host import ProgramText
from keywords.mistakes import Forbidden, WrongValue
from workflow import approvals, forks, permission, signals, steering
from workflow.cancel import cancel
from workflow.details import Approval, Caller, Deed, Detail
from workflow.forks import Place
from workflow.looking import Looking
from workflow.migration_of_runs import MOST, Moved, migrate
from workflow.starting import Starting, digest

Steer: TypeAlias = Callable[[AsyncConnection, Caller, UUID, datetime], Awaitable[object]]


class Changing(Looking, Starting):
    """Steers executions, and takes decisions and answers."""

    async def decide(
        self, caller: Caller, approval: UUID, decision: str, comment: str = "", *, key: str | None = None
    ) -> Approval:
        """Approve or reject; raises AlreadyDecided, Refused, UnknownApproval. The first decision stands."""
        await self._may(caller, "wf:approve")
        now = self._engine.clock()

        async def decided(connection: AsyncConnection) -> Approval:
            if not await permission.sees_approval(connection, caller, approval):
                raise approvals.UnknownApproval(approval)
            if await self._done_before(connection, caller, key, approval, decision, now):
                return await approvals.as_it_stands(connection, caller, approval)
            return (await approvals.decide(connection, caller, approval, decision, comment, now))[0]

        return await self._transaction(decided, "ready", "approval")

    async def link(self, caller: Caller, approval: UUID, person: str, secret: str, seconds: float) -> datetime:
        """Let who holds this secret decide once, as this person, for so long; answers until when."""
        await self._may(caller, "wf:approve")
        now = self._engine.clock()
        until = now + timedelta(seconds=seconds)

        async def kept(connection: AsyncConnection) -> datetime:
            if not await permission.sees_approval(connection, caller, approval):
                raise approvals.UnknownApproval(approval)
            await approvals.keep_link(connection, caller, approval, person, _hash(secret), now, until)
            return until

        return await self._transaction(kept, "approval")

    async def linked(self, secret: str) -> tuple[Approval, str]:
        """What a link is about, and whose it is; changes nothing. Raises Refused."""
        async with self._engine.pool.connection() as connection:
            return await approvals.linked(connection, _hash(secret), self._engine.clock())

    async def decide_by_link(self, secret: str, decision: str, comment: str = "") -> Approval:
        """Decide as the person of the link, which is then used up. Raises as `decide` does; then it is not."""
        now = self._engine.clock()

        async def decided(connection: AsyncConnection) -> Approval:
            return (await approvals.decide_by_link(connection, _hash(secret), decision, comment, now))[0]

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

        async def resumed(connection: AsyncConnection, caller: Caller, execution: UUID, now: datetime) -> None:
            await steering.resume(connection, caller, execution, now)
            family = await self._family(connection, caller, execution)
            await signals.take(connection, [id_ for id_, *_ in family], now)

        return await self._steered(caller, execution, "resume", resumed, key)

    async def retry(
        self,
        caller: Caller,
        execution: UUID,
        *,
        step: int | None = None,
        call: int | None = None,
        key: str | None = None,
    ) -> Detail:
        """Let a failed run go on from the call it failed at, or from an earlier STEP or call; raises Refused else."""
        place = _place(step, call)
        if place == Place():
            return await self._steered(caller, execution, "retry", steering.retry, key)
        act = partial(forks.retry_from, place=place, programs=self._programs)
        return await self._steered(caller, execution, f"retry from {place}", act, key)

    async def fork(
        self,
        caller: Caller,
        execution: UUID,
        *,
        step: int | None = None,
        call: int | None = None,
        variables: Mapping[str, Any] | None = None,
        program: ProgramText | None = None,
        key: str | None = None,
    ) -> Detail:
        """Start a new execution that goes on from a STEP or call of this one, or from where it stands; answers the new.

        `variables` change what it knows there, `program` is another version of its text. Raises Refused.
        """
        await self._may(caller, "wf:run", execution)
        place, given, now, new = _place(step, call), dict(variables or {}), self._engine.clock(), self._new_id()
        other = await self._compiled(program) if program is not None else None
        if program is not None and other is not None:
            permission.may_start(caller, program, other, program.origin)

        async def forked(connection: AsyncConnection) -> UUID:
            if key is not None:
                request = digest("fork", str(execution), str(place), given, other and other.hash)
                known = await self._claim_key(connection, caller, key, new, request, now)
                if known is not None:
                    return known
            await forks.fork(connection, caller, execution, now, place, given, new, other, self._programs)
            return new

        return await self._got(caller, await self._transaction(forked, "ready"))

    async def migrate(
        self,
        caller: Caller,
        runs: UUID | str,
        program: ProgramText,
        *,
        variables: Mapping[str, Any] | None = None,
        dry: bool = False,
    ) -> tuple[Moved, ...]:
        """Let one live run, or all of a workflow of that name, go on with this program; answers what became of each.

        A run whose place the program does not have stays as it is, with the reason. `dry` moves nothing.
        """
        await self._may(caller, "wf:run", runs if isinstance(runs, UUID) else None)
        new, given = await self._compiled(program), dict(variables or {})
        permission.may_start(caller, program, new, program.origin)
        permission.may_go_on(caller, program.origin, new, given)
        if caller.bots is not None and not isinstance(runs, UUID):
            raise Forbidden("A key that is limited to bots moves single runs.")
        asked = {"tenant": caller.tenant, "name": runs, "program": new.hash, "limit": MOST}
        ids = [runs] if isinstance(runs, UUID) else [row["id"] for row in await self._rows("runs_of", asked)]
        if isinstance(runs, UUID):
            await self._looked(caller, runs)
        found: list[Moved] = []
        for execution in ids:

            async def moved(connection: AsyncConnection, execution: UUID = execution) -> Moved:
                now = self._engine.clock()
                return await migrate(connection, caller, execution, now, new, given, self._programs, dry=dry)

            found.append(await self._transaction(moved))
        return tuple(found)

    async def answer(self, caller: Caller, execution: UUID, text: str, *, key: str | None = None) -> Detail:
        """Answer the HEAR at which it, or something it started, waits; raises Refused where nobody asks."""
        family = [id_ for id_, *_ in await self._looked(caller, execution, "wf:run")]
        act = partial(steering.answer, text=text, family=family)
        return await self._steered(caller, execution, "answer", act, key)

    async def signal(
        self, caller: Caller, execution: UUID, name: str, data: Any = None, *, key: str | None = None
    ) -> Detail:
        """Send a signal to what the execution, or anything it started, waits for; raises Refused for one that ended."""
        return await self._steered(caller, execution, "signal", partial(signals.signal, name=name, data=data), key)

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
        await self._may(caller, "wf:run", execution)
        now = self._engine.clock()

        async def steered(connection: AsyncConnection) -> None:
            if not await self._done_before(connection, caller, key, execution, action, now):
                await act(connection, caller, execution, now)

        await self._transaction(steered, "ready", "event", "approval", "stop", f"done:{execution}")
        return await self._got(caller, execution)


def _place(step: int | None, call: int | None) -> Place:
    if step is not None and call is not None:
        raise WrongValue("Give the STEP or the call to go on from, not both.")
    return Place(step, call)


def _hash(secret: str) -> bytes:
    return sha256(secret.encode()).digest()
