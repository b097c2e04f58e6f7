"""What the examples teach beyond the task type: three learners that err differently, averaged.

Each learner foretells how far a model departs from what is believed of it at the task. Each is shrunk towards nothing,
so a few examples change little and many change much. On a prompt unlike all examples nothing is added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from smartrouter.routing import linear, neighbours, trees
from smartrouter.routing.example import Example
from smartrouter.routing.features import SURFACE, Prompt
from smartrouter.routing.tasks import TASK_TYPES

Array: TypeAlias = NDArray[np.float64]

LEAST = 60  # examples; fewer teach nothing that the task type does not
GROWTH = 1.25  # how many times more examples make learning again worth it
_SURFACE_SCALE = 0.3  # beside a task type of length one and a meaning of length one
_TOPICS = 24  # directions of meaning that the trees may split on
_AT_TASK = {task: column for column, task in enumerate(TASK_TYPES)}


@dataclass(frozen=True, slots=True)
class Learned:
    """Three fitted learners over the same models."""

    models: tuple[str, ...]
    taught: int  # examples
    meaning: int  # dimensions
    straight: linear.Linear
    nearby: neighbours.Neighbours
    topics: Array  # features x topics: the directions that the trees see beside task and surface
    forest: trees.Trees

    def departures(self, prompt: Prompt) -> Array:
        """For each model, how far its quality on this prompt departs from its quality at the task."""
        x = _vector(prompt, self.meaning)
        nearby, trust = self.nearby.at(x)
        if trust == 0.0:
            return np.zeros(len(self.models))
        forest = self.forest.at(_tree_vector(x, self.topics))
        return trust * (self.straight.at(x) + nearby + forest) / 3


def learn(examples: Sequence[Example], models: Sequence[str], believed: Array) -> Learned | None:
    """What the examples teach of the models beyond `believed` (models x TASK_TYPES); None while they are too few."""
    taught = [one for one in examples if any(model in one.quality for model in models)]
    if len(taught) < LEAST:
        return None
    meaning = max(len(one.prompt.meaning) for one in taught)
    x = np.stack([_vector(one.prompt, meaning) for one in taught])
    quality = np.array([[one.quality.get(model, np.nan) for model in models] for one in taught])
    known = (~np.isnan(quality)).astype(np.float64)
    columns = [_AT_TASK[one.prompt.task] for one in taught]
    residual = np.where(known > 0, quality - believed.T[columns], 0.0)
    compared = known.all(1)  # where all models were judged, what the prompt does to all of them is known and no choice
    residual[compared] -= residual[compared].mean(1, keepdims=True)
    topics = _directions(x[:, len(TASK_TYPES) + len(SURFACE) :])
    return Learned(
        tuple(models),
        len(taught),
        meaning,
        linear.fit(x, residual, known),
        neighbours.fit(x, residual, known),
        topics,
        trees.fit(_tree_vector(x, topics), residual, known),
    )


def due(learned: Learned | None, examples: int) -> bool:
    """Whether learning again is worth it."""
    return examples >= (LEAST if learned is None else GROWTH * learned.taught)


def _vector(prompt: Prompt, meaning: int) -> Array:
    x = np.zeros(len(TASK_TYPES) + len(SURFACE) + meaning)
    x[_AT_TASK[prompt.task]] = 1.0
    x[len(TASK_TYPES) : len(TASK_TYPES) + len(SURFACE)] = prompt.surface
    x[len(TASK_TYPES) : len(TASK_TYPES) + len(SURFACE)] *= _SURFACE_SCALE
    if len(prompt.meaning) == meaning:
        x[len(TASK_TYPES) + len(SURFACE) :] = prompt.meaning
    return x


def _directions(meaning: Array) -> Array:
    """The directions in which the examples' meanings differ most."""
    if not meaning.shape[1]:
        return np.zeros((0, 0))
    centred = meaning - meaning.mean(0)
    return np.linalg.eigh(centred.T @ centred)[1][:, ::-1][:, :_TOPICS]


def _tree_vector(x: Array, topics: Array) -> Array:
    plain = len(TASK_TYPES) + len(SURFACE)
    return np.concatenate([x[..., :plain], x[..., plain:] @ topics], -1)
