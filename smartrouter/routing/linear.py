"""A ridge regression for each model on the same features: strong where labels are few, for it bends to no accident."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]

PENALTY = 60.0  # labels' worth of belief that a feature means nothing


@dataclass(frozen=True, slots=True)
class Linear:
    """A weight for each feature and model."""

    centre: Array  # features
    weights: Array  # features x models

    def at(self, x: Array) -> Array:
        """The residual of each model that a prompt's features foretell."""
        return (x - self.centre) @ self.weights


def fit(x: Array, residual: Array, known: Array) -> Linear:
    """The regression of `residual` (rows x models) on `x` (rows x features), where `known` is one."""
    centre = x.mean(0)
    centred = x - centre
    weights = np.zeros((x.shape[1], residual.shape[1]))
    patterns, which = np.unique(known, axis=1, return_inverse=True)  # models judged on the same rows share a matrix
    for number in range(patterns.shape[1]):
        models = np.flatnonzero(which.reshape(-1) == number)
        rows = patterns[:, number] > 0
        if rows.any():
            part = centred[rows]
            gram = part.T @ part
            gram.flat[:: len(gram) + 1] += PENALTY
            weights[:, models] = np.linalg.solve(gram, part.T @ residual[np.ix_(rows, models)])
    return Linear(centre, weights)
