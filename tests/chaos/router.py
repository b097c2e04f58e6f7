"""The router among providers that misbehave: `router.py [--quick] [--calls N] [--seed N]` prints one JSON object.

    money       calls with MAX_COST and MAX_LATENCY against a provider that fails, hangs, repeats itself and lies about
                its usage; what each call really cost there is compared with its MAX_COST, made again as the engine does
    records     16 processes write what models did at once; nothing is lost and the moments are exact
    providers   one dies, slows down to 100 s, answers garbage: how often it is still asked, and when it is again

Exits with 1 when a promise is broken.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import math
import os
import random
import sys
import tempfile
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

from keywords.host import Identity, ModelRequest  # noqa: E402 - after the path
from keywords.mistakes import ProgramError, Transient  # noqa: E402
from smartrouter.attempts import Attempt  # noqa: E402
from smartrouter.catalogue import Model  # noqa: E402
from smartrouter.ledger import Noted  # noqa: E402
from smartrouter.moments import Moments  # noqa: E402
from smartrouter.records import Records  # noqa: E402
from smartrouter.router import LitellmModels  # noqa: E402
from smartrouter.routing.features import read  # noqa: E402
from storage import embedded_postgres  # noqa: E402
from storage.migrate import migrate  # noqa: E402
from storage.pool import open_pool  # noqa: E402
from tests.chaos.billing_server import PRICES, WORDS, provider  # noqa: E402

TENANT = UUID(int=1)
AT_ONCE = 16
ATTEMPTS = 3  # of the engine
WRITERS = 16
SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
LATE = 0.25  # seconds beyond MAX_LATENCY that are allowed


def listed(url: str) -> list[Model]:
    """The provider's models at their prices."""
    return [Model(f"openai/{name}", url, "none", *prices, context=32_000) for name, prices in PRICES.items()]


# -- money -------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Tally:
    """What became of the calls."""

    limits: dict[str, float] = field(default_factory=dict[str, float])
    told: float = 0.0
    answered: int = 0
    refused: dict[str, int] = field(default_factory=dict[str, int])
    late: list[float] = field(default_factory=list[float])  # beyond MAX_LATENCY, without what the loop itself was late
    due: float = math.inf  # when this process shall be called next
    lags: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=1000))  # when, and how late


async def _lagging(tally: Tally) -> None:
    """Notes how late this process itself is called, which no router can help."""
    while True:
        tally.due = due = time.monotonic() + 0.01
        await asyncio.sleep(0.01)
        tally.lags.append((time.monotonic(), time.monotonic() - due))


def _lag(tally: Tally, since: float) -> float:
    now = time.monotonic() - tally.due  # who is called before the one who notes it
    return max(now, max((lag for at, lag in tally.lags if at >= since), default=0.0))


async def money(calls: int, seed: int, dsn: str) -> dict[str, Any]:
    """Many calls, each with its own limits."""
    chance, tally = random.Random(seed), Tally()
    async with provider(seed) as (books, url), open_pool(dsn) as pool:
        models = LitellmModels(listed(url), os.environ, pool=pool, chance=chance.random)
        async with models.running():
            await models.warm()
            numbers = iter(range(calls))
            lagging = asyncio.create_task(_lagging(tally))
            await asyncio.gather(*(_caller(models, numbers, chance, tally) for _ in range(AT_ONCE)))
            await models.settled()
            lagging.cancel()
    over = {
        call: (spent, tally.limits[call])
        for call, spent in books.books.billed.items()
        if spent > tally.limits.get(call, math.inf) * (1 + 1e-9)
    }
    shares = [spent / tally.limits[call] for call, spent in books.books.billed.items() if call in tally.limits]
    return {
        "calls": calls,
        "answered": tally.answered,
        "refused": tally.refused,
        "requests": sum(books.books.requests.values()),
        "provider_did": books.books.did,
        "over_max_cost": len(over),
        "worst_share_of_max_cost": round(max(shares, default=0.0), 4),
        "worst_late_seconds": round(max(tally.late, default=0.0), 3),
        "late_by_more_than_allowed": sum(late > LATE for late in tally.late),
    }


