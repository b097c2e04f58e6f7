"""Asking goes on until somebody answers, within what is left of the money and the time."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.responses import Response, StreamingResponse

from keywords.host import ModelReply, ModelRequest
from keywords.mistakes import LimitReached, ProgramError, Refused, TimedOut, Transient, WrongValue
from smartrouter.catalogue import Model
from smartrouter.circuits import IN_A_ROW
from smartrouter.router import LitellmModels
from tests.model_server import Body, ModelServer, completion, fails, garbage, model_server, says

QUESTION = ({"role": "user", "content": "What is the answer?"},)
NUMBERED = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    async with model_server() as running:
        yield running


def models(server: ModelServer, *names: str, **known: Any) -> LitellmModels:
    listed = [Model(f"openai/{name}", server.url, "", 1.0, 2.0, **known) for name in names or ("one", "two")]
    return LitellmModels(listed, os.environ, chance=lambda: 0.5)


async def ask(router: LitellmModels, call: str = "e:0:1", **wishes: Any) -> ModelReply:
    return await router.answer(ModelRequest(QUESTION, **wishes), call)


def asked(server: ModelServer) -> list[str]:
    return [body["model"] for body in server.bodies]


@pytest.mark.parametrize("reply", [fails(503), fails(429), garbage(), says(""), fails(401), fails(404), fails(400)])
async def test_whoever_does_not_answer_is_followed_by_the_next(server: ModelServer, reply: Any) -> None:
    server.script.extend((reply, says("from two")))
    found = await ask(models(server))
    assert (found.text, asked(server)) == ("from two", ["one", "two"])
    assert [attempt["model"].partition("@")[0] for attempt in found.aside["attempts"]] == ["openai/one", "openai/two"]


async def test_a_provider_that_fails_is_left_after_three_calls(server: ModelServer) -> None:
    router = models(server)
    server.otherwise = lambda body: fails(500)(body) if body["model"] == "one" else says("ok")(body)
    for number in range(8):
        assert (await ask(router, f"e:0:{number}")).text == "ok"
    assert asked(server).count("one") == IN_A_ROW


async def test_a_refused_prompt_is_not_offered_to_the_next(server: ModelServer) -> None:
    words = "Your request was rejected as a result of our safety system. content_policy_violation"
    server.script.append(fails(400, words, "invalid_request_error"))
    with pytest.raises(Refused, match="content policy"):
        await ask(models(server))
    assert asked(server) == ["one"]


async def test_an_empty_answer_is_better_than_none(server: ModelServer) -> None:
    server.otherwise = says("")
    assert (await ask(models(server))).text == ""
    assert asked(server) == ["one", "two"]


async def test_when_all_are_known_not_to_answer_nobody_is_asked(server: ModelServer) -> None:
    router = models(server, "one")
    server.otherwise = fails(500)
    for number in range(IN_A_ROW):
        with pytest.raises(Transient, match="openai/one failed"):
            await ask(router, f"e:0:{number}")
    with pytest.raises(Transient, match="No model answers at the moment") as raised:
        await ask(router, "e:0:9")
    assert len(server.bodies) == IN_A_ROW
    assert raised.value.after is not None and 0 < raised.value.after <= 6


async def test_a_refused_key_is_told_again_without_asking(server: ModelServer) -> None:
    router = models(server, "one")
    server.otherwise = fails(401)
    for _ in range(2):
        with pytest.raises(ProgramError, match="refused the key"):
            await ask(router)
    assert len(server.bodies) == 1


# -- time --------------------------------------------------------------------------------------------------------------


async def test_a_slow_model_leaves_time_for_the_next(server: ModelServer) -> None:
    server.silent_for = frozenset({"one"})
    found = await ask(models(server), max_latency=1500)
    assert (found.model, asked(server)) == ("openai/two", ["one", "two"])


async def test_within_max_latency_they_are_asked_again(server: ModelServer) -> None:
    server.script.extend((fails(503), fails(503), says("at last")))
    assert (await ask(models(server), max_latency=5000)).text == "at last"
    assert asked(server) == ["one", "two", "one"]


async def test_with_max_latency_the_engine_is_never_asked_to_try_later(server: ModelServer) -> None:
    server.otherwise = fails(429, retry_after="30")
    with pytest.raises(ProgramError, match="No model answered"):
        await ask(models(server), max_latency=1000)


async def test_a_call_that_is_given_up_lets_its_trial_go(server: ModelServer) -> None:
    router = models(server, "one")
    server.otherwise = fails(500)
    for number in range(IN_A_ROW):
        with pytest.raises(Transient):
            await ask(router, f"e:0:{number}")
    circuits = router._calls._circuits  # pyright: ignore[reportPrivateUsage, reportOptionalMemberAccess]
    circuit = circuits.of(router.configured("")[0])
    circuit.until = time.monotonic() - 1
    server.silent = True
    trying = asyncio.create_task(ask(router, "e:0:8"))
    await server.reached(IN_A_ROW + 1)
    assert circuit.trying
    trying.cancel()
    await asyncio.gather(trying, return_exceptions=True)
    assert not circuit.trying


# -- money -------------------------------------------------------------------------------------------------------------


async def test_what_may_have_been_billed_is_not_spent_again(server: ModelServer) -> None:
    server.script.append(fails(500))
    with pytest.raises(LimitReached, match=r"MAX_COST 0\.0005 is used up by attempts that were not answered"):
        await ask(models(server), max_cost=0.0005)
    assert asked(server) == ["one"], "the first may have cost all of it"


async def test_what_was_surely_not_billed_leaves_the_money_for_the_next(server: ModelServer) -> None:
    server.script.extend((fails(429), says("ok")))
    assert (await ask(models(server), max_cost=0.0005)).model == "openai/two"
    assert server.bodies[0]["max_tokens"] == server.bodies[1]["max_tokens"]


async def test_a_call_made_again_by_the_engine_draws_from_the_same_money(server: ModelServer) -> None:
    router = models(server, "one", longest=140)
    server.otherwise = fails(500)
    with pytest.raises(Transient):
        await ask(router, max_cost=0.0009)
    with pytest.raises(LimitReached):
        await ask(router, max_cost=0.0009, attempt=2)
    with pytest.raises(ProgramError, match="MAX_COST allows"):
        await ask(router, max_cost=0.0009, attempt=3)
    assert len(server.bodies) == 2


async def test_a_usage_that_cannot_be_is_not_believed(server: ModelServer) -> None:
    def lying(body: Body) -> Response:
        found = completion({"content": "word " * 400}, body["model"])
        return Response(bytes(found.body).replace(b'"completion_tokens":7', b'"completion_tokens":0'), 200)

    server.script.append(lying)
    reply = await ask(models(server))
    assert reply.output_tokens >= 400 and reply.cost > 400 * 2e-6


async def test_an_answer_cut_by_max_cost_says_so(server: ModelServer) -> None:
    def cut(body: Body) -> Response:
        found = completion({"content": "half of"}, body["model"])
        return Response(bytes(found.body).replace(b'"stop"', b'"length"'), 200)

    server.script.append(cut)
    assert (await ask(models(server), max_cost=0.001)).aside["truncated"] == "by what MAX_COST buys"


# -- shape -------------------------------------------------------------------------------------------------------------


async def test_an_answer_that_does_not_fit_is_mended_by_the_same_model(server: ModelServer) -> None:
    server.script.extend((says('{"n": "x"}'), says('{"n": 4}')))
    found = await ask(models(server), schema=NUMBERED)
    assert (found.value, asked(server)) == ({"n": 4}, ["one", "one"])
    assert "at n: 'x' is not of type 'integer'" in server.bodies[1]["messages"][-1]["content"]


async def test_what_nobody_mends_is_a_mistake_that_says_what_did_not_fit(server: ModelServer) -> None:
    server.otherwise = says("no json")
    with pytest.raises(WrongValue, match=r"fits the schema: it is not JSON.*WITH MODEL"):
        await ask(models(server), schema=NUMBERED)
    assert asked(server) == ["one", "one", "two", "two"]


async def test_a_model_that_knows_schemas_is_told_in_its_own_way(server: ModelServer) -> None:
    server.script.extend((says('{"n": 1}'), says('{"n": 1}')))
    await ask(models(server, "one", abilities=frozenset({"schema"})), schema=NUMBERED)
    assert server.bodies[0]["response_format"]["json_schema"]["schema"] == NUMBERED
    await ask(models(server, "one"), schema=NUMBERED)
    assert "response_format" not in server.bodies[1] and "JSON Schema" in server.bodies[1]["messages"][0]["content"]


async def test_a_malformed_schema_is_refused_before_anybody_is_asked(server: ModelServer) -> None:
    with pytest.raises(WrongValue, match="WITH SCHEMA"):
        await ask(models(server), schema={"type": "objekt"})
    assert not server.bodies


# -- pieces ------------------------------------------------------------------------------------------------------------


async def test_an_answer_comes_in_pieces_to_whoever_listens(server: ModelServer) -> None:
    def streamed(body: Body) -> Response:
        words = ["It ", "is ", "late"]
        chunk = '{"id":"1","object":"chat.completion.chunk","created":1,"model":"one","choices":[%s]}'
        parts = [chunk % f'{{"index":0,"delta":{{"role":"assistant","content":"{word}"}}}}' for word in words]
        parts += [chunk % '{"index":0,"delta":{},"finish_reason":"stop"}', "[DONE]"]
        return StreamingResponse((f"data: {part}\n\n" for part in parts), media_type="text/event-stream")

    server.script.append(streamed)
    heard: list[str] = []
    found = await ask(models(server), pieces=heard.append)
    assert (heard, found.text) == (["It ", "is ", "late"], "It is late")
    assert server.bodies[0]["stream"] is True


async def test_a_conversation_longer_than_every_window_is_shortened(server: ModelServer) -> None:
    turns = [{"role": "user" if n % 2 == 0 else "assistant", "content": f"{n} " + "word " * 200} for n in range(21)]
    await models(server, "one", context=4000).answer(ModelRequest(turns), "e:0:1")
    sent = server.bodies[0]["messages"]
    assert len(sent) < len(turns) and sent[0] == turns[0] and sent[-1] == turns[-1]


async def test_a_question_longer_than_every_window_is_refused_with_the_reason(server: ModelServer) -> None:
    with pytest.raises(ProgramError, match="leave no room for an answer in its 1,000"):
        await models(server, "one", context=1000).answer(
            ModelRequest([{"role": "user", "content": "word " * 2000}]), "e:0:1"
        )


async def test_time_is_up_for_all_of_a_call(server: ModelServer) -> None:
    server.silent = True
    with pytest.raises(TimedOut, match="MAX_LATENCY 300 milliseconds"):
        await ask(models(server), max_latency=300)
