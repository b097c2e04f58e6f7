"""Gestures made at random, and what must be true after each: no other line changed, no comment lost, undo exact."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from designer.comparisons import HOW
from designer.document import Document, inverse
from designer.edits import edited
from designer.forms import fields_of
from designer.guards import Edit
from designer.outline import ROOT, Card, Outline, outlined
from designer.palette import ITEMS, WRAPPINGS, ways_of
from designer.refusals import Gone, NotHere
from keywords.library import registry as library
from keywords.registry import Registry

REGISTRY = library()
WORDS = ("order", "Ask the customer", 'say "hi"', "= total * 2", "42", "", "a\\b", "ünï ${x}", "TIMEOUT", "x, y")
OPS = ("insert", "move", "delete", "set", "code", "duplicate", "wrap", "unwrap", "branch", "unbranch", "paste")


@dataclass(slots=True)
class Fuzz:
    """A document under random gestures; `wrong` says what went wrong, and with what."""

    document: Document
    chance: random.Random
    registry: Registry = field(default_factory=lambda: REGISTRY)
    made: Counter[str] = field(default_factory=Counter[str])
    refused: Counter[str] = field(default_factory=Counter[str])
    done: list[Edit] = field(default_factory=list[Edit])

    def turn(self) -> None:
        """One gesture, checked."""
        outline = outlined(self.document, self.registry)
        gesture = random_gesture(outline, self.chance, self.registry)
        try:
            edit = edited(outline, gesture, self.registry)
        except (NotHere, Gone) as why:
            self.refused[f"{gesture['op']}: {why}"[:80]] += 1
            return
        self.made[edit.op] += 1
        try:
            check(outline, gesture, edit, self.registry)
        except AssertionError as wrong:
            raise AssertionError(f"{gesture}: {wrong}") from None
        if edit.change:
            self.done.append(edit)
            self.document = edit.document

    def undo_all(self) -> None:
        """Everything taken back, newest first."""
        while self.done:
            self.document = self.document.made(inverse(self.done.pop().change))


def gaps(outline: Outline) -> list[dict[str, int]]:
    found: list[dict[str, int]] = []
    for way in outline.ways.values():
        found.append({"first": way.id})
        found += [{"after": card.id} for card in way.cards]
    return found


def random_gesture(outline: Outline, chance: random.Random, registry: Registry) -> dict[str, Any]:
    cards = list(outline.cards.values())
    op = chance.choice(OPS) if cards else "insert"
    at = chance.choice(gaps(outline))
    card = chance.choice(cards) if cards else None
    match op:
        case "insert":
            return {"op": "insert", "item": chance.choice(ITEMS).id, "at": at}
        case "paste":
            assert card is not None
            text = "".join(outline.document.lines[card.start : card.end])
            return {"op": "insert", "text": text, "at": at}
        case "code":
            return _typed(outline.document, chance)
        case "set":
            assert card is not None
            ways = [w for w in outline.ways.values() if w.id != ROOT and w.line is not None]
            if ways and chance.random() < 0.2:
                way = chance.choice(ways)
                names = [f.name for f in fields_of(outline, way, registry)] or ["x"]
                return {"op": "set", "way": way.id, "field": chance.choice(names), "value": chance.choice(WORDS)}
            fields = fields_of(outline, card, registry)
            asked = [f.name for f in fields if f.lines is not None]
            if asked and chance.random() < 0.6:
                part = chance.choice(("left", "how", "right", "join", "gone"))
                value = chance.choice({"how": tuple(HOW), "left": ("total", "order.paid")}.get(part, WORDS))
                line = {"row": chance.randrange(3), "part": part, "value": value}
                return {"op": "set", "node": card.id, "field": chance.choice(asked), **line}
            names = [f.name for f in fields] or ["x"]
            return {"op": "set", "node": card.id, "field": chance.choice(names), "value": chance.choice(WORDS)}
        case "branch":
            assert card is not None
            blocks = [c for c in cards if ways_of(c, outline)] or [card]
            card = chance.choice(blocks)
            return {"op": "branch", "node": card.id, "kind": chance.choice([*ways_of(card, outline), ""])}
        case "unbranch":
            return {"op": "unbranch", "way": chance.choice(list(outline.ways))}
        case "wrap":
            assert card is not None
            return {"op": "wrap", "node": card.id, "in": chance.choice(list(WRAPPINGS))}
        case "move":
            assert card is not None
            return {"op": "move", "node": card.id, "at": at}
        case _:
            assert card is not None
            return {"op": op, "node": card.id}


def _typed(document: Document, chance: random.Random) -> dict[str, Any]:
    text = chance.choice(['TALK "typed"\n', "' typed\n", "IF x THEN\n", "", "END IF\n", "x = 1\ny = 2\n"])
    if not document.ids or chance.random() < 0.5:
        return {"op": "code", "after": chance.choice([0, *document.ids]), "text": text}
    first = chance.randrange(len(document.ids))
    last = min(first + chance.randrange(2), len(document.ids) - 1)
    return {"op": "code", "first": document.ids[first], "last": document.ids[last], "text": text}


def check(outline: Outline, gesture: dict[str, Any], edit: Edit, registry: Registry) -> None:
    """What is true of every gesture."""
    before, after = outline.document, edit.document
    assert before.made(edit.change).text == after.text
    assert after.made(inverse(edit.change)) == Document(before.lines, before.ids, after.next_id), "undo is not exact"
    assert len(set(after.ids)) == len(after.ids) == len(after.lines)
    assert max(after.ids, default=0) < after.next_id
    named = _named(outline, gesture)
    old, new = dict(before.numbered(0, len(before.ids))), dict(after.numbered(0, len(after.ids)))
    for number, line in old.items():
        if number in named:
            continue
        ends = {line, line + before.newline}  # a last line gets the end that it lacked
        assert new.get(number) in ends, f"line {number} {line!r} became {new.get(number)!r}"
    kept = [number for number in before.ids if number not in named]
    assert [number for number in after.ids if number in set(kept)] == kept, "other lines changed places"
    fresh = [line for number, line in new.items() if number not in old]
    match gesture["op"]:
        case "move":
            assert sorted(map(str.strip, before.lines)) == sorted(map(str.strip, after.lines))
            assert not fresh
        case "delete" | "unbranch":
            assert not fresh
        case "insert" | "duplicate" | "branch":
            assert len(new) == len(old) + len(fresh)
        case "wrap":
            assert len(new) == len(old) + len(fresh)
            assert _comments(before) == _comments(after), "a comment was lost"
        case _:
            pass
    if gesture["op"] not in ("delete", "unbranch", "code", "unwrap") and gesture.get("field") not in ("note", "line"):
        lost = Counter(_comments(before)) - Counter(_comments(after))
        assert not lost, f"comments were lost: {lost}"
    if gesture["op"] != "code":
        assert len(outlined(after, registry).faults) <= len(outline.faults), "a structural fault came"


def _named(outline: Outline, gesture: dict[str, Any]) -> set[int]:
    """The lines that a gesture may change: those of what it names."""
    ids = outline.document.ids
    match gesture["op"]:
        case "insert" | "branch" | "duplicate":
            return set()
        case "code":
            if "first" not in gesture:
                return set()
            places = outline.document.places
            return set(ids[places[gesture["first"]] : places[gesture["last"]] + 1])
        case "set" if "way" in gesture:
            line = outline.ways[gesture["way"]].line
            return set(ids[line.number - 1 : line.number - 1 + line.lines]) if line else set()
        case "unbranch":
            way = outline.ways[gesture["way"]]
            return set(ids[way.start : way.end])
        case _:
            card: Card = outline.cards[gesture["node"]]
            return set(ids[card.start : card.end])


def _comments(document: Document) -> Sequence[str]:
    marks = ("'", "//", "REM ")
    return sorted(line.strip() for line in document.lines if line.strip().startswith(marks))
