"""The indexes of a process: one an owner, made when first asked for, brought up to date before every search.

An index is a copy of rows in Postgres. Before it is searched, what was committed since the last look is read, whoever
wrote it: so a write is found by the next search of any process, and what was deleted is not.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import structlog

from storage.search.columns import Vector
from storage.search.entry import Entry, Hit
from storage.search.fusion import Weights
from storage.search.index import SearchIndex
from storage.search.meaning import Embedder, EmbeddingUnavailable
from storage.search.source import Source, Written
from storage.vectors.store import Owner, StoreUnavailable, VectorStore, mark

Keep: TypeAlias = Callable[[str], bool]  # whether an entry of this id may be found
log = structlog.get_logger()

MOST_BYTES = 512 * 1024 * 1024  # of all indexes of a process; the one asked for always stays
ENTRY_BYTES, CHARACTER_BYTES = 4_000, 3  # what an entry takes, and each character of its text
TOO_OLD = 12 * 3600.0  # seconds after which an index nobody asked is made anew: what is gone is not told for ever
AT_ONCE = 50  # entries put in before others get their turn
NEAREST = 500  # as many vectors of a store tell as much as all
PATIENCE = 0.3  # seconds that a search waits for a store or a model
REST = 5.0  # seconds in which one that did not answer is not asked again


@dataclass(frozen=True, slots=True)
class Ranked:
    """An entry found, and the version at which it was."""

    id: str
    version: int
    hit: Hit


@dataclass(slots=True, eq=False)
class _Volume:
    """One owner's index."""

    index: SearchIndex
    known: str | None = None  # the snapshot it is up to
    looked: float = 0.0
    bytes: int = 0
    versions: dict[str, int] = field(default_factory=dict[str, int])
    marked: dict[str, str] = field(default_factory=dict[str, str])  # by mark, its id
    sizes: dict[str, int] = field(default_factory=dict[str, int])
    one: asyncio.Lock = field(default_factory=asyncio.Lock)


class Shelf:
    """Searches the entries of a source. With a store, vectors are kept there; without, in the indexes."""

    def __init__(
        self,
        source: Source,
        embedder: Embedder | None,
        store: VectorStore | None = None,
        weights: Weights | None = None,
        *,
        most_bytes: int = MOST_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source, self._embedder, self._store, self._weights = source, embedder, store, weights
        self._most_bytes, self._clock = most_bytes, clock
        self._volumes: OrderedDict[Owner, _Volume] = OrderedDict()
        self._rests_until = 0.0

    async def search(
        self, owner: Owner, question: str, limit: int, keep: Keep | Awaitable[Keep] | None = None
    ) -> list[Ranked]:
        """The best of the owner's entries at this moment, best first; only those that `keep` keeps.

        `keep` may still be on its way: then it is fetched while the index is brought up to date.
        """
        volume = self._volume(owner)
        async with volume.one:
            await self._refresh(owner, volume)
            self._make_room(owner)
            matter = volume.index.matter(question)
        vector, likeness = await self._meant(owner, volume, matter)
        kept = await keep if isinstance(keep, Awaitable) else keep
        hits = volume.index.search(question, vector, limit, kept, likeness)
        return [Ranked(hit.id, volume.versions[hit.id], hit) for hit in hits]

    def forget(self, owner: Owner) -> None:
        """Drops the owner's index; it is made anew when it is next asked for."""
        self._volumes.pop(owner, None)

    @property
    def bytes(self) -> int:
        """What the indexes take, roughly."""
        return sum(volume.bytes for volume in self._volumes.values())

    def _volume(self, owner: Owner) -> _Volume:
        volume = self._volumes.get(owner)
        if volume is None or (volume.known and self._clock() - volume.looked > TOO_OLD):
            inside = self._embedder.dimensions if self._embedder and not self._store else 1
            volume = self._volumes[owner] = _Volume(SearchIndex(inside, self._weights))
        self._volumes.move_to_end(owner)
        return volume

    def _make_room(self, asked: Owner) -> None:
        total = self.bytes
        for owner, volume in list(self._volumes.items()):
            if total <= self._most_bytes:
                return
            if owner != asked and not volume.one.locked():
                total -= volume.bytes
                del self._volumes[owner]

    # -- keeping up ----------------------------------------------------------------------------------------------------

    async def _refresh(self, owner: Owner, volume: _Volume) -> None:
        changes = await self._source.changes(owner, volume.known)
        for known in changes.gone:
            self._take(owner, volume, volume.marked.get(known))
        for start in range(0, len(changes.written), AT_ONCE):
            if start:
                await asyncio.sleep(0)
            await self._put(owner, volume, changes.written[start : start + AT_ONCE])
        volume.known, volume.looked = changes.upto, self._clock()

    async def _put(self, owner: Owner, volume: _Volume, written: Sequence[Written]) -> None:
        new = [one for one in written if volume.versions.get(one.entry.id) != one.version]
        if not new:
            return
        vectors = None
        if self._embedder and not self._store:
            vectors = await self._embedder.embed([said(one.entry) for one in new])
        for place, one in enumerate(new):
            self._take(owner, volume, one.entry.id)
            volume.index.put(one.entry, None if vectors is None else vectors[place])
            volume.versions[one.entry.id] = one.version
            volume.marked[mark(owner, one.entry.id)] = one.entry.id
            volume.sizes[one.entry.id] = ENTRY_BYTES + CHARACTER_BYTES * len(one.entry.text)
            volume.bytes += volume.sizes[one.entry.id]

    def _take(self, owner: Owner, volume: _Volume, name: str | None) -> None:
        if name is not None and volume.index.remove(name):
            volume.bytes -= volume.sizes.pop(name)
            del volume.versions[name], volume.marked[mark(owner, name)]

    # -- meaning -------------------------------------------------------------------------------------------------------

    async def _meant(
        self, owner: Owner, volume: _Volume, matter: str
    ) -> tuple[Vector | None, Mapping[str, float] | None]:
        """The question's vector, or how much alike the entries of the store are; neither when meaning rests."""
        if not self._embedder:
            return None, None
        if not self._store:
            return (await self._embedder.embed([matter]))[0], None
        if self._clock() < self._rests_until:
            return None, None
        try:
            asked = self._likeness(self._embedder, self._store, owner, volume, matter)
            return None, await asyncio.wait_for(asked, PATIENCE)
        except (StoreUnavailable, EmbeddingUnavailable, TimeoutError) as error:
            self._rests_until = self._clock() + REST
            log.warning("search.by_words_only", reason=str(error) or f"no answer within {PATIENCE} s")
            return None, None

    async def _likeness(
        self, embedder: Embedder, store: VectorStore, owner: Owner, volume: _Volume, matter: str
    ) -> Mapping[str, float] | None:
        vector = (await embedder.embed([matter]))[0]
        if not vector.any():
            return None
        near = await store.nearest(owner, vector, NEAREST)
        # one made from another version is not what the entry says now
        found = {one.key: one.likeness for one in near if volume.versions.get(one.key) == one.version}
        return found or None


def said(entry: Entry) -> str:
    """The text of an entry whose vector is its meaning."""
    return f"{entry.text} {entry.about}"
