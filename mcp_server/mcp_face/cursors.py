"""Places in a list that clients carry back as they were given: short, and nothing to be read from them."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from keywords.mistakes import WrongValue


class NoCursor(WrongValue):
    """Something else than what an answer gave."""

    def __init__(self) -> None:
        super().__init__("That cursor is none of ours: give it back as the last answer had it, or leave it out.")


def packed(*parts: str | int) -> str:
    """The cursor that stands for these parts."""
    text = json.dumps(parts, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def unpacked(cursor: str, *kinds: type[str] | type[int]) -> list[Any]:
    """The parts of a cursor that `packed` made of these kinds; raises NoCursor for anything else."""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        parts: Any = json.loads(text)
    except (ValueError, binascii.Error, RecursionError):
        parts = None
    if isinstance(parts, list):
        found = cast("list[Any]", parts)
        if len(found) == len(kinds) and all(type(part) is kind for part, kind in zip(found, kinds, strict=True)):
            return found
    raise NoCursor


def before(made: datetime, number: UUID) -> str:
    """Where a list goes on, the newest first, behind what was made then."""
    return packed(made.isoformat(), str(number))


def place(cursor: str) -> tuple[datetime, UUID] | None:
    """The place that `before` made; None for no cursor. Raises NoCursor."""
    if not cursor:
        return None
    made, number = unpacked(cursor, str, str)
    try:
        at, known = datetime.fromisoformat(made), UUID(number)
    except ValueError:
        raise NoCursor from None
    if at.tzinfo is None:
        raise NoCursor
    return at, known


def page(items: Sequence[Any], cursor: str | None, size: int) -> tuple[list[Any], str | None]:
    """The part of a whole list that begins at the cursor, and the cursor of the next part."""
    start: int = unpacked(cursor, int)[0] if cursor else 0
    if start < 0:
        raise NoCursor
    end = start + size
    return list(items[start:end]), packed(end) if end < len(items) else None
