"""The form of a card: one field for each slot of its keyword, made from the keyword's own definition.

A field's name is that of the slot; `kept` is the name that an answer is kept under, `note` the comment above, and
`<word>:` a line below the statement, such as the TIMEOUT of an approval.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from designer import details
from designer.comparisons import Comparisons, changed, compared, from_words
from designer.document import Change, Document, Splice
from designer.indentation import indent_of
from designer.known_names import names_before
from designer.outline import Card, Outline, Way
from designer.quoting import many, many_shown, shown, source_of
from designer.refusals import NotHere
from designer.slots import Said, placed, said
from keywords import tree
from keywords.lines import physical_lines
from keywords.parse import parse_line
from keywords.registry import Clause, Kind, Registry, Slot

LONGEST = 20_000
NUMBERS = frozenset(
    (
        *("timeout", "required", "remind", "max", "last", "step", "from", "to", "count", "of", "times", "seconds"),
        *("delay", "priority", "limit", "max_cost", "max_latency", "after", "days", "hours", "minutes", "people"),
    )
)
PICKED = {  # what a field is picked from, by keyword and slot
    ("BOT", "name"): "bots",
    ("ASK BOT", "bot"): "bots",
    ("WAIT FOR BOT", "bot"): "bots",
    ("SEND TO BOT", "bot"): "bots",
    ("ADD BOT", "name"): "bots",
    ("BOT SHARE MEMORY", "bot"): "bots",
    ("BOT SHARE MEMORY", "key"): "memory",
    ("BOT SYNC MEMORY", "bot"): "bots",
    ("GET BOT MEMORY", "key"): "memory",
    ("SET BOT MEMORY", "key"): "memory",
    ("PUBLISH EVENT", "name"): "events",
    ("WAIT FOR EVENT", "name"): "events",
    ("ON EVENT", "event"): "events",
    ("LLM", "model"): "models",
    ("USE MODEL", "name"): "models",
    ("LLM", "optimize"): "routing",
    ("CALL WORKFLOW", "name"): "workflows",
    ("START WORKFLOW", "name"): "workflows",
    ("HUMAN APPROVAL", "approvers"): "people",
    ("FOR EACH", "in"): "variables",
    ("PARAM", "type"): "types",
}
LONG = frozenset({"message", "prompt", "system", "question", "task", "body", "text", "description"})


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    label: str  # English, the key of its translation
    value: str  # as the field shows it
    kind: str  # text, long, number, formula, condition, name, flag, choice
    required: bool = False
    there: bool = True  # filled, or asked for at once; others are under "More"
    picked: str = ""  # the list that it offers
    lines: Comparisons | None = None  # of a condition


def fields_of(outline: Outline, owner: Card | Way, registry: Registry) -> tuple[Field, ...]:
    """The fields of a card or of the line that heads a way, the first needed first."""
    return tuple(_fields(outline, owner, registry))


def _fields(outline: Outline, owner: Card | Way, registry: Registry) -> Iterator[Field]:
    line = owner.line
    if line is None:
        return
    if isinstance(owner, Card) and owner.kind == "note":
        yield Field("note", "Note", note_of(outline.document, owner.start, owner.end), "long")
        return
    found = said(line, registry)
    if isinstance(owner, Way) and found.branch is not None:
        yield Field("label", "Name of the branch", found.branch, "name", required=True)
        return
    if found.broken:
        yield Field("line", "Line", line.text, "formula", required=True)
    elif found.form is not None and not found.called:
        for clause in found.form.clauses:
            for slot in clause.slots:
                if slot.kind is not Kind.STATEMENT:
                    yield _field(found, clause, slot)
    elif found.value is not None:
        there = found.value
        yield Field("value", "Value", shown(found.text[there.start : there.end], there.value), "text", required=True)
    else:
        yield Field("line", "Line", line.text, "formula", required=True)
    if isinstance(owner, Card) and owner.kind != "inline":
        if found.target is not None:
            name = found.text[found.target.start : found.target.end]
            yield Field("kept", "Keep the answer as" if found.word else "Name", name, "name", required=True)
        for word, label, value, kind in details.below(owner, found, registry):
            yield Field(f"{word}:", label, value, kind, there=bool(value))
        note = note_of(outline.document, owner.start, owner.head)
        yield Field("note", "Note", note, "long", there=bool(note))


def _field(found: Said, clause: Clause, slot: Slot) -> Field:
    there = found.slot(slot.name)
    source = found.text[there.start : there.end] if there else ""
    required = clause.required and slot.required
    first = not clause.words and required
    number = slot.name in NUMBERS
    picked = PICKED.get((found.word, slot.name), "")
    label = slot.name.replace("_", " ").capitalize()
    if is_condition(found, slot):
        lines = compared(found.text, there)
        return Field(slot.name, label, source, "condition", required, bool(source) or first, picked, lines)
    match slot.kind:
        case Kind.FLAG:
            return Field(slot.name, clause.words.capitalize(), "yes" if there else "", "flag", there=there is not None)
        case Kind.NAME | Kind.TYPE | Kind.TEXT | Kind.ORDER:
            return Field(slot.name, label, source, "name", required, bool(source) or first, picked)
        case Kind.MANY:
            value = many_shown(source, there.value) if there else ""
            return Field(slot.name, label, value, "text", required, bool(source) or first, picked)
        case Kind.PAIRS | Kind.FIELDS | Kind.COLUMNS:
            return Field(slot.name, label, source, "formula", required, bool(source) or first, picked)
        case _:
            pass
    if slot.name in ("condition", "while", "until", "where"):
        return Field(slot.name, label, source, "formula", required, bool(source) or first, picked)
    value = shown(source, there.value) if there else ""
    if number:
        value = source
    kind = "number" if number else "long" if slot.name in LONG else "text"
    shows = bool(source) or not clause.words
    return Field(slot.name, label, value, kind, required, shows, picked)


def is_condition(found: Said, slot: Slot) -> bool:
    """Whether the slot asks something that is true or not: IF, WHILE, and the WHERE of events and rows."""
    return slot.kind is Kind.CONDITION or (found.keyword is None and slot.name in ("condition", "while", "until"))


def note_of(document: Document, start: int, end: int) -> str:
    """The words of comment lines."""
    found: list[str] = []
    for line in document.lines[start:end]:
        text = line.strip()
        for mark in ("'", "//", "#"):
            if text.startswith(mark):
                text = text[len(mark) :]
                break
        else:
            text = text[3:] if text[:3].upper() == "REM" else text
        found.append(text.removeprefix(" "))
    return "\n".join(found)


# -- writing -----------------------------------------------------------------------------------------------------------


def filled(outline: Outline, owner: Card | Way, gesture: Mapping[str, Any], registry: Registry) -> tuple[Change, str]:
    """The change that puts a text into a field, and what it is called. The same text changes nothing.

    With `plain` FALSE the value is BASIC as it shall stand in the line; otherwise it is what the field shows.
    """
    name, value = str(gesture.get("field", "")), str(gesture.get("value") or "")
    if len(value) > LONGEST:
        raise NotHere("This text is too long for a field. Keep it in a file or a knowledge base.")
    value = value.replace("\r\n", "\n").replace("\r", "\n")
    fields = {field.name: field for field in fields_of(outline, owner, registry)}
    field = fields.get(name)
    if field is None or owner.line is None:
        raise NotHere(f"There is no field {name[:60]!r} here. There are: {', '.join(fields) or 'none'}.")
    plain = gesture.get("plain") in (None, True, "true", "1", "on")
    label = f"Changed {field.label.lower()}"
    document = outline.document
    if field.lines is not None:
        value, plain = _condition(outline, owner, field, gesture, value, registry), False
        if value == field.value:
            return (), label
    if plain and value == field.value:
        return (), label
    if name == "note":
        assert isinstance(owner, Card)
        return _noted(document, owner, value), label
    if name.endswith(":"):
        assert isinstance(owner, Card)
        return details.written(document, owner, name[:-1], value, said(owner.line, registry)), label
    found = said(owner.line, registry)
    text = _text(found, field, value, plain)
    if text == owner.line.text:
        return (), label
    _fits(found, text, field, value, registry)
    start = owner.line.number - 1
    return _rewritten(document, start, start + owner.line.lines, text), label


def _condition(
    outline: Outline, owner: Card | Way, field: Field, gesture: Mapping[str, Any], value: str, registry: Registry
) -> str:
    """The condition that is wanted, in BASIC: with another part of one of its lines, as typed, or said in words."""
    assert field.lines is not None
    assert owner.line is not None
    part, number = str(gesture.get("part") or ""), gesture.get("row")
    if part:
        if isinstance(number, bool) or not isinstance(number, int):
            raise NotHere("A line of a condition is named by its number.")
        word = said(owner.line, registry).text.split()[0].upper()
        empty = "" if not field.required else "FALSE" if field.name == "while" or word == "WHILE" else "TRUE"
        names = names_before(outline, owner, registry)
        return changed(field.value, field.lines, number, part, value, names, empty)
    value = value.strip().removeprefix("=").strip()
    asked, faults = parse_line(f"IF {value} THEN", registry)
    if not value or not (faults or isinstance(asked, tree.Unknown)):
        return value
    return from_words(value, names_before(outline, owner, registry)) or value


def _text(found: Said, field: Field, value: str, plain: bool) -> str:
    """The line with the field's text in it."""
    text = found.text
    match field.name:
        case "line":
            return indent_of(text) + value.strip()
        case "label" if found.branch is not None:
            label = " ".join(value.replace('"', "").replace(":", "").split())
            if not label:
                raise NotHere("A branch needs a name.")
            head = text[: len(text) - len(text.lstrip())] + text.lstrip()[: len("BRANCH")]
            quote = "" if label.replace("_", "").isalnum() else '"'
            return f"{head} {quote}{label}{quote}{text[text.index(':', _behind_label(text)) :]}"
        case "kept" | "value" if found.target is not None and (field.name == "kept" or found.value is not None):
            there = found.target if field.name == "kept" else found.value
            assert there is not None
            source = value.strip() if field.name == "kept" or not plain else source_of(value) or '""'
            if not source:
                raise NotHere("A value that is kept needs a name.")
            return text[: there.start] + source + text[there.end :]
        case _:
            pass
    assert found.form is not None
    clause, slot = next((c, s) for c in found.form.clauses for s in c.slots if s.name == field.name)
    if slot.kind is Kind.FLAG:
        source = "TRUE" if value.strip().lower() in ("yes", "true", "on", "1") else ""
    elif not plain or field.kind in ("formula", "name"):
        source = value.strip().removeprefix("=").strip() if plain and field.kind == "formula" else value.strip()
    elif slot.kind is Kind.MANY:
        source = many(value)
    else:
        source = source_of(value, number=field.kind == "number")
    if not source and field.required:
        if field.kind in ("formula", "name", "condition"):
            raise NotHere(f"{field.label} must not be empty.")
        source = '""'
    if source and not found.slot(slot.name):
        earlier = [s for s in clause.slots[: clause.slots.index(slot)] if not found.slot(s.name)]
        if earlier:
            raise NotHere(f"Fill in {earlier[0].name.replace('_', ' ')} first.")
    return placed(found, slot, clause, source)


