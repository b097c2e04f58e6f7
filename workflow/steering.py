"""What people do to executions: pause, resume, try again, answer. One transaction each; the acts are kept.

A paused execution is left alone by everything: timers, events and ended children find it again when it is resumed. What
runs when it is paused, pauses at its next commit.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from keywords.encode import dump_text, from_plain
from keywords.mistakes import ProgramError, Refused, WrongValue
from storage.sql import queries
from workflow.cancel import held_family
from workflow.details import Caller, Question

SQL = {
    **queries("workflow"),
    **queries("workflow", "operations.sql"),
    **queries("workflow", "steering.sql"),
    **queries("workflow", "bots.sql"),
    **queries("workflow", "branches.sql"),
    **queries("workflow", "history.sql"),
    **queries("workflow", "migration.sql"),
}
LONGEST_ANSWER = 100_000  # characters


class UnknownExecution(ProgramError):
    kind = "unknown"

    def __init__(self, execution: UUID) -> None:
        super().__init__(f"There is no execution {execution}. Check the id that the start answered.")


async def noted(
    connection: AsyncConnection, caller: Caller, execution: UUID, act: str, now: datetime, about: str = ""
) -> None:
    """Keep who did what, through what."""
    given = {"tenant": caller.tenant, "id": execution, "act": act, "by": caller.subject, "through": caller.through}
    await connection.execute(SQL["note_act"], {**given, "behalf": caller.on_behalf_of, "about": about, "now": now})


async def status_of(connection: AsyncConnection, caller: Caller, execution: UUID) -> str:
    """Its status; raises UnknownExecution."""
    cursor = await connection.execute(SQL["status_of"], {"tenant": caller.tenant, "id": execution})
    row = await cursor.fetchone()
    if row is None:
        raise UnknownExecution(execution)
    return row[0]


async def pause(connection: AsyncConnection, caller: Caller, execution: UUID, now: datetime) -> None:
    """Pause it and everything below it; what is paused already stays so. Raises Refused for what has ended."""
    family = await held_family(connection, caller.tenant, execution)
    own = next((status for id_, status, _ in family if id_ == execution), None)
    if own is None or own == "in_doubt":
        status = own or await status_of(connection, caller, execution)
        raise Refused(f"Execution {execution} is {status}; only one that is alive can be paused.")
    words = {"by": caller.subject, "through": caller.through, "at": now.isoformat()}
    given = {"ids": [id_ for id_, _, _ in family], "pause": json.dumps(words)}
    cursor = await connection.execute(SQL["pause_family"], given)
    if await cursor.fetchall():
        await noted(connection, caller, execution, "pause", now)


async def resume(connection: AsyncConnection, caller: Caller, execution: UUID, now: datetime) -> None:
    """Let it and everything below it go on; raises Refused where nothing is paused."""
    family = await held_family(connection, caller.tenant, execution)
    ids = [id_ for id_, _, pausing in family if pausing]
    if ids:
        await connection.execute(SQL["resume_family"], {"ids": ids, "now": now})
        await connection.execute(SQL["look_again"], {"ids": ids})
        for recount in ("sweep_joins", "sweep_held"):
            await connection.execute(SQL[recount], {"ids": ids, "now": now})
    else:  # paused by the engine: for want of a keyword, or because its worker died again and again
        paused = [id_ for id_, status, _ in family if status == "paused"]
        for id_ in paused:
            given = {"tenant": caller.tenant, "id": id_, "now": now, "answer": None}
            await connection.execute(SQL["settle_doubt"], given)
        if not paused:
            status = await status_of(connection, caller, execution)
            raise Refused(f"Execution {execution} is {status}; only one that is paused can be resumed.")
    await noted(connection, caller, execution, "resume", now)


async def settle(
    connection: AsyncConnection, caller: Caller, execution: UUID, now: datetime, answer: str | None
) -> None:
    """What is in doubt goes on with this answer, or without one makes its call again; raises Refused for any other."""
    given = {"tenant": caller.tenant, "id": execution, "now": now, "answer": answer}
    if await (await connection.execute(SQL["settle_doubt"], given)).fetchone() is None:
        status = await status_of(connection, caller, execution)
        hint = " Resume it." if status == "paused" else ""
        raise Refused(f"Execution {execution} is {status}; only one in doubt can be settled.{hint}")
    about = "it took place" if answer is not None else "to be made again"
    await noted(connection, caller, execution, "settle", now, about)


# -- again -------------------------------------------------------------------------------------------------------------


async def retry(connection: AsyncConnection, caller: Caller, execution: UUID, now: datetime) -> None:
    """Let a failed run go on from its failed call, with the next generation; raises Refused for what did not fail.

    Where what failed was started by it (a bot, a branch), that goes on from its own failed call and the run waits for
    it again; what failed by itself, between calls, is begun anew by whoever waits for it. What has ended stays done.
    """
    own = {"tenant": caller.tenant, "id": execution}
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["hold_failed"], own)
        found = await cursor.fetchone()
        if found is None:
            raise UnknownExecution(execution)
        if found["status"] != "failed":
            raise Refused(f"Execution {execution} is {found['status']}; only one that failed can be tried again.")
        if found["undone"]:
            raise Refused(f"What execution {execution} had done was undone when it failed: start it anew.")
        if found["parent_id"] is not None:
            raise Refused(f"Execution {execution} is a part of {found['root_id']}: retry that one.")
        await cursor.execute(SQL["broken_family"], own)
        broken = await cursor.fetchall()
        below = {row["parent_id"] for row in broken if row["id"] != execution}
        if execution not in below and not broken[-1]["parked"]:
            words = (found["error"] or {}).get("message", "")
            raise Refused(
                f"Execution {execution} failed by itself, at no call that could be made again: {words} "
                "Put the program or its inputs right, and start it anew."
            )
        for row in broken:
            count = sum(other["parent_id"] == row["id"] for other in broken)
            reason = f"{count} of its parts, tried again" if count else None
            await cursor.execute(SQL["reopen"], {**own, "now": now, **_reopened(caller, row, count), "reason": reason})
            if await cursor.fetchone() is None:
                raise Refused(f"Execution {row['id']} below {execution} can no longer be tried again. Start it anew.")
    await noted(connection, caller, execution, "retry", now)


def _reopened(caller: Caller, row: Mapping[str, Any], count: int) -> dict[str, Any]:
    by = {"by": caller.subject, "through": caller.through}
    return {
        "id": row["id"],
        "status": "waiting" if count else "ready",
        "need": count,
        "generation": row["generation"] + 1,
        "anew": row["status"] == "failed" and not row["parked"],
        "state": None,
        "program": None,
        "step": None,
        "by": dump_text(from_plain(by)),
    }


# -- answers -----------------------------------------------------------------------------------------------------------


async def questions(connection: AsyncConnection, caller: Caller, family: list[UUID]) -> tuple[Question, ...]:
    """What these executions ask the person of the conversation."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["questions"], {"tenant": caller.tenant, "family": family})
        return tuple(Question.of(row) for row in await cursor.fetchall())


