"""Conditions as lines to pick: what they show, and that a change of one part leaves all other characters alone."""

from __future__ import annotations

import pytest

from designer.comparisons import BLANK, Comparisons, changed, compared, from_words
from designer.document import Document
from designer.edits import edited
from designer.forms import fields_of
from designer.known_names import event_fields, names_before
from designer.outline import Outline, outlined
from designer.refusals import NotHere
from designer.slots import said
from keywords.library import registry as library

REGISTRY = library()
SHOWN = [
    ("total > 100", [("total", "more", "100")]),
    ("TRUE", [("", "is", "")]),
    ('tier = "a vip" AND paid.now AND NOT b', [("tier", "is", "a vip"), ("paid.now", "yes", ""), ("b", "no", "")]),
    ('code == "100" OR code <> wanted', [("code", "is", '"100"'), ("code", "is-not", "= wanted")]),
    ('a IN ["x", 3]', [("a", "one-of", "x, 3")]),
    ("rows[0].n >= LEN(x) + 1", [("rows[0].n", "at-least", "= LEN(x) + 1")]),
    ("x IS NULL AND y IS NOT NULL", [("x", "nothing", ""), ("y", "something", "")]),
    ('a NOT CONTAINS "b"', [("a", "has-not", "b")]),
    ('a  =  "say ""hi"""', [("a", "is", 'say "hi"')]),
    ("a = -1 AND b = TRUE", [("a", "is", "-1"), ("b", "is", "true")]),
    ('a STARTS WITH "${b}"', [("a", "begins", "${b}")]),
]  # fmt: skip
RICH = ["a = 1 AND b = 2 OR c", "(a = 1)", "a = 1 AND (b = 2 OR c = 3)", "a BETWEEN 1 AND 2", "a ?? b = 1", "a = b = c",
        "!a", "x = y ? 1 : 2", 'NOT (a = 1)', 'a LIKE "b%"']  # fmt: skip
PARTS = [("left", "new.name"), ("how", "less"), ("how", "no"), ("how", "one-of"), ("how", "something"),
         ("right", 'a "new" value'), ("right", "= q + 1"), ("right", "7"), ("gone", "")]  # fmt: skip


def lines(condition: str) -> Comparisons:
    line = said(f"IF {condition} THEN", REGISTRY)
    assert not line.broken, condition
    return compared(line.text, line.slot("condition"))


def told(found: Comparisons) -> list[tuple[str, str, str]]:
    return [(one.left, one.how, one.right) for one in found.lines]


@pytest.mark.parametrize(("condition", "wanted"), SHOWN)
def test_a_condition_is_shown_as_lines(condition: str, wanted: list[tuple[str, str, str]]):
    assert told(lines(condition)) == wanted


@pytest.mark.parametrize("condition", RICH)
def test_a_condition_that_says_more_is_text_and_is_not_touched(condition: str):
    found = lines(condition)
    assert found.rich
    with pytest.raises(NotHere, match="Change its text"):
        changed(condition, found, 0, "left", "x", (), "TRUE")


@pytest.mark.parametrize("condition", [condition for condition, _ in SHOWN])
def test_a_change_of_one_part_leaves_every_other_line_as_it_is_written(condition: str):
    before = lines(condition)
    for number, one in enumerate(before.lines):
        for part, value in PARTS:
            text = changed(condition, before, number, part, value, (), "TRUE")
            after = lines(text)
            kept = [condition[o.start : o.end] for k, o in enumerate(before.lines) if k != number]
            now = [text[o.start : o.end] for k, o in enumerate(after.lines) if k != number or part == "gone"]
            assert (now if kept else []) == kept, (part, value, text)
            if part == "left":
                assert told(after)[number][0] == value
            if part == "right" and one.value is not None and one.how != "one-of":
                assert told(after)[number][2] == value
            if part == "how":
                assert told(after)[number][1] == value


