"""What a loop does again and again, written out as one Python function: a trace.

A trace begins where a loop turns (or a SUB begins, or another trace ends) and follows the steps the way they go when
no test jumps. It ends at a test that jumps, at the end of the loop, at a verb, at a SUB. It is made when its place has
been reached `HOT` times, so what runs once is never written out; `keywords/steps.py` says what each step means, and a
trace does the same.

The line of the Python text at which an error is raised tells the step that failed (`place`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, cast

from keywords import unfold
from keywords.edits import EDITS
from keywords.inline import Lines, Place
from keywords.places import exchanged, written
from keywords.program import Program
from keywords.state import Frame
from keywords.steps import Event, Perform, Variables, enter, leave, linked
from keywords.values import MAX_ITEMS, MAX_WEIGHT
from keywords.world import World

HOT = 500
LONGEST = 120  # lines: about 3 ms to make
EFFORT = 500  # fuel that making one costs
MOST = 100  # of one program: each takes some ten kB
FILE = "<a trace of a BASIC program>"


def performing(program: Program, at: int) -> Perform:
    """What is done at an index from now on: the step, and a trace once it is reached often."""
    if not program.warm:
        program.turning.update(_turning(program))
        program.warm.update(program.turning, [-1])
    perform = program.performs[at] = _counted(program, at) if at in program.warm else linked(program, at).perform
    return perform


def place(error: BaseException, at: int, frames: list[Frame]) -> tuple[int, int]:
    """Where the frame stands and which step raised the error, when what was done began at index `at`.

    The SUBs in which a trace was get the frames that their steps would have made.
    """
    trace: TracebackType | None = error.__traceback__
    while trace is not None:
        running = trace.tb_frame
        if running.f_code.co_filename == FILE:
            stands, failed, within = cast("Place", running.f_globals["places"][trace.tb_lineno])
            known = {**running.f_globals, **running.f_locals}
            for entry, inside, variables in within:
                frames.append(Frame(entry, inside, {name: known[atom] for name, atom in variables.items()}))
            return stands, failed
        trace = trace.tb_next
    return at, at


def turns_at(program: Program, at: int, target: int) -> int:
    """The index of the step that jumps back to `target`, when what was done began at index `at`."""
    return next((i for i in range(at, len(program.steps)) if target in _returns(program, i)), at)


def _turning(program: Program) -> set[int]:
    """Where a loop begins anew, and where SUBs begin."""
    found = {start for entry, start in program.entries.items() if entry != "main"}
    return found.union(*(_returns(program, at) for at in range(len(program.steps))))


def _returns(program: Program, at: int) -> set[int]:
    """Where a loop goes on whose end is the step at an index: behind its head, when that only tests."""
    step = program.steps[at]
    target = step[4] if step[0] == "jump" else step[5] if step[0] == "test" else at + 1
    if target > at:
        return set()
    return {target, target + 1} if program.steps[target][0] in _HEADS else {target}


def _counted(program: Program, at: int) -> Perform:
    perform, reached = linked(program, at).perform, 0

    def count(v: Variables, w: World) -> int | Event:
        nonlocal reached
        reached += 1
        if reached < HOT:
            return perform(v, w)
        made = perform
        if len(program.traced) < MOST:
            w.spent += EFFORT
            program.traced.add(at)
            made = _made(program, at) or perform
        program.performs[at] = made
        return made(v, w)

    return count


def _made(program: Program, start: int) -> Perform | None:
    """The trace that begins at an index; None where nothing can be written out."""
    trace = Trace(program, start)
    trace.follow()
    if not trace.steps:
        return None
    for index in trace.leads_to - program.warm:
        program.warm.add(index)
        program.performs.pop(index, None)
    lines = trace.lines
    spent = (len(trace.steps) + trace.unfolded) // 3  # steps of a trace are shorter than others
    source = "\n".join(["def trace(v, w):", f"    w.spent += {spent}", *lines.written])
    given: dict[str, Any] = {**lines.given, "places": [(start, start, ())] * 3 + lines.places}
    exec(compile(source, FILE, "exec"), given)  # noqa: S102 - our own words only: what a program says is in `given`
    return given["trace"]


class Trace:
    """One trace being written."""

    def __init__(self, program: Program, start: int) -> None:
        self.program, self.start = program, start
        self.lines = Lines(program.registry)
        self.lines.given |= {"program": program, **_KNOWN}
        self.steps: list[int] = []
        self.leads_to: set[int] = set()
        self.unfolded = 0  # steps of SUBs written out

    def follow(self) -> None:
        at: int | None = self.start
        while at is not None:
            raw = self.program.steps[at]
            write = _WRITERS.get(raw[0])
            joins = at != self.start and (at in self.steps or at in self.program.turning)
            if write is None or joins or len(self.lines.written) >= LONGEST or self.hides(at):
                if self.steps:
                    self.go(at)
                return
            self.steps.append(at)
            self.lines.at = at
            at = write(self, raw, at)

    def hides(self, at: int) -> bool:
        """Whether the step turns a loop that lies inside this trace: the machine must see each turn."""
        return any(self.start < target for target in _returns(self.program, at))

    def go(self, target: int) -> None:
        self.leads_to.add(target)
        self.lines.say(f"return {target}")

    def leave_if(self, condition: str, target: int) -> None:
        self.leads_to.add(target)
        self.lines.say(f"if {condition}: return {target}")

    def done(self, at: int) -> None:
        """Does a step as it is always done."""
        self.lines.say(f"{self.lines.hand(linked(self.program, at).perform)}(v, w)")


# -- steps: each answers where the trace goes on -----------------------------------------------------------------------


def _set(trace: Trace, raw: Sequence[Any], at: int) -> int:
    (scope, name), lines = raw[4], trace.lines
    lines.assign(scope, name, lines.ready(lines.expression(raw[5])))
    return at + 1


def _put(trace: Trace, raw: Sequence[Any], at: int) -> int:
    (scope, name), lines = raw[4], trace.lines
    path = [lines.expression(node) for node in raw[5]]
    value = lines.expression(raw[6])
    root, key = lines.variable(scope, name), path[0]
    small = f"{value}.__class__ in SMALL and {root}[{key}].__class__ in SMALL"
    here = f"not {root}.shared and"
    if len(path) > 1:
        lines.say(f"if exchanged({root}, ({', '.join(path)}), {value}): pass")
    elif lines.kinds.get(key) is str:
        lines.say(f"if {root}.__class__ is Object and {here} {key} in {root} and {small}: {root}[{key}] = {value}")
    else:
        lines.say(
            f"if {root}.__class__ is List and {key}.__class__ is int and {here} 0 <= {key} < len({root}) and {small}: "
            f"{root}[{key}] = {value}"
        )
    every = "".join(f"{index}, " for index in path)
    lines.say(f"else: {lines.holder(scope)}[{lines.hand(name)}] = written({root}, ({every}), {value})")
    lines.forget(scope, name)
    return at + 1


def _edit(trace: Trace, raw: Sequence[Any], at: int) -> int:
    (scope, name), path, method, given, into = raw[4:9]
    if method in ("PUSH", "APPEND") and not path and len(given) == 1 and into is None:
        lines = trace.lines
        value, root, size = lines.expression(given[0]), lines.variable(scope, name), lines.name()
        lines.say(
            f"if ({value}.__class__ is int or {value}.__class__ in SMALL) and {root}.__class__ is List "
            f"and not {root}.shared and ({size} := {root}.measured) and {size}[0] < {MAX_WEIGHT - 8} "
            f"and len({root}) < {MAX_ITEMS}:"
        )
        lines.say(f"    {root}.append({value})")
        lines.say(f"    {root}.measured = {size}[0] + 8, {size}[1]")
        lines.say(f"else: {lines.holder(scope)}[{lines.hand(name)}] = push({root}, (), ({value},))[0]")
        lines.forget(scope, name)
        return at + 1
    trace.done(at)
    trace.lines.forget(scope, name)
    if into is not None:
        trace.lines.forget(*into)
    return at + 1


def _drop(trace: Trace, raw: Sequence[Any], at: int) -> int:
    for name in raw[4]:
        trace.lines.say(f"v.pop({trace.lines.hand(name)}, None)")
        trace.lines.forget("v", name)
    return at + 1


def _jump(trace: Trace, raw: Sequence[Any], at: int) -> int | None:
    target = raw[4]
    if target > at:
        return target
    head = trace.program.steps[target]
    if head[0] in _HEADS:
        trace.lines.at = target
        target = _WRITERS[head[0]](trace, head, target)
    trace.go(target)
    return None


def _test(trace: Trace, raw: Sequence[Any], at: int) -> int:
    condition = trace.lines.holds(raw[4])
    trace.leave_if(condition if raw[6] else f"not {condition}", raw[5])
    return at + 1


def _each(trace: Trace, raw: Sequence[Any], at: int) -> int:
    (scope, name), lines = raw[6], trace.lines
    values, counter, turn, item = lines.name(), lines.hand(raw[5]), lines.name(), lines.name()
    lines.say(f"{values} = v[{lines.hand(raw[4])}]")
    lines.say(f"{turn} = v.get({counter}, 0)")
    trace.leave_if(f"{turn} >= len({values})", raw[7])
    lines.say(f"v[{counter}] = {turn} + 1")
    lines.say(f"{item} = {values}[{turn}]")
    lines.assign(scope, name, lines.ready(item))
    return at + 1


def _step(trace: Trace, raw: Sequence[Any], at: int) -> int:
    trace.lines.say(f"w.state.step = {int(raw[4])}")
    return at + 1


def _handle(trace: Trace, raw: Sequence[Any], at: int) -> int:
    trace.done(at)
    trace.lines.read.clear()
    return at + 1


def _sub(trace: Trace, raw: Sequence[Any], at: int) -> int | None:
    return at + 1 if unfold.call(trace, raw, at) else None


def _return(trace: Trace, raw: Sequence[Any], at: int) -> None:
    if raw[5]:
        trace.go(at)
        return
    lines = trace.lines
    value = lines.ready(lines.expression(raw[4] or ["k", None]))
    lines.say(f"return leave(program, w, {value})")


_HEADS = ("test", "each")
_KNOWN = {
    "enter": enter,
    "exchanged": exchanged,
    "leave": leave,
    "push": EDITS["PUSH"].change,
    "written": written,
}
_WRITERS: dict[str, Callable[[Trace, Sequence[Any], int], Any]] = {
    "set": _set,
    "put": _put,
    "edit": _edit,
    "drop": _drop,
    "jump": _jump,
    "test": _test,
    "each": _each,
    "step": _step,
    "handle": _handle,
    "sub": _sub,
    "return": _return,
}
