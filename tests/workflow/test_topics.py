"""Whom a batch wakes: those who wait for an end hear of ends, not of every wait below them."""

from __future__ import annotations

from uuid import UUID, uuid4

from tests.workflow.kit import NOW, identity
from workflow.batch import topics
from workflow.turn import Turn

ROOT = UUID(int=99)


def turn(status: str, *, root: UUID | None = None) -> Turn:
    return Turn(identity(uuid4()), 1, 0, status, NOW, 1, 0, root=root)


def test_steps_and_waits_wake_nobody() -> None:
    assert topics([turn("running"), turn("waiting"), turn("waiting", root=ROOT)], []) == []


def test_an_end_wakes_those_who_wait_for_it() -> None:
    for status in ("completed", "failed", "cancelled"):
        ended = turn(status)
        assert topics([ended], []) == [f"done:{ended.id}"]


def test_the_end_of_a_child_does_not_wake_those_who_wait_for_the_whole() -> None:
    ended = turn("completed", root=ROOT)
    assert topics([ended], []) == [f"done:{ended.id}"]


def test_a_child_that_is_stuck_wakes_those_who_wait_for_the_whole() -> None:
    for status in ("paused", "in_doubt"):
        stuck = turn(status, root=ROOT)
        assert topics([stuck], []) == [f"done:{stuck.id}", f"done:{ROOT}"]


def test_a_parent_that_is_ready_again_wakes_the_workers() -> None:
    ended = turn("completed", root=ROOT)
    assert set(topics([ended], [ROOT])) == {f"done:{ended.id}", "ready"}
