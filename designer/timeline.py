"""A run as bars over time: one lane an execution, one bar a call, placed in the units of a drawing. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

LEFT, WIDTH, ROW, BAR, TOP = 190, 900, 26, 14, 30
MOST_BARS = 600
_SHORT = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200)
STEPS = (*_SHORT, 14_400, 43_200, 86_400, 172_800, 604_800, 2_592_000, 7_776_000)


@dataclass(frozen=True, slots=True)
class Bar:
    """One call."""

    x: float
    y: int
    width: float
    kind: str  # done, failed, waiting
    keyword: str
    line: int | None
    seconds: float
    cost: float | None
    model: str | None
    trouble: str | None
    call: int
    execution: UUID


@dataclass(frozen=True, slots=True)
class Lane:
    """One execution."""

    y: int
    name: str
    execution: UUID
    depth: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """The drawing."""

    lanes: tuple[Lane, ...]
    bars: tuple[Bar, ...]
    ticks: tuple[tuple[float, float], ...]  # x, seconds since the beginning
    width: int
    height: int
    seconds: float
    cost: float
    hidden: int  # calls that are not drawn: there are too many


def timeline(rows: Sequence[Mapping[str, Any]], waits: frozenset[str], now: datetime, ended: bool) -> Timeline:
    """The calls of a run; `waits` are the keywords that wait for something, which began when the call before ended."""
    if not rows:
        return Timeline((), (), (), LEFT + WIDTH, TOP, 0.0, 0.0, 0)
    begin = min(row["created_at"] for row in rows)
    end = max(row["ended_at"] for row in rows)
    end = end if ended else max(end, now)
    whole = max((end - begin).total_seconds(), 0.001)
    lanes: dict[UUID, Lane] = {}
    bars: list[Bar] = []
    for row in rows:
        id_ = row["execution_id"]
        if id_ not in lanes:
            name = row["workflow_name"] if row["entry"] == "main" else f"{row['workflow_name']} {row['entry']}"
            lanes[id_] = Lane(TOP + len(lanes) * ROW, name, id_, row["depth"])
        waiting = row["keyword"] in waits
        start = row["started_at"] or (row["since"] if waiting else row["ended_at"])
        seconds = max((row["ended_at"] - start).total_seconds(), 0.0)
        x = LEFT + WIDTH * (start - begin).total_seconds() / whole
        kind = "failed" if row["trouble"] else "waiting" if waiting else "done"
        bars.append(
            Bar(
                round(min(x, LEFT + WIDTH - 2), 1),
                lanes[id_].y,
                round(max(WIDTH * seconds / whole, 3), 1),
                kind,
                row["keyword"],
                row["line"],
                seconds,
                row["cost"],
                row["model"],
                row["trouble"],
                row["seq"],
                id_,
            )
        )
    step = next((s for s in STEPS if whole / s <= 9), STEPS[-1])
    ticks = tuple((round(LEFT + WIDTH * k * step / whole, 1), k * step) for k in range(int(whole / step) + 1))
    height = TOP + len(lanes) * ROW + 6
    cost = sum(row["cost"] or 0.0 for row in rows)
    shown = bars if len(bars) <= MOST_BARS else sorted(bars, key=lambda bar: -bar.seconds)[:MOST_BARS]
    return Timeline(
        tuple(lanes.values()), tuple(shown), ticks, LEFT + WIDTH + 10, height, whole, cost, len(bars) - len(shown)
    )
