"""What of a long conversation a model still reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from keywords.library.history import fitting, shortened


def turn(number: int, size: int = 100) -> list[Mapping[str, Any]]:
    call = {"id": str(number), "name": "find", "arguments": {}}
    return [
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": str(number), "content": str(number) * size},
    ]


def conversation(turns: int, size: int = 100) -> Sequence[Mapping[str, Any]]:
    return [{"role": "user", "content": "question"}, *(m for n in range(turns) for m in turn(n, size))]


def test_a_short_conversation_is_sent_whole() -> None:
    messages = conversation(3)
    assert fitting("persona", messages) == [{"role": "system", "content": "persona"}, *messages]
    assert fitting("", messages) == list(messages)


def test_a_long_conversation_loses_its_oldest_turns_whole() -> None:
    sent = fitting("persona", conversation(50), 3000)
    assert [m["role"] for m in sent[:3]] == ["system", "user", "user"]
    assert sent[1]["content"] == "question"
    assert "earlier turns" in sent[2]["content"]
    rest = sent[3:]
    assert [m["role"] for m in rest] == ["assistant", "tool"] * (len(rest) // 2)
    assert [m["tool_calls"][0]["id"] for m in rest[::2]] == [m["tool_call_id"] for m in rest[1::2]]
    assert rest[-1]["tool_call_id"] == "49"
    assert sum(len(str(m)) for m in sent) < 3500


def test_the_latest_turn_is_sent_even_when_it_alone_is_too_long() -> None:
    sent = fitting("", conversation(3, size=5000), 1000)
    assert [m["role"] for m in sent] == ["user", "user", "assistant", "tool"]


def test_a_tools_long_result_is_cut_in_the_middle() -> None:
    cut = shortened("a" * 6000 + "b" * 6000)
    assert cut.startswith("aaa")
    assert cut.endswith("bbb")
    assert "(4000 characters left out)" in cut
    assert shortened("short") == "short"
