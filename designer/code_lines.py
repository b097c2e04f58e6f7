"""The code beside the canvas: one element a line, with its words coloured; shown below a text area of the same text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import escape

from designer.document import Document
from keywords.phrases import lexicon
from keywords.registry import Registry

_PIECES = re.compile(
    r"""(?P<c>^\s*(?:'|//|\#|REM\b).*|(?<=\s)(?:'|//).*)
    | (?P<s>"(?:[^"\\]|\\.|"")*(?:"|$)|`[^`]*`?)
    | (?P<n>\b[0-9]+(?:\.[0-9]+)?\b)
    | (?P<w>[^\W\d]\w*)""",
    re.VERBOSE | re.IGNORECASE,
)
CONTROL = "␍"  # a carriage return in the middle of a line, as text areas cannot hold it


@dataclass(frozen=True, slots=True)
class CodeLine:
    id: int
    text: str
    level: str  # of what is told about it: error, warning or nothing
    said: str
    words: frozenset[str]

    @property
    def html(self) -> str:
        return _html(self.id, self.text, self.level, self.said, self.words)


@dataclass(frozen=True, slots=True)
class Code:
    """The lines of a document; `told` has level and words by the number of the line, `words` are those of keywords."""

    document: Document
    told: Mapping[int, tuple[str, str]]
    words: frozenset[str]

    def __iter__(self) -> Iterator[CodeLine]:
        return map(self.line, self.document.ids, self.document.lines)

    def line(self, number: int, text: str) -> CodeLine:
        return CodeLine(number, text, *self.told.get(number, ("", "")), self.words)


@lru_cache(maxsize=8)
def _words(registry: Registry, version: str) -> frozenset[str]:
    found: set[str] = {"AND", "OR", "NOT", "IN", "IS", "NULL", "TRUE", "FALSE", "LIKE", "MOD", "CONTAINS", "BETWEEN"}
    for phrase in lexicon(registry).phrases.values():
        found.update(word for word in phrase.words if word != ":")
        found.update(word for openings in phrase.clauses.values() for opening in openings for word in opening.words)
    return frozenset(found)


def known_words(registry: Registry) -> frozenset[str]:
    """Every word of every keyword."""
    return _words(registry, registry.version)


@lru_cache(maxsize=16_384)
def _html(number: int, text: str, level: str, said: str, words: frozenset[str]) -> str:
    told = f' title="{escape(said)}"' if level else ""
    return f'<span class="{f"l {level}".strip()}" id="l{number}"{told}>{coloured(text, words)}</span>'


def coloured(text: str, words: frozenset[str]) -> str:
    """A line as HTML, its line end included."""
    shown = text.removesuffix("\n").removesuffix("\r").replace("\r", CONTROL)
    found: list[str] = []
    done = 0
    for piece in _PIECES.finditer(shown):
        kind, word = piece.lastgroup, piece[0]
        if kind == "w" and (word.upper() not in words or word != word.upper()):
            continue
        found += (str(escape(shown[done : piece.start()])), f'<b class="{kind}">', str(escape(word)), "</b>")
        done = piece.end()
    return "".join((*found, str(escape(shown[done:])), "\n"))
