"""One claimed execution, driven until it finishes, waits, or is lost: advance, commit, perform, and again.

READ                 flush what was written, ask, go on
TRANSACTION          ask, commit; the commit's verdict is the answer
IDEMPOTENT, ONCE     commit the intent, act, go on; the answer is committed with the next intent
WAIT                 ask what to wait for, commit as waiting, let go
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from keywords.answers import load_answer
from keywords.encode import dump_text, state_from_json
from keywords.host import MEMORY_SET, Act, Answer, Decided, Spawn, Value, Wait
from keywords.machine import CANCELLED, advance, parked
from keywords.mistakes import Mistake, ProgramError, Transient
from keywords.outcome import Call, Done, Entry, Failed, Gathered, Outcome, Repeat, Yield
from keywords.parallel import ended_by
from keywords.program import MissingKeyword, Program, UnknownFormat
from keywords.registry import Effect
from keywords.state import State
from keywords.values import weight_of
from workflow import branches, retry
from workflow.batch import mistake_text, size
from workflow.cancel import begun_undoing
from workflow.claim import Claim
from workflow.commit import Committer
from workflow.engine import Engine
from workflow.holding import Holding
from workflow.joins import Joins
from workflow.perform import exhausted, host, performed
from workflow.programs import Programs
from workflow.step_cache import cached
from workflow.turn import Birth, Line

FUEL = 500  # steps, about a third of a millisecond, between two looks at the other executions of this process
GATHERED = 500  # journal rows that a program without outside verbs may gather before they are committed
HEAVY = 4 * 1_048_576  # bytes of them
DEADLY = 20  # deaths of workers at one call, after which a person must look
UNCLEAR = frozenset({"fault", "timeout"})  # ends of a call that do not tell whether it took place
OUTSIDE = frozenset({Effect.IDEMPOTENT, Effect.WAIT})  # acts of a wait: a model behind BOT


class Run(Holding):
    """A claim and what it has not committed yet."""

    fuel = FUEL
    gathered = GATHERED

    def __init__(self, claim: Claim, engine: Engine, committer: Committer, programs: Programs, joins: Joins) -> None:
        super().__init__(claim, engine, committer)
        self._programs = programs
        self._joins = joins
        if claim.answer is None:
            self._attempt += claim.deaths  # the call may have been begun before, and the journal tells
        self._started: datetime | None = None
        self._told: datetime | None = None  # time stands still between two calls: so the journal's fold is exact
        self._special = claim.join_n is not None  # it does not wait for all children of every call
        self._acting: asyncio.Task[object] | None = None  # while a call outside is under way
        self._interrupted = False

    @property
    def acts(self) -> bool:
        """Whether a call is under way that could be given up."""
        return self._acting is not None

    def interrupt(self) -> bool:
        """Give up the call that is under way, since the execution is to end; False when there is none."""
        if self._acting is None or self._interrupted:
            return False
        self._interrupted = True
        return self._acting.cancel()

    async def live(self) -> None:
        """Returns when this process has nothing more to do with the execution."""
        try:
            program = await self._programs.load(self._claim.tenant_id, self._claim.program)
        except (MissingKeyword, UnknownFormat) as error:
            await self._pause(error)
            return
        state = state_from_json(self._claim.state, self._identity)
        self._n, self._step, self._generation = state.n, state.step, state.generation
        self._undoes = "undo:0" in program.entries
        ends = self._claim.cancel_requested
        if ends and not (self._undoes and await begun_undoing(self._engine, self._claim, self._committer.owner)):
            await self._commit("cancelled", None)
            return
        if self._claim.deaths >= DEADLY:
            await self._commit("paused", None, reason=f"its worker died {self._claim.deaths} times at the same call")
            return
        answer, self._started = await self._woken(program, state), state.since
        if ends:
            answer = replace(answer or Answer(attempt=self._attempt + 1), cancelled=True)
        call = parked(program, state, self._now()) if answer is None else None
        durable = call is not None
        if call is not None and self._once == -call.moment.n:  # it was begun, and the program knows what to do
            answer = await self._doubtful(call, "its worker was lost", self._attempt, DEADLY)
            if answer is None:
                return
            state, call = call.state, None
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
                if isinstance(outcome, Repeat):
                    await self._repeat(outcome)
                    return
                if not isinstance(outcome, Call):
                    await self._finish(outcome)
                    return
                call, durable, self._attempt = outcome, False, 0
            answer = await self._met(call, durable=durable)
            if answer is None:
                return
            state, call = call.state, None

    # -- the machine ---------------------------------------------------------------------------------------------------

    async def _woken(self, program: Program, state: State) -> Answer | None:
        found: dict[str, Any] | None = self._claim.answer
        if found is None:
            return None
        if found.get("joined"):
            step = program.steps[state.frames[-1].at]
            states = step[0] == "fork" and (self._undoes or any(names for *_, names in step[4]))
            answer = await self._joins.joined(self._claim, state.n, states, state.since, self._now())
            return replace(answer, cancelled=bool(found.get("cancelled")), attempt=self._attempt + 1)
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
            self._weight += weight_of(entry.answer)
        self._effects += gathered.effects
        for written in gathered.effects:
            self._weight += size(written.row.values)

    async def _finish(self, outcome: Done | Failed) -> None:
        if isinstance(outcome, Done):
            await self._commit("completed", outcome.state, result=dump_text(outcome.result))
            return
        undoing = outcome.state.undoing
        if undoing.cancelled if undoing else outcome.mistake is CANCELLED:
            error = mistake_text(outcome.mistake) if undoing and undoing.faults else None
            await self._commit("cancelled", outcome.state, error=error)
        else:
            await self._commit("failed", outcome.state, error=mistake_text(outcome.mistake))

    # -- calls ---------------------------------------------------------------------------------------------------------

    async def _met(self, call: Call, *, durable: bool) -> Answer | None:
        """The answer of the call, or None when this process is done with the execution."""
        self._started = call.state.since
        unsaved = None if durable else call.state
        effect = call.keyword.effect
        reads = effect is Effect.READ or call.policy.cache is not None or (effect is Effect.WAIT and self._prepared())
        written = reads and (self._lines or self._effects or self._births)
        doubtful = self._once is not None and abs(self._once) != call.moment.n  # a ONCE call has ended: say so at once
        if written or doubtful:
            if not await self._commit("running", call.state):
                return None
            unsaved = None
        if call.policy.cache is not None and (known := await cached(self._engine.pool, call, self._now())) is not None:
            return replace(known, attempt=self._attempt + 1)
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

    def _prepared(self) -> bool:
        """Whether what is not written yet says which tools a model may use, which BOT reads before it starts one."""
        return any(
            written.row.kind is MEMORY_SET and str(written.row.values[0]).startswith(("tools/", "servers/"))
            for written in self._effects
        )

    async def _decided(self, call: Call, unsaved: State | None) -> Answer | None:
        answer = await self._tried(call, self._function(call), unsaved)
        if answer is None or not isinstance(answer.value, Decided):
            return answer
        committed = await self._commit("running", call.state, effects=(answer.value.effect,), call=call, decides=True)
        if committed is None:
            return None
        return load_answer(committed.verdict or {"v": None}, answer.attempt)

    async def _acted(self, call: Call, act: Callable[[], Awaitable[Value]], unsaved: State | None) -> Answer | None:
        once = None
        if _once(call):
            once = -call.moment.n if call.policy.doubt else call.moment.n
        if (unsaved is not None or once != self._once) and not await self._commit("running", call.state, once=once):
            return None
        return await self._tried(call, act, None)

    async def _parked(self, call: Call, unsaved: State | None) -> Answer | None:
        answer = await self._tried(call, self._function(call), unsaved)
        match answer and answer.value:
            case Wait() as wait:
                wake_at = retry.earlier(wait.wake_at, call.state.since or self._now(), call.policy.timeout)
                await self._commit(
                    "waiting", call.state, reason=wait.reason, wake_at=wake_at, effects=wait.effects, call=call
                )
                return None
            case Spawn() as spawn:
                if call.policy.timeout is not None:
                    spawn = ended_by(spawn, self._now(), call.policy.timeout)
                return await self._spawned(call, spawn)
            case Act() as act:
                return await self._acted(call, act.perform, unsaved)
            case _:
                return answer

    async def _spawned(self, call: Call, spawn: Spawn) -> Answer | None:
        if not spawn.children:
            return Answer(joined=(), attempt=self._attempt + 1)
        if self._births and not await self._commit("running", call.state):
            return None  # the answer of one call is durable before the next begins
        births: tuple[Birth, ...] = ()
        try:
            fork = branches.fork(call, spawn, self._claim, self._programs, self._special, self._now())
            async for piece in fork.pieces:
                if births and not await self._commit("running", call.state, births=births):
                    return None
                births = piece
        except ProgramError as error:
            return Answer(mistake=Mistake.of(error, call.line, call.column, call.keyword.name))
        after = any(birth.ended and birth.ended.effects for birth in births)
        if after and self._effects and not await self._commit("running", call.state):
            return None  # what it did before them is to stand before what they did
        if len(fork.joined) == len(spawn.children):
            self._births = births
            return fork.answer(self._attempt + 1)
        count = len(spawn.children)
        reason = spawn.reason or f"{count} branch{'es' if count > 1 else ''}"
        self._special = self._special or fork.join is not None
        await self._commit("waiting", call.state, reason=reason, births=births, join=fork.join)
        return None

    def _function(self, call: Call) -> Callable[[], Awaitable[Value]]:
        given = host(call, self._engine.services, self._attempt + 1)
        return lambda: call.keyword.call(given, **call.arguments)

    async def _tried(self, call: Call, act: Callable[[], Awaitable[Value]], unsaved: State | None) -> Answer | None:
        """The answer; None after a fault that may pass, when the execution was parked for another attempt."""
        attempt, policy = self._attempt + 1, call.policy
        self._acting = acting = asyncio.current_task() if unsaved is None else None
        try:
            found = await performed(act, call, attempt)
        except asyncio.CancelledError:
            self._acting = None  # what follows is not the call any more, and must not be cut off
            if not self._interrupted or acting is None or acting.uncancel() > 0:
                raise
            return await self._given_up(call, attempt)
        finally:
            self._acting = None
        if self._interrupted and acting is not None:  # the call came to its end in spite of it
            self._interrupted = False
            acting.uncancel()
        if _once(call) and (isinstance(found, Transient) or (found.mistake and found.mistake.kind in UNCLEAR)):
            why = found if isinstance(found, Transient) else found.mistake
            return await self._doubtful(call, str(why), attempt)
        if not isinstance(found, Transient):
            return found
        if attempt >= (retry.ATTEMPTS if policy.retries is None else policy.retries + 1):
            return exhausted(found, call, attempt)
        self._failed_attempt(call, "unavailable", str(found), attempt)
        pause = retry.pause(attempt, found.after, self._engine.chance, policy.backoff)
        await self._wait_for_another(unsaved, f"retry: {found}", pause)
        return None

    async def _given_up(self, call: Call, attempt: int) -> None:
        """The call was cut off because the execution is to end; the commit sees to that."""
        self._failed_attempt(call, "cancelled", "The call was given up: the execution was to end.", attempt)
        self._interrupted = False
        if await self._commit("running", None, once=self._once):  # it was not, after all
            await self._wait_for_another(None, "retry: the call was given up", timedelta())

    async def _repeat(self, outcome: Repeat) -> None:
        """The machine has noted the failed attempt; the next one comes after a pause."""
        self._attempt = outcome.attempt
        pause = retry.pause(outcome.attempt, None, self._engine.chance, outcome.backoff)
        await self._wait_for_another(outcome.state, f"retry: {outcome.mistake.message}", pause)

    async def _wait_for_another(self, unsaved: State | None, reason: str, pause: timedelta) -> None:
        await self._commit("waiting", unsaved, reason=reason, wake_at=self._now() + pause, retrying=True)

    async def _doubtful(self, call: Call, why: str, attempt: int, most: int = retry.ATTEMPTS) -> Answer | None:
        """Nobody knows whether a ONCE call took place: what the program says about that, or a person must look."""
        attempt = max(attempt, 1)
        told = f"{call.keyword.name} must not be repeated and may have taken place: {why}"
        match call.policy.doubt:
            case "fail":
                return Answer(mistake=Mistake("in_doubt", told, call.line, call.column), attempt=attempt)
            case "skip":
                self._failed_attempt(call, "in_doubt", told, attempt)
                return Answer(attempt=attempt + 1)
            case "retry" if attempt >= most:
                return exhausted(Transient(told), call, attempt)
            case "retry":
                self._failed_attempt(call, "in_doubt", told, attempt)
                pause = retry.pause(attempt, None, self._engine.chance)
                await self._wait_for_another(None, f"retry: {told}", pause)
                return None
            case _:
                await self._commit("in_doubt", None, reason=told, once=call.moment.n)
                return None

    def _failed_attempt(self, call: Call, kind: str, words: str, attempt: int) -> None:
        """Journal an attempt that is followed by another."""
        self._attempt = attempt
        entry = Entry(
            n=call.moment.n,
            at=call.state.frames[-1].at,
            step=call.step,
            line=call.line,
            column=call.column,
            keyword=call.keyword.name,
            answer=None,
            mistake=Mistake(kind, words, call.line, call.column, call.keyword.name, attempt),
            ended=self._now(),
            attempt=attempt,
        )
        self._lines.append(Line(entry, self._generation, self._started))


def _once(call: Call) -> bool:
    """Whether the call must not be made twice."""
    return call.keyword.effect is Effect.ONCE or (call.policy.once and call.keyword.effect in OUTSIDE)
