"""A busy installation to look at: runs in every state, approvals, memory, events, schedules, models that were asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from designer.publishing import Publishing
from keywords.host import ProgramText
from mcp_server.app import App
from workflow.details import Caller

FAILING = """\
ORCHESTRATE WORKFLOW "import prices"
DESCRIPTION "Reads the supplier's list and stores the new prices"
PARAM supplier AS STRING LIKE "Norden" DESCRIPTION "Whose list it is"
TALK "Reading the list of " + supplier + "."
prices = [12, 9, "unknown", 30]
total = 0
STEP 1:
FOR EACH price IN prices
  total = total + CINT(price)
NEXT price
STEP 2: PUBLISH EVENT "prices.imported" WITH {"supplier": supplier, "total": total}
TALK "All prices are in."
END WORKFLOW
"""

PARALLEL = """\
ORCHESTRATE WORKFLOW "evening report"
DESCRIPTION "Asks three desks for their figures and waits for the release"
' Everybody is asked at once.
STEP 1: PARALLEL
  BRANCH sales:
    TALK "Sales: 41 orders."
    SET BOT MEMORY "sales.today", 41
  BRANCH support:
    TALK "Support: 7 open requests."
    SET BOT MEMORY "support.open", 7
  BRANCH stock:
    TALK "Stock: waiting for the count."
    WAIT FOR EVENT "stock.counted" TIMEOUT 86400
END PARALLEL
STEP 2: HUMAN APPROVAL FROM "dana@example.com" MESSAGE "Send the evening report?" TIMEOUT 86400
TALK "The report is out."
END WORKFLOW
"""

MISTAKEN = """\
ORCHESTRATE WORKFLOW "large orders"
PARAM order AS OBJECT LIKE {"total": 120, "tier": "vip"}
IF order.total >= 100 AND order.tier = "vip" THEN
  STEP 1: BOT "nobody" "Thank them"
ELSE
END IF
STEP 1: HUMAN APPROVAL FROM "lead@example.com" MESSAGE "Send it?"
WHILE FALSE
WEND
IF unknown THEN
  TALK "never closed"
END WORKFLOW
"""

ASKING = """\
ORCHESTRATE WORKFLOW "book a table"
TALK "For how many people?"
HEAR people AS INTEGER
RETURN people
END WORKFLOW
"""


@dataclass(frozen=True, slots=True)
class Staged:
    """What stands on the stage."""

    completed: UUID
    failed: UUID
    waiting: UUID
    branches: UUID
    asking: UUID
    draft: UUID
    empty: UUID
    mistaken: UUID


async def staged(app: App, caller: Caller) -> Staged:
    """Start everything, and wait until it stands where it shall stand."""
    operations = app.operations

    async def packaged(name: str, inputs: Mapping[str, Any]) -> UUID:
        program = app.packages.program(name)
        return await operations.start(caller, program, inputs=inputs, bot_name=program.origin)

    async def text(source: str, name: str, inputs: Mapping[str, Any] | None = None) -> UUID:
        return await operations.start(caller, ProgramText(source, name), inputs=inputs, bot_name=name)

    request = "customer-support/request"
    wrong = {"problem": "The lamp arrived broken. I want my money back.", "order_number": 1002}
    completed = await packaged(request, {"customer": "Ada", "problem": "Where is my parcel?", "order_number": 1001})
    waiting = await packaged(request, {"customer": "Bruno", **wrong, "patience": 86_400})
    failed = await text(FAILING, "import prices", {"supplier": "Norden"})
    branches = await text(PARALLEL, "evening report")
    asking = await text(ASKING, "book a table")
    for execution in (completed, waiting, failed, asking):
        await operations.wait(caller, execution, 30)
    await until_waiting(app, caller, branches, ("event",))
    await operations.set_schedule(
        caller, "every day at 18:30", ProgramText(PARALLEL, "evening report"), name="nightly", zone="Europe/Lisbon"
    )
    empty, mistaken = [await app.drafts.create(caller, *of) for of in (("Nothing yet",), ("Large orders", MISTAKEN))]
    drawing = await drawn(app, caller)
    return Staged(completed, failed, waiting, branches, asking, drawing, empty.id, mistaken.id)


async def drawn(app: App, caller: Caller) -> UUID:
    """A draft with two versions, one of them published, and a change that is in none."""
    publishing = Publishing(app.drafts)
    draft = await app.drafts.create(caller, "Evening report", PARALLEL)
    await publishing.save(caller, draft.id, "First idea")
    better = PARALLEL.replace("7 open requests", "${open} open requests").replace(
        "  BRANCH support:\n", "  BRANCH support:\n    open = 7\n"
    )
    await app.drafts.replace(caller, draft.id, better)
    await publishing.publish(caller, draft.id, name="Counts what is open")
    await app.drafts.replace(caller, draft.id, better.replace("TIMEOUT 86400\nTALK", "TIMEOUT 3600\nTALK"))
    return draft.id


async def until_waiting(app: App, caller: Caller, execution: UUID, words: Sequence[str]) -> None:
    """Wait until something below the run waits for what begins with one of these words."""
    async for news, _ in app.operations.following.follow(caller, execution):
        reasons = [one.reason or "" for one in news.all.values() if one.status == "waiting"]
        if any(reason.startswith(tuple(words)) for reason in reasons):
            return


MODELS = (  # label, provider, cost of a call, seconds, calls an hour
    ("gpt-5-mini", "openai", 0.0011, 1.4, 34),
    ("claude-haiku-5", "anthropic", 0.0019, 1.1, 21),
    ("llama-4-local", "ollama", 0.0, 3.2, 12),
)
TASKS = ("chat", "extract", "classify")
USAGE = """
insert into botmcp.model_usage (tenant_id, hour, model, provider, task_type, calls, errors, cached, cost, input_tokens,
  output_tokens, seconds) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
PERFORMANCE = """
insert into botmcp.model_performance (tenant_id, model, provider, task_type, calls, errors, cost, input_tokens,
  output_tokens, seconds_n, seconds_mean, seconds_m2, at, judged, quality, hist_ttft, hist_itl, hist_tokens,
  hist_seconds)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""


async def modelled(app: App, caller: Caller) -> None:
    """A week of models that were asked: as the router would have written it."""
    now = app.now().replace(minute=0, second=0, microsecond=0)
    empty = [0.0] * 64
    async with app.pool.connection() as connection, connection.cursor() as cursor:
        for place, (model, provider, cost, seconds, calls) in enumerate(MODELS):
            for turn, task in enumerate(TASKS):
                for hour in range(7 * 24):
                    busy = 1.4 if 8 <= hour % 24 <= 18 else 0.5
                    asked = max(1, round(calls * busy * (1 + ((hour * (place + 3) + turn) % 7) / 10) / 3))
                    wave = 1 + ((hour * 5 + place * 3 + turn) % 11) / 30
                    failed = 1 if (hour + place + turn) % 29 == 0 else 0
                    row = (asked, failed, asked // 5, cost * asked, asked * 600, asked * 120, seconds * asked * wave)
                    when = now - timedelta(hours=7 * 24 - hour)
                    await cursor.execute(USAGE, (caller.tenant, when, model, provider, task, *row))
                hist = list(empty)
                hist[32 + place] = 120.0
                whole = calls * 7 * 24
                row = (whole, whole // 80, cost * whole, whole * 600, whole * 120, whole, seconds, 0.4 * whole)
                judged = (now, 40.0, 40 * (0.94 - 0.07 * place), empty, empty, empty, hist)
                await cursor.execute(PERFORMANCE, (caller.tenant, model, provider, task, *row, *judged))
