"""A plugin with the trivial verb of the benchmark: an outside verb that answers at once, about fifty bytes."""

from __future__ import annotations

import asyncio

from keywords.host import Host, Value
from keywords.registry import Effect, keyword


@keyword("TICK {number}", effect=Effect.IDEMPOTENT, example="TICK 1", group="benchmark")
async def tick(host: Host, number: int) -> Value:
    """Answer at once."""
    return {"ok": True, "number": number, "text": "what a trivial step says"}


@keyword("TOCK {number}", effect=Effect.IDEMPOTENT, example="TOCK 1", group="benchmark")
async def tock(host: Host, number: int) -> Value:
    """Answer after twenty milliseconds."""
    await asyncio.sleep(0.02)
    return number


KEYWORDS = (tick, tock)
