"""What happened on the most similar prompts, and how familiar a prompt is at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
Compact: TypeAlias = NDArray[np.float32]
Reals: TypeAlias = NDArray[np.floating[Any]]

AXES = 64  # dimensions compared; the rest of the features' variance is left out for speed
MOST = 100  # neighbours asked
DOUBT = 10.0  # neighbours' worth of belief that the prompt is like any other of its task
CLOSEST = 10  # neighbours whose mean similarity is the familiarity
PROBES = 500  # examples that tell which familiarity is usual
STRANGE, USUAL = 0.0, 0.0001  # quantiles of the examples' own familiarity: less familiar than any of them is strange


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The examples' features and residuals, ready to be compared."""

    axes: Compact  # features x AXES
    points: Compact  # rows x AXES
    lengths: Compact  # rows
    residual: Compact  # rows x models
    known: Compact  # rows x models
    strange: float = 0.0
    usual: float = 1.0

    def at(self, x: Array) -> tuple[Array, float]:
        """The residual of each model nearby, and from 0 to 1 how far the examples can speak for this prompt at all."""
        point = x.astype(np.float32) @ self.axes
        products = self.points @ point
        near = _highest(products, min(MOST, max(CLOSEST, len(products) // 8)))
        judged = self.known[near].sum(0)
        found = (self.residual[near].sum(0) / (judged + DOUBT)).astype(np.float64)
        trust = (self._familiarity(point, products) - self.strange) / max(self.usual - self.strange, 1e-6)
        return found, min(1.0, max(0.0, trust))

    def _familiarity(self, point: Reals, products: Reals, besides: int | None = None) -> float:
        cosines = products / (self.lengths * max(float(np.linalg.norm(point)), 1e-6))
        if besides is not None:
            cosines[besides] = -1.0
        return float(cosines[_highest(cosines, CLOSEST)].mean())

    def calibrated(self) -> Neighbours:
        """The same, knowing how familiar its own examples are to each other."""
        probes = range(0, len(self.points), max(1, len(self.points) // PROBES))
        usual = [self._familiarity(self.points[i], self.points @ self.points[i], besides=i) for i in probes]
        low, high = np.quantile(np.array(usual), (STRANGE, USUAL))
        return Neighbours(self.axes, self.points, self.lengths, self.residual, self.known, float(low), float(high))


def fit(x: Array, residual: Array, known: Array) -> Neighbours:
    """The neighbourhood of `x` (rows x features); `residual` counts where `known` is one."""
    _, vectors = np.linalg.eigh(x.T @ x)
    axes = vectors[:, ::-1][:, :AXES].astype(np.float32)
    points = x.astype(np.float32) @ axes
    lengths = np.maximum(np.linalg.norm(points, axis=1), 1e-6).astype(np.float32)
    shown = (residual * known).astype(np.float32)
    return Neighbours(axes, points, lengths, shown, known.astype(np.float32)).calibrated()


def _highest(values: Reals, count: int) -> NDArray[np.intp]:
    if len(values) <= count:
        return np.arange(len(values))
    return np.argpartition(values, -count)[-count:]
