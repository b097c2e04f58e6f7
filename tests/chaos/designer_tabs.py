"""Several tabs on one workflow at once: `python -m tests.chaos.designer_tabs [--edits N] [--tabs N] [--quick]`.

Each tab types lines, new ones and marks at the ends of lines that others mark too, and adds steps by gesture, none
waiting for the others; one after the other loses its connection for a while and goes on working, and answers get lost
on their way. In the end every mark must be there, or have been shown as a conflict with both texts; every line and step
exactly once (of a line that two have marked at once both stand); and all tabs must show the stored text. Prints JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from playwright.async_api import Browser, Page, Route, async_playwright

from tests.chaos.designer import FLAGS
from tests.designer.editor import Editor, editor

EDITS, QUICK, BRANCHES = 1_000, 60, 12
CLASH = "() => document.querySelector('dialog.clash[open] pre')?.textContent ?? ''"
SAVED = """async () => {
  document.getElementById("text").blur();
  do await canvas.queue(); while (canvas.unsent());
  return canvas.saved();
}"""
TYPE = """([words, mark]) => {
  const text = document.getElementById("text");
  text.focus();
  const rows = text.value.split("\\n");
  const at = rows.findIndex((row) => row.includes(words));
  if (at < 0) return false;
  const end = rows.slice(0, at + 1).join("\\n").length;
  text.setRangeText(mark, end, end, "end");
  text.dispatchEvent(new Event("input"));
  return true;
}"""


def program() -> str:
    """Lines that all tabs change."""
    lines = [f'  IF x > {n} THEN\n    TALK "a{n}"\n    TALK "b{n}"\n  END IF\n' for n in range(BRANCHES)]
    return f'ORCHESTRATE WORKFLOW "tabs"\n{"".join(lines)}END WORKFLOW\n'


@dataclass(slots=True)
class Tab:
    """One person with a page of their own; `marks` is what they wrote, `told` what was shown to them as a conflict."""

    page: Page
    name: str
    chance: random.Random
    marks: list[str] = field(default_factory=list[str])
    behind: set[str] = field(default_factory=set[str])  # at the end of a line: where two marked it, both lines stand
    told: list[str] = field(default_factory=list[str])
    done: Counter[str] = field(default_factory=Counter[str])
    lossy: bool = False

    async def work(self, edits: int) -> None:
        """So many edits, some of them while nothing can be reached."""
        await self.page.route("**/edits", lambda route: self._passed(route))
        for turn in range(edits):
            if turn % 40 == 25:
                await self.page.context.set_offline(True)
            if turn % 40 == 33:
                await self.page.context.set_offline(False)
            self.lossy = turn % 20 == 10
            await self._edit(f"{self.name}{turn}")
            if self.chance.random() < 0.5:
                await self.page.wait_for_timeout(self.chance.randrange(250))
            await self._conflicts()
        self.lossy = False
        await self.page.context.set_offline(False)

    async def settled(self) -> None:
        """Everything is sent and answered, or shown as a conflict."""
        while not await self.page.evaluate(SAVED):
            await self._conflicts()
            await self.page.wait_for_timeout(50)
        await self._conflicts()

    async def _passed(self, route: Route) -> None:
        if self.lossy:
            self.lossy = False
            self.done["answers lost"] += 1
            await route.fetch()  # it arrives, and is made; the answer does not come back
            await route.abort("connectionreset")
        else:
            await route.continue_()

    async def _edit(self, mark: str) -> None:
        at, way = self.chance.randrange(BRANCHES), self.chance.random()
        if way < 0.3:
            did = await self.page.evaluate(TYPE, [f"IF x > {at} ", f'\n    TALK "<{mark}>"'])
            self._did("typed a line", mark, did)
        elif way < 0.6:
            which = self.chance.choice(("a", "b"))
            did = await self.page.evaluate(TYPE, [f'TALK "{which}{at}"', f" ' <{mark}>"])
            self._did("typed behind a line", mark, did)
        else:
            faces = await self.page.evaluate(
                "() => [...document.querySelectorAll('#flow .block > .face')].map((face) => +face.id.slice(1))"
            )
            gesture = {"op": "insert", "item": "say", "value": f"<{mark}>", "at": {"after": self.chance.choice(faces)}}
            await self.page.evaluate("(gesture) => void canvas.send(gesture)", gesture)
            self._did("added a step", mark, True)

    def _did(self, what: str, mark: str, did: bool) -> None:
        self.done[what] += did
        if did:
            self.marks.append(f"<{mark}>")
        if what == "typed behind a line":
            self.behind.add(f"<{mark}>")

    async def _conflicts(self) -> None:
        mine = await self.page.evaluate(CLASH)
        if mine:
            self.told.append(mine)
            self.done["conflicts shown"] += 1
            await self.page.click("dialog.clash[open] [data-drop]")


async def together(browser: Browser, served: Editor, tabs: int, edits: int, seed: int) -> dict[str, Any]:
    """So many edits by so many tabs at once."""
    address = await served.draft(program(), f"{tabs} tabs")
    people: list[Tab] = []
    for n in range(tabs):
        page = await (await browser.new_context(viewport={"width": 1440, "height": 900})).new_page()
        await page.goto(address)
        await page.wait_for_function("() => window.canvas?.saved")
        people.append(Tab(page, chr(ord("p") + n), random.Random(seed * 100 + n)))
    began = time.perf_counter()
    await asyncio.gather(*(tab.work(edits // tabs) for tab in people))
    await asyncio.gather(*(tab.settled() for tab in people))
    draft = await served.app.drafts.get(served.caller, UUID(address.rpartition("/")[2]))
    shown: list[bool] = []
    for tab in people:
        await tab.page.wait_for_function("(seq) => +document.getElementById('stand').dataset.seq >= seq", arg=draft.seq)
        shown.append((await tab.page.input_value("#text")).rstrip("\n") == draft.source.rstrip("\n"))
    lost, doubled = missing(people, draft.source)
    return {
        "tabs": tabs,
        "edits": sum(len(tab.marks) for tab in people),
        "by kind": dict(sum((tab.done for tab in people), Counter[str]())),
        "lost": lost,
        "doubled": doubled,
        "tabs that show another text": shown.count(False),
        "seconds": round(time.perf_counter() - began, 1),
    }


def missing(people: Sequence[Tab], text: str) -> tuple[list[str], list[str]]:
    """Marks that are neither in the text nor were shown as a conflict; and lines and steps that are there twice."""
    marks = [(tab, mark) for tab in people for mark in tab.marks]
    lost = [mark for tab, mark in marks if mark not in text and not any(mark in told for told in tab.told)]
    return lost, [mark for tab, mark in marks if text.count(mark) > 1 and mark not in tab.behind]


async def measured(edits: int, tabs: Sequence[int], seed: int) -> list[dict[str, Any]]:
    home = Path(tempfile.mkdtemp(prefix="designer-tabs-"))
    try:
        async with async_playwright() as playwright, editor(home) as served:
            browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
            found = [await together(browser, served, n, edits, seed) for n in tabs]
            await browser.close()
            return found
    finally:
        shutil.rmtree(home, ignore_errors=True)


def main() -> None:
    """Reads the arguments, lets the tabs work, prints; ends with 1 when something was wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--edits", type=int, default=EDITS)
    parser.add_argument("--tabs", type=int, action="append", help="how many at once; may be given more than once")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    found = asyncio.run(measured(QUICK if asked.quick else asked.edits, asked.tabs or (2, 3), asked.seed))
    print(json.dumps(found, indent=2))
    sys.exit(any(one["lost"] or one["doubled"] or one["tabs that show another text"] for one in found))


if __name__ == "__main__":
    main()
