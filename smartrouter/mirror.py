"""The host's own pages about models, fed if its owner asks for it: rows of `public.llm_metrics`, one for each attempt.

The table is the host's: it is only written to, only where it exists, and a fault of it never stops our own records.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import TypeAlias
from uuid import NAMESPACE_URL, UUID, uuid5

import psycopg
import structlog
from psycopg import AsyncConnection

from smartrouter.ledger import Noted
from storage.sql import queries

log = structlog.get_logger()

SQL = queries("smartrouter", "mirror.sql")
Connect: TypeAlias = Callable[[], AbstractAsyncContextManager[AsyncConnection]]


class Mirror:
    """Writes to the host's table through `connect`; silent after the first fault until the next start."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._on: bool | None = None

    async def write(self, batch: Sequence[Noted]) -> None:
        """Add the attempts of a batch."""
        told = [(noted, bot) for noted in batch if (bot := noted.bot) and not noted.attempt.signal]
        if self._on is False or not told:
            return
        try:
            async with self._connect() as connection:
                if self._on is None:
                    found = await (await connection.execute(SQL["has_metrics"])).fetchone()
                    self._on = bool(found and found[0])
                    if not self._on:
                        log.warning("mirror.no_table", table="public.llm_metrics")
                        return
                await connection.execute(SQL["write_metrics"], columns(told))
        except (psycopg.Error, OSError) as error:
            self._on = False
            log.warning("mirror.stopped", error=str(error).strip())


def columns(told: Sequence[tuple[Noted, UUID]]) -> dict[str, list[object]]:
    """Parameters of `write_metrics`."""
    attempts = [(noted, noted.attempt, bot) for noted, bot in told]
    return {
        "request": [
            uuid5(NAMESPACE_URL, f"{a.call_id}:{noted.at}:{number}") for number, (noted, a, _) in enumerate(attempts)
        ],
        "session": [noted.session for noted, _, _ in attempts],
        "bot": [bot for _, _, bot in attempts],
        "model": [a.model.label for _, a, _ in attempts],
        "kind": [a.prompt.task for _, a, _ in attempts],
        "input": [a.read for _, a, _ in attempts],
        "output": [a.written for _, a, _ in attempts],
        "latency": [round(a.seconds * 1000) for _, a, _ in attempts],
        "ttft": [None if a.first is None else round(a.first * 1000) for _, a, _ in attempts],
        "cached": [noted.cached for noted, _, _ in attempts],
        "success": [a.answered for _, a, _ in attempts],
        "error": [None if a.answered else a.ended for _, a, _ in attempts],
        "cost": [a.cost for _, a, _ in attempts],
        "at": [datetime.fromtimestamp(noted.at, UTC) for noted, _, _ in attempts],
        "metadata": [json.dumps({"provider": a.model.provider, "through": "botmcp"}) for _, a, _ in attempts],
    }
