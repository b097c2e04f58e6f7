"""Every gesture of the designer as splices of lines.

    insert     {text | item, at}           lines of a program, or what the palette holds, at a gap
    move       {node, at}                  duplicate {node}        delete {node}
    wrap       {node, in: if | loop | while | parallel | try}      unwrap {node}
    branch     {node, kind: else | elseif | case | default | branch}       unbranch {way}
    set        {node | way, field, value, plain}      the text of one slot, or of the comment above (field "note")
    code       {first, last, after, text}  lines typed in the code: these go, those come

A gap is `{"after": card}` or `{"first": way}`. Cards, ways and lines are named by numbers that edits do not change, so
a gesture made on an older state finds its place in the newer one. Nothing outside of its lines is touched, and
one that would give other lines another meaning is refused: `guards.sound` compares the cards before and after.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from designer import typed
from designer.document import Change, Document, Splice, tidy
from designer.faces import face_of
from designer.forms import filled
from designer.guards import Edit, Gesture, sound
from designer.indentation import indent_of, moved, unit_of
from designer.outline import ROOT, Card, Outline, Way, outlined
from designer.palette import WRAPPINGS, item_of, meant, palette_text, renumbered, ways_of
from designer.refusals import Gone, NotHere
from keywords.lines import physical_lines
from keywords.registry import Registry

LONGEST_INSERT = 200_000  # characters
MOST_LINES = 20_000  # of a draft


@dataclass(frozen=True, slots=True)
class _Gap:
    line: int
    way: int
    indent: str


def edited(outline: Outline, gesture: Gesture, registry: Registry) -> Edit:
    """The edit that a gesture makes of a document.

    Raises Gone where what it names is no longer there, NotHere where it cannot be done, WrongValue where it is no
    gesture at all.
    """
    op = str(gesture.get("op", ""))
    make = _OPS.get(op)
    if make is None:
        raise NotHere(f"There is no gesture {op[:40]!r}. There are: {', '.join(_OPS)}.")
    edit = make(outline, gesture, registry)
    if edit.change and len(edit.document.lines) > MOST_LINES:
        raise NotHere(f"A workflow may have {MOST_LINES:,} lines. Put a part of it into another workflow.")
    return edit


# -- the gestures ------------------------------------------------------------------------------------------------------


def _insert(outline: Outline, gesture: Gesture, registry: Registry) -> Edit:
    text, label = gesture.get("text"), "Pasted"
    if text is None:
        gesture = meant(gesture)
        text, label = palette_text(str(gesture.get("item", "")), registry, outline.document.text)
        if gesture.get("item") == "loop" and gesture.get("name"):
            text = text.replace("item", str(gesture["name"]))
        label = f"Added {label}"
        if gesture.get("item") == "note" and gesture.get("value"):
            text = "".join(f"' {line}\n" for line in str(gesture["value"]).splitlines())
    text = str(text)
    if not text.strip() or len(text) > LONGEST_INSERT:
        raise NotHere("There is nothing to put here." if not text.strip() else "This is too much to put in at once.")
    gap = _gap(outline, gesture.get("at"))
    document = outline.document
    lines = [line.rstrip("\r\n") + document.newline for line in physical_lines(text)]
    while not lines[0].strip():
        lines.pop(0)
    unit = unit_of(document.lines)
    pasted = gesture.get("text") is not None
    lines = renumbered(lines, document.text) if pasted else [_deeper(line, unit) for line in lines]
    lines = moved(lines, indent_of(lines[0]), gap.indent, registry)
    change = document.spliced(gap.line, gap.line, lines)
    after = document.made(change)
    fresh = range(document.next_id, after.next_id)
    inside = outlined(after, registry)
    focus = min((number for number in fresh if number in inside.cards), key=after.places.__getitem__, default=0)
    if not focus and (above := inside.at_line(gap.line + 1)) is not None:
        focus = above.id  # a comment that came to stand above a step belongs to it
    edit = sound(outline, Edit(change, after, "insert", label, focus), registry, way=gap.way, fresh=fresh)
    return edit if pasted else _begun(inside, edit, gesture, fresh, registry)


def _begun(outline: Outline, edit: Edit, gesture: Gesture, fresh: range, registry: Registry) -> Edit:
    """A step of the palette, with the words in it that were typed behind its name where they fit; else with the first
    of its cards in hand that something is to be filled in."""
    item, value = item_of(str(gesture.get("item", "")), registry), str(gesture.get("value") or "")
    if item is not None and item.slot and item.id != "note" and value:
        first, colon, second = value.partition(": ") if item.then else (value, "", "")
        for field, words in ((item.slot, first), (item.then, second if colon else "")):
            if words:
                try:
                    more = _set(outline, {"node": edit.focus, "field": field, "value": words}, registry)
                except NotHere:
                    return edit  # the words do not fit: the step is there, and its field open
                edit = replace(edit, change=(*edit.change, *more.change), document=more.document)
                outline = outlined(edit.document, registry)
        return edit
    cards = sorted((outline.cards[n] for n in fresh if n in outline.cards), key=lambda card: card.head)
    empty = (card.id for card in cards if face_of(outline, card, registry).empty)
    return replace(edit, focus=next(empty, edit.focus))


def _move(outline: Outline, gesture: Gesture, registry: Registry) -> Edit:
    card = _card(outline, gesture.get("node"))
    _movable(card)
    gap = _gap(outline, gesture.get("at"))
    if outline.inside(card, gap.way):
        raise NotHere("A block cannot be moved into itself.")
    label = f"Moved {_called(outline, card)}"
    document = outline.document
    if card.start <= gap.line <= card.end and outline.above[card.id] == gap.way:
        return Edit((), document, "move", label, card.id)
    lines = moved(document.lines[card.start : card.end], indent_of(document.lines[card.head]), gap.indent, registry)
    ids = document.ids[card.start : card.end]
    added = list(zip(ids, lines, strict=True))
    taken = tidy(document, card.start, card.end, ())
    between = document.made(taken)
    line = gap.line if gap.line <= card.start else gap.line - (card.end - card.start)
    change = (*taken, *tidy(between, line, line, added))
    edit = Edit(change, document.made(change), "move", label, card.id)
    return sound(outline, edit, registry, way=gap.way, moved_card=card.id)


def _duplicate(outline: Outline, gesture: Gesture, registry: Registry) -> Edit:
    card = _card(outline, gesture.get("node"))
    _movable(card)
    document = outline.document
    change = document.spliced(card.end, card.end, renumbered(document.lines[card.start : card.end], document.text))
    after = document.made(change)
    fresh = range(document.next_id, after.next_id)
    edit = Edit(change, after, "duplicate", f"Duplicated {_called(outline, card)}", fresh[card.head - card.start])
    return sound(outline, edit, registry, way=outline.above[card.id], fresh=fresh)


def _delete(outline: Outline, gesture: Gesture, registry: Registry) -> Edit:
    card = _card(outline, gesture.get("node"))
    document, label = outline.document, f"Deleted {_called(outline, card)}"
    siblings = [c for c in outline.ways[outline.above[card.id]].cards if c.id != card.id]
    if card.kind == "inline":
        line = document.lines[card.head]
        end = line[len(line.rstrip("\r\n")) :]
        kept = line[: _label_end(line)] + end
        change: Change = (
            Splice(card.head, document.numbered(card.head, card.end), ((document.ids[card.head], kept),)),
        )
    else:
        change = tidy(document, card.start, card.end, ())
    near = [c.id for c in siblings if c.start < card.start][-1:] or [c.id for c in siblings][:1]
    focus = near[0] if near else outline.owner.get(outline.above[card.id], 0)
    gone = {card.id, *(below.id for way in card.ways for below in outline.walk(way))}
    edit = Edit(change, document.made(change), "delete", label, focus)
    return sound(outline, edit, registry, gone=gone, broken=not card.closed or card.kind == "error")


def _wrap(outline: Outline, gesture: Gesture, registry: Registry) -> Edit:
    card = _card(outline, gesture.get("node"))
    _movable(card)
    wrapping = WRAPPINGS.get(str(gesture.get("in", "")))
    if wrapping is None:
        raise NotHere(f"A step can be wrapped in: {', '.join(WRAPPINGS)}.")
    document = outline.document
    unit, base = unit_of(document.lines), indent_of(document.lines[card.head])
    inner = moved(document.lines[card.start : card.end], base, base + unit * wrapping.depth, registry)
    newline = document.newline
    opening = [base + _deeper(line, unit) + newline for line in wrapping.opening]
    closing = [base + _deeper(line, unit) + newline for line in wrapping.closing]
    ids, next_id = document.ids[card.start : card.end], document.next_id
    added = [(next_id + k, line) for k, line in enumerate(opening)]
    added += list(zip(ids, inner, strict=True))
    added += [(next_id + len(opening) + k, line) for k, line in enumerate(closing)]
    change = tidy(document, card.start, card.end, added)
    edit = Edit(
        change, document.made(change), "wrap", f"Wrapped {_called(outline, card)} in {wrapping.called}", next_id
    )
    fresh = range(next_id, edit.document.next_id)
    return sound(outline, edit, registry, way=outline.above[card.id], fresh=fresh, moved_card=card.id, deeper=True)


def _unwrap(outline: Outline, gesture: Gesture, registry: Registry) -> Edit:
    """A block goes, what its first way holds stays; ways after it go too, and must be empty."""
    card = _card(outline, gesture.get("node"))
    _movable(card)
    full = [way for way in card.ways if way.cards]
    if (
        not card.ways
        or card.node.close is None
        or len(full) > 1
        or any(c.kind == "inline" for w in full for c in w.cards)
    ):
        raise NotHere("Only a block with steps in one branch can be unwrapped. Move or delete the others first.")
    document, way = outline.document, full[0] if full else card.ways[0]
    first, last = (way.cards[0].start, way.cards[-1].end) if way.cards else (way.first, way.first)
    depth = indent_of(document.lines[way.cards[0].head]) if way.cards else ""
    lines = moved(document.lines[first:last], depth, indent_of(document.lines[card.head]), registry)
    added = list(zip(document.ids[first:last], lines, strict=True))
    above = document.numbered(card.start, card.head)  # its comments stay
    change = tidy(document, card.start, card.end, [*above, *added])
    label = f"Unwrapped {_called(outline, card)}"
    edit = Edit(change, document.made(change), "unwrap", label, way.cards[0].id if way.cards else 0)
    return sound(outline, edit, registry, gone={card.id}, lifted=(way.id, outline.above[card.id]))


def _branch(outline: Outline, gesture: Gesture, registry: Registry) -> Edit:
    card = _card(outline, gesture.get("node"))
    offered = ways_of(card, outline)
    kind = str(gesture.get("kind", "")) or next(iter(offered), "")
    if kind not in offered or card.node.close is None:
        raise NotHere("No branch of that kind can be added here.")
    document = outline.document
    unit, base = unit_of(document.lines), indent_of(document.lines[card.head])
    others = [way for way in card.ways if way.line is not None]
    depth = indent_of(document.lines[_head_line(others[0])]) if others else base + unit * offered[kind].depth
    last = _last_word(card, document) if offered[kind].before_else else None
    place = last if last is not None else card.node.close.number - 1
    change = document.spliced(place, place, [depth + offered[kind].text + document.newline])
    after = document.made(change)
    edit = Edit(change, after, "branch", f"Added {offered[kind].called}", card.id)
    return sound(outline, edit, registry, fresh=range(document.next_id, after.next_id))


def _unbranch(outline: Outline, gesture: Gesture, registry: Registry) -> Edit:
    way = _way(outline, gesture.get("way"))
    if way.line is None:
        raise NotHere("The first branch goes with its block.")
    document, card = outline.document, outline.cards[outline.owner[way.id]]
    at = next(k for k, other in enumerate(card.ways) if other.id == way.id)
    end = (
        card.ways[at + 1].start
        if at + 1 < len(card.ways)
        else card.node.close.number - 1
        if card.node.close
        else way.end
    )
    change = tidy(document, way.start, end, ())
    gone = {below.id for below in outline.walk(way)}
    return sound(
        outline, Edit(change, document.made(change), "unbranch", "Deleted a branch", card.id), registry, gone=gone
    )


def _set(outline: Outline, gesture: Gesture, registry: Registry) -> Edit:
    document = outline.document
    if gesture.get("way") is not None:
        way = _way(outline, gesture.get("way"))
        owner, focus = way, outline.owner.get(way.id, 0)
    else:
        owner = _card(outline, gesture.get("node"))
        focus = owner.id
    change, label = filled(outline, owner, gesture, registry)
    edit = Edit(change, document.made(change), "set", label, focus)
    return (
        sound(
            outline,
            edit,
            registry,
            gone={focus}
            if gesture.get("field") == "note" and isinstance(owner, Card) and owner.kind == "note"
            else set(),
            fresh=range(document.next_id, edit.document.next_id),
        )
        if change
        else edit
    )


def _code(outline: Outline, gesture: Gesture, registry: Registry) -> Edit:
    change = typed.typed(outline.document, gesture)
    return Edit(change, outline.document.made(change), "code", "Edited the code")


_OPS = {
    "insert": _insert,
    "move": _move,
    "duplicate": _duplicate,
    "delete": _delete,
    "wrap": _wrap,
    "unwrap": _unwrap,
    "branch": _branch,
    "unbranch": _unbranch,
    "set": _set,
    "code": _code,
}


# -- places and guards -------------------------------------------------------------------------------------------------


def _number(value: Any) -> int:
    try:
        return int(str(value).lstrip("nw") if not isinstance(value, int) else value)
    except ValueError:
        raise NotHere("A step is named by its number.") from None


def _card(outline: Outline, value: Any) -> Card:
    card = outline.cards.get(_number(value))
    if card is None:
        raise Gone("This step is no longer there.")
    return card


def _way(outline: Outline, value: Any) -> Way:
    way = outline.ways.get(_number(value))
    if way is None or way.id == ROOT:
        raise Gone("This branch is no longer there.")
    return way


def _gap(outline: Outline, at: Any) -> _Gap:
    document = outline.document
    if not isinstance(at, Mapping) or ("after" not in at) == ("first" not in at):
        raise NotHere('A place is {"after": step} or {"first": branch}.')
    if "after" in at:
        card = _card(outline, at["after"])
        way = outline.ways[outline.above[card.id]]
        if card.kind == "inline":
            return _Gap(way.first, way.id, _inner(outline, way))
        if not card.closed:
            raise NotHere("The end of this block is missing, so nothing can be put behind it. Write its end first.")
        return _Gap(card.end, way.id, indent_of(document.lines[card.head]))
    way = outline.ways.get(_number(at["first"]))
    if way is None:
        raise Gone("This branch is no longer there.")
    if way.id == ROOT:
        line = way.cards[0].start if way.cards else len(document.lines)
        return _Gap(line, ROOT, indent_of(document.lines[way.cards[0].head]) if way.cards else "")
    return _Gap(way.first, way.id, _inner(outline, way))


def _inner(outline: Outline, way: Way) -> str:
    lines = outline.document.lines
    for card in way.cards:
        if card.kind != "inline":
            return indent_of(lines[card.head])
    owner = outline.cards[outline.owner[way.id]]
    head = indent_of(lines[_head_line(way) if way.line else owner.head])
    return head if owner.kind == "workflow" else head + unit_of(lines)


def _head_line(way: Way) -> int:
    return way.line.number - 1 if way.line else way.start


def _last_word(card: Card, document: Document) -> int | None:
    """Where the ELSE of the block stands, with its comments."""
    for way in card.ways:
        words = way.line.text.upper().split() if way.line else []
        first = words[0].rstrip(":") if words else ""
        if (first in ("ELSE", "DEFAULT") and words[1:2] != ["IF"]) or words[:2] == ["CASE", "ELSE"]:
            return way.start
    return None


def _movable(card: Card) -> None:
    if card.kind == "error":
        raise NotHere("This line has no place where it stands. Correct it in the code first.")
    if card.kind == "inline":
        raise NotHere("This step is written on the line of its branch. Move it in the code.")
    if card.kind == "workflow":
        raise NotHere("The workflow itself stays where it is.")
    if not card.closed:
        raise NotHere("The end of this block is missing. Write its end first.")


def _deeper(line: str, unit: str) -> str:
    """A line of a template, whose levels are two blanks, in the levels of this text."""
    blank = len(line) - len(line.lstrip(" "))
    return unit * (blank // 2) + line[blank:]


def _label_end(line: str) -> int:
    quoted = False
    for at, character in enumerate(line):
        if character == '"':
            quoted = not quoted
        elif character == ":" and not quoted:
            return at + 1
    return len(line)


def _called(outline: Outline, card: Card) -> str:
    return face_of(outline, card).spoken
