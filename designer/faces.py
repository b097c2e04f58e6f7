"""What a card shows: an icon, the kind of step, a title and a line below it. Words, not code, where there are words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from designer.outline import Card, Outline, Way
from designer.quoting import many_shown, shown
from designer.slots import Said, said
from keywords import tree
from keywords.library import registry as library
from keywords.registry import Registry


@dataclass(frozen=True, slots=True)
class Face:
    """`label` is English and translated; `title` and `detail` are the program's own words."""

    icon: str
    hue: str
    label: str
    title: str = ""
    detail: str = ""
    step: int | None = None
    empty: bool = False  # a needed text is still missing

    @property
    def spoken(self) -> str:
        """The card in a sentence."""
        return f"{self.label} {self.title}".strip() if self.title else self.label


_KEYWORDS: Mapping[str, tuple[str, str, str, str, str]] = {  # icon, hue, label, slot of the title, slot of the detail
    "BOT": ("bot", "blue", "Bot agent", "name", "message"),
    "ASK BOT": ("bot", "blue", "Bot agent", "bot", "question"),
    "HUMAN APPROVAL": ("person", "amber", "Human approval", "approvers", "message"),
    "PUBLISH EVENT": ("signal", "green", "Publish event", "name", "data"),
    "WAIT FOR EVENT": ("ear", "green", "Wait for event", "name", "timeout"),
    "LLM": ("spark", "blue", "Ask AI", "prompt", "optimize"),
    "BOT SHARE MEMORY": ("share", "teal", "Share memory", "key", "bot"),
    "BOT SYNC MEMORY": ("sync", "teal", "Sync memory", "bot", ""),
    "SET BOT MEMORY": ("memory", "teal", "Remember", "key", "value"),
    "GET BOT MEMORY": ("memory", "teal", "Recall", "key", ""),
    "DELAY": ("clock", "green", "Delay", "", ""),
    "WAIT": ("clock", "green", "Delay", "", ""),
    "TALK": ("speech", "blue", "Say", "message", ""),
    "PRINT": ("speech", "grey", "Print", "values", ""),
    "HEAR": ("ear", "blue", "Ask the person", "", ""),
    "CALL WORKFLOW": ("flow", "blue", "Call workflow", "name", ""),
    "START WORKFLOW": ("flow", "blue", "Start workflow", "name", ""),
}
_WORDS: Mapping[str, tuple[str, str, str, str]] = {  # icon, hue, label, slot of the title
    "IF": ("fork", "violet", "Condition", "condition"),
    "ELSE IF": ("fork", "violet", "Otherwise, if", "condition"),
    "ELSE": ("fork", "violet", "Otherwise", ""),
    "SELECT": ("fork", "violet", "Choose by", "subject"),
    "SWITCH": ("fork", "violet", "Choose by", "subject"),
    "CASE": ("fork", "violet", "Case", "values"),
    "CASE ELSE": ("fork", "violet", "Otherwise", ""),
    "FOR EACH": ("loop", "violet", "For each", "name"),
    "FOR": ("loop", "violet", "Count", "name"),
    "WHILE": ("loop", "violet", "While", "condition"),
    "DO": ("loop", "violet", "Repeat", "while"),
    "PARALLEL": ("parallel", "violet", "Parallel", ""),
    "PARALLEL FOR EACH": ("parallel", "violet", "For each, at the same time", "name"),
    "TRY": ("shield", "violet", "Attempt", ""),
    "CATCH": ("shield", "violet", "If it fails", "name"),
    "ON EVENT": ("ear", "green", "When an event comes", "event"),
    "SCHEDULE IN": ("clock", "green", "Later", "delay"),
    "SUB": ("flow", "grey", "Part", "signature"),
    "FUNCTION": ("flow", "grey", "Function", "signature"),
    "WITH": ("equals", "grey", "Set fields of", "target"),
    "ORCHESTRATE WORKFLOW": ("flow", "grey", "Workflow", "name"),
    "PARAM": ("input", "grey", "Input", "name"),
    "DESCRIPTION": ("note", "grey", "Description", "text"),
    "RETURN": ("return", "grey", "Answer", "value"),
    "EXIT": ("return", "grey", "End", ""),
    "GOTO": ("flow", "grey", "Go to", "label"),
    "LABEL": ("flow", "grey", "Label", ""),
    "BEGIN TALK": ("speech", "blue", "Say", ""),
    "BEGIN SYSTEM PROMPT": ("spark", "blue", "Instructions for the AI", ""),
    "BEGIN MAIL": ("signal", "green", "Mail", "to"),
    "TABLE": ("memory", "teal", "Table", "text"),
    "THROW": ("shield", "red", "Fail", "message"),
}


