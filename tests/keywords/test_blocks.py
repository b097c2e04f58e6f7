"""The block tree: its shape, its faults, and that it loses nothing whatever the text is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from keywords import blocks, library
from keywords.blocks import Blocks, Line, Node
from tests.keywords.dialect import registry

REGISTRY = registry()


def read(text: str) -> Blocks:
    found = blocks.read(text, REGISTRY)
    assert_lossless(found)
    return found


def assert_lossless(found: Blocks) -> None:
    """Every line belongs to exactly one leaf, head or closing line, and ranges nest without gaps."""
    assert "".join(found.lines) == found.text
    position = _tile(found.nodes, 0)
    assert position == len(found.lines)
    for node in found.walk():
        for line in (node.head, node.close, *node.details, *(arm.head for arm in node.arms)):
            if line is not None:
                start = line.number - 1
                assert found.source(start, start + line.lines) in (line.text, line.text + "\n")


def _tile(nodes: Sequence[Node], position: int) -> int:
    for node in nodes:
        assert node.start == position < node.end
        inner = node.start
        for arm in node.arms:
            assert arm.start == inner
            inner = _tile(arm.children, arm.start + (arm.head.lines if arm.head else 0))
            assert arm.end == inner
        if node.arms:
            assert node.end == inner + (node.close.lines if node.close else 0)
        position = node.end
    return position


def shape(text: str) -> str:
    """The tree as brackets: `if[statement | statement]`."""

    def of(nodes: Sequence[Node]) -> str:
        said: list[str] = []
        for node in nodes:
            inner = " | ".join(of(arm.children) for arm in node.arms)
            details = f"+{len(node.details)}" if node.details else ""
            said.append(node.kind + details + (f"[{inner}]" if node.arms else ""))
        return " ".join(said)

    return of(read(text).nodes)


def faults(text: str) -> list[tuple[int, int, str, str]]:
    return [(f.line, f.column, f.message, f.fix) for f in read(text).faults]


def test_blocks_nest():
    text = """
ORCHESTRATE WORKFLOW "w"
  ' a note
  IF a THEN
    TALK "x"
  ELSE IF b THEN
    FOR EACH x IN rows
      TALK x
    NEXT
  ELSE
    DO WHILE c
      c = FALSE
    LOOP
  END IF
  WHILE a < 3
    a = a + 1
  WEND
END WORKFLOW
"""
    assert shape(text) == ("blank workflow[note if[statement | for[statement] | do[statement]] while[statement]]")
    assert not faults(text)


def test_every_kind_of_block_is_known():
    assert shape("SELECT CASE x\n' first\nCASE 1\nTALK a\nCASE ELSE\nTALK b\nEND SELECT") == (
        "select[note | statement | statement]"
    )
    assert shape("SWITCH x\nCASE 1\nDEFAULT\nTALK a\nEND SWITCH") == "switch[ |  | statement]"
    assert shape("WITH order\n  id = 1\n  .name = b\nEND WITH") == "with[statement statement]"
    assert (
        shape("SUB a(b)\nTALK b\nEND SUB\nFUNCTION c\nRETURN 1\nEND FUNCTION") == "sub[statement] function[statement]"
    )
    assert shape('ON EVENT "x" DO\nTALK 1\nEND ON') == "on[statement]"
    assert shape("SCHEDULE IN 5 SECONDS DO\nTALK 1\nEND SCHEDULE") == "schedule[statement]"
    assert shape("FOR i = 1 TO 3\nEND FOR\nFOR x IN y LAST 3 DO\nNEXT x") == "for[] for[]"
    assert shape("TABLE t\n id int key\nEND TABLE") == "table[blank]"
    assert shape("IF a THEN b = 1\nTALK c") == "statement statement"
    assert shape("IF a {\nTALK 1\n} ELSE IF b {\n} else {\nTALK 2\n}") == "if[statement |  | statement]"


def test_parallel_has_an_arm_for_each_branch():
    text = 'STEP 2: PARALLEL\n  BRANCH A: BOT "x" "y"\n    TALK "more"\n  BRANCH slow lane:\n    WAIT 5\nEND PARALLEL'
    assert shape(text) == "parallel[ | statement | statement]"
    node = read(text).nodes[0]
    assert [arm.head.text.strip() if arm.head else None for arm in node.arms] == [
        "STEP 2: PARALLEL",
        'BRANCH A: BOT "x" "y"',
        "BRANCH slow lane:",
    ]


def test_a_workflow_may_run_to_the_end_of_the_file():
    text = 'ORCHESTRATE WORKFLOW "w"\nSTEP 1: BOT "a" "b"\n'
    assert shape(text) == "workflow[statement]"
    assert not faults(text)


def test_details_belong_to_their_statement():
    text = """STEP 1: HUMAN APPROVAL FROM "a"
  TIMEOUT 900  ' a note
  ON TIMEOUT: ESCALATE TO "b"
