"""Hostile programs: each ends in an error of its own, in few words, and takes little of the process with it."""

from __future__ import annotations

import tracemalloc
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from keywords.blocks import read
from keywords.check import check
from keywords.compile import compile_program
from keywords.library import registry
from keywords.mistakes import Mistake
from tests.keywords.driver import Run, run

TABLE = registry()
MEGABYTE = 1_048_576


@contextmanager
def at_most(megabytes: int) -> Generator[None]:
    """What happens inside takes no more memory than this at any moment."""
    tracemalloc.start()
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < megabytes * MEGABYTE, f"{peak / MEGABYTE:.0f} MB"


def ran(source: str) -> Run:
    compiled = compile_program(source, TABLE)
    assert compiled.program is not None, compiled.errors
    return run(compiled.program)


def mistake(source: str) -> Mistake:
    found = ran(source).mistake
    assert found is not None
    return found


def result(source: str) -> object:
    found = ran(source)
    assert found.mistake is None, found.mistake
    return found.result


# -- loops and calls ---------------------------------------------------------------------------------------------------

ENDLESS = {
    "WHILE": "WHILE TRUE\n  x = 1\nWEND",
    "DO": "DO\nLOOP",
    "FOR without a step forward": "FOR i = 1 TO 2 STEP 0\nNEXT i",
    "FOR whose variable is set back": "FOR i = 1 TO 2\n  i = 0\nNEXT i",
    "GOTO": "again:\nGOTO again",
    "an error handler that fails again": 'again:\nON ERROR GOTO again\nTHROW "x"',
    "RESUME NEXT over failing lines": "ON ERROR RESUME NEXT\nagain:\nx = 1 / 0\nGOTO again",
    "an error handler that goes back to the loop": "again:\nON ERROR GOTO again\nDO\nLOOP",
}


@pytest.mark.parametrize("name", ENDLESS)
def test_an_endless_loop_ends_in_an_error(name: str) -> None:
    found = mistake(ENDLESS[name])
    assert found.kind == "limit" and "100,000 times without waiting" in found.message


def test_a_loop_of_loops_ends_in_an_error() -> None:
    inner = "FOR j = 1 TO 1000\n  x = j\nNEXT j"
    assert mistake(f"FOR i = 1 TO 1000000\n{inner}\nNEXT i").kind == "limit"


def test_two_subs_that_call_each_other_for_ever_end_in_an_error() -> None:
    found = mistake("ping(1)\nSUB ping(a)\n  pong(a + 1)\nEND SUB\nSUB pong(a)\n  ping(a + 1)\nEND SUB")
    assert found.kind == "limit" and "more than 200 deep" in found.message


@pytest.mark.parametrize("call", ["f(n + 1)", "1 + f(n) * 2", "f(f(n))", "[f(n)]", "IIF(TRUE, f(n), 0)"])
def test_a_function_without_a_floor_ends_in_an_error(call: str) -> None:
    found = mistake(f"RETURN f(1)\nFUNCTION f(n)\n  RETURN {call}\nEND FUNCTION")
    assert found.kind == "limit" and "more than 200 deep" in found.message


# -- texts and lists ---------------------------------------------------------------------------------------------------

BILLION = {
    "doubled": 's = "0123456789"\nFOR i = 1 TO 40\n  s = s + s\nNEXT i',
    "doubled by a template": 's = "0123456789"\nFOR i = 1 TO 40\n  s = "${s}${s}"\nNEXT i',
    "REPEAT": 's = REPEAT("x", 1000000000)',
    "REPEAT of REPEAT": 's = REPEAT(REPEAT("x", 1000000), 1000)',
    "REPLACE": 's = REPLACE(REPEAT("x", 100000), "x", REPEAT("y", 100000))',
    "REPLACE again and again": 's = "a"\nFOR i = 1 TO 40\n  s = REPLACE(s, "a", "aa")\nNEXT i',
    "JOIN": 's = JOIN(SPLIT(REPEAT("x,", 50000), ","), REPEAT("y", 100000))',
    "PADLEFT": 's = PADLEFT("x", 1000000000)',
    "PADRIGHT": 's = PADRIGHT("x", 1000000000)',
    "CONCAT": 's = REPEAT("x", 1000000)\ns = CONCAT(s, s, s, s)',
    "FORMAT of a number": 's = FORMAT(1, REPEAT("0", 2000000))',
    "UCASE of letters that grow": 's = UCASE(REPEAT("ß", 1000000)) + "x"',
    "a list said as text": 's = REPEAT("x", 600000)\nxs = [s, s, s]\nt = "" + xs',
    "TALK of a list": 's = REPEAT("x", 600000)\nxs = [s, s, s]\nTALK xs',
    "an object said as text": 's = REPEAT("x", 600000)\no = {a: s, b: s}\nt = "${o}"',
    "TO_JSON": 's = REPEAT("x", 600000)\nt = TO_JSON([s, s])',
}


