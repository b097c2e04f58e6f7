"""Executions as ordinary JSON: what a BASIC program, a page or a script is told of them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from keywords.mistakes import Mistake
from workflow.details import Approval, Detail, JournalRow, Part, Question


def told(detail: Detail) -> dict[str, Any]:
    """How an execution stands, with all that is known of it."""
    return {
        "execution_id": str(detail.id),
        "workflow": detail.workflow_name,
        "bot": detail.bot_name,
        "status": detail.status,
        "waiting_for": detail.reason,
        "step": detail.current_step,
        "created_at": _time(detail.created_at),
        "ended_at": _time(detail.ended_at),
        "started_by": detail.started_by,
        "started_through": detail.started_through,
        "priority": detail.priority,
        "deadline": _time(detail.deadline),
        "forked_from": str(detail.forked_from) if detail.forked_from else None,
        "result": detail.result,
        "error": told_mistake(detail.error),
        "messages": [{"bot": said.bot_name, "text": said.text} for said in detail.messages],
        "questions": [told_question(one) for one in detail.questions],
        "approvals": [told_approval(one) for one in detail.approvals],
        "troubles": list(detail.troubles),
        "parts": [told_part(part) for part in detail.parts],
    }


def told_part(part: Part) -> dict[str, Any]:
    """A branch, a bot or a workflow below it."""
    return {
        "execution_id": str(part.id),
        "parent": str(part.parent),
        "call": part.call,
        "name": part.name,
        "bot": part.bot_name,
        "kind": part.kind,
        "status": part.status,
        "waiting_for": part.reason,
        "error": part.error,
        "undoing": part.undoing,
    }


def told_approval(approval: Approval) -> dict[str, Any]:
    return {
        "approval_id": str(approval.id),
        "execution_id": str(approval.root),
        "workflow": approval.workflow_name,
        "message": approval.message,
        "approvers": list(approval.approvers),
        "status": approval.status,
        "deadline": _time(approval.deadline),
        "required": approval.required,
        "decisions": [dict(made) for made in approval.decisions],
        "reminders": approval.reminders,
        "history": [dict(act) for act in approval.history],
    }


def told_question(question: Question) -> dict[str, Any]:
    return {
        "execution_id": str(question.execution),
        "prompt": question.prompt,
        "expects": question.expects,
        "options": list(question.options),
    }


def told_row(row: JournalRow) -> dict[str, Any]:
    return {
        "execution_id": str(row.execution),
        "bot": row.bot_name,
        "workflow": row.workflow_name,
        "call": row.seq,
        "attempt": row.attempt,
        "step": row.step,
        "line": row.line,
        "column": row.column,
        "keyword": row.keyword,
        "ended_at": _time(row.ended_at),
        "answer": row.answer,
        "error": told_mistake(row.error),
    }


def told_mistake(mistake: Mistake | None) -> dict[str, Any] | None:
    return asdict(mistake) if mistake else None


def _time(when: datetime | None) -> str | None:
    return when.isoformat() if when else None
