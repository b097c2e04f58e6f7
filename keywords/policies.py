"""Policies of a statement, compiled: RETRY, TIMEOUT, CACHE and ONCE go to its calls, ON ERROR: guards its steps,
COMPENSATE WITH is noted once it has succeeded.

They stand behind the statement or on the lines below it. A guard is `[first step, behind the last, handler]`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from keywords import tree
from keywords.blocks import Line, Node
from keywords.constants import no_number
from keywords.evaluate import Node as Data
from keywords.listing import Label
from keywords.lower import constant
from keywords.registry import Effect, Keyword
from keywords.structure import DETAILS, POLICIES

if TYPE_CHECKING:
    from keywords.statements import Statements

GUARDS = frozenset({"ON ERROR:", "COMPENSATE:"})
WAITING = frozenset({"HUMAN APPROVAL", "HEAR", "DELAY", "WAIT", "WAIT FOR EVENT", "WAIT FOR BOT"})
PAUSES = frozenset({"DELAY", "WAIT"})
INSIDE = frozenset({Effect.RECORD, Effect.PURE})  # acts within the machine: it succeeds, or never will


@dataclass(slots=True)
class Found:
    """What the text says, each with the line it stands on."""

    said: dict[str, tuple[tree.Structure, Line]] = field(default_factory=dict[str, tuple[tree.Structure, Line]])
    once: bool = False

    def add(self, c: Statements, policy: tree.Structure, line: Line) -> None:
        if policy.word in self.said:
            with c.at(line):
                c.fault(f"The statement has {_name(policy)} twice.", "Keep one of them.", policy.span)
        self.said[policy.word] = (policy, line)


def compile_line(c: Statements, statement: tree.Statement, node: Node) -> None:
    """The steps of the statement of a line, with its policies."""
    body, found, others = _gathered(c, statement, node)
    if others != node.details:
        node = replace(node, details=others)
    if not found.said and not found.once:
        c.statement(body, node, None)
        return
    said = _policy(c, found)
    start = len(c.listing.steps)
    c.statement(body, node, None)
    _given(c, found, said, start, c.line.text if c.line else "")
    if "COMPENSATE:" in found.said:
        _compensated(c, *found.said["COMPENSATE:"])
    if "ON ERROR:" in found.said:
        _guarded(c, *found.said["ON ERROR:"], start)


def _gathered(c: Statements, statement: tree.Statement, node: Node) -> tuple[tree.Statement, Found, tuple[Line, ...]]:
    """The bare statement, its policies, and the lines below it that are none."""
    found, others = Found(), list[Line]()
    if isinstance(statement, tree.Structure) and statement.word == "POLICIES" and node.head is not None:
        for policy in _structures(statement.parts["policies"]):
            if policy.word == "ON TIMEOUT":
                others.append(_alone(policy, node.head))
            else:
                found.add(c, policy, node.head)
        inner = statement.parts["body"]
        assert isinstance(inner, tree.Assign | tree.Do | tree.Structure)
        statement = inner
    statement, found.once = without_once(statement)
    asks = _asks(c, statement)
    for line in node.details:
        detail = c.read(line, "statement")
        own = isinstance(detail, tree.Structure) and detail.word in POLICIES | GUARDS
        if isinstance(detail, tree.Structure) and own and not (asks and detail.word in DETAILS):
            found.add(c, detail, line)
        elif isinstance(detail, tree.Structure) and detail.word == "POLICIES" and line.text:
            _several(c, detail, line, found)
        else:
            others.append(line)
    return statement, found, tuple(others)


def _alone(policy: tree.Structure, line: Line) -> Line:
    """The line with nothing but the policy, where it stands."""
    before = "".join("\n" if character == "\n" else " " for character in line.text[: policy.span.start])
    return Line(line.number, before + line.text[policy.span.start :], line.lines)


def _several(c: Statements, detail: tree.Structure, line: Line, found: Found) -> None:
    """`RETRY 3 TIMEOUT 60` on one line below the statement."""
    first = detail.parts["body"]
    for policy in (first, *_structures(detail.parts["policies"])):
        if isinstance(policy, tree.Structure) and policy.word in POLICIES | GUARDS:
            found.add(c, policy, line)
        elif isinstance(policy, tree.Structure):
            with c.at(line):
                c.fault(f"{policy.word} is no policy of a statement.", "Remove it.", policy.span)


def without_once(statement: tree.Statement) -> tuple[tree.Statement, bool]:
    """The statement without its ONCE, and whether it had one; also behind `STEP n:` and a BRANCH."""
    if not isinstance(statement, tree.Structure):
        return statement, False
    inner = statement.parts.get("body")
    if statement.word == "ONCE:" and isinstance(inner, tree.Assign | tree.Do | tree.Structure):
        return inner, True
    if statement.word == "STEP" and isinstance(inner, tree.Structure):
        inner, once = without_once(inner)
        return (replace(statement, parts={**statement.parts, "body": inner}) if once else statement), once
    return statement, False


def _policy(c: Statements, found: Found) -> dict[str, Data]:
    """The values of the policies, each computed before the statement begins."""
    said: dict[str, Data] = {}
    for word, (policy, line) in found.said.items():
        with c.at(line), c.listing.placed(*line.position(policy.span.start)):
            match word:
                case "RETRY":
                    said["retry"] = _number(c, policy, "times")
                    if policy.parts["seconds"] is not None:
                        said["backoff"] = _number(c, policy, "seconds")
                    if found.once:
                        fix = "Leave one of them out; IF IN DOUBT RETRY says that repeating does no harm."
                        c.fault("ONCE and RETRY contradict each other.", fix, policy.span)
                case "TIMEOUT" | "CACHE":
                    said[word.lower()] = _number(c, policy, "seconds")
                case "IF IN DOUBT":
                    said["doubt"] = str(policy.parts["action"])
                    if not found.once:
                        c.fault("IF IN DOUBT belongs to ONCE.", "Write ONCE before the statement.", policy.span)
                case _:
                    pass
    if found.once:
        said["once"] = True
    return said


def _number(c: Statements, policy: tree.Structure, part: str) -> Data:
    value = c.listing.saved(c.lowering.lower(policy.parts[part]))
    if (told := no_number("seconds" if part == "seconds" else "", policy.word, value)) is not None:
        c.fault(*told, policy.span, "warning")
    return value


def _given(c: Statements, found: Found, said: dict[str, Data], start: int, words: str) -> None:
    """Hand the policy to every call of the statement; tells where it has no meaning."""
    if not said:
        return
    if "cache" in said:
        said["text"] = " ".join(words.split())
    calls = [step for step in c.listing.steps[start:] if step[0] in ("call", "fork")]
    acting = [step for step in calls if step[0] == "fork" or c.registry[step[4]].effect not in INSIDE]
    if not acting:
        word, (policy, line) = next(iter(found.said.items()), ("ONCE", (None, c.line)))
        if line is not None:
            with c.at(line):
                span = policy.span if policy else tree.Span(0, 0)
                c.fault(f"{word} has nothing to act on: nothing here reaches outside.", "Remove it.", span, "warning")
    for step in acting:
        for word, (policy, line) in found.said.items():
            if (told := _meaningless(word, step, c.registry[step[4]] if step[0] == "call" else None)) is not None:
                with c.at(line):
                    c.fault(*told, policy.span)
        if step[0] == "call":
            step.append(said)
        else:
            step[6:] = [{**(step[6] if len(step) > 6 else {}), "policy": said}]


def _meaningless(word: str, step: list[Any], keyword: Keyword | None) -> tuple[str, str] | None:
    name = keyword.name if keyword is not None else "PARALLEL"
    fits = {
        "RETRY": keyword is not None and name not in WAITING,
        "CACHE": keyword is not None and name not in WAITING,
        "TIMEOUT": name not in PAUSES,
    }
    if fits.get(word, True):
        return None
    fix = "Write it at the lines inside the branches." if keyword is None else "Remove it."
    return f"{word} has no meaning for {name}.", fix


def _compensated(c: Statements, policy: tree.Structure, line: Line) -> None:
    """Notes, now that the statement has succeeded, how to undo it."""
    names: list[str] = []
    entry = f"undo:{c.undos}"
    c.undos += 1
    c.listing.write("handle", "compensate", [entry, names])
    c.deferred.append(_undoing(c, policy, line, entry, names))


def _undoing(c: Statements, policy: tree.Structure, line: Line, entry: str, names: list[str]) -> Callable[[], None]:
    """Compiles what undoes a statement, as an entry of its own; `names` learns what it reads."""
    arms = c.asking.arms

    def compile_undoing() -> None:
        outer = (c.branch, c.scope.inside, c.loops, c.asking.arms, c.lowering.on_read)

        def read(name: str) -> None:
            if name not in names:
                names.append(name)
            outer[-1](name)

        c.branch, c.scope.inside, c.loops, c.asking.arms, c.lowering.on_read = None, None, [], arms, read
        c.listing.entries[entry] = len(c.listing.steps)
        _inner(c, policy, line)
        c.listing.leave(constant(None))
        c.branch, c.scope.inside, c.loops, c.asking.arms, c.lowering.on_read = outer

    return compile_undoing


def _guarded(c: Statements, policy: tree.Structure, line: Line, start: int) -> None:
    """What is done when a step of the statement fails; then the program goes on behind it."""
    behind, handler, after = len(c.listing.steps), Label(), Label()
    c.listing.write("jump", after)
    c.listing.place(handler)
    _inner(c, policy, line)
    c.listing.place(after)
    c.listing.guards.append((start, behind, handler))


def _inner(c: Statements, policy: tree.Structure, line: Line) -> None:
    """The statement behind COMPENSATE WITH or `ON ERROR:`, with policies of its own."""
    inner = policy.parts["body"]
    assert isinstance(inner, tree.Assign | tree.Do | tree.Structure | tree.Unknown)
    node = Node("statement", line.number - 1, line.number - 1 + line.lines, line, None, ())
    with c.at(line), c.listing.statement(*line.position(inner.span.start)):
        c.guarded(lambda: compile_line(c, inner, node))


def _asks(c: Statements, statement: tree.Statement) -> bool:
    """Is it an approval, whose TIMEOUT is its own?"""
    match statement:
        case tree.Structure(_, parts):
            inner = parts.get("body")
            return isinstance(inner, tree.Assign | tree.Do | tree.Structure) and _asks(c, inner)
        case tree.Assign(_, value) | tree.Do(value):
            return isinstance(value, tree.Call) and "on_timeout" in c.registry[value.keyword].parameters
        case _:
            return False


def _structures(found: object) -> Iterator[tree.Structure]:
    yield from (one for one in found if isinstance(one, tree.Structure)) if isinstance(found, tuple) else ()


def _name(policy: tree.Structure) -> str:
    return policy.word.rstrip(":") + (" WITH" if policy.word == "COMPENSATE:" else "")
