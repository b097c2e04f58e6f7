"""What SEARCH MEMORY asks: the best of what a bot may read at this moment."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from storage.search.filling import Filler
from storage.search.shelf import Ranked, Shelf
from storage.vectors.store import Owner

Key: TypeAlias = tuple[UUID | None, str]  # of which bot's memory (None: the bot's own), and the key
Readable: TypeAlias = Callable[[UUID, UUID, Sequence[Key], datetime], Awaitable[Mapping[Key, tuple[str, int]]]]

MOST = 100


@dataclass(frozen=True, slots=True)
class Found:
    """A memory found, as it is now."""

    key: str
    source: UUID | None  # the bot that shared it; None: its own
    value: str
    version: int
    score: float


class MemorySearch:
    """Searches memories. `readable` says what of some keys a bot may read at this moment, and how it reads.

    Nothing is answered that `readable` does not answer, at the version that was found: an index or a store of vectors
    that is behind can leave something out for a moment, and never shows what was deleted, revoked or has expired.
    """

    def __init__(self, shelf: Shelf, readable: Readable, filler: Filler | None = None) -> None:
        self._shelf, self._readable, self._filler = shelf, readable, filler

    async def search(
        self,
        tenant: UUID,
        bot: UUID,
        question: str,
        limit: int,
        now: datetime,
        scopes: Collection[str] = ("own", "shared"),
    ) -> tuple[Found, ...]:
        """The memories that fit the question best, best first; at most `limit`."""
        limit = max(1, min(limit, MOST))
        owner, wanted = Owner(tenant, bot), 2 * limit
        while True:
            ranked = await self._shelf.search(owner, question, wanted, lambda name: _scope(name) in scopes)
            found = await self._checked(owner, ranked, now)
            if len(found) >= limit or len(ranked) < wanted:
                return tuple(found[:limit])
            wanted *= 4

    async def _checked(self, owner: Owner, ranked: Sequence[Ranked], now: datetime) -> list[Found]:
        telling = [one for one in ranked if one.hit.words > 0 or one.hit.meaning > 0]
        keys = [_key(one.id) for one in telling]
        current = await self._readable(owner.tenant, owner.id, keys, now) if keys else {}
        return [
            Found(key, source, current[source, key][0], one.version, one.hit.score)
            for one, (source, key) in zip(telling, keys, strict=True)
            if (source, key) in current and current[source, key][1] == one.version
        ]

    def changed(self) -> None:
        """Something was committed: the store of vectors is filled now rather than at the next look."""
        if self._filler:
            self._filler.ring()

    async def erase(self, tenant: UUID, bot: UUID) -> int:
        """Forgets a bot whose rows are gone: its index here, its points in the store; how many those were.

        Raises StoreUnavailable when the store cannot be reached; it is then emptied when it is next filled.
        """
        owner = Owner(tenant, bot)
        self._shelf.forget(owner)
        return await self._filler.erase(owner) if self._filler else 0

    async def run(self) -> None:
        """Keeps the store of vectors filled until it is cancelled; returns at once where there is none."""
        if self._filler:
            await self._filler.run()


def _key(name: str) -> Key:
    source, _, key = name.partition("/")
    return (UUID(source) if source else None, key)


def _scope(name: str) -> str:
    return "own" if name.startswith("/") else "shared"
