"""Somebody who does anything at all in the editor, and what a page must show whatever was done: what a fresh one shows.

Gestures by script, by keys, by typing into the code, by filling in forms; undo and redo; folding; and the same in
another tab. The fresh page is rendered by a second house, which has seen nothing of it.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
from playwright.async_api import Page
from starlette.applications import Starlette

from designer.app import routes
from designer.draft import Draft
from designer.outline import outlined
from mcp_server.designing import doors
from tests.designer.editor import Editor
from tests.designer.studio import REGISTRY, random_gesture

SHOWN = """(html) => {
  const page = html ? new DOMParser().parseFromString(html, "text/html") : document;
  const parts = ["flow", "code", "problems"].map((id) => {
    const copy = page.getElementById(id).cloneNode(true);
    copy.querySelectorAll(".ghost").forEach((ghost) => ghost.remove());
    for (const one of copy.querySelectorAll("*")) {
      ["tabindex", "data-htmx-powered"].forEach((name) => one.removeAttribute(name));
      one.classList.remove("sel", "on", "hit", "shut", "htmx-added");
      const all = [...one.attributes].map((each) => [each.name, each.value]).sort();
      all.forEach(([name]) => one.removeAttribute(name));
      all.filter(([, value]) => value !== "").forEach(([name, value]) => one.setAttribute(name, value));
    }
    return copy.innerHTML;
  });
  const stand = page.getElementById("stand").dataset;
  return [...parts, stand.seq, stand.etag, stand.errors, stand.name];
}"""
FOLDED = """() => JSON.parse(sessionStorage.getItem(document.getElementById("editor").dataset.url) || "[]")
  .filter((id) => document.getElementById("n" + id) && !document.getElementById("n" + id).matches(".shut"))"""
QUIET = """async () => {
  document.getElementById("text").blur();
  do await canvas.queue(); while (canvas.unsent());
}"""
CAUGHT_UP = "(seq) => +document.getElementById('stand').dataset.seq >= seq"
KEYS = ("Alt+ArrowUp", "Alt+ArrowDown", "Control+d", "Delete", "Control+c", "Control+x", "Control+v", "Control+z",
        "Control+Shift+z", "ArrowLeft", "ArrowRight")  # fmt: skip
TYPED = ("x", "Enter", "Backspace", "Tab", 'TALK "typed"', "' remark", "IF x THEN", "END IF", "  ")
WAYS = {"gesture": 50, "keys": 18, "undo": 8, "redo": 5, "typing": 7, "form": 6, "fold": 4, "other": 10}


@dataclass(slots=True)
class Fresh:
    """Pages as they are for somebody who comes only now."""

    served: Editor

    async def page(self, draft: UUID) -> str:
        """The HTML of the draft's page, rendered by a house of its own."""
        house = Starlette(routes=routes(doors(self.served.app)))
        transport = httpx.ASGITransport(app=house)
        async with httpx.AsyncClient(
            transport=transport, base_url=self.served.address.removesuffix("/designer")
        ) as asks:
            return (await asks.get(f"/designer/workflows/{draft}")).text


