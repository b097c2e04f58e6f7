"""How much bots cost that work together: python tests/benchmarks/coordination.py [--quick] prints one JSON object.

A real `botmcp serve` on a fresh data folder with its embedded Postgres; an MCP client of the SDK starts workflows over
HTTP and waits for each. A workflow hands a ticket to eight bots (`packages/desk.gbai`): two in a row, two of them and
a wait for an event side by side, one that shares a memory, a model agent that uses a tool, one that takes the memory
over. The model is a server on loopback in a process of its own.

    overhead_ms    per workflow, as its client sees it: from the request to the reply that tells the end, less the time
                   the model server spent on its answers. Everything else counts: MCP, compiling, commits, litellm.
    one_by_one     one workflow after the other; 20 of them with --quick
    all_at_once    all of them started in the same moment, so each also waits for the others' computing
    completed      the share that ended, with the right result; must be 1.0
    turns          commits of executions, which the committer groups; `fsyncs` and `transactions` are what the database
                   did for them (reads are transactions too)
    memory_mb      of an idle server that has just started, of one whose model library is loaded, the most under load,
                   and after all
    first_ms       the first workflow of a server: it loads the model library and compiles the programs
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, quantiles
from typing import Any

import httpx2
from coordination_product import Product, running_model, running_product
from mcp import Client

WORKFLOWS, BOTS = 50, 8
ROUNDS = 5
QUICKLY_ALONE = 20  # workflows one by one, when it must be quick
MODEL_SECONDS = 0.05  # of one turn of the model
PROMISED_MS = 2_000
MEASURE_MEMORY = 0.2  # seconds between two looks
WAIT = 20  # seconds; the longest that a tool waits


@dataclass(frozen=True, slots=True)
class Ended:
    """One workflow, as its client saw it."""

    ticket: str
    seconds: float
    right: bool


class Desk:
    """Starts workflows through an MCP client, each with a ticket of its own."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._tickets = 0

    async def handled(self) -> Ended:
        """One workflow from its request to its end."""
        self._tickets += 1
        ticket, amount = f"T-{self._tickets}", 10 + self._tickets * 7 % 90
        begun = time.perf_counter()
        reply = await self._called(
            "orchestrate",
            workflow="desk/handle",
            inputs={"ticket": ticket, "amount": amount},
            idempotency_key=ticket,
            wait_seconds=WAIT,
        )
        while reply.get("status") in ("ready", "running", "waiting"):
            reply = await self._called("get_execution", execution_id=reply["execution_id"], wait_seconds=WAIT)
        seconds = time.perf_counter() - begun
        right = reply.get("status") == "completed" and reply["result"] == expected(ticket, amount)
        if not right:
            sys.stderr.write(f"{ticket}: {json.dumps(reply)}\n")
        return Ended(ticket, seconds, right)

    async def _called(self, tool: str, **arguments: Any) -> dict[str, Any]:
        result = await self._client.call_tool(tool, arguments)
        return result.structured_content or {"status": "refused", "said": str(result.content)}


def expected(ticket: str, amount: int) -> dict[str, Any]:
    """What the workflow answers, computed apart from it."""
    risk = "high" if amount > 80 else "low"
    return {
        "ticket": ticket,
        "urgency": "urgent" if amount > 50 else "normal",
        "left": sum(left for price, left in ((30, 4), (60, 2), (90, 1)) if price >= amount),
        "carrier": "van",
        "risk": risk,
        "closed": f"{risk} risk, by van: Follow rule 7 for {ticket}",
    }


async def measured(*, quick: bool) -> dict[str, Any]:
    """The figures of a fresh product."""
    with tempfile.TemporaryDirectory(prefix="botmcp-") as folder:
        async with running_model(MODEL_SECONDS) as model:
            begun = time.perf_counter()
            async with running_product(Path(folder) / "home", model) as product:
                ready = time.perf_counter() - begun
                async with Client(f"{product.address}/mcp", read_timeout_seconds=60) as client:
                    found = await _figures(product, Desk(client), model, quick=quick)
    return {"ready_ms": round(ready * 1000), **found}


async def _figures(product: Product, desk: Desk, model: str, *, quick: bool) -> dict[str, Any]:
    memory = {"idle": product.memory_mb()}
    first = await desk.handled()
    for _ in range(2):  # until every statement is prepared and every program is loaded
        await desk.handled()
    memory["with_model_library"] = product.memory_mb()

    rounds = 1 if quick else ROUNDS

    async def one_by_one() -> list[Ended]:
        return [await desk.handled() for _ in range(QUICKLY_ALONE if quick else WORKFLOWS)]

    async def all_at_once() -> list[Ended]:
        return await asyncio.gather(*(desk.handled() for _ in range(WORKFLOWS)))

    alone = await _way(product, one_by_one, model, rounds)
    peak = asyncio.create_task(_peak(product))
    together = await _way(product, all_at_once, model, rounds)
    peak.cancel()
    memory["under_load"] = await peak
    memory["after"] = product.memory_mb()
    return {
        "workflows": WORKFLOWS,
        "bots": BOTS,
        "promised_ms": PROMISED_MS,
        "completed": min(alone["completed"], together["completed"]),
        "first_ms": round(first.seconds * 1000),
        "one_by_one": alone,
        "all_at_once": together,
        "memory_mb": memory,
    }


async def _way(
    product: Product, round_of_workflows: Callable[[], Awaitable[list[Ended]]], model: str, rounds: int
) -> dict[str, Any]:
    """The figures of one way to start the workflows."""
    before, computed, begun = await product.counts(), product.cpu_seconds(), time.perf_counter()
    ended = [each for _ in range(rounds) for each in await round_of_workflows()]
    took, after, computed_then = time.perf_counter() - begun, await product.counts(), product.cpu_seconds()
    async with httpx2.AsyncClient() as web:
        served: dict[str, float] = (await web.get(f"{model}/served")).json()
    overhead = [(each.seconds - served.get(each.ticket, 0.0)) * 1000 for each in ended]
    return {
        "workflows": len(ended),
        "completed": sum(each.right for each in ended) / len(ended),
        "overhead_ms": _spread(overhead),
        "bots_own_ms": round(fmean(served.get(each.ticket, 0.0) for each in ended) * 1000, 1),
        "workflows_per_second": round(len(ended) / took, 1),
        "per_workflow": {
            **after.since(before, len(ended)),
            **{
                f"{name}_cpu_ms": round((seconds - computed[name]) * 1000 / len(ended), 1)
                for name, seconds in computed_then.items()
            },
        },
    }


def _spread(values: Sequence[float]) -> dict[str, float]:
    parts = quantiles(values, n=20, method="inclusive")
    return {"p50": round(parts[9], 1), "p95": round(parts[18], 1), "most": round(max(values), 1)}


async def _peak(product: Product) -> dict[str, float]:
    """The most of each figure until it is cancelled."""
    most = product.memory_mb()
    try:
        while True:
            await asyncio.sleep(MEASURE_MEMORY)
            now = product.memory_mb()
            most = {name: max(most[name], now[name]) for name in most}
    except asyncio.CancelledError:
        return most


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="The benchmark of coordination.")
    parser.add_argument("--quick", action="store_true", help="one round of each way, for less than 50 seconds")
    quick: bool = parser.parse_args(arguments).quick
    figures = asyncio.run(measured(quick=quick))
    print(json.dumps(figures, indent=2))
    sys.exit(0 if figures["completed"] == 1.0 else 1)


if __name__ == "__main__":
    main()
