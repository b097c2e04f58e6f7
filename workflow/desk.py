"""Executions as programs see them: fulfils `keywords.host.Executions` with the operations that the faces use.

A program acts in its own name, through "BASIC". It is not a person: it decides approvals, and settles what is in doubt,
only where the owner lets agents do so, and then on the owner's behalf.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from keywords.host import Moment, ProgramText
from keywords.mistakes import Refused, WrongValue
from workflow import telling
from workflow.details import Caller
from workflow.operations import Operations
from workflow.turn import STATUSES

Find = Callable[[UUID, str, str], Awaitable[ProgramText]]


@dataclass(frozen=True, slots=True)
class Desk:
    """`find(tenant, package of the caller, name)` is how a workflow is found by its name; raises UnknownName."""

    operations: Operations
    find: Find
    owner: str = ""  # in whose name programs may decide for people; "": they may not

    async def start(
        self,
        moment: Moment,
        program: ProgramText | str,
        inputs: Mapping[str, Any],
        part: int = 0,
        *,
        deadline: float | None = None,
        priority: int = 0,
        key: str | None = None,
    ) -> str:
        found = await self._program(moment, program)
        execution = await self.operations.start(
            _caller(moment),
            found,
            inputs=inputs,
            idempotency_key=f"{moment.call_id}:{part}" if key is None else key,
            session=moment.identity.session,
            bot_name=found.origin,
            deadline=deadline,
            priority=priority,
        )
        return str(execution)

    async def found(self, moment: Moment, name: str) -> ProgramText:
        return await self.find(moment.identity.tenant, moment.identity.origin, name)

    async def migrated(
        self,
        moment: Moment,
        execution: str | None,
        runs: str,
        program: ProgramText | str,
        variables: Mapping[str, Any],
        *,
        dry: bool,
    ) -> Sequence[Mapping[str, Any]]:
        found = await self._program(moment, program)
        wanted = runs if execution is None else named(execution)
        moved = await self.operations.migrate(_caller(moment), wanted, found, variables=variables, dry=dry)
        return [one.told() for one in moved]

    async def _program(self, moment: Moment, program: ProgramText | str) -> ProgramText:
        if not isinstance(program, str):
            return program
        return await self.find(moment.identity.tenant, moment.identity.origin, program)

    async def seen(self, moment: Moment, execution: str) -> Mapping[str, Any]:
        return telling.told(await self.operations.get(_caller(moment), named(execution)))

    async def listed(self, moment: Moment, status: str | None, limit: int) -> Sequence[Mapping[str, Any]]:
        if status is not None and status not in STATUSES:
            raise WrongValue(f"{status!r} is no status. There are {', '.join(STATUSES)}.")
        return [telling.told(one) for one in await self.operations.listed(_caller(moment), status, limit)]

    async def journal(self, moment: Moment, execution: str) -> Sequence[Mapping[str, Any]]:
        rows, _ = await self.operations.journal(_caller(moment), named(execution))
        return [telling.told_row(row) for row in rows]

    async def approvals(self, moment: Moment, execution: str | None) -> Sequence[Mapping[str, Any]]:
        wanted = None if execution is None else named(execution)
        return [telling.told_approval(one) for one in await self.operations.approvals(_caller(moment), wanted)]

    async def decided(self, moment: Moment, approval: str, decision: str, comment: str) -> Mapping[str, Any]:
        caller = self._for_the_owner(moment)
        key = f"{moment.call_id}:decide"
        made = await self.operations.decide(caller, named(approval), decision, comment, key=key)
        return telling.told_approval(made)

    async def steered(self, moment: Moment, action: str, execution: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
        caller, wanted, key = _caller(moment), named(execution), f"{moment.call_id}:{action}"
        match action:
            case "cancel":
                detail = await self.operations.cancel(caller, wanted, key=key)
            case "pause":
                detail = await self.operations.pause(caller, wanted, key=key)
            case "resume":
                detail = await self.operations.resume(caller, wanted, key=key)
            case "retry":
                detail = await self.operations.retry(caller, wanted, **given, key=key)
            case "fork":
                detail = await self.operations.fork(caller, wanted, **given, key=key)
            case "answer":
                detail = await self.operations.answer(caller, wanted, given["text"], key=key)
            case "signal":
                detail = await self.operations.signal(caller, wanted, given["name"], given["data"], key=key)
            case "settle":
                caller = self._for_the_owner(moment)
                detail = await self.operations.settle(caller, wanted, **given, key=key)
            case _:
                raise ValueError(f"nothing is called {action}")
        return telling.told(detail)

    async def scheduled(
        self,
        moment: Moment,
        rule: str | datetime,
        script: str | None,
        inputs: Mapping[str, Any],
        *,
        name: str,
        argument: str | None,
        zone: str,
        missed: str,
        starts: datetime | None,
    ) -> Mapping[str, Any]:
        caller = _caller(moment)
        if script is None:
            program = await self.operations.program_of(caller, moment.identity.execution)
        else:
            program = await self.find(moment.identity.tenant, moment.identity.origin, script.removesuffix(".bas"))
        found = await self.operations.set_schedule(
            caller,
            rule,
            program,
            name=name or " ".join(filter(None, (program.name, argument))),
            inputs=inputs,
            argument=argument,
            zone=zone,
            missed=missed,
            starts=starts,
            bot_name=moment.identity.bot_name,
            source="program",
        )
        return found.told()

    async def schedules(self, moment: Moment) -> Sequence[Mapping[str, Any]]:
        return [one.told() for one in await self.operations.schedules(_caller(moment))]

    async def rescheduled(self, moment: Moment, action: str, name: str) -> Mapping[str, Any]:
        acts = {
            "pause": self.operations.pause_schedule,
            "resume": self.operations.resume_schedule,
            "delete": self.operations.delete_schedule,
        }
        return (await acts[action](_caller(moment), name)).told()

    async def limited(
        self, moment: Moment, bot: str, *, running: int | None, starts: int | None, seconds: float
    ) -> Mapping[str, Any] | None:
        made = await self.operations.set_limit(_caller(moment), bot, running=running, starts=starts, seconds=seconds)
        return made.told() if made else None

    async def limits(self, moment: Moment) -> Sequence[Mapping[str, Any]]:
        return [one.told() for one in await self.operations.limits(_caller(moment))]

    async def bots(self, moment: Moment) -> Sequence[Mapping[str, Any]]:
        return await self.operations.bots(_caller(moment), moment.identity.execution)

    async def statistics(self, moment: Moment) -> Mapping[str, Any]:
        return await self.operations.statistics(_caller(moment), moment.identity.bot)

    def _for_the_owner(self, moment: Moment) -> Caller:
        if not self.owner:
            raise Refused(
                "A program does not decide on a person's behalf. "
                "The owner of this installation may allow it: BOTMCP_AGENTS_MAY_APPROVE."
            )
        own = _caller(moment)
        return Caller(own.tenant, own.subject, own.through, on_behalf_of=self.owner, owner=True)


def _caller(moment: Moment) -> Caller:
    identity = moment.identity
    return Caller(identity.tenant, f"{identity.bot_name or 'execution'} {identity.execution}", "BASIC")


def named(execution: str) -> UUID:
    """The id in this text; raises WrongValue."""
    try:
        return UUID(execution.strip())
    except ValueError:
        raise WrongValue(f"{execution[:60]!r} is not the id of an execution or an approval.") from None
