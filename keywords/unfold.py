"""A SUB or FUNCTION written out where it is called, as part of a trace (`keywords/traces.py`).

What it does in a straight line, tests and the calls inside it become lines of the trace; its variables are locals of
Python. At whatever else it comes to, its frame is made with the variables as they are then, and the machine goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from keywords.inline import DEEPEST, Atom, Lines
from keywords.program import Program
from keywords.steps import MAX_FRAMES

LONGEST = 40  # steps of all calls of one trace
DEEP = 3  # calls in each other


class Tracing(Protocol):
    """The trace that a call becomes part of."""

    program: Program
    lines: Lines
    leads_to: set[int]
    unfolded: int


@dataclass(slots=True)
class Calling:
    """One call that is being written out: who calls, and what the variables of the callee are by now."""

    at: int
    entry: str
    variables: dict[str, Atom] = field(default_factory=dict[str, Atom])


def call(trace: Tracing, raw: Sequence[Any], at: int) -> bool:
    """Writes a call; answers whether the trace goes on behind it."""
    lines, program, entry = trace.lines, trace.program, raw[4]
    start = program.entries[entry]
    names = program.parameters[entry]
    given = {n: lines.ready(lines.expression(node)) for n, node in zip(names, raw[5], strict=False)}
    trace.leads_to.add(at + 1)
    calls = lines.calls
    calling = Calling(at, entry, given)
    if len(calls) >= DEEP or lines.depth > DEEPEST or any(outer.entry == entry for outer in calls):
        calls.append(calling)
        _go_on(trace, start)
        calls.pop()
        return False
    calls.append(calling)
    with lines.under(f"if len(w.state.frames) > {MAX_FRAMES - len(calls)}:"):
        _go_on(trace, start)
    result = lines.name()
    _body(trace, start, result)
    calls.pop()
    lines.at = at
    lines.read = {key: atom for key, atom in lines.read.items() if key[0] == "v" and calls}
    if raw[6] is not None:
        lines.assign(raw[6][0], raw[6][1], result)
    return True


def _body(trace: Tracing, at: int, result: Atom) -> None:
    """Steps of the callee, until each way through it has a result or has left the trace."""
    lines, program, calling = trace.lines, trace.program, trace.lines.calls[-1]
    first = at
    while True:
        raw = program.steps[at]
        op = raw[0]
        lines.at = at
        trace.unfolded += 1
        guarded = any(begin <= at < behind for begin, behind, _ in program.guards)  # a mistake is looked for by frame
        turns = at in program.turning and at != first
        if guarded or turns or trace.unfolded > LONGEST or lines.depth > DEEPEST:
            return _go_on(trace, at)
        if op == "set":
            lines.assign(raw[4][0], raw[4][1], lines.ready(lines.expression(raw[5])))
            at += 1
        elif op == "drop":
            for name in raw[4]:
                calling.variables.pop(name, None)
            at += 1
        elif op == "jump" and raw[4] > at:
            at = raw[4]
        elif op == "test" and raw[5] > at:
            condition = lines.holds(raw[4])
            before = dict(calling.variables)
            with lines.under(f"if {condition if raw[6] else f'not {condition}'}:"):
                _body(trace, raw[5], result)
            calling.variables = before
            with lines.under("else:"):
                return _body(trace, at + 1, result)
        elif op == "sub":
            if not call(trace, raw, at):
                return None
            at += 1
        elif op == "return" and not raw[5]:
            value = lines.ready(lines.expression(raw[4] or ["k", None]))
            lines.say(f"{result} = {value}")
            return None
        else:
            return _go_on(trace, at)


def _go_on(trace: Tracing, at: int) -> None:
    """Leaves the trace with the frames of all calls that are being written out; the last goes on at an index."""
    lines, made = trace.lines, list[str]()
    trace.leads_to.add(at)
    starts = [*(calling.at for calling in lines.calls[1:]), at]
    for calling, start in zip(lines.calls, starts, strict=True):
        variables = ", ".join(f"{lines.hand(name)}: {atom}" for name, atom in calling.variables.items())
        made.append(f"enter(w, {calling.at}, {lines.hand(calling.entry)}, {start}, {{{variables}}})")
    for line in made[:-1]:
        lines.say(line, framed=True)
    lines.say(f"return {made[-1]}", framed=True)
