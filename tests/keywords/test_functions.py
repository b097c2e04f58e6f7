"""Built-in functions: what they answer, and that no argument makes them fall over."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest

from keywords.functions import FUNCTIONS
from keywords.mistakes import ProgramError
from keywords.operators import BINARY, negate
from keywords.state import Frame, State
from keywords.values import List, Object, RowSet, adopt, kept, text
from keywords.world import World
from tests.keywords.driver import IDENTITY, NOW

ODD: list[Any] = [
    None, True, False, 0, 1, -1, 7, 2**62, -(2**63), 2**63 - 1, 0.5, -2.75, 1e300, -1e-300, 2.0**60,
    "", " ", "abc", "12", "-3.5", "2026-01-31", "31/12/2026", "9999-12-31", "0001-01-01", "desc", "month",
    "üñ€😀", "x" * 500,
    date(2026, 1, 31), date.max, date.min, datetime(2026, 3, 1, 12, 30, tzinfo=UTC), datetime.max.replace(tzinfo=UTC),
    timedelta(days=3), timedelta.max, timedelta(seconds=-0.5),
    List(), List([3, 1, 2]), List(["b", "a", None]), List([Object(n=1), Object(n="2")]), List(range(500)),
    Object(), Object(a=1, b=List([1])), RowSet(), RowSet([Object(a=1)]), '{"a": [1, 2]}', "[1, 2]", "{broken",
]  # fmt: skip


def world() -> World:
    return World(State(IDENTITY, 7, [Frame("main", 0)]), NOW, {})


def call(name: str, *arguments: Any) -> Any:
    return FUNCTIONS[name].call(world(), *[adopt(a) for a in arguments])


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_no_argument_makes_a_function_fall_over(name: str) -> None:
    function, random = FUNCTIONS[name], Random(name)
    for _ in range(1_500):
        given = [random.choice(ODD) for _ in range(random.randint(function.least, min(function.most, 4)))]
        before = [text(value) for value in given]
        try:
            answer = function.call(world(), *given)
            kept(adopt(answer))
        except ProgramError:
            pass
        assert [text(value) for value in given] == before, "a function changes no argument"


@pytest.mark.parametrize("operator", sorted(BINARY))
def test_no_pair_of_values_makes_an_operator_fall_over(operator: str) -> None:
    for left in ODD:
        for right in ODD:
            try:
                kept(adopt(BINARY[operator](left, right)))
            except ProgramError:
                continue


def test_minus_works_or_says_why_not() -> None:
    for value in ODD:
        try:
            kept(adopt(negate(value)))
        except ProgramError:
            continue


def test_equality_is_symmetric_and_every_value_equals_itself() -> None:
    for left in ODD:
        assert BINARY["="](left, left) or left is None
        for right in ODD:
            assert BINARY["="](left, right) is BINARY["="](right, left)
            assert BINARY["<"](left, right) is BINARY[">"](right, left)


@pytest.mark.parametrize(
    ("name", "arguments", "answer"),
    [
        ("INSTR", ("hello", "lo"), 4),
        ("INSTR", (5, "hello", "l"), 0),
        ("MID", ("hello", 2), "ello"),
        ("ROUND", (2.5,), 3),
        ("ROUND", (-2.5,), -3),
        ("ROUND", (1.005, 2), 1.01),
        ("ROUND", (1234, -2), 1200),
        ("INT", (-2.7,), -2),
        ("FORMAT", (-1234.567, "N2"), "-1,234.57"),
        ("FORMAT", (1234.5, "N2[pt]"), "1.234,50"),
        ("FORMAT", (1234.5, "C2[pt]"), "R$ 1.234,50"),
        ("FORMAT", (0.125, "0.##%"), "12.5%"),
        ("FORMAT", (5, "0.##"), "5"),
        ("FORMAT", ("2026-03-09 14:05:07", "yyyy-mm-dd hh:mm:ss"), "2026-03-09 14:05:07"),
        ("FORMAT", ("2026-03-09 14:05:07", "YYYYMMDD"), "20260309"),
        ("FORMAT", ("2026-03-09 14:05:07", "h:mm tt"), "2:05 PM"),
        ("FORMAT", ("2026-03-09", "dddd, MMM d"), "Monday, Mar 9"),
        ("FORMAT", ("plain", "0.00"), "plain"),
        ("DATEADD", ("2026-01-31", 1, "month"), date(2026, 2, 28)),
        ("DATEADD", ("day", 3, "2026-01-30"), date(2026, 2, 2)),
        ("DATEADD", ("2026-01-30", "days", 3), date(2026, 2, 2)),
        ("DATEADD", ("2026-01-30", 2, "hour"), datetime(2026, 1, 30, 2, tzinfo=UTC)),
        ("DATEDIFF", ("2026-01-31", "2026-03-01", "month"), 2),
        ("DATEDIFF", ("day", "2026-01-31 23:00", "2026-02-01 01:00"), 1),
        ("WEEKDAY", ("2026-03-15",), 1),
        ("EOMONTH", ("2026-02-10",), date(2026, 2, 28)),
        ("YEAR", (), 2026),
        ("DAYS", (2,), timedelta(days=2)),
        ("SORT", ([3, "10", 2],), [2, 3, "10"]),
        ("SORT", ([{"n": 2}, {"n": 1}], "n"), [{"n": 1}, {"n": 2}]),
        ("SORT", ([1, 3, 2], "desc"), [3, 2, 1]),
        ("UNIQUE", ([1, "1", 1, 1.0],), [1, "1"]),
        ("AVG", ([],), None),
        ("AVG", ([1, None, 2],), 1.5),
        ("COUNT", ([{"a": 1}, {"b": 2}], "a"), 1),
        ("MAX", ([1, "20", 3],), "20"),
        ("NVL", (None, "", "x"), ""),
        ("JSON", ({"a": [1, None]},), '{"a": [1, null]}'),
        ("JSON_PARSE", ('{"a": 1}',), {"a": 1}),
        ("TYPEOF", ("x",), "string"),
        ("VAL", ("12.5 kg",), 12.5),
        ("FIRST", ("Ana Maria",), "Ana"),
        ("CHR", (97,), "a"),
        ("EXTRACT_BETWEEN", ("a<b>c", "<", ">"), "b"),
        ("EXTRACT_BETWEEN", ("abc", "<", ">"), ""),
    ],
)  # fmt: skip
def test_functions_answer(name: str, arguments: tuple[Any, ...], answer: Any) -> None:
    assert call(name, *arguments) == answer


def test_chance_stays_in_its_range_and_repeats() -> None:
    one, other = world(), world()
    draws = [FUNCTIONS["RANDOM"].call(one, 1, 6) for _ in range(600)]
    assert set(draws) == {1, 2, 3, 4, 5, 6}
    assert draws == [FUNCTIONS["RANDOM"].call(other, 1, 6) for _ in range(600)]
    assert all(0 <= FUNCTIONS["RND"].call(one) < 1 for _ in range(100))
    assert len({FUNCTIONS["GUID"].call(one) for _ in range(100)}) == 100


@pytest.mark.parametrize(
    ("left", "operator", "right", "answer"),
    [
        (7, "/", 2, 3.5),
        (2**62, "+", 2**61, 2**62 + 2**61),
        ("5", "*", 2, 10),
        ("5", "+", 2, "52"),
        (None, "+", 5, 5),
        (date(2026, 1, 31), "+", 1, date(2026, 2, 1)),
        (datetime(2026, 1, 1, tzinfo=UTC), "+", 15 * 60, datetime(2026, 1, 1, 0, 15, tzinfo=UTC)),
        (date(2026, 1, 31), "-", date(2026, 1, 1), timedelta(days=30)),
        (date(2026, 1, 31), "=", "2026-01-31", True),
        (date(2026, 1, 31), "<", datetime(2026, 1, 31, 1, tzinfo=UTC), True),
        (timedelta(hours=2), ">", 3600, True),
        ("true", "=", True, True),
        (None, "<>", "a", True),
        (RowSet(), "=", None, True),
        ("apple", "<", "pear", True),
        ("ab", "STARTS WITH", "a", True),
        (2, "IN", [1, "2"], True),
        ("a%c", "LIKE", "A*C", True),
    ],
)  # fmt: skip
def test_operators_answer(left: Any, operator: str, right: Any, answer: Any) -> None:
    found = BINARY[operator](adopt(left), adopt(right))
    assert found == answer and type(found) is type(answer)


def test_a_pattern_of_many_stars_does_not_take_for_ever() -> None:
    assert BINARY["LIKE"]("a" * 3_000, "*a" * 200 + "b") is False
