"""Lists that go on: the place behind the last row, as a short opaque text."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from keywords.mistakes import WrongValue

T = TypeVar("T")
PAGE = 50


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """Some of a list, and the cursor behind it, "" at its end."""

    rows: Sequence[T]
    cursor: str


def cursor(at: datetime, id_: UUID) -> str:
    return base64.urlsafe_b64encode(f"{at.isoformat()} {id_}".encode()).decode().rstrip("=")


def before(text: str) -> tuple[datetime | None, UUID | None]:
    """The place of a cursor; raises WrongValue for a text that is none."""
    if not text:
        return None, None
    try:
        at, _, id_ = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().partition(" ")
        return datetime.fromisoformat(at), UUID(id_)
    except (ValueError, binascii.Error):
        raise WrongValue("That is no place in this list. Begin at its beginning.") from None
