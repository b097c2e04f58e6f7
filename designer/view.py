"""A draft as its page shows it: cards, lines of code, and what is told about them. Made once for each state."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from designer.code_lines import Code, known_words
from designer.document import Document
from designer.fixes import Fix, fixes
from designer.outline import Outline, outlined
from designer.sketch import Sketches, SketchWay
from keywords.diagnostics import Diagnostic
from keywords.registry import Registry

KEPT = 48
MOST_TOLD = 60


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding with the card that it is about, and what one click would do about it."""

    diagnostic: Diagnostic
    card: int
    way: int
    fixes: tuple[Fix, ...]


@dataclass(frozen=True, slots=True)
class View:
    document: Document
    outline: Outline
    root: SketchWay
    lines: Code
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> int:
        return sum(problem.diagnostic.severity == "error" for problem in self.problems)


class Views:
    """Views of documents; an unchanged state is not looked at twice."""

    def __init__(self, registry: Registry, check: Callable[[str, str], Sequence[Diagnostic]]) -> None:
        self._registry, self._check, self._sketches = registry, check, Sketches(registry)
        self._kept: OrderedDict[tuple[str, tuple[int, ...], str], View] = OrderedDict()

    def of(self, document: Document, origin: str) -> View:
        """How the document looks to whoever works with the bots of this package."""
        key = document.text, document.ids, origin
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = self._made(document, origin)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return found

    def _made(self, document: Document, origin: str) -> View:
        outline = outlined(document, self._registry)
        told = tuple(self._check(document.text, origin))[:MOST_TOLD]
        levels: dict[int, tuple[str, str]] = {}
        for diagnostic in told:
            number = document.ids[diagnostic.line - 1] if 1 <= diagnostic.line <= len(document.ids) else 0
            if levels.get(number, ("", ""))[0] != "error":
                levels[number] = diagnostic.severity, f"{diagnostic.message} {diagnostic.fix}".strip()
        root = self._sketches.of(outline, told)
        lines = Code(document, levels, known_words(self._registry))
        return View(document, outline, root, lines, tuple(self._problem(outline, d) for d in told))

    def _problem(self, outline: Outline, diagnostic: Diagnostic) -> Problem:
        card = outline.at_line(diagnostic.line)
        way = outline.heads.get(diagnostic.line, 0)
        found = tuple(fixes(diagnostic, outline, self._registry))
        return Problem(diagnostic, card.id if card else 0, way, found)
