"""Where a program may go from a place, and which variables it then reads before it sets them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from keywords.evaluate import names_read
from keywords.program import Program


@dataclass(frozen=True)
class Region:
    """The steps that are reached from one entry: the main program, a SUB, a branch."""

    program: Program
    entry: str

    @property
    def steps(self) -> Sequence[Any]:
        return self.program.steps

    @cached_property
    def places(self) -> tuple[int, ...]:
        """The indexes of its steps, in the order of the text."""
        found: set[int] = set()
        left = [self.program.entries[self.entry]]
        while left:
            at = left.pop()
            if at not in found and at < len(self.steps):
                found.add(at)
                left += after(self.program, at)
        return tuple(sorted(found))

    @cached_property
    def step_of(self) -> dict[int, int]:
        """The STEP around each place, as it stands in the text; 0 before the first."""
        number, found = 0, dict[int, int]()
        for at in self.places:
            if self.steps[at][0] == "step":
                number = self.steps[at][4]
            found[at] = number
        return found

    @cached_property
    def numbers(self) -> frozenset[int]:
        return frozenset(self.step_of.values())

    @cached_property
    def handlers(self) -> tuple[int, ...]:
        """Where ON ERROR GOTO leads, in the order of the text."""
        steps = (self.steps[at] for at in self.places)
        return tuple(sorted({step[5] for step in steps if step[0] == "handle" and step[4] == "goto"}))

    @cached_property
    def hidden(self) -> tuple[str, ...]:
        """The machine's own numbered variables, in the order in which the text first sets them."""
        names = (name for at in self.places for name in sorted(writes(self.program, at)))
        return tuple(dict.fromkeys(name for name in names if name.startswith("~") and name[1:].isdigit()))

    def uses(self, name: str) -> tuple[str, ...]:
        """What kinds of steps read or set a variable, in the order of the text."""
        return tuple(
            self.steps[at][0]
            for at in self.places
            if name in writes(self.program, at) or name in reads(self.program, at)
        )

    def read_from(self, at: int, *, again: bool) -> frozenset[str]:
        """The variables that may be read before they are set, from behind the step at `at`, or from itself `again`."""
        live = self._live[at]
        if again:
            return live
        behind: set[str] = set()
        for then in after(self.program, at):
            behind |= self._live.get(then, frozenset())
        return frozenset(behind - writes(self.program, at))

    @cached_property
    def _live(self) -> dict[int, frozenset[str]]:
        live: dict[int, frozenset[str]] = dict.fromkeys(self.places, frozenset())
        changed = True
        while changed:
            changed = False
            for at in reversed(self.places):
                behind: frozenset[str] = frozenset().union(*(live.get(i, frozenset()) for i in after(self.program, at)))
                found = frozenset(reads(self.program, at)) | (behind - writes(self.program, at))
                if found != live[at]:
                    live[at], changed = found, True
        return live


def region(program: Program, entry: str) -> Region:
    """The part of the program that begins at this entry."""
    return Region(program, entry)


def after(program: Program, at: int) -> list[int]:
    """Where the program may go from a step."""
    guarded = [handler for first, behind, handler in program.guards if first <= at < behind]
    return [*_behind(program, at), *guarded]


def _behind(program: Program, at: int) -> list[int]:
    step = program.steps[at]
    match step[0]:
        case "return" | "throw":
            return []
        case "jump":
            return [step[4]]
        case "test":
            return [at + 1, step[5]]
        case "each":
            return [at + 1, step[7]]
        case "handle" if isinstance(step[5], int):
            return [at + 1, step[5]]
        case _:
            return [at + 1]


def writes(program: Program, at: int) -> set[str]:
    """The variables that a step sets."""
    step = program.steps[at]
    match step[0]:
        case "set" | "put":
            return {step[4][1]} if step[0] == "set" else set()
        case "edit":
            return {step[8][1]} if step[8] is not None else set()
        case "each":
            return {step[5], step[6][1]}
        case "drop":
            return set(step[4])
        case "call":
            return {step[6][1]} if step[6] is not None else set()
        case "sub":
            return {step[6][1]} if step[6] is not None else set()
        case "fork":
            return {name[1] for branch in step[4] for name in branch[2]}
        case _:
            return set()


def reads(program: Program, at: int, seen: frozenset[str] = frozenset()) -> set[str]:
    """The variables that a step reads; what a SUB or a branch reads of its surroundings counts too."""
    step = program.steps[at]
    match step[0]:
        case "set":
            return _of([step[5]])
        case "put":
            return {step[4][1]} | _of([*step[5], step[6]])
        case "edit":
            return {step[4][1]} | _of([*step[5], *step[7]])
        case "test" | "throw" | "return":
            return _of([step[4]] if step[4] else [])
        case "each":
            return {step[4], step[5]}
        case "call":
            return _of([*step[5].values(), *_of_policy(step[8] if len(step) > 8 else {})])
        case "sub":
            return _of(step[5]) | set(_of_entry(program, step[4], seen, shared=True))
        case "fork":
            options = step[6] if len(step) > 6 else {}
            asked = [options[name] for name in ("items", "max") if name in options] + list(options.get("join", ()))[1:]
            said = _of([*filter(None, asked), *_of_policy(options.get("policy", {}))])
            return said | {name for branch in step[4] for name in _of_entry(program, branch[1], seen, shared=False)}
        case "handle" if isinstance(step[5], list):
            return {name for each in step[5] if isinstance(each, list) for name in each}
        case _:
            return set()


def _of_policy(policy: dict[str, Any]) -> list[Any]:
    return [node for node in policy.values() if isinstance(node, list)]


def _of(nodes: Sequence[Any]) -> set[str]:
    found: set[str] = set()
    for node in nodes:
        found |= names_read(node)
    return found


def _of_entry(program: Program, entry: str, seen: frozenset[str], *, shared: bool) -> Iterator[str]:
    """What a SUB reads of the program's variables, or a branch of those it was given."""
    if entry in seen:
        return
    if not shared:
        yield from Region(program, entry).read_from(program.entries[entry], again=True)
        return
    for at in Region(program, entry).places:
        step = program.steps[at]
        nodes = step[5].values() if step[0] == "call" else step[4:]
        yield from _globals(list(nodes))
        if step[0] == "sub":
            yield from _of_entry(program, step[4], seen | {entry}, shared=True)


def _globals(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        if len(node) == 2 and node[0] == "g" and isinstance(node[1], str):
            yield node[1]
        else:
            for part in node:
                yield from _globals(part)
    elif isinstance(node, dict):
        for part in node.values():
            yield from _globals(part)
