"""What get_execution answers of the journal: a page of calls, each with its line, its answer or its mistake."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, Field

from mcp_server.mcp_face import cursors
from mcp_server.replies import compact, short, size
from workflow.details import Detail, JournalRow

ROOM = 13_000  # bytes of calls in one answer
LONGEST = 600  # bytes of one answer
MOST_PARTS = 30


class HistoryReply(BaseModel):
    execution_id: str
    status: str
    workflow: str = ""
    history: list[dict[str, Any]] = Field(description="Each call: n, line, keyword, at, answer or error.")
    parts: list[dict[str, Any]] | None = Field(default=None, description="What it started, by execution_id.")
    cursor: str | None = None
    note: str | None = None
    next: str


def history_reply(detail: Detail, rows: Sequence[JournalRow]) -> HistoryReply:
    """As many of the rows as fit, and the cursor behind the last of them."""
    told: list[dict[str, Any]] = []
    left = ROOM
    for row in rows:
        call = _call(row)
        left -= len(compact(call).encode())
        if left < 0 and told:
            break
        told.append(call)
    last = rows[len(told) - 1] if told else None
    more = last is not None and (len(told) < len(rows) or not detail.finished)
    children = [part for part in detail.parts if part.parent == detail.id]
    parts = [_part(part.id, part.name or part.bot_name, part.status, part.error) for part in children[:MOST_PARTS]]
    hidden = len(children) - len(parts)
    if last is not None and len(told) < len(rows):
        then = "Call get_execution with history and this cursor for what follows."
    elif detail.finished:
        then = "That is all of it."
    else:
        then = "That is all until now; with history and this cursor get_execution tells only what came later."
    if parts:
        then += " What it started has a history of its own, by its execution_id."
    return HistoryReply(
        execution_id=str(detail.id),
        status=detail.status,
        workflow=detail.workflow_name,
        history=told,
        parts=parts or None,
        cursor=cursors.packed(*last.place) if last is not None and more else None,
        note=f"{hidden} more parts are left out" if hidden else None,
        next=then,
    )


def _call(row: JournalRow) -> dict[str, Any]:
    call: dict[str, Any] = {"n": row.seq, "line": row.line, "keyword": row.keyword}
    call["at"] = row.ended_at.isoformat(timespec="milliseconds")
    call |= {"step": row.step} if row.step else {}
    call |= {"attempt": row.attempt} if row.attempt > 1 else {}
    call |= {"generation": row.generation} if row.generation else {}
    call |= {"written": row.written.strip()} if row.written else {}
    if row.error:
        call["error"] = short(str(row.error), LONGEST)
    elif row.answer is not None:
        whole = compact(row.answer)
        call["answer"] = row.answer if size(whole) <= LONGEST else short(whole, LONGEST)
    return call


def _part(number: object, name: str, status: str, error: str | None) -> dict[str, Any]:
    part = {"execution_id": str(number), "name": short(name, 80), "status": status}
    return part | ({"error": short(error, 200)} if error else {})
