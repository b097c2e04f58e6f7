"""Draws docs/execution.svg, the life of an execution: `python -m tests.docs.drawing [--check]`.

The table of transitions is compared with what the engine does (`test_drawing.py`).
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from html import escape

from tests.docs.pages import DOCS

FILE = DOCS / "execution.svg"
WIDTH, HEIGHT = 1010, 400
BOX = (124, 46)

LIVE = ("waiting", "ready", "running")
UNFINISHED = (*LIVE, "paused", "in_doubt")

# The middle of each status, and what it is: alive, asking for a person, ended.
PLACES: dict[str, tuple[int, int, str]] = {
    "waiting": (100, 120, "live"),
    "ready": (370, 120, "live"),
    "running": (660, 120, "live"),
    "paused": (170, 325, "person"),
    "in_doubt": (470, 325, "person"),
    "completed": (930, 75, "well"),
    "failed": (930, 190, "badly"),
    "cancelled": (930, 325, "badly"),
}
FRAMES = ((24, 60, 716, 156, "inner"), (10, 44, 744, 330, "outer"))  # around LIVE, and around UNFINISHED


@dataclass(frozen=True, slots=True)
class Arrow:
    """One or several transitions: from each source to each target; the points of the line, and what makes it happen."""

    sources: tuple[str, ...]
    targets: tuple[str, ...]
    words: str
    points: tuple[tuple[int, int], ...]
    at: tuple[int, int]  # where the words stand
    anchor: str = "middle"


ARROWS = (
    Arrow(("ready",), ("running",), "a worker claims it", ((432, 112), (598, 112)), (515, 104)),
    Arrow(("running",), ("ready",), "its turn or worker ends", ((598, 130), (432, 130)), (515, 147)),
    Arrow(
        ("running",),
        ("waiting",),
        "it waits: for an event, a person, a time, its parts",
        ((660, 143), (660, 182), (100, 182), (100, 143)),
        (380, 202),
    ),
    Arrow(("waiting",), ("ready",), "it comes", ((162, 120), (308, 120)), (235, 112)),
    Arrow(("running",), ("completed",), "its end", ((722, 112), (868, 80)), (800, 84)),
    Arrow(("running",), ("failed",), "a mistake", ((722, 128), (868, 178)), (806, 144)),
    Arrow(("failed",), ("ready",), "retry", ((868, 202), (740, 202)), (804, 220)),
    Arrow(LIVE, ("paused",), "pause", ((150, 216), (150, 302)), (142, 268), "end"),
    Arrow(("paused",), ("ready", "waiting"), "resume", ((190, 302), (190, 216)), (198, 268), "start"),
    Arrow(("running",), ("in_doubt",), "its worker died at a ONCE call", ((625, 143), (505, 302)), (541, 268), "start"),
    Arrow(("in_doubt",), ("ready",), "a person settles it", ((440, 302), (440, 216)), (432, 268), "end"),
    Arrow(UNFINISHED, ("cancelled",), "cancel", ((754, 325), (868, 325)), (811, 317)),
)

STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .status { font-weight: 600; font-size: 14px; text-anchor: middle }
  rect { stroke-width: 1.5; rx: 10 }
  .live rect { fill: #ddf4ff; stroke: #0969da } .person rect { fill: #fff8c5; stroke: #9a6700 }
  .well rect { fill: #dafbe1; stroke: #1a7f37 } .badly rect { fill: #ffebe9; stroke: #cf222e }
  path { fill: none; stroke: #57606a; stroke-width: 1.4; marker-end: url(#tip) }
  .back { fill: #ffffff } .inner, .outer { fill: none; stroke: #8c959f; stroke-width: 1 }
  .outer { stroke-dasharray: 5 4 }
"""


def drawing() -> str:
    """The picture."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="t d">',
        '<title id="t">The life of an execution</title>',
        f'<desc id="d">{escape(described())}</desc>',
        f"<style>{STYLE}</style>",
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        '<polygon points="0,0 8,4 0,8" fill="#57606a"/></marker></defs>',
        f'<rect class="back" width="{WIDTH}" height="{HEIGHT}"/>',
    ]
    parts += [f'<rect class="{k}" x="{x}" y="{y}" width="{w}" height="{h}"/>' for x, y, w, h, k in FRAMES]
    parts += [_line(arrow) for arrow in ARROWS]
    parts += [_box(name, *place) for name, place in PLACES.items()]
    parts += [_words(arrow) for arrow in ARROWS]
    return "\n".join([*parts, "</svg>", ""])


def transitions() -> set[tuple[str, str]]:
    """Every change of status that the picture shows."""
    return {(source, target) for arrow in ARROWS for source in arrow.sources for target in arrow.targets}


def described() -> str:
    """The same in words."""
    return " ".join(f"{' or '.join(a.sources)} becomes {' or '.join(a.targets)}: {a.words}." for a in ARROWS)


def _line(arrow: Arrow) -> str:
    path = "M" + " L".join(f"{x} {y}" for x, y in arrow.points)
    return f'<path d="{path}"/>'


def _words(arrow: Arrow) -> str:
    x, y = arrow.at
    return f'<text x="{x}" y="{y}" text-anchor="{arrow.anchor}">{escape(arrow.words)}</text>'


def _box(name: str, x: int, y: int, kind: str) -> str:
    wide, high = BOX
    return (
        f'<g class="{kind}"><rect x="{x - wide // 2}" y="{y - high // 2}" width="{wide}" height="{high}"/>'
        f'<text class="status" x="{x}" y="{y + 5}">{name}</text></g>'
    )


def main(arguments: list[str]) -> None:
    """Write the picture, or with `--check` end with an error when it is not up to date."""
    if "--check" not in arguments:
        FILE.write_text(drawing(), "utf-8")
    elif not FILE.exists() or FILE.read_text("utf-8") != drawing():
        raise SystemExit(f"{FILE} is out of date: run python -m tests.docs.drawing")


if __name__ == "__main__":
    main(sys.argv[1:])
