"""Runs a golden program straight through the machine, and notes all that it does.

The keywords' own functions run, with a made-up world behind them; what that world answers, the golden program says.
One keyword may be switched off: it then answers NULL and does nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any
from uuid import UUID, uuid5

from keywords.compile import compile_program
from keywords.encode import dump, from_plain, state_from_json, state_to_json
from keywords.host import (
    MEMORY_SET,
    Act,
    Answer,
    Decided,
    Host,
    Identity,
    Joined,
    Moment,
    ProgramText,
    Recorded,
    Spawn,
    Told,
    Value,
    Wait,
)
from keywords.machine import advance, child_seed, parked, start_state
from keywords.mistakes import Mistake, ProgramError
from keywords.outcome import Call, Done, Entry, Failed, Repeat, Yield
from keywords.program import Program
from keywords.registry import Effect, Keyword, Registry, table
from keywords.state import State
from tests.golden.answers import Path, Place, answer_of, answered_by, child_id, services
from tests.language.golden import Golden
from tests.language.memories import Remembered

NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
TENANT = UUID("00000000-0000-0000-0000-00000000000a")
IDENTITY = Identity(TENANT, uuid5(TENANT, "execution"), uuid5(TENANT, "bot"), "tester")
SEED = 42
MANY = 1_000  # calls of a program that must end


Answers = Callable[[Call], Answer | None]  # what the world says to a call; None: what its keyword makes of it


def answers_of(golden: Golden) -> Answers:
    """Hands out the answers of a golden program, each once."""
    left = list(golden.answers)

    def answer(call: Call) -> Answer | None:
        first = next(iter(call.arguments.values()), None)
        for given in left:
            if given.fits(call.keyword.name, first):
                left.remove(given)
                return answer_of(given)
        return None

    return answer


class Endless(Exception):
    """The program never comes to its end, as some do without one of their keywords."""


@dataclass(slots=True)
class Switch:
    """The keyword that is switched off, if any."""

    off: str = ""


def switchable(keywords: Registry, switch: Switch) -> Registry:
    """The same keywords, each of which does nothing while it is switched off."""
    return table(_switchable(keyword, switch) for keyword in keywords)


def _switchable(keyword: Keyword, switch: Switch) -> Keyword:
    @wraps(keyword.call)
    def call(place: Moment | Host, /, **arguments: Value) -> Any:
        if switch.off != keyword.name:
            return keyword.call(place, **arguments)
        match keyword.effect:
            case Effect.RECORD:
                return Recorded()
            case Effect.PURE:
                return None
            case _:
                return _nothing()

    def resume(moment: Moment, arguments: Mapping[str, Value], answer: Answer) -> Value:
        assert keyword.resume is not None
        return None if switch.off == keyword.name else keyword.resume(moment, arguments, answer)

    deciding = keyword.deciding
    if deciding is not None:
        deciding = replace(deciding, call=_switchable(keyword.given(deciding.when), switch).call)
    return replace(keyword, call=call, resume=keyword.resume and resume, deciding=deciding)


async def _nothing() -> None:
    return None


@dataclass(slots=True)
class Straight(Remembered):
    """How a program went: what it said, its journal by execution, what it waited for, and how it ended."""

    talk: list[str] = field(default_factory=list[str])
    journal: list[tuple[Any, ...]] = field(default_factory=list[tuple[Any, ...]])
    waits: list[str] = field(default_factory=list[str])
    answers: dict[Place, Answer] = field(default_factory=dict[Place, Answer])
    paths: list[Path] = field(default_factory=list[Path])
    memory: dict[str, str] = field(default_factory=dict[str, str])
    effects: list[str] = field(default_factory=list[str])
    stops: int = 0  # how often the machine stopped: with fuel 1, after each step
    result: Any = None
    mistake: Mistake | None = None
    variables: dict[str, Value] = field(default_factory=dict[str, Value])


class Runner:
    """Runs golden programs; compile them against `registry`."""

    def __init__(self, keywords: Registry) -> None:
        self.switch = Switch()
        self._place: Callable[[Identity, int], Answer | None] = lambda identity, n: None
        self.registry = switchable(answered_by(keywords, lambda identity, n: self._place(identity, n)), self.switch)

    def run(
        self,
        program: Program,
        inputs: Mapping[str, Any],
        answers: Answers,
        *,
        stored: bool = False,
        fuel: int = 20_000,
        off: str = "",
    ) -> Straight:
        """The program from start to end; `stored` takes program and state through JSON wherever it stops.

        Raises ProgramError for inputs that do not fit.
        """
        self.switch.off = off
        values = {name: from_plain(value) for name, value in inputs.items()}
        one = _One(self, program, answers, stored, fuel)
        state = start_state(program, IDENTITY, values, SEED)
        found = one.found
        found.result, found.mistake, ended = one.go_on(program, state, ())
        found.variables = _own(ended)
        return found

    def answering(self, answer: Answer | None) -> None:
        """What the call that is made next is answered."""
        self._place = lambda identity, n: answer


@dataclass(slots=True)
class _One:
    runner: Runner
    own: Program
    answers: Answers
    stored: bool
    fuel: int
    found: Straight = field(default_factory=Straight)

    def go_on(self, program: Program, state: State, path: Path) -> tuple[Any, Mistake | None, State]:
        self.found.paths.append(path)
        answer: Answer | None = None
        now = NOW
        while True:
            if self.stored:
                state = state_from_json(state_to_json(state), state.identity)
                program = Program.load(program.hash, program.to_json(), program.source, program.registry)
            outcome = advance(program, state, answer, now, self.fuel)
            self.found.stops += 1
            answer, state = None, outcome.state
            for entry in outcome.gathered.entries:
                self.note(entry, path)
            for written in outcome.gathered.effects:
                self.found.effects.append(written.row.kind.name)
                if written.row.kind is MEMORY_SET:
                    key, value, _ = written.row.values
                    self.found.memory[str(key)] = str(value)
            match outcome:
                case Done(state, result):
                    return result, None, state
                case Failed(state, mistake):
                    return None, mistake, state
                case Yield():
                    continue
                case Repeat(state, attempt):  # attempts that are followed by another are left out
                    self.found.journal.pop()
                    call = parked(program, state, now)
                    assert call is not None
                    answer = replace(self.ask(program, call, path), attempt=attempt + 1)
                case Call():
                    if state.n > MANY:
                        raise Endless
                    now += timedelta(seconds=1)
                    again = parked(program, state, now)
                    assert again is not None and again.keyword is outcome.keyword
                    assert again.moment.n == outcome.moment.n
                    spawned = outcome.spawn and self.branches(program, outcome, outcome.spawn, path)
                    answer = spawned or self.ask(program, outcome, path)

    def branches(self, program: Program, call: Call, spawn: Spawn, path: Path) -> Answer:
        """How the children of a call ended, one after the other."""
        ended: list[Joined] = []
        for at, child in enumerate(spawn.children):
            well = sum(one.mistake is None for one in ended)
            if spawn.wanted is not None and (well >= spawn.wanted or well + len(spawn.children) - at < spawn.wanted):
                self.found.paths.append((*path, (call.moment.n, at)))  # it has lost before it did anything
                ended.append(Joined(child.name, mistake=Mistake("cancelled", f"{child.name} was cancelled.")))
                continue
            seed = child_seed(call.state.seed, call.moment.n, at)
            own = call.state.identity
            identity = replace(own, execution=child_id(own.execution, call.moment.n, at))
            runs = program if child.program is None else self.compiled(child.program)
            state = start_state(runs, identity, child.inputs, seed, child.entry)
            result, mistake, state = self.go_on(runs, state, (*path, (call.moment.n, at)))
            undo = () if child.program or mistake else tuple(state.undo)
            ended.append(Joined(child.name, result, mistake, {} if child.program else _own(state), undo))
        return Answer(joined=tuple(ended))

    def compiled(self, text: ProgramText) -> Program:
        found = compile_program(text.source, self.runner.registry, text.name)
        assert found.program is not None, found.errors
        return found.program

    def ask(self, program: Program, call: Call, path: Path) -> Answer:
        """What the call is answered: by the golden program, or by its keyword."""
        place = (path, call.moment.n)
        given = None if call.keyword.name == self.runner.switch.off else self.answers(call)
        if given is not None:
            self.found.answers[place] = given
        self.runner.answering(given)
        host = Host(call.moment, services(self.found), _own(call.state), call.step)
        try:
            value = _at_once(call.keyword.call(host, **call.arguments))
            if isinstance(value, Act):
                value = _at_once(value.perform())
        except ProgramError as error:
            return Answer(mistake=Mistake.of(error))
        if isinstance(value, Told):
            value = value.value
        if isinstance(value, Wait):
            left = "" if value.wake_at is None else f" {(value.wake_at - call.moment.now).total_seconds():g}"
            self.found.waits.append(call.keyword.name + left)
            self.found.effects += (row.kind.name for row in value.effects)
            answer = given or Answer(timed_out=True)
            self.found.answers[place] = answer
            return answer
        if isinstance(value, Spawn):
            return self.branches(program, call, value, path)
        if isinstance(value, Decided):
            self.found.effects.append(value.effect.kind.name)
            return Answer()
        return Answer(value)

    def note(self, entry: Entry, path: Path) -> None:
        if entry.keyword == "TALK" and entry.mistake is None:
            self.found.talk.append(entry.answer)
        mistake = entry.mistake and str(entry.mistake)
        row = (path, entry.n, entry.step, entry.line, entry.column, entry.keyword, dump(entry.answer), mistake)
        self.found.journal.append(row)


def _own(state: State) -> dict[str, Value]:
    shown = {**state.frames[0].variables, **state.frames[-1].variables}
    return {name: value for name, value in shown.items() if not name.startswith("~")}


def _at_once(waiting: Awaitable[Value]) -> Value:
    """The value of a coroutine that has nothing to wait for."""
    try:
        next(iter(waiting.__await__()))
    except StopIteration as ended:
        return ended.value
    raise AssertionError("a keyword's function waits for the world outside")