def _behind_label(text: str) -> int:
    """Where to look for the colon that ends the label: not inside of its quotes."""
    first = text.find('"')
    colon = text.find(":")
    return text.find('"', first + 1) if 0 <= first < colon else 0


def _fits(found: Said, text: str, field: Field, value: str, registry: Registry) -> None:
    """Refuses what would make another statement of the line."""
    after = said(text, registry)
    if field.name == "line" or found.broken:
        return
    same = (after.word, after.step, after.target is None) == (found.word, found.step, found.target is None)
    if field.name == "value" and after.target is not None:
        same = True  # `x = LLM "..."` may be written there
    if after.broken or not same:
        raise NotHere(f"{field.label} cannot be {value.strip()[:60]!r}: the line would mean something else.")
    others = {g.name: found.text[g.start : g.end] for g in found.given if g.name != field.name}
    if any(text[g.start : g.end] != others.get(g.name, text[g.start : g.end]) for g in after.given):
        raise NotHere(f"{field.label} cannot be {value.strip()[:60]!r}: it would run into the fields beside it.")


def _rewritten(document: Document, start: int, end: int, text: str) -> Change:
    """These lines with another text; they keep their numbers as far as they go."""
    old = document.lines[end - 1]
    ending = old[len(old.rstrip("\r\n")) :]
    lines = list(physical_lines(text.rstrip("\r") + "\n"))
    lines[-1] = lines[-1].removesuffix("\n") + ending
    ids = [*document.ids[start:end], *range(document.next_id, document.next_id + len(lines))][: len(lines)]
    return (Splice(start, document.numbered(start, end), tuple(zip(ids, lines, strict=True))),)


def _noted(document: Document, card: Card, value: str) -> Change:
    """Other words in the comment above a card, or in a note."""
    end = card.end if card.kind == "note" else card.head
    indent = indent_of(document.lines[card.head])
    words = [line.rstrip() for line in value.split("\n")]
    while words and not words[-1]:
        words.pop()
    lines = [f"{indent}' {line}".rstrip() + document.newline for line in words]
    if card.kind == "note" and not lines:
        lines = [f"{indent}'{document.newline}"]
    number = end - card.start
    keep = document.ids[card.start : end]
    if card.kind == "note" and number and not document.lines[end - 1].endswith("\n"):
        lines[-1] = lines[-1].rstrip("\r\n")
    ids = [*keep, *range(document.next_id, document.next_id + len(lines))][: len(lines)]
    if not lines and not keep:
        return ()
    return (Splice(card.start, document.numbered(card.start, end), tuple(zip(ids, lines, strict=True))),)


def is_empty(value: object) -> bool:
    """Whether a slot still waits for its text."""
    return isinstance(value, tree.Literal) and value.value == ""
