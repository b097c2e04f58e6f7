"""What has to be drawn anew after an edit, as `<hx-partial>`s: the cards and lines that differ, and no others.

htmx finds all targets before it swaps the first. So whatever is put somewhere goes behind an element that stays where
it is, and what moves is taken out at its old place first, then put in at the new one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from designer.canvas import Canvas, shape
from designer.code_lines import CodeLine
from designer.sketch import Sketch, SketchWay


@dataclass(slots=True)
class Delta:
    """Collects partials: first what goes, then what comes or changes."""

    going: list[str] = field(default_factory=list[str])
    coming: list[str] = field(default_factory=list[str])

    @property
    def html(self) -> str:
        return "".join((*self.going, *self.coming))

    def delete(self, target: str) -> None:
        self.going.append(f'<hx-partial hx-target="#{target}" hx-swap="delete"></hx-partial>')

    def behind(self, target: str, html: str) -> None:
        self.coming.append(f'<hx-partial hx-target="#{target}" hx-swap="afterend">{html}</hx-partial>')

    def replace(self, target: str, html: str) -> None:
        self.coming.append(f'<hx-partial hx-target="#{target}" hx-swap="outerMorph">{html}</hx-partial>')

    def morph(self, target: str, html: str) -> None:
        """What is in the target becomes this; a field in hand keeps what is typed there."""
        self.coming.append(f'<hx-partial hx-target="#{target}" hx-swap="innerMorph">{html}</hx-partial>')

    def inner(self, target: str, html: str) -> None:
        self.coming.append(f'<hx-partial hx-target="#{target}" hx-swap="innerHTML">{html}</hx-partial>')


def canvas_delta(delta: Delta, canvas: Canvas, old: SketchWay, new: SketchWay) -> None:
    """The cards that differ."""
    _ways(delta, canvas, old, new)


def code_delta(delta: Delta, old: Sequence[CodeLine], new: Sequence[CodeLine]) -> None:
    """The lines of the code that differ."""
    before = {line.id: line for line in old}
    stay = _staying([line.id for line in old], [line.id for line in new])
    for line in old:
        if line.id not in stay:
            delta.delete(f"l{line.id}")
    _put(delta, [line.id for line in new], stay, "l0", "l", lambda at: new[at].html)
    for line in new:
        if line.id in stay and before[line.id] != line:
            delta.replace(f"l{line.id}", line.html)


def _ways(delta: Delta, canvas: Canvas, old: SketchWay, new: SketchWay) -> None:
    if (old.face, old.marks, old.line) != (new.face, new.marks, new.line) and new.heads:
        delta.replace(f"h{new.id}", canvas.head(new))
    before = {card.id: card for card in old.cards}
    stay = _staying([card.id for card in old.cards], [card.id for card in new.cards])
    for card in old.cards:
        if card.id not in stay:
            delta.delete(f"n{card.id}")
    _put(delta, [card.id for card in new.cards], stay, f"s{new.id}", "n", lambda at: canvas.card(new.cards[at]))
    for card in new.cards:
        if card.id in stay:
            _cards(delta, canvas, before[card.id], card)


def _cards(delta: Delta, canvas: Canvas, old: Sketch, new: Sketch) -> None:
    same_ways = [(w.id, w.heads) for w in old.ways] == [(w.id, w.heads) for w in new.ways]
    if not same_ways or shape(old) != shape(new) or old.more != new.more:
        delta.replace(f"n{new.id}", canvas.card(new))
        return
    if old != new:
        delta.replace(f"f{new.id}", canvas.face(new))
    for before, after in zip(old.ways, new.ways, strict=True):
        _ways(delta, canvas, before, after)


def _put(
    delta: Delta, ids: Sequence[int], stay: frozenset[int], start: str, letter: str, html: Callable[[int], str]
) -> None:
    """Everything that does not stay, behind what does."""
    anchor, run = start, list[str]()
    for at, number in enumerate(ids):
        if number in stay:
            if run:
                delta.behind(anchor, "".join(run))
            anchor, run = f"{letter}{number}", []
        else:
            run.append(html(at))
    if run:
        delta.behind(anchor, "".join(run))


def _staying(old: Sequence[int], new: Sequence[int]) -> frozenset[int]:
    """The largest set of numbers that keep their order; they stay in place and the others move."""
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    kept = [*old[:head], *(old[len(old) - tail :] if tail else ())]
    place = {number: at for at, number in enumerate(new)}
    middle = [number for number in old[head : len(old) - tail] if number in place]
    return frozenset((*kept, *_rising(middle, place)))


def _rising(numbers: Sequence[int], place: dict[int, int]) -> list[int]:
    """The longest run of them that is in order (patience sorting)."""
    from bisect import bisect_left

    ends: list[int] = []  # the least place that a run of that length ends at
    last: list[int] = []  # the number there
    before: dict[int, int | None] = {}
    for number in numbers:
        at = bisect_left(ends, place[number])
        before[number] = last[at - 1] if at else None
        ends[at : at + 1] = [place[number]]
        last[at : at + 1] = [number]
    found: list[int] = []
    number = last[-1] if last else None
    while number is not None:
        found.append(number)
        number = before[number]
    return found