@pytest.mark.parametrize("name", BILLION)
def test_a_text_of_a_billion_characters_is_never_made(name: str) -> None:
    with at_most(48):
        found = mistake(BILLION[name])
    assert found.kind in ("limit", "value"), found
    assert len(found.message) < 300


HUGE = {
    "doubled": "xs = [1]\nFOR i = 1 TO 40\n  xs = xs + xs\nNEXT i",
    "PUSH without end": "xs = []\nDO\n  PUSH xs, 1\nLOOP",
    "an index far away": "xs = []\nxs[1000000000] = 1",
    "RANGE": "xs = RANGE(1, 1000000000)",
    "SPLIT": 'xs = SPLIT(REPEAT("x,", 500000), ",")',
    "SPLIT into letters": 'xs = SPLIT(REPEAT("x", 500000), "")',
    "lists in lists, each twice": "xs = [1]\nFOR i = 1 TO 90\n  xs = [xs, xs]\nNEXT i",
    "objects in objects, each twice": "o = {a: 1}\nFOR i = 1 TO 90\n  o = {a: o, b: o}\nNEXT i",
    "a list of itself": "xs = [1, 2]\nFOR i = 1 TO 40\n  PUSH xs, xs\nNEXT i",
    "FLATTEN": "xs = [1]\nFOR i = 1 TO 15\n  xs = [xs, xs]\nNEXT i\nFOR i = 1 TO 40\n  xs = [xs, xs]\nNEXT i",
    "JSON of many items": 'xs = PARSE_JSON("[" + REPEAT("1,", 200000) + "1]")',
    "JSON that nests": 'xs = PARSE_JSON(REPEAT("[", 50000) + REPEAT("]", 50000))',
    "many texts in one list": 's = REPEAT("x", 1000000)\nxs = []\nDO\n  PUSH xs, s\nLOOP',
}


@pytest.mark.parametrize("name", HUGE)
def test_a_huge_list_is_never_made(name: str) -> None:
    with at_most(64):
        found = mistake(HUGE[name])
    assert found.kind in ("limit", "value"), found
    assert len(found.message) < 300


def test_many_full_variables_are_refused_where_they_would_be_stored() -> None:
    lines = ['s = REPEAT("x", 1000000)', *(f"v{n} = s + {n}" for n in range(40)), "WAIT 1", "TALK v1"]
    found = mistake("\n".join(lines))
    assert found.kind == "limit" and "All variables together" in found.message


def test_a_value_nests_a_hundred_levels_and_no_more() -> None:
    assert result("xs = []\nFOR i = 1 TO 98\n  xs = [xs]\nNEXT i\nRETURN LEN(xs)") == 1
    found = mistake("xs = []\nFOR i = 1 TO 200\n  xs = [xs]\nNEXT i")
    assert found.kind == "limit" and "nested" in found.message


# -- searching ---------------------------------------------------------------------------------------------------------

SEARCHES = {
    "LIKE with many stars": '(s LIKE REPEAT("%a", 5000) + "b")',
    "LIKE with questions": '(s LIKE "%" + REPEAT("a?", 50) + "b")',
    "LIKE with questions and stars": '(s LIKE REPEAT("%a?a", 2000) + "b")',
    "LIKE that nearly fits": '(s LIKE "%" + REPEAT("a_", 200) + "b%")',
    "CONTAINS": '(s CONTAINS REPEAT("a", 50000) + "b")',
    "INSTR": 'INSTR(s, REPEAT("a", 50000) + "b") > 0',
    "REPLACE": '(LEN(REPLACE(s, REPEAT("a", 50000) + "b", "")) < 100000)',
    "EXTRACT_BETWEEN": '(EXTRACT_BETWEEN(s, "b", "b") <> "")',
    "a text that looks like a number": '(REPEAT("1", 100000) + "x" = 1)',
    "a text that looks like a date": '(REPEAT("1/", 100000) > NOW())',
    "blanks before a number": '(REPEAT(" ", 100000) + "x" < 1)',
}


@pytest.mark.parametrize("name", SEARCHES)
@pytest.mark.timeout(20)
def test_no_search_takes_longer_than_its_text(name: str) -> None:
    assert result(f's = REPEAT("a", 100000)\nRETURN IIF({SEARCHES[name]}, 1, 0)') == 0


@pytest.mark.parametrize("pattern", ['REPEAT("_", 20000) + "b"', 'REPEAT("a_", 20000) + "b"'])
def test_a_long_pattern_with_gaps_is_refused_for_a_long_text(pattern: str) -> None:
    found = mistake(f's = REPEAT("a", 100000)\nx = s LIKE "%" + {pattern} + "%"')
    assert found.kind == "limit" and "too long for a text of 100,000" in found.message


def test_words_of_regular_expressions_are_only_letters() -> None:
    assert result('RETURN "aaa" LIKE "(a+)+$"') is False
    assert result('RETURN "x.y[1](z)" LIKE "%.y[_](z)"') is True


