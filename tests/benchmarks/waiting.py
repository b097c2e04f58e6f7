"""What waiting workflows cost a server in memory: python tests/benchmarks/waiting.py [--quick] prints one JSON object.

A real `botmcp serve` on a fresh data folder. It is warmed by workflows that wait and are cancelled, and left idle; then
10,000 (2,000 with --quick) wait for an event at once. `growth` is the server's memory with them, as a share of the idle
server's: 1.1 would be ten per cent more, the most that was promised. Its Postgres is another process and counted apart.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

sys.path.remove(str(Path(__file__).parent))  # or its memory.py would stand in the place of the package

from keywords.host import ProgramText
from mcp_server import served
from mcp_server.app import App, open_app
from mcp_server.rendezvous import place
from mcp_server.settings import read

BOTMCP = Path(sys.executable).with_name("botmcp")
WAITS = ProgramText('order = WAIT FOR EVENT "order.paid" TIMEOUT 86400\nRETURN order\n', "waits")
WARMING = 500
AT_ONCE = 8
IDLE_SECONDS = 5.0
LIVE = b"select count(*) from botmcp.workflow_executions where finished_on = 'infinity' and status = any(%(of)s)"


async def measured(count: int, home: Path) -> dict[str, Any]:
    home.mkdir()
    environment = {"BOTMCP_HOME": str(home), "BOTMCP_PORT": "0", "BOTMCP_LOG_LEVEL": "error"}
    server = subprocess.Popen(
        [BOTMCP, "serve"], env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while not served.addresses(place(home)):
            assert server.poll() is None, "botmcp serve has ended"
            await asyncio.sleep(0.05)
        async with open_app(read(environment), "look") as app:
            caller = app.caller("benchmark", "")
            for run in await _waiting(app, WARMING):
                await app.operations.cancel(caller, run)
            await _until(app, 0)
            await asyncio.sleep(IDLE_SECONDS)
            idle = _resident(server.pid)
            await _waiting(app, count)
            await asyncio.sleep(IDLE_SECONDS)
            busy = _resident(server.pid)
        return {"waiting": count, "idle_mb": idle, "with_them_mb": busy, "growth": round(busy / idle, 4)}
    finally:
        server.terminate()
        server.wait(30)


async def _waiting(app: App, count: int) -> Sequence[UUID]:
    """So many executions that wait, all of them started now."""
    caller, room = app.caller("benchmark", ""), asyncio.Semaphore(AT_ONCE)

    async def one() -> UUID:
        async with room:
            return await app.operations.start(caller, WAITS)

    runs = await asyncio.gather(*(one() for _ in range(count)))
    await _until(app, count)
    return runs


async def _until(app: App, waiting: int) -> None:
    """Returns when so many wait and nothing else is under way."""
    for statuses, wanted in ((["ready", "running"], 0), (["waiting"], waiting)):
        while True:
            async with app.pool.connection() as connection:
                (found,) = await (await connection.execute(LIVE, {"of": statuses})).fetchone() or (-1,)
            if found == wanted:
                break
            await asyncio.sleep(0.1)


def _resident(pid: int) -> float:
    """What is resident of a process, in MB."""
    found = re.search(r"^Rss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8"), re.MULTILINE)
    assert found
    return round(int(found[1]) / 1024, 2)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--quick", action="store_true", help="2,000 instead of 10,000")
    quick = options.parse_args().quick
    with tempfile.TemporaryDirectory(prefix="botmcp-waiting-") as folder:
        print(json.dumps(asyncio.run(measured(2_000 if quick else 10_000, Path(folder) / "home"))))
