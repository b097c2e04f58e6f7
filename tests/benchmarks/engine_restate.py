# pyright: basic, reportMissingImports=false, reportMissingModuleSource=false
"""Restate beside us: its server from npm, our steps as `ctx.run` of a Python service in a process of its own.

python engine_restate.py PORT serves the steps.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncGenerator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles
from typing import Any

SERVER = "@restatedev/restate-server@1.7.12"
INGRESS, ADMIN, SERVICE = "http://127.0.0.1:8080", "http://127.0.0.1:9070", 9080
STEPS, AT_ONCE = 10, 50
PATIENCE = 60.0


class Restate:
    """A server that knows the service."""

    @classmethod
    @asynccontextmanager
    async def started(cls, folder: Path, missing: dict[str, str]) -> AsyncGenerator[Restate | None]:
        """Both processes, until the block ends; None, and the reason in `missing`, where they cannot be had."""
        folder.mkdir(parents=True)
        running: list[subprocess.Popen[bytes]] = []
        try:
            if reason := await asyncio.to_thread(_unavailable, folder):
                missing["restate"] = reason
                yield None
                return
            try:
                await asyncio.to_thread(_start, folder, running)
            except (OSError, TimeoutError) as error:
                missing["restate"] = f"it does not start: {error}"
                yield None
                return
            yield cls()
        finally:
            for process in running:
                process.kill()
                process.wait()

    async def throughput(self, count: int) -> dict[str, float]:
        return await asyncio.to_thread(_throughput, count)

    async def latency(self, steps: int) -> dict[str, float]:
        times = await asyncio.to_thread(_called, steps)
        gaps = [(later - earlier) * 1e3 for earlier, later in pairwise(times)]
        return {"step_p50_ms": median(gaps), "step_p95_ms": quantiles(gaps, n=20)[-1]}


def _unavailable(folder: Path) -> str:
    """Why there is no Restate here; "" once it is installed."""
    if importlib.util.find_spec("restate") is None or importlib.util.find_spec("hypercorn") is None:
        return "restate-sdk or hypercorn is not installed"
    npm = shutil.which("npm")
    if npm is None:
        return "there is no npm"
    ask = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(folder), SERVER]
    try:
        subprocess.run(ask, check=True, capture_output=True, timeout=180)
    except (OSError, subprocess.SubprocessError) as error:
        return f"npm cannot install {SERVER}: {error}"
    return ""


def _start(folder: Path, running: list[subprocess.Popen[bytes]]) -> None:
    quiet = {"RESTATE_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "1", "RUST_LOG": "error"}
    with (folder / "log").open("wb") as log:
        server = [str(folder / "node_modules" / ".bin" / "restate-server"), "--base-dir", str(folder / "data")]
        running.append(subprocess.Popen(server, stdout=log, stderr=log, env={**os.environ, **quiet}))
        running.append(subprocess.Popen([sys.executable, __file__, str(SERVICE)], stdout=log, stderr=log))
    until = time.monotonic() + PATIENCE
    while True:
        try:
            _post(f"{ADMIN}/deployments", {"uri": f"http://127.0.0.1:{SERVICE}", "force": True})
            _called(1)
            return
        except OSError as error:
            if time.monotonic() > until:
                raise TimeoutError(str(error)) from error
            time.sleep(0.2)


def _post(address: str, body: Any) -> Any:
    request = urllib.request.Request(
        address, json.dumps(body).encode(), {"content-type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return json.loads(answer.read() or b"null")


def _called(steps: int) -> Sequence[float]:
    return _post(f"{INGRESS}/bench/steps", steps)


def _throughput(count: int) -> dict[str, float]:
    with ThreadPoolExecutor(AT_ONCE) as threads:
        began = time.perf_counter()
        list(threads.map(_called, [STEPS] * count))
        return {"steps_per_s": count * STEPS / (time.perf_counter() - began)}


def serve(port: int) -> None:
    """The service: so many steps, and when each was done."""
    import restate
    from hypercorn.asyncio import serve as served
    from hypercorn.config import Config

    bench = restate.Service("bench")

    @bench.handler()
    async def steps(ctx: Any, count: Any) -> Any:
        def step() -> dict[str, Any]:
            return {"ok": True, "at": time.perf_counter(), "text": "what a trivial step says"}

        return [(await ctx.run_typed(f"step {number}", step))["at"] for number in range(count)]

    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    asyncio.run(served(restate.app([bench]), config))  # pyright: ignore[reportArgumentType] - an ASGI application


if __name__ == "__main__":
    serve(int(sys.argv[1]))
