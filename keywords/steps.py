"""What each op of a program does. A step is linked once per loaded program: its expressions become closures.

`perform` answers the index to go on at, or what must happen first; `finish` takes the answer and moves the frame on.
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
from keywords.places import exchanged, written
from keywords.program import Program
from keywords.registry import Keyword
from keywords.state import Frame
from keywords.values import SMALL, Object, kept, text, truthy
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
    """The program has returned this."""

    value: Value


@dataclass(frozen=True, slots=True)
class Moved:
    """Another frame is on top: a SUB began or returned."""


MOVED, FORKED = Moved(), Forked()
Event: TypeAlias = Parked | Forked | Ended | Moved
Variables: TypeAlias = dict[str, Value]
Perform: TypeAlias = Callable[[Variables, World], int | Event]  # given the variables of the topmost frame
Target: TypeAlias = Sequence[str]  # ["v", name] of the frame, ["g", name] of the program


@dataclass(frozen=True, slots=True)
class Step:
    """One linked step."""

    op: str
    line: int
    column: int
    end: int
    perform: Perform
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


def linked(program: Program, at: int) -> Step:
    """The step at an index, its closures made when it is first reached."""
    step = program.linked.get(at)
    if step is None:
        step = program.linked[at] = _LINKS[program.steps[at][0]](program, program.steps[at], at + 1)
    return step


def _plain(raw: Sequence[Any], perform: Perform) -> Step:
    op, line, column, end, *_ = raw
    return Step(op, line, column, end, perform)


def _expressions(program: Program, nodes: Sequence[Any]) -> list[Closure]:
    return [compiled(node, program.registry) for node in nodes]


# -- variables ---------------------------------------------------------------------------------------------------------


def _set(program: Program, raw: Sequence[Any], after: int) -> Step:
    (scope, name), expression = raw[4], compiled(raw[5], program.registry)

    def local(v: Variables, w: World) -> int:
        value = expression(v, w)
        v[name] = value if value.__class__ in SMALL else kept(value)
        return after

    def shared(v: Variables, w: World) -> int:
        w.shared[name] = kept(expression(v, w))
        return after

    return _plain(raw, local if scope == "v" else shared)


def _put(program: Program, raw: Sequence[Any], after: int) -> Step:
    (scope, name), path = raw[4], _expressions(program, raw[5])
    expression = compiled(raw[6], program.registry)

    first = path[0]

    def put_item(v: Variables, w: World) -> int:
        at = first(v, w)
        value = expression(v, w)
        held = v if scope == "v" else w.shared
        root = held.get(name)
        if not exchanged(root, at, value):
            held[name] = written(root, (at,), value)
        return after

    def put(v: Variables, w: World) -> int:
        places = [index(v, w) for index in path]
        value = expression(v, w)
        held = v if scope == "v" else w.shared
        held[name] = written(held.get(name), places, value)
        return after

    return _plain(raw, put_item if len(path) == 1 else put)


def _edit(program: Program, raw: Sequence[Any], after: int) -> Step:
    (scope, name), path, edit = raw[4], _expressions(program, raw[5]), EDITS[raw[6]].change
    arguments, into = _expressions(program, raw[7]), raw[8]

    def perform(v: Variables, w: World) -> int:
        places = [index(v, w) for index in path]
        given = [argument(v, w) for argument in arguments]
        held = v if scope == "v" else w.shared
        held[name], answer = edit(held.get(name), places, given)
        if into is not None:
            (v if into[0] == "v" else w.shared)[into[1]] = kept(answer)
        return after

    return _plain(raw, perform)


def _drop(program: Program, raw: Sequence[Any], after: int) -> Step:
    names = raw[4]

    def drop(v: Variables, w: World) -> int:
        for name in names:
            v.pop(name, None)
        return after

    return _plain(raw, drop)


# -- control -----------------------------------------------------------------------------------------------------------


def _jump(program: Program, raw: Sequence[Any], after: int) -> Step:
    target = raw[4]
    head = program.steps[target]
    if head[0] in ("test", "each") and head[1:4] == raw[1:4]:  # a loop's end does at once what its head does
        return _plain(raw, linked(program, target).perform)
    return _plain(raw, lambda v, w: target)


def _test(program: Program, raw: Sequence[Any], after: int) -> Step:
    condition, target, sense = compiled(raw[4], program.registry), raw[5], raw[6]

    def test(v: Variables, w: World) -> int:
        value = condition(v, w)
        holds = value if value.__class__ is bool else truthy(value)
        return target if holds is sense else after

    return _plain(raw, test)


def _each(program: Program, raw: Sequence[Any], after: int) -> Step:
    items, counter, (scope, name), end = raw[4:8]

    def each(v: Variables, w: World) -> int:
        values, turn = v[items], v.get(counter, 0)
        if turn >= len(values):
            return end
        v[counter] = turn + 1
        (v if scope == "v" else w.shared)[name] = kept(values[turn])
        return after

    return _plain(raw, each)


def _step(program: Program, raw: Sequence[Any], after: int) -> Step:
    number = raw[4]

    def step(v: Variables, w: World) -> int:
        w.state.step = number
        return after

    return _plain(raw, step)


def _return(program: Program, raw: Sequence[Any], after: int) -> Step:
    expression, whole = compiled(raw[4] or ["k", None], program.registry), raw[5]

    def leave(v: Variables, w: World) -> Event:
        value, frames = kept(expression(v, w)), w.state.frames
        if whole or len(frames) == 1:
            return Ended(value)
        frames.pop()
        caller = frames[-1]
        linked(program, caller.at).finish(caller, w, value)
        return MOVED

    return _plain(raw, leave)


def _handle(program: Program, raw: Sequence[Any], after: int) -> Step:
    action, target = raw[4], raw[5]

    def handle(v: Variables, w: World) -> int:
        if action == "clear":
            w.shared.pop("error", None)
        else:
            said = {"resume": "resume", "goto": f"goto:{target}", "stop": None}[action]
            w.state.frames[-1].on_error = said
        return after

    return _plain(raw, handle)


def _throw(program: Program, raw: Sequence[Any], after: int) -> Step:
    expression = compiled(raw[4], program.registry)

    def throw(v: Variables, w: World) -> int:
        raise ProgramError(text(expression(v, w)))

    return _plain(raw, throw)


# -- calls -------------------------------------------------------------------------------------------------------------


def _call(program: Program, raw: Sequence[Any], after: int) -> Step:
    op, line, column, end, name, nodes, into, number = raw
    keyword = program.registry[name]
    arguments = {slot: compiled(node, program.registry) for slot, node in nodes.items()}

    def call(v: Variables, w: World) -> Parked:
        return Parked(keyword, {slot: kept(value(v, w)) for slot, value in arguments.items()})

    return Step(op, line, column, end, call, into, number, assigned=program.assigned)


def _fork(program: Program, raw: Sequence[Any], after: int) -> Step:
    op, line, column, end, branches, number = raw
    return Step(op, line, column, end, lambda v, w: FORKED, None, number, branches)


def _sub(program: Program, raw: Sequence[Any], after: int) -> Step:
    op, line, column, end, entry, nodes, into = raw
    start = program.entries[entry]
    arguments = list(zip(program.parameters[entry], _expressions(program, nodes), strict=False))

    def sub(v: Variables, w: World) -> Moved:
        frames = w.state.frames
        if len(frames) >= MAX_FRAMES:
            raise LimitReached(f"SUBs and FUNCTIONs call each other more than {MAX_FRAMES} deep.")
        frames.append(Frame(entry, start, {name: kept(value(v, w)) for name, value in arguments}))
        return MOVED

    return Step(op, line, column, end, sub, into)


_LINKS: dict[str, Callable[[Program, Sequence[Any], int], Step]] = {
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
