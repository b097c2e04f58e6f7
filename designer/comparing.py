"""Two texts beside each other: which lines went, which came. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

AROUND = 3  # unchanged lines that are shown beside changes


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line: kind is same, added, removed, or a gap of so many lines."""

    kind: str
    text: str
    old: int | None = None
    new: int | None = None
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Compared:
    """All of it, and the changed lines by their numbers, for drawings."""

    lines: tuple[DiffLine, ...]
    removed: Mapping[int, str]  # of the old text
    added: Mapping[int, str]  # of the new one


def compared(old: str, new: str) -> Compared:
    """What the new text has that the old one had not, and the other way round."""
    before, after = old.splitlines(), new.splitlines()
    found: list[DiffLine] = []
    removed: dict[int, str] = {}
    added: dict[int, str] = {}
    changes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    for place, (kind, a, b, c, d) in enumerate(changes):
        if kind == "equal":
            same = [DiffLine("same", before[a + k], a + k + 1, c + k + 1) for k in range(b - a)]
            head = AROUND if place else 0
            tail = AROUND if place + 1 < len(changes) else 0
            if len(same) > head + tail + 1:
                gap = DiffLine("gap", "", skipped=len(same) - head - tail)
                same = [*same[:head], gap, *(same[-tail:] if tail else ())]
            found += same
            continue
        found += [DiffLine("removed", before[k], old=k + 1) for k in range(a, b)]
        found += [DiffLine("added", after[k], new=k + 1) for k in range(c, d)]
        removed |= {k + 1: "removed" for k in range(a, b)}
        added |= {k + 1: "added" for k in range(c, d)}
    return Compared(tuple(found), removed, added)
