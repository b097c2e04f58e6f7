"""Every page of the designer in a real browser: python -m tests.designer.screenshots [--to DIR] [--axe FILE]

Writes the pictures that docs/ shows. With `--axe node_modules/axe-core/axe.min.js` (npm pack axe-core) each page is
looked at by axe (WCAG 2.0 to 2.2, A and AA) in each look: light, dark, phone. Requests off this host are counted in any
case. One JSON object on stdout: pages, violations, requests elsewhere, messages of the console.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.async_api import Browser, Page, async_playwright

from mcp_server import designing, http, listening_server, logs
from mcp_server.app import open_app
from mcp_server.settings import read
from tests.designer.stage import Staged, modelled, staged

LOOKS: Mapping[str, Mapping[str, Any]] = {
    "light": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light", "has_touch": True},
}
KEPT = {  # what docs/ shows: page, look
    ("workflows", "light"): "designer-workflows.png",
    ("canvas", "light"): "designer-canvas.png",
    ("canvas", "dark"): "designer-canvas-dark.png",
    ("run-waiting", "light"): "designer-run.png",
    ("run-branches", "phone"): "designer-phone.png",
    ("timeline", "light"): "designer-timeline.png",
    ("replay", "light"): "designer-replay.png",
    ("approvals", "light"): "designer-approvals.png",
    ("models", "light"): "designer-models.png",
    ("diff-drawing", "light"): "designer-versions.png",
}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
AXE = """async (tags) => (await axe.run(document, {runOnly: {type: "tag", values: tags}})).violations.map((one) => (
  {rule: one.id, impact: one.impact, nodes: one.nodes.slice(0, 5).map((node) => node.html.slice(0, 160))}))"""


def pages(found: Staged) -> dict[str, str]:
    """The pages by name: ordinary ones, running ones, and those that say what went wrong."""
    return {
        "workflows": "/designer",
        "canvas": f"/designer/workflows/{found.draft}",
        "canvas-empty": f"/designer/workflows/{found.empty}",
        "canvas-menu": f"/designer/workflows/{found.empty}",
        "canvas-condition": f"/designer/workflows/{found.mistaken}",
        "canvas-mistakes": f"/designer/workflows/{found.mistaken}",
        "template": "/designer/packages/customer-support/request",
        "start": "/designer/start?workflow=customer-support/request&sample=1",
        "step": f"/designer/step?run={found.completed}&line=18",
        "runs": "/designer/runs",
        "run-completed": f"/designer/runs/{found.completed}",
        "run-failed": f"/designer/runs/{found.failed}",
        "run-waiting": f"/designer/runs/{found.waiting}",
        "run-branches": f"/designer/runs/{found.branches}",
        "run-asking": f"/designer/runs/{found.asking}",
        "timeline": f"/designer/runs/{found.completed}/timeline",
        "replay": f"/designer/runs/{found.completed}/replay?at=4",
        "about": f"/designer/runs/{found.completed}/about",
        "approvals": "/designer/approvals",
        "decided": "/designer/approvals?show=decided",
        "schedules": "/designer/schedules",
        "events": "/designer/events",
        "listeners": "/designer/events?show=listeners",
        "memory": "/designer/memory",
        "memory-key": "/designer/memory/key?bot=evening%20report&key=sales.today",
        "models": "/designer/models",
        "versions": f"/designer/workflows/{found.draft}/versions?old=1&new=0",
        "diff-drawing": f"/designer/workflows/{found.draft}/versions?old=1&new=0&as=drawing",
        "embed": f"/designer/embed/{found.draft}",
        "nothing-there": "/designer/runs/00000000-0000-4000-8000-00000000dead",
        "wrong-place": "/designer/runs?after=nonsense",
    }


HANDS: Mapping[str, tuple[str, ...]] = {  # what is clicked before a page is looked at
    "canvas-menu": (".begin:last-child > .plus",),
    "canvas-condition": ("button.face:has(b:text('order.total'))",),
}


class Tour:
    """All pages in all looks, one after the other."""

    def __init__(self, address: str, axe: str, to: Path | None, every: Path | None) -> None:
        self._address, self._axe, self._to, self._every = address, axe, to, every
        self.violations: list[dict[str, Any]] = []
        self.elsewhere: list[str] = []
        self.said: list[str] = []
        self.looked = 0

    async def through(self, browser: Browser, found: Staged, way_in: str) -> None:
        for look, options in LOOKS.items():
            context = await browser.new_context(**options, locale="en-GB", reduced_motion="reduce")
            page = await context.new_page()
            page.on("request", lambda request: self._asked(request.url))
            page.on("console", lambda told: self._told(told.type, told.text))
            page.on("pageerror", lambda error: self.said.append(str(error)))
            await page.goto(way_in)
            for name, path in pages(found).items():
                await self._look(page, name, look, path)
            await context.close()

    async def _look(self, page: Page, name: str, look: str, path: str) -> None:
        answer = await page.goto(self._address + path, timeout=60_000)
        if answer is not None and answer.status >= 500:
            self.said.append(f"{name}: {answer.status}")
        for selector in HANDS.get(name, ()):
            await page.locator(selector).first.click()
        await page.wait_for_timeout(250)
        self.looked += 1
        if self._every is not None:
            await page.screenshot(path=self._every / f"{name}-{look}.png", full_page=True)
        if self._to is not None and (file := KEPT.get((name, look))):
            (self._to / file).write_bytes(small(await page.screenshot()))
        if self._axe:
            await page.evaluate(self._axe)
            found = await page.evaluate(AXE, TAGS)
            self.violations += [{"page": name, "look": look, **one} for one in found]

    def _asked(self, url: str) -> None:
        if not url.startswith((self._address, "data:", "blob:")):
            self.elsewhere.append(url)

    def _told(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and "status of 4" not in text:
            self.said.append(text)


def small(png: bytes) -> bytes:
    """The picture with few colours: a third of the bytes, and no eye sees it."""
    out = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").quantize(192, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


async def toured(axe: str, to: Path | None, every: Path | None) -> dict[str, Any]:
    """Set the stage, and go through all pages."""
    program = shutil.which("chromium")
    if not program:
        return {"missing": "chromium"}
    with tempfile.TemporaryDirectory() as folder:
        settings = read({"BOTMCP_HOME": f"{folder}/home", "BOTMCP_PORT": "0", "BOTMCP_LOG_LEVEL": "error"})
        logs.to_file(settings, "serve")
        async with open_app(settings, "serve") as app, async_playwright() as playwright:
            found = await staged(app, app.caller("stage", ""))
            await modelled(app, app.caller("stage", ""))
            async with listening_server.serving(http.application(app), "127.0.0.1", 0, ()) as address:
                quiet = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"]
                browser = await playwright.chromium.launch(executable_path=program, args=quiet)
                tour = Tour(address, axe, to, every)
                await tour.through(browser, found, designing.link(settings, address, app.now()))
                await browser.close()
    return {
        "pages": tour.looked,
        "violations": tour.violations if axe else "axe was not given",
        "requests_elsewhere": tour.elsewhere,
        "console": sorted(set(tour.said)),
    }


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--to", type=Path, default=None, help="write the pictures of docs/ there, else nowhere")
    options.add_argument("--all", type=Path, default=None, help="write all pictures there")
    options.add_argument("--axe", type=Path, default=None, help="axe.min.js")
    given = options.parse_args()
    for folder in (given.to, given.all):
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
    axe = given.axe.read_text("utf-8") if given.axe else ""
    found = asyncio.run(toured(axe, given.to, given.all))
    print(json.dumps(found, indent=1))
    return 1 if found.get("requests_elsewhere") or (axe and found.get("violations")) else 0


if __name__ == "__main__":
    sys.exit(main())
