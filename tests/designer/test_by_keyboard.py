"""What newcomers are asked to do, by keyboard alone: from the page as it opens, and each gesture said aloud."""

from __future__ import annotations

from uuid import UUID

from playwright.async_api import Page

from keywords.host import ProgramText
from mcp_server import designing
from mcp_server.app import App
from tests.designer.editor import Editor
from tests.designer.stage import FAILING

EMPTY = 'ORCHESTRATE WORKFLOW "w"\n\nEND WORKFLOW\n'
BRANCH = 'ORCHESTRATE WORKFLOW "w"\ntotal = 5\nIF total > 100 THEN\nELSE\nEND IF\nEND WORKFLOW\n'
KEYS = frozenset(
    ("Enter", "Escape", "ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight", "Tab", "F6", "End", "Home", "Delete", "+")
)
BOTS = "parallel|Enter|checker|Enter|Find the order|Enter|ArrowDown|ArrowDown|Enter|risks|Enter|May we trust it?|Enter"
TASKS = {  # what the draft is at first, the keys, and what its code holds then
    "first edit": (EMPTY, "say Welcome|Enter", ('ORCHESTRATE WORKFLOW "w"\nTALK "Welcome"\n',)),
    "a bot step, filled in": (
        EMPTY,
        "bot|Enter|sorter|Enter|Sort this request|Enter",
        ('STEP 1: BOT "sorter" "Sort this request"\n',),
    ),
    "an approval in a branch": (
        BRANCH,
        "F6|condition|ArrowDown|approval lead@example.com: Is it all right?|Enter",
        ('THEN\n  STEP 1: HUMAN APPROVAL FROM "lead@example.com" MESSAGE "Is it all right?"\n',),
    ),
    "a condition with two branches": (
        EMPTY,
        "if total > 100|Enter|say large|Enter|ArrowDown|ArrowDown|say small|Enter",
        ('IF total > 100 THEN\n  TALK "large"\nELSE\n  TALK "small"\nEND IF\n',),
    ),
    "two bots at the same time": (
        EMPTY,
        BOTS,
        ('BRANCH a:\n    BOT "checker" "Find the order"\n  BRANCH b:\n    BOT "risks" "May we trust it?"\n',),
    ),
    "nine steps of customer support from empty": (
        EMPTY,
        f"bot sorter: Sort this request|Enter|+|say We are looking at it|Enter|+|{BOTS}|ArrowLeft|+|"
        "wait parcel.received|Enter|+|if amount > 100|Enter|approval lead@example.com: Refund?|Enter|ArrowLeft|+|"
        "bot refund: Pay it back|Enter|+|bot reply: Write to the customer|Enter|+|publish support.closed|Enter",
        (
            'STEP 1: BOT "sorter" "Sort this request"\nTALK "We are looking at it"\nSTEP 2: PARALLEL\n  BRANCH a:\n',
            'END PARALLEL\nSTEP 3: WAIT FOR EVENT "parcel.received" TIMEOUT 86400\nIF amount > 100 THEN\n',
            'THEN\n  STEP 4: HUMAN APPROVAL FROM "lead@example.com" MESSAGE "Refund?"\n',
            'END IF\nSTEP 5: BOT "refund" "Pay it back"\nSTEP 6: BOT "reply" "Write to the customer"\n',
            'PUBLISH EVENT "support.closed"\n\nEND WORKFLOW\n',
        ),
    ),
    "an unclosed IF": (
        'total = 2\nIF total > 1 THEN\n  TALK "x"\nTALK "y"\n',
        "F6|F6|F6|Tab|Enter",
        ('TALK "x"\nEND IF\nTALK "y"\n',),
    ),
}


async def opened(page: Page, served: Editor, text: str) -> str:
    address = await served.draft(text, "w")
    await page.goto(address)
    await page.wait_for_function("() => document.getElementById('text').value && window.canvas")
    return address


async def typed(page: Page, *keys: str) -> None:
    """Keys by their names, and words; after each Enter what it made is waited for."""
    for key in keys:
        await (page.keyboard.press(key) if key in KEYS or "+" in key[1:] else page.keyboard.type(key))
        if key == "F6":
            await page.wait_for_selector("#form .of")  # of the step that has come into the hands
        if key == "Enter":
            await page.evaluate("() => canvas.queue()")
            await page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    await page.evaluate("() => canvas.queue()")


async def source(served: Editor, address: str) -> str:
    return (await served.app.drafts.get(served.caller, UUID(address.rpartition("/")[2]))).source


async def focused(page: Page) -> str:
    return await page.evaluate("() => document.activeElement.id || document.activeElement.className")


async def test_every_task_of_a_newcomer_is_done_by_keyboard_alone(page: Page, served: Editor):
    for name, (text, keys, wanted) in TASKS.items():
        address = await opened(page, served, text)
        await typed(page, *keys.split("|"))
        found = "\n".join(line.strip() for line in (await source(served, address)).splitlines()) + "\n"
        for part in wanted:
            assert "\n".join(line.strip() for line in part.splitlines()) in found, (name, found)
        assert await page.text_content("#said"), name


