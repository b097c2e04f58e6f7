"""How a program gets to a place that no run has come to, told as what it would have to be given.

A way through its steps is chosen, as far as possible one that was gone before; along it variables are followed back to
what they come from, and every test on it becomes a condition over that (`wishes`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from heapq import heappop, heappush
from itertools import pairwise
from typing import Any

from keywords.evaluate import Node
from keywords.host import Value
from keywords.inputs import converted
from keywords.library.hear import options
from keywords.library.spoken import Unfit, spoken
from keywords.mistakes import ProgramError
from keywords.program import Param, Program
from keywords.reach import after
from keywords.values import text
from mcp_server.rehearsal.shapes import Shapes
from mcp_server.rehearsal.wishes import Condition, Path, Solver, Wish, children

LARGEST = 400  # parts of an expression that is followed back
DEEPEST = 6  # SUBs inside each other


def possible(program: Program) -> set[int]:
    """The steps that any run could come to."""
    found: set[int] = set()
    left = list(program.entries.values())
    while left:
        at = left.pop()
        if at not in found and at < len(program.steps):
            found.add(at)
            left += after(program, at)
    return found


def towards(program: Program, shapes: Shapes, target: int, seen: Collection[int], *, new_ways: bool) -> Wish | None:
    """What to wish for so that the program comes to a step; None where no way is found.

    The way leads where runs have been, or with `new_ways` is the shortest.
    """

    def usual(root: str, path: Path) -> Value:
        shape, name = shapes.of_root(root), path[-1] if path else root.partition("@")[0]
        for part in path:
            shape = shape.field_called(part)
        return shape.sample(name)

    solver = Solver(program.registry, usual, partial(accepted, program))
    follower = _Follower(program, solver, seen, 1 if new_ways else 10)
    return follower.solver.wish if follower.come_to(target, 0) else None


def frontier(program: Program, seen: Collection[int]) -> list[int]:
    """The steps that no run has come to, but to one before them."""
    found = {then for at in seen if at < len(program.steps) for then in after(program, at)}
    found |= {program.entries[entry] for entry in program.entries}
    return sorted(at for at in found if at not in seen and at < len(program.steps))


def accepted(program: Program, root: str, value: Value) -> bool:
    """Whether an input, or the answer of a step, can be this value at all."""
    name, _, at = root.partition("@")
    if not at:
        param = next((param for param in program.params if param.name.casefold() == name), None)
        return param is None or _converts(param, value)
    step = program.steps[int(at)]
    if step[0] != "call" or step[4] != "HEAR":
        return True
    kind = step[5].get("type", ["k", ""])
    return kind[0] != "k" or _heard(str(kind[1] or ""), value)


def _converts(param: Param, value: Value) -> bool:
    try:
        found = converted(param, value)
    except ProgramError:
        return False
    return bool(found == value) and (found is not None)


def _heard(kind: str, value: Value) -> bool:
    listed, others = options(kind)
    if listed:
        return isinstance(value, str) and (others or value in listed)
    try:
        found = spoken(" ".join(kind.split()), text(value))
    except Unfit:
        return False
    return bool(found == value) or found == text(value)


@dataclass(slots=True)
class _Frame:
    """The variables of a SUB or of the program, as expressions over what comes from outside."""

    known: dict[str, Node] = field(default_factory=dict[str, Node])
    fields: dict[tuple[str, str], Node] = field(default_factory=dict[tuple[str, str], Node])


@dataclass(slots=True)
class _Follower:
    program: Program
    solver: Solver
    seen: Collection[int]
    dear: int  # what a step costs where nobody has been
    shared: _Frame = field(default_factory=_Frame)

    def come_to(self, target: int, depth: int) -> bool:
        """Go through the program to the step; asks for whatever is needed on the way."""
        for entry, start in sorted(self.program.entries.items(), key=lambda item: item[0] != "main"):
            way = self._way(start, target)
            if way is None:
                continue
            frame = self.shared if entry == "main" else self._entered(entry, depth)
            if frame is not None:
                self._follow(way, frame)
                return True
        return False

    def _entered(self, entry: str, depth: int) -> _Frame | None:
        """The frame with which a SUB or a branch begins, after its caller was come to; None where nobody calls it."""
        if depth >= DEEPEST:
            return None
        for at, step in enumerate(self.program.steps):
            if not _enters(step, entry) or not self.come_to(at, depth + 1):
                continue
            if step[0] != "sub":
                return _Frame(dict(self.shared.known), dict(self.shared.fields))
            names = self.program.parameters.get(step[4], ())
            given = [self._back(node, self.shared) for node in step[5]]
            return _Frame(dict(zip((name.casefold() for name in names), given, strict=False)))
        return None

    def _way(self, start: int, target: int) -> list[int] | None:
        """The cheapest way between two steps."""
        costs, before = {start: 0}, dict[int, int]()
        open_ = [(0, start)]
        while open_:
            cost, at = heappop(open_)
            if at == target:
                way = [at]
                while at != start:
                    at = before[at]
                    way.append(at)
                return way[::-1]
            if cost > costs[at] or at >= len(self.program.steps):
                continue
            for then in after(self.program, at):
                through = cost + (1 if then in self.seen else self.dear)
                if through < costs.get(then, 1 << 30):
                    costs[then], before[then] = through, at
                    heappush(open_, (through, then))
        return None

    def _follow(self, way: list[int], frame: _Frame) -> None:
        turned: set[int] = set()  # loops that were entered
        for at, then in pairwise(way):
            step = self.program.steps[at]
            match step[0]:
                case "test":
                    node = self._back(step[4], frame)
                    taken = then == step[5] and then != at + 1
                    self.solver.ask(Condition(node, bool(step[6]) is taken))
                case "each":
                    inside, listed = then == at + 1, self._back(["v", step[4]], frame)
                    if at not in turned:
                        turned.add(at)
                        size = ["f", "LEN", ["f", "~ITERATE", listed]]
                        self.solver.ask(Condition(["b", ">", size, ["k", 0]], wanted=inside))
                    if inside:
                        self._set(frame, step[6], ["i", listed, ["k", 0]])
                case "set":
                    self._set(frame, step[4], self._back(step[5], frame))
                case "put" if len(step[5]) == 1 and step[5][0][0] == "k":
                    where = self.shared if step[4][0] == "g" else frame
                    where.fields[step[4][1], str(step[5][0][1]).casefold()] = self._back(step[6], frame)
                case "put":
                    self._unknown(frame, step[4], at)
                case "edit":
                    self._unknown(frame, step[4], at)
                    self._unknown(frame, step[8], at)
                case "call" | "sub" | "fork":
                    self._unknown(frame, step[6] if step[0] != "fork" else None, at)
                case _:
                    pass

    def _set(self, frame: _Frame, target: Any, node: Node) -> None:
        where = self.shared if target[0] == "g" else frame
        where.known[target[1]] = node
        for key in [key for key in where.fields if key[0] == target[1]]:
            del where.fields[key]

    def _unknown(self, frame: _Frame, target: Any, at: int) -> None:
        """From here on the variable is what comes from outside at this step."""
        if target is not None:
            self._set(frame, target, ["v", f"{target[1]}@{at}"])

    def _back(self, node: Node, frame: _Frame) -> Node:
        """The expression over what comes from outside."""
        found = _exchanged(node, frame, self.shared)
        return found if _parts(found) <= LARGEST else ["v", "~unknown"]


def _enters(step: Any, entry: str) -> bool:
    """Whether a step calls a SUB, starts a branch, or registers a block."""
    match step[0]:
        case "sub":
            return step[4] == entry
        case "fork":
            return any(branch[1] == entry for branch in step[4])
        case "call":
            return step[5].get("entry") == ["k", entry]
        case _:
            return False


def _exchanged(node: Node, frame: _Frame, shared: _Frame) -> Node:
    match node:
        case ["v", name]:
            return frame.known.get(name, node)
        case ["g", name]:
            return shared.known.get(name, ["v", name])
        case ["m", ["v" | "g" as kind, name], member, *_] if (
            held := (shared if kind == "g" else frame).fields.get((name, str(member).casefold()))
        ) is not None:
            return held
        case _:
            return _mapped(node, lambda child: _exchanged(child, frame, shared))


def _mapped(node: Node, change: Callable[[Node], Node]) -> Node:
    match node[0]:
        case "k" | "v" | "g":
            return node
        case "m":
            return ["m", change(node[1]), *node[2:]]
        case "f" | "b":
            return [*node[:2], *(change(child) for child in node[2:])]
        case "o":
            return ["o", *(change(part) if n % 2 else part for n, part in enumerate(node[1:]))]
        case "p":
            arguments: Mapping[str, Node] = node[2]
            return ["p", node[1], {name: change(child) for name, child in arguments.items()}]
        case _:
            return [node[0], *(change(child) for child in node[1:])]


def _parts(node: Node) -> int:
    return 1 + sum(_parts(child) for child in children(node))
