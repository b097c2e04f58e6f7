"""What each op of a program does. A step is linked once per loaded program: its expressions become closures. What loops
do often is written out as Python besides (`keywords/traces.py`), with the same meaning.

`perform` answers the index to go on at, or what must happen first; `finish` takes the answer and moves the frame on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from keywords.edits import EDITS
from keywords.evaluate import Closure, compiled
from keywords.host import Undo, Value
from keywords.mistakes import LimitReached, ProgramError
from keywords.places import exchanged, written
from keywords.policy import Linked, linked_policy
from keywords.program import Program
from keywords.records import record
from keywords.registry import Keyword
from keywords.state import Frame
from keywords.values import SMALL, Object, kept, text, truthy
from keywords.world import World

MAX_FRAMES = 200
MAX_UNDO = 10_000

_OWN = re.compile(r"result|error|timed_out|step\d+|branch_.*")  # names the machine sets


@record
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
class Fork:
    """The options of a PARALLEL. `items` is there for PARALLEL FOR EACH, whose one branch is run for each of them."""

    items: Closure | None
    name: str  # the variable that holds the item
    most: Closure | None  # branches at once: MAX
    join: str  # "", "any", "first error", "count"
    counts: Sequence[Closure]  # of "count": how many, and of how many
    without: frozenset[str]  # variables that the branches do not look at


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
    fork: Fork | None = None
    policy: Linked | None = None

    def finish(self, frame: Frame, world: World, value: Value) -> None:
        """Store the answer of a verb, PARALLEL or SUB and go on."""
        if self.into is not None:
            store(frame, world, self.into, value)
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

    def put(v: Variables, w: World) -> int:
        places = [index(v, w) for index in path]
        value = expression(v, w)
        held = v if scope == "v" else w.shared
        root = held.get(name)
        if not exchanged(root, places, value):
            held[name] = written(root, places, value)
        return after

    return _plain(raw, put)


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
    return _plain(raw, lambda v, w: leave(program, w, kept(expression(v, w)), whole))


def _handle(program: Program, raw: Sequence[Any], after: int) -> Step:
    action, target = raw[4], raw[5]

    if action == "compensate":
        return _plain(raw, _compensate(target, after))

    def handle(v: Variables, w: World) -> int:
        if action == "clear":
            w.shared.pop("error", None)
        else:
            said = {"resume": "resume", "goto": f"goto:{target}", "stop": None}[action]
            w.state.frames[-1].on_error = said
        return after

    return _plain(raw, handle)


def _compensate(target: Any, after: int) -> Perform:
    """Notes how to undo what has just succeeded, with what the variables are now."""
    entry, names = target

    def compensate(v: Variables, w: World) -> int:
        if len(w.state.undo) >= MAX_UNDO:
            raise LimitReached(f"A program may have at most {MAX_UNDO:,} statements to undo.")
        known = {name: kept(v[name] if name in v else w.shared.get(name)) for name in names}
        w.state.undo.append(Undo(entry, known))
        return after

    return compensate


def _throw(program: Program, raw: Sequence[Any], after: int) -> Step:
    expression = compiled(raw[4], program.registry)

    def throw(v: Variables, w: World) -> int:
        raise ProgramError(text(expression(v, w)))

    return _plain(raw, throw)


# -- calls -------------------------------------------------------------------------------------------------------------


def _call(program: Program, raw: Sequence[Any], after: int) -> Step:
    op, line, column, end, name, nodes, into, number, *more = raw
    keyword = program.registry[name]
    arguments = {slot: compiled(node, program.registry) for slot, node in nodes.items()}

    def call(v: Variables, w: World) -> Parked:
        return Parked(keyword, {slot: kept(value(v, w)) for slot, value in arguments.items()})

    policy = linked_policy(more[0] if more else None, program.registry)
    return Step(op, line, column, end, call, into, number, assigned=program.assigned, policy=policy)


def _fork(program: Program, raw: Sequence[Any], after: int) -> Step:
    op, line, column, end, branches, number, *more = raw
    options: Mapping[str, Any] = more[0] if more else {}
    how, *counts = options.get("join") or [""]
    items, most = (options.get(name) and compiled(options[name], program.registry) for name in ("items", "max"))
    without = frozenset(options.get("without", ()))
    fork = Fork(items, options.get("name", ""), most, how, _expressions(program, counts), without)
    policy = linked_policy(options.get("policy"), program.registry)
    return Step(op, line, column, end, lambda v, w: FORKED, None, number, branches, fork=fork, policy=policy)


def _sub(program: Program, raw: Sequence[Any], after: int) -> Step:
    op, line, column, end, entry, nodes, into = raw
    start = program.entries[entry]
    arguments = list(zip(program.parameters[entry], _expressions(program, nodes), strict=False))

    def sub(v: Variables, w: World) -> Moved:
        return enter(w, after - 1, entry, start, {name: kept(value(v, w)) for name, value in arguments})

    return Step(op, line, column, end, sub, into)


def enter(w: World, at: int, entry: str, start: int, variables: Variables) -> Moved:
    """Begins a SUB; the frame that calls it stays at index `at`."""
    frames = w.state.frames
    if len(frames) >= MAX_FRAMES:
        raise LimitReached(f"SUBs and FUNCTIONs call each other more than {MAX_FRAMES} deep.")
    frames[-1].at = at
    frames.append(Frame(entry, start, variables))
    return MOVED


def leave(program: Program, w: World, value: Value, whole: bool = False) -> Event:
    """Ends a SUB, or the program."""
    frames = w.state.frames
    if whole or len(frames) == 1:
        return Ended(value)
    frames.pop()
    caller = frames[-1]
    into = (program.linked.get(caller.at) or linked(program, caller.at)).into
    if into is not None:
        (caller.variables if into[0] == "v" else w.shared)[into[1]] = value
    caller.at += 1
    return MOVED


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
