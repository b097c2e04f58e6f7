"""What a worker's memory becomes: python tests/benchmarks/soak.py [--executions 1000000] [--quick]

One `botmcp worker` runs executions of two steps, refilled as they end, and its resident memory is read after each tenth
thousand. The finished are deleted as they come, so that the disk holds out: only the process is looked at. Prints one
JSON object; `growth` is the memory at the end against that after the first 10,000. Must be at most 1.10.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from psycopg.conninfo import make_conninfo

sys.path.remove(str(Path(__file__).parent))  # or its memory.py would stand in the place of the package

from keywords.host import ProgramText
from storage import embedded_postgres
from storage.migrate import migrate
from storage.pool import connect
from tests.benchmarks.engine_ours import CLONE, Ours, ours, rss, ticks

FIRST = 10_000
BATCH = 5_000


async def soaked(product: Ours, executions: int) -> dict[str, Any]:
    began, done, levels = time.monotonic(), 0, list[float]()
    first = await product.start(ProgramText(ticks(2), "two steps"))
    await product.run("update workflow_executions set status = 'paused' where id = %(id)s", id=first)
    worker = await product.worker()
    while done < executions:
        await product.run(CLONE, id=first, count=BATCH)
        await product.run("select pg_notify('botmcp_hints', 'ready')")
        while await product.value("select count(*) from workflow_executions_live") > 1:
            await asyncio.sleep(0.05)
        done += BATCH
        if done % FIRST == 0:
            levels.append(rss(worker))
            print(f"{done:>9,} executions, {levels[-1]:.1f} MB", file=sys.stderr, flush=True)
            await product.run("delete from workflow_executions where finished_on <> 'infinity'")
            await product.run("delete from workflow_steps where execution_id <> %(id)s", id=first)
    return {
        "executions": done,
        "mb_after_10000": round(levels[0], 1),
        "mb_at_the_end": round(median(levels[-3:]), 1),
        "mb_most": round(max(levels), 1),
        "growth": round(median(levels[-3:]) / levels[0], 3),
        "executions_per_s": round(done / (time.monotonic() - began)),
    }


async def main(executions: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="botmcp-soak-") as folder:
        server = await embedded_postgres.start(Path(folder) / "postgres", durable=False)
        try:
            async with await connect(server.dsn, application="soak") as admin:
                await admin.execute("create database soak")
            dsn = make_conninfo(server.dsn, dbname="soak")
            await migrate(dsn)
            async with ours(Path(folder) / "ours", dsn) as product:
                return await soaked(product, executions)
        finally:
            await server.stop()


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--executions", type=int, default=1_000_000)
    arguments.add_argument("--quick", action="store_true", help="30,000 executions")
    given = arguments.parse_args()
    report = asyncio.run(main(30_000 if given.quick else given.executions))
    print(json.dumps(report, indent=2))
    sys.exit(report["growth"] > 1.10)
