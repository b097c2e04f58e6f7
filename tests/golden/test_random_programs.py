"""Random expressions and container programs do on the engine's rows what they do in the machine alone."""

from __future__ import annotations

import json
import os
from random import Random

import pytest

from keywords.compile import compile_program
from keywords.encode import dump
from keywords.host import Answer, Host, Value
from keywords.library import registry
from keywords.outcome import Call
from keywords.registry import Effect, keyword
from keywords.values import copied
from storage.pool import Pool
from tests.golden.rows import Piece
from tests.golden.stage import FUEL, Stage
from tests.golden.ways import play, same
from tests.golden.workers import Crashing, Stopping, Whole
from tests.keywords.random_programs import Programs, answer_to
from tests.keywords.test_random_programs import INPUTS
from tests.language.straight import Answers, Runner, Straight

MANY = int(os.environ.get("RANDOM_PROGRAMS_ON_ROWS", "120"))
FIRST = 5_000_000  # other programs than those that the machine alone is tested with


@keyword("ASK {question}", effect=Effect.IDEMPOTENT, example='ASK "x"', group="test")
async def ask(host: Host, question: Value) -> Value:
    """Asks the world, which answers by what was asked and how often."""
    return None


def asked() -> Answers:
    count = 0

    def answer(call: Call) -> Answer | None:
        nonlocal count
        count += 1
        return Answer(copied(answer_to(call.arguments["question"], count)))

    return answer


def sources() -> dict[str, tuple[str, int]]:
    """Programs by name, each with the number of its inputs."""
    found: dict[str, tuple[str, int]] = {}
    for seed in range(FIRST, FIRST + MANY):
        found[f"expression {seed}"] = (f"x = {Programs(Random(seed)).expression(4)[0]}", seed % len(INPUTS))
        random = Random(-seed)
        statements = [Programs(random).statement()[0] for _ in range(random.randint(2, 9))]
        found[f"containers {seed}"] = ("ON ERROR RESUME NEXT\n" + "\n".join(statements), seed % len(INPUTS))
    return found


@pytest.fixture(scope="module")
def stage() -> Stage:
    words = registry()
    words.register(ask)
    return Stage(words)


@pytest.fixture(scope="module")
def straight(stage: Stage) -> dict[str, Straight]:
    runner = Runner(stage.plain)
    pieces: list[Piece] = []
    done: dict[str, Straight] = {}
    for name, (source, number) in sources().items():
        compiled = compile_program(source, runner.registry)
        assert compiled.program is not None, (source, compiled.errors)
        done[name] = runner.run(compiled.program, INPUTS[number], asked(), fuel=FUEL)
        pieces.append(stage.piece(name, compiled.program, INPUTS[number], done[name]))
    stage.play(pieces)
    return done


async def test_random_programs_end_the_same_however_they_are_interrupted(
    database: str, pool: Pool, stage: Stage, straight: dict[str, Straight]
) -> None:
    async with play(database, pool, stage, Whole) as (_, played):
        whole = played.by_name()
        for name, alone in straight.items():
            ((_, status, *_rest, variables),) = whole[name].ends
            assert status == ("failed" if alone.mistake else "completed"), name
            (held,) = json.loads(variables)
            shown = {word: value for word, value in held.items() if not word.startswith("~")}
            assert shown == {word: dump(value) for word, value in alone.variables.items()}, name
    async with play(database, pool, stage, Stopping) as (_, played):
        same(whole, played.by_name())
    async with play(database, pool, stage, Crashing) as (_, played):
        same(whole, played.by_name())
