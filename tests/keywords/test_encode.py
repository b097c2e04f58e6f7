"""Values and states survive JSON, whatever a database does to it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from keywords.encode import dump, dump_text, from_plain, load, plain, read_json, state_from_json, state_to_json
from keywords.mistakes import ProgramError
from keywords.state import Frame, State
from keywords.values import List, Object, RowSet, adopt
from tests.keywords.driver import IDENTITY

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
SIMPLE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False).map(adopt),
    TEXTS,
    st.dates(),
    st.datetimes(timezones=st.just(UTC)),
    st.timedeltas(),
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(List),
        st.dictionaries(TEXTS, inner, max_size=4).map(Object),
        st.lists(st.dictionaries(TEXTS, inner, max_size=2).map(Object), max_size=3).map(RowSet),
    ),
    max_leaves=12,
)


FOREIGN: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=9)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=9,
)


def alike(one: Any, other: Any) -> bool:
    """Equal, of the same sort, and in the same order."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(map(alike, one.values(), other.values()))
    if isinstance(one, list):
        return len(one) == len(other) and all(map(alike, one, other))
    return bool(one == other)


def as_jsonb(text: str) -> Any:
    """What comes back of a jsonb column: keys sorted by length and letters, numbers in one notation."""

    def sort(found: list[tuple[str, Any]]) -> dict[str, Any]:
        return dict(sorted(found, key=lambda pair: (len(pair[0]), pair[0])))

    def number(words: str) -> Any:
        value = float(words)
        return int(value) if value.is_integer() and "e" in words.lower() else value

    return json.loads(text, object_pairs_hook=sort, parse_float=number)


@settings(max_examples=400, deadline=None)
@given(VALUES)
def test_a_value_comes_back_as_it_was(value: Any) -> None:
    assert alike(load(as_jsonb(dump_text(value))), value)


@settings(max_examples=200, deadline=None)
@given(VALUES)
def test_every_object_inside_a_value_has_one_key(value: Any) -> None:
    def check(data: Any) -> None:
        if isinstance(data, dict):
            assert len(data) == 1 and set(data) <= set("ordft")
            data = next(iter(data.values()))
        if isinstance(data, list):
            for part in data:
                check(part)

    check(dump(value))


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(TEXTS, VALUES, max_size=4), st.integers(0, 2**63 - 1))
def test_a_state_comes_back_as_it_was(variables: dict[str, Any], seed: int) -> None:
    frames = [Frame("main", 3, variables), Frame("sub:f", 7, {"x": 1}, "resume")]
    state = State(IDENTITY, seed, frames, 5, 1, 2, ("LLM", {"prompt": List([1])}), 9, 4)
    again = state_from_json(state_to_json(state), IDENTITY)
    assert alike(again.frames[0].variables, variables)
    assert state_to_json(again) == state_to_json(state)
    assert (again.seed, again.n, again.generation, again.step, again.frames[1].on_error, again.turns, again.draws) == (
        seed, 5, 1, 2, "resume", 9, 4,
    )  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(FOREIGN)
def test_json_of_strangers_is_a_value_or_a_program_error(data: Any) -> None:
    try:
        value = from_plain(data)
    except ProgramError:
        return
    assert alike(load(json.loads(dump_text(value))), value)


@pytest.mark.parametrize("bad", ["{", "[1,", '"\\ud800"', '{"a": NaN}', "1e999", "1" * 5000, "[" * 10_000])
def test_json_that_is_no_value_is_told(bad: str) -> None:
    with pytest.raises(ProgramError):
        read_json(bad)


def test_plain_json_is_what_others_expect() -> None:
    value = Object(at=datetime(2026, 1, 2, 3, tzinfo=UTC), day=date(2026, 1, 2), wait=timedelta(minutes=1), n=1.5)
    assert plain(value) == {"at": "2026-01-02T03:00:00Z", "day": "2026-01-02", "wait": 60, "n": 1.5}


def test_a_state_of_a_newer_format_is_refused() -> None:
    stored = state_to_json(State(IDENTITY, 1, [Frame("main", 0)])).replace('"v":1', '"v":2')
    with pytest.raises(ValueError, match="format 2"):
        state_from_json(stored, IDENTITY)