@dataclass(slots=True)
class Wanderer:
    """Does things at random on a draft that is open in `page` and in `other`; every turn is compared."""

    served: Editor
    page: Page
    other: Page
    draft: UUID
    chance: random.Random
    seq: int = 0
    done: Counter[str] = field(default_factory=Counter[str])

    async def turn(self) -> None:
        """One thing, done and compared. Raises AssertionError with what was done."""
        way = self.chance.choices(list(WAYS), list(WAYS.values()))[0]
        what: Any = await getattr(self, f"_{way}")()
        draft = await self._settled(self.page)
        await self.compare(self.page, draft, f"{way} {what}")
        if way == "other":
            await self.compare(
                self.other, await self._settled(self.other), f"{way} {what}, in the tab where it was made"
            )
        self.done[way] += draft.seq > self.seq
        self.seq = draft.seq

    async def compare(self, page: Page, draft: Draft, what: str) -> None:
        """What the page shows is what a fresh one would show, and the code is the stored one."""
        shown = await page.evaluate(SHOWN, None)
        fresh = await page.evaluate(SHOWN, await Fresh(self.served).page(self.draft))
        names = ("flow", "code", "problems", "seq", "etag", "errors", "name")
        for name, one, two in zip(names, shown, fresh, strict=True):
            assert one == two, f"{what}: {name} is {_near(one, two)}"
        text = await page.input_value("#text")
        assert text.rstrip("\n") == draft.source.replace("\r\n", "\n").rstrip("\n").replace("\r", "␍"), (
            f"{what}: the code"
        )
        assert await page.evaluate(FOLDED) == [], f"{what}: what was folded is open"

    async def _settled(self, page: Page) -> Draft:
        await page.evaluate(QUIET)
        draft = await self.served.app.drafts.get(self.served.caller, self.draft)
        await page.wait_for_function(CAUGHT_UP, arg=draft.seq)
        await page.evaluate(QUIET)
        return await self.served.app.drafts.get(self.served.caller, self.draft)

    async def _random(self) -> dict[str, Any]:
        draft = await self.served.app.drafts.get(self.served.caller, self.draft)
        return random_gesture(outlined(draft.document, REGISTRY), self.chance, REGISTRY)

    async def _gesture(self) -> Any:
        gesture = await self._random()
        await self.page.evaluate("gesture => canvas.send(gesture)", gesture)
        return gesture

    async def _other(self) -> Any:
        gesture = await self._random()
        await self.other.evaluate("gesture => canvas.send(gesture)", gesture)
        return gesture

    async def _undo(self) -> None:
        await self.page.evaluate("() => canvas.asked('POST', '/undo', () => ({}))")

    async def _redo(self) -> None:
        await self.page.evaluate("() => canvas.asked('POST', '/redo', () => ({}))")

    async def _keys(self) -> Any:
        faces = await self.page.evaluate("() => canvas.faces().map((face) => face.id)")
        if not faces:
            return None
        chosen, keys = self.chance.choice(faces), self.chance.sample(KEYS, self.chance.randint(1, 3))
        await self.page.evaluate("(id) => document.getElementById(id)?.focus()", chosen)
        for key in keys:
            await self.page.keyboard.press(key)
        return chosen, keys

    async def _typing(self) -> Any:
        typed = self.chance.choices(TYPED, k=self.chance.randint(1, 4))
        await self.page.evaluate(
            "(part) => { const text = document.getElementById('text'); text.focus();"
            " const at = Math.floor(text.value.length * part); text.setSelectionRange(at, at); }",
            self.chance.random(),
        )
        for keys in typed:
            if keys in ("Enter", "Backspace", "Tab"):
                await self.page.keyboard.press(keys)
            else:
                await self.page.keyboard.type(keys)
        return typed

    async def _form(self) -> Any:
        faces = await self.page.evaluate("() => canvas.faces().map((face) => face.id)")
        if not faces:
            return None
        chosen, value = self.chance.choice(faces), self.chance.choice(("one", 'two "2"', "= 3 + 4", ""))
        await self.page.evaluate("(id) => canvas.choose(document.getElementById(id), true)", chosen)
        field_ = self.page.locator("#form .field [data-field]:visible:not([type=checkbox])").first
        if await field_.count():
            await field_.fill(value)
            await self.page.keyboard.press("Enter")
        return chosen, value

    async def _fold(self) -> Any:
        return await self.page.evaluate(
            "(n) => { const all = document.querySelectorAll('#flow .fold'); all[~~(all.length * n)]?.click(); }",
            self.chance.random(),
        )


def _near(one: str, two: str) -> str:
    """Where two texts part."""
    at = next((k for k, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two)))
    return f"{one[max(0, at - 120) : at + 160]!r} instead of {two[max(0, at - 120) : at + 160]!r}"
