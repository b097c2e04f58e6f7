"""Cards that did not change are the cards that were drawn before; all others are drawn as if for the first time."""

from __future__ import annotations

import random
from dataclasses import asdict
from pathlib import Path

import pytest

from designer.document import Document
from designer.edits import edited
from designer.outline import outlined
from designer.sketch import Sketches, SketchWay
from keywords import advice
from keywords.check import check
from keywords.compile import compile_program
from keywords.diagnostics import Diagnostic, ordered
from tests.designer.studio import REGISTRY, Fuzz

PACKAGES = Path(__file__).parents[2] / "bottemplates"
PROGRAMS = sorted(PACKAGES.glob("*.gbai/*.gbdialog/*.bas"))
TWO = 'IF a THEN\n  TALK "x"\nEND IF\nIF b THEN\n  TALK "y"\nEND IF\n'


def told(text: str) -> tuple[Diagnostic, ...]:
    return check(text, REGISTRY, ())


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda p: p.stem)
def test_after_any_gesture_a_program_is_drawn_and_judged_as_if_for_the_first_time(
    path: Path, monkeypatch: pytest.MonkeyPatch
):
    fuzz, sketches = Fuzz(Document.of(path.read_bytes().decode()), random.Random(path.stem)), Sketches(REGISTRY)
    for _ in range(12):
        fuzz.turn()
        document, found = fuzz.document, told(fuzz.document.text)
        outline = outlined(document, REGISTRY)
        assert asdict(sketches.of(outline, found)) == asdict(Sketches(REGISTRY).of(outline, found))
        with monkeypatch.context() as forgetful:
            forgetful.setattr(advice, "LONGEST", -1)
            compiled = compile_program(document.text, REGISTRY, known_bots=()).diagnostics
            assert found == ordered((*compiled, *advice.advised(document.text, REGISTRY)))


def after(text: str, /, **gesture: object) -> tuple[SketchWay, SketchWay]:
    """What is drawn before and after a gesture."""
    sketches, before = Sketches(REGISTRY), outlined(Document.of(text), REGISTRY)
    made = outlined(edited(before, gesture, REGISTRY).document, REGISTRY)
    return sketches.of(before, told(text)), sketches.of(made, told(made.document.text))


def test_a_block_that_only_moved_down_is_the_same_object():
    old, new = after(TWO, op="insert", text='TALK "z"', at={"first": 1})
    assert new.cards[0] is not old.cards[0]
    assert new.cards[1] is old.cards[1]


def test_a_block_that_is_told_of_otherwise_is_drawn_anew():
    text = 'IF a THEN\n  TALK b\nEND IF\nTALK "y"\n'
    old, new = after(text, op="code", after=4, text="b = 1\n")
    assert old.cards[0].ways[0].cards[0].marks and not new.cards[0].ways[0].cards[0].marks


def test_where_an_end_is_missing_nothing_is_taken_from_before():
    old, new = after(TWO, op="code", first=3, last=3, text="")
    assert [card.kind for card in new.cards] == ["if", "if"]
    again = Sketches(REGISTRY)
    outline = outlined(Document.of(TWO.replace("END IF\n", "", 1)), REGISTRY)
    assert again.of(outline).cards[1] is not again.of(outline).cards[1]
    assert old.cards[1] == new.cards[1], "it looks the same all the same"
