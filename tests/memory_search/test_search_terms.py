"""From texts to terms and dates."""

from __future__ import annotations

import pytest

from storage.search.dates import Named, named
from storage.search.irregular import BASE
from storage.search.tokens import content_words, terms, words


@pytest.mark.parametrize(
    ("one", "other"),
    [("went", "going"), ("bought", "buys"), ("children", "child"), ("adoption", "adopting"), ("São", "sao")],
)
def test_forms_of_a_word_are_one_term(one: str, other: str) -> None:
    assert terms(one) == terms(other)


def test_every_irregular_form_has_one_base_which_is_no_form_itself() -> None:
    assert not set(BASE) & set(BASE.values())


def test_keys_are_cut_into_their_words() -> None:
    assert words("customer.favourite_colour-2") == ["customer", "favourite", "colour", "2"]


def test_stop_words_tell_nothing() -> None:
    assert content_words("What's the name of your dog? Don't you have one?") == ["name", "dog", "one"]


def test_scripts_without_blanks_are_cut_into_pairs() -> None:
    assert words("東京都に住む Ann3") == ["東京", "京都", "都に", "に住", "住む", "ann3"]
    assert words("abc京") == ["abc", "京"]


@pytest.mark.parametrize("text", ["", "\0", "'", "___", "🦜"])
def test_a_text_without_words_has_no_terms(text: str) -> None:
    assert terms(text) == []


@pytest.mark.parametrize(
    ("text", "days", "months", "years"),
    [
        ("on May 3, 2023", {3}, {5}, {2023}),
        ("on the 21st of june", {21}, {6}, set[int]()),
        ("in 2022", set[int](), set[int](), {2022}),
        ("2024-02-29", {29}, {2}, {2024}),
        ("she may have 3 dogs", set[int](), set[int](), set[int]()),
        ("between January and March 2024", set[int](), {1, 3}, {2024}),
        ("", set[int](), set[int](), set[int]()),
    ],
)
def test_a_date_is_read_as_people_write_it(text: str, days: set[int], months: set[int], years: set[int]) -> None:
    assert named(text) == Named(frozenset(days), frozenset(months), frozenset(years))
