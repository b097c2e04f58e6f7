"""How deep lines stand: moved lines take the depth of their new place, texts over several lines stay as they are."""

from __future__ import annotations

import re
from collections.abc import Sequence

from keywords.lines import logical_lines
from keywords.phrases import lexicon
from keywords.registry import Registry

_BLANK = re.compile(r"[^\S\n\r]*")
DEFAULT = "  "


def indent_of(line: str) -> str:
    found = _BLANK.match(line)
    return found[0] if found else ""


def unit_of(lines: Sequence[str]) -> str:
    """What one level is in this text."""
    blanks = {blank for line in lines if (blank := indent_of(line)) and ("\t" in blank or line.strip())}
    if any("\t" in blank for blank in blanks):
        return "\t"
    least = min(map(len, blanks), default=len(DEFAULT))
    return " " * (least if 1 < least <= 8 else len(DEFAULT))


def moved(lines: Sequence[str], old: str, new: str, registry: Registry) -> list[str]:
    """The lines, indented by `new` where they were by `old`; what a text block or a string holds is not touched."""
    if old == new:
        return list(lines)
    found = list(lines)
    for item in logical_lines("".join(lines), lexicon(registry)):
        if item.kind == "raw":
            continue
        inside = any("\n" in word.text for word in item.words)
        for at in range(item.start, item.start + 1 if inside else min(item.end, len(found))):
            line = found[at]
            if line.strip() and line.startswith(old):
                found[at] = new + line[len(old) :]
    return found
