"""Golden programs with random damage: the compiler answers, and what still compiles runs into no surprise."""

from __future__ import annotations

from random import Random

import pytest

from keywords.compile import compile_program
from keywords.encode import from_plain, state_from_json, state_to_json
from keywords.host import Answer, Joined
from keywords.library import registry
from keywords.machine import advance, start_state
from keywords.mistakes import ProgramError
from keywords.outcome import Call, Done, Failed
from keywords.program import Program
from keywords.values import Object
from tests.keywords.driver import IDENTITY, NOW
from tests.keywords.test_functions import ODD
from tests.language.golden import Golden, programs

WORDS = registry()
PROGRAMS = programs()
LINES = [line for golden in PROGRAMS for line in golden.source.splitlines() if "expect" not in line]
SCRAPS = ["(", ")", '"', " ", ".", "[", "x", "0", " AND ", ",", "+", "${", "}"]


def damaged(golden: Golden, random: Random) -> str:
    lines = golden.source.splitlines()
    for _ in range(random.randint(1, 4)):
        at, kind = random.randrange(len(lines) + 1), random.random()
        if kind < 0.4 or not lines:
            lines.insert(at, random.choice(LINES))
        elif kind < 0.6:
            lines.pop(at - 1)
        elif kind < 0.8:
            line = lines[at - 1]
            cut = random.randrange(len(line) + 1)
            lines[at - 1] = line[:cut] + random.choice(SCRAPS) + line[cut + random.randint(0, 2) :]
        else:
            lines[at - 1] = random.choice(lines)
    return "\n".join(lines)


def answer_to(call: Call, random: Random) -> Answer:
    if call.spawn is not None:
        return Answer(joined=tuple(Joined(c.name, random.choice(ODD), None, c.inputs) for c in call.spawn.children))
    if call.keyword.name == "COLLABORATE":  # the engine always answers it with one child for each bot
        names = call.arguments["names"]
        listed = names if isinstance(names, list) else str(names).split(",")
        bots = dict.fromkeys(str(name).strip() for name in listed)
        return Answer(joined=tuple(Joined(name, random.choice(ODD)) for name in bots if name))
    if call.keyword.name == "HUMAN APPROVAL":
        return Answer(Object(approved=random.random() < 0.5, status="decided", by="bob", comment=""))
    return Answer(random.choice(ODD), timed_out=random.random() < 0.2)


def goes_through(program: Program, golden: Golden, random: Random) -> None:
    try:
        inputs = {name: from_plain(value) for name, value in golden.inputs.items()}
        state = start_state(program, IDENTITY, inputs, 1)
    except ProgramError:
        return
    answer: Answer | None = None
    for _ in range(60):
        outcome = advance(program, state, answer, NOW, fuel=3_000)
        if isinstance(outcome, Done | Failed):
            return
        state = state_from_json(state_to_json(outcome.state), IDENTITY)
        answer = answer_to(outcome, random) if isinstance(outcome, Call) else None


@pytest.mark.parametrize("block", range(5))
def test_damaged_programs_are_told_apart_and_run_without_surprise(block: int) -> None:
    for seed in range(block * 80, block * 80 + 80):
        random = Random(seed)
        golden = random.choice(PROGRAMS)
        compiled = compile_program(damaged(golden, random), WORDS)
        assert (compiled.program is None) is bool(compiled.errors)
        if compiled.program is not None:
            goes_through(compiled.program, golden, random)
