"""One claimed execution, driven until it finishes, waits, or is lost: advance, commit, perform, and again.

READ                 flush what was written, ask, go on
TRANSACTION          ask, commit; the commit's verdict is the answer
IDEMPOTENT, ONCE     commit the intent, act, go on; the answer is committed with the next intent
WAIT                 ask what to wait for, commit as waiting, let go
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import structlog

from keywords.answers import load_answer
from keywords.encode import dump_text, state_from_json, state_to_json
from keywords.host import Act, Answer, Decided, EffectRow, Spawn, Value, Wait
from keywords.machine import advance, parked
from keywords.mistakes import Mistake, ProgramError, Transient
from keywords.outcome import Call, Done, Entry, Failed, Gathered, Outcome, Written, Yield
from keywords.program import MissingKeyword, Program, UnknownFormat
from keywords.registry import Effect
from keywords.state import State
from workflow import branches, retry
from workflow.batch import mistake_text, size
from workflow.cancel import cancel
from workflow.claim import Claim
from workflow.commit import Committer
from workflow.engine import Engine
from workflow.perform import exhausted, host, performed
from workflow.programs import Programs
from workflow.repeat import repeated
from workflow.turn import Committed, Fenced, Line, Turn, Unstorable

log = structlog.get_logger()

FUEL = 500  # steps, about a third of a millisecond, between two looks at the other executions of this process
GATHERED = 500  # journal rows that a program without outside verbs may gather before they are committed
HEAVY = 4 * 1_048_576  # bytes of them
DEADLY = 20  # deaths of workers at one call, after which a person must look
CHECKPOINT = 100  # calls between two states in the journal


class Run:
    """A claim and what it has not committed yet."""

    fuel = FUEL
    gathered = GATHERED

    def __init__(self, claim: Claim, engine: Engine, committer: Committer, programs: Programs) -> None:
        self._claim = claim
        self._engine = engine
        self._committer = committer
        self._programs = programs
        self._seq = claim.seq
        self._once = claim.once_call
        self._attempt = claim.attempt
        if claim.answer is None:
            self._attempt += claim.deaths  # the call may have been begun before, and the journal tells
        self._lines: list[Line] = []
        self._effects: list[Written] = []
        self._weight = 0  # of both, in bytes
        self._started: datetime | None = None
        self._told: datetime | None = None  # time stands still between two calls: so the journal's fold is exact
        self._n = self._step = self._generation = 0

    async def live(self) -> None:
        """Returns when this process has nothing more to do with the execution."""
        try:
            program = await self._programs.load(self._claim.tenant_id, self._claim.program)
        except (MissingKeyword, UnknownFormat) as error:
            await self._pause(error)
            return
        state = state_from_json(self._claim.state, self._claim.identity)
        self._n, self._step, self._generation = state.n, state.step, state.generation
        if self._claim.cancel_requested:
            await self._commit("cancelled", None)
            return
        if self._claim.deaths >= DEADLY:
            await self._commit("paused", None, reason=f"its worker died {self._claim.deaths} times at the same call")
            return
        answer, self._started = await self._woken(state), state.since
        call = parked(program, state, self._now()) if answer is None else None
        durable = call is not None
        while True:
            if call is None:
                outcome = self._advanced(program, state, answer)
                if isinstance(outcome, Yield):
                    state, answer = outcome.state, None
                    many = len(self._lines) >= self.gathered or self._weight >= HEAVY
                    if many and not await self._commit("running", state):
                        return
                    await asyncio.sleep(0)
                    continue
                if not isinstance(outcome, Call):
                    await self._finish(outcome)
                    return
                call, durable, self._attempt = outcome, False, 0
            answer = await self._met(call, durable=durable)
            if answer is None:
                return
            state, call = call.state, None

    # -- the machine ---------------------------------------------------------------------------------------------------

    async def _woken(self, state: State) -> Answer | None:
        found: dict[str, Any] | None = self._claim.answer
        if found is None:
            return None
        if found.get("joined"):
            joined = await branches.ended(self._engine.pool, self._claim, state.n)
            return Answer(joined=joined, timed_out=joined is None, attempt=self._attempt + 1)
        return load_answer(found, self._attempt + 1)

    def _advanced(self, program: Program, state: State, answer: Answer | None) -> Outcome:
        now = self._told or self._now()
        outcome = advance(program, state, answer, now, self.fuel)
        self._told = now if isinstance(outcome, Yield) else None
        self._gather(outcome.gathered)
        self._n, self._step, self._generation = outcome.state.n, outcome.state.step, outcome.state.generation
        return outcome

    def _gather(self, gathered: Gathered) -> None:
        for entry in gathered.entries:
            self._lines.append(Line(entry, self._generation, self._started))
            self._started = None
            self._weight += size(entry.answer)
        self._effects += gathered.effects
        self._weight += sum(size(written.row.values) for written in gathered.effects)

    async def _finish(self, outcome: Done | Failed) -> None:
        if isinstance(outcome, Done):
            await self._commit("completed", outcome.state, result=dump_text(outcome.result))
        else:
            await self._commit("failed", outcome.state, error=mistake_text(outcome.mistake))

    # -- calls ---------------------------------------------------------------------------------------------------------

    async def _met(self, call: Call, *, durable: bool) -> Answer | None:
        """The answer of the call, or None when this process is done with the execution."""
        self._started = call.state.since
        unsaved = None if durable else call.state
        effect = call.keyword.effect
        written = effect is Effect.READ and (self._lines or self._effects)
        doubtful = self._once is not None and self._once != call.moment.n  # a ONCE call has ended: say so at once
        if written or doubtful:
            if not await self._commit("running", call.state):
                return None
            unsaved = None
        if call.spawn is not None:
            return await self._spawned(call, call.spawn)
        match effect:
            case Effect.READ:
                return await self._tried(call, self._function(call), unsaved)
            case Effect.TRANSACTION:
                return await self._decided(call, unsaved)
            case Effect.WAIT:
                return await self._parked(call, unsaved)
            case _:
                return await self._acted(call, self._function(call), unsaved)

    async def _decided(self, call: Call, unsaved: State | None) -> Answer | None:
        answer = await self._tried(call, self._function(call), unsaved)
        if answer is None or not isinstance(answer.value, Decided):
            return answer
        committed = await self._commit("running", call.state, effects=(answer.value.effect,), call=call, decides=True)
        if committed is None:
            return None
        return load_answer(committed.verdict or {"v": None}, answer.attempt)

    async def _acted(self, call: Call, act: Callable[[], Awaitable[Value]], unsaved: State | None) -> Answer | None:
        once = call.moment.n if call.keyword.effect is Effect.ONCE else None
        if (unsaved is not None or once != self._once) and not await self._commit("running", call.state, once=once):
            return None
        return await self._tried(call, act, None)

    async def _parked(self, call: Call, unsaved: State | None) -> Answer | None:
        answer = await self._tried(call, self._function(call), unsaved)
        match answer and answer.value:
            case Wait() as wait:
                await self._commit(
                    "waiting", call.state, reason=wait.reason, wake_at=wait.wake_at, effects=wait.effects, call=call
                )
                return None
            case Spawn() as spawn:
                return await self._spawned(call, spawn)
            case Act() as act:
                return await self._acted(call, act.perform, unsaved)
            case _:
                return answer

    async def _spawned(self, call: Call, spawn: Spawn) -> Answer | None:
        if not spawn.children:
            return Answer(joined=(), attempt=self._attempt + 1)
        try:
            births = await branches.births(call, spawn, self._claim, self._programs)
        except ProgramError as error:
            return Answer(mistake=Mistake.of(error, call.line, call.column, call.keyword.name))
        reason = spawn.reason or f"{len(births)} branch{'es' if len(births) > 1 else ''}"
        await self._commit("waiting", call.state, reason=reason, births=births)
        return None

    def _function(self, call: Call) -> Callable[[], Awaitable[Value]]:
        given = host(call, self._engine.services, self._attempt + 1)
        return lambda: call.keyword.call(given, **call.arguments)

    async def _tried(self, call: Call, act: Callable[[], Awaitable[Value]], unsaved: State | None) -> Answer | None:
        """The answer; None after a fault that may pass, when the execution was parked for another attempt."""
        attempt = self._attempt + 1
        found = await performed(act, call, attempt)
        once = call.keyword.effect is Effect.ONCE
        if once and (isinstance(found, Transient) or (found.mistake and found.mistake.kind == "fault")):
            why = found if isinstance(found, Transient) else found.mistake
            reason = f"{call.keyword.name} gave no clear answer and must not be repeated: {why}"
            await self._commit("in_doubt", None, reason=reason, once=call.moment.n)
            return None
        if not isinstance(found, Transient):
            return found
        if attempt >= retry.ATTEMPTS:
            return exhausted(found, call, attempt)
        self._attempt = attempt
        now = self._now()
        mistake = Mistake("unavailable", str(found), call.line, call.column, call.keyword.name, attempt)
        entry = Entry(
            n=call.moment.n,
            at=call.state.frames[-1].at,
            step=call.step,
            line=call.line,
            column=call.column,
            keyword=call.keyword.name,
            answer=None,
            mistake=mistake,
            ended=now,
            attempt=attempt,
        )
        self._lines.append(Line(entry, self._generation, self._started))
        wake_at = now + retry.pause(attempt, found.after, self._engine.chance)
        await self._commit("waiting", unsaved, reason=f"retry: {found}", wake_at=wake_at, retrying=True)
        return None

    # -- commits -------------------------------------------------------------------------------------------------------

    async def _commit(
        self,
        status: str,
        state: State | None,
        *,
        reason: str | None = None,
        wake_at: datetime | None = None,
        once: int | None = None,
        retrying: bool = False,
        effects: tuple[EffectRow, ...] = (),
        call: Call | None = None,
        decides: bool = False,
        births: tuple[Any, ...] = (),
        result: str | None = None,
        error: str | None = None,
    ) -> Committed | None:
        """Make everything gathered durable with this state; None when the execution is no longer ours to go on with."""
        stored = state_to_json(state) if state is not None else None
        own = tuple(Written(call.moment, row) for row in effects) if call else ()
        turn = Turn(
            identity=self._claim.identity,
            epoch=self._claim.epoch,
            seq=self._seq,
            status=status,
            at=self._now(),
            n=self._n,
            step=self._step,
            state=stored,
            reason=reason,
            wake_at=wake_at,
            once_call=once,
            attempt=self._attempt,
            retrying=retrying,
            lines=_with_checkpoint(self._lines, stored),
            effects=(*self._effects, *own),
            decides=decides,
            births=births,
            result=result,
            error=error,
            parent=self._claim.parent_id,
            root=self._claim.root_id,
        )
        fate = await self._committer.commit(turn)
        self._lines, self._effects, self._weight = [], [], 0
        match fate:
            case Committed():
                self._seq += 1
                self._once = once
                if fate.cancel_requested and not turn.finished:
                    await self._end_cancelled(status)
                    return None
                if fate.pause_requested and status == "running" and not decides:  # a verdict must be taken first
                    await self._commit("paused", None)
                    return None
                return fate
            case Fenced():
                log.info("run.fenced_out", execution=str(self._claim.id), epoch=self._claim.epoch)
            case Unstorable():
                await self._refused(turn, fate.reason)
        return None

    async def _end_cancelled(self, status: str) -> None:
        """It was asked to end while it ran. What would have begun to wait is still ours; the rest anybody may end."""
        identity = self._claim.identity
        if status in ("running", "waiting"):
            await self._commit("cancelled", None)

        async def cancelled() -> None:
            async with self._engine.pool.connection() as connection, connection.transaction():
                await cancel(connection, identity.tenant, identity.execution, self._now())

        await repeated(cancelled)

    async def _refused(self, turn: Turn, reason: str) -> None:
        """Postgres would not have what this execution made: it fails, its last good state stays."""
        mistake = Mistake("value", f"What the program made cannot be stored: {reason}.")
        bare = Turn(
            turn.identity, turn.epoch, turn.seq, "failed", turn.at, turn.n, self._claim.current_step,
            error=mistake_text(mistake), parent=turn.parent, root=turn.root,
        )  # fmt: skip
        fate = await self._committer.commit(bare)
        log.warning("run.unstorable", execution=str(turn.id), reason=reason, fate=type(fate).__name__)
        if isinstance(fate, Unstorable):
            raise RuntimeError(f"not even its end can be stored: {fate.reason}")

    async def _pause(self, error: MissingKeyword | UnknownFormat) -> None:
        why = "missing keyword" if isinstance(error, MissingKeyword) else "newer format"
        await self._commit("paused", None, reason=f"{why}: {error}")

    def _now(self) -> datetime:
        return self._engine.clock()


def _with_checkpoint(lines: list[Line], state: str | None) -> tuple[Line, ...]:
    """Every hundred calls the journal keeps a state, so that no fold is ever long."""
    if not lines or state is None or all(line.entry.n % CHECKPOINT for line in lines):
        return tuple(lines)
    last = lines[-1]
    return (*lines[:-1], Line(last.entry, last.generation, last.started, state))
