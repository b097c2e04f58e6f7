"""Pages of lists, and the cursors between them.

A cursor is opaque to callers. Each text that fits its pattern is a place, so none has to be refused: hexadecimal digits
of a time and an id, of two numbers, or of a text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, TypeAlias, TypeVar
from uuid import UUID

from pydantic import AwareDatetime, BeforeValidator, Field

from mcp_server.rest.table import Shape, Told

T = TypeVar("T")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = datetime(9999, 1, 1, tzinfo=UTC)
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ].{5,40}")
_MOST = (1 << 63) - 1

Limit: TypeAlias = Annotated[int, Field(ge=1, le=200, description="How many at most.")]
PlaceText: TypeAlias = Annotated[
    str, Field(pattern=r"^[0-9a-f]{48}$", description="Where the page before ended: its `next_cursor`.")
]
PairText: TypeAlias = Annotated[
    str, Field(pattern=r"^[0-9a-f]{32}$", description="Where the page before ended: its `next_cursor`.")
]
WordText: TypeAlias = Annotated[
    str, Field(pattern=r"^([0-9a-f]{2}){1,512}$", description="Where the page before ended: its `next_cursor`.")
]


def _written_out(given: object) -> object:
    if isinstance(given, str) and not _ISO.fullmatch(given):
        raise ValueError("a time such as 2026-12-31T08:00:00Z is expected")
    return given


Moment: TypeAlias = Annotated[AwareDatetime, BeforeValidator(_written_out)]  # pydantic would take bare numbers, too


class Page(Shape):
    """The part of a list that is wanted."""

    limit: Limit = 50
    cursor: PlaceText | None = None


class Listed(Told):
    """A page of a list."""

    next_cursor: str | None = Field(default=None, description="Ask again with it for more; null at the end.")


def place_of(cursor: str | None) -> tuple[datetime, UUID] | None:
    """The time and id that a cursor holds."""
    if cursor is None:
        return None
    micros = min(int(cursor[:16], 16), int((_LAST - _EPOCH) / timedelta(microseconds=1)))
    return _EPOCH + timedelta(microseconds=micros), UUID(cursor[16:])


def place(at: datetime, id_: UUID) -> str:
    """The cursor behind a row that was made then."""
    return f"{int((at.astimezone(UTC) - _EPOCH) / timedelta(microseconds=1)):016x}{id_.hex}"


def pair_of(cursor: str | None) -> tuple[int, int] | None:
    """The two numbers that a cursor holds."""
    return None if cursor is None else (min(int(cursor[:16], 16), _MOST), min(int(cursor[16:], 16), _MOST))


def pair(first: int, second: int) -> str:
    return f"{first:016x}{second:016x}"


def word_of(cursor: str | None) -> str | None:
    """The text that a cursor holds."""
    return None if cursor is None else bytes.fromhex(cursor).decode("utf-8", "replace").replace("\0", "")


def word(text: str) -> str:
    return text.encode("utf-8", "replace").hex()


def cut(rows: Sequence[T], limit: int, cursor_of: Callable[[T], str]) -> tuple[Sequence[T], str | None]:
    """The rows of a page, of which one more was asked for, and the cursor behind them."""
    return (rows[:limit], cursor_of(rows[limit - 1])) if len(rows) > limit else (rows, None)