async def answer(
    connection: AsyncConnection, caller: Caller, execution: UUID, now: datetime, text: str, family: list[UUID]
) -> None:
    """Answer the one HEAR at which it, or something it started, waits; raises Refused for none, or for several."""
    if len(text) > LONGEST_ANSWER or "\0" in text or any("\ud800" <= c <= "\udfff" for c in text):
        raise WrongValue(f"An answer is text of at most {LONGEST_ANSWER:,} characters.")
    asked = await questions(connection, caller, family)
    if not asked:
        status = await status_of(connection, caller, execution)
        hint = " Resume it first." if status == "paused" else ""
        raise Refused(f"Execution {execution} is {status} and asks nothing now.{hint}")
    if len(asked) > 1:
        listed = "; ".join(f"{one.execution}: {one.prompt or one.expects or 'any words'}" for one in asked[:10])
        raise Refused(f"Several of its parts ask something; answer one of them by its id. {listed}")
    one = next(iter(asked))
    given = {"tenant": caller.tenant, "id": one.execution}
    if await (await connection.execute(SQL["hold_question"], given)).fetchone() is None:
        raise Refused(f"Execution {execution} no longer asks: somebody was quicker.")
    said = {"text": text, "by": caller.subject, "through": caller.through}
    words = f'{{"v":{dump_text(from_plain(said))}}}'
    await connection.execute(SQL["answer_execution"], {**given, "now": now, "answer": words})
    await noted(connection, caller, one.execution, "answer", now)
