"""TABLE ... END TABLE: what a package's tables look like, read from any of the notations that packages use.

    Name string(100) key            the host's own: a type, its size, `key`, `references other`
    FIELD name AS TYPE              spelt out
    id UUID PRIMARY KEY DEFAULT f() SQL; constraints of their own lines and computed columns are kept as text

A table may say where it lives and who may use it: TABLE name ON connection READ BY "a;b" WRITE BY "c".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from keywords.tokens import Problem
from keywords.tree import Span

MOST_FIELDS = 500
_HEAD = re.compile(
    r"\s*(?P<name>[\w.]+|\"[^\"]+\")(?:\s+ON\s+(?P<on>[\w.]+|\"[^\"]*\"))?"
    r"(?:\s+READ\s+BY\s+\"(?P<read>[^\"]*)\")?(?:\s+WRITE\s+BY\s+\"(?P<write>[^\"]*)\")?\s*",
    re.IGNORECASE,
)
_FIELD = re.compile(
    r"(?:FIELD\s+)?(?P<name>[^\W\d]\w*|\"[^\"]+\"|`[^`]+`)\*?\s+(?:AS\s+)?(?P<type>[^\W\d][\w.]*\*?)"
    r"\s*(?:\(\s*(?P<size>\w+)\s*(?:,\s*(?P<places>\d+)\s*)?\))?(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_CONSTRAINT = re.compile(r"(?:UNIQUE|PRIMARY|FOREIGN|CONSTRAINT|CHECK|INDEX)\b\s*(?:KEY\b|\(|\w)", re.IGNORECASE)
_MORE = re.compile(r"(?:GENERATED|DEFAULT|REFERENCES|NOT|STORED|ON)\b|\(", re.IGNORECASE)
_NOTE = re.compile(r"\s*(?:'|REM\b|--|//|#)", re.IGNORECASE)
_REFERENCES = re.compile(r"\bREFERENCES\s+([\w.]+)", re.IGNORECASE)
_KEY = re.compile(r"\b(?:PRIMARY\s+)?KEY\b", re.IGNORECASE)
_REQUIRED = re.compile(r"\bNOT\s+NULL\b", re.IGNORECASE)
_UNIQUE = re.compile(r"\bUNIQUE\b", re.IGNORECASE)
_TRAILING = re.compile(r"\s(?:'|--|//).*$")


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: str
    size: str = ""  # as written: "100", "max"
    places: str = ""
    key: bool = False
    required: bool = False
    unique: bool = False
    references: str = ""

    def to_json(self) -> dict[str, Any]:
        named = {slot: getattr(self, slot) for slot in self.__slots__}
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True, slots=True)
class Table:
    """One definition, checked: named, with at least one column, no name twice."""

    name: str
    columns: tuple[Column, ...]
    constraints: tuple[str, ...] = ()
    connection: str = ""
    readers: tuple[str, ...] = ()
    writers: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "columns": [column.to_json() for column in self.columns],
            "constraints": list(self.constraints),
            "connection": self.connection,
            "readers": list(self.readers),
            "writers": list(self.writers),
        }


def table(head: str, body: str) -> tuple[Table | None, Sequence[Problem]]:
    """The table of a block, and what is wrong with its lines; spans are offsets into `body`."""
    problems: list[Problem] = []
    found = _HEAD.fullmatch(_TRAILING.sub("", head))
    if found is None:
        fix = 'Write TABLE orders, or TABLE orders ON sales READ BY "staff" WRITE BY "admin".'
        return None, (Problem(Span(0, 0), "TABLE needs the name of a table.", fix),)
    columns: dict[str, Column] = {}
    constraints: list[str] = []
    for start, text in _entries(body):
        if _CONSTRAINT.match(text):
            constraints.append(" ".join(text.split()))
            continue
        column = _column(text)
        span = Span(start, start + len(text))
        if column is None:
            shown = text.split("\n")[0]
            fix = "Write a name and a type: total DECIMAL(10,2)."
            problems.append(Problem(span, f"`{shown[:40]}` is no column of a table.", fix))
        elif column.name.casefold() in columns:
            problems.append(Problem(span, f"The table has two columns called {column.name}.", "Remove one of them."))
        elif len(columns) >= MOST_FIELDS:
            problems.append(Problem(span, f"A table may have at most {MOST_FIELDS} columns.", "Split the table."))
            break
        else:
            columns[column.name.casefold()] = column
    name = found["name"].strip('"')
    readers, writers = (tuple(filter(None, (found[who] or "").split(";"))) for who in ("read", "write"))
    connection = (found["on"] or "").strip('"')
    return Table(name, tuple(columns.values()), tuple(constraints), connection, readers, writers), problems


def _entries(body: str) -> Iterator[tuple[int, str]]:
    """Columns and constraints with their places; a line goes on by an open bracket or a word that cannot begin one."""
    start, text, at = 0, "", 0
    for line in body.splitlines(keepends=True):
        words = "" if _NOTE.match(line) else _TRAILING.sub("", line.rstrip("\r\n")).strip().rstrip(",;")
        goes_on = bool(text) and (text.count("(") > text.count(")") or _MORE.match(words) is not None)
        if words and goes_on:
            text += "\n" + words
        elif words:
            if text:
                yield start, text
            start, text = at + len(line) - len(line.lstrip()), words
        at += len(line)
    if text:
        yield start, text


def _column(text: str) -> Column | None:
    found = _FIELD.fullmatch(text)
    if found is None:
        return None
    rest = found["rest"]
    references = _REFERENCES.search(rest)
    key = _KEY.search(rest) is not None
    return Column(
        found["name"].strip('"`'),
        found["type"],
        found["size"] or "",
        found["places"] or "",
        key,
        key or _REQUIRED.search(rest) is not None,
        _UNIQUE.search(rest) is not None,
        references[1] if references else "",
    )
