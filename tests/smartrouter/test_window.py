"""A conversation that is too long keeps its beginning and its end."""

from __future__ import annotations

from smartrouter.counting import Size, in_text
from smartrouter.window import GAP, fitted, room_in, transcript, with_summary

LONG = "word " * 300


def conversation(turns: int) -> list[dict[str, str]]:
    said = [{"role": "user" if n % 2 == 0 else "assistant", "content": f"{n} {LONG}"} for n in range(turns)]
    return [{"role": "system", "content": "Be kind"}, *said]


def test_what_fits_is_left_alone() -> None:
    messages = conversation(4)
    assert fitted(messages, 10_000) == (messages, [])


def test_the_system_the_first_question_and_the_last_turns_stay() -> None:
    messages = conversation(11)
    kept, left_out = fitted(messages, 2500)
    assert kept[0] == messages[0] and kept[1] == messages[1] and kept[-1] == messages[-1]
    assert kept[2]["content"] == GAP
    assert len(kept) + len(left_out) == len(messages) + 1
    assert Size(kept).about <= 2500


def test_an_answer_of_a_tool_never_stays_without_its_question() -> None:
    asks = {"role": "assistant", "content": "", "tool_calls": [{"id": "1", "name": "f", "arguments": {}}]}
    told = {"role": "tool", "tool_call_id": "1", "content": LONG}
    messages = [*conversation(3), asks, told, *conversation(3)[1:]]
    for room in range(500, 4000, 250):
        kept, _ = fitted(messages, room)
        for place, message in enumerate(kept):
            if message["role"] == "tool":
                assert kept[place - 1] == asks


def test_a_single_question_is_never_cut() -> None:
    messages = [{"role": "user", "content": LONG * 50}]
    assert fitted(messages, 100) == (messages, [])


def test_a_summary_stands_where_something_was_left_out() -> None:
    kept, left_out = fitted(conversation(11), 2500)
    assert transcript(left_out).startswith("assistant: 1 word")
    assert "in short: rain" in str(with_summary(kept, "rain")[2]["content"])


def test_a_window_keeps_room_for_the_answer() -> None:
    assert room_in(100_000) == 100_000 - 1024
    assert room_in(1000) == 750


def test_no_known_way_of_counting_makes_more_tokens_than_the_bound() -> None:
    for text in ("Hello there", "a b c d e f g", "日本語のテキスト", "🙂🙃" * 20, "{}[]()" * 30, "x" * 500):
        size = Size([{"role": "user", "content": text}])
        assert size.most >= len(text.encode()) and size.counted <= size.most
        assert size.counted >= len(text.split()), "a word is a token at least"
        assert in_text(text) >= len(text.encode())
