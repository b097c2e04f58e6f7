"""A model that fails is left, tried again by one call, and returned to."""

from __future__ import annotations

import pytest

from smartrouter.circuits import IN_A_ROW, LONGEST, SHORTEST, Circuits

M = "model"


@pytest.fixture
def circuits() -> Circuits:
    return Circuits(lambda: 0.5)


def fail(circuits: Circuits, now: float, times: int = 1) -> None:
    for _ in range(times):
        circuits.failed(M, now, "failed", "down", trial=circuits.begin(M))


def test_three_failures_in_a_row_open_it_and_two_do_not(circuits: Circuits) -> None:
    fail(circuits, 0, IN_A_ROW - 1)
    assert circuits.barred(M, 0) is None
    fail(circuits, 0)
    assert circuits.barred(M, 0) == pytest.approx(SHORTEST)
    assert circuits.of(M).trouble == "down"


def test_an_answer_between_two_failures_forgives_them(circuits: Circuits) -> None:
    for now in range(4):
        fail(circuits, now)
        circuits.answered(M, now + 0.5)
    assert circuits.barred(M, 5) is None


def test_more_than_half_of_five_within_a_minute_open_it(circuits: Circuits) -> None:
    for now, good in enumerate((False, True, False, True, False)):
        circuits.answered(M, now) if good else fail(circuits, now)
    assert circuits.barred(M, 5) is not None


def test_what_is_older_than_a_minute_does_not_count(circuits: Circuits) -> None:
    for now, good in ((0, False), (1, True), (2, False), (3, True), (100, False)):
        circuits.answered(M, now) if good else fail(circuits, now)
    assert circuits.barred(M, 101) is None


def test_one_call_tries_and_the_others_wait_for_what_it_finds(circuits: Circuits) -> None:
    fail(circuits, 0, IN_A_ROW)
    assert circuits.barred(M, SHORTEST + 1) is None
    assert circuits.begin(M)
    assert circuits.barred(M, SHORTEST + 1) is not None, "somebody is trying"
    circuits.answered(M, SHORTEST + 2, trial=True)
    assert circuits.barred(M, SHORTEST + 2) is None and not circuits.of(M).open


def test_each_failed_trial_doubles_the_time_up_to_five_minutes(circuits: Circuits) -> None:
    fail(circuits, 0, IN_A_ROW)
    now, waits = 0.0, list[float]()
    for _ in range(9):
        now += circuits.barred(M, now) or 0.0
        circuits.failed(M, now, "failed", "down", trial=circuits.begin(M))
        waits.append(circuits.barred(M, now) or 0.0)
    assert waits[:3] == pytest.approx([10, 20, 40])
    assert waits[-1] == pytest.approx(LONGEST)


def test_a_trial_that_is_given_up_says_nothing(circuits: Circuits) -> None:
    fail(circuits, 0, IN_A_ROW)
    assert circuits.begin(M)
    circuits.left(M, trial=True)
    assert circuits.barred(M, SHORTEST + 1) is None, "the next call may try"


def test_retry_after_is_kept_at_once(circuits: Circuits) -> None:
    circuits.failed(M, 0, "busy", "slow down", after=42)
    assert circuits.barred(M, 0) == 42
    assert circuits.barred(M, 42) is None


def test_a_refused_key_closes_for_long_and_is_told_again(circuits: Circuits) -> None:
    error = ValueError("the key")
    circuits.failed(M, 0, "refused", "the key", error=error)
    assert circuits.barred(M, 0) == LONGEST
    assert circuits.of(M).error is error


def test_too_late_for_the_impatient_is_not_too_late_for_the_patient(circuits: Circuits) -> None:
    for now in range(IN_A_ROW):
        circuits.failed(M, now, "late", "too late", given=2.0)
    assert circuits.barred(M, 3, seconds=2.0) is not None
    assert circuits.barred(M, 3, seconds=60.0) is None
    assert circuits.barred(M, 3) is None
    circuits.answered(M, 10, 8.0)
    assert circuits.barred(M, 3, seconds=2.0) is not None, "as late as it was said to be"
    circuits.answered(M, 11, 1.0)
    assert circuits.barred(M, 11, seconds=2.0) is None


def test_what_changed_is_told_once(circuits: Circuits) -> None:
    fail(circuits, 0, IN_A_ROW)
    assert [model for model, _ in circuits.changed([M, "other"])] == [M]
    assert circuits.changed([M]) == []
    circuits.answered(M, 9, trial=circuits.begin(M))
    assert [circuit.open for _, circuit in circuits.changed([M])] == [False]
