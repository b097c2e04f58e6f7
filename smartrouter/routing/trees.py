"""Boosted regression trees whose leaves hold one number for each model: they find what no straight line shows.

One tree serves all models. Trees of their own for each would fit each model's noise apart, and the router, which takes
the best of many, would pick the noise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
Codes: TypeAlias = NDArray[np.int64]

BINS = 16
DEPTH = 3
ROUNDS = 80
BAGS = 3  # forests that are averaged
STEP = 0.06
PENALTY = 20.0  # labels' worth of belief that a leaf is no different
LEAST = 20  # rows in a leaf
ROWS, COLUMNS = 0.7, 0.3  # the share of rows and features that each tree sees
_INNER = 2**DEPTH - 1


@dataclass(frozen=True, slots=True)
class Trees:
    """Complete trees of one depth: inner nodes in heap order, then the leaves."""

    feature: NDArray[np.intp]  # trees x inner nodes
    threshold: Array  # trees x inner nodes: to the right when above
    leaf: Array  # trees x leaves x models

    def at(self, x: Array) -> Array:
        """The residual of each model that a prompt's features foretell."""
        trees = np.arange(len(self.feature))
        node = np.zeros(len(self.feature), np.intp)
        for _ in range(DEPTH):
            node = 2 * node + 1 + (x[self.feature[trees, node]] > self.threshold[trees, node])
        return self.leaf[trees, node - _INNER].sum(0)


def fit(x: Array, residual: Array, known: Array, seed: int = 0) -> Trees:
    """Trees for `residual` (rows x models) by `x` (rows x features), where `known` is one."""
    edges = [np.unique(np.quantile(column, np.linspace(0, 1, BINS + 1)[1:-1])) for column in x.T]
    codes = np.stack([np.searchsorted(edge, column) for edge, column in zip(edges, x.T, strict=True)], 1)
    features: list[NDArray[np.intp]] = []
    thresholds: list[Array] = []
    leaves: list[Array] = []
    for bag in range(BAGS):
        chance = np.random.default_rng((seed, bag))
        left = residual * known
        for _ in range(ROUNDS):
            rows = chance.permutation(len(x))[: max(1, int(ROWS * len(x)))]
            columns = chance.permutation(x.shape[1])[: max(3, int(COLUMNS * x.shape[1]))]
            feature, cut, leaf = _grown(codes, left, known, np.sort(rows), columns)
            node = np.zeros(len(x), np.intp)
            for _ in range(DEPTH):
                node = 2 * node + 1 + (codes[np.arange(len(x)), feature[node]] > cut[node])
            left = left - STEP * leaf[node - _INNER] * known
            features.append(feature)
            thresholds.append(np.array([_edge(edges[f], c) for f, c in zip(feature, cut, strict=True)]))
            leaves.append(STEP / BAGS * leaf)
    return Trees(np.array(features), np.array(thresholds), np.array(leaves))


def _grown(
    codes: Codes, left: Array, known: Array, rows: NDArray[np.intp], columns: NDArray[np.intp]
) -> tuple[NDArray[np.intp], Codes, Array]:
    feature = np.zeros(_INNER, np.intp)
    cut = np.full(_INNER, BINS, np.int64)  # nothing is above: all go left
    leaf = np.zeros((_INNER + 1, left.shape[1]))
    reached: list[NDArray[np.intp]] = [rows]
    for node in range(_INNER):
        here = reached[node]
        best = _best_cut(codes[np.ix_(here, columns)], left[here], known[here]) if len(here) >= 2 * LEAST else None
        if best is None:
            reached += [here, here[:0]]
            continue
        feature[node], cut[node] = columns[best[0]], best[1]
        above = codes[here, feature[node]] > cut[node]
        reached += [here[~above], here[above]]
    for number, here in enumerate(reached[_INNER:]):
        leaf[number] = left[here].sum(0) / (known[here].sum(0) + PENALTY)
    return feature, cut, leaf


def _best_cut(codes: Codes, left: Array, known: Array) -> tuple[int, int] | None:
    """The column and the bin after which splitting explains most; None when no split explains anything."""
    size, width = codes.shape
    places = (codes + np.arange(width) * BINS).ravel()

    def heaped(values: Array) -> Array:
        heap = np.bincount(places, np.repeat(values, width), width * BINS)
        return heap.reshape(width, BINS).cumsum(1)[:, :-1]

    rows = heaped(np.ones(size))
    gain = np.zeros_like(rows)
    everywhere = bool(known.all())
    for model in range(left.shape[1]):
        judged = rows if everywhere else heaped(known[:, model])
        total = float(size) if everywhere else float(known[:, model].sum())
        below, whole = heaped(left[:, model]), float(left[:, model].sum())
        gain += below**2 / (judged + PENALTY) + (whole - below) ** 2 / (total - judged + PENALTY)
        gain -= whole**2 / (total + PENALTY)
    gain[(rows < LEAST) | (size - rows < LEAST)] = 0.0
    best = int(gain.argmax())
    return divmod(best, BINS - 1) if gain.flat[best] > 0 else None


def _edge(edges: Array, cut: np.int64) -> float:
    return float(edges[cut]) if cut < len(edges) else float("inf")