def test_one_more_line_is_joined_as_the_others_are_and_all_are_joined_anew():
    assert changed("a", lines("a"), 1, "left", "b", (), "") == 'a AND b = ""'
    assert changed("a OR b", lines("a OR b"), 2, "left", "c", (), "") == 'a OR b OR c = ""'
    assert changed("a and b  AND c", lines("a and b  AND c"), 1, "join", "OR", (), "") == "a OR b  OR c"
    assert changed("a AND b AND c", lines("a AND b AND c"), 1, "gone", "", (), "") == "a AND c"
    assert changed("a", lines("a"), 0, "gone", "", (), "TRUE") == "TRUE"
    both = "a > 1 AND b > 2"
    assert changed(both, lines(both), 0, "left", "c OR d", (), "") == "(c OR d) > 1 AND b > 2", "b is asked as before"
    assert changed(both, lines(both), 1, "right", "= c or d", (), "") == "a > 1 AND b > (c or d)"
    assert (
        changed(both, lines(both), 1, "left", 'size("x or y", [p = q])', (), "")
        == 'a > 1 AND size("x or y", [p = q]) > 2'
    )
    assert changed("a AND b", lines("a AND b"), 2, "gone", "", (), "") == "a AND b", "one that was not begun yet"
    assert told(Comparisons((BLANK,))) == told(lines("TRUE"))


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("tier is vip", 'tier = "vip"'),
        ("total is more than 100 and tier is vip", 'total > 100 AND tier = "vip"'),
        ("tier é vip ou total é no máximo 5", 'tier = "vip" OR total <= 5'),
        ("order.total is at least limit", "order.total >= limit"),
        ("topic is one of refund, a question", 'topic IN ["refund", "a question"]'),
        ("customer has no value", "customer IS NULL"),
        ("paid is not true", "NOT paid"),
        ("stock > 0 THEN STOP", None),
        ("look at it", None),
        ("tier is vip or total is 5 and paid is true", None),
        ('name is "a or b" and total is 5', 'name = "a or b" AND total = 5'),
    ],
)
def test_a_condition_is_said_in_words(words: str, wanted: str | None):
    assert from_words(words, {"limit"}) == wanted


PROGRAM = """\
ORCHESTRATE WORKFLOW "w"
PARAM tier AS STRING
order = {id: 1, total: 5}
IF TRUE THEN
  inside = 1
ELSE
  ok = HUMAN APPROVAL FROM "x@y.z" MESSAGE "?" TIMEOUT 5
END IF
FOR EACH item IN [{n: 1}]
  WHILE FALSE
  WEND
NEXT item
WAIT FOR EVENT "parcel" TIMEOUT 5
late = 1
TALK order.customer.name
PUBLISH EVENT "parcel" WITH {id: 1, "to": {city: "x"}}
END WORKFLOW
"""


def outline_of(text: str) -> Outline:
    return outlined(Document.of(text), REGISTRY)


def test_names_are_those_that_are_set_on_the_way_to_a_step():
    outline = outline_of(PROGRAM)
    order = ["tier", "order", "order.id", "order.total", "order.customer.name"]
    approval = ["ok", "ok.approved", "ok.status", "ok.by", "ok.comment"]
    assert names_before(outline, outline.cards[4], REGISTRY) == order
    assert names_before(outline, outline.cards[7], REGISTRY) == order, "not those of the other branch"
    assert names_before(outline, outline.ways[6], REGISTRY) == order
    behind = names_before(outline, outline.cards[10], REGISTRY)
    assert behind == [*order, "inside", *approval, "item", "item.n"], "and what goes around; not what comes later"
    assert event_fields(outline, "Parcel", REGISTRY) == ["id", "to", "to.city"]


def after(text: str, node: int, **said_: object) -> str:
    return edited(outline_of(text), {"op": "set", "node": node, **said_}, REGISTRY).document.text


def test_lines_write_plain_basic_into_every_kind_of_condition():
    picked = after(PROGRAM, 4, field="condition", row=0, part="left", value="tier")
    assert 'IF tier = "" THEN\n' in picked
    assert 'IF tier = "vip" THEN\n' in after(picked, 4, field="condition", row=0, part="right", value="vip")
    assert 'WHILE item.n < ""\n' in after(
        after(PROGRAM, 10, field="condition", row=0, part="left", value="item.n"),
        10, field="condition", row=0, part="how", value="less",
    )  # fmt: skip
    waits = after(PROGRAM, 13, field="where", row=0, part="left", value="to.city")
    waits = after(waits, 13, field="where", row=0, part="right", value="= order.city")
    assert 'WAIT FOR EVENT "parcel" WHERE to.city = order.city TIMEOUT 5\n' in waits
    assert after(waits, 13, field="where", row=0, part="gone", value="") == PROGRAM
    assert 'IF tier = "vip" THEN\n' in after(PROGRAM, 4, field="condition", value="tier is vip")
    with pytest.raises(NotHere):
        after(PROGRAM, 4, field="condition", row=0, part="left", value="two words")
    with pytest.raises(NotHere):
        after(PROGRAM, 4, field="condition", row="0", part="left", value="x")


def test_a_condition_and_its_lines_are_one_field():
    outline = outline_of('IF a = 1 AND b THEN\nEND IF\nIF (a) THEN\nEND IF\nx = FIND "t" WHERE n = a\n')
    found = {card: fields_of(outline, outline.cards[card], REGISTRY)[0] for card in (1, 3)}
    assert [field.value for field in found.values()] == ["a = 1 AND b", "(a)"]
    assert [len(field.lines.lines) for field in found.values() if field.lines] == [2, 1]
    where = next(f for f in fields_of(outline, outline.cards[5], REGISTRY) if f.name == "condition")
    assert where.lines is not None
    assert told(where.lines) == [("n", "is", "= a")]