STEP 2: BOT "a" "b"
  DELAY 5
DELAY 6
x = LLM "p"
  WITH OPTIMIZE FOR "speed"
TALK x"""
    assert shape(text) == "statement+2 statement+1 statement statement statement"
    assert [d.text.strip() for d in read(text).nodes[0].details] == [
        "TIMEOUT 900  ' a note",
        'ON TIMEOUT: ESCALATE TO "b"',
    ]
    assert read(text).nodes[3].head == Line(7, 'x = LLM "p"\n  WITH OPTIMIZE FOR "speed"', 2)


def test_an_approval_that_is_assigned_has_its_details_too():
    assert shape('ok = HUMAN APPROVAL FROM "a"\n  TIMEOUT 5\nTALK ok') == "statement+1 statement"


def test_the_body_of_a_text_block_is_kept_as_it_is():
    text = 'BEGIN TALK\nHello ${name}!\n\nIF this THEN\n  "nothing" here\' counts\nEND TALK\nTALK x'
    assert shape(text) == "text[blank] statement"
    found = read(text)
    assert found.body(found.nodes[0]).text == 'Hello ${name}!\n\nIF this THEN\n  "nothing" here\' counts\n'
    assert found.body(found.nodes[0]).number == 2
    assert shape("begin system prompt\nYou are.\nend  System Prompt\nx = 1") == "text[blank] statement"
    assert read("BEGIN MAIL to\nEND MAIL").body(read("BEGIN MAIL to\nEND MAIL").nodes[0]).text == ""


def test_a_string_over_several_lines_holds_no_blocks():
    text = 'TALK "first\nIF x THEN\nFOR EACH y IN z\n" + name\nTALK "b"'
    assert shape(text) == "statement statement"


def test_positions_count_from_one():
    line = Line(5, "  a = [\n 1,\n@]", 3)
    assert line.position(2) == (5, 3)
    assert line.position(9) == (6, 2)
    assert line.position(12) == (7, 1)


FAULTS = [
    ("IF a THEN\nTALK 1", [(1, 1, "The IF of line 1 is never closed.", "Add END IF.")]),
    ("  FOR EACH x IN y\nTALK 1", [(1, 3, "The FOR EACH of line 1 is never closed.", "Add NEXT.")]),
    ("WEND", [(1, 1, "WEND has nothing to close here.", "Remove it, or add the line that opens it.")]),
    ("x = 1\n  ELSE", [(2, 3, "ELSE stands outside IF.", "Move it into IF, or remove it.")]),
    ("CASE 1", [(1, 1, "CASE stands outside SELECT or SWITCH.", "Move it into SELECT or SWITCH, or remove it.")]),
    ('BRANCH A: BOT "x"', [(1, 1, "BRANCH stands outside PARALLEL.", "Move it into PARALLEL, or remove it.")]),
    ("STEP 2: PARALLEL\nx = 1", [(1, 1, "The PARALLEL of line 1 is never closed.", "Add END PARALLEL.")]),
    (
        "BEGIN SYSTEM PROMPT\nYou",
        [(1, 1, "The BEGIN SYSTEM PROMPT of line 1 is never closed.", "Add END SYSTEM PROMPT.")],
    ),
    ("IF a {\nTALK 1", [(1, 1, "The IF of line 1 is never closed.", "Add }.")]),
    ("FOR EACH x IN y\nWEND", [(2, 1, "The FOR EACH of line 1 is closed by NEXT, not by WEND.", "Write NEXT.")]),
]


@pytest.mark.parametrize(("text", "expected"), FAULTS, ids=[text for text, _ in FAULTS])
def test_a_fault_names_the_opener_and_what_to_add(text: str, expected: list[tuple[int, int, str, str]]):
    assert faults(text) == expected


def test_an_end_that_is_missing_inside_is_blamed_by_its_indentation():
    text = "IF a THEN\n  IF b THEN\n    TALK 1\nEND IF\nTALK 2"
    assert shape(text) == "if[if[statement]] statement"
    assert [line for line, *_ in faults(text)] == [2]


def test_an_unclosed_block_ends_where_the_next_statement_is_as_far_left():
    assert shape("FOR EACH x IN y\n  TALK x\nTALK 1\nIF a THEN\n  TALK b\nEND IF") == (
        "for[statement] statement if[statement]"
    )
    assert shape("SUB a\n  IF b THEN\n    TALK 1\nEND SUB\nTALK 2") == "sub[if[statement]] statement"


def test_several_faults_are_told_at_once():
    text = "IF a THEN\n  TALK 1\nTALK 2\nWEND\nFOR EACH x IN y\n  TALK x\nTALK 3\nCASE 1\n"
    assert [(line, message.split()[0]) for line, _, message, _ in faults(text)] == [
        (1, "The"),
        (4, "WEND"),
        (5, "The"),
        (8, "CASE"),
    ]


def test_bad_indentation_alone_is_no_fault():
    assert not faults("      IF a THEN\nTALK 1\n  IF b THEN\n        TALK 2\n            END IF\nEND IF")


def test_nesting_is_limited():
    text = "IF a THEN\n" * 150 + "END IF\n" * 150
    told = faults(text)
    assert told[0][2] == "Blocks are nested more than 100 deep."
    assert len(told) <= blocks.MOST_FAULTS


@pytest.mark.parametrize(
    "text", ["", "\n", " ", "\r\n", "x", "x\n", "x\r\ny", "\0", "a\fb\vc\x85d\u2028e\nf", "\t\n\t", "'", '"']
)
def test_small_texts_are_kept_byte_for_byte(text: str):
    assert "".join(read(text).lines) == text


PIECES = st.sampled_from(
    """IF a THEN|IF a {|}|} ELSE {|ELSE|ELSE IF b THEN|END IF|FOR EACH x IN y|FOR i = 1 TO 3|NEXT|END FOR|WHILE a|WEND
DO|LOOP|SELECT CASE x|CASE 1|CASE ELSE|END SELECT|SWITCH x|END SWITCH|WITH a|.b = 1|END WITH|TABLE t|END TABLE|SUB a(b)
END SUB|ON EVENT "x" DO|END ON|STEP 1: PARALLEL|BRANCH A: BOT "b"|BRANCH B:|END PARALLEL|ORCHESTRATE WORKFLOW "w"
END WORKFLOW|BEGIN TALK|END TALK|BEGIN SYSTEM PROMPT|END SYSTEM PROMPT|BEGIN MAIL x|END MAIL|TIMEOUT 5|FUNCTION|RETURN
STEP 2: HUMAN APPROVAL FROM "a"|ON TIMEOUT: ESCALATE TO "b"|TALK "a|TALK "b"|x = [1,|x = (|)]|x = a AND|x = LLM "p"
  WITH MAX_COST 1|' note|REM|'|"|${|`|,|x = {|"a": 1,|a: 2|PARAM a AS STRING|x:|GOTO x|UPDATE "t" SET|a = 1,
WHERE b = 2|\0|\t|é|😀|\x85""".replace("\n", "|").split("|")
)
BREAKS = st.sampled_from(["\n", "\r\n", "\n\n", " ", "\n  ", "\n\t", ""])


@settings(deadline=None)
@given(st.lists(st.tuples(PIECES, BREAKS), max_size=40).map(lambda rows: "".join(a + b for a, b in rows)))
def test_no_mixture_of_lines_loses_a_byte(text: str):
    read(text)


@settings(deadline=None)
@given(st.text(max_size=300))
def test_no_text_at_all_loses_a_byte(text: str):
    read(text)


PROGRAMS = sorted(Path(__file__).parents[1].joinpath("language").rglob("*.bas"))


@settings(deadline=None)
@given(st.data())
def test_no_mutation_of_a_program_loses_a_byte(data: st.DataObject):
    text = data.draw(st.sampled_from(PROGRAMS)).read_text("utf-8")
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 20)))
        text = text[:start] + data.draw(st.one_of(PIECES, BREAKS, st.text(max_size=3))) + text[end:]
    read(text)


def test_the_programs_of_the_tests_are_read_without_a_fault():
    words = library.registry()
    for path in PROGRAMS:
        if "errors" not in path.parts:
            assert not blocks.read(path.read_text("utf-8"), words).faults, path
