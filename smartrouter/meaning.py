"""The meaning of a prompt as a vector, in a fraction of a millisecond, where word vectors are installed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from smartrouter.routing.tasks import excerpt

if TYPE_CHECKING:
    from storage.search.embedding import WordVectors

log = structlog.get_logger()

LONGEST = 1_200  # characters that are looked at; both ends of a longer prompt


class Meaning:
    """Reads prompts; before its vectors are loaded, and where there are none, every meaning is empty."""

    def __init__(self) -> None:
        self._vectors: WordVectors | None = None

    async def load(self) -> None:
        """Load the vectors in a thread, once."""
        if self._vectors is None:
            await asyncio.to_thread(self.load_now)

    def load_now(self) -> None:
        """Load the vectors; blocks for a tenth of a second."""
        from storage.search.embedding import NoWordVectors, installed_word_vectors  # numpy, which few workers need

        try:
            self._vectors = installed_word_vectors()
        except NoWordVectors as error:
            log.info("meaning.without", reason=str(error))

    def of(self, text: str) -> tuple[float, ...]:
        """The vector of a text, of length 1; empty without word vectors."""
        if self._vectors is None:
            return ()
        part = excerpt(text)
        if len(part) > LONGEST:
            part = f"{part[: LONGEST * 2 // 3]}\n{part[-LONGEST // 3 :]}"
        return tuple(self._vectors.embed(part).tolist())
