"""The notation of forms, and the table of keywords."""

from __future__ import annotations

import pytest

from keywords import structure
from keywords.phrases import lexicon
from keywords.registry import Clause, DuplicatePhrase, Effect, Keyword, Kind, Slot, form, keyword, spelling, table


def made(*syntaxes: str, name: str = "") -> Keyword:
    def act(moment: object, name: str = "", data: object = None) -> None:
        """Do something.

        And more about it.
        """

    return keyword(*syntaxes, effect=Effect.PURE, example="", group="test", name=name)(act)


def test_the_notation_gives_phrase_clauses_and_slots():
    found = form("PUBLISH EVENT {name} [WITH {data}]")
    assert found.words == "PUBLISH EVENT"
    assert found.clauses == (
        Clause("", (Slot("name"),)),
        Clause("WITH", (Slot("data"),), required=False),
    )


def test_slots_may_be_optional_and_have_kinds():
    found = form("FIND {table:tight} [, {filters:many}] [WHERE {c:condition}] [FIRST {first:flag}]")
    assert [(s.name, s.kind, s.required) for s in found.slots] == [
        ("table", Kind.TIGHT, True),
        ("filters", Kind.MANY, False),
        ("c", Kind.CONDITION, True),
        ("first", Kind.FLAG, True),
    ]
    assert [(c.words, c.required) for c in found.clauses] == [("", True), ("WHERE", False), ("FIRST", False)]


def test_clauses_may_have_no_slot_and_follow_optional_ones():
    assert form("FOR EACH {x:name} IN {e} [LAST {n}] [DO]").clauses[-1] == Clause("DO", (), required=False)
    found = form("COPY {a} [FROM {b}] TO {c}")
    assert [(c.words, c.required) for c in found.clauses] == [("", True), ("FROM", False), ("TO", True)]


def test_a_clause_may_have_several_slots():
    found = form("DRAW {a} AT {x} {y} [, {z}]")
    assert found.clauses[1] == Clause("AT", (Slot("x"), Slot("y"), Slot("z", required=False, comma=True)))


def test_words_before_the_first_slot_are_the_phrase():
    assert form("BOT SYNC MEMORY FROM {bot}").words == "BOT SYNC MEMORY FROM"
    assert form("NEW OBJECT").clauses == ()


def test_a_slot_behind_a_bracket_has_no_place():
    with pytest.raises(ValueError, match="follows a bracket"):
        form("POST TO {channel} [AT {time}] {text}")


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="sort"):
        form("X {a:sort}")


def test_a_keyword_is_named_by_its_first_form_unless_told():
    assert made("HUMAN APPROVAL FROM {who}").name == "HUMAN APPROVAL FROM"
    assert made("HUMAN APPROVAL FROM {who}", name="HUMAN APPROVAL").name == "HUMAN APPROVAL"
    assert made("X {name}").summary == "Do something."
    assert list(made("X {name}").parameters) == ["name", "data"]


def test_two_keywords_with_one_phrase_are_refused():
    registry = table([made("ADD KB {name}")])
    with pytest.raises(DuplicatePhrase, match="both claim the phrase ADD KB"):
        registry.register(made("ADD_KB {name}"))
    assert len(list(registry)) == 1


def test_a_refused_registration_adds_nothing():
    registry = table([made("A {name}")])
    with pytest.raises(DuplicatePhrase):
        registry.register(made("B {name}"), made("C {name}", "A {name} WITH {data}"))
    assert "B" not in registry
    assert "B" not in registry.phrases


def test_the_version_names_what_may_be_written():
    first, same = table([made("A {name}"), made("B {name}")]), table([made("B {name}"), made("A {name}")])
    assert first.version == same.version
    before = first.version
    first.register(made("C {name}"))
    assert first.version != before
    assert lexicon(first) is lexicon(first)
    assert lexicon(first) is not lexicon(same)


def test_spelling_ignores_case_and_underscores():
    assert spelling("get_bot  Memory") == "GET BOT MEMORY"


def test_every_structure_word_can_be_written_and_is_documented():
    names = [word.name for word in structure.WORDS]
    assert len(names) == len(set(names))
    documented = structure.__doc__ or ""
    for word in structure.WORDS:
        assert word.name in documented, word.name
        for form_ in word.forms:
            for slot in form_.slots:
                renamed = {"signature": "parameters", "pairs": "WITH"}.get(slot.name, slot.name)
                assert renamed in documented, (word.name, slot.name)


def test_every_kind_of_block_that_opens_is_closed_by_a_word():
    opened = {word.opens for word in structure.WORDS if word.opens}
    closed = {kind for word in structure.WORDS for kind in word.closes}
    assert opened == closed
    assert set(structure.ENDS) | {"workflow", "text"} == opened
