"""Random programs do what a reference says, straight and with the state taken through JSON between any two steps."""

from __future__ import annotations

import os
from copy import deepcopy
from random import Random
from typing import Any

import pytest

from keywords.compile import compile_program
from keywords.encode import dump, from_plain
from keywords.host import Answer, Host, Value
from keywords.library import registry
from keywords.mistakes import ProgramError
from keywords.outcome import Call
from keywords.program import Program
from keywords.registry import Effect, Registry, keyword
from keywords.values import copied
from tests.keywords.driver import Run, run
from tests.keywords.random_programs import Programs, World, answer_to

MANY = int(os.environ.get("RANDOM_PROGRAMS", "150"))


@keyword("ASK {question}", effect=Effect.IDEMPOTENT, example='ASK "x"', group="test")
async def ask(host: Host, question: Value) -> Value:
    """Asks; the driver answers."""
    raise AssertionError("the driver answers")


@pytest.fixture(scope="module")
def words() -> Registry:
    table = registry()
    table.register(ask)
    return table


def compiled(source: str, words: Registry) -> Program:
    found = compile_program(source, words)
    assert found.program is not None, (source, found.errors)
    return found.program


def perform(program: Program, inputs: dict[str, Any], *, stored: bool) -> tuple[Run, list[Any]]:
    asked: list[Any] = []

    def answers(call: Call) -> Answer:
        asked.append(call.arguments["question"])
        return Answer(copied(answer_to(asked[-1], len(asked))))

    return run(program, answers, inputs, stored=stored, fuel=1 if stored else 20_000), asked


def expected(meanings: list[Any], inputs: dict[str, Any]) -> tuple[World, bool]:
    """What the reference does, and whether it failed on the way."""
    world = World({name: deepcopy(value) for name, value in inputs.items()})
    try:
        for meaning in meanings:
            meaning(world)
    except ProgramError:
        return world, True
    return world, False


def seen(variables: dict[str, Any]) -> dict[str, Any]:
    return {name: dump(variables.get(name)) for name in ("a", "b", "c", "x")}


INPUTS: list[dict[str, Any]] = [
    {"a": 1, "b": "5", "c": None},
    {"a": [1, [2]], "b": {"k": 1, "a": [3]}, "c": [1]},
    {"a": {"k": {"k": 1}}, "b": [], "c": "text"},
]


@pytest.mark.parametrize("block", range(10))
def test_verbs_inside_random_expressions_act_once_in_order_and_only_when_needed(block: int, words: Registry) -> None:
    for seed in range(MANY * block // 10, MANY * (block + 1) // 10):
        random = Random(seed)
        source, meaning = Programs(random).expression(4)
        inputs = INPUTS[seed % 3]
        program = compiled(f"x = {source}", words)

        def assign(world: World, meaning: Any = meaning) -> None:
            world.variables["x"] = deepcopy(meaning(world))

        world, fails = expected([assign], {name: from_plain(value) for name, value in inputs.items()})
        for stored in (False, True):
            done, asked = perform(program, inputs, stored=stored)
            assert (done.mistake is not None) is fails, (seed, source, done.mistake)
            assert [dump(q) for q in asked] == [dump(q) for q in world.asked], (seed, source)
            assert done.state is not None
            if not fails:
                assert seen(done.state.frames[0].variables) == seen(world.variables), (seed, source)
                assert not [
                    name for name in done.state.frames[0].variables if name.startswith("~") and name != "~inputs"
                ]


@pytest.mark.parametrize("block", range(10))
def test_random_programs_of_containers_never_share_a_value(block: int, words: Registry) -> None:
    failures = count = 0
    for seed in range(MANY * block // 10, MANY * (block + 1) // 10):
        random = Random(1_000_000 + seed)
        statements = [Programs(random).statement() for _ in range(random.randint(2, 9))]
        inputs = INPUTS[seed % 3]
        source = "ON ERROR RESUME NEXT\n" + "\n".join(text for text, _ in statements)
        program = compiled(source, words)
        world = World({name: from_plain(value) for name, value in inputs.items()})
        for _, meaning in statements:
            try:
                meaning(world)
            except ProgramError:
                failures += 1
        for stored in (False, True):
            done, asked = perform(program, inputs, stored=stored)
            assert done.mistake is None and done.state is not None
            assert [dump(q) for q in asked] == [dump(q) for q in world.asked], (seed, source)
            assert seen(done.state.frames[0].variables) == seen(world.variables), (seed, source)
        count += len(statements)
    assert failures < count * 0.6  # else the test would test little
