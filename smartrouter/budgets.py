"""What may be spent in a day, for a tenant and for each bot: held in blocks by each process, so that calls do not wait.

A process sets aside a block of the day's budget in one statement and lets its calls draw from that; the next block is
fetched while there is still something in this one. What is left goes back at the end; a process that dies loses its
block, so the budget is never exceeded, only a little less than all of it spent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import UUID

import psycopg
import structlog

from keywords.mistakes import LimitReached, Transient
from smartrouter.unhurried import unhurried
from storage.pool import Pool
from storage.sql import queries

log = structlog.get_logger()

SQL = queries("smartrouter")
WHOLE = UUID(int=0)  # stands for the tenant among its bots
BLOCKS = 50  # of a day's budget
EMPTY = 30.0  # seconds for which a spent budget is believed to be
USUAL = 0.05  # US dollars, of a call that names no MAX_COST


@dataclass(slots=True)
class Block:
    """What this process holds of one day's budget."""

    day: date
    budget: float
    balance: float = 0.0
    empty_until: float = 0.0  # when it is asked again whether somebody gave something back
    fetching: asyncio.Task[None] | None = None


@dataclass(slots=True)
class Allowance:
    """Money set aside for one call; `settle` gives back what it did not spend."""

    amount: float | None  # None: there is no budget
    blocks: list[Block] = field(default_factory=list[Block])

    def settle(self, spent: float) -> None:
        """End the call."""
        for block in self.blocks:
            block.balance += (self.amount or 0.0) - spent
        self.blocks = []


class Budgets:
    """The budgets of one process. `now` is the wall clock; days are those of UTC."""

    def __init__(self, pool: Pool, now: Callable[[], float]) -> None:
        self._pool = pool
        self._now = now
        self._blocks: dict[tuple[UUID, UUID], Block] = {}
        self._fetching: set[asyncio.Task[None]] = set()

    async def allowance(
        self, tenant: UUID, limits: Mapping[UUID, float], wanted: float | None, names: Mapping[UUID, str]
    ) -> Allowance:
        """Money for a call, from every budget that concerns it; raises LimitReached when one is spent.

        `limits` are US dollars a day by bot, WHOLE for the tenant; `names` say what to call them.
        """
        if not limits:
            return Allowance(None)
        amount = wanted or USUAL
        blocks: list[Block] = []
        for bot, budget in sorted(limits.items(), key=lambda item: item[0].bytes):
            block = self._block(tenant, bot, budget)
            if block.balance < amount and self._now() >= block.empty_until:
                await unhurried(self._fetch(tenant, bot, block, amount))
            if block.balance <= 0:
                raise LimitReached(
                    f"The budget of {names.get(bot, 'this bot')} for language models, {budget:g} US dollars a day, is "
                    "spent. It begins anew at midnight UTC; whoever runs this installation can raise it."
                )
            blocks.append(block)
        amount = min(amount, *(block.balance for block in blocks))
        for block, (bot, budget) in zip(blocks, sorted(limits.items(), key=lambda item: item[0].bytes), strict=True):
            block.balance -= amount
            if block.balance < budget / BLOCKS / 2 and self._now() >= block.empty_until and block.fetching is None:
                self._ahead(tenant, bot, block)
        return Allowance(amount, blocks)

    async def close(self) -> None:
        """Give back what this process holds."""
        if self._fetching:
            await asyncio.wait(self._fetching, timeout=2)
        for (tenant, bot), block in self._blocks.items():
            if block.balance > 0:
                rest, block.balance = block.balance, 0.0
                try:
                    async with self._pool.connection(timeout=2) as connection:
                        await connection.execute(
                            SQL["give_back"], {"tenant": tenant, "bot": bot, "day": block.day, "rest": rest}
                        )
                except (psycopg.Error, OSError, TimeoutError) as error:
                    log.warning("budgets.kept", error=str(error).strip())

    def _block(self, tenant: UUID, bot: UUID, budget: float) -> Block:
        today = datetime.fromtimestamp(self._now(), UTC).date()
        block = self._blocks.get((tenant, bot))
        if block is None or block.day != today or block.budget != budget:
            block = self._blocks[tenant, bot] = Block(today, budget)
        return block

    def _ahead(self, tenant: UUID, bot: UUID, block: Block) -> None:
        task = asyncio.create_task(self._fetch(tenant, bot, block, 0.0, quietly=True))
        self._fetching.add(task)
        task.add_done_callback(self._fetching.discard)

    async def _fetch(self, tenant: UUID, bot: UUID, block: Block, amount: float, *, quietly: bool = False) -> None:
        while block.fetching is not None:  # one statement at a time
            await asyncio.wait([block.fetching])
            if block.balance >= amount or self._now() < block.empty_until:
                return
        block.fetching = asyncio.create_task(self._lease(tenant, bot, block, amount - block.balance))
        try:
            await asyncio.shield(block.fetching)
        except (psycopg.Error, OSError, TimeoutError) as error:
            if quietly:
                log.info("budgets.unleased", error=str(error).strip())
            elif block.balance <= 0:
                raise Transient(f"The budget could not be looked up: {str(error).strip()}") from None
        finally:
            block.fetching = None

    async def _lease(self, tenant: UUID, bot: UUID, block: Block, short: float) -> None:
        wanted = max(block.budget / BLOCKS, short)
        given = {"tenant": tenant, "bot": bot, "day": block.day, "budget": block.budget, "block": wanted}
        async with self._pool.connection() as connection:
            found = await (await connection.execute(SQL["lease"], given)).fetchone()
        granted = float(found[0]) if found else 0.0
        block.balance += granted
        if granted < wanted:
            block.empty_until = self._now() + EMPTY
