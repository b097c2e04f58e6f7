"""What every part of the engine is given: the pool, the language, the services, the clock. Made once, at the top."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from keywords.host import EffectStatement, Events, Executions, Services
from keywords.registry import Registry
from storage.hints import Hints
from storage.pool import Pool, Where
from workflow.events.setup import EventSetup
from workflow.rules import Rules
from workflow.watch import Unwatched, Watch


def utc_now() -> datetime:
    """The wall clock; the one place of the engine that looks at it."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Engine:
    """The parts; `where` is how a worker reaches Postgres for the connections it keeps to itself."""

    pool: Pool
    where: Where
    registry: Registry
    services: Services
    statements: tuple[EffectStatement, ...]  # of the other rooms; the engine's own come on top
    hints: Hints
    clock: Callable[[], datetime] = utc_now
    chance: random.Random = field(default_factory=random.Random)
    schedules: Rules = field(default_factory=Rules)
    watch: Watch = field(default_factory=Unwatched)
    events: EventSetup = field(default_factory=EventSetup)

    def with_executions(self, executions: Executions, events: Events | None = None) -> Engine:
        """The engine whose programs see the other executions and events; made once there are operations on it."""
        return replace(self, services=replace(self.services, executions=executions, events=events))
