"""What every store of vectors promises; `tests/memory_search/conformance.py` holds each of them to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import md5
from typing import TYPE_CHECKING, Protocol
from uuid import UUID, uuid5

if TYPE_CHECKING:
    from storage.search.columns import Vector


class StoreUnavailable(Exception):
    """The store did not answer, or not sensibly. Words go on finding; what is missing is filled in later."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose entries: a bot's memory, a package's knowledge base."""

    tenant: UUID
    id: UUID


@dataclass(frozen=True, slots=True)
class Point:
    """The vector of one entry as it was at one version."""

    key: str
    version: int
    vector: Vector


@dataclass(frozen=True, slots=True)
class Near:
    """An entry found, as it was when its vector was made."""

    key: str
    version: int
    likeness: float  # cosine, -1 to 1


def point_id(owner: Owner, key: str) -> UUID:
    """The same entry of the same owner is always the same point."""
    return uuid5(owner.tenant, f"{owner.id}:{key}")


def mark(owner: Owner, key: str) -> str:
    """What an entry is known by after its key must no longer be written anywhere."""
    return md5(f"{owner.id}{key}".encode(), usedforsecurity=False).hexdigest()


class VectorStore(Protocol):
    """Vectors of one model, by owner and key. Every method may raise StoreUnavailable; none waits for ever."""

    @property
    def place(self) -> str:
        """Names what is filled: another place, or another model, is filled from the beginning."""
        ...

    async def open(self) -> bool:
        """Makes what it needs; says whether it was made just now, so that nothing can be in it."""
        ...

    async def put(self, owner: Owner, points: Sequence[Point]) -> None:
        """Adds points, each in place of the one with its key. Done again, it changes nothing."""
        ...

    async def versions(self, owner: Owner, keys: Sequence[str]) -> Mapping[str, int]:
        """Which of these keys have a point, and of which version."""
        ...

    async def remove(self, owner: Owner, marks: Sequence[str]) -> None:
        """Takes the points with these marks out; marks that have none are no mistake."""
        ...

    async def erase(self, owner: Owner) -> int:
        """Takes out everything of an owner; how many points that was."""
        ...

    async def nearest(self, owner: Owner, vector: Vector, limit: int) -> list[Near]:
        """The owner's points most alike, best first; of equal ones in no order that is promised."""
        ...

    async def close(self) -> None: ...
