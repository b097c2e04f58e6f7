"""Values: limits, sizes that stay right, copies that are copies."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from keywords.mistakes import LimitReached, ProgramError, WrongValue
from keywords.places import item, member, spliced, written
from keywords.values import (
    MAX_DEPTH,
    MAX_ITEMS,
    MAX_TEXT,
    List,
    Object,
    RowSet,
    adopt,
    copied,
    kept,
    measure,
    numeric,
    plain,
    text,
    truthy,
)


def fresh_measure(value: Any) -> tuple[int, int]:
    """Counted anew, whatever the containers remember."""
    return measure(copied(value))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (True, "true"),
        (3, "3"),
        (0.1 + 0.2, "0.3"),
        (1e22, "1e+22"),
        (date(2026, 1, 2), "2026-01-02"),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02 03:04:05"),
        (timedelta(days=2, hours=1), "2 days 1 hour"),
        (timedelta(seconds=-1.5), "-1.5 seconds"),
        (List([1, "ü", None]), '[1, "ü", null]'),
        (Object(a=date(2026, 1, 2)), '{"a": "2026-01-02"}'),
    ],
)
def test_a_value_is_shown_as_people_read_it(value: Any, shown: str) -> None:
    assert text(value) == shown


def test_whole_numbers_have_one_form() -> None:
    assert type(adopt(3.0)) is int and type(adopt(-0.0)) is int
    assert type(adopt(2.0**60)) is float and adopt(2**60) == 2**60
    assert adopt(Decimal("1.50")) == 1.5 and type(adopt(Decimal("2"))) is int


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 2**63, -(2**63) - 1, "a\0b", "\ud800", {"a\0": 1}])
def test_what_no_database_can_keep_is_refused(bad: Any) -> None:
    with pytest.raises(WrongValue):
        adopt(bad)


def test_too_deep_too_long_and_too_heavy_are_refused() -> None:
    deep: Any = 1
    for _ in range(MAX_DEPTH + 1):
        deep = [deep]
    for bad in (deep, "x" * (MAX_TEXT + 1), [None] * (MAX_ITEMS + 1)):
        with pytest.raises(LimitReached):
            kept(adopt(bad))
    with pytest.raises(LimitReached):
        kept(List(["x" * MAX_TEXT] * 9))
    assert kept(adopt(deep[0])) is not None


def test_doubling_a_value_reaches_the_limit_long_before_the_memory_does() -> None:
    value: Any = List([1])
    with pytest.raises(LimitReached):
        for _ in range(60):
            value = kept(List([value, value]))


def test_ten_thousand_nested_lists_are_an_error_and_no_crash() -> None:
    deep: Any = 1
    for _ in range(10_000):
        deep = [deep]
    with pytest.raises(LimitReached):
        adopt(deep)


def test_writing_changes_one_variable_and_nothing_else() -> None:
    inner = List([1])
    first = kept(Object(list=inner))
    second = kept(first)
    changed = written(second, ["list", 0], 9)
    assert plain(changed) == {"list": [9]} and plain(first) == {"list": [1]} and inner == [1]


def test_a_value_put_into_itself_makes_no_cycle() -> None:
    value = kept(List([1]))
    value = written(value, [1], kept(value))
    value = written(value, [1, 0], kept(value))
    assert plain(value) == [1, [[1, [1]]]]


def test_a_list_made_of_the_items_of_another_shares_nothing_with_it() -> None:
    first = kept(adopt([[1], [2]]))
    first = written(first, [0, 0], 3)  # now its first item belongs to it alone
    second = kept(List([*first]))
    first = written(first, [0, 0], 4)
    assert plain(second) == [[3], [2]] and plain(first) == [[4], [2]]


def test_what_a_variable_owns_alone_is_shared_again_when_the_variable_is_copied() -> None:
    first = kept(adopt([[1]]))
    first = written(first, [0, 0], 2)
    first = written(kept(first), [0, 0], 3)  # root and item are its own now
    second = kept(first)
    third = written(first, [0, 0], 4)
    assert plain(second) == [[3]] and plain(third) == [[4]]


def test_a_change_that_fails_changes_nothing() -> None:
    value = kept(Object(a=List([1])))
    for path, bad in ((["a", "x"], 1), (["a", 0, "k"], 1), (["a", -5], 1), (["a", MAX_ITEMS], 1)):
        with pytest.raises(ProgramError):
            written(value, path, bad)
        assert plain(value) == {"a": [1]}


def test_sizes_stay_right_through_random_changes() -> None:
    for seed in range(300):
        random = Random(seed)
        root: Any = kept(adopt({"a": [1, [2, "xy"]], "b": {"c": {}}}))
        for _ in range(30):
            path = [random.choice(["a", "b", "c", 0, 1, -1]) for _ in range(random.randint(1, 4))]
            value = random.choice([None, "text", 1, List([1, List()]), Object(k=List([1])), List()])
            try:
                if random.random() < 0.6:
                    root = written(root, path, value)
                else:
                    root, _ = spliced(root, path, random.randint(-2, 3), random.randint(0, 2), [value])
            except ProgramError:
                continue
            if random.random() < 0.2:
                kept(root)
            assert measure(root) == fresh_measure(root), seed


def test_pushing_to_a_list_nobody_else_sees_copies_nothing() -> None:
    root, _ = spliced(kept(List()), [], 0, 0, [0])
    for number in range(20_000):
        after, _ = spliced(root, [], len(root), 0, [number])
        assert after is root


def test_fields_are_found_exactly_first_and_then_in_any_case() -> None:
    value = Object(name="a", Name="b")
    assert (member(value, "Name"), member(value, "NAME"), member(value, "x")) == ("b", "a", None)


def test_rows_of_a_search_behave_as_list_and_as_their_first_row() -> None:
    rows = RowSet([Object(price=5), Object(price=6)])
    assert member(rows, "price") == 5 and item(rows, 1)["price"] == 6 and member(rows, "length") == 2
    assert member(RowSet(), "price") is None and not truthy(RowSet())


def test_a_text_looks_like_a_number_only_if_all_of_it_does() -> None:
    assert [numeric(t) for t in ("5", " -2.50 ", ".5", "1e5", "5kg", "", "٣", "0x10")] == [
        5, -2.5, 0.5, None, None, None, None, None,
    ]  # fmt: skip
