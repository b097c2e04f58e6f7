"""What is believed of each model at each task, and how firmly: sparse judgements lean on what they are part of.

    quality(model, task) = prior(model, task) + shift(model) + shift(task) + its own rest

A model that disappoints at one task is trusted less at all; a task at which everyone disappoints is hard, which says
nothing against a model that was not yet tried at it. Each part is shrunk by a number of judgements it must outweigh.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from smartrouter.routing.tally import Tally
from smartrouter.routing.tasks import TASK_TYPES, TaskType

Array: TypeAlias = NDArray[np.float64]

MODEL_DOUBT = 30.0  # judgements that a model's prior is worth
TASK_DOUBT = 12.0  # judgements that a model's mean is worth at one task
HARDNESS_DOUBT = 6.0  # judgements that it takes to call a task hard
GUESS = 8.0  # judgements that a prior is worth when it is drawn from: enough to be tried, until tried
ELSEWHERE = 12.0  # judgements at other tasks that count at this one, at most
SHARPER = 3.0  # draws are this much firmer than the judgements alone: exploring costs calls
_NOISE = 0.2  # the variance of a judgement before any was seen, and how many sightings that counts
_NOISE_DOUBT = 20.0
_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Posterior:
    """For each model (row) and task (column): the mean quality and the number of judgements it is worth."""

    mean: Array
    strength: Array


def posterior(models: Sequence[str], tallies: Mapping[tuple[str, TaskType], Tally], prior: Array) -> Posterior:
    """What `tallies` teach over `prior` (models x TASK_TYPES)."""
    judged, quality, squares = np.zeros((3, len(models), len(TASK_TYPES)))
    for row, model in enumerate(models):
        for column, task in enumerate(TASK_TYPES):
            if tally := tallies.get((model, task)):
                judged[row, column] = tally.judged
                quality[row, column] = tally.quality
                squares[row, column] = tally.squares
    seen = np.maximum(judged, 1e-9)
    surprise = np.where(judged > 0, quality / seen - prior, 0.0)
    weight = judged * TASK_DOUBT / (judged + TASK_DOUBT)  # many judgements of one task still are but one task
    by_model, by_task = np.zeros((len(models), 1)), np.zeros((1, len(TASK_TYPES)))
    for _ in range(_ROUNDS):
        by_task = (weight * (surprise - by_model)).sum(0, keepdims=True) / (weight.sum(0) + HARDNESS_DOUBT)
        by_model = (weight * (surprise - by_task)).sum(1, keepdims=True) / (weight.sum(1, keepdims=True) + MODEL_DOUBT)
    expected = by_model + by_task
    mean = prior + expected + judged / (judged + TASK_DOUBT) * (surprise - expected)
    elsewhere = np.minimum(judged.sum(1, keepdims=True) - judged, ELSEWHERE)
    sharper = SHARPER * _steadiness(judged, quality, squares)
    strength = GUESS + sharper * (judged + elsewhere)
    return Posterior(mean, strength)


def _steadiness(judged: Array, quality: Array, squares: Array) -> float:
    """How much more a judgement says than the toss of a coin of the same mean: graded scores scatter less than 0 and 1.

    1 for scores that are 0 or 1; 4 where they scatter a quarter as much.
    """
    total = judged.sum()
    seen = np.maximum(judged, 1e-9)
    means = quality / seen
    tossed = float((judged * means * (1 - means)).sum()) + _NOISE * _NOISE_DOUBT
    scattered = float((squares - quality * means).sum()) + _NOISE * _NOISE_DOUBT
    return min(10.0, max(1.0, tossed / max(scattered, 1e-9))) if total > 0 else 1.0
