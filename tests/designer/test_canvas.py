"""The page of a draft in a real browser: what it shows after gestures is what a fresh page would show."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from playwright.async_api import Page

from tests.designer.editor import Editor
from tests.mcp_server.browser import browser

PACKAGES = Path(__file__).parents[2] / "bottemplates"
REQUEST = PACKAGES / "customer-support.gbai" / "customer-support.gbdialog" / "request.bas"
SMALL = """\
ORCHESTRATE WORKFLOW "small"

' why
TALK "a"
IF x > 1 THEN
  TALK "b"
ELSE
  TALK "c"
END IF
END WORKFLOW
"""


async def source(served: Editor, address: str) -> str:
    """The draft's text as it is stored, once all gestures have come through."""
    draft = await served.app.drafts.get(served.caller, UUID(address.rpartition("/")[2]))
    return draft.source


async def quiet(page: Page) -> None:
    """Wait until every gesture that was made has been answered."""
    await page.evaluate("() => canvas.queue()")


async def opened(page: Page, served: Editor, text: str, origin: str = "") -> str:
    address = await served.draft(text, "small", origin)
    await page.goto(address)
    await page.wait_for_function("() => document.getElementById('text').value")
    return address


async def test_a_step_is_added_by_keyboard_moved_and_taken_back_byte_for_byte(page: Page, served: Editor):
    address = await opened(page, served, SMALL)
    await page.focus("#f4")
    await page.keyboard.press("ArrowDown")  # the condition
    await page.keyboard.press("ArrowDown")  # TALK "b"
    await page.keyboard.press("+")
    await page.keyboard.type("say Hello there")
    await page.keyboard.press("Enter")
    await quiet(page)
    assert '  TALK "b"\n  TALK "Hello there"\nELSE' in await source(served, address)
    assert "Hello there" in await page.evaluate("() => document.activeElement.textContent")
    assert "position 2 of 2" in str(await page.text_content("#said"))
    await page.keyboard.press("Alt+ArrowDown")
    await quiet(page)
    assert 'ELSE\n  TALK "Hello there"\n  TALK "c"' in await source(served, address)
    await page.keyboard.press("Control+z")
    await page.keyboard.press("Control+z")
    await quiet(page)
    assert await source(served, address) == SMALL


async def test_a_step_is_dragged_from_the_palette_and_along_the_drawing(page: Page, served: Editor):
    address = await opened(page, served, SMALL)

    async def drag(what: str, where: str) -> None:
        start, end = await page.locator(what).bounding_box(), await page.locator(where).bounding_box()
        assert start
        assert end
        await page.mouse.move(start["x"] + 20, start["y"] + 10)
        await page.mouse.down()
        await page.mouse.move(end["x"] + 30, end["y"] + 30, steps=3)
        await page.mouse.move(end["x"] + end["width"] / 2, end["y"] + end["height"] / 2, steps=3)
        await page.mouse.up()
        await quiet(page)

    await drag("[data-item=delay].item", "#n8 > .plus")
    assert '  TALK "c"\n  DELAY 60\nEND IF' in await source(served, address)
    await drag("#f4", "#n6 > .plus")
    assert '  TALK "b"\n  \' why\n  TALK "a"\nELSE' in await source(served, address)


async def test_typed_code_is_drawn_and_fields_change_the_code(page: Page, served: Editor):
    address = await opened(page, served, SMALL)
    await page.click("#text", position={"x": 200, "y": 75})
    await page.keyboard.press("End")
    await page.keyboard.press("Enter")
    await page.keyboard.type('BOT "triage" "Look"')
    await page.wait_for_selector(".face:has-text('triage')")
    await quiet(page)
    assert 'TALK "a"\nBOT "triage" "Look"\nIF' in await source(served, address)
    await page.click(".face:has-text('triage')")
    await page.wait_for_selector("#form h2:has-text('Bot agent')")
    await page.fill("[data-field=message]", "Look twice")
    await page.keyboard.press("Enter")
    await quiet(page)
    assert 'BOT "triage" "Look twice"\n' in await source(served, address)
    assert 'BOT "triage" "Look twice"\n' in await page.input_value("#text")


