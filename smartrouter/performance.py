"""What is known of the models, for people: the table, its charts, and whether each answers now."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from smartrouter.catalogue import Model
from smartrouter.stored import pace_of
from storage.pool import Pool
from storage.sql import queries

SQL = queries("smartrouter")
PIECES = ((timedelta(days=2), 3600), (timedelta(days=15), 6 * 3600), (timedelta(days=10_000), 86_400))


@dataclass(frozen=True, slots=True)
class Standing:
    """One model at one task, or over all tasks."""

    model: str
    provider: str
    task: str
    calls: int
    errors: int
    timeouts: int
    cost: float
    input_tokens: int
    output_tokens: int
    quality: float | None  # the mean of the judgements
    judgements: float
    median: float | None  # seconds of an answer
    p95: float | None
    mean: float | None
    deviation: float | None
    first_token: float | None  # the mean, of answers that stream
    trouble: str = ""
    closed_until: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        """As plain JSON; what is not known is left out."""
        told = {name: getattr(self, name) for name in self.__slots__}
        told["closed_until"] = self.closed_until.isoformat() if self.closed_until else None
        return {name: _rounded(value) for name, value in told.items() if value not in (None, "")}


class Performance:
    """Reads the records of all processes. `configured` answers the models of the settings."""

    def __init__(self, pool: Pool, configured: Callable[[str], Sequence[Model]]) -> None:
        self._pool = pool
        self._configured = configured

    async def standings(self, tenant: UUID) -> tuple[Standing, ...]:
        """Each model at each task, the most asked first; models that were never asked come last."""
        async with self._pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(SQL["performance"], {"tenant": tenant})
            rows = await cursor.fetchall()
            await cursor.execute(SQL["health"], {"tenant": tenant})
            health = {row["model"]: row for row in await cursor.fetchall()}
        found = [_standing(row, health.get(row["model"])) for row in rows]
        seen = {one.model for one in found}
        never = [
            Standing(m.label, m.provider, "", 0, 0, 0, 0.0, 0, 0, None, 0.0, None, None, None, None, None)
            for m in self._configured("")
            if m.label not in seen
        ]
        return (*sorted(found, key=lambda one: (-one.calls, one.model, one.task)), *never)

    async def usage(self, tenant: UUID, now: datetime, span: timedelta) -> dict[str, Any]:
        """Cost, latency and share of each model at each task over time, in pieces that suit a chart."""
        piece = next(seconds for most, seconds in PIECES if span <= most)
        given = {"tenant": tenant, "since": now - span, "piece": piece}
        async with self._pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(SQL["usage"], given)
            rows = await cursor.fetchall()
        calls: dict[tuple[datetime, str], int] = {}
        for row in rows:
            calls[row["since"], row["task_type"]] = calls.get((row["since"], row["task_type"]), 0) + row["calls"]
        return {
            "since": (now - span).isoformat(),
            "piece_seconds": piece,
            "points": [_point(row, calls[row["since"], row["task_type"]]) for row in rows],
        }


def _point(row: Mapping[str, Any], of_task: int) -> dict[str, Any]:
    answered = row["calls"] - row["errors"]
    return {
        "at": row["since"].isoformat(),
        "model": row["model"],
        "task": row["task_type"],
        "calls": row["calls"],
        "errors": row["errors"],
        "cached": row["cached"],
        "share": _rounded(row["calls"] / of_task) if of_task else 0.0,
        "cost": _rounded(row["cost"]),
        "seconds": _rounded(row["seconds"] / answered) if answered else None,
        "tokens": row["input_tokens"] + row["output_tokens"],
    }


def _standing(row: Mapping[str, Any], health: Mapping[str, Any] | None) -> Standing:
    pace = pace_of(row)
    measured = row["seconds_n"] > 0
    return Standing(
        row["model"],
        row["provider"],
        row["task_type"],
        row["calls"],
        row["errors"],
        row["timeouts"],
        row["cost"],
        row["input_tokens"],
        row["output_tokens"],
        row["quality"] / row["judged"] if row["judged"] else None,
        row["judged"],
        pace.whole.quantile(0.5) if pace.whole.total else None,
        pace.whole.quantile(0.95) if pace.whole.total else None,
        row["seconds_mean"] if measured else None,
        math.sqrt(row["seconds_m2"] / row["seconds_n"]) if measured else None,
        row["ttft_mean"] if row["ttft_n"] else None,
        health["trouble"] if health else "",
        health["closed_until"] if health else None,
    )


def _rounded(value: Any) -> Any:
    return float(f"{value:.6g}") if isinstance(value, float) else value
