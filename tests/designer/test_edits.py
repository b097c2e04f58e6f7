"""Gestures are splices of lines: what they change, and that they change nothing else."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from designer.document import Document
from designer.edits import edited
from designer.forms import fields_of
from designer.outline import outlined
from designer.refusals import Gone, NotHere
from tests.designer.studio import REGISTRY, Fuzz

PACKAGES = Path(__file__).parents[2] / "bottemplates"
PROGRAMS = sorted(PACKAGES.glob("*.gbai/*.gbdialog/*.bas"))
ORDER = """\
ORCHESTRATE WORKFLOW "order"

' Look it up first.
STEP 1: BOT "stock" "Is it there?"   ' the shop's own bot
IF stock > 0 THEN
  TALK "yes"
ELSE
  TALK "no"
END IF
STEP 2: HUMAN APPROVAL FROM "ana@example.com"
  TIMEOUT 60
END WORKFLOW
"""


def gesture(program: str, **said: object) -> str:
    """The text after one gesture."""
    return edited(outlined(Document.of(program), REGISTRY), said, REGISTRY).document.text


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda p: p.stem)
def test_a_program_opens_and_saves_byte_for_byte(path: Path):
    text = path.read_bytes().decode()
    outline = outlined(Document.of(text), REGISTRY)
    assert outline.document.text == text
    drawn = {at for card in outline.walk() for at in range(card.start, card.end)}
    missing = [line for at, line in enumerate(outline.document.lines) if line.strip() and at not in drawn]
    assert not missing, "every line that is not blank belongs to a card"


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda p: p.stem)
def test_random_gestures_change_nothing_else_and_are_taken_back_byte_for_byte(path: Path):
    text = path.read_bytes().decode()
    fuzz = Fuzz(Document.of(text), random.Random(path.stem))
    for _ in range(25):
        fuzz.turn()
    fuzz.undo_all()
    assert fuzz.document.text == text


def test_a_step_is_put_behind_another_with_the_next_number_and_its_depth():
    assert '  TALK "yes"\n  STEP 3: BOT "" ""\nELSE' in gesture(ORDER, op="insert", item="bot", at={"after": 6})


def test_the_first_place_of_a_branch_is_below_its_head():
    assert 'ELSE\n  TALK ""\n  TALK "no"' in gesture(ORDER, op="insert", item="say", at={"first": 7})


def test_a_comment_goes_where_its_step_goes():
    moved = gesture(ORDER, op="move", node=4, at={"after": 8})
    assert moved.endswith(
        '  TALK "no"\n  \' Look it up first.\n  STEP 1: BOT "stock" "Is it there?"   \' the shop\'s own bot\n'
        'END IF\nSTEP 2: HUMAN APPROVAL FROM "ana@example.com"\n  TIMEOUT 60\nEND WORKFLOW\n'
    )


def test_a_block_cannot_be_moved_into_itself():
    with pytest.raises(NotHere, match="into itself"):
        gesture(ORDER, op="move", node=5, at={"first": 7})


def test_what_is_gone_is_said_to_be_gone():
    with pytest.raises(Gone):
        gesture(ORDER, op="delete", node=99)


def test_a_field_changes_only_its_own_text():
    said = gesture(ORDER, op="set", node=4, field="message", value='Is "it" there\\?')
    assert said == ORDER.replace('"Is it there?"', '"Is ""it"" there\\\\?"')


def test_a_formula_begins_with_an_equals_sign():
    assert '"stock" "Is it there?"' in ORDER
    assert 'BOT "stock" question + "?"' in gesture(ORDER, op="set", node=4, field="message", value='= question + "?"')


def test_the_same_text_in_a_field_changes_nothing():
    outline = outlined(Document.of(ORDER), REGISTRY)
    for card in outline.cards.values():
        for field in fields_of(outline, card, REGISTRY):
            said = {"op": "set", "node": card.id, "field": field.name, "value": field.value}
            assert edited(outline, said, REGISTRY).nothing, (card.id, field)


def test_a_field_that_would_make_another_statement_is_refused():
    with pytest.raises(NotHere, match="would mean something else"):
        gesture(ORDER, op="set", node=5, field="condition", value="stock > 0 THEN STOP")


def test_an_optional_field_is_put_where_its_form_has_it_and_taken_away_again():
    text = 'PUBLISH EVENT "paid" AFTER 5\n'
    longer = gesture(text, op="set", node=1, field="key", value="= id")
    assert longer == 'PUBLISH EVENT "paid" KEY id AFTER 5\n'
    assert gesture(longer, op="set", node=1, field="key", value="") == text


def test_the_lines_below_an_approval_are_fields_too():
    longer = gesture(ORDER, op="set", node=10, field="ON TIMEOUT:", value="REJECT")
    assert "  TIMEOUT 60\n  ON TIMEOUT: REJECT\n" in longer
    assert "  TIMEOUT 90\n" in gesture(ORDER, op="set", node=10, field="TIMEOUT:", value="90")


def test_wrapping_and_unwrapping_come_back_to_the_same_steps():
    wrapped = gesture(ORDER, op="wrap", node=4, **{"in": "if"})
    assert "IF TRUE THEN\n  ' Look it up first.\n  STEP 1: BOT" in wrapped
    outline = outlined(Document.of(wrapped), REGISTRY)
    block = next(card for card in outline.walk() if "IF TRUE" in outline.document.lines[card.head])
    assert gesture(wrapped, op="unwrap", node=block.id) == ORDER


def test_a_text_over_several_lines_is_not_indented_anew():
    text = 'IF a THEN\n  TALK "one\ntwo"\nEND IF\nBEGIN TALK\n  three\nEND TALK\n'
    moved = gesture(text, op="move", node=2, at={"after": 1})
    assert 'END IF\nTALK "one\ntwo"\n' in moved
    assert "  BEGIN TALK\n  three\n  END TALK\n" in gesture(text, op="move", node=5, at={"first": 1})


def test_an_unclosed_block_stays_where_it_is():
    text = 'IF a THEN\n  TALK "x"\nTALK "y"\n'
    with pytest.raises(NotHere, match="end of this block is missing"):
        gesture(text, op="move", node=1, at={"after": 3})


def test_a_duplicate_gets_a_step_number_of_its_own():
    assert 'own bot\n\' Look it up first.\nSTEP 3: BOT "stock"' in gesture(ORDER, op="duplicate", node=4)


def test_lines_without_a_line_end_get_one_when_something_follows():
    assert gesture('TALK "a"', op="insert", text='TALK "b"', at={"after": 1}) == 'TALK "a"\nTALK "b"'
    assert gesture('TALK "a"\nTALK "b"', op="move", node=2, at={"first": 0}) == 'TALK "b"\nTALK "a"\n'


def test_windows_line_ends_stay():
    text = 'TALK "a"\r\nTALK "b"\r\n'
    assert gesture(text, op="insert", item="say", at={"after": 1}) == 'TALK "a"\r\nTALK ""\r\nTALK "b"\r\n'
    assert gesture(text, op="set", node=2, field="message", value="c") == 'TALK "a"\r\nTALK "c"\r\n'
    assert gesture(text, op="code", first=1, last=1, text='TALK "z"\nTALK "y"') == (
        'TALK "z"\r\nTALK "y"\r\nTALK "b"\r\n'
    )


def test_a_branch_is_added_before_the_else():
    assert "ELSE IF TRUE THEN\nELSE\n" in gesture(ORDER, op="branch", node=5)


def test_words_behind_a_step_of_the_palette_fill_its_fields():
    at = {"after": 10}
    assert 'STEP 3: BOT "triage" "Sort it"\n' in gesture(ORDER, op="insert", item="bot", at=at, value="triage: Sort it")
    assert 'TALK "one: two"\n' in gesture(ORDER, op="insert", item="say", at=at, value="one: two")
    assert "IF total > 100 THEN\n" in gesture(ORDER, op="insert", item="condition", at=at, value="total > 100")
    assert "IF TRUE THEN\n" in gesture(ORDER, op="insert", item="condition", at=at, value="THEN what")
    assert "' because\n" in gesture(ORDER, op="insert", item="note", at=at, value="because")
