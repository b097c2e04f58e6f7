"""Charts of the models page as numbers to draw with: places and sizes in the units of an SVG. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

LEFT, RIGHT, TOP, BOTTOM, WIDTH, HEIGHT = 48, 6, 10, 24, 380, 190
COLOURS = 6
Point = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Series:
    """One model's line, or its columns."""

    name: str
    colour: int
    points: str  # of a polyline
    marks: tuple[tuple[float, float, str], ...]  # x, y, words


@dataclass(frozen=True, slots=True)
class Column:
    """A piece of a stacked column."""

    x: float
    y: float
    width: float
    height: float
    colour: int
    words: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Lines over time, or stacked columns."""

    title: str
    series: tuple[Series, ...]
    columns: tuple[Column, ...]
    ticks: tuple[tuple[float, str], ...]  # y, words
    times: tuple[tuple[float, str], ...]  # x, words
    names: tuple[tuple[str, int], ...]  # of the legend


@dataclass(frozen=True, slots=True)
class Span:
    """What of the time is drawn, in pieces."""

    since: datetime
    until: datetime
    piece: float  # seconds

    def x(self, at: datetime) -> float:
        whole = (self.until - self.since).total_seconds() or 1.0
        share = (at - self.since).total_seconds() / whole
        return round(LEFT + (WIDTH - LEFT - RIGHT) * min(max(share, 0.0), 1.0), 1)

    def times(self) -> tuple[tuple[float, str], ...]:
        whole = self.until - self.since
        form = "%H:%M" if whole <= timedelta(days=2) else "%d.%m."
        return tuple((self.x(at), at.strftime(form)) for at in (self.since + whole * k / 4 for k in range(1, 4)))


def colours(points: Sequence[Point]) -> Mapping[str, int]:
    """A colour for each model, the most asked first."""
    calls: dict[str, int] = {}
    for point in points:
        calls[point["model"]] = calls.get(point["model"], 0) + point["calls"]
    ranked = sorted(calls, key=lambda model: (-calls[model], model))
    return {model: min(place, COLOURS - 1) for place, model in enumerate(ranked)}


def lines(title: str, points: Sequence[Point], span: Span, value: str, say: Callable[[float], str]) -> Chart:
    """A line for each model: the sum (`cost`) or the mean (`seconds`) of a value in each piece of time."""
    shades = colours(points)
    found: dict[str, dict[datetime, tuple[float, int]]] = {}
    for point in points:
        if point.get(value) is None:
            continue
        at = datetime.fromisoformat(point["at"]) + timedelta(seconds=span.piece / 2)
        total, calls = found.setdefault(point["model"], {}).get(at, (0.0, 0))
        times = max(point["calls"] - point["errors"], 1) if value == "seconds" else 1
        found[point["model"]][at] = total + point[value] * times, calls + times
    mean = value == "seconds"
    shown = {m: {at: v / n if mean else v for at, (v, n) in pieces.items()} for m, pieces in found.items()}
    top = _above(max((v for pieces in shown.values() for v in pieces.values()), default=0.0))
    series = tuple(
        _series(model, shades[model], sorted(shown[model].items()), span, top, say)
        for model in sorted(shown, key=lambda model: shades[model])
    )
    ticks = tuple((_y(top * k / 4, top), say(top * k / 4)) for k in range(0, 5, 2))
    return Chart(title, series, (), ticks, span.times(), tuple((one.name, one.colour) for one in series))


def shares(title: str, points: Sequence[Point], span: Span) -> Chart:
    """Stacked columns: which part of the calls each model answered, in each piece of time."""
    shades, pieces = colours(points), dict[str, dict[str, int]]()
    for point in points:
        calls = pieces.setdefault(point["at"], {})
        calls[point["model"]] = calls.get(point["model"], 0) + point["calls"]
    width = max((WIDTH - LEFT - RIGHT) * span.piece / ((span.until - span.since).total_seconds() or 1.0) - 1, 2)
    columns: list[Column] = []
    for at, calls in sorted(pieces.items()):
        whole, below = sum(calls.values()) or 1, 0.0
        x = span.x(datetime.fromisoformat(at))
        for model in sorted(calls, key=lambda model: shades[model]):
            part = calls[model] / whole
            high = (HEIGHT - TOP - BOTTOM) * part
            y = HEIGHT - BOTTOM - below - high
            words = f"{model}: {part * 100:.0f} % ({calls[model]})"
            columns.append(
                Column(x, round(y, 1), round(min(width, WIDTH - x), 1), round(high, 1), shades[model], words)
            )
            below += high
    ticks = tuple((_y(k / 4, 1.0), f"{25 * k} %") for k in range(0, 5, 2))
    named = tuple(sorted(shades.items(), key=lambda item: item[1]))
    return Chart(title, (), tuple(columns), ticks, span.times(), named)


def _series(
    name: str,
    colour: int,
    values: Sequence[tuple[datetime, float]],
    span: Span,
    top: float,
    say: Callable[[float], str],
) -> Series:
    marks = tuple((span.x(at), _y(value, top), f"{name}: {say(value)}") for at, value in values)
    return Series(name, colour, " ".join(f"{x},{y}" for x, y, _ in marks), marks)


def _y(value: float, top: float) -> float:
    return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value / top if top else 0.0), 1)


def _above(value: float) -> float:
    """A round number that is not below."""
    if value <= 0:
        return 1.0
    size = (
        10.0 ** len(str(int(value))) / 10
        if value >= 1
        else 10.0 ** -next(k for k in range(1, 16) if value * 10**k >= 1)
    )
    return next(size * step for step in (1, 2, 4, 5, 8, 10) if size * step >= value)
