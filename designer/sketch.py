"""A program as the canvas draws it: plain values, compared to find what has to be drawn anew."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

from designer.faces import Face, face_of, way_face
from designer.forms import note_of
from designer.outline import Card, Outline, Way
from designer.palette import ways_of
from keywords.diagnostics import Diagnostic
from keywords.registry import Registry

Told: TypeAlias = Mapping[int, tuple[Diagnostic, ...]]  # what is wrong, by the number of the card or way
Marks: TypeAlias = tuple[tuple[str, str], ...]  # how bad, and the words
KEPT, LONGEST = 10_000, 100  # cards that are remembered, and lines of each
FRAMES = frozenset({"workflow"})
FIRST = {"if": "Then", "try": "Try", "parallel": "At first"}  # over the first way of a block, else what it does
HUES = frozenset({"blue", "amber", "violet", "green", "teal", "grey", "red"})
_OF_WAYS = -1_000_000_000  # less the number of a way: where what is told of it is found


@dataclass(frozen=True, slots=True)
class Sketch:
    """One card. Two that are equal but for their ways look the same."""

    id: int
    kind: str
    face: Face
    line: int
    note: str
    marks: Marks
    more: tuple[tuple[str, str], ...]  # branches that may be added: kind, what it is called
    ways: tuple[SketchWay, ...] = field(default=(), compare=False)

    def __iter__(self) -> Iterator[Sketch]:
        yield self
        for way in self.ways:
            for card in way.cards:
                yield from card


@dataclass(frozen=True, slots=True)
class SketchWay:
    id: int
    face: Face
    line: int
    heads: bool  # a line of its own heads it, with a form
    marks: Marks
    cards: tuple[Sketch, ...] = field(default=(), compare=False)


@dataclass(slots=True)
class Sketches:
    """Draws programs for one table of keywords. A card that is drawn again with the same lines, numbers and marks is
    the same object as before, so that nobody looks into it for what differs.

    What a card shows depends on nothing else, unless an end is missing somewhere: then the indentation decides which
    block a line belongs to, and all is drawn anew.
    """

    registry: Registry
    _drawn: dict[Hashable, Sketch] = field(default_factory=dict[Hashable, Sketch])

    def of(self, outline: Outline, diagnostics: tuple[Diagnostic, ...] = ()) -> SketchWay:
        """The whole program with what is told about it."""
        if len(self._drawn) > KEPT:
            self._drawn.clear()
        drawn = None if outline.faults else self._drawn
        return _Drawing(outline, self.registry, by_card(outline, diagnostics), drawn).way(outline.root, None)


def sketched(outline: Outline, registry: Registry) -> SketchWay:
    """A whole program that nobody edits: its cards know their lines."""
    return _Drawing(outline, registry, {}, None, numbered=True).way(outline.root, None)


def by_card(outline: Outline, diagnostics: tuple[Diagnostic, ...]) -> Told:
    """What is told of a program, by the card that its line belongs to; of a branch's own line, by the way."""
    found: dict[int, tuple[Diagnostic, ...]] = {}
    for diagnostic in diagnostics:
        card = outline.at_line(diagnostic.line)
        way = outline.heads.get(diagnostic.line)
        if way is not None and (card is None or card.kind != "inline"):
            key = _OF_WAYS - way
        elif card is not None:
            key = card.id
        else:
            continue
        found[key] = (*found.get(key, ()), diagnostic)
    return found


@dataclass
class _Drawing:
    outline: Outline
    registry: Registry
    told: Told
    drawn: dict[Hashable, Sketch] | None
    numbered: bool = False  # so that cards below an added line look different

    def way(self, way: Way, owner: Card | None) -> SketchWay:
        cards = tuple(map(self.card, way.cards))
        face = way_face(way, self.registry)
        if owner is not None and way.line is None:
            face = Face("", face.hue, FIRST.get(owner.kind, "Do"))
        line = way.line.number if self.numbered and way.line is not None else 0
        return SketchWay(way.id, face, line, way.line is not None, self.marks(_OF_WAYS - way.id), cards)

    def card(self, card: Card) -> Sketch:
        if self.drawn is None or card.end - card.start > LONGEST:
            return self.made(card)
        document, marks = self.outline.document, self.within(card) if self.told else ()
        key = document.ids[card.start : card.end], document.lines[card.start : card.end], card.id, marks
        found = self.drawn.get(key)
        if found is None:
            found = self.drawn[key] = self.made(card)
        return found

    def made(self, card: Card) -> Sketch:
        outline = self.outline
        bare = card.start == card.head or card.kind == "note"
        note = "" if bare else note_of(outline.document, card.start, card.head)
        ways = tuple(self.way(way, card) for way in card.ways)
        more = tuple((k, row.called) for k, row in ways_of(card, outline).items()) if card.ways and card.closed else ()
        line = card.head + 1 if self.numbered else 0
        face = face_of(outline, card, self.registry)
        return Sketch(card.id, card.kind, face, line, note, self.marks(card.id), more, ways)

    def within(self, card: Card) -> Hashable:
        """All that is told of a card and of what is in it."""
        first, behind = (bisect_left(self.places, (line,)) for line in (card.start + 1, card.end + 1))
        return tuple((key, self.marks(key)) for _, key in self.places[first:behind])

    @cached_property
    def places(self) -> list[tuple[int, int]]:
        """The lines of which something is told, and whose they are."""
        return sorted((diagnostic.line, key) for key, told in self.told.items() for diagnostic in told)

    def marks(self, key: int) -> Marks:
        return tuple((d.severity, f"{d.message} {d.fix}".strip()) for d in self.told.get(key, ()))
