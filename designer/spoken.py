"""What is said aloud after a gesture: what became of the card, and where it is now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from designer.faces import face_of
from designer.guards import Edit
from designer.outline import ROOT, Outline

Say = Callable[..., str]


def spoken(edit: Edit, before: Outline, after: Outline, gesture: Mapping[str, Any], say: Say) -> str:
    """A sentence in the reader's language."""
    if edit.nothing:
        return say("Nothing changed")
    match edit.op:
        case "insert":
            return say(
                "Added {what}, {where}", what=_named(after, edit.focus, say), where=_where(after, edit.focus, say)
            )
        case "move":
            return say(
                "Moved {what}, {where}", what=_named(after, edit.focus, say), where=_where(after, edit.focus, say)
            )
        case "duplicate":
            what = _named(after, edit.focus, say)
            return say("Duplicated {what}, {where}", what=what, where=_where(after, edit.focus, say))
        case "delete":
            return say("Deleted {what}", what=_named(before, _number(gesture.get("node")), say))
        case "wrap":
            return say("Wrapped in {what}", what=_named(after, edit.focus, say))
        case "unwrap":
            return say("Unwrapped")
        case "branch":
            return say("Added a branch")
        case "unbranch":
            return say("Deleted a branch")
        case "set":
            return say("Changed {what}", what=_named(after, edit.focus, say))
        case _:
            return say("Changed the code")


def _named(outline: Outline, number: int, say: Say) -> str:
    card = outline.cards.get(number)
    if card is None:
        return say("Step")
    face = face_of(outline, card)
    title = " ".join(face.title.split())
    return f"{say(face.label)} {title[:60]}".strip()


def _where(outline: Outline, number: int, say: Say) -> str:
    """In which branch, at which place of how many."""
    way_id = outline.above.get(number)
    if way_id is None:
        return ""
    way = outline.ways[way_id]
    ids = [card.id for card in way.cards]
    place = say("position {n} of {all}", n=ids.index(number) + 1, all=len(ids))
    if way_id == ROOT or outline.cards[outline.owner[way_id]].kind == "workflow":
        return place
    owner = _named(outline, outline.owner[way_id], say)
    line = " ".join(way.line.text.split())[:40] if way.line else ""
    return f"{owner}{', ' + line if line else ''}, {place}"


def _number(value: Any) -> int:
    text = str(value).lstrip("n")
    return int(text) if text.lstrip("-").isdecimal() else 0
