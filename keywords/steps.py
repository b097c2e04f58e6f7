"""What each op of a program does. A step is linked once per loaded program: its expressions become closures.

`perform` moves the frame on, or says what must happen first; `finish` takes the answer and moves the frame on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from keywords.edits import EDITS
from keywords.evaluate import Closure, compiled
from keywords.host import Value
from keywords.mistakes import LimitReached, ProgramError
from keywords.places import written
from keywords.program import Program
from keywords.registry import Keyword
from keywords.state import Frame, State
from keywords.values import Object, kept, text, truthy
from keywords.world import World

MAX_FRAMES = 200

_OWN = re.compile(r"result|error|timed_out|step\d+|branch_.*")  # names the machine sets


@dataclass(frozen=True, slots=True)
class Parked:
    """A verb, its arguments evaluated."""

    keyword: Keyword
    arguments: dict[str, Value]


@dataclass(frozen=True, slots=True)
class Forked:
    """A PARALLEL wants its branches."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The frame returned this; `whole`: EXIT, the program ends wherever it stands."""

    value: Value
    whole: bool = False


Event: TypeAlias = Parked | Forked | Ended | None
Target: TypeAlias = Sequence[str]  # ["v", name] of the frame, ["g", name] of the program


@dataclass(frozen=True, slots=True)
class Step:
    """One linked step."""

    op: str
    line: int
    column: int
    end: int
    perform: Callable[[State, Frame, World], Event]
    into: Target | None = None
    number: int | None = None  # of the STEP whose result it is; 0: a result without a number
    branches: Sequence[Any] = ()
    assigned: frozenset[str] = frozenset()

    def finish(self, frame: Frame, world: World, value: Value) -> None:
        """Store the answer of a verb, PARALLEL or SUB and go on."""
        if self.into is not None:
            store(frame, world, self.into, value)
        for label, *_ in self.branches:
            world.shared[f"branch_{label.lower()}"] = kept(Object(result=value[label]))
        if self.number is not None:
            world.shared["result"] = value
            if self.number:
                world.shared[f"step{self.number}"] = value
            if isinstance(value, Object) and not self.branches:
                self.spread(world.shared, value)
        frame.at += 1

    def spread(self, variables: dict[str, Value], fields: Object) -> None:
        """Fields become variables, except where the program, its caller or the machine itself set that name."""
        taken = variables.get("~inputs", ())
        for key, value in fields.items():
            name = key.lower()
            if name.isidentifier() and name not in self.assigned and name not in taken and not _OWN.fullmatch(name):
                variables[name] = kept(value)


def store(frame: Frame, world: World, target: Target, value: Value) -> None:
    (frame.variables if target[0] == "v" else world.shared)[target[1]] = value


def fetch(frame: Frame, world: World, target: Target) -> Value:
    return (frame.variables if target[0] == "v" else world.shared).get(target[1])


def linked(program: Program, at: int) -> Step:
    """The step at an index, its closures made when it is first reached."""
    step = program.linked.get(at)
    if step is None:
        step = program.linked[at] = _LINKS[program.steps[at][0]](program, program.steps[at])
    return step


def _plain(raw: Sequence[Any], perform: Callable[[State, Frame, World], Event]) -> Step:
    op, line, column, end, *_ = raw
    return Step(op, line, column, end, perform)


def _expressions(program: Program, nodes: Sequence[Any]) -> list[Closure]:
    return [compiled(node, program.registry) for node in nodes]


# -- variables ---------------------------------------------------------------------------------------------------------


def _set(program: Program, raw: Sequence[Any]) -> Step:
    (scope, name), expression = raw[4], compiled(raw[5], program.registry)

    def local(state: State, frame: Frame, world: World) -> None:
        frame.variables[name] = kept(expression(frame.variables, world))
        frame.at += 1

    def shared(state: State, frame: Frame, world: World) -> None:
        world.shared[name] = kept(expression(frame.variables, world))
        frame.at += 1

    return _plain(raw, local if scope == "v" else shared)


def _put(program: Program, raw: Sequence[Any]) -> Step:
    target, path, expression = raw[4], _expressions(program, raw[5]), compiled(raw[6], program.registry)

    def put(state: State, frame: Frame, world: World) -> None:
        places = [index(frame.variables, world) for index in path]
        value = expression(frame.variables, world)
        store(frame, world, target, written(fetch(frame, world, target), places, value))
        frame.at += 1

    return _plain(raw, put)


