"""Outcome files: prompts with the score and cost of every model of a pool, under neutral names."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from smartrouter.routing.choice import Candidate
from smartrouter.routing.experience import Experience
from smartrouter.routing.features import Prompt, read

Array: TypeAlias = NDArray[np.float64]
Embed: TypeAlias = Callable[[Sequence[str]], Sequence[Sequence[float]]]

_LISTED_OUTPUT = 300  # tokens: a mean cost, told as a price for so many


@dataclass(frozen=True, slots=True)
class Outcomes:
    """The rows of one pool; of these the router sees the prompt, and after a call its score and cost."""

    models: tuple[str, ...]  # neutral
    keys: tuple[str, ...]  # of the normalised prompts
    texts: tuple[str, ...]
    prompts: tuple[Prompt, ...]
    score: Array  # rows x models
    cost: Array
    benchmark: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.texts)

    def at(self, rows: Sequence[int] | NDArray[np.intp]) -> Outcomes:
        """Some of the rows."""
        return Outcomes(
            self.models,
            tuple(self.keys[row] for row in rows),
            tuple(self.texts[row] for row in rows),
            tuple(self.prompts[row] for row in rows),
            self.score[rows],
            self.cost[rows],
            self.benchmark[rows],
        )

    def candidates(self) -> tuple[Candidate, ...]:
        """The pool's models at the price that its calls came to; nothing else is published of them."""
        usual = self.cost.mean(0) / _LISTED_OUTPUT
        return tuple(
            Candidate(model, input_price=0.0, output_price=float(price))
            for model, price in zip(self.models, usual, strict=True)
        )

    def experience(self) -> Experience:
        """What a router knows that saw every model answer every prompt."""
        known = Experience()
        for row, prompt in enumerate(self.prompts):
            for column, model in enumerate(self.models):
                known.judge(model, prompt, float(self.score[row, column]), 0.0, self.keys[row])
                known.pay(model, prompt, float(self.cost[row, column]), 0.0)
        return known


def load(paths: Iterable[Path], embed: Embed) -> list[dict[str, Outcomes]]:
    """The pools of each file; one pool's models have the same neutral names in all files."""
    files = [_rows(path) for path in paths]
    named: dict[str, set[str]] = {}
    for row in (row for rows in files for row in rows):
        named.setdefault(row["pool"], set()).update(row["score"])
    seen: dict[str, Prompt] = {}
    return [
        {
            pool: _outcomes([row for row in rows if row["pool"] == pool], _shuffled(models, pool), embed, seen)
            for pool, models in named.items()
            if any(row["pool"] == pool for row in rows)
        }
        for rows in files
    ]


def fold(keys: Sequence[str], folds: int) -> NDArray[np.int64]:
    """The fold of each prompt, by its text: the same prompt is never on both sides."""
    return np.array([int(key[:8], 16) % folds for key in keys])


def _rows(path: Path) -> list[dict[str, Any]]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def _shuffled(models: Iterable[str], pool: str) -> list[str]:
    return sorted(models, key=lambda model: hashlib.sha256(f"{pool}:{model}".encode()).digest())


def _outcomes(rows: list[dict[str, Any]], models: list[str], embed: Embed, seen: dict[str, Prompt]) -> Outcomes:
    texts = tuple(row["prompt"] for row in rows)
    new = list({text for text in texts if text not in seen})
    seen.update((text, read(text, tuple(meaning))) for text, meaning in zip(new, embed(new), strict=True))
    return Outcomes(
        tuple(f"m{number}" for number in range(len(models))),
        tuple(hashlib.sha256(" ".join(text.lower().split()).encode()).hexdigest() for text in texts),
        texts,
        tuple(seen[text] for text in texts),
        np.array([[row["score"][model] for model in models] for row in rows], np.float64),
        np.array([[row["cost"][model] for model in models] for row in rows], np.float64),
        np.array([row.get("benchmark") or "" for row in rows]),
    )
