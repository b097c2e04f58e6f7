"""What the router costs a call: `router_overhead.py [--quick]` prints JSON.

Three processes ask the same fake model server on loopback in turns, a few calls each, so that whatever else the machine
does falls on all of them: bare `litellm.acompletion`, the product's whole call (choice among eight models, limits,
records in Postgres), and LiteLLM's own Router over the same eight. Ratios and differences count, not the times alone.

    decision_ms               the choice alone, without and with the meaning of the prompt
    whole_call_ms             of each process
    cpu_ms_a_call             of each process, with all that it does behind the calls
    added_ms                  over bare litellm: medians of the rounds' differences
    added_to_known_ms         the same over bare litellm that was told what these models are, as the product tells it:
                              it looks in vain for the price of a model that it does not know, after each answer
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

MODELS = [f"openai/model-{number}" for number in range(8)]
PROMPTS = [
    "What is the capital of France?",
    "Write a short summary of the report: the harvest was late, the rain came early, and prices rose by 12 percent.",
    "Write a Python function that returns the three largest numbers of a list without sorting all of it.",
    "A train leaves at 9:40 and travels 210 km at 84 km per hour. When does it arrive?",
    "Translate to Portuguese: the meeting was moved to Thursday, please tell everybody who is invited.",
    "Which of these is a noble gas?\nA. Oxygen\nB. Neon\nC. Chlorine\nD. Nitrogen",
    "Dear support, my order 4711 arrived broken, the box was open and two of the five cups are missing. What now?",
]
TARGETS = {"decision": 0.15, "decision_with_meaning": 0.5, "whole_call_added": 0.5}
Asked = Callable[[int], Awaitable[Any]]


async def measured(quick: bool) -> dict[str, Any]:
    """The figures."""
    rounds, size = (30, 10) if quick else (150, 10)
    async with AsyncExitStack() as stack:
        server = await _child(stack, "serve")
        port = await _answer(server)
        children = {
            name: await _child(stack, name, str(port)) for name in ("bare", "known", "ours", "limits", "router")
        }
        decision = (await _told(children["ours"], {"decide": 200 if quick else 1000}))["decision"]
        for child in children.values():
            await _told(child, {"calls": 40})  # warm
        times: dict[str, list[list[float]]] = {name: [] for name in children}
        work: dict[str, float] = dict.fromkeys(children, 0.0)
        names = list(children)
        for number in range(rounds):
            for name in names[number % len(names) :] + names[: number % len(names)]:
                told = await _told(children[name], {"calls": size})
                times[name].append(told["seconds"])
                work[name] += told["cpu"]
    whole = {name: [1000 * one for part in parts for one in part] for name, parts in times.items()}
    compared = [name for name in names if name not in ("bare", "known")]
    added = {name: _added(times[name], times["bare"]) for name in compared}
    return {
        "decision_ms": decision,
        "whole_call_ms": {name: _quantiles(values) for name, values in whole.items()},
        "cpu_ms_a_call": {name: round(1000 * spent / len(whole[name]), 3) for name, spent in work.items()},
        "added_ms": added,
        "added_to_known_ms": {name: _added(times[name], times["known"]) for name in compared},
        "targets_ms": TARGETS,
        "met": {
            "decision": decision["without_meaning"]["p50"] <= TARGETS["decision"],
            "decision_with_meaning": decision["with_meaning"]["p50"] <= TARGETS["decision_with_meaning"],
            "whole_call_added": added["ours"]["undisturbed"] <= TARGETS["whole_call_added"],
            "litellm_router_is_slower": added["router"]["undisturbed"] > added["ours"]["undisturbed"],
        },
        "calls_each": len(whole["bare"]),
    }


def _added(ours: list[list[float]], bare: list[list[float]]) -> dict[str, float]:
    """By how much a call is slower, by the median call of each round and by its quickest, which nobody disturbed."""
    pairs = list(zip(ours, bare, strict=True))
    return {
        "p50": round(1000 * median(median(one) - median(other) for one, other in pairs), 3),
        "undisturbed": round(1000 * median(min(one) - min(other) for one, other in pairs), 3),
    }


def _quantiles(values: Sequence[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {f"p{share}": round(ordered[len(ordered) * share // 100], 4) for share in (10, 50, 95)}


# -- the processes -----------------------------------------------------------------------------------------------------


async def _child(stack: AsyncExitStack, *words: str) -> asyncio.subprocess.Process:
    environment = {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True", "PYTHONPATH": str(ROOT)}
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        __file__,
        "--role",
        *words,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=environment,
        limit=1 << 24,
    )

    async def ended() -> None:
        assert child.stdin
        child.stdin.close()
        await child.wait()

    stack.push_async_callback(ended)
    return child


async def _told(child: asyncio.subprocess.Process, order: dict[str, Any]) -> Any:
    assert child.stdin
    child.stdin.write(json.dumps(order).encode() + b"\n")
    await child.stdin.drain()
    return await _answer(child)


async def _answer(child: asyncio.subprocess.Process) -> Any:
    assert child.stdout
    line = await child.stdout.readline()
    if not line:
        raise SystemExit("a process of the benchmark ended early; its words are above")
    return json.loads(line)


async def _role(words: Sequence[str]) -> None:
    if words[0] == "serve":
        await _serve()
        return
    url = f"http://127.0.0.1:{words[1]}/v1"
    async with AsyncExitStack() as stack:
        if words[0] in ("bare", "known"):
            await _obey(_bare(url, known=words[0] == "known"))
        elif words[0] == "router":
            await _obey(_router(url))
        else:
            ask, models = await _ours(stack, url, limits=words[0] == "limits")
            await _obey(ask, models)


async def _obey(ask: Asked, models: Any = None) -> None:
    loop = asyncio.get_running_loop()
    number = 0
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        order = json.loads(line)
        if "decide" in order:
            answer: dict[str, Any] = {"decision": _decisions(models, order["decide"])}
        else:
            seconds: list[float] = []
            worked = time.process_time()
            for _ in range(order["calls"]):
                number += 1
                began = time.perf_counter()
                await ask(number)
                seconds.append(time.perf_counter() - began)
            answer = {"seconds": seconds, "cpu": time.process_time() - worked}
        print(json.dumps(answer), flush=True)


def _bare(url: str, *, known: bool) -> Asked:
    import litellm

    litellm.suppress_debug_info = True
    if known:
        logging.getLogger("LiteLLM").setLevel(logging.CRITICAL)
        prices = {"input_cost_per_token": 1e-7, "output_cost_per_token": 4e-7}
        told = {"litellm_provider": "openai", "mode": "chat", **prices}
        litellm.register_model(dict.fromkeys(MODELS, told))

    async def ask(number: int) -> None:
        await litellm.acompletion(
            model=MODELS[0],
            api_base=url,
            api_key="none",
            messages=[{"role": "user", "content": PROMPTS[number % len(PROMPTS)]}],
            timeout=60,
            max_retries=0,
        )

    return ask


def _router(url: str) -> Asked:
    import litellm
    from litellm.router import Router

    litellm.suppress_debug_info = True
    listed: list[Any] = [
        {"model_name": "any", "litellm_params": {"model": name, "api_base": url, "api_key": "none", "max_retries": 0}}
        for name in MODELS
    ]
    router = Router(model_list=listed, num_retries=0)

    async def ask(number: int) -> None:
        messages: list[Any] = [{"role": "user", "content": PROMPTS[number % len(PROMPTS)]}]
        await router.acompletion(model="any", messages=messages, timeout=60)

    return ask


async def _ours(stack: AsyncExitStack, url: str, *, limits: bool) -> tuple[Asked, Any]:
    from keywords.host import Identity, ModelRequest
    from smartrouter.catalogue import Model
    from smartrouter.router import LitellmModels
    from storage import embedded_postgres
    from storage.migrate import migrate
    from storage.pool import open_pool

    folder = stack.enter_context(tempfile.TemporaryDirectory())
    server = await embedded_postgres.start(Path(folder) / "postgres", durable=False)
    stack.push_async_callback(server.stop)
    await migrate(server.dsn)
    pool = await stack.enter_async_context(open_pool(server.dsn))
    listed = [Model(name, url, "none", 0.1 * place, 0.4 * place) for place, name in enumerate(MODELS, 1)]
    models = LitellmModels(listed, os.environ, pool=pool)
    await stack.enter_async_context(models.running())
    await models.warm()
    caller = Identity(UUID(int=1), UUID(int=2), UUID(int=3), "bench")

    async def ask(number: int) -> None:
        messages = [{"role": "user", "content": PROMPTS[number % len(PROMPTS)]}]
        request = ModelRequest(
            messages,
            optimize="balanced",
            max_cost=0.05 if limits else None,
            max_latency=60_000 if limits else None,
            caller=caller,
        )
        await models.answer(request, f"bench:{number}")

    return ask, models


def _decisions(models: Any, count: int) -> dict[str, Any]:
    """The choice as a call makes it: what the prompt asks for, the gates, the draw."""
    from keywords.host import ModelRequest
    from smartrouter.budgets import Allowance
    from smartrouter.catalogue import Model
    from smartrouter.counting import Size
    from smartrouter.meaning import Meaning
    from smartrouter.planning import chosen, limits_of
    from smartrouter.preferences import Preference
    from smartrouter.purse import Purse
    from smartrouter.routing.choice import Judgement
    from smartrouter.routing.experience import Experience
    from smartrouter.routing.features import read

    meaning = Meaning()
    meaning.load_now()
    candidates = [Model(n, "", "", 0.1 * p, 0.4 * p).candidate({}) for p, n in enumerate(MODELS, 1)]
    judgement = Judgement.of(Experience(), candidates, 0.0)

    def decide(number: int, *, with_meaning: bool) -> None:
        text = PROMPTS[number % len(PROMPTS)]
        request = ModelRequest(({"role": "user", "content": text},), optimize="balanced")
        prompt = read(text, meaning.of(text) if with_meaning else ())
        limits = limits_of(request, Size(request.messages), Purse(None), judgement)
        chosen(request, Preference(aim="balanced"), judgement, prompt, limits, f"bench:{number}", Allowance(None))

    found: dict[str, Any] = {}
    for name, with_meaning in (("without_meaning", False), ("with_meaning", True)):
        times: list[float] = []
        for number in range(count + 50):
            began = time.perf_counter()
            decide(number, with_meaning=with_meaning)
            times.append(1000 * (time.perf_counter() - began))
        found[name] = _quantiles(times[50:])
    return found


async def _serve() -> None:
    from tests.model_server import model_server, says

    async with model_server() as server:
        server.otherwise = says("It is Paris, as far as anybody knows.")
        print(json.dumps(int(server.url.rpartition(":")[2].partition("/")[0])), flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print; or be one of the processes."""
    parser = argparse.ArgumentParser(description="What the router costs a call.")
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("--role", nargs="+", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.role:
        asyncio.run(_role(given.role))
        return
    json.dump(asyncio.run(measured(given.quick)), sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