# -- numbers -----------------------------------------------------------------------------------------------------------

NUMBERS = {
    "10 ^ 10 ^ 10": "x = 10 ^ 10 ^ 10",
    "9 ^ 9 ^ 9 ^ 9": "x = 9 ^ (9 ^ (9 ^ 9))",
    "1e308 * 10": "x = 1e308 * 10",
    "1e308 + 1e308": "x = 1e308 + 1e308",
    "minus infinity": "x = 0 - 1e308 * 10",
    "1 / 0": "x = 1 / 0",
    "1 / 0.0": "x = 1 / 0.0",
    "0 / 0": "x = 0 / 0",
    "5 MOD 0": "x = 5 MOD 0",
    "0 ^ -1": "x = 0 ^ -1",
    "(-8) ^ 0.5": "x = (-8) ^ 0.5",
    "2 ^ 63": "x = 2 ^ 63 - 1 + 2 ^ 63 + 2 ^ 1023 * 2",
    "64 bits and one more": "x = 9223372036854775807 + 1",
    "64 bits, less one": "x = 0 - 9223372036854775807 - 2",
    "64 bits times 64 bits": "x = 9223372036854775807 * 9223372036854775807",
    "minus the smallest": "x = 0 - 9223372036854775807 - 1\nx = -x",
    "the smallest divided by -1": "x = (0 - 9223372036854775807 - 1) / -1",
    "ABS of the smallest": "x = ABS(0 - 9223372036854775807 - 1)",
    "a long text as number": 'x = REPEAT("9", 300) * REPEAT("9", 300)',
    "SQR of a negative": "x = SQR(-1)",
    "the root of a negative text": 'x = SQR("-1")',
    "EXP": "x = EXP(100000)",
    "a span beyond time": "x = NOW() + 1e300",
    "years beyond time": 'x = DATEADD(TODAY(), 1e18, "year")',
    "CHR": "x = CHR(1e18)",
    "a sum": "x = SUM([1e308, 1e308])",
}


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_that_cannot_be_is_an_error_of_its_statement(name: str) -> None:
    found = mistake(NUMBERS[name])
    assert found.kind in ("value", "limit"), found
    assert found.line and len(found.message) < 300


@pytest.mark.parametrize("written", ["9" * 20, "9" * 5000, "1e400", "1" + "0" * 400 + ".5"])
def test_a_number_too_large_to_write_is_told_at_its_line(written: str) -> None:
    (told,) = [d for d in check(f"x = {written}", TABLE) if d.severity == "error"]
    assert told.line == 1 and ("too large" in told.message or "64 bits" in told.message)


# -- texts of programs -------------------------------------------------------------------------------------------------

NESTED = {
    "brackets": "x = " + "(" * 50_000 + "1" + ")" * 50_000,
    "lists": "x = " + "[" * 20_000 + "]" * 20_000,
    "objects": "x = " + "{a: " * 20_000 + "1" + "}" * 20_000,
    "NOT": "x = " + "NOT " * 15_000 + "1",
    "minus": "x = " + "-" * 30_000 + "1",
    "plus": "x = " + " + ".join(["1"] * 10_000),
    "comparisons": "x = " + " = ".join(["1"] * 10_000),
    "members": "x = a" + ".b" * 30_000,
    "indexes": "x = a" + "[0]" * 20_000,
    "questions": "x = " + "a ? b : " * 8_000 + "c",
    "calls": "x = " + "LEN(" * 15_000 + ")" * 15_000,
    "templates": 'x = "' + "${" * 20_000 + "}" * 20_000 + '"',
    "keywords": "x = " + "LLM " * 10_000 + '"a"',
    "IF in IF in a line": "IF a THEN " * 5_000 + "x = 1",
    "blocks": "IF a THEN\n" * 20_000 + "END IF\n" * 20_000,
    "labels": "a: " * 20_000 + "x = 1",
    "steps": "STEP 1: " * 8_000 + 'TALK "a"',
    "a line of a million letters": "x" * 1_000_000,
    "a line of a million quotes": '"' * 1_000_000,
    "a text of a million lines": "\n" * 1_000_000,
    "quotes that stay open": 'TALK "a\n' * 50_000,
    "brackets that stay open": "x = (\n" * 50_000,
    "dollars and braces": 'x = "' + "${a" * 20_000 + '"',
    "apostrophes": "x = " + "'" * 60_000,
}


@pytest.mark.parametrize("name", NESTED)
@pytest.mark.timeout(120)
def test_hostile_nesting_is_told_and_nothing_is_lost(name: str) -> None:
    source = NESTED[name]
    assert "".join(read(source, TABLE).lines) == source
    told = check(source, TABLE)
    assert all(len(d.message) < 500 for d in told)
    compiled = compile_program(source, TABLE)
    if compiled.program is not None:
        run(compiled.program)
