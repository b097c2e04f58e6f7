"""A long workflow's page: what comes with the drawing, what a moment later, and what is not laid out at all."""

from __future__ import annotations

from playwright.async_api import Page

from tests.designer.editor import Editor

BRANCHES = "".join(f'IF x{n} > 1 THEN\n  TALK "a{n}"\n  TALK "b{n}"\nELSE\n  TALK "c{n}"\nEND IF\n' for n in range(40))
HEIGHT = "() => document.getElementById('canvas').scrollHeight"
ALL_SHOWN = """() => document.getElementById('flow').classList.remove('long')"""


async def test_what_is_out_of_sight_takes_about_the_room_that_it_will_need(page: Page, served: Editor):
    """Or the browser would take far more steps for near, and lay them all out before the first is shown."""
    await page.goto(await served.draft(BRANCHES, "long"))
    taken = await page.evaluate(HEIGHT)
    await page.evaluate(ALL_SHOWN)
    needed = await page.evaluate(HEIGHT)
    assert 0.75 < taken / needed < 1.35


async def test_the_code_and_the_text_to_type_in_come_once_the_drawing_is_shown(page: Page, served: Editor):
    await page.goto(await served.draft(BRANCHES, "long"))
    await page.wait_for_selector("#code .l >> nth=5", state="visible")
    assert await page.input_value("#text") == BRANCHES.removesuffix("\n")


async def test_a_script_that_never_arrives_does_not_keep_the_drawing_away(page: Page, served: Editor):
    await page.route("**/editor.*.js", lambda route: route.abort())
    await page.goto(await served.draft(BRANCHES, "long"))
    await page.wait_for_selector("#f1", state="visible")
    assert "x0 > 1" in await page.inner_text("#f1")


async def test_others_are_heard_although_one_listens_only_once_the_drawing_is_shown(page: Page, served: Editor):
    address = await served.draft(BRANCHES, "long")
    await page.goto(address)
    other = await page.context.new_page()
    await other.goto(address)
    await other.evaluate("() => canvas.send({ op: 'set', node: 2, field: 'message', value: 'from another' })")
    await page.wait_for_function("() => document.getElementById('f2').textContent.includes('from another')")
