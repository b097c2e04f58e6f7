"""What is typed into the code: some lines go, others come, and the rest keep their numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from designer.document import Change, Document
from designer.refusals import Gone, NotHere
from keywords.lines import physical_lines

LONGEST = 1_048_576


def typed(document: Document, gesture: Mapping[str, Any]) -> Change:
    """`first` and `last` are the lines that go (neither: none do, and `after` is the line above, 0 the top)."""
    text = gesture.get("text")
    if not isinstance(text, str) or len(text) > LONGEST:
        raise NotHere("The text of the lines is missing." if not isinstance(text, str) else "This text is too long.")
    places = document.places
    first, last = _line(gesture.get("first")), _line(gesture.get("last"))
    if first:
        if first not in places or last not in places or places[last] < places[first]:
            raise Gone("These lines are no longer there.")
        start, end = places[first], places[last] + 1
    else:
        after = _line(gesture.get("after"))
        if after and after not in places:
            raise Gone("The line above is no longer there.")
        start = end = places[after] + 1 if after else 0
    new = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", document.newline)
    if new and end < len(document.lines) and not new.endswith("\n"):
        new += document.newline
    if start < end == len(document.lines) and not document.lines[-1].endswith("\n"):
        new = new.removesuffix(document.newline)  # the text goes on to end as it did
    if new and start == len(document.lines) and document.lines and not document.lines[-1].endswith("\n"):
        start, new = start - 1, document.lines[-1] + document.newline + new
    return document.replaced(start, end, tuple(physical_lines(new)))


def _line(value: Any) -> int:
    try:
        return int(value or 0)
    except (TypeError, ValueError):
        raise NotHere("A line is named by its number.") from None
