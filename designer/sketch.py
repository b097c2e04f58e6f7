"""A program as the canvas draws it: plain values, compared to find what has to be drawn anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from designer.faces import Face, face_of, way_face
from designer.forms import note_of
from designer.outline import ROOT, Card, Outline, Way
from designer.palette import ways_of
from keywords.diagnostics import Diagnostic
from keywords.registry import Registry

Told: TypeAlias = Mapping[int, tuple[Diagnostic, ...]]  # what is wrong, by the number of the card or way
FRAMES = frozenset({"workflow"})
FIRST = {"if": "Then", "try": "Try", "parallel": "At first"}  # over the first way of a block, else what it does
HUES = frozenset({"blue", "amber", "violet", "green", "teal", "grey", "red"})


@dataclass(frozen=True, slots=True)
class Sketch:
    """One card. Two that are equal but for their ways look the same."""

    id: int
    kind: str
    face: Face
    line: int
    note: str
    marks: tuple[tuple[str, str], ...]
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
    marks: tuple[tuple[str, str], ...]
    cards: tuple[Sketch, ...] = field(default=(), compare=False)


def sketched(outline: Outline, registry: Registry, told: Told, *, numbered: bool = False) -> SketchWay:
    """The whole program; `numbered` cards know their lines, so that those below an added line look different."""
    return _way(outline.root, outline, registry, told, numbered, None)


def by_card(outline: Outline, diagnostics: tuple[Diagnostic, ...]) -> dict[int, tuple[Diagnostic, ...]]:
    """What is told of a program, by the card that its line belongs to; of a branch's own line, by the way."""
    heads = {way.line.number: way.id for way in outline.ways.values() if way.line is not None}
    found: dict[int, tuple[Diagnostic, ...]] = {}
    for diagnostic in diagnostics:
        card = outline.at_line(diagnostic.line)
        way = heads.get(diagnostic.line)
        if way is not None and (card is None or card.kind != "inline"):
            key = -1_000_000_000 - way
        elif card is not None:
            key = card.id
        else:
            continue
        found[key] = (*found.get(key, ()), diagnostic)
    return found


def _marks(told: Told, key: int) -> tuple[tuple[str, str], ...]:
    return tuple((d.severity, f"{d.message} {d.fix}".strip()) for d in told.get(key, ()))


def _way(way: Way, outline: Outline, registry: Registry, told: Told, numbered: bool, owner: Card | None) -> SketchWay:
    cards = tuple(_card(card, outline, registry, told, numbered) for card in way.cards)
    face = way_face(way, registry)
    if owner is not None and way.line is None:
        label = FIRST.get(owner.kind, "Do")
        face = Face("", face.hue, label)
    line = way.line.number if numbered and way.line is not None else 0
    marks = _marks(told, -1_000_000_000 - way.id) if way.id != ROOT else ()
    return SketchWay(way.id, face, line, way.line is not None, marks, cards)


def _card(card: Card, outline: Outline, registry: Registry, told: Told, numbered: bool) -> Sketch:
    note = "" if card.start == card.head or card.kind == "note" else note_of(outline.document, card.start, card.head)
    ways = tuple(_way(way, outline, registry, told, numbered, card) for way in card.ways)
    more = tuple((k, row.called) for k, row in ways_of(card, outline).items()) if card.ways and card.closed else ()
    line = card.head + 1 if numbered else 0
    return Sketch(card.id, card.kind, face_of(outline, card, registry), line, note, _marks(told, card.id), more, ways)
