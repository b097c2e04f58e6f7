"""The whole machine: a state and an answer in, the next outcome out. No I/O, no clock, no chance of its own.

A state is always parked at a call (`state.call`), except before its first step and after a Yield. `n` counts the calls
of the execution: the verbs and the PARALLELs, not the steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from keywords.host import Again, Answer, Identity, Joined, Moment, Recorded, Spawn, Value
from keywords.inputs import given
from keywords.mistakes import LimitReached, Mistake, ProgramError
from keywords.outcome import Call, Done, Entry, Failed, Gathered, Outcome, Written, Yield
from keywords.parallel import PARALLEL, children, joined, merged
from keywords.program import Program
from keywords.registry import Effect, Keyword
from keywords.state import Frame, State
from keywords.steps import MOVED, Ended, Event, Forked, Moved, Parked, Step, linked
from keywords.values import Object, adopt, copied, kept, measure
from keywords.world import World, child_seed

__all__ = ["advance", "child_seed", "parked", "start_state"]

MAX_TURNS = 100_000
ENDLESS = f"The loop has turned {MAX_TURNS:,} times without waiting for anything. Check what ends it."
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
    if (state.call is None) is not (answer is None):
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

    def moment(self) -> Moment:
        return Moment(self.state.identity, self.state.generation, self.state.n, self.now)

    # -- going on ------------------------------------------------------------------------------------------------------

    def some_steps(self, fuel: int) -> Outcome | None:
        """Steps, until one wants something or the fuel is spent."""
        world, frame, known = self.world, self.frame(), self.program.linked
        variables, at = frame.variables, frame.at
        event: Event | None = None
        step, taken = None, 0
        try:
            for taken in range(1, fuel - world.spent + 1):  # noqa: B007 - counted until the loop is left
                try:
                    step = known[at]
                except KeyError:
                    step = linked(self.program, at)
                then = step.perform(variables, world)
                if isinstance(then, int):
                    if then <= at:
                        self.turned()
                    at = then
                    if world.spent >= fuel:  # it went through something long
                        break
                elif then is MOVED:
                    frame.at = at
                    frame = self.frame()
                    variables, at = frame.variables, frame.at
                else:
                    event = then
                    break
            frame.at = at
            world.spent += taken
            return self.wanted(event) if event is not None else None
        except ProgramError as error:
            frame.at = at
            world.spent += taken
            return self.failed(Mistake.of(error, step.line if step else None, step.column if step else None))

    def wanted(self, event: Event) -> Outcome | None:
        match event:
            case Parked(keyword, arguments):
                return self.called(keyword, arguments)
            case Forked():
                return self.park(PARALLEL, {})
            case Ended(value):
                return Done(self.state, value, self.gathered())
            case Moved():
                return None

    def turned(self) -> None:
        self.state.turns += 1
        if self.state.turns > MAX_TURNS:
            raise LimitReached(ENDLESS)

    def called(self, keyword: Keyword, arguments: dict[str, Value]) -> Outcome | None:
        if keyword.effect is not Effect.RECORD:
            return self.park(keyword, arguments)
        self.state.n += 1
        moment, step = self.moment(), self.step()
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
        weight = sum(measure(value)[0] for frame in self.state.frames for value in frame.variables.values())
        if weight > MAX_STATE:
            raise LimitReached(f"All variables together take about {weight:,} bytes; the limit is {MAX_STATE:,}.")
        self.state.n += 1
        self.state.turns = 0
        self.state.call, self.state.since = (keyword.name, arguments), self.now
        return self.parked()

    def parked(self) -> Call:
        assert self.state.call is not None
        name, arguments = self.state.call
        step = self.step()
        spawn: Spawn | None = None
        if name == PARALLEL.name and step.op == "fork":
            spawn = children(step, self.frame(), self.world)
        keyword = PARALLEL if spawn else self.program.registry[name]
        given_away = {key: copied(value) for key, value in arguments.items()}
        return Call(
            self.state,
            keyword,
            given_away,
            self.moment(),
            step.line,
            step.column,
            self.state.step,
            spawn,
            self.gathered(),
        )

    # -- answers -------------------------------------------------------------------------------------------------------

    def answered(self, answer: Answer) -> Outcome | None:
        assert self.state.call is not None
        name, arguments = self.state.call
        frame, step = self.frame(), self.step()
        forked = step.op == "fork"
        keyword = PARALLEL if forked else self.program.registry[name]
        try:
            if answer.mistake is not None:
                value, mistake = None, answer.mistake
            elif forked:
                value, mistake = joined(step, frame, self.world, answer.joined or ())
            else:
                value, mistake = self.value_of(keyword, arguments, answer)
            if not isinstance(value, Again):
                value = kept(adopt(value))
        except ProgramError as error:
            value, mistake = None, Mistake.of(error)
        if isinstance(value, Again):
            self.entered(keyword, None, None, answer)
            return self.again(keyword, value)
        if mistake is not None:
            mistake = mistake if mistake.line else mistake.at(step.line, step.column)
            mistake = replace(mistake, keyword=mistake.keyword or keyword.name, attempt=answer.attempt)
        self.entered(keyword, value, mistake, answer)
        waits = keyword.effect is Effect.WAIT and not forked and "timeout" in keyword.parameters
        if waits and (answer.joined is None or arguments.get("timeout") is not None):
            self.world.shared["timed_out"] = answer.timed_out
        if mistake is not None:
            return self.failed(mistake)
        self.state.call = None
        self.go_on(value)
        return None

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
            return keyword.resume(self.moment(), dict(arguments), answer), None
        if answer.joined is not None:
            (child,) = answer.joined
            return child.result, child.mistake and _of_child(child)
        return (None if answer.timed_out else answer.value), None

    def go_on(self, value: Value) -> None:
        self.step().finish(self.frame(), self.world, value)

    def entered(self, keyword: Keyword, value: Value, mistake: Mistake | None, answer: Answer | None = None) -> None:
        step = self.step()
        self.weight += measure(value)[0]
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
        if answer.timed_out or (keyword.resume and answer.mistake is None):
            return answer
        return answer if answer.joined is not None and "timeout" in keyword.parameters else None

    # -- mistakes ------------------------------------------------------------------------------------------------------

    def failed(self, mistake: Mistake) -> Outcome | None:
        """The end, or where ON ERROR sends the program. A state that failed at a call stays parked at it."""
        handling = next((f for f in reversed(self.state.frames) if f.on_error is not None), None)
        self.state.turns += 1  # a handler may go back to what failed
        if self.state.turns > MAX_TURNS:
            mistake, handling = replace(mistake, kind=LimitReached.kind, message=ENDLESS), None
        if handling is None or handling.on_error is None:
            return Failed(self.state, mistake, self.gathered())
        while self.frame() is not handling:
            self.state.frames.pop()
        self.state.call = None
        action, _, target = handling.on_error.partition(":")
        if action == "goto":
            handling.at, handling.on_error = int(target), None
        else:
            handling.at = self.step().end
        self.world.shared["error"] = kept(
            Object(message=mistake.message, kind=mistake.kind, line=mistake.line, keyword=mistake.keyword)
        )
        return None


def _of_child(child: Joined) -> Mistake:
    assert child.mistake is not None
    return Mistake(child.mistake.kind, f"{child.name} failed. {child.mistake}", keyword=child.mistake.keyword)
