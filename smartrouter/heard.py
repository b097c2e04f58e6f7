"""The prompt of one call, read as far as it is needed: its task at once, the rest while the model answers."""

from __future__ import annotations

import asyncio

from smartrouter.meaning import Meaning
from smartrouter.routing.features import Prompt, glance, read

SENT = 0.005  # seconds after which the question is on its way, and there is nothing to do but wait


class Heard:
    """What was asked. `glance` is enough to choose by until something was learned; `whole` is what learners look at.

    A model that answers at once leaves no time to read the whole: then it is read when the call is written down.
    """

    __slots__ = ("_meaning", "_whole", "glance", "words")

    def __init__(self, words: str, meaning: Meaning) -> None:
        self.words = words
        self.glance = glance(words)
        self._meaning = meaning
        self._whole: Prompt | None = None

    def whole(self) -> Prompt:
        """The prompt with its surface and its meaning."""
        if self._whole is None:
            self._whole = read(self.words, self._meaning.of(self.words))
        return self._whole

    def meanwhile(self) -> asyncio.TimerHandle:
        """Reads the whole while the model answers."""
        return asyncio.get_running_loop().call_later(SENT, self.whole)
