"""How values are shown: times, spans, money, statuses, icons. The templates' filters; what they mark is escaped."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from markupsafe import Markup, escape

STATUS_ICONS: Mapping[str, str] = {
    "ready": "circle-dot",
    "running": "activity",
    "waiting": "hourglass",
    "paused": "circle-pause",
    "in_doubt": "triangle-alert",
    "completed": "circle-check",
    "failed": "circle-x",
    "cancelled": "ban",
    "draft": "pencil",
    "published": "radio",
    "pending": "hourglass",
    "active": "circle-check",
}
STATUS_WORDS: Mapping[str, str] = {
    "ready": "Ready",
    "running": "Running",
    "waiting": "Waiting",
    "paused": "Paused",
    "in_doubt": "In doubt",
    "completed": "Completed",
    "failed": "Failed",
    "cancelled": "Cancelled",
    "draft": "Draft",
    "published": "Published",
    "pending": "Pending",
    "active": "Active",
}
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LONGEST_VALUE = 20_000  # characters of a value on a page


def icons(sprite: str) -> Callable[..., Markup]:
    """What draws an icon of the sprite: decoration, unless it is given words of its own."""

    @lru_cache(maxsize=512)
    def icon(name: str, words: str = "", more: str = "") -> Markup:
        said = Markup('role="img" aria-label="{}"').format(words) if words else Markup('aria-hidden="true"')
        return Markup('<svg class="i{}" {}><use href="{}#{}"/></svg>').format(
            f" {more}" if more else "", said, sprite, name
        )

    return icon


def moment(at: datetime | None, words: str = "–") -> Markup:
    """A time in UTC, which the page's script tells in the reader's zone and beside it how long ago."""
    if at is None:
        return escape(words)
    known = at.astimezone(UTC)
    return Markup('<time datetime="{}">{} UTC</time>').format(
        known.isoformat(timespec="milliseconds").replace("+00:00", "Z"), known.strftime("%Y-%m-%d %H:%M")
    )


def span(seconds: float | None) -> str:
    """A time span in two units at most: 240 ms, 3.2 s, 4 min 10 s, 2 h 5 min, 3 d 4 h."""
    if seconds is None:
        return "–"
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    whole = int(seconds)
    for size, name, part, smaller in ((86_400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            rest = whole % size // part
            return f"{whole // size} {name} {rest} {smaller}" if rest else f"{whole // size} {name}"
    return f"{whole} s"


def money(dollars: float | None) -> str:
    """An amount in dollars with the digits that tell something."""
    if dollars is None:
        return "–"
    if dollars == 0:
        return "$0"
    if abs(dollars) >= 0.1:
        return f"${dollars:,.2f}"
    return f"${dollars:.4f}" if abs(dollars) >= 0.001 else f"${dollars:.1e}"


def count(number: float | None) -> str:
    """A number with thin spaces between thousands."""
    return "–" if number is None else f"{number:,.0f}".replace(",", "\u202f")


def percent(part: float | None) -> str:
    return "–" if part is None else f"{part * 100:.0f} %" if part >= 0.01 or part == 0 else "< 1 %"


def as_json(value: Any) -> str:
    """A value for people: text as it is, anything else as indented JSON; long ones cut."""
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2, default=str)
    return shown if len(shown) <= LONGEST_VALUE else shown[:LONGEST_VALUE] + " …"


def brief(value: Any, most: int = 80) -> str:
    """A value on one line."""
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    shown = " ".join(shown.split())
    return shown if len(shown) <= most else shown[: most - 1] + "…"


def short(id_: object) -> str:
    """The beginning of an id, enough to tell it from others."""
    return str(id_)[:8]


def status_icon(status: str) -> str:
    """The icon that stands for a status."""
    return STATUS_ICONS.get(status, "circle")


def status_word(status: str) -> str:
    """What people call a status."""
    return STATUS_WORDS.get(status, status)


def run_in(source: str) -> str:
    """The run that an address of a source names, "" where it names none."""
    found = _ID.search(source)
    return found[0] if found else ""


FILTERS: dict[str, Callable[..., Any]] = {
    "moment": moment,
    "span": span,
    "money": money,
    "count": count,
    "percent": percent,
    "json": as_json,
    "brief": brief,
    "short": short,
    "run_in": run_in,
    "status_icon": status_icon,
    "status_word": status_word,
}
