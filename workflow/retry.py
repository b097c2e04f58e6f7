"""How long to wait before a call that failed for the moment is made again, and when to stop."""

from __future__ import annotations

import random
from datetime import timedelta

ATTEMPTS = 5  # then the fault is the program's to handle
FIRST = 0.5  # seconds; doubled each time
LONGEST = 60.0
LONGEST_ASKED = 3600.0  # what a provider may ask for (Retry-After)


def pause(attempt: int, after: float | None, chance: random.Random) -> timedelta:
    """The pause after failed attempt number `attempt`: exponential, half of it by chance, never less than asked for."""
    longest = min(LONGEST, FIRST * 2 ** (attempt - 1))
    seconds = longest * (0.5 + chance.random() / 2)
    return timedelta(seconds=max(seconds, min(after or 0.0, LONGEST_ASKED)))
