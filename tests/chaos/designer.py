"""Random gestures in a browser: `python -m tests.chaos.designer [--gestures N] [--seed N] [--quick]`.

After each of them (gestures, keys, typing, forms, undo, redo, folding, edits by another tab) what the page shows is
compared with what a fresh page shows: drawing, code, what there is to mend. Prints one JSON object.
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
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from playwright.async_api import Error, async_playwright

from tests.designer.editor import Editor, editor
from tests.designer.wandering import Wanderer

ROOT = Path(__file__).parents[2]
GESTURES, QUICK, EACH = 1_000, 60, 40  # of each program so many
LONGEST = 160  # lines of a program
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]


def programs() -> list[tuple[str, str, str]]:
    """Name, package and text of the shipped programs."""
    found: list[tuple[str, str, str]] = []
    for path in sorted((ROOT / "bottemplates").rglob("*.bas")):
        package = next(part for part in path.parts if part.endswith(".gbai")).removesuffix(".gbai")
        text = path.read_text("utf-8")
        if text.count("\n") <= LONGEST:
            found.append((f"{package} {path.stem}", package, text))
    return found


async def wandered(served: Editor, gestures: int, seed: int) -> dict[str, Any]:
    """So many gestures on as many programs as that takes."""
    chance = random.Random(seed)
    done: Counter[str] = Counter()
    wrong: list[str] = []
    began = time.perf_counter()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        all_ = programs()
        chance.shuffle(all_)
        turn = 0
        while done.total() < gestures and len(wrong) < 20:
            name, package, text = all_[turn % len(all_)]
            turn += 1
            address = await served.draft(text, f"{name} {turn}", package)
            context = await browser.new_context(viewport={"width": 1440, "height": 900})
            pages = [await context.new_page(), await context.new_page()]
            for page in pages:
                page.set_default_timeout(20_000)
                page.on("pageerror", lambda error, name=name: wrong.append(f"{name}: script: {error}"))
                await page.goto(address)
                await page.wait_for_function("() => window.canvas")
            wanderer = Wanderer(served, pages[0], pages[1], UUID(address.rpartition("/")[2]), chance)
            try:
                for _ in range(EACH * 4):
                    if wanderer.done.total() >= min(EACH, gestures - done.total()):
                        break
                    await wanderer.turn()
            except (AssertionError, Error) as error:
                wrong.append(f"{name}, turn {wanderer.done.total()}: {error}"[:1_500])
                print(wrong[-1], file=sys.stderr)
            done += wanderer.done
            print(f"{done.total():,} gestures, {len(wrong)} wrong", file=sys.stderr)
            await context.close()
        await browser.close()
    seconds = round(time.perf_counter() - began, 1)
    return {"seed": seed, "programs": turn, "gestures": done.total(), "by kind": dict(done), "wrong": wrong,
            "seconds": seconds}  # fmt: skip


async def main_async(gestures: int, seed: int) -> dict[str, Any]:
    home = Path(tempfile.mkdtemp(prefix="designer-chaos-"))
    try:
        async with editor(home) as served:
            return await wandered(served, gestures, seed)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def main() -> None:
    """Reads the arguments, wanders, prints; ends with 1 when something was wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gestures", type=int, default=GESTURES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    found = asyncio.run(main_async(QUICK if asked.quick else asked.gestures, asked.seed))
    print(json.dumps(found, indent=2, ensure_ascii=False))
    sys.exit(bool(found["wrong"]))


if __name__ == "__main__":
    main()