UNASKED: Mapping[str, str] = {"IF": "TRUE", "ELSE IF": "TRUE", "WHILE": "FALSE"}  # as the palette puts them there


def face_of(outline: Outline, card: Card, registry: Registry | None = None) -> Face:
    """The face of a card."""
    if card.kind == "note" or card.line is None:
        from designer.forms import note_of

        return Face("note", "grey", "Note", note_of(outline.document, card.start, card.end))
    registry = registry if registry is not None else _library()
    found = said(card.line, registry)
    if found.broken or card.kind == "error":
        return Face("alert", "red", "Line with a mistake", card.line.text.strip(), empty=False)
    face = _kept(card.line.text, registry, registry.version)
    if card.kind in ("text", "table"):
        body = outline.blocks.body(card.node).text.strip("\n")
        return Face(face.icon, face.hue, face.label, face.title, body[:600], face.step)
    return face


def way_face(way: Way, registry: Registry) -> Face:
    """What stands over a branch."""
    if way.line is None:
        return Face("", "violet", "")
    found = said(way.line, registry)
    if found.branch is not None:
        return Face("", "violet", "Branch", found.branch)
    return _face(found)


@lru_cache(maxsize=16_384)
def _kept(text: str, registry: Registry, version: str) -> Face:
    return _face(said(text, registry))


def _face(found: Said) -> Face:
    if found.word in _KEYWORDS:
        icon, hue, label, title, detail = _KEYWORDS[found.word]
        first, empty = _slot(found, title)
        second, blank = _slot(found, detail)
        if not title and not detail:
            first = found.text[found.start :].strip()
        if found.target is not None:
            kept = found.text[found.target.start : found.target.end]
            second = f"{kept} = {second}" if second and found.word != "LLM" else f"→ {kept}"
        return Face(icon, hue, label, first, second, found.step, empty or (blank and detail == "message"))
    if found.word in _WORDS:
        icon, hue, label, slot = _WORDS[found.word]
        title, empty = _slot(found, slot)
        if slot == "condition" and title == UNASKED.get(found.word):
            title, empty = "", True
        detail = f"→ {found.inline}" if found.inline else _aside(found)
        return Face(icon, hue, label, title, detail, found.step, empty)
    if found.value is not None and found.target is not None:
        name = found.text[found.target.start : found.target.end]
        source = found.text[found.value.start : found.value.end]
        value = found.value.value
        empty = isinstance(value, tree.Literal) and value.value == ""
        return Face("equals", "grey", "Set", name, shown(source, value), found.step, empty)
    label = found.keyword.name.capitalize() if found.keyword is not None else "Step"
    if found.keyword is not None and found.keyword.plugin:
        kept = f"→ {found.text[found.target.start : found.target.end]}" if found.target is not None else ""
        title, empty = _slot(found, next((slot.name for slot in found.keyword.forms[0].slots), ""))
        return Face("plug", "teal", label, title, kept, found.step, empty)
    hue = "grey"
    return Face("word", hue, label, found.text[found.start :].strip(), "", found.step)


def _slot(found: Said, name: str) -> tuple[str, bool]:
    """The words of a slot as a card shows them, and whether it is there and empty."""
    there = found.slot(name) if name else None
    if there is None:
        return "", False
    source = found.text[there.start : there.end]
    if isinstance(there.value, str) and source[:1] == source[-1:] == '"' and len(source) > 1:
        return source[1:-1].replace('""', '"'), False  # words as they are written, in quotes
    if isinstance(there.value, tuple):
        text = many_shown(source, there.value).removeprefix("= ")
        return text, not text
    text = shown(source, there.value)
    return text.removeprefix("= "), text == ""


def _aside(found: Said) -> str:
    """What else a line of a block says: IN list, TO 10, JOIN ANY."""
    names = {"FOR EACH": "in", "PARALLEL FOR EACH": "in", "FOR": "to", "PARAM": "description"}
    slot = found.slot(names.get(found.word, ""))
    if slot is not None:
        text = found.text[slot.start : slot.end]
        return shown(text, slot.value).removeprefix("= ") if found.word == "PARAM" else text
    if found.word == "PARALLEL":
        return found.text[found.start + len("PARALLEL") :].strip()
    return ""


def _library() -> Registry:
    global _known
    if _known is None:
        _known = library()
    return _known


_known: Registry | None = None
