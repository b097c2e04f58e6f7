"""The router's benchmark: `router.py --fit FILE --data FILE [--quick]` prints JSON.

The router learns from the outcomes of `--fit` and is measured on those of `--data`, through the product's own code
(`smartrouter.routing`). Prompts of `--data` are never learned from: where both are the same file, it is cut into
folds and each is measured by a router that learned from the others. Models have neutral names, and only
their usual price is told; benchmarks and subjects are hidden from the router.

    apgr, q25, aiq        of the trade-offs between quality and cost (`router_curves`), and `apgr_sd` by bootstrap
    regret_per_1k         at work (`router_streams`), starting from what --fit taught, on benchmarks that --fit knows
    regret_per_1k_20      the same when only 20 % of the answers are judged
    regret_unseen         the same as the first on benchmarks that --fit does not know; null where there are none
    regret_cold           starting from prices alone
    apgr_unseen           apgr on benchmarks that --fit does not know
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from router_baselines import points, regrets
from router_curves import WEIGHTS, deviation, figures, reached
from router_outcomes import Outcomes, fold, load
from router_streams import regret

from smartrouter.routing.choice import Aim, Appraisal, Candidate, Judgement, choose, worth
from smartrouter.routing.experience import Experience
from smartrouter.routing.learned import Learned, learn
from storage.search.embedding import installed_word_vectors

FOLDS = 5
_CHECKED = 5  # prompts of each part for which `choose` itself is asked
_FEWEST = 40  # rows of a benchmark to be left out as unseen


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is computed."""

    seeds: int
    samples: int  # of the bootstrap
    streams: int  # folds that are streamed


@dataclass(frozen=True, slots=True)
class Part:
    """A router that learned from `fit`, and the rows `data` that it never saw."""

    fit: Outcomes
    data: Outcomes
    known: Experience
    candidates: tuple[Candidate, ...]
    learned: Learned | None

    @classmethod
    def of(cls, fit: Outcomes, data: Outcomes) -> Part:
        known, candidates = fit.experience(), (fit if len(fit) else data).candidates()
        believed = Judgement.of(known, candidates, 0.0).believed.mean
        return cls(fit, data, known, candidates, learn(list(known.examples.values()), fit.models, believed))

    def judgement(self) -> Judgement:
        return Judgement.of(self.known, self.candidates, 0.0, self.learned)

    def regret(self, effort: Effort, feedback: float = 1.0) -> float:
        seeds = range(effort.seeds)
        streams = [regret(self.data, self.known, self.candidates, self.learned, s, feedback) for s in seeds]
        return float(np.mean(streams))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="The router's benchmark.")
    parser.add_argument("--fit", type=Path, required=True, help="outcomes to learn from (.jsonl or .jsonl.gz)")
    parser.add_argument("--data", type=Path, required=True, help="outcomes to be measured on; may be the same file")
    parser.add_argument("--quick", action="store_true", help="fewer streams and bootstrap samples")
    given = parser.parse_args(arguments)
    effort = Effort(1, 20, 1) if given.quick else Effort(4, 100, 3)
    vectors = installed_word_vectors()
    fit, data = load(
        [given.fit, given.data], lambda texts: vectors.embed_all(texts).astype(np.float64).tolist() if texts else []
    )
    measured = {pool: measure(fit.get(pool, rows.at([])), rows, effort) for pool, rows in data.items()}
    names = next(iter(measured.values()))[1] if measured else {}
    result = {
        "pools": {pool: own for pool, (own, _) in measured.items()},
        "baselines": {name: {pool: others[name] for pool, (_, others) in measured.items()} for name in names},
    }
    json.dump(result, sys.stdout, indent=2)
    print()


def measure(fit: Outcomes, data: Outcomes, effort: Effort) -> tuple[dict[str, Any], dict[str, dict[str, float]]]:
    """The figures of the router and of each baseline on one pool."""
    common = np.isin(fit.keys, data.keys) if len(fit) else np.zeros(0, np.bool_)
    shared = common.sum() > len(data) / 2  # one file given twice; a few common prompts are merely forgotten
    if not shared:
        fit = fit.at(np.flatnonzero(~common))
    familiar = np.isin(data.benchmark, [*fit.benchmark.tolist(), ""]) if len(fit) else np.zeros(len(data), np.bool_)
    seen = data.at(np.flatnonzero(familiar)) if familiar.any() else data
    parts = list(_parts(fit, seen, shared))
    own, others = _trade_offs(parts, effort)
    own["regret_per_1k"] = _mean(parts[: effort.streams], lambda part: part.regret(effort))
    own["regret_per_1k_20"] = _mean(parts[: effort.streams], lambda part: part.regret(effort, 0.2))
    for part in parts[: effort.streams]:
        for name, value in regrets(part.fit, part.data, 0).items():
            others[name]["regret_per_1k"] = others[name].get("regret_per_1k", 0.0) + value / len(
                parts[: effort.streams]
            )
    unseen = list(_left_out(fit) if shared else _unfamiliar(fit, data, familiar))
    own["regret_unseen"] = _mean(unseen, lambda part: part.regret(effort)) if unseen else None
    own["apgr_unseen"] = _mean(unseen, lambda part: _trade_offs([part], effort)[0]["apgr"]) if unseen else None
    own["regret_cold"] = Part(seen.at([]), seen, Experience(), seen.candidates(), None).regret(effort)
    return _rounded(own), {name: _rounded(values) for name, values in others.items()}


