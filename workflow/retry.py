"""How long to wait before a call that failed for the moment is made again, and when to stop."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

ATTEMPTS = 5  # then the fault is the program's to handle
FIRST = 0.5  # seconds; doubled each time
LONGEST = 60.0
LONGEST_STATED = 86_400.0  # between two attempts, however often it was doubled
LONGEST_ASKED = 3600.0  # what a provider may ask for (Retry-After)


def pause(attempt: int, after: float | None, chance: random.Random, backoff: float | None = None) -> timedelta:
    """The pause after failed attempt number `attempt`: exponential, half of it by chance, never less than asked for.

    With a `backoff`, which the program has stated: so long after the first attempt, and twice as long each time.
    """
    if backoff is not None:
        return timedelta(seconds=max(min(LONGEST_STATED, backoff * 2.0 ** min(attempt - 1, 40)), after or 0.0))
    longest = min(LONGEST, FIRST * 2.0 ** min(attempt - 1, 40))
    seconds = longest * (0.5 + chance.random() / 2)
    return timedelta(seconds=max(seconds, min(after or 0.0, LONGEST_ASKED)))


def earlier(wake_at: datetime | None, since: datetime, timeout: float | None) -> datetime | None:
    """When a wait ends that its statement gives so many seconds."""
    if timeout is None:
        return wake_at
    end = since + timedelta(seconds=timeout)
    return end if wake_at is None else min(wake_at, end)
