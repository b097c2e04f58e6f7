"""Puts search together when it is first needed: what makes vectors, where they are kept, the indexes of this process.

Its libraries take a third of a second to load, so nothing of it is imported before somebody searches.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from mcp_server.settings import Settings, SettingsError
from storage.pool import Pool

if TYPE_CHECKING:
    from memory.reads import Finding, Readable
    from memory.search.service import MemorySearch
    from storage.search.filling import Filler
    from storage.search.fusion import Weights
    from storage.search.meaning import Embedder, ModelMeaning
    from storage.search.shelf import Shelf
    from storage.search.source import Source
    from storage.vectors.store import VectorStore


class Searching:
    """What the searches of every source share. Raises SettingsError when the settings fit no search."""

    def __init__(self, settings: Settings, pool: Pool) -> None:
        self._settings, self._pool, self._place = settings, pool, place(settings)
        self._one, self._composing = asyncio.Lock(), asyncio.Lock()
        self._embedder: Embedder | None = None
        self._ready = False
        self._readable: Readable | None = None
        self._memories: MemorySearch | None = None
        self._documents: Shelf | None = None
        self._fillers: list[Filler] = []
        self._model: ModelMeaning | None = None
        self._stores: list[VectorStore] = []

    def finding(self, readable: Readable) -> Finding:
        """What SEARCH MEMORY asks; `readable` says what of some keys a bot may read at this moment."""
        self._readable = readable

        async def find(
            tenant: UUID, bot: UUID, question: str, limit: int, now: datetime
        ) -> Sequence[tuple[str, UUID | None, str, int, float]]:
            found = await (await self.memories()).search(tenant, bot, question, limit, now)
            return [(one.key, one.source, one.value, one.version, one.score) for one in found]

        return find

    async def memories(self) -> MemorySearch:
        """The search of memories; always the same one."""
        from memory.search.service import MemorySearch
        from memory.search.source import MemorySource

        async with self._composing:
            if self._memories is None:
                if self._readable is None:
                    raise RuntimeError("Searching.finding was never asked for")
                shelf, filler = await self._shelf(MemorySource(self._pool))
                self._memories = MemorySearch(shelf, self._readable, filler)
            return self._memories

    async def knowledge(self) -> Shelf:
        """The indexes of documents; always the same ones."""
        from hostbridge.knowledge.source import WEIGHTS, KnowledgeSource

        async with self._composing:
            if self._documents is None:
                self._documents, _ = await self._shelf(KnowledgeSource(self._pool), WEIGHTS)
            return self._documents

    async def fill(self) -> None:
        """Keeps the stores of vectors filled until it is cancelled; returns at once where there are none."""
        if self._place == "process":
            return
        await self.memories()
        await self.knowledge()
        async with asyncio.TaskGroup() as running:
            for filler in self._fillers:
                running.create_task(filler.run())

    async def _shelf(self, source: Source, weights: Weights | None = None) -> tuple[Shelf, Filler | None]:
        from storage.search.filling import Filler
        from storage.search.shelf import Shelf

        embedder = await self._meaning()
        store = None if embedder is None else self._store(source.name, embedder)
        filler = Filler(self._pool, source, embedder, store) if embedder and store else None
        if filler:
            self._fillers.append(filler)
        return Shelf(source, embedder, store, weights), filler

    async def close(self) -> None:
        """Ends the connections to stores and models."""
        for store in self._stores:
            await store.close()
        if self._model:
            await self._model.close()

    async def _meaning(self) -> Embedder | None:
        from storage.search.meaning import ModelMeaning, word_meaning

        async with self._one:
            if not self._ready:
                if self._settings.embedding_model:
                    given = self._settings
                    self._embedder = self._model = ModelMeaning(
                        given.embedding_url, given.embedding_key, given.embedding_model, given.embedding_dimensions
                    )
                else:
                    self._embedder = await asyncio.to_thread(word_meaning)
                self._ready = True
        return self._embedder

    def _store(self, source: str, embedder: Embedder) -> VectorStore | None:
        store: VectorStore
        match self._place:
            case "qdrant":
                from storage.vectors.qdrant import QdrantVectors, client

                url = self._settings.qdrant_url
                over = client(url, self._settings.qdrant_key)
                store = QdrantVectors(over, source, embedder.name, embedder.dimensions, url)
            case "postgres":
                from storage.vectors.postgres import PostgresVectors

                store = PostgresVectors(self._pool, source, f"{embedder.name} {embedder.dimensions}")
            case _:
                return None
        self._stores.append(store)
        return store


def place(settings: Settings) -> str:
    """Where vectors are kept: process, postgres or qdrant."""
    if settings.vectors == "process" and settings.embedding_model:
        raise SettingsError(
            "BOTMCP_VECTORS=process is for the word vectors that come with botmcp. Those of BOTMCP_EMBEDDING_MODEL are "
            "kept: set postgres or qdrant, or leave it unset."
        )
    if settings.vectors == "qdrant" and not settings.qdrant_url:
        raise SettingsError("BOTMCP_VECTORS=qdrant needs QDRANT_URL, such as http://localhost:6333.")
    otherwise = "qdrant" if settings.qdrant_url else "postgres" if settings.embedding_model else "process"
    return settings.vectors or otherwise
