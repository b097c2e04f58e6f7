"""A weak signal: whoever asks the same thing again in the same execution was not content with the answer."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from uuid import UUID

from smartrouter.attempts import RETRIED, Attempt
from smartrouter.catalogue import Model
from smartrouter.routing.features import Prompt

SOON = 600.0  # seconds
KEPT = 5_000


class Retold:
    """The latest questions of each execution."""

    def __init__(self) -> None:
        self._asked: OrderedDict[tuple[UUID, int], tuple[str, Model, Prompt, float]] = OrderedDict()

    def asked(
        self,
        execution: UUID | None,
        words: str,
        model: Model,
        prompt: Prompt,
        call_id: str,
        now: float,
        note: Callable[[Attempt], None],
    ) -> None:
        """Remember an answered question; the one before it with the same words is noted as not good enough."""
        if execution is None:
            return
        key = (execution, hash(words))
        before = self._asked.pop(key, None)
        if before is not None and before[0] != call_id and now - before[3] < SOON:
            call, asked, seen, _ = before
            note(Attempt(asked, seen, call, "retried", quality=RETRIED[0], weight=RETRIED[1]))
        self._asked[key] = (call_id, model, prompt, now)
        while len(self._asked) > KEPT:
            self._asked.popitem(last=False)
