"""What one click does about a mistake: each fix is a gesture, made like any other and taken back like any other."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from designer.indentation import indent_of, unit_of
from designer.outline import Outline
from designer.palette import next_step
from keywords.diagnostics import Diagnostic
from keywords.registry import Registry

_TOP = re.compile(r"\s*(?:ORCHESTRATE|DESCRIPTION|PARAM)\b", re.IGNORECASE)
PATIENCE = 86_400  # seconds that an approval gets


@dataclass(frozen=True, slots=True)
class Fix:
    """`label` is English, `{x}` in it is `words`."""

    label: str
    gesture: Mapping[str, Any]
    words: str = ""


def fixes(diagnostic: Diagnostic, outline: Outline, registry: Registry) -> Iterator[Fix]:
    """What can be done about it at once; nothing where only people know."""
    if not 1 <= diagnostic.line <= len(outline.document.lines):
        return
    told = f"{diagnostic.message} {diagnostic.fix}"
    for pattern, make in _FIXES:
        found = pattern.search(told)
        if found is not None:
            fix = make(found, diagnostic, outline)
            if fix is not None:
                yield fix
            return


def _line(diagnostic: Diagnostic, outline: Outline, text: str, label: str, words: str = "") -> Fix | None:
    """Another text for the line."""
    document = outline.document
    number = document.ids[diagnostic.line - 1]
    old = document.lines[diagnostic.line - 1]
    if text == old.rstrip("\r\n"):
        return None
    return Fix(label, {"op": "code", "first": number, "last": number, "text": text + "\n"}, words)


def _text(diagnostic: Diagnostic, outline: Outline) -> str:
    return outline.document.lines[diagnostic.line - 1].rstrip("\r\n")


def _after(place: int, outline: Outline, text: str, label: str, words: str = "") -> Fix:
    """Lines behind the first `place` lines."""
    ids = outline.document.ids
    return Fix(label, {"op": "code", "after": ids[place - 1] if place else 0, "text": text + "\n"}, words)


def _unclosed(found: re.Match[str], diagnostic: Diagnostic, outline: Outline) -> Fix | None:
    opener, end = int(found[1]), found[2]
    card = next((c for c in outline.walk() if c.head == opener - 1), None)
    if card is None:
        return None
    lines = outline.document.lines
    place = card.end
    while place > card.head + 1 and not lines[place - 1].strip():
        place -= 1
    return _after(place, outline, indent_of(lines[card.head]) + end, "Insert {x} here", end)


def _meant(found: re.Match[str], diagnostic: Diagnostic, outline: Outline) -> Fix | None:
    given, meant = found[1], found[2]
    text = _text(diagnostic, outline)
    start = max(diagnostic.column - 1, 0)
    at = text.find(given, start)
    at = text.lower().find(given.lower()) if at < 0 else at
    if at < 0:
        return None
    return _line(diagnostic, outline, text[:at] + meant + text[at + len(given) :], "Write {x}", meant)


def _clause_meant(found: re.Match[str], diagnostic: Diagnostic, outline: Outline) -> Fix | None:
    return _meant(found, diagnostic, outline)


def _stray(found: re.Match[str], diagnostic: Diagnostic, outline: Outline) -> Fix | None:
    number = outline.document.ids[diagnostic.line - 1]
    words = _text(diagnostic, outline).strip()[:40]
    return Fix("Remove {x}", {"op": "code", "first": number, "last": number, "text": ""}, words)


def _closer(found: re.Match[str], diagnostic: Diagnostic, outline: Outline) -> Fix | None:
    indent = indent_of(_text(diagnostic, outline))
    return _line(diagnostic, outline, indent + found[1], "Write {x}", found[1])


def _unset(found: re.Match[str], diagnostic: Diagnostic, outline: Outline) -> Fix | None:
    lines = outline.document.lines
    place = next((at + 1 for at in range(min(len(lines), 60) - 1, -1, -1) if _TOP.match(lines[at])), 0)
    indent = indent_of(lines[place - 1]) if place else ""
    return _after(place, outline, f"{indent}PARAM {found[1]} AS STRING", "Ask for {x} at the start", found[1])


def _no_timeout(found: re.Match[str], diagnostic: Diagnostic, outline: Outline) -> Fix | None:
    card = outline.at_line(diagnostic.line)
    if card is None or card.kind not in ("statement", "inline"):
        return None
    if card.kind == "inline":
        return _line(diagnostic, outline, f"{_text(diagnostic, outline)} TIMEOUT {PATIENCE}", "Wait a day at most")
    lines = outline.document.lines
    assert card.line is not None
    indent = indent_of(lines[card.head]) + unit_of(lines)
    return _after(card.head + card.line.lines, outline, f"{indent}TIMEOUT {PATIENCE}", "Wait a day at most")


def _twice(found: re.Match[str], diagnostic: Diagnostic, outline: Outline) -> Fix | None:
    number = str(next_step(outline.document.text))
    text = re.sub(r"(STEP\s+)[0-9]+", rf"\g<1>{number}", _text(diagnostic, outline), count=1, flags=re.IGNORECASE)
    return _line(diagnostic, outline, text, "Make it step {x}", number)


def _quote(found: re.Match[str], diagnostic: Diagnostic, outline: Outline) -> Fix | None:
    return _line(diagnostic, outline, _text(diagnostic, outline).rstrip() + '"', "Close the text here")


def _compares(found: re.Match[str], diagnostic: Diagnostic, outline: Outline) -> Fix | None:
    text = _text(diagnostic, outline).replace("==", "=", 1)
    return _line(diagnostic, outline, text, "Write {x}", "=")


def _step_colon(found: re.Match[str], diagnostic: Diagnostic, outline: Outline) -> Fix | None:
    text = _text(diagnostic, outline)
    word = found[1].upper()
    if word == "STEP":
        fixed = re.sub(r"(?i)^(\s*)STEP\s*([0-9]*)\s*:?\s*",
                       lambda m: f"{m[1]}STEP {m[2] or next_step(outline.document.text)}: ", text, count=1)  # fmt: skip
    else:
        fixed = re.sub(r"(?i)^(\s*)BRANCH\s*(\w*)\s*:?\s*", lambda m: f"{m[1]}BRANCH {m[2] or 'a'}: ", text, count=1)
    return _line(diagnostic, outline, fixed.rstrip(), "Write {x}", fixed.strip()[:40])


def _changed(found: re.Match[str], diagnostic: Diagnostic, outline: Outline) -> Fix | None:
    """`x += 1` and `x++`."""
    text = _text(diagnostic, outline)
    one = re.fullmatch(r"(\s*)([\w.]+)\s*(?:([-+*/])=\s*(.+)|(\+\+|--))\s*", text)
    if one is None:
        return None
    change = f"{one[3]} {one[4]}" if one[3] else f"{one[5][0]} 1"
    fixed = f"{one[1]}{one[2]} = {one[2]} {change}"
    return _line(diagnostic, outline, fixed, "Write {x}", fixed.strip())


def _declared(found: re.Match[str], diagnostic: Diagnostic, outline: Outline) -> Fix | None:
    """`DIM x`, `VAR x = 1` of other BASICs."""
    text = _text(diagnostic, outline)
    one = re.fullmatch(r"(?i)(\s*)(?:DIM|REDIM|VAR|CONST|LOCAL)\s+([\w]+)[^=]*(?:=\s*(.+))?", text)
    if one is None:
        return None
    fixed = f"{one[1]}{one[2]} = {one[3] or '[]' if '(' in text else one[3] or 'NULL'}"
    return _line(diagnostic, outline, fixed, "Write {x}", fixed.strip())


Make = Callable[[re.Match[str], Diagnostic, Outline], Fix | None]
_FIXES: tuple[tuple[re.Pattern[str], Make], ...] = (
    (re.compile(r"of line ([0-9]+) is never closed\. Add (.+?)\.$"), _unclosed),
    (re.compile(r"has nothing to close here|stands under no (?:approval|statement)|does nothing"), _stray),
    (re.compile(r"is closed by .+ Write ([A-Z ]+)\.$"), _closer),
    (re.compile(r"There is no bot (.+?)\. Did you mean (.+?)\?$"), _meant),
    (re.compile(r"There is no label (.+?)\. Did you mean (.+?)\?$"), _meant),
    (re.compile(r"^(.+?) is read but never set.* Did you mean (.+?)\?$"), _meant),
    (re.compile(r"^(.+?) is read but never set"), _unset),
    (re.compile(r"does not know the words? (.+?)\. Did you mean (.+?)\?$"), _clause_meant),
    (re.compile(r"^(.+?) is not a keyword\. Did you mean (.+?)\?$"), _meant),
    (re.compile(r"Nobody here publishes (.+?)\. Did you mean (.+?)\?$"), _meant),
    (re.compile(r"This approval has no TIMEOUT"), _no_timeout),
    (re.compile(r"STEP [0-9]+ is there twice"), _twice),
    (re.compile(r"never closed|is not closed|closing quote"), _quote),
    (re.compile(r"compares; it does not assign"), _compares),
    (re.compile(r"^(STEP|BRANCH) needs a (?:number|name) and a colon"), _step_colon),
    (re.compile(r"`(?:[-+*/]=|\+\+|--)` is not known"), _changed),
    (re.compile(r"^(DIM|REDIM|VAR|CONST|LOCAL) is not a keyword", re.IGNORECASE), _declared),
)
