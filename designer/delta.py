"""What has to be drawn anew after an edit, as `<hx-partial>`s: the cards and lines that differ, and no others.

htmx finds all targets before it swaps the first. So whatever is put somewhere goes behind an element that stays where
it is, and what moves is taken out at its old place first, then put in at the new one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from designer.canvas import Canvas, shape
from designer.code_lines import Code
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


def code_delta(delta: Delta, old: Code, new: Code) -> None:
    """The lines of the code that differ."""
    ids, texts = new.document.ids, new.document.lines
    before = dict(zip(old.document.ids, old.document.lines, strict=True))
    moves = _moves(old.document.ids, ids)
    for number in moves.going:
        delta.delete(f"l{number}")
    _put(delta, ids, moves, "l0", "l", lambda at: new.line(ids[at], texts[at]).html)
    told = {number for number, _ in old.told.items() ^ new.told.items()}
    for number, text in zip(ids, texts, strict=True):
        if (before.get(number) != text or number in told) and number in before and number not in moves.coming:
            delta.replace(f"l{number}", new.line(number, text).html)


def _ways(delta: Delta, canvas: Canvas, old: SketchWay, new: SketchWay) -> None:
    if (old.face, old.marks, old.line) != (new.face, new.marks, new.line) and new.heads:
        delta.replace(f"h{new.id}", canvas.head(new))
    before = {card.id: card for card in old.cards}
    ids = [card.id for card in new.cards]
    moves = _moves(list(before), ids)
    for number in moves.going:
        delta.delete(f"n{number}")
    _put(delta, ids, moves, f"s{new.id}", "n", lambda at: canvas.card(new.cards[at]))
    for card in new.cards:
        if card.id in before and card.id not in moves.coming:
            _cards(delta, canvas, before[card.id], card)


def _cards(delta: Delta, canvas: Canvas, old: Sketch, new: Sketch) -> None:
    if old is new:
        return
    same_ways = [(w.id, w.heads) for w in old.ways] == [(w.id, w.heads) for w in new.ways]
    if not same_ways or shape(old) != shape(new) or old.more != new.more:
        delta.replace(f"n{new.id}", canvas.card(new))
        return
    if old != new:
        delta.replace(f"f{new.id}", canvas.face(new))
    for before, after in zip(old.ways, new.ways, strict=True):
        _ways(delta, canvas, before, after)


@dataclass(frozen=True, slots=True)
class _Moves:
    """From one order to another: what goes from its place, and what comes to one; what moves does both."""

    first: int  # so many stay in front
    going: Sequence[int]
    coming: frozenset[int]


def _moves(old: Sequence[int], new: Sequence[int]) -> _Moves:
    """As little as can be: the largest set of numbers that keep their order stays in place."""
    most = min(len(old), len(new))
    head = 0
    while head < most and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < most - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    left, right = old[head : len(old) - tail], new[head : len(new) - tail]
    place = {number: at for at, number in enumerate(right)}
    stay = frozenset(_rising([number for number in left if number in place], place))
    return _Moves(head, [number for number in left if number not in stay], frozenset(place.keys() - stay))


def _put(delta: Delta, ids: Sequence[int], moves: _Moves, start: str, letter: str, html: Callable[[int], str]) -> None:
    """Everything that comes, behind what stays."""
    missing = len(moves.coming)
    anchor, run = f"{letter}{ids[moves.first - 1]}" if moves.first else start, list[str]()
    for at in range(moves.first, len(ids)):
        if ids[at] in moves.coming:
            run.append(html(at))
            missing -= 1
            continue
        if run:
            delta.behind(anchor, "".join(run))
        if not missing:
            return
        anchor, run = f"{letter}{ids[at]}", []
    if run:
        delta.behind(anchor, "".join(run))


def _rising(numbers: Sequence[int], place: dict[int, int]) -> list[int]:
    """The longest run of them that is in order (patience sorting)."""
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
