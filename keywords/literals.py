"""Numbers and texts as they are written, and the `${...}` inside texts."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence

from keywords.scan import Word
from keywords.tokens import Problem
from keywords.tree import Expression, Literal, Span, Template

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\", "$": "$"}
_ESCAPE = re.compile(r'\\(u[0-9a-fA-F]{4}|[nrt"\\$])|""')
_PART = re.compile(r'\\.|\$\{((?:[^{}"\n]|\\"|"[^"\n]*")*)\}', re.DOTALL)
_LARGEST = 2**63 - 1

Reader = Callable[[str, int], tuple[Expression | None, Sequence[Problem]]]  # text of an expression, where it begins


def literal(word: Word, read: Reader, problems: list[Problem]) -> Literal | Template:
    """The value of a number or text; faults are added to `problems`."""
    span = Span(word.start, word.end)
    if word.kind == "number":
        return _number(word, span, problems)
    if word.text[0] == "'":
        return Literal(word.text[1:-1], span)
    inner = word.text[1:-1]
    if "${" not in inner:
        return Literal(_plain(inner, word.text[0]), span)
    return template(inner, word.start + 1, read, problems, quote=word.text[0], span=span)


def template(
    text: str, start: int, read: Reader, problems: list[Problem], quote: str = "", span: Span | None = None
) -> Literal | Template:
    """Text with its `${...}` parts read; `quote` says whether escapes count in it."""
    parts: list[str | Expression] = []
    done = 0
    for found in _PART.finditer(text):
        source = found[1]
        if source is None or not source.strip():
            continue
        parts.append(_plain(text[done : found.start()], quote))
        value, faults = read(source.replace('\\"', ' "'), start + found.start(1))
        problems.extend(faults)
        parts.append(found[0] if value is None or faults else value)
        done = found.end()
    parts.append(_plain(text[done:], quote))
    whole = span or Span(start, start + len(text))
    kept = tuple(part for part in parts if part != "")
    if all(isinstance(part, str) for part in kept):
        return Literal("".join(str(part) for part in kept), whole)
    return Template(kept, whole)


def _number(word: Word, span: Span, problems: list[Problem]) -> Literal:
    text = word.text
    if text.isdigit():
        if len(text.lstrip("0")) <= 19 and int(text) <= _LARGEST:
            return Literal(int(text), span)
        problems.append(Problem(span, "This whole number does not fit into 64 bits.", "Write it as text."))
        return Literal(0, span)
    value = float(text)
    if math.isinf(value):
        problems.append(Problem(span, "This number is too large.", "Numbers end at 1.8e308."))
        return Literal(0, span)
    return Literal(value, span)


def _plain(text: str, quote: str) -> str:
    if quote != '"' or ("\\" not in text and '""' not in text):
        return text
    return _ESCAPE.sub(_unescape, text)


def _unescape(found: re.Match[str]) -> str:
    code = found[1]
    if code is None:
        return '"'
    if code[0] == "u":
        return chr(int(code[1:], 16))
    return _ESCAPES[code]
