"""Runs a program through the machine alone: outside verbs are answered by hand, branches run one after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from keywords.encode import dump, from_plain, state_from_json, state_to_json
from keywords.host import MEMORY_SET, Answer, Identity, Joined
from keywords.machine import advance, child_seed, parked, start_state
from keywords.mistakes import Mistake
from keywords.outcome import Call, Done, Entry, Failed, Repeat, Yield
from keywords.program import Program
from keywords.state import State

NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
TENANT = UUID("00000000-0000-0000-0000-00000000000a")
IDENTITY = Identity(TENANT, uuid5(TENANT, "execution"), uuid5(TENANT, "bot"), "tester")

Answers = Callable[[Call], Answer]


@dataclass(slots=True)
class Run:
    """How a program went."""

    talk: list[str] = field(default_factory=list[str])
    journal: list[tuple[Any, ...]] = field(default_factory=list[tuple[Any, ...]])
    calls: list[Call] = field(default_factory=list[Call])
    result: Any = None
    mistake: Mistake | None = None
    state: State | None = None
    memory: dict[str, str] = field(default_factory=dict[str, str])


def nobody(call: Call) -> Answer:
    """Waits run out and everything else answers NULL."""
    return Answer(timed_out=call.keyword.effect == "wait")


def run(
    program: Program,
    answers: Answers = nobody,
    inputs: Mapping[str, Any] | None = None,
    *,
    stored: bool = False,
    fuel: int = 20_000,
    seed: int = 42,
) -> Run:
    """The program from start to end; `stored` takes the state through JSON wherever it stops."""
    found = Run()
    values = {name: from_plain(value) for name, value in (inputs or {}).items()}
    _go_on(program, start_state(program, IDENTITY, values, seed), answers, found, stored=stored, fuel=fuel)
    return found


def _go_on(program: Program, state: State, answers: Answers, run: Run, *, stored: bool, fuel: int) -> Any:
    answer: Answer | None = None
    now = NOW
    while True:
        if stored:
            state = state_from_json(state_to_json(state), state.identity)
            program = Program.load(program.hash, program.to_json(), program.source, program.registry)
        outcome = advance(program, state, answer, now, fuel)
        answer, state = None, outcome.state
        for entry in outcome.gathered.entries:
            _note(entry, run)
        for written in outcome.gathered.effects:
            if written.row.kind is MEMORY_SET:
                key, value, _ = written.row.values
                run.memory[str(key)] = str(value)
        match outcome:
            case Done(state, result):
                run.result, run.state = result, state
                return result
            case Failed(state, mistake):
                run.mistake, run.state = mistake, state
                return None
            case Yield():
                continue
            case Call():
                now += timedelta(seconds=1)
                run.calls.append(outcome)
                again = parked(program, state, now)
                assert again is not None and again.keyword is outcome.keyword and again.moment.n == outcome.moment.n
                answer = (
                    _branches(program, outcome, answers, run, stored, fuel)
                    if outcome.spawn
                    else _ask(outcome, answers, run)
                )
            case Repeat():
                now += timedelta(seconds=outcome.backoff or 1)
                again = parked(program, state, now)
                assert again is not None
                answer = replace(_ask(again, answers, run), attempt=outcome.attempt + 1)


def _ask(call: Call, answers: Answers, run: Run) -> Answer:
    if call.keyword.name == "GET BOT MEMORY":
        return Answer(run.memory.get(call.arguments["key"], ""))
    return answers(call)


def _branches(program: Program, call: Call, answers: Answers, run: Run, stored: bool, fuel: int) -> Answer:
    assert call.spawn is not None
    ended: list[Joined] = []
    for at, child in enumerate(call.spawn.children):
        branch = Run(talk=run.talk, journal=run.journal, calls=run.calls, memory=run.memory)
        seed = child_seed(call.state.seed, call.moment.n, at)
        state = start_state(program, IDENTITY, child.inputs, seed, child.entry)
        _go_on(program, state, answers, branch, stored=stored, fuel=fuel)
        variables = branch.state.frames[0].variables if branch.state else {}
        ended.append(Joined(child.name, branch.result, branch.mistake, variables))
    return Answer(joined=tuple(ended))


def _note(entry: Entry, run: Run) -> None:
    if entry.keyword == "TALK" and entry.mistake is None:
        run.talk.append(entry.answer)
    mistake = entry.mistake and str(entry.mistake)
    run.journal.append((entry.n, entry.step, entry.line, entry.keyword, dump(entry.answer), mistake))
