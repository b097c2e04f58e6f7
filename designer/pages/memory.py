"""What bots remember: their keys, each value with its past, and what they share."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import Response
from starlette.routing import Route

from designer.browsing import Browsing
from designer.house import House, Missing, Visit
from keywords.host import ProgramText, bot_id
from keywords.mistakes import WrongValue
from workflow.details import Caller

PAGE = 100
HISTORY = 50
SHARES = 200
FOUND = 30
WRITE = ProgramText("SET BOT MEMORY key, value\n", "remember by hand")
FORGET = ProgramText("DELETE BOT MEMORY key\n", "forget by hand")


def routes(house: House) -> list[Route]:
    browsing = Browsing(house.doors.pool)

    async def bot_of(visit: Visit, name: str) -> UUID:
        """The bot's id; raises Missing for one that is not there, or not for this caller."""
        if not visit.caller.works_with(name):
            raise Missing(visit.say("There is no such bot."))
        return bot_id(visit.caller.tenant, name)

    async def browser(visit: Visit) -> Response:
        bots = await browsing.memory_bots(visit.caller)
        name = visit.asked("bot") or (bots[0]["name"] if bots else "")
        prefix, after, question = visit.asked("prefix")[:500], visit.asked("after"), visit.asked("q")[:500]
        now, memories, tenant = visit.doors.now(), visit.doors.memories, visit.caller.tenant
        found, hits, shares = [], [], []
        if name:
            bot = await bot_of(visit, name)
            found = list(await memories.listed(tenant, bot, prefix, now, PAGE + 1, after or None))
            shares = list(await memories.shares(tenant, bot, now, SHARES))
            hits = list(await memories.search(tenant, bot, question, now, FOUND)) if question else []
        return visit.page(
            "memory.html",
            visit.say("Memory"),
            section="memory",
            bots=bots,
            bot=name,
            prefix=prefix,
            question=question,
            found=found[:PAGE],
            after=found[PAGE - 1].key if len(found) > PAGE else "",
            hits=hits,
            shares=shares,
            may_write=visit.caller.may("memory:write"),
        )

    async def one(visit: Visit) -> Response:
        name, key = visit.asked("bot"), visit.asked("key")
        bot, now = await bot_of(visit, name), visit.doors.now()
        memories, tenant = visit.doors.memories, visit.caller.tenant
        known = await memories.known(tenant, bot, key, now)
        history = await memories.history(tenant, bot, key, HISTORY)
        if known is None and not history:
            raise Missing(visit.say("{bot} does not remember that.", bot=name))
        return visit.page(
            "memory_key.html",
            key,
            section="memory",
            bot=name,
            key=key,
            known=known,
            history=history,
            may_write=visit.caller.may("memory:write"),
        )

    async def written(visit: Visit) -> Response:
        given = await visit.form()
        name, key, caller = given.get("bot", ""), given.get("key", "").strip(), visit.caller
        await bot_of(visit, name)
        if not name or not key:
            raise WrongValue(visit.say("Say which bot, and the key."))
        if given.get("act") == "forget":
            await _done(visit, caller, FORGET, {"key": key}, name)
            return visit.see(f"/designer/memory?{_query(bot=name)}")
        await _done(visit, caller, WRITE, {"key": key, "value": given.get("value", "")}, name)
        return visit.see(f"/designer/memory/key?{_query(bot=name, key=key)}")

    return [
        house.route("/memory", browser, scope="memory:read"),
        house.route("/memory/key", one, scope="memory:read"),
        house.route("/memory", written, ("POST",), "memory:write"),
    ]


async def _done(visit: Visit, caller: Caller, program: ProgramText, inputs: dict[str, str], bot: str) -> None:
    """An execution of one line, so journalled and fenced like any other write."""
    await visit.doors.operations.completed(caller, program, inputs, bot_name=bot, scope="memory:write")


def _query(**parts: str) -> str:
    from urllib.parse import urlencode

    return urlencode(parts)
