"""One judged prompt: what was asked, and how well which model answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from smartrouter.routing.features import Prompt


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
        return {"id": self.id, "at": self.at, **self.prompt.to_json(), "quality": dict(self.quality)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Example:
        """The example that `to_json` wrote."""
        return cls(stored["id"], stored["at"], Prompt.from_json(stored), dict(stored["quality"]))
