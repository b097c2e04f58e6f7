"""What a search finds, and what it no longer finds."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings, strategies as some

from storage.search.entry import Entry, Hit
from storage.search.fusion import Weights
from storage.search.index import SearchIndex

WIDTH = 4


def index_of(*entries: Entry, weights: Weights | None = None) -> SearchIndex:
    index = SearchIndex(WIDTH, weights)
    for entry in entries:
        index.put(entry)
    return index


def names(hits: list[Hit]) -> list[str]:
    return [hit.id for hit in hits]


def talk(*said: str, conversation: str = "monday") -> list[Entry]:
    """A conversation of Ann and Bob in turns."""
    authors = ("Ann", "Bob")
    return [
        Entry(f"{conversation}/{at}", text, author=authors[at % 2], conversation=conversation, position=at)
        for at, text in enumerate(said)
    ]


def test_a_write_is_found_by_the_next_search() -> None:
    index = index_of(Entry("colour", "blue"), Entry("size", "large"))
    index.put(Entry("pet", "a parrot called Coco"))
    assert names(index.search("Which parrot is it?", limit=1)) == ["pet"]


def test_a_removed_entry_is_never_found_again() -> None:
    index = index_of(Entry("colour", "blue"), Entry("pet", "a parrot"))
    assert index.remove("pet")
    assert names(index.search("parrot")) == ["colour"]
    assert not index.remove("pet")
    assert len(index) == 1 and "pet" not in index


def test_an_entry_written_again_is_found_by_its_new_words_only() -> None:
    index = index_of(Entry("pet", "a parrot"), Entry("colour", "blue"), Entry("size", "large"))
    index.put(Entry("pet", "a tortoise"))
    by_old, by_new = index.search("parrot", limit=1)[0], index.search("tortoise", limit=1)[0]
    assert by_old.words == 0
    assert by_new.id == "pet" and by_new.words > 0
    assert len(index) == 3


def test_an_entry_is_found_by_its_key() -> None:
    index = index_of(Entry("1", "blue", about="favourite_colour"), Entry("2", "Lisbon", about="home.city"))
    assert names(index.search("What are her favourite colours?", limit=1)) == ["1"]
    assert names(index.search("city", limit=1)) == ["2"]


def test_an_answer_is_found_by_the_words_of_its_question() -> None:
    said = ["Which instrument do you play?", "The cello, since I was nine.", "Wow!", "The weather is fine."]
    index = index_of(*talk(*said), Entry("other", "a key in the drawer"))
    assert names(index.search("instrument", limit=1)) == ["monday/1"]


def test_words_are_not_heard_in_another_conversation() -> None:
    index = index_of(*talk("I play an instrument", conversation="a"), *talk("The cello", conversation="b"))
    assert [hit.words > 0 for hit in index.search("instrument")] == [True, False]


def test_neighbours_close_ranks_around_a_removed_entry() -> None:
    index = index_of(*talk("An instrument", "Hm", "Well", "Yes", "The cello"))
    far = {hit.id: hit.words for hit in index.search("instrument")}
    index.remove("monday/1")
    near = {hit.id: hit.words for hit in index.search("instrument")}
    assert far["monday/4"] == 0 < near["monday/4"]
    assert near["monday/2"] > far["monday/2"]


def test_an_entry_said_between_two_others_parts_them() -> None:
    first, last = talk("An instrument", "", "The cello")[::2]
    index = index_of(first, last)
    near = {hit.id: hit.words for hit in index.search("instrument")}
    index.put(Entry("between", "Hm", conversation="monday", position=1))
    assert {hit.id: hit.words for hit in index.search("instrument")}["monday/2"] < near["monday/2"]


def test_a_named_author_counts_for_what_he_said_and_not_as_a_word() -> None:
    index = index_of(*talk("I sold my old boat, Bob", "I sold my old boat too, Ann"))
    assert names(index.search("What did Ann sell?", limit=1)) == ["monday/0"]
    assert names(index.search("What did Bob sell?", limit=1)) == ["monday/1"]
    assert index.matter("What did Ann sell to Bob?") == "what did sell to"


def test_an_author_is_forgotten_with_his_last_entry() -> None:
    index = index_of(*talk("I sold my boat", "Good"))
    index.remove("monday/0")
    assert index.matter("What did Ann sell?") == "what did ann sell"


def test_a_named_date_finds_what_was_said_then() -> None:
    index = index_of(
        *(Entry(f"{month}", "we had dinner", at=date(2023, month, 3)) for month in range(1, 13)),
        Entry("undated", "we had dinner"),
    )
    assert names(index.search("Where was the dinner on May 3, 2023?", limit=1)) == ["5"]
    assert names(index.search("dinner 2023-11-03", limit=1)) == ["11"]


def test_no_more_than_the_limit_is_found_and_only_what_is_kept() -> None:
    index = index_of(*(Entry(f"{at:03}", "the same words") for at in range(200)))
    assert names(index.search("words", limit=3)) == ["000", "001", "002"]
    assert names(index.search("words", limit=2, keep=lambda name: name >= "150")) == ["150", "151"]
    assert index.search("words", keep=lambda name: False) == []
    assert index.search("words", limit=0) == []


def test_a_key_is_not_behind_conversations_for_standing_alone() -> None:
    turns = [turn for day in "abcdef" for turn in talk("Hello", "Did the parcel come?", "No", conversation=day)]
    index = index_of(*turns, Entry("key", "The safe opens with 4711"))
    assert names(index.search("How does the safe open?", limit=1)) == ["key"]


def test_an_empty_index_finds_nothing() -> None:
    index = index_of()
    assert index.search("anything") == []
    index.put(Entry("a", "something"))
    index.remove("a")
    assert index.search("anything") == []


@pytest.mark.parametrize("question", ["", "?", "the of and", "\0", "東京", "é" * 5000, "🦜", "May", "2023-99-99"])
def test_any_question_is_answered(question: str) -> None:
    index = index_of(Entry("a", ""), Entry("b", "\0"), Entry("c", "東京 is big"), Entry("d", "the of and"))
    assert len(index.search(question, np.ones(WIDTH, np.float32))) == 4


def test_vectors_find_what_words_do_not() -> None:
    index = index_of()
    east, north = np.eye(WIDTH, dtype=np.float32)[:2]
    index.put(Entry("pet", "a dog"), east)
    index.put(Entry("colour", "blue"), north)
    index.put(Entry("late", "its vector comes later"))
    hits = index.search("puppy", 3 * east)
    assert names(hits)[0] == "pet" and hits[0].meaning == pytest.approx(1)
    assert {hit.id: hit.meaning for hit in hits}["late"] == 0


def test_neighbours_mix_into_the_meaning() -> None:
    east, north = np.eye(WIDTH, dtype=np.float32)[:2]
    index = index_of()
    for entry, vector in zip(talk("Which breed?", "A small one"), (east, north), strict=True):
        index.put(entry, vector)
    meaning = {hit.id: hit.meaning for hit in index.search("puppy", east)}
    assert 0 < meaning["monday/1"] < meaning["monday/0"] < 1
    index.remove("monday/0")
    assert index.search("puppy", east)[0].meaning == 0


@pytest.mark.parametrize("vector", [np.ones(WIDTH + 1), np.full(WIDTH, np.nan), np.ones((1, WIDTH))])
def test_a_vector_of_another_shape_is_refused_and_nothing_changes(vector: np.ndarray) -> None:
    index = index_of(Entry("a", "blue"))
    with pytest.raises(ValueError, match="4 finite numbers"):
        index.put(Entry("a", "green"), vector)
    with pytest.raises(ValueError, match="4 finite numbers"):
        index.search("green", vector)
    assert index.search("blue")[0].words > 0 and len(index) == 1


WORDS = ("parrot", "piano", "went", "go", "lisbon", "May", "the", "Ann", "?")

entries = some.builds(
    Entry,
    id=some.sampled_from("abcdefgh"),
    text=some.lists(some.sampled_from(WORDS), max_size=5).map(" ".join),
    author=some.sampled_from(["", "Ann", "Bob"]),
    conversation=some.sampled_from(["", "x", "y"]),
    position=some.integers(0, 3),
    at=some.sampled_from([None, date(2023, 5, 3), date(2024, 5, 4)]),
)
vectors = some.none() | some.tuples(*[some.integers(-3, 3)] * WIDTH).map(lambda four: np.array(four, np.float32))


@settings(max_examples=150, deadline=None)
@given(
    writes=some.lists(some.tuples(entries, vectors, some.booleans()), max_size=25),
    question=some.lists(some.sampled_from(WORDS), max_size=4).map(" ".join),
    asked=vectors,
)
def test_only_what_is_in_an_index_counts_and_not_how_it_came_there(
    writes: list[tuple[Entry, np.ndarray | None, bool]], question: str, asked: np.ndarray | None
) -> None:
    lived = SearchIndex(WIDTH)
    left: dict[str, tuple[Entry, np.ndarray | None]] = {}
    for entry, vector, removes in writes:
        if removes:
            assert lived.remove(entry.id) == (left.pop(entry.id, None) is not None)
        else:
            lived.put(entry, vector)
            left[entry.id] = entry, vector
    fresh = SearchIndex(WIDTH)
    for name in sorted(left):
        fresh.put(*left[name])
    found, expected = lived.search(question, asked), fresh.search(question, asked)
    assert names(found) == names(expected)
    assert [hit.score for hit in found] == pytest.approx([hit.score for hit in expected], abs=1e-8)
    assert len(lived) == len(left)
