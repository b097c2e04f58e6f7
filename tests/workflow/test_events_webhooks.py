"""Webhooks and the order of a key: what failed is tried again before its successors are sent."""

from __future__ import annotations

import asyncio
import json
from collections import Counter

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mcp_server import listening_server
from storage.pool import Pool
from tests.workflow.house import House, house
from tests.workflow.kit import TENANT, row
from workflow.events.setup import EventSetup


async def settled(pool: Pool, status: str, count: int) -> None:
    query = b"select count(*) from workflow_deliveries where status = %(status)s"
    async with asyncio.timeout(20):
        while (await row(pool, query, {"status": status}))[0] != count:
            await asyncio.sleep(0.01)


async def due_now(pool: Pool) -> None:
    """The pause before the next try is over."""
    async with pool.connection() as connection:
        await connection.execute("update workflow_outbox set due_at = now() where due_at is not null")


async def forwards(home: House, where: str) -> None:
    await home.run(f'RETURN FORWARD EVENT "order.*" TO "{where}/hook"')


async def test_events_of_one_key_reach_a_webhook_in_their_order(database: str, pool: Pool) -> None:
    got, tries = list[tuple[str, int]](), Counter[int]()
    refused = asyncio.Event()

    async def hook(request: Request) -> Response:
        event = json.loads(await request.body())
        key, n = event.get("subject", ""), event["data"]
        tries[n] += 1
        if n == 0 and tries[n] == 1:
            refused.set()
            return Response(status_code=500)
        got.append((key, n))
        return Response(status_code=204)

    pages = Starlette(routes=[Route("/hook", hook, methods=["POST"])])
    setup = EventSetup(private_hosts=("127.0.0.0/8",))
    async with (
        listening_server.serving(pages, "127.0.0.1", 0, ()) as where,
        house(database, pool, events=setup) as home,
    ):
        await forwards(home, where)
        publish = home.operations.events.publisher.publish
        for n in range(0, 10, 2):
            await publish(TENANT, "order.paid", n, key="a")
            await publish(TENANT, "order.paid", n + 1, key="b" if n < 6 else None)
        await settled(pool, "done", 5)  # all that do not wait for the first of key a
        assert refused.is_set() and not [n for key, n in got if key == "a"]
        await due_now(pool)
        await settled(pool, "done", 10)
    assert [n for key, n in got if key == "a"] == [0, 2, 4, 6, 8]
    assert [n for key, n in got if key == "b"] == [1, 3, 5]
    assert Counter(key for key, _ in got)[""] == 2
