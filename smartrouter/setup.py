"""What the router is given by whoever opens it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass

from smartrouter.daily_limits import DailyLimits
from smartrouter.mirror import Mirror
from storage.pool import Pool


@dataclass(frozen=True, slots=True)
class Setup:
    """Where litellm finds keys, what packages say, where records go, and what time it is."""

    environment: MutableMapping[str, str]
    package_config: Callable[[str], Mapping[str, str]]
    clock: Callable[[], float]  # for spans of time
    now: Callable[[], float]  # of the wall
    chance: Callable[[], float]
    pool: Pool | None
    daily: DailyLimits
    mirror: Mirror | None
