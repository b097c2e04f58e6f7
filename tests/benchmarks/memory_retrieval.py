"""How well, and how fast, memories are found: python tests/benchmarks/memory_retrieval.py --data FILE [--fast]

FILE holds one conversation a line (JSON, also gzipped): {conv, turns: [{id, s, at, who, text, img?}], questions: [{q,
gold: [turn id]}]}. Every question searches all turns of its own conversation; each
session is a talk of its own.

any_at_10       share of questions with a gold turn among the first ten hits
recall_at_10    share of the gold turns among them, by question
mrr             mean of 1 / rank of the first gold turn
p95_ms          embedding and search over 700 turns (fewer if the file has fewer), each question's best of five rounds
p95_once_ms     the same in the first round, the machine's other work included
bm25_any_at_10  plain BM25 over the turns alone

These are the figures of the shipped weights. `cross_validated` asks whether the channels or the weights earn them: for
each conversation the weights are fitted, from nothing and on a coarse grid, on the other ones. `--fast` leaves it out.
`--product` asks the same questions of the whole product, with the turns as memories in Postgres.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).parents[2])  # or the memory.py beside this would stand in the place of the package
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # one thread, as a search in an event loop has

import numpy as np  # after the line above

from storage.search.bm25 import Corpus
from storage.search.columns import Rows, Scores
from storage.search.embedding import WordVectors, installed_word_vectors
from storage.search.entry import Entry
from storage.search.fusion import Channels, Weights, fused
from storage.search.index import SearchIndex
from storage.search.tokens import terms

TURNS_TIMED = 700
GRID = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0)
UNFITTED = Weights(1, 1, 1, 1, 1, 0, 0, 0)
NEGATIVE = frozenset({"question"})


@dataclass(frozen=True, slots=True)
class Question:
    text: str
    gold: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conversation:
    name: str
    turns: tuple[Entry, ...]
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question's channels, and where in them its gold turns stand."""

    channels: Channels
    gold: tuple[int, ...]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--fast", action="store_true", help="without cross-validation")
    arguments.add_argument("--product", action="store_true", help="also through Postgres and the search of memories")
    given = arguments.parse_args()
    talks = list(conversations(given.data))
    figures = report(talks, validate=not given.fast)
    if given.product:
        from tests.benchmarks.memory_retrieval_product import through_the_product

        asked = [(talk.turns, [(one.text, one.gold) for one in talk.questions]) for talk in talks]
        figures["through_the_product"] = asyncio.run(through_the_product(asked))
    print(json.dumps(figures, indent=2))


def report(talks: Sequence[Conversation], *, validate: bool) -> dict[str, Any]:
    """All figures."""
    vectors = installed_word_vectors()
    asked = [list(ask(talk, vectors)) for talk in talks]
    shipped = Weights()
    figures = quality(asked, shipped)
    return {
        "any_at_10": figures["any_at_10"],
        "recall_at_10": figures["recall_at_10"],
        "mrr": figures["mrr"],
        **speed(talks, vectors),
        "bm25_any_at_10": round(float(np.mean([hit for talk in talks for hit in plain_bm25(talk)])), 4),
        "any_at_5": figures["any_at_5"],
        "conversations": len(talks),
        "turns": sum(len(talk.turns) for talk in talks),
        "questions": sum(len(talk.questions) for talk in talks),
        "without_author": quality(asked, replace(shipped, author=0)),
        "without_meaning": quality(asked, replace(shipped, meaning=0)),
        "weights": asdict(shipped),
        **({"cross_validated": cross_validated(asked)} if validate and len(talks) > 1 else {}),
    }


def conversations(path: Path) -> Iterator[Conversation]:
    """The conversations of a file; questions without a gold turn are left out."""
    packed = path.read_bytes()
    text = gzip.decompress(packed) if path.suffix == ".gz" else packed
    for line in text.splitlines():
        if line.strip():
            yield conversation(json.loads(line))


def conversation(found: Mapping[str, Any]) -> Conversation:
    turns = tuple(
        Entry(
            id=turn["id"],
            text=turn["text"],
            about=turn.get("img") or "",
            author=turn["who"],
            conversation=f"{found['conv']}/{turn['s']}",
            position=position,
            at=day(turn.get("at") or ""),
        )
        for position, turn in enumerate(found["turns"])
    )
    known = {turn.id for turn in turns}
    questions = ((entry["q"], tuple(name for name in entry["gold"] if name in known)) for entry in found["questions"])
    return Conversation(str(found["conv"]), turns, tuple(Question(text, gold) for text, gold in questions if gold))


def day(said: str) -> date | None:
    """The day in "1:56 pm on 8 May, 2023"."""
    found = re.search(r"(\d{1,2} [A-Z][a-z]+),? (\d{4})", said)
    return datetime.strptime(f"{found[1]} {found[2]} +0000", "%d %B %Y %z").date() if found else None


