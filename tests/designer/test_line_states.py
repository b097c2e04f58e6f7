"""What a card shows: the last of its calls, unless something stands there now; going back clears what came behind."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from designer.line_states import Lines
from keywords.mistakes import Mistake
from workflow.details import JournalRow
from workflow.following import LineState, News, Position

AT = datetime(2026, 11, 22, tzinfo=UTC)
RUN, BRANCH = UUID(int=1), UUID(int=2)


def position(id_: UUID = RUN, status: str = "running", line: int | None = None, **more: object) -> Position:
    made = Position(
        id_, None, "w", "w", "p", "main", status, None, False, 0, 0, 1, line, "BOT" if line else None, AT, None, None
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]  # fields of a position


def row(line: int, seq: int, generation: int = 0, error: Mistake | None = None) -> JournalRow:
    return JournalRow(RUN, "w", "w", "main", generation, seq, 1, 0, line, 1, "BOT", None, AT, None, error)


def news(*rows: JournalRow, at: tuple[Position, ...]) -> News:
    return News(rows, at, {one.id: one for one in at}, at[0])


def test_a_line_is_running_then_done_and_the_next_one_runs() -> None:
    lines = Lines("p")
    assert lines.told(news(at=(position(line=3),))) == {3: "running"}
    assert lines.told(news(row(3, 1), at=(position(line=4, status="waiting"),))) == {3: "done", 4: "waiting"}
    assert lines.told(news(row(4, 2), at=(position(status="completed"),))) == {4: "done"}


def test_a_line_at_which_a_branch_still_stands_is_not_done() -> None:
    lines, main = Lines("p"), position(line=2, status="waiting")
    told = lines.told(news(row(5, 1), at=(main, position(BRANCH, line=5, retrying=True, status="waiting"))))
    assert told == {2: "waiting", 5: "retrying"}


def test_what_was_left_without_an_answer_shows_nothing() -> None:
    lines = Lines("p")
    lines.told(news(at=(position(line=3),)))
    assert lines.told(news(at=(position(status="cancelled"),))) == {3: ""}


def test_a_mistake_in_a_line_that_calls_nothing_is_shown_there() -> None:
    wrong = Mistake("value", "A number is needed", 7, 1, None)
    assert Lines("p").told(news(at=(position(status="failed", error=wrong),))) == {7: "failed"}


def test_going_back_clears_what_came_behind() -> None:
    lines = Lines("p")
    failed = row(6, 3, error=Mistake("value", "no", 6, 1, "BOT"))
    lines.told(news(row(2, 1), row(4, 2), failed, at=(position(status="failed"),)))
    told = lines.told(news(row(4, 2, 1), at=(position(line=5),)))
    assert told == {5: "running", 6: ""}
    assert lines.shown == {2: "done", 4: "done", 5: "running"}


def test_a_page_opened_later_shows_the_same() -> None:
    found = (
        LineState(2, RUN, 0, 1, "BOT", False, 1, 1, AT, None),
        LineState(4, RUN, 0, 2, "BOT", True, 2, 1, AT, None),
    )
    lines = Lines.of("p", found, {RUN: position(line=4, retrying=True, status="waiting")})
    assert lines.shown == {2: "done", 4: "retrying"}


def test_another_program_of_the_run_does_not_count() -> None:
    lines = Lines("p")
    assert lines.told(news(row(2, 1), at=(position(line=2, program="other"),))) == {}
