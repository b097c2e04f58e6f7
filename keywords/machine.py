"""The whole machine: a state and an answer in, the next outcome out. No I/O, no clock, no chance of its own.

A state is always parked at a call (`state.call`), except before its first step and after a Yield. `n` counts the calls
of the execution: the verbs and the PARALLELs, not the steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from keywords.encode import dump
from keywords.host import STEP_CACHED, Again, Answer, Identity, Joined, Recorded, Spawn, Value
from keywords.inputs import given
from keywords.mistakes import LimitReached, Mistake, ProgramError
from keywords.outcome import Call, Done, Entry, Failed, Gathered, Outcome, Repeat, Written, Yield
from keywords.parallel import PARALLEL, children, ended_by, joined, merged
from keywords.policy import NONE, UNDO, Policy
from keywords.program import Program
from keywords.registry import Effect, Keyword
from keywords.state import Frame, State, Undoing
from keywords.steps import MOVED, Ended, Event, Forked, Moved, Parked, Step, linked
from keywords.traces import performing, place, turns_at
from keywords.values import Object, adopt, copied, kept, number, text, weight_of
from keywords.world import World, child_seed

__all__ = ["advance", "child_seed", "parked", "start_state"]

MAX_TURNS = 100_000
ENDLESS = f"The loop has turned {MAX_TURNS:,} times without waiting for anything. Check what ends it."
CANCELLED = Mistake("cancelled", "The execution was cancelled.")
MOST_CACHED = 1_048_576  # bytes of an answer that other runs may be given
MAX_STATE = 32 * 1_048_576
MANY_ENTRIES = 500
HEAVY_ENTRIES = 4 * 1_048_576


def start_state(
    program: Program, identity: Identity, inputs: Mapping[str, Value], seed: int, entry: str = "main"
) -> State:
    """A state before its first step. PARAMs convert the inputs of `main`; raises ProgramError for wrong ones."""
    variables = given(program.params, inputs) if entry == "main" else {k: kept(adopt(v)) for k, v in inputs.items()}
    return State(identity, seed, [Frame(entry, program.entries[entry], variables)])


def parked(program: Program, state: State, now: datetime) -> Call | None:
    """The call a stored state is parked at; None before the first step and between steps."""
    if state.call is None:
        return None
    return _Run(program, state, now).parked()


def advance(program: Program, state: State, answer: Answer | None, now: datetime, fuel: int = 20_000) -> Outcome:
    """Runs on until something must happen outside. `answer` belongs to the call the state is parked at.

    A step costs one unit of fuel, and more where it goes through long lists or texts.
    """
    if (state.call is None) is not (answer is None) and not (answer and answer.cancelled):
        raise ValueError("an answer belongs to a parked state, and only to one")
    run = _Run(program, state, now)
    outcome = run.answered(answer) if answer is not None else None
    while outcome is None:
        if fuel <= run.world.spent or run.heavy():
            return Yield(state, run.gathered())
        outcome = run.some_steps(fuel)
    return outcome


@dataclass(slots=True)
class _Run:
    """One `advance`: the state it owns and what it has gathered."""

    program: Program
    state: State
    now: datetime
    world: World = field(init=False)
    entries: list[Entry] = field(default_factory=list[Entry])
    effects: list[Written] = field(default_factory=list[Written])
    weight: int = 0

    def __post_init__(self) -> None:
        self.world = World(self.state, self.now, self.state.frames[0].variables)

    def gathered(self) -> Gathered:
        return Gathered(tuple(self.entries), tuple(self.effects))

    def heavy(self) -> bool:
        """Whether so much is gathered that it should be committed before more comes."""
        return len(self.entries) >= MANY_ENTRIES or self.weight >= HEAVY_ENTRIES

    def frame(self) -> Frame:
        return self.state.frames[-1]

    def step(self) -> Step:
        return linked(self.program, self.frame().at)

    # -- going on ------------------------------------------------------------------------------------------------------

    def some_steps(self, fuel: int) -> Outcome | None:
        """Steps, until one wants something or the fuel is spent."""
        world, state, frame, performs = self.world, self.state, self.frame(), self.program.performs
        variables, at, turns = frame.variables, frame.at, state.turns
        event: Event | None = None
        taken = 0
        try:
            for taken in range(1, fuel - world.spent + 1):  # noqa: B007 - counted until the loop is left
                try:
                    perform = performs[at]
                except KeyError:
                    perform = performing(self.program, at)
                then: Any = perform(variables, world)
                if then.__class__ is int:
                    if then <= at:
                        turns += 1
                        if turns > MAX_TURNS:
                            at = turns_at(self.program, at, then)
                            raise LimitReached(ENDLESS)
                    at = then
                    if world.spent >= fuel:  # it went through something long
                        break
                elif then is MOVED:
                    frame = state.frames[-1]
                    variables, at = frame.variables, frame.at
                else:
                    event = then
                    break
            frame.at, state.turns = at, turns
            world.spent += taken
            return self.wanted(event) if event is not None else None
        except ProgramError as error:
            frame.at, failed_at = place(error, at, state.frames)
            state.turns = max(state.turns, turns)
            world.spent += taken
            step = linked(self.program, failed_at)
            return self.failed(Mistake.of(error, step.line, step.column))

    def wanted(self, event: Event) -> Outcome | None:
        match event:
            case Parked(keyword, arguments):
                return self.called(keyword, arguments)
            case Forked():
                return self.park(PARALLEL, {})
            case Ended(value):
                return self.undone() if self.state.undoing else Done(self.state, value, self.gathered())
            case Moved():
                return None

    def called(self, keyword: Keyword, arguments: dict[str, Value]) -> Outcome | None:
        keyword = keyword.given(arguments)
        if keyword.effect is not Effect.RECORD:
            return self.park(keyword, arguments)
        self.state.n += 1
        moment, step = self.world.moment(), self.step()
        try:
            recorded: Recorded = keyword.call(moment, **arguments)
            value = kept(adopt(recorded.answer))
        except ProgramError as error:
            mistake = Mistake.of(error, step.line, step.column, keyword.name)
            self.entered(keyword, None, mistake)
            return self.failed(mistake)
        self.entered(keyword, value, None)
        self.effects += (Written(moment, row) for row in recorded.effects)
        self.weight += sum(len(v) for row in recorded.effects for v in row.values if isinstance(v, str))
        self.go_on(value)
        return None

    def park(self, keyword: Keyword, arguments: Mapping[str, Value]) -> Call:
        total = 0
        for frame in self.state.frames:
            for value in frame.variables.values():
                total += weight_of(value)
        if total > MAX_STATE:
            raise LimitReached(f"All variables together take about {total:,} bytes; the limit is {MAX_STATE:,}.")
        self.state.n += 1
        self.state.turns = self.state.again = 0
        self.state.call, self.state.since = (keyword.name, arguments), self.now
        return self.parked()

    def parked(self) -> Call:
        assert self.state.call is not None
        name, arguments = self.state.call
        step = self.step()
        spawn: Spawn | None = None
        if name == PARALLEL.name and step.op == "fork":
            spawn = children(step, self.frame(), self.world)
        keyword = PARALLEL if spawn else self.program.registry[name].given(arguments)
        given_away = {key: copied(value) for key, value in arguments.items()}
        policy = self.policy(step)
        if spawn is not None and policy.timeout is not None:
            spawn = ended_by(spawn, self.state.since or self.now, policy.timeout)
        return Call(
            self.state,
            keyword,
            given_away,
            self.world.moment(),
            step.line,
            step.column,
            self.state.step,
            spawn,
            self.gathered(),
            policy,
        )

    def policy(self, step: Step) -> Policy:
        """How the call of this step is to be made; what undoes something is tried again of itself."""
        undoing = self.state.undoing is not None
        found = step.policy(self.frame().variables, self.world) if step.policy else NONE
        if undoing and found.retries is None:
            return replace(found, retries=UNDO.retries, backoff=UNDO.backoff)
        return found

    # -- answers -------------------------------------------------------------------------------------------------------

    def answered(self, answer: Answer) -> Outcome | None:
        if self.state.call is None:
            return self.ended(CANCELLED, cancelled=True)
        name, arguments = self.state.call
        frame, step = self.frame(), self.step()
        policy = self.policy(step)
        forked = step.op == "fork"
        keyword = PARALLEL if forked else self.program.registry[name]
        try:
            if answer.mistake is not None:
                value, mistake = None, answer.mistake
            elif forked:
                value, mistake = joined(step, frame, self.world, answer.joined or ())
            elif answer.cached or answer.cancelled:
                value, mistake = answer.value, None
            elif answer.timed_out and policy.timeout is not None and arguments.get("timeout") is None:
                value, mistake = None, None
            else:
                value, mistake = self.value_of(keyword, arguments, answer)
            if not isinstance(value, Again):
                value = kept(adopt(value))
        except ProgramError as error:
            value, mistake = None, Mistake.of(error)
        if isinstance(value, Again) and not answer.cancelled:
            self.entered(keyword, None, None, answer)
            return self.again(keyword, value)
        if answer.timed_out and policy.timeout is not None and arguments.get("timeout") is None:
            seconds = text(number(policy.timeout))
            mistake = Mistake("timeout", f"{keyword.name} did not end within {seconds} seconds.")
        if mistake is not None:
            mistake = mistake if mistake.line else mistake.at(step.line, step.column)
            mistake = replace(mistake, keyword=mistake.keyword or keyword.name, attempt=answer.attempt)
        if answer.cancelled:
            value, mistake = None, mistake or CANCELLED.at(step.line, step.column)
        self.entered(keyword, value, mistake, answer)
        if mistake is not None and answer.cancelled:
            return self.ended(mistake if mistake.kind == "cancelled" else CANCELLED, cancelled=True)
        if mistake is not None and policy.tries_again(mistake, answer.attempt):
            self.state.again += 1
            return Repeat(self.state, answer.attempt, mistake, policy.backoff, self.gathered())
        if mistake is None and policy.cache is not None and not answer.cached:
            self.remembered(keyword, policy, value)
        waits = keyword.effect is Effect.WAIT and not forked and "timeout" in keyword.parameters
        if waits and (answer.joined is None or arguments.get("timeout") is not None):
            self.world.shared["timed_out"] = answer.timed_out
        if mistake is not None:
            return self.failed(mistake)
        self.state.call = None
        self.go_on(value)
        return None

    def remembered(self, keyword: Keyword, policy: Policy, value: Value) -> None:
        """The answer for other runs that make the same call."""
        assert self.state.call is not None
        assert policy.cache is not None
        if weight_of(value) <= MOST_CACHED:
            until = self.now + timedelta(seconds=policy.cache)
            row = STEP_CACHED.row(key=policy.key(keyword.name, self.state.call[1]), value=dump(value), until=until)
            self.effects.append(Written(self.world.moment(), row))

    def again(self, keyword: Keyword, more: Again) -> Outcome | None:
        step = self.step()
        if more.said is not None:
            self.state.n += 1
            self.entered(self.program.registry["TALK"], more.said, None)
        try:
            return self.park(keyword, {name: kept(adopt(value)) for name, value in more.arguments.items()})
        except ProgramError as error:
            return self.failed(Mistake.of(error, step.line, step.column, keyword.name))

    def value_of(
        self, keyword: Keyword, arguments: Mapping[str, Value], answer: Answer
    ) -> tuple[Value | Again, Mistake | None]:
        if keyword.resume is not None:
            return keyword.resume(self.world.moment(), dict(arguments), answer), None
        if answer.joined is not None:
            (child,) = answer.joined
            return child.result, child.mistake and _of_child(child)
        return (None if answer.timed_out else answer.value), None

    def go_on(self, value: Value) -> None:
        self.step().finish(self.frame(), self.world, value)

    def entered(self, keyword: Keyword, value: Value, mistake: Mistake | None, answer: Answer | None = None) -> None:
        step = self.step()
        self.weight += weight_of(value)
        self.entries.append(
            Entry(
                n=self.state.n,
                at=self.frame().at,
                step=self.state.step,
                line=step.line,
                column=step.column,
                keyword=keyword.name,
                answer=value,
                mistake=mistake,
                ended=self.now,
                attempt=answer.attempt if answer else 1,
                given=self.given(keyword, answer) if answer else None,
            )
        )

    def given(self, keyword: Keyword, answer: Answer) -> Answer | None:
        """The answer itself, unless it follows from what the program saw of it."""
        if answer.joined is not None and keyword is PARALLEL:
            return replace(answer, joined=merged(self.step(), answer.joined))
        if answer.timed_out or answer.cached or answer.cancelled or (keyword.resume and answer.mistake is None):
            return answer
        if answer.joined is not None and "timeout" in keyword.parameters:
            return answer
        return None if answer.aside is None else Answer(attempt=answer.attempt, aside=answer.aside)

    # -- mistakes ------------------------------------------------------------------------------------------------------

    def failed(self, mistake: Mistake) -> Outcome | None:
        """The end, or where ON ERROR sends the program. A state that failed at a call stays parked at it."""
        handling = next(((f, to) for f in reversed(self.state.frames) if (to := self.handler(f)) is not None), None)
        self.state.turns += 1  # a handler may go back to what failed
        if self.state.turns > MAX_TURNS:
            mistake, handling = replace(mistake, kind=LimitReached.kind, message=ENDLESS), None
        if handling is None:
            return self.ended(mistake)
        frame, action = handling
        while self.frame() is not frame:
            self.state.frames.pop()
        self.state.call = None
        action, _, target = action.partition(":")
        if action == "goto":
            frame.at, frame.on_error = int(target), None
        else:
            frame.at = int(target) if target else self.step().end
        self.told(mistake)
        return None

    def handler(self, frame: Frame) -> str | None:
        """Where a mistake in this frame sends it: "goto:7", "resume", "resume:7"; None: nowhere."""
        for first, behind, target in self.program.guards:
            if first <= frame.at < behind:
                return f"resume:{target}"
        return frame.on_error

    # -- undoing -------------------------------------------------------------------------------------------------------

    def ended(self, mistake: Mistake, *, cancelled: bool = False) -> Outcome | None:
        """The end, once what was done is undone; the last first."""
        undoing = self.state.undoing
        if undoing is not None:
            undoing.faults.append(str(mistake))
        elif self.state.undo:
            self.state.undoing = Undoing(mistake, cancelled)
        else:
            return Failed(self.state, mistake, self.gathered())
        return self.undone()

    def undone(self) -> Outcome | None:
        """Begins to undo the last of what is left; the end when nothing is."""
        state, undoing = self.state, self.state.undoing
        assert undoing is not None
        state.call, state.turns = None, 0
        if not state.undo:
            why = undoing.why
            if undoing.faults:
                told = f"{why.message} Not all of it could be undone: {' '.join(undoing.faults)}"
                why = replace(why, message=told)
            return Failed(state, why, self.gathered())
        undo = state.undo.pop()
        variables = {name: value for name, value in state.frames[0].variables.items() if not name.startswith("~")}
        state.frames = [Frame(undo.entry, self.program.entries[undo.entry], {**variables, **undo.variables})]
        self.world.shared = state.frames[0].variables
        self.told(undoing.why)
        return None

    def told(self, mistake: Mistake) -> None:
        self.world.shared["error"] = kept(
            Object(message=mistake.message, kind=mistake.kind, line=mistake.line, keyword=mistake.keyword)
        )


def _of_child(child: Joined) -> Mistake:
    assert child.mistake is not None
    return Mistake(child.mistake.kind, f"{child.name} failed. {child.mistake}", keyword=child.mistake.keyword)
