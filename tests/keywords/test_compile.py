"""The compiler: every fault told with its place, programs named by what they do, stored programs that run for ever."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from keywords.compile import compile_program
from keywords.diagnostics import Diagnostic
from keywords.library import registry
from keywords.program import OPS, Program
from keywords.registry import Registry
from tests.keywords.driver import nobody, run
from tests.language.golden import ROOT, programs, read
from tests.language.straight import answers_of

COMPILED = sorted((ROOT / "compiled").glob("*.json"))


@pytest.fixture(scope="module")
def words() -> Registry:
    return registry()


def faults(source: str, words: Registry, bots: list[str] | None = None) -> list[tuple[int, int, str]]:
    return [(d.line, d.column, d.message) for d in compile_program(source, words, known_bots=bots).diagnostics]


def test_there_are_at_most_fifteen_ops_and_all_are_used(words: Registry) -> None:
    used: set[str] = set()
    for golden in programs():
        program = compile_program(golden.source, words).program
        used |= {step[0] for step in program.steps} if program else set()
    assert used == set(OPS) and len(OPS) <= 15


def test_every_step_knows_its_place_and_the_end_of_its_statement(words: Registry) -> None:
    for golden in programs():
        program = compile_program(golden.source, words).program
        for at, step in enumerate(program.steps if program else ()):
            _, line, column, end = step[:4]
            assert line >= 1 and column >= 1 and at < end <= len(program.steps if program else ())


def test_a_program_is_plain_json(words: Registry) -> None:
    for golden in programs():
        program = compile_program(golden.source, words).program
        if program is not None:
            assert json.loads(json.dumps(program.to_json())) == program.to_json()


def test_the_hash_follows_the_text_and_nothing_else(words: Registry) -> None:
    one, two, other = (compile_program(t, words).program for t in ("x = 1", "x = 1", "x = 2"))
    assert one is not None and two is not None and other is not None
    assert one.hash == two.hash != other.hash
    again = compile_program("x = 1", registry()).program
    assert again is not None and again.hash == one.hash


def test_a_program_says_what_it_is_and_needs(words: Registry) -> None:
    source = """PARAM email AS EMAIL LIKE "a@b.c" DESCRIPTION "whom to ask"
