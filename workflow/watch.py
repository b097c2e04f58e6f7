"""Who looks on while the engine works: counts and traces. Told of what has become durable, never asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from workflow.turn import Turn


class Watch(Protocol):
    """Told on the engine's own time: must be quick, and must not raise."""

    def claimed(self, executions: int) -> None:
        """So many executions were claimed at once."""
        ...

    def committed(self, turns: Sequence[Turn], seconds: float) -> None:
        """These turns became durable together, in so much time."""
        ...

    def repaired(self, what: str, count: int) -> None:
        """The sweeper found and repaired so many rows that should not have been so."""
        ...


class Unwatched:
    """Nobody looks on."""

    def claimed(self, executions: int) -> None:
        pass

    def committed(self, turns: Sequence[Turn], seconds: float) -> None:
        pass

    def repaired(self, what: str, count: int) -> None:
        pass


class Together:
    """Several who look on."""

    def __init__(self, watches: Sequence[Watch]) -> None:
        self._watches = tuple(watches)

    def claimed(self, executions: int) -> None:
        for watch in self._watches:
            watch.claimed(executions)

    def committed(self, turns: Sequence[Turn], seconds: float) -> None:
        for watch in self._watches:
            watch.committed(turns, seconds)

    def repaired(self, what: str, count: int) -> None:
        for watch in self._watches:
            watch.repaired(what, count)
