"""The designer in one browser beside its neighbours: `python tests/benchmarks/designer.py [--peers FOLDER] [--quick]`.

    gesture     milliseconds from a gesture to the next frame after its answer is drawn, p50 and p95
    ready       milliseconds from a cold start of the page until its steps are drawn and can be worked with, median
    weight      bytes on the wire, packed: scripts, style, the page; and requests that left this machine
    tasks       gestures, and seconds by the keystroke-level model, for tasks that a newcomer is given; a stand-in for
                people, of whom none were measured

Prints one JSON object. Times depend on the machine (`load` tells how busy it was): the ratios to the neighbours, which
run in the same browser at the same time, do not.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:] = [str(ROOT), *(entry for entry in sys.path if Path(entry or ".").resolve() != Path(__file__).parent)]

import structlog  # noqa: E402 - the path is set above
from playwright.async_api import Browser, Page, Response, async_playwright  # noqa: E402 - the path is set above

from mcp_server import garbage  # noqa: E402 - the path is set above
from tests.benchmarks import designer_tasks as tasks  # noqa: E402 - the path is set above
from tests.benchmarks.designer_hand import Hand  # noqa: E402 - the path is set above
from tests.benchmarks.designer_peers import node_red, react_flow  # noqa: E402 - the path is set above
from tests.designer.editor import Editor, editor  # noqa: E402 - the path is set above

PARTS = ("gestures", "ready", "tasks")
QUICK_TASKS = frozenset({"first edit", "a condition with two branches"})
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
READY = """([selector, count, script]) => new Promise((done) => {
  const look = () => document.querySelectorAll(selector).length >= count && (!script || window[script]?.send)
    ? requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now())))
    : performance.now() > 40000 ? done(-1) : setTimeout(look, 4);
  look();
})"""
GESTURE = """async (gesture) => {
  const began = performance.now();
  await (gesture.op === "undo" ? canvas.asked("POST", "/undo", () => ({})) : canvas.send(gesture));
  await new Promise((done) => requestAnimationFrame(done));
  return performance.now() - began;
}"""


def program(steps: int) -> str:
    """A program of so many cards, a third of them in branches."""
    lines = ['ORCHESTRATE WORKFLOW "measured"\n']
    for n in range((steps - 1) // 5):
        lines.append(f"  total{n} = {n}\n  IF total{n} > 3 THEN\n")
        lines.append(f'    BOT "triage" "Look at {n}"\n    TALK "seen {n}"\n  ELSE\n    TALK "no {n}"\n  END IF\n')
    lines.append("END WORKFLOW\n")
    return "".join(lines)


async def gestures(browser: Browser, served: Editor, steps: int, rounds: int) -> dict[str, Any]:
    """Milliseconds of gestures on a program of so many steps."""
    page = await (await browser.new_context(viewport={"width": 1440, "height": 900})).new_page()
    await page.goto(await served.draft(program(steps), f"measured {steps}"))
    await page.evaluate(READY, ["#flow .face", steps - 6, "canvas"])
    cards = await page.evaluate(
        "() => [...document.querySelectorAll('#flow .flow .flow .flow .step')].map((c) => +c.id.slice(1))"
    )
    ways = await page.evaluate("() => [...document.querySelectorAll('#flow .block .begin')].map((c) => +c.id.slice(1))")
    found: dict[str, list[float]] = {}
    for turn in range(rounds + 3):
        card, way = cards[turn * 7 % len(cards)], ways[turn * 11 % len(ways)]
        for name, gesture in (
            ("insert", {"op": "insert", "item": "say", "at": {"first": way}}),
            ("move", {"op": "move", "node": card, "at": {"first": way}}),
            ("set", {"op": "set", "node": card, "field": "message", "value": f"turn {turn}"}),
            ("code", {"op": "code", "after": card, "text": f'    TALK "typed {turn}"\n'}),
            ("undo", {"op": "undo"}),
        ):
            took = await page.evaluate(GESTURE, gesture)
            if turn >= 3:
                found.setdefault(name, []).append(took)
    await page.context.close()
    each = [took for all_ in found.values() for took in all_]
    return {"all": _spread(each), **{name: _spread(took) for name, took in found.items()}}


async def ready(browser: Browser, address: str, selector: str, count: int, script: str, rounds: int) -> dict[str, Any]:
    """Milliseconds until a page is ready, and what it fetches, each time with an empty cache."""
    times: list[float] = []
    weights: dict[str, int] = {}
    for _ in range(rounds):
        context = await browser.new_context(viewport={"width": 1440, "height": 900})
        page = await context.new_page()
        found: list[Response] = []
        page.on("response", lambda response, kept=found: kept.append(response))
        await page.goto(address, wait_until="commit")
        times.append(await page.evaluate(READY, [selector, count, script]))
        weights = await _weights(found)
        await context.close()
    return {"ms": round(statistics.median(times)), "runs": [round(t) for t in times], **weights}


async def _weights(found: Sequence[Response]) -> dict[str, int]:
    sizes: dict[str, int] = {"js": 0, "css": 0, "html": 0, "requests": 0, "off host": 0}
    for response in found:
        if response.url.startswith("data:") or response.url.endswith("/stream"):
            continue
        sizes["requests"] += 1
        sizes["off host"] += not response.url.startswith("http://127.0.0.1:")
        kind = (response.headers.get("content-type") or "").partition(";")[0]
        name = {"text/javascript": "js", "application/javascript": "js", "text/css": "css", "text/html": "html"}.get(
            kind
        )
        length = response.headers.get("content-length")
        if name:
            sizes[name] += int(length) if length else len(await response.body())
    return sizes


async def newcomer(browser: Browser, served: Editor, red: str | None, quick: bool) -> dict[str, Any]:
    """The tasks, here and in Node-RED."""
    found: dict[str, Any] = {}
    for task in tasks.TASKS:
        page = await _tab(browser)
        await page.goto(await served.draft(task.text, task.name))
        await page.evaluate(READY, ["#flow .face", 1, "canvas"])
        hand = Hand(page)
        await task.do(hand)
        code = await page.input_value("#text")
        done = all(part in code for part in task.wanted)
        found[task.name] = {
            "done": done,
            "gestures": hand.gestures,
            "at most": tasks.MOST[task.name],
            "klm s": round(hand.seconds, 1),
        }
        await page.context.close()
        if red and task.name in tasks.RED and (not quick or task.name in QUICK_TASKS):
            page = await _tab(browser)
            await tasks.red_ready(page, red)
            other = Hand(page)
            await tasks.RED[task.name](tasks.Red(other))
            found[task.name]["Node-RED"] = {"gestures": other.gestures, "klm s": round(other.seconds, 1)}
            found[task.name]["ratio"] = round(hand.seconds / other.seconds, 2)
            await page.context.close()
    return found


async def _tab(browser: Browser) -> Page:
    page = await (await browser.new_context(viewport={"width": 1600, "height": 1000})).new_page()
    page.set_default_timeout(15_000)
    return page


async def measured(peers: Path, parts: frozenset[str], quick: bool) -> dict[str, Any]:
    """Everything that is asked for, in one browser."""
    rounds, colds = (4, 2) if quick else (30, 5)
    home = Path(tempfile.mkdtemp(prefix="designer-"))
    found: dict[str, Any] = {"load": [round(os.getloadavg()[0], 1)]}
    try:
        async with async_playwright() as playwright, editor(home / "ours") as served:
            garbage.settled()  # as `botmcp serve` does once it has started
            browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
            if "gestures" in parts:
                sizes = (200, 1000)
                found["gesture ms"] = {n: await gestures(browser, served, n, rounds) for n in sizes}
            if "ready" in parts:
                found |= await pages(browser, served, peers, home, colds)
            if "tasks" in parts:
                async with node_red(peers, home / "red-empty", 0) as red:
                    found["tasks"] = await newcomer(browser, served, red, quick)
            await browser.close()
            found["load"].append(round(os.getloadavg()[0], 1))
            return found
    finally:
        shutil.rmtree(home, ignore_errors=True)


async def pages(browser: Browser, served: Editor, peers: Path, home: Path, colds: int) -> dict[str, Any]:
    """The page of 200 steps and its neighbours, cold."""
    address = await served.draft(program(200), "ready")
    async with react_flow(peers, 200) as flow, node_red(peers, home / "red", 200) as red:
        shown = {"ours": await ready(browser, address, "#flow .face", 196, "canvas", colds)}
        if flow:
            shown["React Flow"] = await ready(browser, flow, ".react-flow__node", 200, "", colds)
        if red:
            shown["Node-RED"] = await ready(browser, red, ".red-ui-flow-node-group", 200, "", min(colds, 3))
    ours = shown["ours"]["ms"]
    return {
        "ready": shown,
        "missing": [name for name, there in (("React Flow", flow), ("Node-RED", red)) if not there],
        "of React Flow": round(ours / shown["React Flow"]["ms"], 2) if flow else None,
        "faster than Node-RED": round(shown["Node-RED"]["ms"] / ours, 1) if red else None,
    }


def _spread(values: Sequence[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {"p50": round(statistics.median(ordered), 1), "p95": round(ordered[int(len(ordered) * 0.95)], 1)}


def main() -> None:
    """Reads the arguments, measures, prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--peers", type=Path, default=Path("node_modules").parent, help="where npm has put the neighbours"
    )
    parser.add_argument("--only", choices=PARTS, action="append", help="a part of it; may be given more than once")
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    print(
        json.dumps(asyncio.run(measured(asked.peers.resolve(), frozenset(asked.only or PARTS), asked.quick)), indent=2)
    )


if __name__ == "__main__":
    main()
