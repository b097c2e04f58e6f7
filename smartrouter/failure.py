"""How one attempt at one model ended without an answer."""

from __future__ import annotations

from typing import Literal

Why = Literal["failed", "slow", "late", "busy", "refused", "garbage", "empty", "question", "policy"]


class Failure(Exception):
    """Why there is no answer, what the author is told when nobody else answers, and whether it may have been billed.

    `question` and `policy` are the question's own doing and say nothing against the model.
    """

    def __init__(
        self, why: Why, words: str, told: Exception, *, billed: bool = True, after: float | None = None
    ) -> None:
        super().__init__(words)
        self.why: Why = why
        self.told = told
        self.billed = billed
        self.after = after
