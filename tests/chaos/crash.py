"""Kills everything, again and again, and counts what was lost: python tests/chaos/crash.py [--quick] [--seed N]

200 runs of a workflow with ten steps. Each step is a call of a plugin's keyword that appends its call id to a file and
takes a while before and after that. A background server, a `botmcp serve` and a `botmcp worker` share the work on the
embedded Postgres; then all three are killed with SIGKILL at a random moment, every other time Postgres with all its
processes too. What was committed is read, with nothing of the product alive; then the product is started again, and
it starts Postgres.

Runs are started in batches, and a batch while the one before it still runs. The kill comes at a random moment between
the last run's start and the earliest end of the first, so it meets each run at another place: not yet claimed, in a
call before or after the file was written, in a commit, between two. Only runs that the journal shows unfinished at a
kill are counted; should one be missed, another takes its place. So each of the 200 lived through one kill or more.
`--quick` has larger batches, so fewer kills.

runs                   that lived through a kill; completed: of those, in the end
kills, postgres_kills  of everything; of everything and Postgres
lost                   calls that a run should have made, and that the file does not show. Must be 0
repeated               calls that the file shows more than once
repeated_after_commit  of those, calls whose answer was committed before the repetition. Must be 0
forgotten              calls whose commit Postgres had confirmed before it was killed, and lost. Must be 0
untold                 places where the journal does not tell what happened. Must be 0
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from uuid import UUID

if (folder := str(Path(__file__).parent)) in sys.path:
    sys.path.remove(folder)  # its memory.py would stand in the place of the package

from mcp_server.app import database, open_app
from tests.chaos import ledger
from tests.chaos.diary import notes
from tests.chaos.ledger import STEPS, TEN_STEPS, Journal, Kill
from tests.chaos.product import Product

ROLES = ("background", "serve", "worker")
PATIENCE = 120.0  # seconds in which, after the last kill, all must have come to an end


@dataclass(frozen=True, slots=True)
class Report:
    """What is printed; the module says what each means."""

    runs: int
    kills: int
    postgres_kills: int
    runs_with_postgres_killed: int
    processes_killed: int
    calls: int
    completed: int
    lost: int
    repeated: int
    repeated_after_commit: int
    forgotten: int
    untold: list[str]
    seed: int
    seconds: float

    @property
    def good(self) -> bool:
        whole = self.completed == self.runs and 2 * self.runs_with_postgres_killed >= self.runs
        return whole and not (self.lost or self.repeated_after_commit or self.forgotten or self.untold)


@dataclass(slots=True)
class Crashes:
    """A campaign against one data folder."""

    product: Product
    chance: random.Random
    kills: list[Kill] = field(default_factory=list[Kill])
    met: set[UUID] = field(default_factory=set[UUID])  # runs that were alive at a kill
    met_with_postgres: set[UUID] = field(default_factory=set[UUID])
    forgotten: set[str] = field(default_factory=set[str])
    started: set[UUID] = field(default_factory=set[UUID])
    postgres_kills: int = 0
    processes_killed: int = 0

    async def batch(self, runs: int, *, with_postgres: bool) -> None:
        """Start the product and these runs, and kill all at a random moment of their lives."""
        processes = await self.product.start(*ROLES)
        postgres = await self.product.postgres()
        async with open_app(self.product.settings(), "look") as app:
            lasting = 0.05 + 0.003 * runs  # seconds of a step: all are started before the first could end
            first, shortest = time.monotonic(), lasting * STEPS
            given = {"diary": str(self.product.diary), "seconds": lasting}
            caller = app.caller("crash test", "")
            for _ in range(runs):
                self.started.add(await app.operations.start(caller, TEN_STEPS, inputs=given))
        await asyncio.sleep(self.chance.random() * max(0.0, first + shortest - time.monotonic()))
        self.product.kill(*processes, postgres=postgres if with_postgres else None)
        self.processes_killed += len(processes)
        self.postgres_kills += with_postgres
        await self._look(with_postgres=with_postgres)

    async def _look(self, *, with_postgres: bool) -> None:
        """Nothing of the product lives: what is committed now was committed at the kill."""
        noted = notes(self.product.diary)
        async with database(self.product.settings()) as where:
            await ledger.quiet(where)
            journal = await ledger.journal_of(where, self.started)
        self.kills.append(Kill(len(noted), journal.calls))
        self.forgotten |= ledger.forgotten(noted, journal.calls)
        self.met |= journal.unfinished
        if with_postgres:
            self.met_with_postgres |= journal.unfinished

    async def ended(self) -> Journal:
        """Start the product once more; how it all ended."""
        await self.product.start(*ROLES)
        until = time.monotonic() + PATIENCE
        async with database(self.product.settings()) as where:
            while await ledger.unfinished(where) and time.monotonic() < until:
                await asyncio.sleep(0.1)
            return await ledger.journal_of(where, self.met)


async def campaign(folder: Path, *, runs: int, batch: int, seed: int) -> Report:
    """Runs that live through kills, in batches of this size, until there are enough; and what became of them."""
    began = time.monotonic()
    async with Product(folder) as product:
        crashes = Crashes(product, random.Random(seed))
        while len(crashes.met) < runs:
            await crashes.batch(min(batch, runs - len(crashes.met)), with_postgres=len(crashes.kills) % 2 == 0)
        journal = await crashes.ended()
        everything = notes(product.diary)
    return Report(
        runs=len(crashes.met),
        kills=len(crashes.kills),
        postgres_kills=crashes.postgres_kills,
        runs_with_postgres_killed=len(crashes.met_with_postgres),
        processes_killed=crashes.processes_killed,
        calls=sum(UUID(note.run) in crashes.met for note in everything),
        completed=sum(status == "completed" for status in journal.statuses.values()),
        lost=ledger.lost(everything, journal),
        repeated=len(ledger.repeated(everything)),
        repeated_after_commit=len(ledger.repeated_after_commit(everything, journal, crashes.kills)),
        forgotten=len(crashes.forgotten),
        untold=ledger.untold(everything, journal),
        seed=seed,
        seconds=round(time.monotonic() - began, 1),
    )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--quick", action="store_true", help="larger batches, fewer kills")
    arguments.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="botmcp-crash-") as folder:
        report = asyncio.run(campaign(Path(folder), runs=200, batch=50 if given.quick else 10, seed=given.seed))
    print(json.dumps(asdict(report), indent=2))
    sys.exit(not report.good)


if __name__ == "__main__":
    main()
