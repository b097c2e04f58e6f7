"""What loops do often runs as written-out Python; it does the same as the steps, whatever the values are."""

from __future__ import annotations

import os
from random import Random
from typing import Any

import pytest

from keywords import traces
from keywords.compile import compile_program
from keywords.encode import dump
from keywords.library import registry
from keywords.machine import advance, start_state
from keywords.outcome import Done, Yield
from keywords.program import Program
from keywords.registry import Registry
from tests.keywords.driver import IDENTITY, NOW, run

MANY = int(os.environ.get("RANDOM_TRACES", "40"))
NAMES = ("a", "b", "c", "d", "i")
CONSTANTS = (
    "0", "1", "-1", "2", "7", "0.5", "1e3", "9007199254740993", "9223372036854775807", '""', '"x"', '"12"', '"vip"',
    "TRUE", "FALSE", "NULL", "[1, 2, 3]", "[]", '["x", [1]]', "{n: 1, m: {k: 2}}", "{}", "TODAY()", "RANDOM(1, 9)",
)  # fmt: skip
SIGNS = ("+", "+", "-", "*", "/", "MOD", "=", "<>", "<", "<=", ">", ">=", "AND", "OR", "??", "^", "CONTAINS")
CALLS = (
    "LEN({})", "UCASE({})", "ABS({})", "STR({})", "twice({})", "least({}, {})", "MAX({}, {})", "deep({})",
    "safe({}, {})", "share({}, {})",
)  # fmt: skip
SUBS = """
FUNCTION twice(x)
  IF x > 100 THEN
    RETURN x
  END IF
  calls = calls + 1
  RETURN x + x
END FUNCTION
FUNCTION least(x, y)
  IF x < y THEN
    RETURN x
  ELSE
    z = twice(y)
  END IF
  RETURN z
END FUNCTION
FUNCTION share(x, y)
  rest = x - y
  IF rest > 3 THEN
    rest = twice(rest) MOD y
  END IF
  RETURN x / rest
END FUNCTION
FUNCTION safe(x, y)
  z = 0
  TRY
    z = x - y
    z = z / twice(x)
  CATCH e
    z = e.message
  END TRY
  RETURN z
END FUNCTION
FUNCTION deep(x)
  IF x > 0 THEN
    RETURN deep(x - 1) + least(x, 2)
  END IF
  FOR k = 1 TO 2
    x = x + k
  NEXT
  RETURN x
END FUNCTION
"""


class Texts:
    """Programs that turn."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def place(self) -> str:
        pick = self.random
        name = pick.choice(NAMES[:4])
        return pick.choice(
            (name, name, f"{name}[{pick.choice(('i', '0', '1', 'b', '-1'))}]", f"{name}.n", f"{name}.m.k")
        )

    def expression(self, depth: int = 2) -> str:
        pick, roll = self.random, self.random.random()
        if depth == 0 or roll < 0.3:
            return pick.choice((pick.choice(NAMES), pick.choice(CONSTANTS), self.place()))
        if roll < 0.7:
            return f"({self.expression(depth - 1)} {pick.choice(SIGNS)} {self.expression(depth - 1)})"
        if roll < 0.8:
            call = pick.choice(CALLS)
            return call.format(*(self.expression(depth - 1) for _ in range(call.count("{}"))))
        if roll < 0.88:
            return f'"${{{self.expression(0)}}} of ${{i}}"'
        if roll < 0.94:
            return f"IIF({self.expression(1)}, {self.expression(1)}, {self.expression(1)})"
        return f"(NOT {self.expression(depth - 1)})"

    def statements(self, depth: int = 0) -> list[str]:
        found: list[str] = []
        for _ in range(self.random.randint(1, 4)):
            found += self.statement(depth)
        return found

    def statement(self, depth: int) -> list[str]:
        pick, roll = self.random, self.random.random()
        if roll < 0.5 or depth > 2:
            return [f"{self.place()} = {self.expression()}"]
        if roll < 0.6:
            return [f"PUSH {pick.choice(NAMES[:4])}, {self.expression(1)}"]
        if roll < 0.65:
            return [f"{pick.choice(NAMES[:4])} = {pick.choice(CALLS[4:6]).format('i', 'b')}"]
        if roll < 0.68:
            return [pick.choice(("EXIT FOR", "CONTINUE FOR", "ON ERROR RESUME NEXT", "CLEAR ERROR"))]
        if roll < 0.8:
            otherwise = ["ELSE", *self.statements(depth + 1)] if pick.random() < 0.5 else []
            return [f"IF {self.expression()} THEN", *self.statements(depth + 1), *otherwise, "END IF"]
        if roll < 0.87:
            return [f"FOR EACH d IN {pick.choice(NAMES[:3])}", *self.statements(depth + 1), "NEXT"]
        if roll < 0.9:
            return ["TRY", *self.statements(depth + 1), "CATCH e", "a = e.message + e.line", "END TRY"]
        if roll < 0.95:
            return ["k = 0", "DO", "k = k + 1", *self.statements(depth + 1), "LOOP WHILE k < 3"]
        return [
            f"SELECT CASE {self.expression(1)}",
            "CASE 1",
            *self.statements(depth + 1),
            "CASE ELSE",
            "b = i",
            "END SELECT",
        ]

    def program(self) -> str:
        start = [f"{name} = {self.random.choice(CONSTANTS)}" for name in NAMES[:4]]
        lenient = ["ON ERROR RESUME NEXT"] if self.random.random() < 0.7 else []
        body = [line for _ in range(2) for line in self.statements()]
        return "\n".join([*lenient, "calls = 0", *start, "FOR i = 1 TO 6", *body, "NEXT i", SUBS])


@pytest.fixture(scope="module")
def words() -> Registry:
    return registry()


def fresh(source: str, words: Registry) -> Program:
    """A program of which nothing has run before."""
    found = compile_program(source, words).program
    assert found is not None, source
    return Program.load(found.hash, found.to_json(), source, words)


def outcome(source: str, words: Registry) -> Any:
    """All that can be seen of a run: how it ended, and what every variable holds."""
    done = run(fresh(source, words))
    assert done.state is not None
    frames = [
        (f.entry, f.at if done.mistake else 0, f.on_error, [(k, dump(v)) for k, v in f.variables.items()])
        for f in done.state.frames
    ]
    return done.mistake, dump(done.result), frames, done.state.draws, done.state.turns, done.state.n


def stepped(source: str, words: Registry, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The same without traces."""
    monkeypatch.setattr(traces, "HOT", 1_000_000)
    return outcome(source, words)


