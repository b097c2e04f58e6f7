"""One judged prompt: what was asked, and how well which model answered."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from smartrouter.routing.features import Prompt
from smartrouter.routing.tasks import TaskType


@dataclass(frozen=True, slots=True)
class Example:
    """A prompt and the quality, from 0 to 1, of each answer that was judged."""

    id: str
    at: float  # when it was judged last
    prompt: Prompt
    quality: Mapping[str, float]  # by model

    def __or__(self, other: Example) -> Example:
        """Both judgements of one prompt; of two on one model the later counts."""
        first, last = sorted((self, other), key=lambda one: (one.at, sorted(one.quality.items())))
        return Example(self.id, last.at, last.prompt, {**first.quality, **last.quality})

    def to_json(self) -> dict[str, Any]:
        """The example as plain JSON; the prompt's words are not in it."""
        meaning = np.array(self.prompt.meaning, np.float16).tobytes()
        return {
            "id": self.id,
            "at": self.at,
            "task": self.prompt.task,
            "length": self.prompt.length,
            "surface": [round(number, 4) for number in self.prompt.surface],
            "meaning": base64.b64encode(meaning).decode(),
            "quality": dict(self.quality),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Example:
        """The example that `to_json` wrote."""
        meaning = np.frombuffer(base64.b64decode(stored["meaning"]), np.float16).astype(np.float64)
        prompt = Prompt(
            cast("TaskType", stored["task"]), stored["length"], tuple(stored["surface"]), tuple(meaning.tolist())
        )
        return cls(stored["id"], stored["at"], prompt, dict(stored["quality"]))
