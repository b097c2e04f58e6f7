"""The index: entries go in and out one at a time, and the next search knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

import numpy as np

from storage.search import dates
from storage.search.authors import UNKNOWN, Authors
from storage.search.bm25 import Corpus, rarity
from storage.search.columns import Column, Flags, Rows, Scores, Vector
from storage.search.entry import Entry, Hit
from storage.search.fusion import Channels, Weights, fused, z_scores
from storage.search.neighbours import FROM_AFTER, FROM_BEFORE, NOBODY, Neighbours
from storage.search.numbering import Numbering
from storage.search.tokens import STOP_WORDS, stem, terms, words

# Entries are short, so repeating a word tells little and length hardly dilutes; conversations are ordinary documents.
_ENTRY_SATURATION, _ENTRY_LENGTH_SHARE = 0.9, 0.4
_TALK_SATURATION, _TALK_LENGTH_SHARE = 1.2, 0.75

_DIGITS = 9  # scores this close are equal: sums differ in their last bits with the order of writes


class SearchIndex:
    """Finds entries by words and meaning. The same entries give the same hits, whatever the order of writes.

    Not locked and never awaiting: to be used from one thread. A search of 700 entries takes about a millisecond, one of
    100,000 about 20; an entry costs about 4 kB. Texts of many pages are for the caller to cut into pieces.
    """

    def __init__(self, dimensions: int, weights: Weights | None = None) -> None:
        self._weights = weights or Weights()
        self._ids = Numbering()
        self._entries: dict[int, Entry] = {}
        self._words = Corpus(_ENTRY_SATURATION, _ENTRY_LENGTH_SHARE)
        self._talks = Numbering()
        self._talk_words = Corpus(_TALK_SATURATION, _TALK_LENGTH_SHARE)
        self._talk_sizes: Counter[str] = Counter()
        self._neighbours = Neighbours()
        self._authors = Authors()
        self._dimensions = dimensions
        self._alive = Column(np.bool_, 0)
        self._talk = Column(np.int64, NOBODY)
        self._author = Column(np.int64, UNKNOWN)
        self._asks = Column(np.bool_, 0)
        self._date = Column(np.int64, 0, width=3)
        self._vector = Column(np.float32, 0, width=dimensions)
        self._mixed_length = Column(np.float64, 0)  # of the vector with its neighbours' vectors mixed in

    def __len__(self) -> int:
        return len(self._ids)

    def __contains__(self, name: str) -> bool:
        return name in self._ids

    def put(self, entry: Entry, vector: Vector | None = None) -> None:
        """Adds an entry, in place of the one with the same id. Without a vector it is found by its words only."""
        direction = self._unit(vector)
        self.remove(entry.id)
        row = self._ids.give(entry.id)
        counts = _counts(entry)
        self._entries[row] = entry
        self._words.open(row)
        self._words.add(row, counts)
        self._talk[row] = self._join_talk(entry.conversation, counts)
        self._neighbours.seat(row, entry.conversation, entry.position, entry.id)
        self._author[row] = self._authors.join(entry.author)
        self._asks[row] = bool(entry.conversation) and entry.text.rstrip().endswith("?")
        self._date[row] = (entry.at.day, entry.at.month, entry.at.year) if entry.at else 0
        self._vector[row] = direction
        self._alive[row] = True
        self._measure(row, *self._neighbours.beside(row))

    def remove(self, name: str) -> bool:
        """Takes an entry out; False if there was none."""
        if name not in self._ids:
            return False
        row = self._ids.free(name)
        entry = self._entries.pop(row)
        counts = _counts(entry)
        self._words.take(row, counts)
        self._words.close(row)
        self._leave_talk(entry.conversation, counts)
        beside = self._neighbours.beside(row)
        self._neighbours.leave(row, entry.conversation, entry.position, entry.id)
        self._authors.leave(entry.author)
        self._alive[row] = False
        self._vector[row] = 0
        self._measure(row, *beside)
        return True

    def search(
        self,
        question: str,
        vector: Vector | None = None,
        limit: int = 10,
        keep: Callable[[str], bool] | None = None,
        likeness: Mapping[str, float] | None = None,
    ) -> list[Hit]:
        """The best entries, best first; only those that `keep` keeps. Without a vector only words count.

        Where another store keeps the vectors, `likeness` is what it answered: the cosines of the nearest entries.
        """
        if not self._ids or limit < 1:
            return []
        channels = self.channels(question, vector, likeness)
        scores = np.round(fused(channels, self._weights), _DIGITS)
        taken, hits = limit, list[Hit]()
        while True:
            best = self._best(channels.rows, scores, taken)
            hits = [
                Hit(name, float(scores[at]), float(channels.found_words[at]), float(channels.found_meaning[at]))
                for at, name in best
                if keep is None or keep(name)
            ]
            if len(hits) >= limit or len(best) == len(scores):
                return hits[:limit]
            taken *= 4

    def matter(self, question: str) -> str:
        """What the question is about, without the authors it names: the text whose vector `search` wants."""
        asked = words(question)
        names = self._authors.named(asked).words
        return " ".join(word for word in asked if word not in names)

    def channels(
        self, question: str, vector: Vector | None = None, likeness: Mapping[str, float] | None = None
    ) -> Channels:
        """What speaks for each entry, before weights."""
        upto = self._ids.end
        rows = np.flatnonzero(self._alive.upto(upto))
        asked = words(question)
        authors = self._authors.named(asked)
        # A name that is an author's asks who said it; in the text it mostly stands where the other one speaks.
        telling = [stem(word) for word in asked if word not in STOP_WORDS and word not in authors.words]
        talk = self._talk.upto(upto)[rows]
        seated = talk != NOBODY
        by_words = self._by_words(telling, upto)[rows]
        meant, everywhere = self._by_likeness(likeness, upto) if likeness else self._by_meaning(vector, upto)
        by_meaning = meant[rows]
        by_talk = np.zeros(len(rows))
        by_talk[seated] = self._talk_words.scores(telling, self._talks.end)[talk[seated]]
        before = self._neighbours.before(upto)[rows]
        asks = self._asks.upto(upto)
        everyone = np.ones(len(rows), np.bool_)
        return Channels(
            rows=rows,
            words=z_scores(by_words, everyone),
            conversation=z_scores(by_talk, seated),
            meaning=z_scores(by_meaning, everywhere[rows]),
            date=z_scores(self._by_date(question, rows), everyone),
            length=z_scores(np.log1p(self._words.lengths(upto)[rows]), seated),
            author=np.isin(self._author.upto(upto)[rows], authors.numbers),
            answer=(before != NOBODY) & asks[before],
            question=asks[rows],
            found_words=by_words,
            found_meaning=by_meaning,
        )

    def _by_words(self, telling: list[str], upto: int) -> Scores:
        total = np.zeros(upto)
        for term in dict.fromkeys(telling):
            if found := self._words.matches(term):
                total += found.rarity * self._neighbours.heard(found.rows, found.strengths, upto)
        return total

    def _by_meaning(self, vector: Vector | None, upto: int) -> tuple[Scores, Flags]:
        """The cosine of each row, and for which rows there is one."""
        # einsum and not `@`: that one starts threads, and rounds a row's product by where the row stands.
        alike = np.einsum("ij,j->i", self._vector.upto(upto), self._unit(vector)).astype(np.float64)
        mixed = alike.copy()
        for beside, share in ((self._neighbours.before(upto), FROM_BEFORE), (self._neighbours.after(upto), FROM_AFTER)):
            mixed += share * np.where(beside != NOBODY, alike[beside], 0.0)
        lengths = self._mixed_length.upto(upto)
        return np.divide(mixed, lengths, out=np.zeros(upto), where=lengths > 0), lengths > 0

    def _by_likeness(self, likeness: Mapping[str, float], upto: int) -> tuple[Scores, Flags]:
        """The same from cosines found elsewhere: an entry that was not among the nearest is like the last of them."""
        alike = np.full(upto, min(likeness.values()))
        for name, cosine in likeness.items():
            if name in self._ids:
                alike[self._ids[name]] = cosine
        mixed, lengths = alike.copy(), np.ones(upto)
        for beside, share in ((self._neighbours.before(upto), FROM_BEFORE), (self._neighbours.after(upto), FROM_AFTER)):
            mixed += share * np.where(beside != NOBODY, alike[beside], 0.0)
            lengths += np.where(beside != NOBODY, share * share, 0.0)  # as if neighbours had nothing in common
        return mixed / np.sqrt(lengths), np.ones(upto, np.bool_)

    def _by_date(self, question: str, rows: Rows) -> Scores:
        total = np.zeros(len(rows))
        asked = dates.named(question)
        dated = self._date.upto(self._ids.end)[rows]
        for column, numbers in enumerate((asked.days, asked.months, asked.years)):
            for number in sorted(numbers):
                match = dated[:, column] == number
                total += match * rarity(len(rows), int(match.sum()))
        return total

    def _best(self, rows: Rows, scores: Scores, count: int) -> list[tuple[int, str]]:
        """The places of the best scores, and more if they tie with the last; equal ones by id."""
        count = min(count, len(scores))
        least = np.partition(scores, len(scores) - count)[len(scores) - count]
        places = [(int(at), self._ids.name(int(rows[at]))) for at in np.flatnonzero(scores >= least)]
        return sorted(places, key=lambda place: (-scores[place[0]], place[1]))

    def _join_talk(self, conversation: str, counts: Counter[str]) -> int:
        if not conversation:
            return NOBODY
        if conversation not in self._talks:
            self._talk_words.open(self._talks.give(conversation))
        talk = self._talks[conversation]
        self._talk_words.add(talk, counts)
        self._talk_sizes[conversation] += 1
        return talk

    def _leave_talk(self, conversation: str, counts: Counter[str]) -> None:
        if not conversation:
            return
        self._talk_words.take(self._talks[conversation], counts)
        self._talk_sizes[conversation] -= 1
        if not self._talk_sizes[conversation]:
            del self._talk_sizes[conversation]
            self._talk_words.close(self._talks.free(conversation))

    def _measure(self, *rows: int) -> None:
        for row in rows:
            if row != NOBODY:
                before, after = self._neighbours.beside(row)
                mixed = self._vector[row].astype(np.float64)
                if before != NOBODY:
                    mixed = mixed + FROM_BEFORE * self._vector[before]
                if after != NOBODY:
                    mixed = mixed + FROM_AFTER * self._vector[after]
                length = float(np.sqrt(np.square(mixed).sum()))
                self._mixed_length[row] = length if length > 1e-6 else 0.0

    def _unit(self, vector: Vector | None) -> Vector:
        """The vector at length 1; zero for none. Raises ValueError for one of other dimensions or not finite."""
        if vector is None:
            return np.zeros(self._dimensions, np.float32)
        if vector.shape != (self._dimensions,) or not np.isfinite(vector).all():
            raise ValueError(f"a vector of this index has {self._dimensions} finite numbers, not {vector.shape}")
        length = float(np.sqrt(np.square(vector.astype(np.float64)).sum()))
        return (vector / length).astype(np.float32) if length > 0 else np.zeros(self._dimensions, np.float32)


def _counts(entry: Entry) -> Counter[str]:
    return Counter([*terms(entry.text), *terms(entry.about)])