@pytest.mark.parametrize("block", range(5))
def test_a_trace_does_what_its_steps_do(block: int, words: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(MANY * block // 5, MANY * (block + 1) // 5):
        source = Texts(seed).program()
        expected = stepped(source, words, monkeypatch)
        for hot in (1, 3):
            monkeypatch.setattr(traces, "HOT", hot)
            assert outcome(source, words) == expected, (seed, hot, source)


def test_some_of_the_programs_fail_and_some_do_not(words: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = sum(stepped(Texts(seed).program(), words, monkeypatch)[0] is not None for seed in range(MANY))
    assert 0 < failed < MANY


CRASH = """
total = 0
FOR i = 1 TO 30
  total = outer(i)
NEXT
FUNCTION outer(n)
  m = n + 1
  q = inner(m, n)
  RETURN q + m
END FUNCTION
FUNCTION inner(n, by)
  p = n * 2
  IF p > 40 THEN
    z = p
    p = p - "x"
  END IF
  RETURN p
END FUNCTION
"""
BOTTOM = """
ON ERROR RESUME NEXT
TRY
  a = down(1)
CATCH e
  a = e.message
END TRY
b = down(1) + 1
FUNCTION down(n)
  reached = n
  TRY
    r = pair(n)
  CATCH e
    RETURN e.message + n
  END TRY
  RETURN r
END FUNCTION
FUNCTION pair(n)
  m = n + 1
  r = down(m)
  RETURN r
END FUNCTION
"""


@pytest.mark.parametrize(
    "source",
    [
        CRASH,
        BOTTOM,
        BOTTOM.replace("n + 1", "n + 1 - 0 * spare(n)")
        + """
FUNCTION spare(n)
  RETURN twice(n) - n
END FUNCTION
FUNCTION twice(n)
  RETURN n + n
END FUNCTION
""",
    ],
)
@pytest.mark.parametrize("hot", [1, 2, 3, 7])
def test_a_crash_leaves_the_frames_that_steps_would_have_made(
    source: str, hot: int, words: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = stepped(source, words, monkeypatch)
    monkeypatch.setattr(traces, "HOT", hot)
    assert outcome(source, words) == expected


def test_a_mistake_in_a_sub_that_was_written_out_ends_in_its_frame(
    words: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(traces, "HOT", 1)
    mistake, _, frames, *_ = outcome(CRASH, words)
    assert mistake.line == 15
    assert [entry for entry, *_ in frames] == ["main", "sub:outer", "sub:inner"]
    assert frames[1][3] == [("n", 20), ("m", 21)]
    assert frames[2][3] == [("n", 21), ("by", 20), ("p", 42), ("z", 42)]


@pytest.mark.parametrize(("hot", "fewest"), [(1_000_000, 6), (1, 3)])  # a trace pauses once a turn
def test_showing_a_large_list_costs_fuel_even_when_the_text_is_too_long(
    hot: int, fewest: int, words: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(traces, "HOT", hot)
    source = """
        ON ERROR RESUME NEXT
        a = ["0123456789012345678901234567890123456789"]
        FOR i = 1 TO 14
          a = [a, a]
        NEXT
        FOR i = 1 TO 3
          b = "${a}"
          c = "${a} ${a}"
        NEXT
    """
    program = fresh(source, words)
    state, pauses = start_state(program, IDENTITY, {}, 1), 0
    while isinstance(then := advance(program, state, None, NOW), Yield):
        state, pauses = then.state, pauses + 1
    assert isinstance(then, Done)
    shown = then.state.frames[0].variables["b"]
    assert isinstance(shown, str) and len(shown) > 700_000
    assert pauses >= fewest
