"""Characters to words: the one scanner behind blocks and lines.

It finds names, numbers, strings, operators and comments, and where a logical line ends. A line goes on by an open
bracket, a string whose quote is open, a comma, `AND`, `OR`, `+` or `_` at its end, and by following lines that begin
with `AND`, `OR` or `+`, or hold clauses of its keyword. Nothing here raises; what is not BASIC becomes a word of kind
"bad".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

LONGEST_STRING = 200  # lines that a string may span before it counts as never closed

_INSERT = r'\$\{(?:[^{}"\n]*[(\[,+=<>?:&|] *"[^"\n]*")*[^{}"\n]*\}'
_WORDS = re.compile(
    rf"""(?P<blank>[^\S\n]+|\ufeff)
    | (?P<name>[^\W\d]\w*\$?)
    | (?P<string>"(?>[^"\\$]++|\\.|""|{_INSERT}|\$)*+"|`[^`]*`)
    | (?P<operator>\#\{{|\$\{{|//|\?\?|\?\.|&&|\|\||<>|<=|>=|=>|=<|==|!=|[-+*/^%=<>!?.,:;()\[\]{{}}&])
    | (?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)
    | (?P<newline>\n)
    | (?P<note>'|\#)
    | (?P<open>"[^\n]*)
    | (?P<bad>.)""",
    re.VERBOSE | re.DOTALL,
)
_QUOTED = re.compile(r"'[^'\n]*'(?=[^\S\n]*(?:[-+*/=<>,)\]}:]|\n|$))")
_LINE_END = re.compile(r"[^\n]*")
_INDENT = re.compile(r"[^\S\n]*")
OPENING = {"(": ")", "[": "]", "{": "}", "#{": "}", "${": "}"}
CLOSING = frozenset(")]}")
_GOES_ON = frozenset({",", "+", "&&", "||"})
_JOINS = frozenset({"+", "&&", "||"})  # and AND, OR: where a line begins with one, the line above goes on


@dataclass(slots=True)
class Word:
    """One word of the text; `kind` is name, string, operator, number, open (a string never closed) or bad."""

    kind: str
    text: str
    start: int
    end: int
    gap: bool  # a blank stands before it
    upper: str  # of a name its upper-case form, of an operator or number its text, else empty


class Hints(Protocol):
    """What the scanner asks about words; `phrases.Lexicon` answers."""

    def takes(self, upper: str) -> bool:
        """May an operand follow this word of a keyword?"""
        ...

    def begins(self, words: Sequence[Word]) -> bool:
        """Do these words begin a line that can only be a new statement?"""
        ...

    def continues(self, line: Sequence[Word], words: Sequence[Word], deeper: bool) -> bool:
        """Do these words, on a line that is indented as deep or deeper, belong to the keyword of the line before?"""
        ...


@dataclass(frozen=True, slots=True)
class Scanned:
    """A logical line: its words without comments, where it ends (before its newline), the text of a lone comment."""

    words: list[Word]
    end: int
    note: str | None


def scan(text: str, start: int, hints: Hints, whole: bool = False) -> Scanned:
    """The logical line that begins at `start`; with `whole`, all the rest of the text is that line."""
    words: list[Word] = []
    brackets: list[str] = []
    position, size, gap = start, len(text), False
    last = start  # where the last word or comment ends
    note: str | None = None
    match = _WORDS.match
    while position < size:
        found = match(text, position)
        kind = found.lastgroup if found else None
        if found is None or kind is None:  # cannot be: the last alternative takes any character
            break
        end = found.end()
        if kind == "blank":
            position, gap = end, True
            continue
        if kind == "newline":
            if len(words) > 1 and words[-1].text == "_" and words[-1].gap:
                words.pop()  # `_` at the end of a line: it goes on below, as in other BASICs
            elif not whole and not _goes_on(text, start, position, words, brackets, hints):
                break
            position, gap = end, True
            continue
        content = found[0]
        upper = content if kind in ("operator", "number") else ""
        if kind == "name":
            upper = content.upper()
            if upper == "REM" and not words:
                kind = "note"
        elif kind == "string":
            if "\n" in content and not whole and not _plausible(text, content, end):
                kind, content = "open", _line(text, position)
                end = position + len(content)
        elif kind == "note" and words:
            quoted = _QUOTED.match(text, position) if content == "'" and _awaits(words[-1], hints) else None
            if quoted is not None:
                kind, content, end = "string", quoted[0], quoted.end()
            elif not gap:
                kind = "bad"
        elif content == "//" and (gap or not words):
            kind = "note"
        elif content in OPENING:
            brackets.append(content)
        elif content in CLOSING and brackets:
            brackets.pop()
        if kind == "note":
            content = _line(text, position)
            if not words and note is None:
                note = content
            position = last = position + len(content)
            continue
        words.append(Word(kind, content, position, end, gap, upper))
        position, last, gap = end, end, False
    stop = text.find("\n", last)
    return Scanned(words, stop if 0 <= stop < position else position, note)


def indent(text: str, start: int) -> int:
    """How deep the physical line at `start` is indented; a tab counts as four."""
    found = _INDENT.match(text, start)
    return len(found[0].expandtabs(4)) if found else 0


def head(text: str, start: int, most: int = 8) -> list[Word]:
    """The first words of the physical line at `start`; nothing behind that line is looked at."""
    words: list[Word] = []
    position, gap = start, False
    stop = text.find("\n", start)
    stop = len(text) if stop < 0 else stop
    while len(words) < most and position < stop:
        found = _WORDS.match(text, position, stop)
        if found is None or found.lastgroup in ("note", None) or found[0] == "//":
            break
        if found.lastgroup == "blank":
            gap = True
        else:
            kind = str(found.lastgroup)
            upper = found[0].upper() if kind == "name" else found[0] if kind in ("operator", "number") else ""
            words.append(Word(kind, found[0], found.start(), found.end(), gap, upper))
            gap = False
        position = found.end()
    return words


def _goes_on(text: str, start: int, newline: int, words: list[Word], brackets: list[str], hints: Hints) -> bool:
    if not words:
        return False
    last = words[-1]
    if brackets:
        if len(brackets) == 1 and last.text == "{" and words[0].upper in ("IF", "ELSE", "}"):
            return False  # `IF x {` opens a block
        following = head(text, newline + 1)
        if hints.begins(following):
            return False
        operand = last.kind != "operator" or last.text in CLOSING
        return not (operand and len(following) > 1 and following[0].kind == "name" and following[1].text == "=")
    if last.upper in ("AND", "OR") or last.text in _GOES_ON:
        if last.kind == "name" and len(words) < 3:  # a variable or a keyword of that name
            return False
        following = head(text, newline + 1)
        return bool(following) and not hints.begins(following)
    following = head(text, newline + 1)
    if following and (following[0].upper in ("AND", "OR") or following[0].text in _JOINS):
        return True  # no statement begins so
    depth = indent(text, newline + 1)
    before = indent(text, start)
    if depth < before:
        return False
    return bool(following) and hints.continues(words, following, depth > before)


def _plausible(text: str, content: str, end: int) -> bool:
    """Is a string over several lines meant, or was its closing quote forgotten?"""
    following = text[end : end + 1]
    return content.count("\n") < LONGEST_STRING and not (following.isalnum() or following in ("_", "$", '"', "{"))


def _awaits(word: Word, hints: Hints) -> bool:
    if word.kind == "operator":
        return word.text not in CLOSING
    return word.kind == "name" and hints.takes(word.upper)


def _line(text: str, start: int) -> str:
    found = _LINE_END.match(text, start)
    return found[0].rstrip("\r") if found else ""
