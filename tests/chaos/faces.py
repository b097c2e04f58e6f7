"""A fuzzer over MCP at /mcp and /rpc, and REST: `python -m tests.chaos.faces [--seconds 600] [--seed N]`.

It sends what nobody should send (broken JSON, wrong types, giants, odd characters, torn requests, clients that leave)
beside what fits nearly. Nothing may answer 500, hang, show the inside of the program, or leave an error in the log of
the server. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2

from keywords.host import ProgramText
from mcp_server import http, listening_server, logs
from mcp_server.app import App, open_app
from mcp_server.mcp_face.catalogue import TOOLS
from mcp_server.rest.api import TABLE
from mcp_server.rest.table import Operation
from mcp_server.settings import read

TOKEN = "the-token-of-the-fuzzer"
SECONDS = 40.0  # an answer that takes longer is a hang: the longest wait a caller may ask for is 20
INSIDE = ("Traceback (most recent", 'File "/', "psycopg.", "site-packages", "pydantic_core", "botmcp itself failed")
WORDS = (
    *("", " ", "a", "0", "-1", "null", "true", "*", ">", "..", "../../etc/passwd", "%00", "\x00", "\n", "\r\n", "\t"),
    *("\ud800", "￿", "ﷺ" * 50, "𝕏" * 40, "é" * 300, "'; drop table x; --", "${x}", "{{7*7}}", "<script>", "%s%n"),
    *(
        "A" * 5_000,
        "9" * 400,
        "1e999",
        "NaN",
        "2026-13-45",
        "2026-11-22T10:00:00Z",
        "00000000-0000-0000-0000-000000000000",
    ),
    *(
        'TALK "x"\n',
        "FOR i = 1 TO 3\nNEXT\n",
        "IF (((((\n",
        "STEP 1: BOT\n",
        'x = "' + "a" * 3_000,
        "RETURN " + "(" * 200,
    ),
)
NUMBERS = (0, 1, -1, 2**31, -(2**31) - 1, 2**53 + 1, 2**63, 10**40, 0.5, -0.0, 1e308, 1e-320)


def anything(chance: random.Random, depth: int = 0) -> Any:
    """A JSON value that may be anything."""
    kind = chance.randrange(8 if depth < 4 else 5)
    if kind < 3:
        return chance.choice(WORDS)
    if kind == 3:
        return chance.choice(NUMBERS)
    if kind == 4:
        return chance.choice((None, True, False))
    if kind == 5:
        return [anything(chance, depth + 1) for _ in range(chance.randrange(4))]
    return {str(chance.choice(WORDS))[:40]: anything(chance, depth + 1) for _ in range(chance.randrange(4))}


def fitting(schema: Any, chance: random.Random) -> Any:
    """A value that fits the schema mostly; here and there it does not."""
    if chance.random() < 0.12 or not isinstance(schema, dict):
        return anything(chance)
    found: dict[str, Any] = schema
    if "enum" in found:
        return chance.choice(found["enum"])
    if "const" in found:
        return found["const"]
    if kinds := found.get("anyOf"):
        return fitting(chance.choice(kinds), chance)
    match found.get("type"):
        case "object":
            wanted, needed = found.get("properties", {}), set(found.get("required", ()))
            return {k: fitting(s, chance) for k, s in wanted.items() if k in needed or chance.random() < 0.4}
        case "array":
            return [fitting(found.get("items"), chance) for _ in range(chance.randrange(3))]
        case "integer":
            return chance.choice((0, 1, 2, 5, 20, -1, 2**40))
        case "number":
            return chance.choice((0, 0.01, 0.5, 1, -1, 1e300))
        case "boolean":
            return chance.random() < 0.5
        case "string":
            return chance.choice(WORDS)
        case _:
            return anything(chance)


def torn(body: bytes, chance: random.Random) -> bytes:
    """The bytes with something wrong in them."""
    at = chance.randrange(len(body) + 1)
    return (body[:at], body[:at] + chance.randbytes(3) + body[at:], body[at:], body * 2, b"[" * 3_000 + body)[
        chance.randrange(5)
    ]


class Fuzzer:
    """Sends, and judges what comes back."""

    def __init__(self, app: App, web: httpx2.AsyncClient, seed: int) -> None:
        self._app, self._web, self._chance = app, web, random.Random(seed)
        self._ids = ["00000000-0000-4000-8000-000000000000"]
        self._schemas = {tool.name: {} for tool in TOOLS}
        self.statuses: Counter[int] = Counter()
        self.sent: Counter[str] = Counter()
        self.faults: list[dict[str, Any]] = []
        self.slowest = 0.0

    async def begin(self) -> None:
        """Learn the tools' schemas, and have something to ask about."""
        listed = await self._web.post("/rpc", json={"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}})
        self._schemas = {tool["name"]: tool["inputSchema"] for tool in listed.json()["result"]["tools"]}
        owner = self._app.caller("fuzzer", "")
        for source in ('STEP 1: HUMAN APPROVAL FROM "lead" TIMEOUT 36000\n', "HEAR x\n", "RETURN 1\n"):
            self._ids.append(str(await self._app.operations.start(owner, ProgramText(source, "fuzzed"))))
        self._ids.append(str((await self._app.drafts.create(owner, "fuzzed", "TALK 1\n")).id))

    async def once(self) -> None:
        """One request of some kind."""
        kind = self._chance.choices(("rest", "tool", "rpc", "raw", "leave"), (50, 30, 10, 8, 2))[0]
        self.sent[kind] += 1
        await {"rest": self._rest, "tool": self._tool, "rpc": self._rpc, "raw": self._raw, "leave": self._leave}[kind]()

    def _named(self, name: str) -> str:
        if name in ("execution", "approval", "event", "workflow", "subscription") and self._chance.random() < 0.7:
            return self._chance.choice(self._ids)
        if name in ("bot", "package") and self._chance.random() < 0.6:
            return self._chance.choice(("customer-support", "customer-support/triage", "fuzzed"))
        return self._chance.choice(WORDS) or "x"

    def _address(self, operation: Operation) -> str:
        parts = [
            quote(self._named(part[1:-1]), safe="", errors="replace") if part.startswith("{") else part
            for part in operation.segments
        ]
        path = "/api/v1/" + "/".join(parts)
        if operation.query is not None and self._chance.random() < 0.6:
            rows = operation.query.model_json_schema()["properties"]
            given = [f"{name}={quote(str(fitting(row, self._chance)), errors='replace')}" for name, row in rows.items()
                     if self._chance.random() < 0.5]  # fmt: skip
            path += "?" + "&".join(given)
        return path

    async def _rest(self) -> None:
        operation = self._chance.choice(TABLE)
        method = operation.method if self._chance.random() < 0.95 else self._chance.choice(("PUT", "TRACE", "DELETE"))
        headers: dict[str, str] = {}
        if operation.match and self._chance.random() < 0.8:
            headers["If-Match"] = self._chance.choice(("*", '"x"', "x", '""', '"' + "a" * 3_000 + '"'))
        if operation.once and self._chance.random() < 0.3:
            headers["Idempotency-Key"] = self._chance.choice(("k", "k2", "", "a" * 500))
        body = b""
        if operation.body is not None:
            schema = operation.body.model_json_schema()
            value = fitting({**schema, "type": "object"}, self._chance)
            body = json.dumps(value).encode("utf-8", "replace")
            headers["Content-Type"] = operation.takes[0] if self._chance.random() < 0.95 else "text/plain"
        elif operation.takes != ("application/json",):
            body = self._chance.choice(WORDS).encode("utf-8", "replace")
            headers["Content-Type"] = operation.takes[0]
        if body and self._chance.random() < 0.06:
            body = torn(body, self._chance)
        await self._send(method, self._address(operation), headers, body)

    def _arguments(self, tool: str) -> Any:
        value = fitting(self._schemas[tool], self._chance)
        if isinstance(value, dict):
            given: dict[str, Any] = value
            if "execution_id" in given and self._chance.random() < 0.7:
                given["execution_id"] = self._chance.choice(self._ids)
            if isinstance(given.get("wait_seconds"), int | float):
                given["wait_seconds"] = self._chance.choice((0, 0.01, -1, 10**9))
        return value

    async def _tool(self) -> None:
        tool = self._chance.choice(sorted(self._schemas))
        params = {"name": tool, "arguments": self._arguments(tool)}
        await self._call({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})

    async def _rpc(self) -> None:
        methods = (
            *("tools/list", "resources/read", "resources/list", "prompts/get", "completion/complete", "tasks/get"),
            *("tasks/cancel", "initialize", "ping", "resources/templates/list", "nothing", "", "tools/call"),
        )
        method = self._chance.choice(methods)
        uris = (
            "workflow://executions/" + self._chance.choice(self._ids),
            "memory://a/b",
            "bots://",
            "x",
            "memory://%ff/%",
        )
        params: Any = {"uri": self._chance.choice(uris)} if method == "resources/read" else anything(self._chance)
        await self._call({"jsonrpc": self._chance.choice(("2.0", "2.0", "1.0")), "id": anything(self._chance),
                          "method": method, "params": params})  # fmt: skip

    async def _call(self, message: dict[str, Any]) -> None:
        """Over one of the two doors; at /mcp in the stateless protocol era."""
        body = json.dumps(message).encode("utf-8", "replace")
        if self._chance.random() < 0.05:
            body = torn(body, self._chance)
        headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
        if self._chance.random() < 0.5:
            await self._send("POST", "/rpc", headers, body)
            return
        name = message.get("params", {}).get("name", "") if isinstance(message.get("params"), dict) else ""
        headers |= {"MCP-Protocol-Version": self._chance.choice(("2026-07-28", "2025-06-18", "x")),
                    "Mcp-Method": str(message["method"])[:50], "Mcp-Name": str(name)[:50]}  # fmt: skip
        await self._send("POST", "/mcp", {k: v.encode("ascii", "ignore").decode() for k, v in headers.items()}, body)

    async def _raw(self) -> None:
        path = self._chance.choice(("/api/v1/executions", "/mcp", "/rpc", "/events/x", "/inbox/decide", "/tools/call"))
        body = self._chance.choice((b"", b"{", b"null", b"[]", b"\xff\xfe", b'{"a":' * 2_000, b"0" * 100_000,
                                    self._chance.randbytes(200)))  # fmt: skip
        kind = self._chance.choice(
            ("application/json", "text/plain", "", "application/x-www-form-urlencoded", "a/b; c=\\")
        )
        await self._send("POST", path, {"Content-Type": kind}, body)

    async def _leave(self) -> None:
        """A client that goes in the middle of its request, or before its answer."""
        port = self._web.base_url.port or 80
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = f"POST /api/v1/executions HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {TOKEN}\r\n"
        head += "Content-Type: application/json\r\nContent-Length: 500\r\n\r\n"
        writer.write(head.encode() + b'{"source": "TALK 1\\n"' + (b" " * 479 if self._chance.random() < 0.5 else b""))
        await writer.drain()
        writer.close()
        del reader

    async def _send(self, method: str, path: str, headers: dict[str, str], body: bytes, *, again: bool = True) -> None:
        began = time.monotonic()
        told: dict[str, Any] = {"method": method, "path": path[:300], "body": body[:600].decode("utf-8", "replace")}
        try:
            async with (
                asyncio.timeout(SECONDS),
                self._web.stream(method, path, headers=headers, content=body) as answer,
            ):
                pieces = bytearray()
                async for piece in answer.aiter_bytes():
                    pieces += piece
                    if answer.headers.get("content-type", "").startswith("text/event-stream") and b"\n\n" in pieces:
                        break
                status, text = answer.status_code, bytes(pieces).decode("utf-8", "replace")
        except TimeoutError:
            self.faults.append({**told, "fault": f"no answer within {SECONDS:.0f} s"})
            return
        except (httpx2.InvalidURL, httpx2.LocalProtocolError, UnicodeEncodeError):
            return  # the client itself would not send it
        except httpx2.HTTPError as error:
            if again:  # the server may close a kept connection at any moment, as this one may have been
                await self._send(method, path, {**headers, "Connection": "close"}, body, again=False)
                return
            self.faults.append({**told, "fault": f"the connection broke: {error!r}"})
            return
        self.slowest = max(self.slowest, time.monotonic() - began)
        self.statuses[status] += 1
        inside = next((word for word in INSIDE if word in text), None)
        if status >= 500 and status != 503:
            self.faults.append({**told, "fault": f"status {status}", "answer": text[:600]})
        elif inside:
            self.faults.append({**told, "fault": f"shows {inside!r}", "answer": text[:600]})


async def fuzz(
    app: App, address: str, seed: int, enough: Callable[[int, float], bool], workers: int = 8
) -> dict[str, Any]:
    """Send until it is enough; what was found."""
    limits = httpx2.Limits(max_connections=workers * 2)
    headers = {"Authorization": f"Bearer {app.settings.token}"}
    async with httpx2.AsyncClient(base_url=address, headers=headers, limits=limits, timeout=None) as web:
        fuzzer = Fuzzer(app, web, seed)
        await fuzzer.begin()
        began = time.monotonic()

        async def work() -> None:
            while not enough(fuzzer.sent.total(), time.monotonic() - began) and len(fuzzer.faults) < 50:
                await fuzzer.once()

        await asyncio.gather(*(work() for _ in range(workers)))
        alive = (await web.get("/readyz")).status_code == 200
    return {
        "seed": seed,
        "sent": fuzzer.sent.total(),
        "kinds": dict(fuzzer.sent),
        "statuses": {str(status): count for status, count in sorted(fuzzer.statuses.items())},
        "slowest_seconds": round(fuzzer.slowest, 2),
        "seconds": round(time.monotonic() - began, 1),
        "alive": alive,
        "faults": fuzzer.faults,
    }


async def main(arguments: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory(prefix="faces") as folder:
        settings = read({"BOTMCP_HOME": str(Path(folder) / "home"), "BOTMCP_PORT": "0", "BOTMCP_TOKEN": TOKEN,
                         "BOTMCP_LOG_LEVEL": "error"})  # fmt: skip
        file = logs.to_file(settings, "serve")  # as it is served: drawn in colours, a traceback stops it for a second
        async with (
            open_app(settings, "serve") as app,
            listening_server.serving(http.application(app), "127.0.0.1", 0, ()) as address,
        ):
            found = await fuzz(app, address, arguments.seed, lambda _, seconds: seconds >= arguments.seconds)
            found["logged"] = logged(file)
    print(json.dumps(found))
    return 1 if found["faults"] or found["logged"] or not found["alive"] else 0


def logged(file: Path) -> list[str]:
    """What the server's own log calls an error, or shows a traceback of: callers may cause none."""
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    return [line[:2_000] for line in lines if '"level": "error"' in line or "Traceback (most recent" in line][:50]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_const", const=30.0, dest="seconds")
    sys.exit(asyncio.run(main(parser.parse_args())))
