"""What newcomers are asked to do, done in the designer and in Node-RED; each task says how many gestures it took."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from playwright.async_api import Page

from tests.benchmarks.designer_hand import Hand

MOST = {  # gestures
    "first edit": 2,
    "a bot step, filled in": 4,
    "an approval in a branch": 3,
    "a condition with two branches": 7,
    "two bots at the same time": 8,
    "nine steps of customer support from empty": 32,
    "an unclosed IF": 1,
}
EMPTY = 'ORCHESTRATE WORKFLOW "w"\n\nEND WORKFLOW\n'
BRANCH = 'ORCHESTRATE WORKFLOW "w"\ntotal = 5\nIF total > 100 THEN\nELSE\nEND IF\nEND WORKFLOW\n'
UNCLOSED = 'IF total > 1 THEN\n  TALK "x"\nTALK "y"\n'


@dataclass(frozen=True, slots=True)
class Task:
    """`text` is what the draft is at first, `wanted` what its code must hold at the end."""

    name: str
    text: str
    do: Callable[[Hand], Awaitable[None]]
    wanted: tuple[str, ...]


LAST = "#flow .whole > .ways > .way > .flow > li:last-child > .plus"


async def _say(hand: Hand) -> None:
    await _type(hand, "say Welcome")


async def _type(hand: Hand, words: str) -> None:
    """At the place that is in the hands already, as that of the first step is when an empty workflow opens."""
    await hand.page.wait_for_function("() => document.activeElement.matches('.begin > .plus')")
    await hand.fill(words)
    await _settled(hand)


async def _put(hand: Hand, plus: str, words: str) -> None:
    await hand.click(plus)
    await hand.fill(words)
    await _settled(hand)


async def _settled(hand: Hand) -> None:
    await hand.page.evaluate("() => canvas.queue()")


async def _bot(hand: Hand) -> None:
    await _type(hand, "bot triage: Sort this request")


async def _approval(hand: Hand) -> None:
    await hand.click("#flow .block .way:first-child .plus")
    await hand.fill("approval lead@example.com")
    await _settled(hand)
    await hand.fill("Is this order all right?", "[data-field=message]")
    await _settled(hand)


async def _condition(hand: Hand) -> None:
    await _type(hand, "if total > 100")
    await _type(hand, "say A large order")
    await _put(hand, "#flow .block .way:last-child .plus", "say A small order")


async def _parallel(hand: Hand) -> None:
    await hand.click(LAST)
    await hand.click("#pick-item-parallel")
    await _settled(hand)
    await hand.fill("order check", "[data-field=name]")
    await hand.fill("Find the order", "[data-field=message]")
    await _settled(hand)
    await hand.click("#flow .block .way:last-child .step .face")
    await hand.page.wait_for_selector("[data-field=name]:placeholder-shown, [data-field=name][value='']")
    await hand.fill("risk check", "[data-field=name]")
    await hand.fill("May we trust it?", "[data-field=message]")
    await _settled(hand)


async def _sample(hand: Hand) -> None:
    await _type(hand, "bot triage: Sort this request")
    await _put(hand, LAST, "say We are looking at it")
    await _parallel(hand)
    await _put(hand, LAST, "wait parcel.received")
    await _put(hand, LAST, "if amount > 100")
    await _type(hand, "approval lead@example.com: Refund?")
    await _put(hand, LAST, "bot refund: Pay the money back")
    await _put(hand, LAST, "bot reply: Write to the customer")
    await _put(hand, LAST, "publish support.closed")


async def _mend(hand: Hand) -> None:
    await hand.click(".fix")
    await _settled(hand)


TASKS = (
    Task("first edit", EMPTY, _say, ('TALK "Welcome"',)),
    Task("a bot step, filled in", EMPTY, _bot, ('STEP 1: BOT "triage" "Sort this request"',)),
    Task("an approval in a branch", BRANCH, _approval,
         ('THEN\n  STEP 1: HUMAN APPROVAL FROM "lead@example.com" MESSAGE "Is this order all right?"',)),
    Task("a condition with two branches", EMPTY, _condition,
         ('IF total > 100 THEN\n  TALK "A large order"\nELSE\n  TALK "A small order"\nEND IF',)),
    Task("two bots at the same time", EMPTY, _parallel,
         ('BRANCH a:\n    BOT "order check" "Find the order"\n  BRANCH b:\n    BOT "risk check" "May we trust it?"',)),
    Task("nine steps of customer support from empty", EMPTY, _sample,
         ('BOT "triage"', "TALK", "PARALLEL", "WAIT FOR EVENT", "IF amount > 100 THEN\n  STEP", "HUMAN APPROVAL",
          'BOT "refund" "Pay the money back"', 'BOT "reply"', 'PUBLISH EVENT "support.closed"')),
    Task("an unclosed IF", UNCLOSED, _mend, ("END IF\nTALK",)),
)  # fmt: skip


# -- the same in Node-RED: a node for each step, its texts, and a wire for each way on --------------------------------


@dataclass(slots=True)
class Red:
    """The editor of Node-RED under a hand; nodes are put into a row."""

    hand: Hand
    nodes: int = 0

    async def put(self, kind: str, **texts: str) -> int:
        """Drag a node out of the palette, open it, fill it in, close it."""
        x, y = 520.0 + 170 * (self.nodes % 4), 220.0 + 70 * (self.nodes // 4)
        item = self.hand.find(f'.red-ui-palette-node[data-palette-type="{kind}"]')
        await item.scroll_into_view_if_needed()
        await self.hand.drag(item, x, y)
        group = self.hand.page.locator(".red-ui-flow-node-group").nth(self.nodes)
        await group.wait_for()
        self.nodes += 1
        if texts:
            self.hand.point(1)
            self.hand.seconds += 0.4
            await group.locator(".red-ui-flow-node").first.dblclick()
            await self.hand.page.wait_for_selector("#node-dialog-ok", state="visible")
            for field, words in texts.items():
                await self.hand.fill(words, f"#node-input-{field}", enter=False)
            await self.hand.click("#node-dialog-ok")
            await self.hand.page.wait_for_selector("#node-dialog-ok", state="detached")
        return self.nodes - 1

    async def wire(self, start: int, end: int, port: int = 0) -> None:
        groups = self.hand.page.locator(".red-ui-flow-node-group")
        target = await groups.nth(end).locator(".red-ui-flow-port-input .red-ui-flow-port").first.bounding_box()
        assert target
        out = groups.nth(start).locator(".red-ui-flow-port-output .red-ui-flow-port").nth(port)
        await self.hand.drag(out, target["x"] + target["width"] / 2, target["y"] + target["height"] / 2)


async def _red_first(red: Red) -> None:
    await red.put("change", name="Say Welcome")


async def _red_bot(red: Red) -> None:
    await red.put("http request", name="triage", url="http://bots/triage")


async def _red_approval(red: Red) -> None:
    """Node-RED has no approvals: one node stands for all that one is made of there."""
    first = await red.put("switch", name="total > 100")
    await red.wire(first, await red.put("http request", name="lead@example.com", url="http://approve"))


async def _red_condition(red: Red) -> None:
    first = await red.put("switch", name="total > 100")
    for name in ("A large order", "A small order"):
        await red.wire(first, await red.put("change", name=name))


async def _red_parallel(red: Red) -> None:
    first = await red.put("change", name="start")
    bots = [await red.put("http request", name=name, url="http://bots/" + name) for name in ("order", "risk")]
    join = await red.put("join", name="both")
    for bot in bots:
        await red.wire(first, bot)
        await red.wire(bot, join)


async def _red_sample(red: Red) -> None:
    triage = await red.put("http request", name="triage", url="http://bots/triage")
    say = await red.put("change", name="We are looking at it")
    await red.wire(triage, say)
    order = await red.put("http request", name="order check", url="http://bots/order")
    risk = await red.put("http request", name="risk check", url="http://bots/risk")
    join = await red.put("join", name="both")
    for bot in (order, risk):
        await red.wire(say, bot)
        await red.wire(bot, join)
    wait = await red.put("link in", name="parcel.received")
    switch = await red.put("switch", name="amount > 100")
    approval = await red.put("http request", name="lead@example.com", url="http://approve")
    refund = await red.put("http request", name="refund", url="http://bots/refund")
    reply = await red.put("http request", name="reply", url="http://bots/reply")
    close = await red.put("link out", name="support.closed")
    del wait
    for start, end in ((join, switch), (switch, approval), (approval, refund), (refund, reply), (reply, close)):
        await red.wire(start, end)


RED: Mapping[str, Callable[[Red], Awaitable[None]]] = {
    "first edit": _red_first,
    "a bot step, filled in": _red_bot,
    "an approval in a branch": _red_approval,
    "a condition with two branches": _red_condition,
    "two bots at the same time": _red_parallel,
    "nine steps of customer support from empty": _red_sample,
}


async def red_ready(page: Page, address: str) -> None:
    """Opened, its palette there, its greetings closed."""
    await page.goto(address)
    await page.wait_for_selector('.red-ui-palette-node[data-palette-type="change"]', timeout=60_000)
    await page.wait_for_timeout(1500)
    await page.keyboard.press("Escape")
