"""Quality against cost: the upper hull of all trade-offs of a router, and the figures that are read off it.

apgr   the mean, over the costs from the cheapest to the best model, of the share of their gap in quality that is
       recovered; mixing the two at random gives one half
q25    the quality at a quarter of the best model's cost, as a share of the best model's
aiq    the mean quality over the same costs
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
Point = tuple[float, float]  # mean cost, mean quality

WEIGHTS = np.concatenate([[0.0], np.geomspace(1e-3, 10, 400)])  # of cost against quality
_GRID = 1001


def figures(points: Sequence[Point], score: Array, cost: Array, best: int, cheapest: int) -> dict[str, float]:
    """The figures of a router that reaches these points, or asks the cheapest model."""
    low, high = float(cost[:, cheapest].mean()), float(cost[:, best].mean())
    worst, top = float(score[:, cheapest].mean()), float(score[:, best].mean())
    costs, qualities = _hull([*points, (low, worst)])
    reached = np.interp(np.linspace(low, high, _GRID), costs, qualities)
    gap = top - worst
    return {
        "apgr": float((reached - worst).mean() / gap) if gap else 0.0,
        "q25": float(np.interp(0.25 * high, costs, qualities) / top),
        "aiq": float(reached.mean()),
    }


def reached(chosen: Sequence[NDArray[np.intp]], score: Array, cost: Array) -> list[Point]:
    """The mean cost and quality of each way of choosing one model for each row."""
    rows = np.arange(len(score))
    return [(float(cost[rows, models].mean()), float(score[rows, models].mean())) for models in chosen]


def deviation(figure: Callable[[NDArray[np.intp]], float], rows: int, times: int) -> float:
    """The standard deviation of a figure over bootstrap samples of the rows."""
    chance = np.random.default_rng(0)
    return float(np.std([figure(chance.integers(0, rows, rows)) for _ in range(times)]))


def _hull(points: Sequence[Point]) -> tuple[Array, Array]:
    """The non-decreasing concave hull: between two trade-offs lies every mixture of them."""
    kept: list[Point] = []
    for cost, quality in sorted(points):
        if kept and quality <= kept[-1][1]:
            continue
        if kept and kept[-1][0] == cost:
            kept.pop()
        while len(kept) >= 2 and _slope(kept[-2], kept[-1]) <= _slope(kept[-2], (cost, quality)):
            kept.pop()
        kept.append((cost, quality))
    return np.array([cost for cost, _ in kept]), np.array([quality for _, quality in kept])


def _slope(start: Point, end: Point) -> float:
    return (end[1] - start[1]) / (end[0] - start[0])
