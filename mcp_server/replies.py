"""What a tool answers: one compact JSON block, the same as text and as structured content, at most 20 KB.

Hosts differ in which of the two they show the model, so both say everything, `next` included. What does not fit is cut,
and a note says so; a long result can be read on in pieces.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import mcp.types as types
from pydantic import BaseModel, Field

from keywords.mistakes import Mistake
from workflow.details import Approval, Detail, Question

LONGEST_REPLY = 20_000
MOST_APPROVALS = 10
PIECE = 12_000
STATUSES = "ready running waiting paused in_doubt completed failed cancelled"


class Said(BaseModel):
    bot: str | None = None
    text: str


class Trouble(BaseModel):
    kind: str
    message: str
    line: int | None = None
    column: int | None = None


class Pending(BaseModel):
    approval_id: str
    message: str = ""
    approvers: list[str] = []
    deadline: str | None = None


class Asked(BaseModel):
    execution_id: str
    prompt: str | None = None
    expects: str | None = None
    options: list[str] | None = None


class ExecutionReply(BaseModel):
    execution_id: str
    status: str = Field(description=STATUSES.replace(" ", " | "))
    workflow: str = ""
    step: int | None = None
    waiting_for: str | None = None
    result: Any = None
    error: Trouble | None = None
    messages: list[Said] = []
    approvals: list[Pending] = []
    questions: list[Asked] = []
    note: str | None = None
    next: str


class WrittenReply(BaseModel):
    """What of an ExecutionReply the tools promise that run one keyword."""

    execution_id: str
    status: str
    result: Any = None
    error: Trouble | None = None
    next: str


class ListReply(BaseModel):
    executions: list[dict[str, Any]] = []
    cursor: str | None = None
    next: str


class Finding(BaseModel):
    line: int
    column: int
    severity: str
    message: str
    fix: str = ""


class ValidationReply(BaseModel):
    status: str = Field(description="ok | warning | error")
    diagnostics: list[Finding] = []
    note: str | None = None
    next: str


def trouble(mistake: Mistake) -> Trouble:
    """A mistake as a reply tells it."""
    return Trouble(kind=mistake.kind, message=mistake.message, line=mistake.line, column=mistake.column)


def pending(approval: Approval) -> Pending:
    """An approval as a reply tells it; never with a secret."""
    return Pending(
        approval_id=str(approval.id),
        message=approval.message,
        approvers=list(approval.approvers),
        deadline=approval.deadline.isoformat(timespec="seconds") if approval.deadline else None,
    )


def asked(question: Question) -> Asked:
    """A question as a reply tells it."""
    return Asked(
        execution_id=str(question.execution),
        prompt=short(question.prompt, 600) or None,
        expects=short(question.expects, 300) or None,
        options=[short(option, 80) for option in question.options[:20]] or None,
    )


def listing(details: Sequence[Detail], more: str | None) -> ListReply:
    """Several executions, a line each."""
    rows = [
        {
            "execution_id": str(one.id),
            "workflow": one.workflow_name,
            "status": one.status,
            "created_at": one.created_at.isoformat(timespec="seconds"),
            **({"waiting_for": short(one.reason, 120)} if one.reason and not one.finished else {}),
            **({"error": short(str(one.error), 200)} if one.error else {}),
        }
        for one in details
    ]
    then = "Call get_execution with one of the ids for all of it."
    return ListReply(executions=rows, cursor=more, next=f"{then} With this cursor the list goes on." if more else then)


def request_row(approval: Approval) -> dict[str, Any]:
    """An approval in a list: what was asked, and what became of it."""
    row: dict[str, Any] = {
        "approval_id": str(approval.id),
        "execution_id": str(approval.root),
        "workflow": approval.workflow_name,
        "message": short(approval.message, 300),
        "approvers": [short(name, 60) for name in approval.approvers[:5]],
        "status": approval.status,
        "created_at": approval.created_at.isoformat(timespec="seconds"),
    }
    if approval.deadline and approval.status == "pending":
        row["deadline"] = approval.deadline.isoformat(timespec="seconds")
    if approval.required > 1:
        row["required"] = approval.required
    if approval.decisions:
        row["decisions"] = [
            {
                "by": short(str(made["by"]), 60),
                "decision": made["decision"],
                "comment": short(str(made["comment"]), 100),
            }
            for made in approval.decisions[-3:]
        ]
    return row


def execution_reply(
    detail: Detail, where_people_decide: str, result_from: int = 0, *, tool: str = "orchestrate"
) -> ExecutionReply:
    """Where an execution stands and what to do next; `tool` is what starts another like it."""
    reply = ExecutionReply(
        execution_id=str(detail.id),
        status=detail.status,
        workflow=detail.workflow_name,
        step=detail.current_step or None,
        waiting_for=detail.reason if detail.status in ("waiting", "paused", "in_doubt") else None,
        result=detail.result if detail.status == "completed" else None,
        error=trouble(detail.error) if detail.error else None,
        messages=[Said(bot=said.bot_name or None, text=said.text) for said in detail.messages],
        approvals=[pending(approval) for approval in detail.approvals],
        questions=[asked(question) for question in detail.questions],
        next=_next(detail, where_people_decide, tool),
    )
    return _fitted(reply, result_from)


def _next(detail: Detail, where_people_decide: str, tool: str) -> str:
    again = "call get_execution with this execution_id and wait_seconds 20"
    check = " (validate_workflow checks a program)" if tool == "orchestrate" else ""
    match detail.status:
        case "completed":
            return "Finished: nothing more to call."
        case "failed":
            return (
                f"Put right what the error says{check}, then call {tool} again; or, when its failed call may work now, "
                "control_execution with action retry: what came before stays done."
            )
        case "cancelled":
            return f"It was cancelled: call {tool} to start anew."
        case "paused":
            return (
                f"It is {detail.reason or 'paused'}. "
                "control_execution with action resume lets it go on, where the user wants that."
            )
        case _ if detail.questions:
            first = detail.questions[0]
            where = (
                "this execution_id" if len(detail.questions) == 1 else f"the execution_id of one, as {first.execution}"
            )
            return (
                f"It asks the user{f': {first.prompt[:300]}' if first.prompt else ''}. Ask them, then call "
                f"control_execution with {where}, action answer, and their words as text."
            )
        case _ if detail.troubles:
            return f"An operator must look at it: tell the user: {'; '.join(detail.troubles)[:1000]}"
        case "waiting" if detail.approvals:
            return (
                f"A person must decide. Call decide_approval with this execution_id: it asks them where your client "
                f"can. Or they decide {where_people_decide}. It then goes on by itself, after this chat too: {again}, "
                f"which answers once something has changed. {_PATIENCE}"
            )
        case "waiting" if (detail.reason or "").startswith("signal "):
            name = (detail.reason or "").removeprefix("signal ")
            return (
                f"It waits for a signal: control_execution with action signal and signal {name[:200]!r} sends it, "
                f"where the user wants that. {_PATIENCE}"
            )
        case "waiting":
            return (
                f"It waits, and goes on by itself after this chat too: {again}, or publish_event what it waits for. "
                f"{_PATIENCE}"
            )
        case "in_doubt":
            return "An operator must look at it: tell the user the reason and the execution_id."
        case "ready":
            return f"No worker has taken it yet. If it stays so, one must be started: `botmcp worker`. Then {again}."
        case _:
            return f"Still at work: {again} until its status is completed, failed or cancelled."


_PATIENCE = "When nothing has changed after that, do not ask again: tell the user, and look when they come back to it."


def _fitted(reply: ExecutionReply, result_from: int) -> ExecutionReply:
    """The reply within the limit: the result in pieces, what people wrote shortened, the earliest messages left out."""
    notes: list[str] = []
    whole = compact(reply.result)
    if result_from or size(whole) > PIECE:
        reply.result, upto = piece(whole, result_from)
        notes.append(f"result is the JSON text from character {result_from:,} to {upto:,} of {len(whole):,}")
        if upto < len(whole):
            reply.next = f"Call get_execution with result_from {upto} for the next piece. {reply.next}"
    if reply.error:
        reply.error.message = short(reply.error.message, 2_000)
    reply.waiting_for = short(reply.waiting_for, 1_000) if reply.waiting_for else None
    if len(reply.approvals) > MOST_APPROVALS:
        notes.append(f"{len(reply.approvals) - MOST_APPROVALS} more approvals are pending")
        reply.approvals = reply.approvals[:MOST_APPROVALS]
    for asked in reply.approvals:
        asked.message = short(asked.message, 600)
        asked.approvers = [short(name, 80) for name in asked.approvers[:5]]
    if len(reply.questions) > MOST_APPROVALS:
        notes.append(f"{len(reply.questions) - MOST_APPROVALS} more questions are open")
        reply.questions = reply.questions[:MOST_APPROVALS]
    for said in reply.messages:
        said.text = short(said.text, 2_000)
    left_out = 0
    while reply.messages and size(compact(reply.model_dump(mode="json", exclude_none=True))) > LONGEST_REPLY - 300:
        drop = max(1, len(reply.messages) // 8)
        left_out += drop
        reply.messages = reply.messages[drop:]
    if left_out:
        notes.append(f"{left_out:,} earlier messages are left out")
    reply.note = "; ".join(notes) or None
    return reply


def short(text: str, limit: int) -> str:
    """The text within so many bytes; the end says how long it was."""
    if size(text) <= limit:
        return text
    kept = text.encode()[:limit].decode("utf-8", "ignore")
    while size(kept) > limit:
        kept = kept[: len(kept) * 3 // 4]
    return f"{kept}... ({len(text):,} characters)"


def size(text: str) -> int:
    """What the text takes once it is quoted in JSON."""
    return len(json.dumps(text, ensure_ascii=False).encode()) - 2


def piece(text: str, start: int) -> tuple[str, int]:
    """As many characters from `start` as fit into a piece once they are quoted in JSON."""
    end = min(len(text), start + PIECE)
    while end > start and size(text[start:end]) > PIECE:
        end = start + (end - start) * 3 // 4
    return text[start:end], end


def validation_reply(findings: Sequence[Finding]) -> ValidationReply:
    """What a check found, worst first told by `status`."""
    severities = {finding.severity for finding in findings}
    status = "error" if "error" in severities else "warning" if severities else "ok"
    shown = list(findings[:50])
    advice = {
        "ok": "Call orchestrate with this source to start it.",
        "warning": "It can be started as it is: call orchestrate; or look at the warnings first.",
        "error": "Correct the lines and call validate_workflow again.",
    }
    note = f"{len(findings) - 50:,} more are left out" if len(findings) > 50 else None
    return ValidationReply(status=status, diagnostics=shown, note=note, next=advice[status])


_LEFT_OUT = frozenset({"messages", "approvals", "questions", "diagnostics"})  # when there are none


def block(reply: BaseModel) -> types.CallToolResult:
    """The reply as a tool result: the same JSON twice, for hosts that show one or the other."""
    told = reply.model_dump(mode="json", exclude_none=True)
    for name, field in type(reply).model_fields.items():
        if told.get(name) == [] and name in _LEFT_OUT and not field.is_required():
            del told[name]
    return types.CallToolResult(content=[types.TextContent(type="text", text=compact(told))], structured_content=told)


def refusal(sentence: str) -> types.CallToolResult:
    """An error that the model reads and can act on."""
    return types.CallToolResult(content=[types.TextContent(type="text", text=sentence)], is_error=True)


def compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
