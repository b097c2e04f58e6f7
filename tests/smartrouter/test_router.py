"""The one call to a model, over real HTTP."""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from keywords.host import ModelRequest
from keywords.mistakes import LimitReached, ProgramError, TimedOut, Transient, WrongValue
from smartrouter.catalogue import Model
from smartrouter.router import LitellmModels, NoModel
from smartrouter.routing.gates import NothingFits
from tests.model_server import ModelServer, calls, fails, garbage, model_server, says

KEY = "sk-test-0123456789abcdef"
CALL = "00000000-0000-0000-0000-000000000001:0:3"
QUESTION = ({"role": "user", "content": "What is the answer?"},)


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    async with model_server() as running:
        yield running


def router(server: ModelServer, *names: str, config: Mapping[str, str] | None = None) -> LitellmModels:
    models = [Model(name, server.url, KEY, 1.0, 2.0) for name in names or ("openai/one",)]
    return LitellmModels(models, os.environ, lambda origin: config or {})


async def asked(models: LitellmModels, **wishes: Any) -> str:
    return (await models.answer(ModelRequest(QUESTION, **wishes), CALL)).text


async def test_an_answer_comes_with_its_tokens_and_its_cost(server: ModelServer) -> None:
    server.script.append(says("42"))
    reply = await router(server).answer(ModelRequest(QUESTION), CALL)
    assert (reply.text, reply.model, reply.input_tokens, reply.output_tokens) == ("42", "openai/one", 11, 7)
    assert reply.cost == pytest.approx((11 * 1.0 + 7 * 2.0) / 1_000_000)


async def test_the_call_id_travels_as_the_idempotency_key(server: ModelServer) -> None:
    await asked(router(server))
    assert server.headers[0]["idempotency-key"] == CALL
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"


async def test_a_url_makes_any_name_an_openai_model(server: ModelServer) -> None:
    await asked(router(server, "qwen/qwen3"))
    assert server.bodies[0]["model"] == "qwen/qwen3"


async def test_tools_travel_in_both_directions(server: ModelServer) -> None:
    server.script.append(calls(("c1", "find_order", {"number": 17}), ("c2", "broken", "{not json")))
    tool = {"name": "find_order", "description": "Finds", "parameters": {"type": "object", "properties": {}}}
    history = [
        *QUESTION,
        {"role": "assistant", "content": "", "tool_calls": [{"id": "c0", "name": "find_order", "arguments": {"a": 1}}]},
        {"role": "tool", "tool_call_id": "c0", "content": "nothing"},
    ]
    reply = await router(server).answer(ModelRequest(history, [tool]), CALL)
    assert reply.tool_calls == [
        {"id": "c1", "name": "find_order", "arguments": {"number": 17}},
        {"id": "c2", "name": "broken", "arguments": {}},
    ]
    sent = server.bodies[0]
    assert sent["tools"] == [{"type": "function", "function": tool}]
    assert sent["messages"][1]["tool_calls"][0]["function"] == {"name": "find_order", "arguments": '{"a": 1}'}


async def test_no_model_at_all_says_how_to_configure_one() -> None:
    with pytest.raises(NoModel, match="BOTMCP_MODELS"):
        await asked(LitellmModels((), os.environ))


async def test_a_packages_own_model_comes_first(server: ModelServer) -> None:
    config = {"llm-model": "own", "llm-url": server.url, "llm-key": "own-key-1234567"}
    assert [m.name for m in router(server, config=config).configured("shop")] == ["openai/own", "openai/one"]
    await asked(router(server, config=config), origin="shop")
    assert server.bodies[0]["model"] == "own"
    assert server.headers[0]["authorization"] == "Bearer own-key-1234567"


async def test_too_many_requests_are_transient_and_keep_the_time_to_wait(server: ModelServer) -> None:
    server.script.append(fails(429, "slow down", retry_after="7"))
    with pytest.raises(Transient, match="openai/one has no capacity now: slow down") as raised:
        await asked(router(server))
    assert raised.value.after == 7
    assert len(server.bodies) == 1, "the engine repeats, litellm does not"