def _parts(fit: Outcomes, data: Outcomes, shared: bool) -> Iterator[Part]:
    if not shared:
        yield Part.of(fit, data)
        return
    folds, of_fit = fold(data.keys, FOLDS), fold(fit.keys, FOLDS)
    for number in range(FOLDS):
        if np.any(folds == number):
            yield Part.of(fit.at(np.flatnonzero(of_fit != number)), data.at(np.flatnonzero(folds == number)))


def _left_out(fit: Outcomes) -> Iterator[Part]:
    """Each benchmark as if it had never been seen."""
    names = sorted(set(fit.benchmark.tolist()))
    for name in names if len(names) > 1 else []:
        rows = np.flatnonzero(fit.benchmark == name)
        if len(rows) >= _FEWEST:
            yield Part.of(fit.at(np.flatnonzero(fit.benchmark != name)), fit.at(rows))


def _unfamiliar(fit: Outcomes, data: Outcomes, familiar: NDArray[np.bool_]) -> Iterator[Part]:
    if len(fit) and not familiar.all():
        yield Part.of(fit, data.at(np.flatnonzero(~familiar)))


def _trade_offs(parts: Sequence[Part], effort: Effort) -> tuple[dict[str, Any], dict[str, dict[str, float]]]:
    """The figures over all parts together, each row chosen for by the router that never saw it."""
    score = np.concatenate([part.data.score for part in parts])
    cost = np.concatenate([part.data.cost for part in parts])
    best, cheapest = int(score.mean(0).argmax()), int(cost.mean(0).argmin())
    chosen = [np.concatenate(rows) for rows in zip(*(_chosen(part) for part in parts), strict=True)]

    def figure(rows: NDArray[np.intp]) -> float:
        found = reached([one[rows] for one in chosen], score[rows], cost[rows])
        return figures(found, score[rows], cost[rows], best, cheapest)["apgr"]

    own: dict[str, Any] = figures(reached(chosen, score, cost), score, cost, best, cheapest)
    own["apgr_sd"] = deviation(figure, len(score), effort.samples)
    if not len(parts[0].fit):
        return own, {}
    weights = [len(part.data) / len(score) for part in parts]
    gathered: dict[str, list[list[tuple[float, float]]]] = {}
    for part in parts:
        for name, found in points(part.fit, part.data).items():
            gathered.setdefault(name, []).append(found)
    others: dict[str, dict[str, float]] = {}
    for name, found in gathered.items():
        joined = _joined(found, weights)
        others[name] = figures(joined, score, cost, best, cheapest)
    return own, others


def _chosen(part: Part) -> list[NDArray[np.intp]]:
    """For each weight of cost, the model chosen for each row."""
    judgement = part.judgement()
    seen = [judgement.appraise(prompt) for prompt in part.data.prompts]
    quality, cost, seconds = (np.stack([_field(one, name) for one in seen]) for name in ("quality", "cost", "seconds"))
    chosen = [worth(Aim(cost=float(one)), quality, cost, seconds).argmax(1) for one in WEIGHTS]
    for row, prompt in enumerate(part.data.prompts[:_CHECKED]):  # in bulk as one by one
        for number in range(0, len(WEIGHTS), 80):
            one = choose(judgement, prompt, Aim(cost=float(WEIGHTS[number]))).model
            assert one == part.data.models[chosen[number][row]]
    return chosen


def _field(seen: Appraisal, name: str) -> NDArray[np.float64]:
    return {"quality": seen.quality, "cost": seen.cost, "seconds": seen.seconds}[name]


def _joined(found: Sequence[Sequence[tuple[float, float]]], weights: Sequence[float]) -> list[tuple[float, float]]:
    """The trade-offs of all parts together: the same setting in each, or each part's own where settings differ."""
    if len({len(one) for one in found}) > 1:
        return [point for one in found for point in one]
    return [
        (
            sum(weight * point[0] for weight, point in zip(weights, same, strict=True)),
            sum(weight * point[1] for weight, point in zip(weights, same, strict=True)),
        )
        for same in zip(*found, strict=True)
    ]


def _mean(parts: Sequence[Part], figure: Callable[[Part], float]) -> float:
    return float(np.average([figure(part) for part in parts], weights=[len(part.data) for part in parts]))


def _rounded(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: None if value is None else round(float(value), 4) for name, value in values.items()}


if __name__ == "__main__":
    main()
