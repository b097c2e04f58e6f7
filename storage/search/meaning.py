"""From texts to vectors: by word vectors in this process, or by a model behind an OpenAI-compatible address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, cast

import httpx
import numpy as np
import structlog
from numpy.typing import NDArray

from storage.search.embedding import NoWordVectors, WordVectors, installed_word_vectors

log = structlog.get_logger()

SECONDS = 10.0
BATCH = 64
LONGEST = 8_000  # characters of one text that a model is sent
LARGEST = 32 * 1024 * 1024  # bytes of one answer


class EmbeddingUnavailable(Exception):
    """The embedding model did not answer, or not with vectors. Words go on finding."""


class Embedder(Protocol):
    """Turns texts into vectors."""

    @property
    def name(self) -> str:
        """Of the model: vectors of two models are never compared."""
        ...

    @property
    def dimensions(self) -> int: ...

    @property
    def local(self) -> bool:
        """Whether it costs less than a look at the database."""
        ...

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row a text, zero where nothing tells anything; raises EmbeddingUnavailable."""
        ...


class WordMeaning:
    """The word vectors of the installed wheel."""

    name = "wordllama-l2-supercat"
    local = True

    def __init__(self, vectors: WordVectors) -> None:
        self._vectors = vectors

    @property
    def dimensions(self) -> int:
        return self._vectors.dimensions

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._vectors.embed_all(texts)


def word_meaning() -> WordMeaning | None:
    """The word vectors, or None where there is no wheel of them: then only words find."""
    try:
        return WordMeaning(installed_word_vectors())
    except NoWordVectors as error:
        log.info("search.words_only", reason=str(error))
        return None


class ModelMeaning:
    """A model behind `<url>/embeddings`, as OpenAI and many others answer there."""

    local = False

    def __init__(
        self, url: str, key: str, model: str, dimensions: int, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self.name, self.dimensions = model, dimensions
        self._url = url.rstrip("/") + "/embeddings"
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = httpx.AsyncClient(timeout=SECONDS, headers=headers, transport=transport)

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if not texts:
            return np.zeros((0, self.dimensions), np.float32)
        parts = [await self._batch(texts[start : start + BATCH]) for start in range(0, len(texts), BATCH)]
        return np.concatenate(parts)

    async def _batch(self, texts: Sequence[str]) -> NDArray[np.float32]:
        # an empty text is refused by most servers
        asked = {"model": self.name, "input": [text[:LONGEST].strip() or "." for text in texts]}
        try:
            response = await self._client.post(self._url, json=asked)
            response.raise_for_status()
            if len(response.content) > LARGEST:
                raise EmbeddingUnavailable(f"The embedding model {self.name} answered more than 32 MB.")
            return self._vectors(response.json(), texts)
        except httpx.HTTPStatusError as error:
            said = f"HTTP {error.response.status_code}: {error.response.text[:200]}"
            raise EmbeddingUnavailable(f"The embedding model {self.name} refused: {said}") from error
        except (httpx.HTTPError, ValueError, KeyError, TypeError, IndexError) as error:
            reason = str(error) or type(error).__name__
            raise EmbeddingUnavailable(f"The embedding model {self.name} cannot be used: {reason}") from error

    def _vectors(self, answer: Any, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = np.zeros((len(texts), self.dimensions), np.float32)
        rows = cast("list[dict[str, Any]]", answer["data"])
        if sorted(row["index"] for row in rows) != list(range(len(texts))):
            raise ValueError(f"it answered {len(rows)} vectors for {len(texts)} texts")
        for row in rows:
            vector = np.asarray(row["embedding"], np.float32)
            if vector.shape != (self.dimensions,) or not np.isfinite(vector).all():
                raise ValueError(
                    f"its vectors have {vector.size} numbers, not {self.dimensions}: "
                    f"set BOTMCP_EMBEDDING_DIMENSIONS={vector.size}"
                )
            at: int = row["index"]
            vectors[at] = vector if texts[at].strip() else 0
        return vectors

    async def close(self) -> None:
        await self._client.aclose()
