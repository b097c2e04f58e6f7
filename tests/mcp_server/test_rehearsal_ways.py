"""A rehearsal finds what a program has to be told so that it comes to a line, and what it expects of its values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import pytest

from keywords.compile import compile_program
from keywords.library import registry
from keywords.program import Program
from keywords.values import Object, RowSet
from mcp_server.rehearsal.paths import frontier, towards
from mcp_server.rehearsal.shapes import Shapes
from mcp_server.rehearsal.wishes import granted

KNOWN = registry()


def compiled(source: str) -> Program:
    program = compile_program(source, KNOWN).program
    assert program
    return program


def talk(program: Program, word: str) -> int:
    """The step that says a word."""
    return next(
        at for at, step in enumerate(program.steps) if step[0] == "call" and step[5] == {"message": ["k", word]}
    )


def wished(source: str) -> dict[str, Any]:
    program = compiled(source)
    wish = towards(program, Shapes(program), talk(program, "there"), frozenset(), new_ways=False)
    assert wish is not None
    return wish


THERE = 'TALK "there"'


Way: TypeAlias = tuple[str, str, tuple[str, ...], Callable[[Any], bool]]
WAYS: Sequence[Way] = (
    (f'PARAM a AS STRING\nIF a = "x" THEN {THERE}', "a", (), lambda v: v == "x"),
    (f'PARAM a AS INTEGER\nIF a * 2 > 100 THEN {THERE}', "a", (), lambda v: v * 2 > 100),
    (f'PARAM a AS STRING\nb = UCASE(TRIM(a))\nIF b = "WON" THEN {THERE}', "a", (), lambda v: v.upper() == "WON"),
    (f'r = FIND "t"\nIF r.state = "late" THEN {THERE}', "r@0", ("state",), lambda v: v == "late"),
    (f'r = FIND "t"\nIF UBOUND(r) = 0 THEN {THERE}', "r@0", (), lambda v: not v),
    (f'r = GET "https://e.com"\nIF INSTR(r.a.b, "l") > 0 THEN {THERE}', "r@0", ("a", "b"), lambda v: "l" in v),
    (f'HEAR y AS BOOLEAN\nIF NOT y THEN {THERE}', "y@0", (), lambda v: v is False),
    (f'HEAR y AS "a", "b"\nSELECT CASE y\nCASE "b"\n{THERE}\nEND SELECT', "y@0", (), lambda v: v == "b"),
    (f'r = FIND "t"\nFOR EACH x IN r\nIF x.n >= 9 THEN {THERE}\nNEXT', "r@0", ("n",), lambda v: v >= 9),
    (f'PARAM a AS STRING\nCALL s(a)\nSUB s(b)\nIF b = "x" THEN {THERE}\nEND SUB', "a", (), lambda v: v == "x"),
)  # fmt: skip


@pytest.mark.parametrize(("source", "root", "path", "fits"), WAYS)
def test_a_way_to_a_line_is_found(source: str, root: str, path: tuple[str, ...], fits: Callable[[Any], bool]) -> None:
    wish = wished(source)
    assert path in wish[root] and fits(wish[root][path]), wish


def test_conditions_on_the_way_hold_together() -> None:
    source = (
        'PARAM a AS STRING\nPARAM n AS INTEGER\nIF a = "x" THEN TALK "1"\nIF INSTR("x,y,z", a) = 0 THEN EXIT\n'
        f'IF LEN(a) = 1 AND a <> "y" AND a <> "x" AND n > 3 AND n < 5 THEN {THERE}'
    )
    wish = wished(source)
    assert (wish["a"][()], wish["n"][()]) == ("z", 4)


def test_the_frontier_is_where_somebody_could_have_gone() -> None:
    program = compiled(f'PARAM a AS STRING\nIF a = "x" THEN\n{THERE}\nTALK "after"\nEND IF')
    seen = {at for at, step in enumerate(program.steps) if step[0] == "test"}
    assert talk(program, "there") in frontier(program, seen)
    assert talk(program, "after") not in frontier(program, seen)


def test_shapes_follow_from_what_is_done_with_a_value() -> None:
    program = compiled(
        'a = GET "https://e.com/a"\nFOR EACH x IN a.items\nTALK x.title + x.total * 2\nNEXT\n'
        'a = GET "https://e.com/b"\nTALK a.name\nb = GET "https://e.com/c"\nTALK UBOUND(b) + YEAR(b[0].born)\n'
        'c = LLM "classify"\nIF c = "spam" THEN TALK c\n'
    )
    shapes = Shapes(program)
    calls = [at for at, step in enumerate(program.steps) if step[0] == "call" and step[6] is not None]
    first, second, third, fourth = (shapes.at(at) for at in calls)
    assert first and second and third and fourth
    sample = first[0].sample("a")
    assert list(sample) == ["items"] and sample["items"][0]["total"] == 120.5 and "title" in sample["items"][0]
    assert list(second[0].sample("a")) == ["name"], "the same variable holds something else here"
    assert isinstance(third[0].sample("b"), RowSet) and third[0].sample("b")[0]["born"].year == 2026
    assert fourth[0].sample("c") == "spam"


def test_an_answer_is_changed_as_wished() -> None:
    rows = RowSet([Object(a=1, b=2), Object(a=3)])
    assert granted({("a",): 9}, rows) == [Object(a=9, b=2), Object(a=3)]
    assert granted({(): None}, rows) == []
    assert granted({("x", "y"): 1}, None) == Object(x=Object(y=1))
    assert granted({(): "no"}, "yes") == "no"