async def test_the_step_that_failed_is_found_and_tried_again_by_keyboard_alone(app: App, address: str, page: Page):
    caller = app.caller("test", "")
    run = await app.operations.start(caller, ProgramText(FAILING, "prices"), inputs={"supplier": "N"}, bot_name="p")
    await app.operations.wait(caller, run, 20)
    await page.goto(designing.link(app.settings, address, app.now(), f"/designer/runs/{run}"))
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")  # over the places, to the page
    await page.keyboard.press("Tab")
    for _ in range(12):
        if "line 9" in str(await page.evaluate("() => document.activeElement.textContent")):
            break
        await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    failed = page.locator('.face[data-state="failed"][data-line="9"]')
    assert await failed.evaluate("(card) => card === document.activeElement"), "the card of the line has the focus"
    assert "Failed" in str(await failed.text_content())
    for _ in range(12):
        await page.keyboard.press("Shift+Tab")
        if await page.evaluate("() => document.activeElement.value") == "retry":
            break
    async with page.expect_response(lambda answer: answer.url.endswith("/steer")):
        await page.keyboard.press("Enter")
    assert (await app.operations.wait(caller, run, 20)).status == "failed", "it ran again, and met the same price"


async def test_a_condition_is_built_by_keyboard_and_its_text_goes_with_it(page: Page, served: Editor):
    text = 'ORCHESTRATE WORKFLOW "w"\nPARAM tier AS STRING\norder = {total: 5}\nTALK "x"\nEND WORKFLOW\n'
    address = await opened(page, served, text)
    await typed(page, "F6", "End", "+", "condition", "Enter")
    assert await focused(page) == "ask-condition-0-left"
    await typed(page, "ti", "Enter")
    assert await focused(page) == "ask-condition-0-right", "the name completed itself"
    await typed(page, "vip", "Enter")
    assert 'IF tier = "vip" THEN\n' in await source(served, address)
    assert await page.input_value("#field-condition") == 'tier = "vip"'
    assert await page.evaluate("() => document.activeElement.matches('.begin > .plus')"), "what happens then comes next"
    opens = "() => (document.querySelector('#form .another > summary').click(), document.activeElement.id)"
    assert await page.evaluate(opens) == "ask-condition-1-left", "at once, for what is typed right behind it"
    await typed(page, "order.t", "Enter")
    await page.wait_for_function("() => document.activeElement.id === 'ask-condition-1-right'")
    await typed(page, "100", "Enter")
    await page.focus("#ask-condition-1-how")
    await page.keyboard.type("is at l")
    await page.keyboard.press("Tab")
    await typed(page)
    assert 'IF tier = "vip" AND order.total >= 100 THEN\n' in await source(served, address)
    await page.fill("#field-condition", "tier is gold or order.total > 5")
    await page.press("#field-condition", "Enter")
    await typed(page)
    assert 'IF tier = "gold" OR order.total > 5 THEN\n' in await source(served, address)
    assert await page.input_value("#ask-condition-1-join") == "OR"
    assert await page.input_value("#ask-condition-0-right") == "gold"
    await page.fill("#field-condition", "(tier) AND order.total > 5 OR tier")
    await page.press("#field-condition", "Enter")
    await page.wait_for_selector("#form .asks", state="detached")
    assert "IF (tier) AND order.total > 5 OR tier THEN\n" in await source(served, address)
    await page.focus("#form button[data-do=up]")
    await typed(page, "Escape")
    await page.keyboard.press("Control+z")
    await page.wait_for_selector("#ask-condition-1-right")
    assert await page.input_value("#ask-condition-0-right") == "gold", "taken back in the drawing, shown in the form"


GESTURES = (  # with the first step in hand: keys, and what is said
    (("Alt+ArrowDown",), "Moved Say a, position 2 of 3"),
    (("Control+d",), "Duplicated Say a, position 3 of 4"),
    (("Delete",), "Deleted Say a"),
    (("Control+z",), "Taken back"),
    (("Control+Shift+z",), "Made again"),
    (("Control+c",), "Copied"),
    (("Control+v",), "Added Say"),
    (("Home", "Alt+ArrowUp"), "It cannot go further"),
    (("End", "+", "Enter"), "Added Bot agent"),
)


async def test_every_gesture_is_said_aloud_and_leaves_the_hands_on_a_step(page: Page, served: Editor):
    await opened(page, served, 'TALK "a"\nTALK "b"\nTALK "c"\n')
    await page.keyboard.press("F6")
    for keys, said in GESTURES:
        await page.evaluate("() => (document.getElementById('said').textContent = '')")
        for key in keys:
            await page.keyboard.press(key)
        await page.wait_for_function(
            "(said) => document.getElementById('said').textContent.startsWith(said)", arg=said, timeout=5000
        )
        await page.evaluate("() => canvas.queue()")
        assert await page.evaluate("() => !!document.activeElement.closest('#flow, #form')"), (keys, said)
    await typed(page, "Escape")
    assert await page.evaluate("() => document.activeElement.matches('.face')")


async def test_the_last_step_of_a_branch_leaves_the_hands_where_the_next_is_put(page: Page, served: Editor):
    address = await opened(page, served, 'IF a THEN\n  TALK "x"\nELSE\n  TALK "y"\nEND IF\n')
    await typed(page, "F6", "ArrowDown", "Delete")
    assert await page.evaluate("() => document.activeElement.parentElement.id") == "s1"
    await page.wait_for_function("() => document.getElementById('said').textContent.startsWith('Then: ')")
    await typed(page, "say new", "Enter")
    assert (await source(served, address)).startswith('IF a THEN\n  TALK "new"\nELSE\n')
