"""A program as people see it: cards one below the other, blocks with ways that hold cards of their own.

Made from the block tree of `keywords.blocks`; a card is called by the number of its head line, a way by the number of
the line that heads it (0: the program itself). Comments that stand right above a statement belong to its card and go
where it goes; comments right above ELSE, CASE or BRANCH belong to that way.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

from designer.document import Document
from keywords.blocks import Arm, Blocks, Fault, Line, Node
from keywords.known_blocks import known
from keywords.registry import Registry

ROOT = 0
OPAQUE = frozenset({"text", "table", "with"})  # blocks whose inside is written, not drawn
PRELUDE = frozenset({"select", "switch", "parallel"})  # what stands before the first CASE or BRANCH is no way
FAULTY = frozenset({"error"})


@dataclass(frozen=True, slots=True)
class Card:
    """A step, a block or a note; lines are counted from 0 in the document as it stands."""

    id: int
    kind: str  # of its node; "inline" for what stands behind `BRANCH a:` on its line
    start: int  # with the comments above it
    head: int
    end: int
    line: Line | None
    node: Node
    ways: tuple[Way, ...] = ()

    @property
    def block(self) -> bool:
        return bool(self.ways)

    @property
    def closed(self) -> bool:
        """Whether its end is written."""
        return self.kind in ("statement", "note", "inline") or self.node.close is not None


@dataclass(frozen=True, slots=True)
class Way:
    """A branch of a block. `first` is where the first card of it is put."""

    id: int
    line: Line | None  # of ELSE, CASE, BRANCH; None where the block's own head heads it
    start: int
    first: int
    end: int
    cards: tuple[Card, ...]


@dataclass(frozen=True)
class Outline:
    document: Document
    blocks: Blocks
    root: Way
    cards: dict[int, Card] = field(default_factory=dict[int, Card])
    ways: dict[int, Way] = field(default_factory=dict[int, Way])
    above: dict[int, int] = field(default_factory=dict[int, int])  # the way that a card stands in
    owner: dict[int, int] = field(default_factory=dict[int, int])  # the card that a way belongs to

    @property
    def faults(self) -> tuple[Fault, ...]:
        return self.blocks.faults

    def walk(self, way: Way | None = None) -> Iterator[Card]:
        """All cards, in the order of the text."""
        for card in (way or self.root).cards:
            yield card
            for below in card.ways:
                yield from self.walk(below)

    @cached_property
    def heads(self) -> dict[int, int]:
        """The way that a line heads, by the number of the line, counted from 1."""
        return {way.line.number: way.id for way in self.ways.values() if way.line is not None}

    def at_line(self, number: int) -> Card | None:
        """The innermost card of a line, counted from 1."""
        place, found, way = number - 1, None, self.root
        while True:
            at = bisect_right(way.cards, place, key=_start) - 1
            if at < 0 or way.cards[at].end <= place:
                return found
            found = way.cards[at]
            below = next((w for w in found.ways if w.start <= place < w.end), None)
            if below is None:
                return found
            way = below

    def inside(self, card: Card, way_id: int) -> bool:
        """Whether the way belongs to the card, or to a card in it."""
        at = way_id
        while at != ROOT:
            if self.owner[at] == card.id:
                return True
            at = self.above[self.owner[at]]
        return False


def _start(card: Card) -> int:
    return card.start


def outlined(document: Document, registry: Registry) -> Outline:
    """The cards of a document. Never raises: every text has them."""
    found = _kept(document, registry, registry.version)
    return found if found.document.next_id == document.next_id else replace(found, document=document)


@lru_cache(maxsize=64)
def _kept(document: Document, registry: Registry, version: str) -> Outline:
    blocks = known(document.text, registry)
    cards, _ = _cards(blocks.nodes, document)
    root = Way(ROOT, None, 0, 0, len(document.lines), cards)
    outline = Outline(document, blocks, root)
    _index(outline, root)
    return outline


def _index(outline: Outline, way: Way) -> None:
    outline.ways[way.id] = way
    for card in way.cards:
        outline.cards[card.id] = card
        outline.above[card.id] = way.id
        for below in card.ways:
            outline.owner[below.id] = card.id
            _index(outline, below)


def _cards(nodes: tuple[Node, ...], document: Document, last: bool = True) -> tuple[tuple[Card, ...], int | None]:
    """The cards of nodes, and where comments begin that belong to what follows them (unless `last`)."""
    found: list[Card] = []
    note: Node | None = None  # right above the next node
    for node in nodes:
        if note is not None and node.kind in ("blank", "note"):
            found.append(_note(note, document))
            note = None
        if node.kind == "blank":
            continue
        if node.kind == "note":
            note = node
            continue
        found.append(_card(node, note, document))
        note = None
    if note is None:
        return tuple(found), None
    if not last:
        return tuple(found), note.start
    found.append(_note(note, document))
    return tuple(found), None


def _note(node: Node, document: Document) -> Card:
    return Card(document.ids[node.start], "note", node.start, node.start, node.end, node.head, node)


def _card(node: Node, note: Node | None, document: Document) -> Card:
    start = note.start if note is not None else node.start
    head = node.start
    ways = tuple(_ways(node, document)) if node.arms and node.kind not in OPAQUE else ()
    return Card(document.ids[head], node.kind, start, head, node.end, node.head, node, ways)


def _ways(node: Node, document: Document) -> Iterator[Way]:
    arms = node.arms
    pending: int | None = None  # where the comments of the next way begin
    for at, arm in enumerate(arms):
        own = at == 0  # the block's head heads it
        start = arm.start if pending is None else pending
        follows = at + 1 < len(arms)
        cards, pending = _cards(arm.children, document, last=not follows)
        if own and node.kind in PRELUDE and not cards:
            continue
        line = None if own else arm.head
        first = arm.start + (arm.head.lines if arm.head is not None else 0)
        if node.kind == "parallel" and not own:
            cards = (*_inline(arm, document), *cards)
        end = pending if pending is not None else arm.end
        yield Way(document.ids[arm.start], line, start, first, end, cards)


def _inline(arm: Arm, document: Document) -> Iterator[Card]:
    """What stands behind the colon of `BRANCH a: BOT "x" "y"` is a card too; it cannot go anywhere."""
    if arm.head is None:
        return
    text = arm.head.text
    colon = _colon(text)
    if colon >= 0 and text[colon + 1 :].strip():
        end = arm.start + arm.head.lines
        made = Node("inline", arm.start, end, arm.head)
        yield Card(-document.ids[arm.start], "inline", arm.start, arm.start, end, arm.head, made)


def _colon(text: str) -> int:
    """Where the label of a branch ends; it may be a text in quotes."""
    quoted = False
    for at, character in enumerate(text):
        if character == '"':
            quoted = not quoted
        elif character == ":" and not quoted:
            return at
    return -1
