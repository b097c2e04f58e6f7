"""LLM and its clauses, RATE LLM, and the verbs of a model agent, in a made-up world."""

from __future__ import annotations

import pytest

from keywords.fingerprint import fingerprint
from keywords.host import Answer, Joined, ModelReply, ModelRequest, Spawn, Value
from keywords.mistakes import Mistake, WrongValue
from keywords.values import List, Object
from tests.library.test_library import EXECUTION, MOMENT, TABLE, World, host


async def test_llm_hands_its_clauses_over() -> None:
    world = World()
    await TABLE["LLM"].call(host(world), "Hi", "Cost", "0.05", 2000, "small", "Be brief")
    [(request, call_id)] = world.asked
    assert call_id == f"{EXECUTION}:0:7"
    assert request == ModelRequest(
        [{"role": "system", "content": "Be brief"}, {"role": "user", "content": "Hi"}],
        (), "small", "cost", 0.05, 2000.0, "shop",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("clauses", "words"),
    [
        ({"prompt": " "}, "not empty"),
        ({"prompt": "x", "optimize": "fun"}, 'speed, cost, quality or balanced, not "fun"'),
        ({"prompt": "x", "max_cost": 0}, "MAX_COST needs a number greater than 0"),
        ({"prompt": "x", "max_latency": "fast"}, 'MAX_LATENCY needs a number, not "fast"'),
        ({"prompt": "x", "model": 5}, "The name of a model"),
    ],
)
async def test_llm_refuses_clauses_that_mean_nothing(clauses: dict[str, Value], words: str) -> None:
    with pytest.raises(WrongValue, match=words):
        await TABLE["LLM"].call(host(), **clauses)


async def test_a_model_turn_answers_text_and_tool_calls_as_values() -> None:
    world = World(reply=ModelReply("hm", [{"id": "1", "name": "find", "arguments": {"n": 1}}], "m", 1, 1, 0.0))
    history = List([Object(role="user", content="Hi")])
    told = await TABLE["MODEL TURN"].call(host(world), history, "Be kind", List([Object(name="find")]), 5000)
    found = told.value
    assert found == {"text": "hm", "tool_calls": [{"id": "1", "name": "find", "arguments": {"n": 1}}]}
    assert isinstance(found, Object)
    [(request, _)] = world.asked
    assert (request.messages[0]["content"], request.tools, request.origin) == ("Be kind", [{"name": "find"}], "shop")


async def test_a_tool_that_cannot_run_is_told_to_the_model() -> None:
    assert isinstance(await TABLE["RUN TOOL"].call(host(), "find", Object(n=1)), Spawn)
    assert await TABLE["RUN TOOL"].call(host(), "fnd") == "Error: There is no tool fnd. Did you mean find?"


@pytest.mark.parametrize(
    ("child", "read"),
    [
        (Joined("find", Object(a=1)), '{"a": 1}'),
        (Joined("find", mistake=Mistake("value", "no such order", 3, 1)), "Error: Line 3, column 1: no such order"),
    ],
)
def test_a_model_reads_a_tools_result_or_its_mistake(child: Joined, read: str) -> None:
    resume = TABLE["RUN TOOL"].resume
    assert resume
    assert resume(MOMENT, {}, Answer(joined=(child,))) == read


async def test_an_answer_is_told_to_the_journal_with_its_fingerprint() -> None:
    world = World(reply=ModelReply("fine", (), "m", 1, 1, 0.0, aside={"model": "m", "call": "c"}))
    told = await TABLE["LLM"].call(host(world), "Hi")
    assert (told.value, told.aside) == ("fine", {"model": "m", "call": "c", "answer": fingerprint("fine")})
    rated = await TABLE["RATE LLM"].call(host(), "fine", 0.5)
    assert rated.effect.values == (told.aside["answer"], 0.5, None), "so that a rating finds it"


async def test_a_shaped_answer_is_a_value() -> None:
    world = World(reply=ModelReply('{"n": 2.0}', (), "m", 1, 1, 0.0, {"n": 2.0}))
    told = await TABLE["LLM"].call(host(world), "Hi", schema=Object(type="object"))
    assert told.value == Object(n=2) and told.aside["answer"] == fingerprint(Object(n=2))


@pytest.mark.parametrize("quality", [-0.1, 1.1, "good", None])
async def test_a_rating_is_from_0_to_1(quality: Value) -> None:
    with pytest.raises(WrongValue, match="RATE LLM needs a"):
        await TABLE["RATE LLM"].call(host(), "fine", quality)
