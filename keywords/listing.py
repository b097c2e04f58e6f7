"""The steps of a program while they are being written: labels, temporaries, statements."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from keywords.evaluate import Node


@dataclass(slots=True, eq=False)
class Label:
    """A place in the listing that steps can name before it is known."""

    at: int = -1


@dataclass(slots=True)
class Loop:
    """A loop being compiled, for EXIT and CONTINUE."""

    kind: str
    again: Label
    after: Label


@dataclass(slots=True)
class Listing:
    """Steps in order. Every step written inside `statement` gets its place in the text and the statement's end."""

    steps: list[list[Any]] = field(default_factory=list[list[Any]])
    entries: dict[str, int] = field(default_factory=dict[str, int])
    guards: list[tuple[int, int, Label]] = field(default_factory=list[tuple[int, int, Label]])  # innermost first
    line: int = 1
    column: int = 1
    temporaries: int = 0
    open: list[str] = field(default_factory=list[str])  # temporaries of the statement being written

    def write(self, op: str, *arguments: Any) -> None:
        self.steps.append([op, self.line, self.column, None, *arguments])

    def test(self, condition: Node, target: Label, *, when: bool) -> None:
        self.write("test", condition, target, when)

    def leave(self, value: Node, *, whole: bool = False) -> None:
        self.write("return", value, whole)

    def place(self, label: Label) -> None:
        label.at = len(self.steps)

    def temporary(self) -> Node:
        """A hidden variable that lasts until the statement ends, or until `drop`."""
        self.temporaries += 1
        name = f"~{self.temporaries}"
        self.open.append(name)
        return ["v", name]

    def saved(self, node: Node) -> Node:
        """The value of an expression from now on, whatever verbs come next."""
        if node[0] == "k" or (node[0] == "v" and node[1].startswith("~")):
            return node
        target = self.temporary()
        self.write("set", target, node)
        return target

    def assign(self, target: Node, value: Node) -> None:
        """Write that the target becomes the value; a FUNCTION that has just been called for it fills it at once."""
        last = self.steps[-1] if self.steps else [""]
        if last[0] == "sub" and last[6] == value and value[1] in self.open:
            last[6] = target
            self.open.remove(value[1])
        else:
            self.write("set", target, value)

    def drop(self, names: Sequence[str]) -> None:
        if names:
            self.write("drop", list(names))

    def take_open(self, mark: int) -> list[str]:
        """The temporaries opened since `mark` (an earlier `len(open)`), no longer to be dropped by the statement."""
        taken = self.open[mark:]
        del self.open[mark:]
        return taken

    @contextmanager
    def statement(self, line: int, column: int) -> Generator[None]:
        outer, start, mark = (self.line, self.column), len(self.steps), len(self.open)
        self.line, self.column = line, column
        yield
        held = self.take_open(mark)
        if self.steps[start:] and self.steps[-1][0] != "return":
            self.drop(held)
        for step in self.steps[start:]:
            if step[3] is None:
                step[3] = len(self.steps)
        self.line, self.column = outer

    @contextmanager
    def placed(self, line: int, column: int) -> Generator[None]:
        """Steps of a part of the statement that stands on a line of its own."""
        outer = (self.line, self.column)
        self.line, self.column = line, column
        yield
        self.line, self.column = outer

    def finished(self) -> tuple[list[Any], ...]:
        """The steps with every label replaced by its index."""
        for at, step in enumerate(self.steps):
            step[3] = at + 1 if step[3] is None else step[3]
        return tuple([_resolved(part) for part in step] for step in self.steps)


def _resolved(part: Any) -> Any:
    return part.at if isinstance(part, Label) else part