PARAM size AS "S", "L" DEFAULT "S"
DESCRIPTION "Helps."
BEGIN SYSTEM PROMPT
Be kind.
END SYSTEM PROMPT
ORCHESTRATE WORKFLOW "help"
STEP 1: BOT "writer" "x"
BOT SHARE MEMORY "k" WITH "sales"
PUBLISH EVENT "done"
x = WAIT FOR EVENT "seen" TIMEOUT 5
END WORKFLOW"""
    program = compile_program(source, words, name="file").program
    assert program is not None
    email, size = program.params
    assert (email.type, email.required, email.like, email.description) == ("EMAIL", True, "a@b.c", "whom to ask")
    assert (size.required, size.default, size.options) == (False, "S", ("S", "L"))
    assert (program.name, program.description, program.system_prompt) == ("help", "Helps.", "Be kind.")
    assert program.bots == ("writer", "sales") and program.events == ("done", "seen")
    assert "BOT" in program.keywords and "LLM" not in program.keywords
    again = Program.load(program.hash, json.loads(json.dumps(program.to_json())), source, words)
    assert again == program
    nameless = compile_program('TALK "x"', words, name="file").program
    assert nameless is not None and nameless.name == "file"


def test_an_unknown_bot_is_a_warning_with_its_near_miss(words: Registry) -> None:
    found = compile_program('x = 1\nSTEP 1: BOT "writr" "x"', words, known_bots=["Writer", "sales"])
    assert found.program is not None
    (warning,) = found.diagnostics
    assert warning == Diagnostic(2, 9, "warning", "There is no bot writr.", "Did you mean Writer?")
    assert not faults('STEP 1: BOT "customer-SUPPORT" "x"', words, ["Customer Support"])


def test_a_name_nobody_sets_is_a_warning_only_where_nothing_else_can_set_it(words: Registry) -> None:
    assert faults("TALK nme\nname = 1", words) == [(1, 6, "nme is read but never set: it is NULL.")]
    assert not faults('STEP 1: BOT "b" "x"\nTALK category', words)
    assert faults('priority = 1\nSTEP 1: BOT "b" "x"\nTALK prioritty', words) == [
        (3, 6, "prioritty is read but never set: it is NULL.")
    ]


@pytest.mark.parametrize(
    ("source", "place", "message"),
    [
        ("x = 1\n  y = UCAS(x)", (2, 7), "There is no function UCAS."),
        ('IF x THEN\nTALK "a"', (1, 1), "The IF of line 1 is never closed."),
        ("EXIT FOR", (1, 1), "EXIT FOR stands in no such loop."),
        ("GOTO nowhere", (1, 1), "There is no label nowhere."),
        ("here:\nSUB f\nGOTO here\nEND SUB", (3, 1), "There is no label here."),
        ("TIMEOUT 5", (1, 1), "TIMEOUT stands under no statement."),
        ("PARALLEL\nEND PARALLEL", (1, 1), "PARALLEL has no branches."),
        ("PARALLEL\nBRANCH a: x = 1\nBRANCH A: y = 1\nEND PARALLEL", (3, 1), "Two branches are called A."),
        ('ON EVENT "x" DO\nTALK a +\nEND ON', (2, 9), "Something is missing after `+`."),
        ("x = 99999999999999999999", (1, 5), "This whole number does not fit into 64 bits."),
        ("PARAM a AS INTEGER DEFAULT LEN(x)", (1, 28), "This must be a constant: it is read before the program runs."),
        ("x = [1]\nx[0 = 2", (2, 2), "This `[` is never closed."),
        ('TALK "a\0b"', (1, 8), "The text holds the character U+0000, which is no part of any program."),
    ],
)
def test_faults_are_told_with_their_place(source: str, place: tuple[int, int], message: str, words: Registry) -> None:
    found = compile_program(source, words)
    assert found.program is None
    errors = [(d.line, d.column, d.message.partition(" Did")[0]) for d in found.errors]
    assert (*place, message) in errors


@pytest.mark.parametrize(
    "source", ["", "\n\n", "' only a comment", "\ufeffTALK 1", "x = " + "(" * 10_000, "{" * 5000, "x = 1\n" * 30_000]
)
def test_odd_texts_are_answered(source: str, words: Registry) -> None:
    found = compile_program(source, words)
    assert (found.program is None) is bool(found.errors)


def test_a_text_over_a_megabyte_is_refused(words: Registry) -> None:
    (fault,) = compile_program("'" + "x" * 1_048_576, words).diagnostics
    assert "the limit is 1,048,576" in fault.message


@pytest.mark.parametrize(
    ("source", "asked"),
    [
        ('STEP 1: HUMAN APPROVAL FROM "a"\nx = 1', [False]),
        ('STEP 1: HUMAN APPROVAL FROM "a"\nIF approved THEN x = 1', [True]),
        ('STEP 1: HUMAN APPROVAL FROM "a"\nTALK result.comment', [True]),
        ('STEP 1: HUMAN APPROVAL FROM "a"\nSTEP 2: BOT "b" "x"\nTALK result', [False]),
        ('STEP 1: HUMAN APPROVAL FROM "a"\nSTEP 2: BOT "b" "x"\nTALK step1.status', [True]),
        ('STEP 1: HUMAN APPROVAL FROM "a"\nIF timed_out THEN x = 1', [True]),
        ('x = HUMAN APPROVAL FROM "a"', [True]),
        ('STEP 1: HUMAN APPROVAL FROM "a"\nSTEP 2: HUMAN APPROVAL FROM "b"\nTALK approved', [False, True]),
        ('HUMAN APPROVAL FROM "a"\nTALK approved', [True]),
        ('IF x THEN\nHUMAN APPROVAL FROM "a"\nELSE\nHUMAN APPROVAL FROM "b"\nEND IF\nTALK approved', [True, True]),
        ('WHILE NOT approved\nHUMAN APPROVAL FROM "a"\nWEND', [True]),
        ('PARALLEL\nBRANCH a: HUMAN APPROVAL FROM "a"\nEND PARALLEL\nTALK branch_a.result.approved', [True]),
        ('PARALLEL\nBRANCH a: HUMAN APPROVAL FROM "a"\nEND PARALLEL\nTALK "x"', [False]),
    ],
)
def test_an_approval_knows_whether_anybody_asks_how_it_ended(source: str, asked: list[bool], words: Registry) -> None:
    program = compile_program(source, words).program
    assert program is not None
    assert [step[5]["asked"][1] for step in program.steps if step[0] == "call" and step[4] == "HUMAN APPROVAL"] == asked


@pytest.mark.parametrize("path", COMPILED, ids=lambda path: path.stem)
def test_programs_compiled_by_earlier_releases_run_for_ever(path: Path, words: Registry) -> None:
    """These files are never compiled again: a change that breaks one breaks every running execution."""
    stored: dict[str, Any] = json.loads(path.read_text("utf-8"))
    golden = read(ROOT / stored["from"])
    program = Program.load(stored["hash"], stored["program"], golden.source, words)
    given = answers_of(golden)
    done = run(program, lambda call: given(call) or nobody(call), golden.inputs, stored=True)
    assert done.talk == list(golden.talk)
    errors = [f"Line {done.mistake.line}: {done.mistake.message}"] if done.mistake else []
    assert errors == list(golden.errors)


def test_compiled_programs_of_format_one_are_kept() -> None:
    assert len(COMPILED) >= 10