def _edit(program: Program, raw: Sequence[Any]) -> Step:
    target, path, edit = raw[4], _expressions(program, raw[5]), EDITS[raw[6]].change
    arguments, into = _expressions(program, raw[7]), raw[8]

    def perform(state: State, frame: Frame, world: World) -> None:
        places = [index(frame.variables, world) for index in path]
        given = [argument(frame.variables, world) for argument in arguments]
        root, answer = edit(fetch(frame, world, target), places, given)
        store(frame, world, target, root)
        if into is not None:
            store(frame, world, into, kept(answer))
        frame.at += 1

    return _plain(raw, perform)


def _drop(program: Program, raw: Sequence[Any]) -> Step:
    names = raw[4]

    def drop(state: State, frame: Frame, world: World) -> None:
        for name in names:
            frame.variables.pop(name, None)
        frame.at += 1

    return _plain(raw, drop)


# -- control -----------------------------------------------------------------------------------------------------------


def _jump(program: Program, raw: Sequence[Any]) -> Step:
    target = raw[4]

    def jump(state: State, frame: Frame, world: World) -> None:
        frame.at = target

    return _plain(raw, jump)


def _test(program: Program, raw: Sequence[Any]) -> Step:
    condition, target, sense = compiled(raw[4], program.registry), raw[5], raw[6]

    def test(state: State, frame: Frame, world: World) -> None:
        frame.at = target if truthy(condition(frame.variables, world)) is sense else frame.at + 1

    return _plain(raw, test)


def _each(program: Program, raw: Sequence[Any]) -> Step:
    items, counter, target, after = raw[4:8]

    def each(state: State, frame: Frame, world: World) -> None:
        values, turn = frame.variables[items], frame.variables.get(counter, 0)
        if turn >= len(values):
            frame.at = after
            return
        frame.variables[counter] = turn + 1
        store(frame, world, target, kept(values[turn]))
        frame.at += 1

    return _plain(raw, each)


def _step(program: Program, raw: Sequence[Any]) -> Step:
    number = raw[4]

    def step(state: State, frame: Frame, world: World) -> None:
        state.step = number
        frame.at += 1

    return _plain(raw, step)


def _return(program: Program, raw: Sequence[Any]) -> Step:
    expression, whole = compiled(raw[4] or ["k", None], program.registry), raw[5]

    def leave(state: State, frame: Frame, world: World) -> Ended:
        return Ended(kept(expression(frame.variables, world)), whole)

    return _plain(raw, leave)


def _handle(program: Program, raw: Sequence[Any]) -> Step:
    action, target = raw[4], raw[5]

    def handle(state: State, frame: Frame, world: World) -> None:
        if action == "clear":
            world.shared.pop("error", None)
        else:
            frame.on_error = {"resume": "resume", "goto": f"goto:{target}", "stop": None}[action]
        frame.at += 1

    return _plain(raw, handle)


def _throw(program: Program, raw: Sequence[Any]) -> Step:
    expression = compiled(raw[4], program.registry)

    def throw(state: State, frame: Frame, world: World) -> None:
        raise ProgramError(text(expression(frame.variables, world)))

    return _plain(raw, throw)


# -- calls -------------------------------------------------------------------------------------------------------------


def _call(program: Program, raw: Sequence[Any]) -> Step:
    op, line, column, end, name, nodes, into, number = raw
    keyword = program.registry[name]
    arguments = {slot: compiled(node, program.registry) for slot, node in nodes.items()}

    def call(state: State, frame: Frame, world: World) -> Parked:
        return Parked(keyword, {slot: kept(value(frame.variables, world)) for slot, value in arguments.items()})

    return Step(op, line, column, end, call, into, number, assigned=program.assigned)


def _fork(program: Program, raw: Sequence[Any]) -> Step:
    op, line, column, end, branches, number = raw
    return Step(op, line, column, end, lambda state, frame, world: Forked(), None, number, branches)


def _sub(program: Program, raw: Sequence[Any]) -> Step:
    op, line, column, end, entry, nodes, into = raw
    names, values = program.parameters[entry], _expressions(program, nodes)

    def sub(state: State, frame: Frame, world: World) -> None:
        if len(state.frames) >= MAX_FRAMES:
            raise LimitReached(f"SUBs and FUNCTIONs call each other more than {MAX_FRAMES} deep.")
        given = {name: kept(value(frame.variables, world)) for name, value in zip(names, values, strict=False)}
        state.frames.append(Frame(entry, program.entries[entry], given))

    return Step(op, line, column, end, sub, into)


_LINKS: dict[str, Callable[[Program, Sequence[Any]], Step]] = {
    "set": _set,
    "put": _put,
    "edit": _edit,
    "drop": _drop,
    "jump": _jump,
    "test": _test,
    "each": _each,
    "step": _step,
    "return": _return,
    "handle": _handle,
    "throw": _throw,
    "call": _call,
    "fork": _fork,
    "sub": _sub,
}
