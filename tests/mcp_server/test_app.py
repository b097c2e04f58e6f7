"""The product, opened and closed in one process."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from redis.asyncio import Redis

from mcp_server.app import open_app
from mcp_server.settings import Settings


async def test_a_closed_product_holds_no_connection_to_redis(settings: Settings, valkey: str) -> None:
    async with Redis.from_url(valkey) as asking:
        others = len(await asking.client_list())
        async with open_app(replace(settings, redis_url=valkey), "serve") as app:
            await app.hints.publish("ready")
            assert len(await asking.client_list()) > others
        async with asyncio.timeout(20):
            while len(await asking.client_list()) > others:  # the server may notice a moment later
                await asyncio.sleep(0)
