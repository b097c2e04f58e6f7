"""The names that a step may speak of: what the steps before it set, with the fields of what is known to have some."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from designer.outline import ROOT, Card, Outline, Way
from designer.slots import Said, said
from keywords import tree
from keywords.registry import Kind, Registry

OF_ANSWERS: Mapping[str, tuple[str, ...]] = {"HUMAN APPROVAL": ("approved", "status", "by", "comment")}
NAMING = frozenset({"FOR EACH", "FOR", "PARALLEL FOR EACH", "PARALLEL FOR", "PARAM", "CATCH", "HEAR"})
_FIELD = re.compile(r"\b([^\W\d]\w*)((?:\.[^\W\d]\w*)+)(?!\w*\()")
_TEXT = re.compile(r'"(?:[^"\\\n]|""|\\.)*"')
MOST = 200


def names_before(outline: Outline, owner: Card | Way, registry: Registry) -> list[str]:
    """Variables that are set before the card, or the way, is come to; `order.total` behind `order`."""
    found: dict[str, dict[str, None]] = {}
    for line in _before(outline, owner, registry):
        for name, fields in _set_by(line, found):
            found.setdefault(name.lower(), {}).update(dict.fromkeys(fields))
    dotted = "".join(line for line in outline.document.lines if "." in line)  # few have a field to look for
    for name, path in _FIELD.findall(_TEXT.sub('""', dotted)):
        if name.lower() in found:
            found[name.lower()].setdefault(path[1:].lower(), None)
    shown = [each for name, fields in found.items() for each in (name, *(f"{name}.{field}" for field in fields))]
    return shown[:MOST]


def event_fields(outline: Outline, event: str, registry: Registry) -> list[str]:
    """The fields that a program publishes events of this name with; `customer.name` inside of `customer`."""
    found: dict[str, None] = {}
    for card in outline.walk():
        line = said(card.line, registry) if card.line is not None and card.kind != "note" else None
        if line is None or line.word != "PUBLISH EVENT":
            continue
        name, data = line.slot("name"), line.slot("data")
        if name is not None and data is not None and _is(name.value, event):
            found.update(dict.fromkeys(_paths(data.value)))
    return list(found)[:MOST]


def _is(value: object, text: str) -> bool:
    return isinstance(value, tree.Literal) and str(value.value).casefold() == text.casefold()


def _paths(value: object, before: str = "") -> Iterator[str]:
    if isinstance(value, tree.ObjectOf):
        for name, inner in value.pairs:
            yield before + name
            yield from _paths(inner, f"{before}{name}.")


def _before(outline: Outline, owner: Card | Way, registry: Registry) -> Iterator[Said]:
    """The lines that are met on the way to it, the first one first: not those of other branches of a block around."""
    number = owner.id
    if isinstance(owner, Way):
        block = outline.owner.get(number)
        if block is None:
            return
        number = block
    path: list[tuple[Way, int]] = []  # the ways around it, the innermost first, and the card in each that leads to it
    at = number
    while True:
        way = outline.ways[outline.above[at]]
        path.append((way, at))
        if way.id == ROOT:
            break
        at = outline.owner[way.id]
    for way, leads in reversed(path):
        if way.line is not None:
            yield said(way.line, registry)
        for card in way.cards:
            if card.id == leads:
                if card.id != number and card.line is not None:
                    yield said(card.line, registry)  # the head of a block around it
                break
            yield from _of(card, outline, registry)


def _of(card: Card, outline: Outline, registry: Registry) -> Iterator[Said]:
    if card.line is not None and card.kind != "note":
        yield said(card.line, registry)
    for way in card.ways:
        if way.line is not None:
            yield said(way.line, registry)
        for below in way.cards:
            yield from _of(below, outline, registry)


def _set_by(line: Said, known: Mapping[str, Mapping[str, None]]) -> Iterator[tuple[str, Iterable[str]]]:
    """The names that a line sets, each with the fields that its value is known to have."""
    if line.target is not None:
        path = _path(line.target.value)
        if path:
            value = line.value.value if line.value is not None else None
            fields = OF_ANSWERS.get(line.word, ()) if len(path) == 1 else (".".join(path[1:]),)
            yield path[0], (*fields, *(_fields(value, known) if len(path) == 1 else ()))
    for given in line.given:
        if line.word in NAMING and given.name in ("name", "variable"):
            within = line.slot("in")
            fields = _fields_of_item(within.value, known) if within is not None else ()
            yield line.text[given.start : given.end].strip(), fields
        elif line.form is not None and given.name == "variable" and _names(line, given.name):
            yield line.text[given.start : given.end].strip(), ()
    if line.word in ("SUB", "FUNCTION"):
        signature = line.slot("signature")
        inside = line.text[signature.start : signature.end].partition("(")[2] if signature is not None else ""
        yield from ((name, ()) for name in re.findall(r"[^\W\d]\w*", inside))


def _names(line: Said, name: str) -> bool:
    assert line.form is not None
    return any(slot.name == name and slot.kind is Kind.NAME for slot in line.form.slots)


def _path(target: object) -> Sequence[str]:
    match target:
        case tree.Name(name):
            return (name,)
        case tree.Member(inner, name):
            before = _path(inner)
            return (*before, name.lower()) if before else ()
        case tree.Index(inner):
            return _path(inner)[:1]
        case _:
            return ()


def _fields(value: object, known: Mapping[str, Mapping[str, None]]) -> Sequence[str]:
    match value:
        case tree.ObjectOf(pairs):
            return [name for name, _ in pairs]
        case tree.Name(name):
            return list(known.get(name.lower(), ()))
        case _:
            return ()


def _fields_of_item(value: object, known: Mapping[str, Mapping[str, None]]) -> Sequence[str]:
    if isinstance(value, tree.ListOf) and value.items:
        return _fields(value.items[0], known)
    return ()