def indexed(turns: Sequence[Entry], vectors: WordVectors) -> SearchIndex:
    """An index of the turns, filled one by one as a product fills it."""
    index = SearchIndex(vectors.dimensions)
    for turn in turns:
        index.put(turn, vectors.embed(f"{turn.text} {turn.about}"))
    return index


def ask(talk: Conversation, vectors: WordVectors) -> Iterator[Asked]:
    index = indexed(talk.turns, vectors)
    places = {turn.id: place for place, turn in enumerate(talk.turns)}
    for question in talk.questions:
        channels = index.channels(question.text, vectors.embed(index.matter(question.text)))
        yield Asked(channels, tuple(places[name] for name in question.gold))


def ranks(scores: Scores, gold: Sequence[int]) -> Rows:
    """The ranks of the gold turns, the best is 0; of equal scores the earlier turn comes first."""
    rank = np.empty(len(scores), np.int64)
    rank[np.argsort(-scores, kind="stable")] = np.arange(len(scores))
    return np.sort(rank[list(gold)])


def quality(asked: Sequence[Sequence[Asked]], weights: Weights) -> dict[str, float]:
    found = [ranks(fused(one.channels, weights), one.gold) for talk in asked for one in talk]
    return summary(found)


def summary(found: Sequence[Rows]) -> dict[str, float]:
    figures = {
        "any_at_10": np.mean([rank[0] < 10 for rank in found]),
        "recall_at_10": np.mean([np.mean(rank < 10) for rank in found]),
        "mrr": np.mean([1 / (rank[0] + 1) for rank in found]),
        "any_at_5": np.mean([rank[0] < 5 for rank in found]),
    }
    return {name: round(float(value), 4) for name, value in figures.items()}


def speed(talks: Sequence[Conversation], vectors: WordVectors) -> dict[str, float]:
    """Times of embedding and search over the first 700 turns."""
    turns = (replace(turn, id=f"{talk.name}/{turn.id}") for talk in talks for turn in talk.turns)
    index = indexed(list(islice(turns, TURNS_TIMED)), vectors)
    rounds = [[timed(index, vectors, one.text) for talk in talks for one in talk.questions] for _ in range(5)]
    p50, p95 = np.percentile(np.min(rounds, axis=0), [50, 95])
    once = np.percentile(rounds[0], 95)
    figures = {"p95_ms": p95, "p50_ms": p50, "p95_once_ms": once}
    return {**{name: round(float(value), 3) for name, value in figures.items()}, "turns_timed": len(index)}


def timed(index: SearchIndex, vectors: WordVectors, question: str) -> float:
    """Milliseconds of one embedding and search."""
    started = time.perf_counter()
    index.search(question, vectors.embed(index.matter(question)), limit=10)
    return (time.perf_counter() - started) * 1000


def plain_bm25(talk: Conversation) -> Iterator[bool]:
    """Whether BM25 over the turns alone has a gold turn among its first ten."""
    corpus = Corpus(saturation=1.2, length_share=0.75)
    for place, turn in enumerate(talk.turns):
        corpus.open(place)
        corpus.add(place, Counter(terms(f"{turn.author}: {turn.text} {turn.about}")))
    places = {turn.id: place for place, turn in enumerate(talk.turns)}
    for question in talk.questions:
        scores = corpus.scores(terms(question.text), len(talk.turns))
        yield bool(ranks(scores, [places[name] for name in question.gold])[0] < 10)


def cross_validated(asked: Sequence[Sequence[Asked]]) -> dict[str, float]:
    """The figures when each conversation is searched with weights fitted on the others."""
    found: list[Rows] = []
    for left_out, talk in enumerate(asked):
        weights = fitted([other for place, other in enumerate(asked) if place != left_out])
        found += [ranks(fused(one.channels, weights), one.gold) for one in talk]
    return summary(found)


def fitted(asked: Sequence[Sequence[Asked]]) -> Weights:
    """The best weights of a coarse grid, found one weight after the other, twice over."""
    best, value = UNFITTED, worth(asked, UNFITTED)
    for _ in range(2):
        for name in ("conversation", "meaning", "date", "length", "author", "answer", "question"):
            for step in GRID:
                trial = replace(best, **{name: -step if name in NEGATIVE else step})
                if (trial_value := worth(asked, trial)) > value:
                    best, value = trial, trial_value
    return best


def worth(asked: Sequence[Sequence[Asked]], weights: Weights) -> float:
    """What is fitted: any_at_10 + recall_at_10, by counting who scores above the gold."""
    total = 0.0
    count = 0
    for talk in asked:
        for one in talk:
            scores = fused(one.channels, weights)
            above = np.array([np.count_nonzero(scores > scores[place]) for place in one.gold])
            total += float(above.min() < 10) + float(np.mean(above < 10))
            count += 1
    return total / count


if __name__ == "__main__":
    main()
