"""The same loops in BASIC and in Python: each pair computes the same, and is timed in turn."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from keywords.compile import compile_program
from keywords.host import Identity
from keywords.machine import advance, start_state
from keywords.outcome import Done, Yield
from keywords.program import Program
from keywords.registry import Registry

NOW = datetime(2026, 1, 1, tzinfo=UTC)
IDENTITY = Identity(UUID(int=1), UUID(int=2), UUID(int=3))


@dataclass(frozen=True, slots=True)
class Loop:
    """A BASIC program and a Python function `f` with the same result; both turn `turns` times."""

    basic: str
    python: str
    turns: int = 20_000


LOOPS: dict[str, Loop] = {
    "arithmetic": Loop(
        """
        total = 0
        FOR i = 1 TO 20000
          total = total + i * 3 - total MOD 7
        NEXT i
        RETURN total
        """,
        """
        def f():
            total = 0
            for i in range(1, 20001):
                total = total + i * 3 - total % 7
            return total
        """,
    ),
    "conditions": Loop(
        """
        i = 0
        total = 0
        WHILE i < 20000
          i = i + 1
          IF i MOD 3 = 0 AND total < 1000000000 THEN
            total = total + i
          ELSE
            total = total - 1
          END IF
        WEND
        RETURN total
        """,
        """
        def f():
            i = 0
            total = 0
            while i < 20000:
                i = i + 1
                if i % 3 == 0 and total < 1000000000:
                    total = total + i
                else:
                    total = total - 1
            return total
        """,
    ),
    "strings": Loop(
        """
        words = ""
        FOR i = 1 TO 20000
          words = words + "item " + i + ", "
          IF LEN(words) > 2000 THEN
            words = UCASE(LEFT(words, 20))
          END IF
        NEXT i
        RETURN words
        """,
        """
        def f():
            words = ""
            for i in range(1, 20001):
                words = words + "item " + str(i) + ", "
                if len(words) > 2000:
                    words = words[:20].upper()
            return words
        """,
    ),
    "templates": Loop(
        """
        FOR i = 1 TO 20000
          words = "Order ${i} of ${i + 1}: ${i * 2} pieces"
        NEXT i
        RETURN words
        """,
        """
        def f():
            for i in range(1, 20001):
                words = f"Order {i} of {i + 1}: {i * 2} pieces"
            return words
        """,
    ),
    "lists": Loop(
        """
        values = []
        FOR i = 0 TO 99
          PUSH values, i
        NEXT i
        total = 0
        FOR i = 1 TO 20000
          total = total + values[i MOD 100]
          values[i MOD 100] = i
        NEXT i
        RETURN total
        """,
        """
        def f():
            values = []
            for i in range(100):
                values.append(i)
            total = 0
            for i in range(1, 20001):
                total = total + values[i % 100]
                values[i % 100] = i
            return total
        """,
    ),
    "objects": Loop(
        """
        rows = []
        FOR i = 1 TO 100
          PUSH rows, {price: i, count: 2}
        NEXT i
        total = 0
        FOR k = 1 TO 200
          FOR EACH row IN rows
            total = total + row.price * row.count
          NEXT row
        NEXT k
        RETURN total
        """,
        """
        def f():
            rows = []
            for i in range(1, 101):
                rows.append({"price": i, "count": 2})
            total = 0
            for k in range(200):
                for row in rows:
                    total = total + row["price"] * row["count"]
            return total
        """,
    ),
    "functions": Loop(
        """
        total = 0
        FOR i = 1 TO 20000
          total = total + LEN(TRIM(" a ")) + ABS(0 - i) + ROUND(i / 3)
        NEXT i
        RETURN total
        """,
        """
        def f():
            total = 0
            for i in range(1, 20001):
                total = total + len(" a ".strip()) + abs(0 - i) + round(i / 3)
            return total
        """,
    ),
    "calls": Loop(
        """
        total = 0
        FOR i = 1 TO 20000
          total = price(i, 3, total)
        NEXT i
        RETURN total

        FUNCTION price(amount, count, before)
          sum = amount * count
          IF sum > 500 THEN
            sum = sum - sum MOD 100
          END IF
          RETURN before + sum
        END FUNCTION
        """,
        """
        def price(amount, count, before):
            total = amount * count
            if total > 500:
                total = total - total % 100
            return before + total

        def f():
            total = 0
            for i in range(1, 20001):
                total = price(i, 3, total)
            return total
        """,
    ),
    "fractions": Loop(
        """
        total = 0
        FOR i = 1 TO 20000
          total = total + i * 0.25 - i / 3
        NEXT i
        RETURN total
        """,
        """
        def f():
            total = 0
            for i in range(1, 20001):
                total = total + i * 0.25 - i / 3
            return total
        """,
    ),
    "small calls": Loop(
        """
        total = 0
        FOR i = 1 TO 20000
          total = total + more(i)
        NEXT i
        RETURN total

        FUNCTION more(x)
          RETURN x + 1
        END FUNCTION
        """,
        """
        def more(x):
            return x + 1

        def f():
            total = 0
            for i in range(1, 20001):
                total = total + more(i)
            return total
        """,
    ),
    "recursion": Loop(
        """
        RETURN fib(19)

        FUNCTION fib(n)
          IF n < 2 THEN
            RETURN n
          END IF
          RETURN fib(n - 1) + fib(n - 2)
        END FUNCTION
        """,
        """
        def fib(n):
            if n < 2:
                return n
            return fib(n - 1) + fib(n - 2)

        def f():
            return fib(19)
        """,
        13_529,
    ),
    "sorting": Loop(
        """
        a = []
        FOR i = 0 TO 149
          PUSH a, (i * 7919) MOD 151
        NEXT i
        FOR i = 0 TO 148
          FOR j = 0 TO 148 - i
            IF a[j] > a[j + 1] THEN
              t = a[j]
              a[j] = a[j + 1]
              a[j + 1] = t
            END IF
          NEXT j
        NEXT i
        RETURN a[0] + a[149]
        """,
        """
        def f():
            a = [(i * 7919) % 151 for i in range(150)]
            for i in range(149):
                for j in range(149 - i):
                    if a[j] > a[j + 1]:
                        t = a[j]
                        a[j] = a[j + 1]
                        a[j + 1] = t
            return a[0] + a[149]
        """,
        11_175,
    ),
    "fields": Loop(
        """
        order = {total: 0, vip: TRUE}
        FOR i = 1 TO 20000
          IF order.vip THEN
            order.total = order.total + i
          END IF
        NEXT i
        RETURN order.total
        """,
        """
        def f():
            order = {"total": 0, "vip": True}
            for i in range(1, 20001):
                if order["vip"]:
                    order["total"] = order["total"] + i
            return order["total"]
        """,
    ),
}


def measured(table: Registry, repeats: int) -> dict[str, Any]:
    """Microseconds a turn in both languages, and how many times slower BASIC is; the best of so many runs."""
    found: dict[str, Any] = {}
    for name, loop in LOOPS.items():
        program = compile_program(textwrap.dedent(loop.basic).strip(), table).program
        assert program is not None, name
        scope: dict[str, Any] = {}
        exec(compile(textwrap.dedent(loop.python), name, "exec"), scope)  # our own text, above
        basic = python = float("inf")
        for _ in range(repeats):
            ours, seconds = _timed(lambda program=program: run(program))
            basic = min(basic, seconds)
            theirs, seconds = _timed(scope["f"])
            python = min(python, seconds)
            assert ours == theirs, (name, ours, theirs)
        found[name] = {
            "basic_us": round(basic / loop.turns * 1e6, 3),
            "python_us": round(python / loop.turns * 1e6, 4),
            "times_slower": round(basic / python, 1),
        }
    return found


def run(program: Program) -> object:
    """The result of a program that needs nothing from outside."""
    state = start_state(program, IDENTITY, {}, 1)
    while True:
        outcome = advance(program, state, None, NOW)
        match outcome:
            case Yield(state):
                continue
            case Done(_, result):
                return result
            case _:
                raise AssertionError(outcome)


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    began = time.process_time()
    result = work()
    return result, time.process_time() - began
