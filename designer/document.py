"""A text as lines that keep their numbers: what a gesture changes, and how that is undone.

Every line has a number that stays with it while other lines come, go and move. A card on the canvas is called by the
number of its first line, so focus, selection and the status of a run survive every edit. Nothing here prints a program:
a change is a list of splices of lines, and what lies outside of them is not touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cached_property
from hashlib import sha256
from typing import Any, TypeAlias

from keywords.lines import physical_lines

Numbered: TypeAlias = tuple[int, str]  # a line and its number
MOST_COMPARED = 4_000  # lines between the first and the last difference; beyond, all of them count as new


@dataclass(frozen=True, slots=True)
class Splice:
    """At a place, lines that go and lines that come."""

    start: int
    removed: tuple[Numbered, ...]
    added: tuple[Numbered, ...]

    @property
    def inverse(self) -> Splice:
        return Splice(self.start, self.added, self.removed)


Change: TypeAlias = tuple[Splice, ...]  # made one after the other


@dataclass(frozen=True)
class Document:
    """Lines with their line ends, and their numbers; `"".join(lines)` is the text, byte for byte. Two are equal whose
    lines and numbers are, whatever number comes next."""

    lines: tuple[str, ...]
    ids: tuple[int, ...]
    next_id: int = field(compare=False)

    @classmethod
    def of(cls, text: str) -> Document:
        """A text as it is opened: its lines are numbered from 1, as people count them."""
        lines = tuple(physical_lines(text))
        return cls(lines, tuple(range(1, len(lines) + 1)), len(lines) + 1)

    @cached_property
    def text(self) -> str:
        return "".join(self.lines)

    @cached_property
    def etag(self) -> str:
        return etag_of(self.text)

    @cached_property
    def places(self) -> dict[int, int]:
        """Where each line stands, by its number."""
        return {number: place for place, number in enumerate(self.ids)}

    @cached_property
    def newline(self) -> str:
        """How its lines end."""
        return "\r\n" if self.lines and self.lines[0].endswith("\r\n") else "\n"

    def numbered(self, start: int, end: int) -> tuple[Numbered, ...]:
        return tuple(zip(self.ids[start:end], self.lines[start:end], strict=True))

    def made(self, change: Change) -> Document:
        """The document after a change that was made for it."""
        lines, ids = list(self.lines), list(self.ids)
        next_id = self.next_id
        for splice in change:
            end = splice.start + len(splice.removed)
            assert ids[splice.start : end] == [number for number, _ in splice.removed], "the change is of another text"
            ids[splice.start : end] = [number for number, _ in splice.added]
            lines[splice.start : end] = [line for _, line in splice.added]
            next_id = max(next_id, *(number + 1 for number, _ in splice.added), 0)
        return Document(tuple(lines), tuple(ids), next_id)

    def spliced(self, start: int, end: int, lines: Sequence[str]) -> Change:
        """The change that puts new lines in the place of a range; what joins a line without an end gets one."""
        fresh = [(self.next_id + k, line) for k, line in enumerate(lines)]
        return tidy(self, start, end, fresh)

    def rewritten(self, text: str) -> Change:
        """The change that makes this text of it."""
        return self.replaced(0, len(self.lines), tuple(physical_lines(text)))

    def replaced(self, start: int, end: int, new: Sequence[str]) -> Change:
        """The change that puts these lines in the place of a range; those that stay keep their numbers, also where
        others were typed between them."""
        old = self.lines[start:end]
        head = 0
        while head < min(len(old), len(new)) and old[head] == new[head]:
            head += 1
        tail = 0
        while tail < min(len(old), len(new)) - head and old[len(old) - 1 - tail] == new[len(new) - 1 - tail]:
            tail += 1
        if head == len(old) == len(new):
            return ()
        first, last = start + head, end - tail
        before, after = self.lines[first:last], new[head : len(new) - tail]
        added: list[Numbered] = []
        next_id = self.next_id
        for number, line in zip(_carried(before, self.ids[first:last], after), after, strict=True):
            if number is None:
                number, next_id = next_id, next_id + 1
            added.append((number, line))
        return (Splice(first, self.numbered(first, last), tuple(added)),)


def tidy(document: Document, start: int, end: int, added: Sequence[Numbered]) -> Change:
    """A splice that leaves every line but the last one with a line end: what comes to stand before others gets one, and
    so does a last line without one when something is put behind it."""
    if not added and start == end:
        return ()
    lines = document.lines
    inside = [(number, line if line.endswith("\n") else line + document.newline) for number, line in added]
    bare = end == len(lines) and bool(lines) and not lines[-1].endswith("\n")
    if bare and inside:
        number, line = inside[-1]
        inside[-1] = number, line.removesuffix("\n").removesuffix("\r")  # as the text ended before
        if start == end:
            last = (document.ids[-1], lines[-1] + document.newline)
            return (Splice(start - 1, document.numbered(start - 1, end), (last, *inside)),)
    return (Splice(start, document.numbered(start, end), tuple(inside)),)


def inverse(change: Change) -> Change:
    """What takes a change back, byte for byte."""
    return tuple(splice.inverse for splice in reversed(change))


def rebased(change: Change, old: Document, now: Document) -> Change | None:
    """A change made for one document, for another that came of it: found by the numbers of its lines. None where lines
    that it takes away have changed, or are not together any more."""
    found: list[Splice] = []
    for splice in change:
        place = _place(splice, old, now)
        taken = {number for number, _ in splice.removed}
        if place is None or any(number in now.places and number not in taken for number, _ in splice.added):
            return None
        moved = Splice(place, splice.removed, splice.added)
        old, now = old.made((splice,)), now.made((moved,))
        found.append(moved)
    return tuple(found)


def _place(splice: Splice, old: Document, now: Document) -> int | None:
    if splice.removed:
        start = now.places.get(splice.removed[0][0])
        if start is None or now.numbered(start, start + len(splice.removed)) != splice.removed:
            return None
        return start
    above = (now.places.get(number) for number in reversed(old.ids[: splice.start]))
    return next((place + 1 for place in above if place is not None), 0)


def to_json(change: Change) -> list[Any]:
    return [[s.start, [list(row) for row in s.removed], [list(row) for row in s.added]] for s in change]


def from_json(found: Iterable[Any]) -> Change:
    return tuple(
        Splice(start, tuple((n, t) for n, t in removed), tuple((n, t) for n, t in added))
        for start, removed, added in found
    )


def etag_of(text: str) -> str:
    """Names a text; two texts with one name are the same, whenever they were written."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _carried(before: Sequence[str], ids: Sequence[int], after: Sequence[str]) -> list[int | None]:
    """The number that each new line has from an old one, where it is the same or stands in its place."""
    found: list[int | None] = [None] * len(after)
    if len(before) == len(after) and len(before) <= 3:
        return list(ids)  # lines that were typed in
    if max(len(before), len(after)) > MOST_COMPARED:
        return found
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal" or (tag == "replace" and b - a == d - c):
            found[c:d] = ids[a:b]
        elif tag == "replace":
            found[c : c + min(b - a, d - c)] = ids[a : a + min(b - a, d - c)]
    return found
