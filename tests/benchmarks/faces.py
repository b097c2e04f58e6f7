"""What our doors cost, beside the same SDK alone: python -m tests.benchmarks.faces [--quick]

get_execution   of a finished execution, over /mcp (2026-07-28) and over /rpc (plain JSON-RPC), beside a trivial tool in
                the same process: `trivial` on our own server, behind the same doors; `bare` on the SDK alone, without
                identity, scopes, limits or audit (/mcp with its defaults, /rpc stateless with JSON answers).
                Milliseconds of one caller after another, calls of all in turn, so that all have the same weather.
                `ratio` is of the medians, `ratio_of_cpu` of the servers' own processor time, which does not
                depend on what else the machine does. Wanted: at most 2
subscribers     connected to the stream of one execution each; then each execution ends: how many hear of it, after how
                many seconds the last one does, and that a call beside them is answered
leavers         clients that die in the middle of a call that waits: what still runs of them afterwards. Wanted: 0

The servers are a process of their own.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import mcp.types as types
import uvloop
from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from keywords.host import ProgramText
from mcp_server import http, listening_server, logs
from mcp_server.app import App, open_app
from mcp_server.mcp_face.tool import READS, Tool
from mcp_server.server import build
from mcp_server.settings import read

WANTED = 2.0
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "bench", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}


TOLD = {"execution_id": "", "status": "completed", "result": 42, "next": "Nothing more to call."}


async def trivial_tool(ctx: Context[App], execution_id: str) -> types.CallToolResult:
    """Does nothing."""
    told = {**TOLD, "execution_id": execution_id}
    text = json.dumps(told, separators=(",", ":"))
    return types.CallToolResult(content=[types.TextContent(type="text", text=text)], structured_content=told)


# -- the servers -------------------------------------------------------------------------------------------------------


def bare() -> Starlette:
    """The SDK with one tool that does nothing."""
    server: MCPServer[Any] = MCPServer("bare", log_level="ERROR")

    @server.tool()
    async def trivial(execution_id: str) -> types.CallToolResult:
        told = {"execution_id": execution_id, "status": "completed", "result": 42, "next": "Nothing more to call."}
        text = json.dumps(told, separators=(",", ":"))
        return types.CallToolResult(content=[types.TextContent(type="text", text=text)], structured_content=told)

    low = server._lowlevel_server  # pyright: ignore[reportPrivateUsage] - the SDK's own two-faces recipe
    plain = StreamableHTTPSessionManager(app=low, json_response=True, stateless=True)

    class Rpc:
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await plain.handle_request(scope, receive, send)

    inner = server.streamable_http_app(streamable_http_path="/mcp")

    @asynccontextmanager
    async def life(_: Starlette) -> AsyncGenerator[None]:
        async with plain.run(), server.session_manager.run():
            yield

    return Starlette(routes=[Route("/rpc", endpoint=Rpc()), *inner.routes], lifespan=life)


async def serve(folder: Path) -> None:
    """Both servers, until stdin ends; says where they are."""
    home = {"BOTMCP_HOME": str(folder / "home"), "BOTMCP_PORT": "0", "BOTMCP_LOG_LEVEL": "error"}
    settings = read(home)
    settings.made_home()
    logs.to_file(settings, "serve")
    async with open_app(settings, "serve") as app:
        pages = http.application(app, build(app, (Tool(trivial_tool, "Nothing", READS, "wf:read", "workflows"),)))
        pages.router.routes.append(Route("/bench", counted(app)))
        async with (
            listening_server.serving(pages, "127.0.0.1", 0, ()) as ours,
            listening_server.serving(bare(), "127.0.0.1", 0, ()) as theirs,
        ):
            owner = app.caller("bench", "")
            done = await app.operations.start(owner, ProgramText('TALK "Hello"\nRETURN 42\n', "done"))
            await app.operations.wait(owner, done, 30)
            said = {"ours": ours, "bare": theirs, "done": str(done)}
            sys.stdout.write(json.dumps(said) + "\n")
            sys.stdout.flush()
            await asyncio.to_thread(sys.stdin.read)


def counted(app: App) -> Any:
    """What runs in the server just now."""

    async def page(request: Request) -> JSONResponse:
        return JSONResponse({"tasks": len(asyncio.all_tasks()), "detached": len(app.tasks), "cpu": time.process_time()})

    return page


# -- the caller --------------------------------------------------------------------------------------------------------


class Caller:
    """One connection that is kept, with as little of its own as can be."""

    def __init__(self, address: str) -> None:
        host, _, port = address.removeprefix("http://").partition(":")
        self._host, self._port = host, int(port)
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def post(self, path: str, body: dict[str, Any], headers: dict[str, str], method: str = "POST") -> bytes:
        if self._writer is None or self._reader is None:
            self._reader, self._writer = await asyncio.open_connection(self._host, self._port)
        content = json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._host}:{self._port}", "Content-Type: application/json"]
        lines += ["Accept: application/json, text/event-stream", f"Content-Length: {len(content)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self._writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + content)
        try:
            head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        except (asyncio.IncompleteReadError, ConnectionError):  # the server has let go of an idle connection
            self.leave()
            return await self.post(path, body, headers, method)
        if b"transfer-encoding: chunked" in head:
            found = bytearray()
            while size := int(await self._reader.readline(), 16):
                found += await self._reader.readexactly(size)
                await self._reader.readline()
            await self._reader.readline()
            return bytes(found)
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        return await self._reader.readexactly(length)

    def leave(self) -> None:
        if self._writer is not None:
            self._writer.transport.abort()
            self._reader = self._writer = None


def call(tool: str, arguments: dict[str, Any], *, meta: bool) -> dict[str, Any]:
    params: dict[str, Any] = {"name": tool, "arguments": arguments, **({"_meta": META} if meta else {})}
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}


def modern(tool: str) -> dict[str, str]:
    return {"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call", "Mcp-Name": tool}


async def timed(caller: Caller, path: str, body: dict[str, Any], headers: dict[str, str]) -> float:
    began = time.perf_counter()
    answer = await caller.post(path, body, headers)
    took = time.perf_counter() - began
    assert b'"isError":true' not in answer and b"completed" in answer, answer[:500]
    return took * 1000


async def costs(told: dict[str, str], rounds: int) -> dict[str, Any]:
    """Milliseconds of each, in turn."""
    ours, theirs = Caller(told["ours"]), Caller(told["bare"])
    arguments = {"execution_id": told["done"]}
    kinds = {
        "mcp": (ours, "/mcp", call("get_execution", arguments, meta=True), modern("get_execution")),
        "mcp_trivial": (ours, "/mcp", call("trivial_tool", arguments, meta=True), modern("trivial_tool")),
        "mcp_bare": (theirs, "/mcp", call("trivial", arguments, meta=True), modern("trivial")),
        "rpc": (ours, "/rpc", call("get_execution", arguments, meta=False), {}),
        "rpc_trivial": (ours, "/rpc", call("trivial_tool", arguments, meta=False), {}),
        "rpc_bare": (theirs, "/rpc", call("trivial", arguments, meta=False), {}),
    }
    found: dict[str, list[float]] = {name: [] for name in kinds}
    for number in range(rounds + 20):
        for name, asked in kinds.items():
            took = await timed(*asked)
            if number >= 20:
                found[name].append(took)
    cpu: dict[str, list[float]] = {name: [] for name in kinds}
    for _ in range(max(4, rounds // 50)):
        for name, asked in kinds.items():
            before = json.loads(await ours.post("/bench", {}, {}, "GET"))["cpu"]
            for _ in range(25):
                await timed(*asked)
            cpu[name].append((json.loads(await ours.post("/bench", {}, {}, "GET"))["cpu"] - before) * 1000 / 25)
    ours.leave()
    theirs.leave()
    spent = {name: round(statistics.median(times), 3) for name, times in cpu.items()}
    medians = {name: round(statistics.median(times), 3) for name, times in found.items()}
    p95 = {name: round(statistics.quantiles(times, n=20)[-1], 3) for name, times in found.items()}
    beside = ("trivial", "bare")
    pairs = [(name, other) for name in ("mcp", "rpc") for other in beside]
    ratios = {f"{name}/{other}": round(medians[name] / medians[f"{name}_{other}"], 2) for name, other in pairs}
    by_cpu = {f"{name}/{other}": round(spent[name] / spent[f"{name}_{other}"], 2) for name, other in pairs}
    return {
        "median_ms": medians, "p95_ms": p95, "ratio": ratios, "server_cpu_ms": spent, "ratio_of_cpu": by_cpu,
        "rounds": rounds,
    }  # fmt: skip


async def subscribers(told: dict[str, str], count: int) -> dict[str, Any]:
    """So many streams at once, of executions that wait for a signal; then all of them end."""
    one = Caller(told["ours"])
    host, _, port = told["ours"].removeprefix("http://").partition(":")
    streams: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
    source = 'WAIT FOR SIGNAL "go" TIMEOUT 600\n'
    ids: list[str] = []
    for _ in range(count // 20):
        begun = json.loads(await one.post("/api/v1/executions", {"source": source}, {}))
        ids.append(begun["execution_id"])
    began = time.perf_counter()
    for number in range(count):
        reader, writer = await asyncio.open_connection(host, int(port))
        path = f"/api/v1/executions/{ids[number % len(ids)]}/events"
        asked = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: text/event-stream\r\n\r\n"
        writer.write(asked.encode())
        streams.append((reader, writer))
    heard = await asyncio.gather(*(said(reader, b"event: status", 60) for reader, _ in streams))
    connected = time.perf_counter() - began
    began = time.perf_counter()
    await one.post("/rpc", call("get_execution", {"execution_id": told["done"]}, meta=False), {})
    beside = (time.perf_counter() - began) * 1000
    began = time.perf_counter()
    for execution in ids:
        await one.post(f"/api/v1/executions/{execution}/signals/go", {}, {})
    ended = await asyncio.gather(*(said(reader, b"event: end", 60) for reader, _ in streams))
    last = time.perf_counter() - began
    for _, writer in streams:
        writer.close()
    one.leave()
    return {
        "connected": sum(heard),
        "seconds_to_connect": round(connected, 2),
        "call_beside_ms": round(beside, 1),
        "heard_the_end": sum(ended),
        "seconds_to_the_last": round(last, 2),
    }


async def said(reader: asyncio.StreamReader, words: bytes, seconds: float) -> bool:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while line := await reader.readline():
                if words in line:
                    return True
    return False


async def leavers(told: dict[str, str], count: int) -> dict[str, Any]:
    """Clients that ask for something long and die; what still runs of them a little later."""
    one = Caller(told["ours"])
    waiting = json.loads(await one.post("/api/v1/executions", {"source": "DELAY 600\n"}, {}))["execution_id"]
    before = json.loads(await one.post("/bench", {}, {}, "GET"))
    body = call("get_execution", {"execution_id": waiting, "wait_seconds": 20}, meta=True)
    dying = [Caller(told["ours"]) for _ in range(count)]
    for caller in dying:
        asking = asyncio.create_task(caller.post("/mcp", body, modern("get_execution")))
        await asyncio.sleep(0.005)
        asking.cancel()
        caller.leave()
    left, seconds = count, 0.0
    began = time.perf_counter()
    while left > 0 and seconds < 10:
        now = json.loads(await one.post("/bench", {}, {}, "GET"))
        left = max(0, now["tasks"] - before["tasks"]) + now["detached"]
        seconds = time.perf_counter() - began
        await asyncio.sleep(0.05)
    one.leave()
    return {"died": count, "still_running": left, "seconds": round(seconds, 2)}


async def main(arguments: argparse.Namespace) -> int:
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    quick = arguments.quick
    with tempfile.TemporaryDirectory(prefix="faces") as folder:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.benchmarks.faces", "--serve", folder,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert process.stdin is not None and process.stdout is not None
        told = json.loads(await process.stdout.readline())
        try:
            found: dict[str, Any] = {"get_execution": await costs(told, 100 if quick else 1500)}
            if not arguments.costs:
                found["subscribers"] = await subscribers(told, 100 if quick else 1000)
                found["leavers"] = await leavers(told, 10 if quick else 100)
        finally:
            process.stdin.close()
            await process.wait()
    found["wanted"] = {"ratio": WANTED, "still_running": 0}
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--costs", action="store_true", help="only what a call costs")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        uvloop.run(serve(given.serve))  # as `botmcp serve` runs, for all of them
    else:
        sys.exit(asyncio.run(main(given)))