async def _caller(models: LitellmModels, numbers: Any, chance: random.Random, tally: Tally) -> None:
    for number in numbers:
        call = f"{UUID(int=number)}:0:1"
        caller = Identity(TENANT, UUID(int=number), UUID(int=7), "chaos")
        words = " ".join(chance.choice(WORDS) for _ in range(int(chance.lognormvariate(3, 1.3)) + 1))
        cost = 10 ** chance.uniform(-4.5, -1.5)
        latency = chance.choice([None, 400.0, 1500.0, 5000.0])
        schema = SCHEMA if chance.random() < 0.1 else None
        tally.limits[call] = cost
        for attempt in range(1, ATTEMPTS + 1):
            request = ModelRequest(
                ({"role": "user", "content": words},),
                optimize=chance.choice(["speed", "cost", "quality", "balanced", None]),
                max_cost=cost,
                max_latency=latency,
                schema=schema,
                caller=caller,
                attempt=attempt,
            )
            began = time.monotonic()
            again = False
            try:
                await models.answer(request, call)
                tally.answered += 1
            except Transient:
                again = True
            except ProgramError as error:
                tally.refused[error.kind] = tally.refused.get(error.kind, 0) + 1
            if latency is not None:
                ended = time.monotonic()
                tally.late.append(ended - began - latency / 1000 - _lag(tally, ended - 0.5))
            if not again:
                break


# -- records -----------------------------------------------------------------------------------------------------------


async def records(each: int, dsn: str) -> dict[str, Any]:
    """Many processes write at once; the rows must say what all of them did together."""
    children = [
        await asyncio.create_subprocess_exec(sys.executable, __file__, "--writer", str(number), str(each), dsn)
        for number in range(WRITERS)
    ]
    ended = [await child.wait() for child in children]
    expected = [noted for number in range(WRITERS) for noted in _noted(number, each)]
    async with open_pool(dsn) as pool, pool.connection() as connection:
        cursor = await connection.execute(
            "select sum(calls), sum(errors) from botmcp.model_performance where tenant_id = %s", [UUID(int=2)]
        )
        written = await cursor.fetchone()
        cursor = await connection.execute(
            "select model, task_type, seconds_n, seconds_mean, seconds_m2, cost, quality from botmcp.model_performance "
            "where tenant_id = %s",
            [UUID(int=2)],
        )
        rows = await cursor.fetchall()
    worst = 0.0
    for model, task, n, mean, m2, cost, _ in rows:
        own = [noted.attempt for noted in expected if noted.key[1] == model and noted.key[3] == task]
        truth = Moments.of(attempt.seconds for attempt in own if attempt.answered)
        assert n == truth.n, (model, task, n, truth.n)
        spent = math.fsum(attempt.cost for attempt in own)
        for found, true in ((mean, truth.mean), (m2, truth.m2), (cost, spent)):
            worst = max(worst, abs(found - true) / max(abs(true), 1e-300))
    assert written is not None
    return {
        "processes": WRITERS,
        "processes_failed": sum(code != 0 for code in ended),
        "written": int(written[0]),
        "lost": len(expected) - int(written[0]),
        "worst_relative_error": worst,
    }


def _noted(number: int, each: int) -> list[Noted]:
    """What one process notes; the parent knows it, too."""
    chance = random.Random(number)
    prompts = [read(text) for text in ("Hello there", "Write a function to add", "How many are 3 and 4?")]
    found: list[Noted] = []
    for step in range(each):
        model = Model(f"acme/m{chance.randrange(3)}")
        ended = "answered" if chance.random() < 0.9 else "late"
        quality, weight = (chance.random(), 0.3) if chance.random() < 0.2 else (None, 0.0)
        attempt = Attempt(
            model, chance.choice(prompts), f"{number}:{step}", ended, chance.lognormvariate(0, 1),
            chance.randrange(5000), chance.randrange(900), chance.random() / 100 if ended == "answered" else 0.0,
            None, None, quality, weight,
        )  # fmt: skip
        found.append(Noted(UUID(int=2), attempt, 1_790_000_000.0 + step))
    return found


