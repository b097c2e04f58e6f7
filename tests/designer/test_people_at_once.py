"""Several tabs, lost connections and lost answers: nothing that was written is lost or made twice."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
from playwright.async_api import Browser, Page, Route

from tests.chaos.designer_tabs import TYPE, together
from tests.designer.editor import Editor
from tests.designer.test_canvas import SMALL
from tests.designer.wandering import QUIET, Wanderer
from tests.mcp_server.browser import browser

PACKAGES = Path(__file__).parents[2] / "bottemplates"
REQUEST = PACKAGES / "customer-support.gbai" / "customer-support.gbdialog" / "request.bas"


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    async with browser() as first:
        assert first.context.browser
        yield first.context.browser


async def tab(chromium: Browser, address: str) -> Page:
    page = await (await chromium.new_context(viewport={"width": 1440, "height": 900})).new_page()
    await page.goto(address)
    await page.wait_for_function("() => window.canvas?.saved")
    return page


async def stored(served: Editor, address: str) -> str:
    return (await served.app.drafts.get(served.caller, UUID(address.rpartition("/")[2]))).source


async def test_whatever_is_done_the_page_shows_what_a_fresh_one_shows(chromium: Browser, served: Editor):
    address = await served.draft(REQUEST.read_text("utf-8"), "request", "customer-support")
    page, other = await tab(chromium, address), await tab(chromium, address)
    wanderer = Wanderer(served, page, other, UUID(address.rpartition("/")[2]), random.Random(5))
    for _ in range(16):
        await wanderer.turn()
    assert wanderer.done.total() > 4


async def test_two_tabs_lose_nothing_and_end_on_the_same_text(chromium: Browser, served: Editor):
    found = await together(chromium, served, 2, 24, 3)
    assert (found["lost"], found["doubled"], found["tabs that show another text"]) == ([], [], 0)


async def test_a_gesture_is_sent_until_it_is_answered_and_made_once(chromium: Browser, served: Editor):
    address = await served.draft(SMALL, "small")
    page = await tab(chromium, address)
    sent: list[str] = []

    async def passed(route: Route) -> None:
        sent.append(str(route.request.post_data))
        if len(sent) < 3:
            if len(sent) == 2:
                await route.fetch()  # it arrives and is made; only the answer is lost
            await route.abort("connectionreset")
        else:
            await route.continue_()

    await page.route("**/edits", passed)
    await page.evaluate("() => canvas.send({op: 'insert', item: 'say', value: 'once', at: {after: 4}})")
    assert (await stored(served, address)).count('TALK "once"') == 1
    assert await page.locator("#flow .face:has-text('once')").count() == 1
    assert len(sent) == 3
    assert "again=1" in sent[2]


async def test_of_a_line_that_two_have_typed_in_both_stay(chromium: Browser, served: Editor):
    address = await served.draft(SMALL, "small")
    one, two = await tab(chromium, address), await tab(chromium, address)
    await one.context.set_offline(True)
    await one.evaluate(TYPE, ['TALK "b"', " ' of one"])
    await two.evaluate(TYPE, ['TALK "b"', " ' of two"])
    await two.evaluate(QUIET)
    await one.context.set_offline(False)
    await one.wait_for_function("() => canvas.saved() && !canvas.unsent()")
    text = await stored(served, address)
    assert text.count('  TALK "b" \' of one\n') == text.count('  TALK "b" \' of two\n') == 1
    assert "both stand in the code" in str(await one.text_content("#told"))
    await one.wait_for_function("() => canvas.saved()")
    await one.evaluate(QUIET)
    assert (await one.input_value("#text")).rstrip("\n") == text.rstrip("\n")


async def test_what_is_typed_while_an_answer_is_awaited_stands_once(chromium: Browser, served: Editor):
    address = await served.draft(SMALL, "small")
    page = await tab(chromium, address)
    answered = asyncio.Event()

    async def held(route: Route) -> None:
        await answered.wait()
        await route.continue_()

    await page.route("**/edits", held)
    async with page.expect_request("**/edits"):
        await page.evaluate(TYPE, ['TALK "a"', '\nTALK "new'])
    await page.evaluate(TYPE, ['TALK "new', 'er"'])
    answered.set()
    await page.wait_for_function("() => canvas.saved() && !canvas.unsent()")
    assert await stored(served, address) == SMALL.replace('TALK "a"\n', 'TALK "a"\nTALK "newer"\n')


async def test_places_far_apart_in_a_long_text_are_told_apart(chromium: Browser, served: Editor):
    """Or all lines between them would count as typed, and stand twice."""
    source = "".join(f'TALK "t{n}."\n' for n in range(700))
    address = await served.draft(source, "long")
    one, two = await tab(chromium, address), await tab(chromium, address)
    await one.context.set_offline(True)
    await one.evaluate(TYPE, ['"t1."', " ' of one"])
    await one.evaluate(TYPE, ['"t690."', " ' of one"])
    await two.evaluate(TYPE, ['"t300."', " ' of two"])
    await two.evaluate(QUIET)
    await one.context.set_offline(False)
    await one.wait_for_function("() => canvas.saved() && !canvas.unsent()")
    marked = {1: " ' of one", 690: " ' of one", 300: " ' of two"}
    expected = "".join(f'TALK "t{n}."{marked.get(n, "")}\n' for n in range(700))
    assert await stored(served, address) == expected
