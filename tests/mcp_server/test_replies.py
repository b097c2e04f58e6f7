"""Replies stay within 20 KB whatever the execution said, and say what was left out."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import mcp.types as types
import pytest

from keywords.mistakes import Mistake
from mcp_server.replies import LONGEST_REPLY, block, execution_reply
from workflow.details import Approval, Detail, Message

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PLAIN = Detail(
    id=UUID(int=1),
    workflow_name="w",
    bot_name="",
    status="completed",
    reason=None,
    current_step=0,
    created_at=NOW,
    ended_at=NOW,
    wake_at=None,
    result=None,
    error=None,
    parent=None,
    root=UUID(int=1),
    session=None,
    program="",
    started_by="",
    started_through="",
    cancel_requested=False,
)


def approval(text: str) -> Approval:
    some = uuid4()
    return Approval(some, some, some, "w", 1, ("a",) * 3, 1, text, NOW, "pending", NOW, ())


def sized(detail: Detail, **more: Any) -> dict[str, Any]:
    (text,) = block(execution_reply(detail, "there", **more)).content
    assert isinstance(text, types.TextContent) and len(text.text.encode()) <= LONGEST_REPLY
    return json.loads(text.text)


@pytest.mark.parametrize("letter", ["a", "é", "\n", '"', "😀"])
def test_no_reply_is_larger_than_the_limit(letter: str) -> None:
    said = tuple(Message(NOW, "bot", f"{n} {letter * 5000}", UUID(int=1)) for n in range(50))
    asked = tuple(approval(letter * 9000) for _ in range(30))
    told = sized(replace(PLAIN, messages=said, result={"text": letter * 100_000}))
    assert "result_from" in told["next"] and "left out" in told["note"]
    assert told.get("messages", [{"text": "49"}])[-1]["text"].startswith("49"), "the latest are kept"
    told = sized(replace(PLAIN, status="waiting", messages=said, approvals=asked, reason=letter * 5000))
    assert len(told["approvals"]) == 10 and "20 more approvals" in told["note"]
    wrong = Mistake("error", letter * 50_000, 1, 1)
    assert sized(replace(PLAIN, status="failed", messages=said, error=wrong))["error"]["line"] == 1
    sized(replace(PLAIN, workflow_name=letter * 200, messages=said))


def test_the_pieces_of_a_long_result_make_it_whole() -> None:
    result = {"text": 'é"\n😀' * 9000}
    whole, told = "", sized(replace(PLAIN, result=result))
    whole += told["result"]
    while "result_from" in told["next"]:
        told = sized(replace(PLAIN, result=result), result_from=len(whole))
        whole += told["result"]
    assert json.loads(whole) == result


def test_a_small_reply_holds_only_what_there_is() -> None:
    assert sized(replace(PLAIN, result=5)) == {
        "execution_id": str(UUID(int=1)),
        "status": "completed",
        "workflow": "w",
        "result": 5,
        "next": "Finished: nothing more to call.",
    }


@pytest.mark.parametrize("status", ["ready", "running", "waiting", "paused", "in_doubt", "failed", "cancelled"])
def test_every_status_says_what_to_call_next(status: str) -> None:
    assert sized(replace(PLAIN, status=status))["next"]