@pytest.mark.parametrize("reply", [fails(500), fails(503), garbage(), garbage(b"{}"), garbage(b'{"choices": []}')])
async def test_a_failing_provider_is_transient(server: ModelServer, reply: Any) -> None:
    server.script.append(reply)
    with pytest.raises(Transient, match="openai/one"):
        await asked(router(server))


async def test_an_unreachable_provider_is_transient() -> None:
    async with model_server() as gone:
        models = router(gone)
    with pytest.raises(Transient, match="openai/one failed"):
        await asked(models)


async def test_the_next_model_answers_when_the_first_fails(server: ModelServer) -> None:
    server.script.extend((fails(503), says("from two")))
    reply = await router(server, "openai/one", "openai/two").answer(ModelRequest(QUESTION), CALL)
    assert (reply.text, reply.model) == ("from two", "openai/two")


async def test_max_latency_ends_a_slow_answer(server: ModelServer) -> None:
    server.silent = True
    with pytest.raises(TimedOut, match="MAX_LATENCY 50 milliseconds"):
        await asked(router(server, "openai/one", "openai/two"), max_latency=50)


async def test_max_cost_limits_the_answer_in_the_request(server: ModelServer) -> None:
    await asked(router(server), max_cost=0.002)
    assert 900 < server.bodies[0]["max_tokens"] < 1000


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (fails(401, f"Incorrect API key provided: {KEY}"), ProgramError, "refused the key"),
        (fails(403, "not yours"), ProgramError, "refused the key"),
        (fails(404, "no such model"), ProgramError, "knows no model openai/one"),
        (fails(400, "temperature is wrong"), WrongValue, "did not accept the request: .*temperature is wrong"),
        (
            fails(400, "This model's maximum context length is 10 tokens", "invalid_request_error"),
            LimitReached,
            "longer than openai/one can read",
        ),
    ],
)
async def test_what_asking_again_would_not_help_is_a_program_error(
    server: ModelServer, reply: Any, kind: type[Exception], words: str
) -> None:
    server.script.append(reply)
    with pytest.raises(kind, match=words):
        await asked(router(server))


@pytest.mark.parametrize("status", [400, 401, 429, 500])
async def test_a_key_never_appears_in_an_error_or_a_log_or_on_stdout(
    server: ModelServer, status: int, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    server.script.append(fails(status, f"your key {KEY} (Bearer sk-other-99999999) is bad"))
    with caplog.at_level(logging.INFO), pytest.raises(Exception, match="openai/one") as raised:
        await asked(router(server))
    out, err = capfd.readouterr()
    shown = f"{raised.value!r} {raised.value.__cause__!r} {caplog.text} {out} {err}"
    assert KEY not in shown
    assert "sk-other" not in shown
    assert out == ""


async def test_a_provider_without_its_key_is_refused_before_anything_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(ProgramError, match="openai/gpt-4o-mini needs a key: set OPENAI_API_KEY"):
        await asked(LitellmModels([Model("openai/gpt-4o-mini")], os.environ))


async def test_prices_of_well_known_models_are_known(server: ModelServer) -> None:
    models = LitellmModels([Model("openai/gpt-4o-mini", key=KEY)], os.environ)
    with pytest.raises(NothingFits, match="costs at least"):
        await asked(models, max_cost=0.000001)


async def test_litellm_is_told_of_a_model_of_ones_own_and_keeps_what_it_knows(server: ModelServer) -> None:
    import litellm

    known = litellm.get_model_info("openai/gpt-4o-mini")
    listed = [Model(f"openai/{name}", server.url, "", 1.0, 2.0) for name in ("of-my-own-3", "gpt-4o-mini")]
    models = LitellmModels([*listed, Model("acme/another-3", server.url)], os.environ)
    await models.warm()
    found = litellm.get_model_info("openai/of-my-own-3")
    assert (found["input_cost_per_token"], found["output_cost_per_token"]) == (1e-6, 2e-6)
    assert litellm.get_model_info("openai/gpt-4o-mini") == known
    server.script.extend((says("mine"), says("another")))
    assert await asked(models) == "mine"
    assert await asked(models, model="acme/another-3") == "another"
