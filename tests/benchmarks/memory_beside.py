"""What our memory is measured beside: stores in a process of their own, told by lines of JSON what to do."""

from __future__ import annotations

import asyncio
import json
import shutil
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from mcp import Client, StdioServerParameters

SCRIPT = Path(__file__).with_name("memory_peers.py")
PATIENCE = 300.0
PACKAGE = "@modelcontextprotocol/server-memory"


class Peer:
    """LangGraph's store or Mem0, in the Python that has it."""

    def __init__(self, name: str, process: asyncio.subprocess.Process) -> None:
        self._name, self._process = name, process

    @classmethod
    @asynccontextmanager
    async def started(
        cls, name: str, python: str, dsn: str, folder: Path, missing: dict[str, str]
    ) -> AsyncGenerator[Peer | None]:
        process = await asyncio.create_subprocess_exec(
            python, str(SCRIPT), name, dsn, str(folder / name), stdin=-1, stdout=-1, stderr=-3
        )
        peer = cls(name, process)
        try:
            ready = await peer._ask("ready")
            if "missing" in ready:
                missing[name] = ready["missing"]
            yield None if "missing" in ready else peer
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()

    async def _ask(self, what: str, count: int = 0) -> dict[str, Any]:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps({"do": what, "count": count}).encode() + b"\n")
        line = await asyncio.wait_for(self._process.stdout.readline(), PATIENCE)
        return json.loads(line) if line else {"missing": "it ended without a word"}

    async def timed(self, count: int) -> dict[str, list[float]]:
        """Milliseconds of so many calls, by what they do."""
        return await self._ask("time", max(5, count))

    async def lost(self) -> dict[str, int]:
        return await self._ask("lose")


class Reference:
    """The reference MCP memory server."""

    def __init__(self, client: Client, file: Path) -> None:
        self._client, self._file = client, file
        self._made = 0

    @classmethod
    @asynccontextmanager
    async def started(cls, script: str, folder: Path, missing: dict[str, str]) -> AsyncGenerator[Reference | None]:
        file = folder / "reference.jsonl"
        command = [shutil.which("node") or "", script] if script else [shutil.which("npx") or "", "-y", PACKAGE]
        if not command[0]:
            missing["reference"] = "node is not installed"
            yield None
            return
        given = StdioServerParameters(command=command[0], args=command[1:], env={"MEMORY_FILE_PATH": str(file)})
        async with AsyncExitStack() as stack:
            try:
                client = await stack.enter_async_context(Client(given, mode="legacy"))
            except Exception as error:  # noqa: BLE001 - whatever it was, the peer is missing, and that is told
                missing["reference"] = f"{PACKAGE} could not be started: {type(error).__name__}"
                client = None
            yield cls(client, file) if client else None

    async def _create(self) -> None:
        self._made += 1
        entity = {"name": f"entity {self._made}", "entityType": "note", "observations": ["x" * 180]}
        await self._client.call_tool("create_entities", {"entities": [entity]})

    async def timed(self, count: int) -> list[float]:
        times: list[float] = []
        for _ in range(max(5, count)):
            began = time.perf_counter()
            await self._create()
            times.append((time.perf_counter() - began) * 1000)
        return times

    async def lost(self) -> int:
        """Of 50 entities created at once, and acknowledged, those that are not on disk."""
        before = len(self._file.read_text("utf-8").splitlines())
        await asyncio.gather(*(self._create() for _ in range(50)))
        return 50 - (len(self._file.read_text("utf-8").splitlines()) - before)
