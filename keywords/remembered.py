"""What `check` found out about pieces of programs, so that a text that was changed in one line is not compiled anew.

A piece is a statement or a small block with its text; what is to be said about it depends on that text, on the names of
the program and on the loops around it, and on nothing else. Pieces that take part in the whole (steps, labels, PARAM,
approvals, procedures, handlers) are compiled each time. Lines are counted from the piece's first.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from keywords import tree
from keywords.blocks import Blocks, Line, Node
from keywords.diagnostics import Diagnostic
from keywords.names import Read, written
from keywords.registry import Registry

if TYPE_CHECKING:
    from keywords.statements import Statements

MOST = 16_384  # pieces
LONGEST = 40  # lines; of a longer block each inner piece is kept
HEAVIEST = 4_000  # characters of one piece

_KINDS = frozenset({"statement", "if", "for", "while", "do", "select", "with"})
_WORDS = frozenset(
    {
        "IF", "ELSE IF", "ELSE", "FOR", "FOR EACH", "WHILE", "DO", "SELECT CASE", "SELECT", "SWITCH", "CASE", "WITH",
        "FIELD", "RETURN", "NOTE", "EXIT", "CONTINUE", "THROW", "CLEAR ERROR",
    }
)  # fmt: skip

Place = tuple[int, int]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Piece:
    """What compiling it told and noted."""

    told: tuple[Diagnostic, ...]
    read: tuple[tuple[str, Place], ...]
    keywords: frozenset[str]
    bots: tuple[tuple[str, Place], ...]
    events: frozenset[str]
    undone: tuple[tuple[str, Place], ...]
    waits: tuple[tuple[str, Place], ...]
    sends: bool
    spreads: bool


@dataclass(slots=True)
class Memory:
    """The pieces seen last, by all that their meaning depends on; and the names that nodes set, by kind and text."""

    pieces: OrderedDict[Hashable, Piece] = field(default_factory=OrderedDict[Hashable, Piece])
    names: OrderedDict[Hashable, frozenset[str]] = field(default_factory=OrderedDict[Hashable, frozenset[str]])

    def set_in(self, blocks: Blocks, node: Node, read: Read) -> Iterable[str]:
        """The names that a node sets. Where a line of it cannot be read, that is told of each time."""
        text = "".join(blocks.lines[node.start : node.end])
        if blocks.faults or len(text) > HEAVIEST:  # the indentation may decide what a block holds
            return written([node], read)
        key = node.kind, text
        found = self.names.get(key)
        if found is None:
            wrong: list[Line] = []

            def noted(line: Line, context: str) -> tree.Statement:
                statement = read(line, context)
                if isinstance(statement, tree.Unknown):
                    wrong.append(line)
                return statement

            found = frozenset(written([node], noted))
            if not wrong:
                _put(self.names, key, found)
        return found

    def node(self, c: Statements, node: Node) -> bool:
        """Does for a node what compiling it would, if it may be remembered; else answers FALSE and does nothing."""
        if node.kind not in _KINDS or node.details or node.end - node.start > LONGEST:
            return False
        text = "".join(c.blocks.lines[node.start : node.end])
        if len(text) > HEAVIEST:
            return False
        inside = c.scope.inside.entry if c.scope.inside else None
        key = (c.scope.meaning(), inside, tuple(loop.kind for loop in c.loops), c.branch, c.apart, node.kind, text)
        piece = self.pieces.get(key)
        if piece is None:
            if not all(map(_plain, _statements(c, node))):
                return False
            c.scope.asked = False
            piece = _compiled(c, node)
            if not c.scope.asked:
                _put(self.pieces, key, piece)
        else:
            self.pieces.move_to_end(key)
        _noted(c, piece, node.start)
        return True


def _put(kept: OrderedDict[Hashable, T], key: Hashable, found: T) -> None:
    kept[key] = found
    if len(kept) > MOST:
        kept.popitem(last=False)


@lru_cache(maxsize=2)
def memory_of(registry: Registry, version: str) -> Memory:
    """The memory of one version of one table of keywords."""
    return Memory()


def _compiled(c: Statements, node: Node) -> Piece:
    told: list[Diagnostic] = []
    outer = c.report, c.names, c.scope.read, c.listing.steps, c.memory
    c.report, c.names, c.scope.read, c.memory = told.append, type(c.names)(), {}, None
    first = len(c.listing.steps)
    try:
        c.node(node)
        base, names = node.start, c.names
        return Piece(
            tuple(replace(d, line=d.line - base) for d in told),
            _moved(c.scope.read.items(), -base),
            frozenset(names.keywords),
            _moved(names.bots.items(), -base),
            frozenset(names.events),
            _moved(names.undone.items(), -base),
            _moved(names.waits.items(), -base),
            bool(names.sends),
            any(step[0] == "call" and step[7] is not None for step in c.listing.steps[first:]),
        )
    finally:
        c.report, c.names, c.scope.read, _, c.memory = outer
        del c.listing.steps[first:]


def _noted(c: Statements, piece: Piece, base: int) -> None:
    for told in piece.told:
        c.report(replace(told, line=told.line + base))
    for name, (line, column) in piece.read:
        c.scope.read.setdefault(name, (line + base, column))
    c.names.keywords |= piece.keywords
    c.names.events |= piece.events
    for name, (line, column) in piece.bots:
        c.names.bots.setdefault(name, (line + base, column))
    for name, (line, column) in piece.undone:
        c.names.undone.setdefault(name, (line + base, column))
    for _, (line, column) in piece.waits:
        c.names.waits.setdefault(c.run, (line + base, column))  # all that a piece does is done by one run
    if piece.sends:
        c.names.sends.add(c.run)
    c.spreads = c.spreads or piece.spreads


def _moved(places: Iterable[tuple[str, Place]], by: int) -> tuple[tuple[str, Place], ...]:
    return tuple((name, (line + by, column)) for name, (line, column) in places)


def _statements(c: Statements, node: Node) -> Iterator[tree.Statement | None]:
    """Every statement of a node; None where one may not be remembered."""
    if node.kind in ("blank", "note"):
        return
    if node.kind not in _KINDS or node.details or node.head is None:
        yield None
        return
    yield c.read(node.head, "statement")
    inner = "with" if node.kind == "with" else "statement"
    for arm in node.arms:
        if arm.head is not None:
            yield c.read(arm.head, "statement")
        for child in arm.children:
            if inner == "with" and child.head is not None and child.kind == "statement":
                yield c.read(child.head, inner)
            else:
                yield from _statements(c, child)


def _plain(statement: tree.Statement | None) -> bool:
    match statement:
        case tree.Assign() | tree.Do():
            return True
        case tree.Structure():
            inner = [p for p in statement.parts.values() if isinstance(p, tree.Assign | tree.Do | tree.Structure)]
            return statement.word in _WORDS and all(map(_plain, inner))
        case _:
            return False
