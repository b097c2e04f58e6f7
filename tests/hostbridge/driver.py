"""Runs programs in memory, straight through: the engine without its durability, for tests of what bots do.

Memory is a real Postgres; people and events answer from a script; every state goes through JSON at every call.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from keywords.compile import compile_program
from keywords.encode import from_plain, load, state_from_json, state_to_json
from keywords.host import (
    APPROVAL_REQUESTED,
    EVENT_AWAITED,
    MEMORY_SET,
    Act,
    Answer,
    Child,
    Decided,
    Host,
    Identity,
    Joined,
    ProgramText,
    Services,
    Spawn,
    Told,
    Value,
    Wait,
    bot_id,
)
from keywords.machine import advance, start_state
from keywords.mistakes import Mistake, ProgramError
from keywords.outcome import Call, Done, Failed, Written
from keywords.program import Program
from keywords.registry import Effect, Registry
from storage.pool import Pool
from tests.memory.batch import Asked, committed

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
TENANT = UUID(int=7)


@dataclass
class Runner:
    """What the world answers, and what the programs said and did."""

    registry: Registry
    services: Services
    pool: Pool | None = None
    people: deque[Mapping[str, Any] | None] = field(default_factory=deque[Mapping[str, Any] | None])  # None: too late
    events: dict[str, Any] = field(default_factory=dict[str, Any])  # absent: too late
    said: list[str] = field(default_factory=list[str])
    asked: list[Any] = field(default_factory=list[Any])  # the approvers of each request
    calls: list[str] = field(default_factory=list[str])  # "bot: KEYWORD" of every entry of the journals

    async def run(self, text: ProgramText, inputs: Mapping[str, Any]) -> Joined:
        """The end of a program, started with plain JSON."""
        identity = Identity(TENANT, uuid5(TENANT, text.name), bot_id(TENANT, text.origin), text.origin, text.origin)
        compiled = compile_program(text.source, self.registry, text.name, self.services.bots.names(text.origin))
        assert compiled.program, compiled.diagnostics
        values = {name: from_plain(value) for name, value in inputs.items()}
        return await self._run(Child(text.name, values), compiled.program, identity)

    async def _run(self, child: Child, program: Program, identity: Identity) -> Joined:
        try:
            state = start_state(program, identity, child.inputs, seed=1, entry=child.entry)
        except ProgramError as error:
            return Joined(child.name, mistake=Mistake.of(error))
        answer: Answer | None = None
        while True:
            outcome = advance(program, state, answer, NOW)
            self._journal(identity, outcome.gathered.entries)
            await self._write(outcome.gathered.effects)
            match outcome:
                case Done(state=state, result=result):
                    return Joined(child.name, result, variables=state.frames[0].variables)
                case Failed(mistake=mistake):
                    return Joined(child.name, mistake=mistake)
                case Call():
                    answer = await self._answer(outcome, program)
                case _:
                    answer = None
            state = state_from_json(state_to_json(outcome.state), identity)

    def _journal(self, identity: Identity, entries: Sequence[Any]) -> None:
        self.calls += (f"{identity.bot_name}: {entry.keyword}" for entry in entries)
        self.said += (entry.answer for entry in entries if entry.keyword == "TALK")

    async def _write(self, effects: Sequence[Written]) -> None:
        rows = [
            Asked(w.moment.identity.tenant, w.moment.identity.bot, w.row) for w in effects if w.row.kind is MEMORY_SET
        ]
        if rows and self.pool:
            await committed(self.pool, *rows)

    async def _answer(self, call: Call, program: Program) -> Answer:
        identity = call.moment.identity
        host = Host(call.moment, self.services, call.state.frames[-1].variables, call.step)
        try:
            found: Value = call.spawn or await call.keyword.call(host, **call.arguments)
        except ProgramError as error:
            return Answer(mistake=Mistake.of(error))
        match found:
            case Spawn(children=children):
                return Answer(joined=tuple(await asyncio.gather(*(self._child(c, program, host) for c in children))))
            case Act(perform=perform):
                return Answer(_value(await perform()))
            case Decided(effect=row):
                assert self.pool
                [verdict] = await committed(self.pool, Asked(identity.tenant, identity.bot, row))
                error = verdict.get("error")
                return Answer(mistake=Mistake(**error)) if error else Answer(load(verdict["v"]))
            case Wait(effects=effects) if call.keyword.effect is Effect.WAIT:
                return self._waited(effects[0].kind, effects[0].values) if effects else Answer(timed_out=True)
            case _:
                return Answer(_value(found))

    def _waited(self, kind: Any, values: Sequence[Any]) -> Answer:
        if kind is APPROVAL_REQUESTED:
            self.asked.append(values[2])
            decision = self.people.popleft()
            return Answer(timed_out=True) if decision is None else Answer(from_plain(decision))
        assert kind is EVENT_AWAITED
        if values[0] not in self.events:
            return Answer(timed_out=True)
        return Answer(from_plain(self.events.pop(values[0])))

    async def _child(self, child: Child, program: Program, host: Host) -> Joined:
        number = uuid5(host.identity.execution, f"{host.moment.n}:{child.name}:{child.entry}")
        identity = replace(host.identity, execution=number)
        if child.bot:
            identity = replace(identity, bot=child.bot, bot_name=child.bot_name)
        if child.program:
            identity = replace(identity, origin=child.program.origin)
            compiled = compile_program(child.program.source, self.registry, child.program.name)
            assert compiled.program, compiled.diagnostics
            program = compiled.program
        return await self._run(child, program, identity)


def _value(found: Value) -> Value:
    """What the program sees; what is told for the journal stays behind."""
    return found.value if isinstance(found, Told) else found
