"""Vectors of meaning: 256 numbers a text, from the word vectors that the wordllama wheel carries.

Only the wheel's files are read, not its code: that imports much, and looks for its tokenizer on the network.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from storage.search.columns import Vector
from storage.search.tokens import content_words

WORDS_KEPT = 10_000  # whose vectors are remembered, about 10 MB: most words come again
_WEIGHTS = "weights/l2_supercat_256.safetensors"
_TOKENIZER = "tokenizers/l2_supercat_tokenizer_config.json"


class NoWordVectors(Exception):
    """The wheel with the word vectors is not installed, or is one that keeps them elsewhere. Words still find."""

    def __init__(self, missing: str) -> None:
        super().__init__(
            f"Searching by meaning needs the word vectors of wordllama 0.4, but there is no {missing}. "
            "Install wordllama>=0.4,<0.5, or set an embedding model; until then only words find."
        )


class WordVectors:
    """Turns texts into vectors of length 1: the mean of their words' directions, stop words left out."""

    def __init__(self, weights: NDArray[np.float16], tokenizer: Tokenizer) -> None:
        self._weights = weights
        self._tokenizer = tokenizer
        self._known: dict[str, Vector] = {}

    @property
    def dimensions(self) -> int:
        return self._weights.shape[1]

    def embed(self, text: str) -> Vector:
        """The vector of a text; zero if no word of it tells anything."""
        return self.embed_all([text])[0]

    def embed_all(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The vectors of many texts, one a row."""
        vectors = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in enumerate(texts):
            vectors[row] = _unit(self._directions(content_words(text)).sum(axis=0))
        return vectors

    def _directions(self, words: Sequence[str]) -> NDArray[np.float32]:
        """The vector of each word at length 1: so a rare word of many pieces does not drown the others."""
        new = list(dict.fromkeys(word for word in words if word not in self._known))
        found = {
            word: _unit(self._weights[pieces.ids].sum(axis=0, dtype=np.float32))
            for word, pieces in zip(new, self._tokenizer.encode_batch(new, add_special_tokens=False), strict=True)
        }
        vectors = np.zeros((len(words), self.dimensions), np.float32)
        for row, word in enumerate(words):
            vectors[row] = found[word] if word in found else self._known[word]
        if len(self._known) + len(found) > WORDS_KEPT:
            self._known.clear()
        self._known |= dict(islice(found.items(), WORDS_KEPT))
        return vectors


def installed_word_vectors() -> WordVectors:
    """The word vectors of the installed wheel, mapped from its file; raises NoWordVectors. Blocks for about 0.1 s."""
    found = find_spec("wordllama")
    if found is None or not found.submodule_search_locations:
        raise NoWordVectors("package wordllama")
    folder = Path(found.submodule_search_locations[0])
    for name in (_WEIGHTS, _TOKENIZER):
        if not (folder / name).is_file():
            raise NoWordVectors(f"{name} in {folder}")
    tokenizer = Tokenizer.from_file(str(folder / _TOKENIZER))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return WordVectors(_matrix(folder / _WEIGHTS), tokenizer)


def _unit(vector: Vector) -> Vector:
    length = float(np.sqrt(np.square(vector).sum()))
    return vector / np.float32(length) if length > 0 else vector


def _matrix(path: Path) -> NDArray[np.float16]:
    """The one matrix of a safetensors file: a length, a JSON header of that length, then the numbers."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header: dict[str, Any] = json.loads(file.read(length))
    (matrix,) = (facts for name, facts in header.items() if name != "__metadata__")
    if matrix["dtype"] != "F16":
        raise NoWordVectors(f"matrix of half floats in {path}")
    rows, columns = matrix["shape"]
    return np.memmap(path, np.float16, "r", 8 + length + matrix["data_offsets"][0], (rows, columns))
