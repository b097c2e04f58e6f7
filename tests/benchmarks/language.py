"""The language's benchmark: `python tests/benchmarks/language.py [--quick]` prints one JSON object.

The corpus is made up from the forms of every keyword; no line of it is written twice, so cold is cold.

lines     parsing: microseconds a line, the first time and once it is known
programs  compiling programs of about 50 lines: milliseconds each, the first time, once known, and loaded from the store
check     of a text of 5,000 lines: milliseconds the first time, after one line was changed, and unchanged
loops     the same work in BASIC and in Python, timed in turn in this process: `times_slower` should be at most 25
state     a state of 100 variables: milliseconds to write it, to read it, and for both with the steps in between
neighbours  200 executions on one worker, each of many short steps, alone and beside an endless loop: milliseconds
          between two of their steps; `times_slower` of the 95th percentile should be at most 2
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import structlog

from keywords.blocks import read
from keywords.check import check
from keywords.compile import compile_program
from keywords.encode import state_from_json, state_to_json
from keywords.host import Answer
from keywords.library import registry
from keywords.machine import advance, start_state
from keywords.outcome import Call
from keywords.parse import parse_line
from keywords.program import Program
from keywords.registry import Registry
from tests.benchmarks import language_loops, language_neighbours
from tests.benchmarks.language_corpus import Corpus

HUNDRED = [
    'v{0} = "some words of an ordinary length {0}"',
    "v{0} = {0} * 17",
    "v{0} = {0} / 7",
    'v{0} = {{id: {0}, name: "Ana", tags: ["a", "b"]}}',
    "v{0} = [{0}, 2, 3]",
]


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured."""

    lines: int
    programs: int
    repeats: int
    seconds: float  # of the neighbours, each way


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a smaller corpus, fewer repeats")
    given = parser.parse_args()
    effort = Effort(3_000, 20, 3, 4.0) if given.quick else Effort(20_000, 200, 7, 15.0)
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    table = registry()
    parse_line("x = 1", table)  # builds the grammar
    result = {
        "lines": lines(table, effort),
        "programs": programs(table, effort),
        "check": checked(table),
        "loops": language_loops.measured(table, effort.repeats),
        "state": state(table, effort),
        "neighbours": asyncio.run(language_neighbours.measured(effort.seconds)),
    }
    json.dump(result, sys.stdout, indent=2)
    print()


def seconds(work: Callable[[], object]) -> float:
    """How long it computes; what other processes do meanwhile does not count."""
    began = time.process_time()
    work()
    return time.process_time() - began


def lines(table: Registry, effort: Effort) -> dict[str, Any]:
    corpus = Corpus(table, 1)
    texts = [corpus.statement() for _ in range(effort.lines)]
    kept = texts[-10_000:]  # as many as are remembered, and more

    def parse(some: list[str]) -> None:
        for text in some:
            parse_line(text, table)

    cold = seconds(lambda: parse(texts)) / len(texts)
    cached = seconds(lambda: parse(kept)) / len(kept)
    return {"count": len(texts), "cold_us": round(cold * 1e6, 1), "cached_us": round(cached * 1e6, 2)}


def programs(table: Registry, effort: Effort) -> dict[str, Any]:
    corpus = Corpus(table, 2)
    texts = [corpus.program(50) for _ in range(effort.programs)]
    count = sum(text.count("\n") for text in texts)
    made: list[Program] = []

    def compile_all() -> None:
        made[:] = [found for text in texts if (found := compile_program(text, table).program) is not None]

    def load_all() -> None:
        for program, stored in zip(made, bodies, strict=True):
            Program.load(program.hash, json.loads(stored), program.source, table)

    blocks = seconds(lambda: [read(text, table) for text in texts])
    cold = seconds(compile_all)
    cached = seconds(compile_all)
    bodies = [json.dumps(program.to_json()) for program in made]
    loaded = seconds(load_all)
    return {
        "count": len(texts),
        "lines": count,
        "without_error": len(made),
        "blocks_us_a_line": round(blocks / count * 1e6, 1),
        "cold_ms": round(cold / len(texts) * 1e3, 2),
        "cold_us_a_line": round(cold / count * 1e6, 1),
        "cached_ms": round(cached / len(texts) * 1e3, 4),
        "loaded_ms": round(loaded / max(len(made), 1) * 1e3, 3),
    }


def checked(table: Registry) -> dict[str, Any]:
    text = "".join(f"{line}\n" for line in Corpus(table, 3).program(5_000).split("\n")[:5_000])
    rows = text.split("\n")
    edits = ["\n".join([*rows[:at], f'TALK "changed {at}"', *rows[at + 1 :]]) for at in (10, 2_500, 4_990)]
    cold = seconds(lambda: check(text, table))
    changed = statistics.median(seconds(lambda edit=edit: check(edit, table)) for edit in edits)
    unchanged = seconds(lambda: check(text, table))
    return {
        "lines": len(rows) - 1,
        "cold_ms": round(cold * 1e3, 1),
        "one_line_changed_ms": round(changed * 1e3, 1),
        "unchanged_ms": round(unchanged * 1e3, 3),
    }


def state(table: Registry, effort: Effort) -> dict[str, Any]:
    texts = [HUNDRED[n % len(HUNDRED)].format(n) for n in range(100)]
    program = compile_program("\n".join([*texts, "DO", "  x = LLM v0", "LOOP"]), table).program
    assert program is not None
    call = advance(program, start_state(program, language_loops.IDENTITY, {}, 1), None, language_loops.NOW)
    assert isinstance(call, Call)
    stored = state_to_json(call.state)
    writing, reading, both = zip(*_rounds(program, call, stored, 50 * effort.repeats), strict=True)
    return {
        "variables": len(call.state.frames[0].variables),
        "bytes": len(stored),
        "write_ms": round(statistics.median(writing) * 1e3, 3),
        "read_ms": round(statistics.median(reading) * 1e3, 3),
        "suspend_and_resume_ms": round(statistics.median(both) * 1e3, 3),
    }


def _rounds(program: Program, call: Call, stored: str, rounds: int) -> Iterator[tuple[float, float, float]]:
    identity = call.state.identity
    for _ in range(rounds):
        writing = seconds(lambda: state_to_json(call.state))
        reading = seconds(lambda: state_from_json(stored, identity))

        def there_and_back() -> None:
            nonlocal stored
            outcome = advance(program, state_from_json(stored, identity), Answer("an answer"), language_loops.NOW)
            stored = state_to_json(outcome.state)

        yield writing, reading, seconds(there_and_back)


if __name__ == "__main__":
    main()