async def _write(number: int, each: int, dsn: str) -> None:
    async with open_pool(dsn) as pool:
        kept = Records(pool, time.monotonic, time.time)
        for place, noted in enumerate(_noted(number, each)):
            kept.note(noted)
            if place % 10 == 9:
                await kept.write()
        await kept.write()


# -- providers ---------------------------------------------------------------------------------------------------------


async def providers(seed: int) -> dict[str, Any]:
    """The preferred model fails in each of three ways, and heals."""
    return {mode: await _failing(mode, seed) for mode in ("dead", "garbage", "slow")}


async def _failing(mode: str, seed: int) -> dict[str, Any]:
    latency = 1500.0
    late: list[float] = []
    async with provider(seed) as (books, url):
        books.trouble = False
        models = LitellmModels(listed(url)[:2], os.environ, chance=random.Random(seed).random)
        await models.warm()

        async def ask(number: int) -> str:
            request = ModelRequest(({"role": "user", "content": f"Question {number}"},), max_latency=latency)
            began = time.monotonic()
            try:
                return (await models.answer(request, f"{mode}:{number}")).model
            except (ProgramError, Transient):
                return "nobody"
            finally:
                late.append(time.monotonic() - began - latency / 1000)

        before = [await ask(number) for number in range(20)]
        books.modes["tiny"] = mode
        asked = books.books.requests["tiny"]
        during = [await ask(100 + number) for number in range(12)]
        still = books.books.requests["tiny"] - asked
        del books.modes["tiny"]
        books.stopped.set()  # what hangs is let go
        began = time.monotonic()
        number = 1000
        while time.monotonic() - began < 60 and await ask(number) != "openai/tiny":
            number += 1
            await asyncio.sleep(0.1)
        returned = time.monotonic() - began
    return {
        "preferred_before": before.count("openai/tiny") == len(before),
        "asked_while_failing": still,
        "unanswered_while_failing": during.count("nobody"),
        "seconds_until_it_was_returned_to": round(returned, 1) if returned < 60 else None,
        "worst_late_seconds": round(max(late), 3),
    }


# -- all ---------------------------------------------------------------------------------------------------------------


async def everything(calls: int, each: int, seed: int) -> dict[str, Any]:
    """All three parts on one database."""
    with tempfile.TemporaryDirectory() as folder:
        server = await embedded_postgres.start(Path(folder) / "postgres", durable=False)
        try:
            await migrate(server.dsn)
            found = {
                "seed": seed,
                "providers": await providers(seed),
                "records": await records(each, server.dsn),
                "money": await money(calls, seed, server.dsn),
            }
        finally:
            await server.stop()
    return {**found, "broken": broken(found)}


def broken(found: dict[str, Any]) -> list[str]:
    """The promises that were not kept."""
    wrong: list[str] = []
    if found["money"]["over_max_cost"]:
        wrong.append("a call cost more than its MAX_COST")
    if found["money"]["late_by_more_than_allowed"]:
        wrong.append("a call took longer than its MAX_LATENCY and 250 ms")
    told = found["records"]
    if told["lost"] or told["processes_failed"] or told["worst_relative_error"] > 1e-12:
        wrong.append("records were lost or are not exact")
    for mode, one in found["providers"].items():
        if one["asked_while_failing"] > 3 or one["unanswered_while_failing"]:
            wrong.append(f"a provider that is {mode} was not left in time")
        if one["seconds_until_it_was_returned_to"] is None:
            wrong.append(f"a provider that was {mode} was not returned to")
    return wrong


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and print; 1 when a promise is broken."""
    parser = argparse.ArgumentParser(description="The router among providers that misbehave.")
    parser.add_argument("--quick", action="store_true", help="1,000 calls instead of 100,000")
    parser.add_argument("--calls", type=int, default=None)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--writer", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.writer:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_write(int(given.writer[0]), int(given.writer[1]), given.writer[2]))
        return 0
    calls = given.calls or (1_000 if given.quick else 100_000)
    found = asyncio.run(everything(calls, 60 if given.quick else 600, given.seed))
    json.dump(found, sys.stdout, indent=2)
    print()
    return 1 if found["broken"] else 0


if __name__ == "__main__":
    sys.exit(main())
