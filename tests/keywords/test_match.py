"""Fitting what was written to the forms of a keyword."""

from __future__ import annotations

import pytest

from keywords.match import written
from keywords.parse import parse_line
from keywords.registry import form
from tests.keywords.dialect import registry, sketch

REGISTRY = registry()

MISFITS = [
    ('BOT SHARE MEMORY "k"', "BOT SHARE MEMORY needs WITH bot.", "Write BOT SHARE MEMORY key WITH bot."),
    ("TALK", "TALK needs message.", "Write TALK message."),
    ("PUBLISH EVENT", "PUBLISH EVENT needs name.", "Write PUBLISH EVENT name [WITH data]."),
    ('PUBLISH EVENT "x" WITH', "PUBLISH EVENT needs WITH data.", "Write PUBLISH EVENT name [WITH data]."),
    ("DELAY 1, 2", "DELAY takes 1 value; here stand 2.", "Write DELAY seconds."),
    (
        'SET BOT MEMORY "a", 1, 2',
        "SET BOT MEMORY takes 2 values; here stand 3.",
        "Write SET BOT MEMORY key, value or SET BOT MEMORY key AS value.",
    ),
    ("PUBLISH EVENT x WITH a WITH b", "PUBLISH EVENT has WITH twice.", "Write PUBLISH EVENT name [WITH data]."),
    ("HEAR 5", "HEAR needs a name for variable.", "Write HEAR variable"),
    ('UPDATE "t" SET a WHERE b = 1', "UPDATE needs name = value.", "Write UPDATE table SET values"),
    ("IF x", "IF needs THEN.", "Write IF condition THEN"),
    ("FOR i = 1", "FOR needs TO.", "Write FOR name = from TO to [STEP step] [DO]."),
    ("FOR EACH x", "FOR EACH needs IN.", "Write FOR EACH name IN in"),
    ("WHILE", "WHILE needs condition.", "Write WHILE condition [DO]."),
    ("END IF x", "END IF takes nothing here.", "Write END IF."),
    ("STEP 1: HUMAN APPROVAL", "HUMAN APPROVAL is not a keyword.", "Did you mean HUMAN APPROVAL FROM?"),
    ("x = GET BOT MEMORY()", "GET BOT MEMORY needs key.", "Write GET BOT MEMORY key."),
    ("PARAM x", "PARAM needs AS type.", "Write PARAM name AS type"),
]


@pytest.mark.parametrize(("line", "message", "fix"), MISFITS, ids=[row[0] for row in MISFITS])
def test_a_misfit_says_what_is_missing_and_how_it_is_written(line: str, message: str, fix: str):
    _, problems = parse_line(line, REGISTRY)
    assert problems[0].message == message
    assert problems[0].fix.startswith(fix)


def test_clauses_may_come_in_any_order():
    expected = 'x := <LLM prompt="p" optimize="speed" cost=1>'
    for line in (
        'x = LLM "p" WITH MAX_COST 1 WITH OPTIMIZE FOR "speed"',
        'x = LLM "p" WITH OPTIMIZE FOR "speed" WITH MAX_COST 1',
    ):
        assert sketch(parse_line(line, REGISTRY)[0]) == expected


def test_a_call_in_brackets_fills_the_slots_in_order():
    assert sketch(parse_line('PUBLISH_EVENT("x", {a: 1})', REGISTRY)[0]) == '<PUBLISH EVENT name="x" data={a: 1}>'
    assert sketch(parse_line('x = FORMAT(v, "N2")', REGISTRY)[0]) == 'x := <FORMAT value=v pattern="N2">'
    assert sketch(parse_line("x = FORMAT(v)", REGISTRY)[0]) == "x := <FORMAT#1 parts=(v)>"


def test_the_first_form_that_fits_is_taken():
    assert sketch(parse_line('SAVE "t" WITH a AS 1', REGISTRY)[0]) == '<SAVE#1 table="t" pairs=(a=1)>'
    assert sketch(parse_line('SAVE "t", 1', REGISTRY)[0]) == '<SAVE table="t" values=(1)>'


def test_a_form_is_shown_as_people_write_it():
    assert (
        written(form("FIND {table:tight} [WHERE {c:condition}] [FIRST {first:flag}]")) == "FIND table [WHERE c] [FIRST]"
    )
    assert written(form("PRINT {values:many}")) == "PRINT values, .."
    assert written(form("BOT {name:tight} [{message}]")) == "BOT name [message]"
