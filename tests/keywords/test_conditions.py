"""Conditions given as text, and what fits them."""

from __future__ import annotations

from contextlib import suppress

import pytest

from keywords.conditions import condition, holds, parsed
from keywords.host import Value
from keywords.mistakes import ProgramError
from keywords.values import adopt

ROW = adopt({"stage": "Closed Won", "value": 70, "owner": {"name": "Ana"}, "note": None, "due": "2026-03-01"})


@pytest.mark.parametrize(
    ("words", "data"),
    [
        ("a = 1", ["=", "a", 1]),
        ("a=1", ["=", "a", 1]),
        ("stage!=Closed Won", ["<>", "stage", "Closed Won"]),
        ("a >= 40 AND b < 70", ["AND", [">=", "a", 40], ["<", "b", 70]]),
        ("a = 1 OR b = 2 AND c = 3", ["OR", ["=", "a", 1], ["AND", ["=", "b", 2], ["=", "c", 3]]]),
        ("(a = 1 OR b = 2) AND c = 3", ["AND", ["OR", ["=", "a", 1], ["=", "b", 2]], ["=", "c", 3]]),
        ("NOT a = 1", ["NOT", ["=", "a", 1]]),
        ("a IS NULL", ["IS NULL", "a"]),
        ("a is not null", ["NOT", ["IS NULL", "a"]]),
        ("name LIKE 'A%'", ["LIKE", "name", "A%"]),
        ("name NOT LIKE A%", ["NOT", ["LIKE", "name", "A%"]]),
        ("kind IN ('a', \"b, c\", 3)", ["IN", "kind", ["a", "b, c", 3]]),
        ("kind NOT IN (a, b)", ["NOT IN", "kind", ["a", "b"]]),
        ("name = 'this AND that'", ["=", "name", "this AND that"]),
        ("name = 'it\\'s'", ["=", "name", "it's"]),
        ("active", ["TRUE", "active"]),
        ("active AND a = TRUE", ["AND", ["TRUE", "active"], ["=", "a", True]]),
        ("a = ", ["=", "a", ""]),
        ("a = NULL && b = 2 || c = 3", ["OR", ["AND", ["=", "a", None], ["=", "b", 2]], ["=", "c", 3]]),
        ("owner.name = Ana", ["=", "owner.name", "Ana"]),
        ("title = Head (sales)", ["=", "title", "Head (sales)"]),
        ("tags CONTAINS vip", ["CONTAINS", "tags", "vip"]),
        ("android = 1", ["=", "android", 1]),
    ],
)
def test_a_text_becomes_a_condition(words: str, data: Value) -> None:
    assert parsed(words) == data


@pytest.mark.parametrize(
    ("words", "fits"),
    [
        ("stage = closed won", False),
        ("stage = Closed Won AND value >= 70", True),
        ("value > 70", False),
        ("STAGE LIKE %won", True),
        ("owner.name = Ana", True),
        ("note IS NULL", True),
        ("note", False),
        ("missing = 1", False),
        ("missing <> 1", True),
        ("due < 2026-04-01", True),
        ("value IN (60, 70)", True),
    ],
)
def test_a_row_fits_or_not(words: str, fits: bool) -> None:
    assert holds(condition(words), ROW) is fits


@pytest.mark.parametrize(
    "words", ["", "AND", "a = 1 AND", "(a = 1", "= 3", "a IN 3", "a IN (1", "+ 1", "NOT", "(" * 60 + "a"]
)
def test_what_is_no_condition_is_told(words: str) -> None:
    with pytest.raises(ProgramError):
        parsed(words)


def test_a_hostile_condition_ends_in_a_limit() -> None:
    for piece in (" ", "(", "a ", "'", "a = 1 AND ", "NOT ", ",", "IN (", "\\"):
        with pytest.raises(ProgramError):
            parsed(piece * 20_000)
        with suppress(ProgramError):
            parsed((piece * 10_000)[:9_999])


def test_data_that_is_no_condition_is_refused() -> None:
    for data in ([], [1], ["b", "c", 1], ["AND", ["=", "a", 1]], ["=", 1, 2], {"a": 1}, 5, None):
        with pytest.raises(ProgramError):
            condition(adopt(data))
