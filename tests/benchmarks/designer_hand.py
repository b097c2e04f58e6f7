"""A hand on mouse and keyboard: does what a newcomer would do, counts gestures, and adds up the keystroke-level model.

A gesture is a click, a drag, or one field filled in. Seconds by the keystroke-level model of Card, Moran and Newell:
a key 0.28 (an average typist), pointing 1.1, a button pressed or let go 0.1, the hand between mouse and keyboard 0.4,
a thought before each gesture 1.35. It is a model: no person was measured.
"""

from __future__ import annotations

from dataclasses import dataclass

from playwright.async_api import Locator, Page

KEY, POINT, BUTTON, HOME, THINK = 0.28, 1.1, 0.1, 0.4, 1.35


@dataclass(slots=True)
class Hand:
    """What one task took so far."""

    page: Page
    gestures: int = 0
    seconds: float = 0.0
    on_keys: bool = False

    def find(self, selector: str) -> Locator:
        return self.page.locator(selector).first

    async def click(self, selector: str, *, twice: bool = False) -> None:
        """One click, or one double click."""
        self.point(1)
        self.seconds += BUTTON * (4 if twice else 2)
        spot = self.find(selector)
        await spot.scroll_into_view_if_needed()
        await (spot.dblclick() if twice else spot.click())

    async def drag(self, start: Locator, x: float, y: float) -> None:
        """From an element to a place of the window."""
        self.point(2)
        self.seconds += BUTTON * 2
        box = await start.bounding_box()
        assert box
        await self.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        await self.page.mouse.down()
        await self.page.mouse.move(x - 4, y - 4, steps=4)
        await self.page.mouse.move(x, y, steps=3)
        await self.page.mouse.up()

    async def fill(self, words: str, selector: str = "", *, enter: bool = True) -> None:
        """One field: where it has the keyboard already, only its keys; else it is pointed at first."""
        self.gestures += 1
        self.seconds += THINK
        if selector:
            spot = self.find(selector)
            focused = await spot.evaluate("(one) => one === document.activeElement")
            if not focused:
                self.seconds += (HOME if self.on_keys else 0) + POINT + BUTTON * 2
                self.on_keys = False
                await spot.click()
        if not self.on_keys:
            self.seconds += HOME
            self.on_keys = True
        if await self.page.evaluate("() => document.activeElement.matches('input, textarea')"):
            await self.page.keyboard.press("ControlOrMeta+a")
            await self.page.keyboard.insert_text(words)
        else:
            await self.page.keyboard.type(words)  # a place that takes what is typed
        self.seconds += KEY * len(words)
        if enter:
            self.seconds += KEY
            await self.page.keyboard.press("Enter")

    def point(self, points: int) -> None:
        """One gesture of the mouse with so many places to find."""
        self.gestures += 1
        self.seconds += THINK + POINT * points + (HOME if self.on_keys else 0)
        self.on_keys = False
