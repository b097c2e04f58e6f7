"""The flowchart as nested lists: `<ol>` and `<li>`, which is what screen readers want and CSS draws.

li.step #n12      a card with all that is in it            button.face #f12     what is seen of it, and focused
section.way #w33  a branch                                 button.face #h33     what heads it
ol.flow #o33      its cards                                li.start #s33        where the first one is put
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from designer.document import Document
from designer.outline import outlined
from designer.sketch import FRAMES, Sketch, SketchWay, sketched
from keywords.registry import Registry

KEPT = 20_000  # faces
ICONS: Mapping[str, str] = {
    "person": "user-check",
    "fork": "split",
    "loop": "repeat",
    "parallel": "columns-3",
    "signal": "radio",
    "spark": "sparkles",
    "share": "share-2",
    "sync": "refresh-cw",
    "speech": "message-square",
    "equals": "variable",
    "flow": "workflow",
    "note": "sticky-note",
    "memory": "brain",
    "input": "step-forward",
    "return": "corner-down-right",
    "shield": "circle-alert",
    "alert": "triangle-alert",
    "word": "zap",
}


@dataclass(slots=True)
class Canvas:
    """Draws for one language. `edits` gives cards their places to add steps; else each says its line and state."""

    templates: Environment
    say: Callable[..., str]
    edits: bool = True
    states: Mapping[int, str] = field(default_factory=dict[int, str])
    _faces: dict[Any, str] = field(default_factory=dict[Any, str])
    _parts: Any = None

    @property
    def parts(self) -> Any:
        if self._parts is None:
            given = {"t": self.say, "icons": ICONS, "edits": self.edits}
            self._parts = self.templates.get_template("canvas/card.html").make_module(given)
        return self._parts

    def flow(self, way: SketchWay) -> str:
        """The list of a way."""
        start = str(self.parts.start(way.id)) if self.edits else ""
        return f'<ol class="flow">{start}{"".join(map(self.card, way.cards))}</ol>'

    def card(self, card: Sketch) -> str:
        """A card with everything in it."""
        ways = ""
        if card.ways:
            more = str(self.parts.more(card)) if self.edits and card.more else ""
            across = " across" if len(card.ways) > 1 else ""
            fold = self._fold if self.edits and card.kind not in FRAMES else ""
            ways = f'{fold}<div class="ways{across}">{"".join(map(self.way, card.ways))}</div>{more}'
        plus = self._plus if self.edits else ""
        return f'<li class="step {shape(card)}" id="n{card.id}">{self.face(card)}{ways}{plus}</li>'

    def way(self, way: SketchWay) -> str:
        return f'<section class="way" id="w{way.id}">{self.head(way)}{self.flow(way)}</section>'

    def face(self, card: Sketch) -> str:
        """What is seen of a card itself."""
        state = self.states.get(card.line, "")
        return self._kept(("face", card, state), lambda: self.parts.face(card, state))

    def head(self, way: SketchWay) -> str:
        """What stands over a way."""
        state = self.states.get(way.line, "")
        return self._kept(("head", way, state), lambda: self.parts.head(way, state))

    @property
    def _fold(self) -> str:
        return self._kept(("fold",), self.parts.fold)

    @property
    def _plus(self) -> str:
        return self._kept(("plus",), self.parts.plus)

    def _kept(self, key: object, make: Callable[[], Any]) -> str:
        found = self._faces.get(key)
        if found is None:
            if len(self._faces) >= KEPT:
                self._faces.clear()
            found = self._faces[key] = str(make()).strip()
        return found


def shape(card: Sketch) -> str:
    """The classes of a card's list item."""
    names = [f"h-{card.face.hue}"]
    if card.kind == "note":
        names.append("quiet")
    if card.kind in FRAMES:
        names.append("whole")
    elif card.ways:
        names.append("block")
    if card.kind in ("for", "while", "do", "parallel for"):
        names.append("turns")
    return " ".join(names)


def picture(
    text: str, registry: Registry, templates: Environment, say: Callable[..., str], states: Mapping[int, str]
) -> Markup:
    """A program that nobody edits: each card says its line, and what became of it."""
    outline = outlined(Document.of(text), registry)
    canvas = Canvas(templates, say, edits=False, states=states)
    flow = canvas.flow(sketched(outline, registry))
    return canvas.parts.still(flow)
