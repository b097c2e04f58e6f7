"""Cuts a document into pieces of about a paragraph or two: what is found, and what a model gets to read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hostbridge.knowledge.reading import Page

AIM = 900  # characters of a piece
MOST = 1_400
HEADING = 300  # characters of the headings above it
_HEADING = re.compile(r"(#{1,6})[ \t]+(.+?)[ \t#]*")
_SENTENCE = re.compile(r"(?<=[.!?。！？])\s+|(?<=[。！？])|\n")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a document, and the headings it stands under."""

    number: int
    page: int
    heading: str
    text: str


def pieces(pages: Sequence[Page]) -> list[Piece]:
    """All of a document, in its order; no piece crosses a heading or the end of a page."""
    found: list[Piece] = []
    above: dict[int, str] = {}
    for page in pages:
        for heading, text in _sections(page.text, above):
            for part in _parts(text):
                found.append(Piece(len(found), page.number, heading, part))
    return found


def _sections(text: str, above: dict[int, str]) -> Iterator[tuple[str, str]]:
    """The text between headings. A heading with nothing under it is a text itself."""
    lines: list[str] = []
    untold = ""
    for line in text.replace("\r\n", "\n").split("\n"):
        heading = _HEADING.fullmatch(line)
        if heading is None:
            lines.append(line)
            continue
        if any(map(str.strip, lines)):
            yield _path(above), "\n".join(lines)
        elif untold and len(heading[1]) <= max(above, default=0):
            yield _path(above), untold
        lines, level, untold = [], len(heading[1]), heading[2]
        for deeper in [each for each in above if each >= level]:
            del above[deeper]
        above[level] = heading[2]
    if any(map(str.strip, lines)):
        yield _path(above), "\n".join(lines)
    elif untold:
        yield _path(above), untold


def _path(above: dict[int, str]) -> str:
    return " > ".join(above[level] for level in sorted(above))[-HEADING:]


def _parts(text: str) -> Iterator[str]:
    """Paragraphs put together up to the size aimed at; one that is too long is cut between sentences."""
    part = ""
    for paragraph in re.split(r"\n\s*\n", text):
        for bit in _bits(paragraph.strip()):
            if part and len(part) + len(bit) > AIM:
                yield part
                part = ""
            part = f"{part}\n\n{bit}" if part else bit
    if part:
        yield part


def _bits(paragraph: str) -> Iterator[str]:
    if len(paragraph) <= MOST:
        if paragraph:
            yield paragraph
        return
    bit = ""
    for sentence in _SENTENCE.split(paragraph):
        for start in range(0, len(sentence), MOST):
            some = sentence[start : start + MOST].strip()
            if bit and len(bit) + len(some) > AIM:
                yield bit
                bit = ""
            bit = f"{bit} {some}".strip()
    if bit:
        yield bit
