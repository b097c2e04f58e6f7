"""What holds for all schedules of an installation."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rules:
    """A schedule that says nothing else goes by these; none may go beyond them."""

    zone: str = "UTC"  # where none is given
    least: float = 60.0  # seconds between two times of one schedule
    most: int = 1_000  # schedules of a tenant
