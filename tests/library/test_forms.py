"""Every way to write the built-in keywords reaches the right function with the right arguments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from keywords import tree
from keywords.compile import compile_program
from keywords.library import registry
from keywords.parse import parse_line
from keywords.registry import Keyword

TABLE = registry()


def calls_in(node: Any) -> Iterator[tree.Call]:
    if isinstance(node, tree.Call):
        yield node
    elif isinstance(node, tree.Do | tree.Assign):
        yield from calls_in(node.value)


@pytest.mark.parametrize("word", list(TABLE), ids=lambda word: word.name)
def test_example_fits_its_first_form(word: Keyword) -> None:
    statement, problems = parse_line(word.example, TABLE)
    assert problems == ()
    [call] = calls_in(statement)
    assert (call.keyword, call.form) == (word.name, 0)
    for argument in call.arguments:
        assert word.example[argument.span.start : argument.span.end].strip(), "each slot's range cuts out its text"


def called(source: str) -> tuple[str, dict[str, Any]]:
    """The keyword and the compiled arguments of the first verb of a program."""
    compiled = compile_program(source, TABLE)
    assert compiled.program, compiled.diagnostics
    step = next(step for step in compiled.program.steps if step[0] == "call")
    return step[4], step[5]


COST = {"prompt": ["k", "p"], "max_cost": ["k", 0.05], "max_latency": ["k", 2000]}
APPROVAL = {"approvers": ["l", ["k", "ana"]], "timeout": ["k", 60]}
QUESTION = {**APPROVAL, "message": ["k", "ok?"]}


@pytest.mark.parametrize(
    ("source", "keyword", "arguments"),
    [
        ('TALK "a"', "TALK", {"message": ["k", "a"]}),
        ('PRINT "a", 1', "PRINT", {"values": ["l", ["k", "a"], ["k", 1]]}),
        ("DELAY 5", "DELAY", {"seconds": ["k", 5]}),
        ("WAIT 0.5", "WAIT", {"seconds": ["k", 0.5]}),
        ('x = BOT "b" "hi"', "BOT", {"name": ["k", "b"], "message": ["k", "hi"]}),
        ('BOT "b"', "BOT", {"name": ["k", "b"]}),
        ('STEP 1: BOT "b" "hi"', "BOT", {"name": ["k", "b"], "message": ["k", "hi"]}),
        ('PUBLISH EVENT "e"', "PUBLISH EVENT", {"name": ["k", "e"]}),
        ('id = PUBLISH EVENT "e" WITH 5', "PUBLISH EVENT", {"name": ["k", "e"], "data": ["k", 5]}),
        ('x = WAIT FOR EVENT "e"', "WAIT FOR EVENT", {"name": ["k", "e"]}),
        ('WAIT FOR EVENT "e" TIMEOUT 9', "WAIT FOR EVENT", {"name": ["k", "e"], "timeout": ["k", 9]}),
        ('SET BOT MEMORY "k", "v"', "SET BOT MEMORY", {"key": ["k", "k"], "value": ["k", "v"]}),
        ('SET BOT MEMORY "k" AS "v"', "SET BOT MEMORY", {"key": ["k", "k"], "value": ["k", "v"]}),
        ('SET_BOT_MEMORY("k", "v")', "SET BOT MEMORY", {"key": ["k", "k"], "value": ["k", "v"]}),
        ('x = GET BOT MEMORY "k"', "GET BOT MEMORY", {"key": ["k", "k"]}),
        ('x = GET BOT MEMORY("k")', "GET BOT MEMORY", {"key": ["k", "k"]}),
        ('x = GET_BOT_MEMORY("k") + "!"', "GET BOT MEMORY", {"key": ["k", "k"]}),
        ('BOT SHARE MEMORY "k" WITH "b"', "BOT SHARE MEMORY", {"key": ["k", "k"], "bot": ["l", ["k", "b"]]}),
        ('x = BOT SYNC MEMORY FROM "b"', "BOT SYNC MEMORY", {"bot": ["k", "b"]}),
        ('x = LLM "p"', "LLM", {"prompt": ["k", "p"]}),
        ('x = LLM "p"\n  WITH MAX_COST 0.05\n  WITH MAX_LATENCY 2000', "LLM", COST),
        ('x = LLM "p" WITH MAX_COST 0.05 MAX_LATENCY 2000', "LLM", COST),
        (
            'x = LLM "p" WITH OPTIMIZE FOR "cost" WITH MODEL "m" WITH SYSTEM "s"',
            "LLM",
            {"prompt": ["k", "p"], "optimize": ["k", "cost"], "model": ["k", "m"], "system": ["k", "s"]},
        ),
        ('HUMAN APPROVAL FROM "ana" TIMEOUT 60', "HUMAN APPROVAL", APPROVAL),
        ('HUMAN APPROVAL FROM "ana"\n  TIMEOUT 60', "HUMAN APPROVAL", APPROVAL),
        ('x = HUMAN APPROVAL FROM "ana" TIMEOUT 60 MESSAGE "ok?"', "HUMAN APPROVAL", QUESTION),
        ('STEP 2: HUMAN APPROVAL FROM "ana"\n  MESSAGE "ok?"\n  TIMEOUT 60', "HUMAN APPROVAL", QUESTION),
    ],
)  # fmt: skip
def test_a_form_fills_its_slots(source: str, keyword: str, arguments: dict[str, Any]) -> None:
    name, given = called(source)
    assert name == keyword
    assert {slot: given.get(slot) for slot in arguments} == arguments


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('PUBLISH EVNT "x"', "Did you mean PUBLISH EVENT?"),
        ('BOT SHARE MEMORY "k"', "BOT SHARE MEMORY needs WITH bot"),
        ('HUMAN APPROVAL TIMEOUT 5', "HUMAN APPROVAL FROM"),
    ],
)  # fmt: skip
def test_what_is_missing_is_named(line: str, words: str) -> None:
    compiled = compile_program(line, TABLE)
    assert words in " ".join(f"{d.message} {d.fix}" for d in compiled.diagnostics)