async def test_an_unclosed_if_is_mended_by_one_click(page: Page, served: Editor):
    address = await opened(page, served, 'IF a > 1 THEN\n  TALK "x"\nTALK "y"\n')
    await page.click(".fix:has-text('END IF')")
    await quiet(page)
    assert await source(served, address) == 'IF a > 1 THEN\n  TALK "x"\nEND IF\nTALK "y"\n'


async def test_edits_of_others_appear_and_what_is_being_typed_stays(page: Page, served: Editor):
    address = await opened(page, served, SMALL)
    other = await page.context.new_page()
    await other.goto(address)
    await other.wait_for_function("() => document.getElementById('text').value")
    await page.evaluate("() => canvas.send({op: 'set', node: 8, field: 'message', value: 'from one'})")
    await other.wait_for_selector(".face:has-text('from one')")
    await other.evaluate("() => canvas.send({op: 'set', node: 6, field: 'message', value: 'from two'})")
    await page.wait_for_selector(".face:has-text('from two')")
    assert (await source(served, address)) == SMALL.replace('"c"', '"from one"').replace('"b"', '"from two"')
    await quiet(page)
    await quiet(other)
    assert await page.input_value("#text") == await other.input_value("#text")


async def test_nothing_is_asked_of_another_host_and_nothing_breaks_the_policy(page: Page, served: Editor):
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    await opened(page, served, SMALL)
    await page.click("#f4")
    await page.wait_for_selector("[data-field=message]")
    await page.click("#n4 > .plus")
    await page.keyboard.type("note to self")
    await page.keyboard.press("Enter")
    await quiet(page)
    host = served.address.rpartition("/")[0]
    assert [url for url in asked if not url.startswith((host, "data:"))] == []
    assert wrong == []


async def test_blocks_fold_and_what_is_folded_stays_so(page: Page, served: Editor):
    await opened(page, served, SMALL)
    await page.click("#n5 > .fold")
    assert not await page.is_visible("#f6")
    await page.evaluate("() => canvas.send({op: 'branch', node: 5, kind: 'elseif'})")
    assert not await page.is_visible("#f6")
    await page.focus("#f5")
    await page.keyboard.press("ArrowRight")
    assert await page.is_visible("#f6")


async def test_touch_drags_a_step_out_of_the_palette(served: Editor):
    async with browser() as first:
        assert first.context.browser
        context = await first.context.browser.new_context(viewport={"width": 1100, "height": 844}, has_touch=True)
        page = await context.new_page()
        address = await opened(page, served, SMALL)
        item, gap = (
            await page.locator("[data-item=say].item").bounding_box(),
            await page.locator("#n8 > .plus").bounding_box(),
        )
        assert item
        assert gap
        client = await context.new_cdp_session(page)
        places = [
            (item["x"] + 15, item["y"] + 12),
            (gap["x"] + 40, gap["y"] - 20),
            (gap["x"] + gap["width"] / 2, gap["y"] + 10),
        ]
        for kind, (x, y) in zip(("touchStart", "touchMove", "touchMove"), places, strict=True):
            await client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
        await client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        await quiet(page)
        assert '  TALK "c"\n  TALK ""\nEND IF' in await source(served, address)


async def test_a_card_that_is_none_has_no_form(page: Page, served: Editor):
    address = await opened(page, served, SMALL)
    assert "data-card" in await (await page.request.get(f"{address}/form?card=n4")).text()
    for card in ("n--5", "n-", "w", "", "n9" * 9, "n²"):
        answer = await page.request.get(f"{address}/form", params={"card": card})
        assert answer.status < 500 and "data-card" not in await answer.text(), card
