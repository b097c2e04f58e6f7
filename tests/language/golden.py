"""What a golden program expects, read from its comments.

    ' input: name = <JSON>                    an input of the execution
    ' answer KEYWORD: <JSON>                  what the next call of an outside verb answers
    ' answer KEYWORD "first": <JSON>          the same, only for a call whose first argument is that text
    ' answer KEYWORD: timeout                 nobody answers in time
    ' answer KEYWORD: error <sentence>        the call fails
    ' expect: <text>                          the next TALK says this (\\n is a line break)
    ' expect journal: PRINT <JSON>            the next call of this keyword is journalled with this answer
    ' expect wait: DELAY 60                   the next wait, of so many seconds; without a number it has no end
    ' expect effect: event.published          the next effect of a call that leaves one
    ' expect result: <JSON>                   what the program returns, as plain JSON
    ' expect error: Line 2: <sentence>        how it fails, or what the compiler says of it
    ' expect announced: Line 2: SEND SMS      it warns that this release does not carry that out, and fails there
    ' expect warning: Line 2: <sentence>      what the compiler warns of

A program without `expect error` must compile without errors and end well; all its warnings must be expected.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keywords.registry import UNDONE

WARNED = f"{UNDONE.partition('. ')[0]}. A run that comes to such a line fails there and says so."
ROOT = Path(__file__).parent

_NOTE = re.compile(r"'\s*(input|answer|expect(?: result| error| warning| journal| wait| effect| announced)?)\b\s*(.*)$")
_ENTRY = re.compile(r"([A-Z][A-Z0-9 ]*?) +([^A-Z].*)$")
_ANSWER = re.compile(r'([A-Z][A-Z0-9 ]*?)\s*(?:"([^"]*)")?\s*:\s*(.*)$')


@dataclass(frozen=True, slots=True)
class Given:
    """An answer for one call of a keyword."""

    keyword: str
    first: str | None
    value: Any = None
    timed_out: bool = False
    error: str | None = None

    def fits(self, keyword: str, first: object) -> bool:
        return self.keyword == keyword and (self.first is None or self.first == first)


@dataclass(frozen=True, slots=True)
class Golden:
    """One program and what it is to do."""

    path: Path
    source: str
    inputs: dict[str, Any]
    answers: tuple[Given, ...]
    talk: tuple[str, ...]
    errors: tuple[str, ...]
    warnings: tuple[str, ...]
    journal: tuple[tuple[str, Any], ...]
    waits: tuple[str, ...]
    effects: tuple[str, ...]
    result: Any = None
    has_result: bool = False

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT).with_suffix(""))


def programs() -> list[Golden]:
    """Every golden program, by path."""
    return [read(path) for path in sorted(ROOT.rglob("*.bas"))]


def read(path: Path) -> Golden:
    source = path.read_text("utf-8")
    notes = list(_notes(source))
    results = [json.loads(body) for kind, body in notes if kind == "expect result"]
    return Golden(
        path=path,
        source=source,
        inputs=dict(_input(body) for kind, body in notes if kind == "input"),
        answers=tuple(_given(body) for kind, body in notes if kind == "answer"),
        talk=tuple(body.replace("\\n", "\n") for kind, body in notes if kind == "expect"),
        errors=tuple(_sentences(notes, "error", UNDONE)),
        warnings=tuple(_sentences(notes, "warning", WARNED)),
        journal=tuple(_entry(body) for kind, body in notes if kind == "expect journal"),
        waits=tuple(body for kind, body in notes if kind == "expect wait"),
        effects=tuple(body for kind, body in notes if kind == "expect effect"),
        result=results[0] if results else None,
        has_result=bool(results),
    )


def _notes(source: str) -> Iterator[tuple[str, str]]:
    for line in source.splitlines():
        if found := _NOTE.search(line):
            kind, body = found[1], found[2]
            yield kind, body if kind == "answer" else body.removeprefix(":").strip()


def _sentences(notes: Iterable[tuple[str, str]], of: str, when_announced: str) -> Iterator[str]:
    for kind, body in notes:
        if kind == f"expect {of}":
            yield body
        elif kind == "expect announced":
            yield f"{body} {when_announced}"


def _input(body: str) -> tuple[str, Any]:
    name, _, value = body.partition("=")
    return name.strip(), json.loads(value)


def _entry(body: str) -> tuple[str, Any]:
    found = _ENTRY.match(body)
    assert found, f"not a row of the journal: {body}"
    return found[1], json.loads(found[2])


def _given(body: str) -> Given:
    found = _ANSWER.match(body)
    assert found, f"not an answer: {body}"
    keyword, first, value = found[1], found[2], found[3].strip()
    if value == "timeout":
        return Given(keyword, first, timed_out=True)
    if value.startswith("error "):
        return Given(keyword, first, error=value.removeprefix("error "))
    return Given(keyword, first, json.loads(value))
