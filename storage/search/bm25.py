"""BM25 over documents that come and go one at a time."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from storage.search.columns import Column, Rows, Scores


def rarity(documents: int, holding: int) -> float:
    """What it tells that a document is one of the `holding`: little if many are. Never negative."""
    return math.log1p((documents - holding + 0.5) / (holding + 0.5))


@dataclass(frozen=True, slots=True)
class Matches:
    """The documents that hold a term."""

    rows: Rows
    strengths: Scores  # 0 to 1 + saturation: how much the document is about the term
    rarity: float


class Corpus:
    """Counts of terms in numbered documents.

    `saturation` (k1): the higher, the more a repeated term adds. `length_share` (b): the higher, the more a long
    document must repeat a term to be as much about it as a short one.
    """

    def __init__(self, saturation: float, length_share: float) -> None:
        self._saturation = saturation
        self._length_share = length_share
        self._counts: defaultdict[str, dict[int, int]] = defaultdict(dict)
        self._lengths = Column(np.float64, 0)
        self._documents = 0
        self._total = 0

    def __len__(self) -> int:
        return self._documents

    def open(self, document: int) -> None:
        """Makes room for a document, empty so far."""
        self._lengths[document] = 0
        self._documents += 1

    def close(self, document: int) -> None:
        """Forgets a document whose terms have all been taken out."""
        self._documents -= 1

    def add(self, document: int, terms: Mapping[str, int]) -> None:
        """Adds to the document's counts."""
        for term, count in terms.items():
            counts = self._counts[term]
            counts[document] = counts.get(document, 0) + count
        self._lengthen(document, sum(terms.values()))

    def take(self, document: int, terms: Mapping[str, int]) -> None:
        """Takes out of the document's counts what was added to them."""
        for term, count in terms.items():
            counts = self._counts[term]
            counts[document] -= count
            if not counts[document]:
                del counts[document]
                if not counts:
                    del self._counts[term]
        self._lengthen(document, -sum(terms.values()))

    def matches(self, term: str) -> Matches | None:
        """The documents that hold the term, if any does."""
        counts = self._counts.get(term)
        if not counts:
            return None
        rows = np.fromiter(counts.keys(), np.int64, len(counts))
        times = np.fromiter(counts.values(), np.float64, len(counts))
        lengths = self._lengths.upto(int(rows.max()) + 1)[rows] * (self._documents / self._total)
        needed = self._saturation * (1 - self._length_share + self._length_share * lengths)
        return Matches(rows, times * (self._saturation + 1) / (times + needed), rarity(self._documents, len(counts)))

    def lengths(self, upto: int) -> Scores:
        """The number of terms in each of the first `upto` documents."""
        return self._lengths.upto(upto)

    def scores(self, terms: Iterable[str], upto: int) -> Scores:
        """The BM25 score of each of the first `upto` documents; a term given twice counts once."""
        total = np.zeros(upto)
        for term in dict.fromkeys(terms):
            if found := self.matches(term):
                total[found.rows] += found.rarity * found.strengths
        return total

    def _lengthen(self, document: int, by: int) -> None:
        self._lengths[document] = self._lengths[document] + by
        self._total += by
