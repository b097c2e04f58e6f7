"""A run watched in a real browser: it changes under the reader's eyes, and nothing he is typing is lost."""

from __future__ import annotations

from keywords.host import ProgramText
from mcp_server import designing
from mcp_server.app import App
from tests.mcp_server.browser import browser

SOURCE = """\
ORCHESTRATE WORKFLOW "watched"
PARALLEL
  BRANCH person:
    STEP 1: HUMAN APPROVAL FROM "lead@example.com" MESSAGE "May it go out?" TIMEOUT 3600
  BRANCH news:
    WAIT FOR SIGNAL "news" TIMEOUT 3600
    TALK "There is <news>."
END PARALLEL
TALK "All done: ${step1.comment}"
END WORKFLOW
"""


async def test_a_run_goes_on_before_the_readers_eyes(app: App, address: str) -> None:
    caller = app.caller("test", "")
    execution = await app.operations.start(caller, ProgramText(SOURCE, "watched"), bot_name="watched")
    async for news, _ in app.operations.following.follow(caller, execution):
        if sum(one.status == "waiting" for one in news.all.values()) == 3:
            break
    elsewhere: list[str] = []
    faults: list[str] = []
    async with browser() as page:
        page.on("request", lambda asked: elsewhere.append(asked.url) if not asked.url.startswith(address) else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda told: faults.append(told.text) if told.type == "error" else None)
        await page.goto(designing.link(app.settings, address, app.now(), f"/designer/runs/{execution}"))
        waiting = page.locator('.face[data-line="6"]')
        await waiting.wait_for()
        assert await waiting.get_attribute("data-state") == "waiting"
        comment = page.locator("textarea[name=comment]")
        await comment.fill("fine by me")
        await comment.focus()
        await app.operations.signal(caller, execution, "news")
        await page.locator("#run-live .quote", has_text="There is <news>.").wait_for()
        await page.locator('.face[data-line="7"][data-state="done"]').wait_for()
        assert await page.locator('.face[data-line="7"] .state-words').first.text_content() == "Done"
        assert await comment.input_value() == "fine by me"
        assert await page.evaluate("document.activeElement.name") == "comment"
        for _ in range(4):
            await page.keyboard.press("Tab")
            if await page.evaluate("document.activeElement.value") == "approve":
                break
        assert await page.evaluate("document.activeElement.value") == "approve", "a few steps behind the comment"
        await page.keyboard.press("Enter")
        await page.locator("#run-head .status[data-state=completed]").wait_for()
        await page.locator("#run-live .quote", has_text="All done: fine by me").wait_for()
        assert await page.locator("#run-live .ask").count() == 0
    assert (await app.operations.get(caller, execution)).status == "completed"
    assert (elsewhere, faults) == ([], [])
