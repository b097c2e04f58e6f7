"""What `check` tells, and that it survives any text."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings, strategies as st

from keywords.advice import advised
from keywords.blocks import read
from keywords.check import check
from keywords.compile import compile_program
from keywords.diagnostics import Diagnostic, ordered
from keywords.foreign import INSTEAD
from keywords.library import registry
from keywords.phrases import lexicon
from keywords.registry import Registry
from tests.benchmarks.language_corpus import Corpus
from tests.keywords.test_blocks import BREAKS, PIECES, PROGRAMS

REGISTRY = registry()


def told(text: str) -> list[str]:
    return [str(d) for d in check(text, REGISTRY) if d.severity == "error"]


def test_a_good_program_has_no_finding():
    assert check('name = "Ana"\nTALK "Hello ${name}"\n', REGISTRY) == ()


def test_blocks_and_lines_are_told_together_in_order():
    text = 'IF 1 > 0 THEN\n  PUBLISH EVNT "x"\n  y = (1\nTALK "a"\nx = 3 +\n'
    assert told(text) == [
        "Line 1: The IF of line 1 is never closed. Add END IF.",
        "Line 2: PUBLISH EVNT is not a keyword. Did you mean PUBLISH EVENT?",
        "Line 3: This `(` is never closed. Add `)`.",
        "Line 5: Something is missing after `+`. Write the rest of it.",
    ]


def test_line_and_column_point_into_the_file():
    found = check('TALK "a"\n\n  x = {\n    "a": 1,\n    "b": @\n  }\n', REGISTRY)
    assert [(d.line, d.column) for d in found if d.severity == "error"] == [(5, 10)]


def test_a_fault_in_a_text_block_is_told_at_its_line():
    found = check("BEGIN TALK\nfine\nDear ${name + }\nEND TALK\n", REGISTRY)
    assert [(d.line, d.severity) for d in found if "no expression" in d.message] == [(3, "warning")]


def test_hostile_texts_are_told_in_one_sentence():
    assert told('TALK "a\0b"')[0].startswith("Line 1: The text holds the character U+0000")
    assert told("x" * 1_100_000)[0].startswith("Line 1: The program has 1,100,000 characters")
    assert told("x = " + "(" * 10_000)[0] == (
        "Line 1: Brackets and keywords are nested more than 100 deep. Use a variable in between."
    )


def test_findings_are_ordered_and_told_once():
    one, two = Diagnostic(2, 1, "warning", "b"), Diagnostic(1, 5, "error", "a", "fix")
    assert ordered([one, two, one]) == (two, one)
    assert str(two) == "Line 1: a fix"


@settings(deadline=None)
@given(st.lists(st.tuples(PIECES, BREAKS), max_size=25).map(lambda rows: "".join(a + b for a, b in rows)))
def test_no_mixture_of_lines_breaks_check(text: str):
    check(text, REGISTRY)


@settings(deadline=None)
@given(st.text(max_size=200))
def test_no_text_breaks_check(text: str):
    check(text, REGISTRY)


@settings(deadline=None)
@given(st.data())
def test_no_mutation_of_a_program_breaks_check(data: st.DataObject):
    text = data.draw(st.sampled_from(PROGRAMS)).read_text("utf-8")
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 10)))
    check(text[:start] + data.draw(st.one_of(PIECES, BREAKS, st.text(max_size=3))) + text[end:], REGISTRY)


def test_what_is_remembered_of_other_texts_changes_nothing() -> None:
    """`check` tells of a text that was changed here and there what compiling it for the first time tells."""
    random, corpus = Random(7), Corpus(REGISTRY, 7)
    lines = corpus.program(60).split("\n")
    for _ in range(40):
        at = random.randrange(len(lines))
        match random.randrange(4):
            case 0:
                lines[at] = corpus.statement()
            case 1:
                lines.insert(
                    at, random.choice(("END IF", "NEXT", "x = (1", "EXIT FOR", "GOTO there", "there:", 'TALK "a'))
                )
            case 2:
                lines.insert(at, corpus.statement())
            case _:
                del lines[at]
                lines = lines or [""]
        text = "\n".join(lines)
        fresh = Registry()
        fresh.register(*REGISTRY)
        told = (*compile_program(text, fresh).diagnostics, *advised(text, fresh))
        assert check(text, REGISTRY) == ordered(told)
        assert read(text, REGISTRY) == read(text, fresh)


@pytest.mark.parametrize(
    ("line", "setting"),
    [
        ("x = rows(0)", "rows = [1]"),
        ("TALK now", "now = 1"),
        ("TALK y", "y = 1"),
        ("Notify 1", "SUB Notify(a)\nEND SUB"),
    ],
)
def test_a_line_is_judged_anew_once_a_name_in_it_is_set_elsewhere(line: str, setting: str) -> None:
    for text in (line, f"{line}\nz = 1", f"{line}\n{setting}", line):
        assert check(text, REGISTRY) == ordered(
            (*compile_program(text, REGISTRY).diagnostics, *advised(text, REGISTRY))
        )


def advice(text: str, events: tuple[str, ...] | None = None) -> list[str]:
    return [str(d) for d in check(text, REGISTRY, None, events) if d.severity == "warning"]


def test_a_step_number_that_is_there_twice_is_told_of_unless_only_one_of_them_runs():
    assert advice("STEP 1: TALK 1\nSTEP 1: TALK 2\n") == [
        "Line 2: STEP 1 is there twice: the first is line 1. Give this one a number of its own."
    ]
    assert advice("x = 1\nIF x THEN\n  STEP 1: TALK 1\nELSE\n  STEP 1: TALK 2\nEND IF\n") == []


def test_a_line_that_is_never_reached_is_told_of_once():
    assert advice("RETURN 1\n' a note\nTALK 1\nTALK 2\nSUB a\n  TALK 3\nEND SUB\n") == [
        "Line 3: This line is never reached: line 1 goes elsewhere in every case. Remove it, or move it further up."
    ]
    assert advice("x = 1\nGOTO there\nthere:\nTALK 1\nIF x THEN RETURN 2\nTALK 3\n") == []


def test_an_approval_without_an_end_is_told_of():
    told = "when nobody answers, the workflow waits for ever"
    assert told in advice('HUMAN APPROVAL FROM "a"\n')[0]
    assert told in advice('ok = HUMAN APPROVAL FROM "a" MESSAGE "b"\n')[0]
    assert (
        advice('HUMAN APPROVAL FROM "a" TIMEOUT 5\nHUMAN APPROVAL FROM "b"\n  TIMEOUT 5\n  ON TIMEOUT: REJECT\n') == []
    )


def test_a_wait_for_what_nobody_publishes_is_told_of_where_all_publishers_are_known():
    text = 'WAIT FOR EVENT "order.payd" TIMEOUT 5\n'
    assert advice(text) == []
    assert advice(text, ("order.paid",)) == ["Line 1: Nobody here publishes order.payd. Did you mean order.paid?"]
    assert advice(text + 'PUBLISH EVENT "order.payd"\n', ()) == []
    assert advice('WAIT FOR EVENT "order." + 1 TIMEOUT 5\n', ()) == []


def test_the_whole_if_above_is_named_where_its_else_stands_below():
    told_ = told('IF 1 > 0 THEN TALK "a"\nELSE\n  TALK "b"\nEND IF\n')
    assert told_ == [
        f"Line {line}: {what} The IF above ends with its line: put ELSE on it, or write what stands behind THEN on a "
        "line of its own."
        for line, what in ((2, "ELSE stands outside IF."), (4, "END IF has nothing to close here."))
    ]
    assert told("x = 1\nELSE\n") == ["Line 2: ELSE stands outside IF. Move it into IF, or remove it."]


def test_a_do_that_while_shall_close_is_told_how_it_ends():
    assert told("x = 0\nDO\n  x = x + 1\nWHILE x < 3\n")[-1] == (
        "Line 4: The WHILE of line 4 is never closed. LOOP WHILE condition ends the DO of line 2."
    )
    assert told("WHILE 1 > 2\n") == ["Line 1: The WHILE of line 1 is never closed. Add WEND."]


def test_a_next_that_names_another_loop_is_told():
    text = "FOR i = 1 TO 2\n  FOR EACH j IN [1]\n  NEXT i\nNEXT j\n"
    assert [str(d) for d in check(text, REGISTRY)] == [
        "Line 3: NEXT i ends the loop of j. Write NEXT j.",
        "Line 4: NEXT j ends the loop of i. Write NEXT i.",
    ]
    assert check("FOR I = 1 TO 2\nNEXT i\nFOR k = 1 TO 2\nNEXT\n", REGISTRY) == ()


def test_a_line_outside_the_branches_is_told_at_its_place_and_once():
    assert [
        (d.line, d.column, d.message) for d in check('PARALLEL\n  TALK "a"\n  TALK "b"\nEND PARALLEL\n', REGISTRY)
    ] == [(2, 3, "In PARALLEL every line belongs to a branch.")]


def test_words_of_other_languages_name_no_keyword():
    spelt = {word for phrase, _ in lexicon(REGISTRY).phrases for word in (phrase, phrase.replace(" ", "_"))}
    assert not INSTEAD.keys() & spelt


WAITING = {
    "a branch waits for what the main program sent": (
        'SEND TO BOT "a" MESSAGE "x"\nPARALLEL\nBRANCH A:\n  y = WAIT FOR BOT "a"\nEND PARALLEL\n',
        4,
    ),
    "the main program waits for what a handler sends": (
        'ON EVENT "x"\n  SEND TO BOT "a" MESSAGE "x"\nEND ON\nIF 1 = 1 THEN\n  y = WAIT FOR BOT "a"\nEND IF\n',
        5,
    ),
    "one branch waits for what another one sent": (
        'PARALLEL\nBRANCH A:\n  SEND TO BOT "a" MESSAGE "x"\nBRANCH B:\n  y = WAIT FOR BOT "a"\nEND PARALLEL\n',
        5,
    ),
    "a branch waits for its own": (
        'PARALLEL\nBRANCH A:\n  SEND TO BOT "a" MESSAGE "x"\n  y = WAIT FOR BOT "a"\nEND PARALLEL\n',
        0,
    ),
    "a procedure sends for whoever calls it": (
        'SUB told()\n  BROADCAST "x" TO BOTS\nEND SUB\nPARALLEL\nBRANCH A:\n  told()\n  y = WAIT FOR BOT "a"\n'
        "END PARALLEL\n",
        0,
    ),
    "it does not wait for ever": (
        'SEND TO BOT "a" MESSAGE "x"\nPARALLEL\nBRANCH A:\n  y = WAIT FOR BOT "a" TIMEOUT 5\nEND PARALLEL\n',
        0,
    ),
}


@pytest.mark.parametrize(("text", "line"), WAITING.values(), ids=WAITING)
def test_a_run_that_waits_for_what_another_run_has_sent_is_told_of(text: str, line: int) -> None:
    for _ in range(2):  # as it is compiled, and as it is remembered
        found = [d for d in check(text, REGISTRY) if d.message.startswith("WAIT FOR BOT hears only")]
        assert [(d.line, d.severity) for d in found] == ([(line, "warning")] if line else [])


def test_a_second_workflow_in_one_program_is_told_of():
    text = 'ORCHESTRATE WORKFLOW "a"\n  TALK "x"\nEND WORKFLOW\nORCHESTRATE WORKFLOW "b"\n  TALK "y"\nEND WORKFLOW\n'
    assert advice(text) == [
        "Line 4: This program is a workflow already: the first is line 1. Put each into a file of its own; here they "
        "are one, done one after the other."
    ]
