"""Lines and the trees they become."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

from keywords import parse
from keywords.parse import parse_line, parse_template
from keywords.tree import Argument, Call, Do, Span, Structure, Template, Unknown
from tests.keywords.dialect import registry, sketch

REGISTRY = registry()
TREES = Path(__file__).with_name("trees.txt")


def golden() -> list[tuple[str, str]]:
    rows = [row for row in TREES.read_text("utf-8").splitlines() if row and not row.startswith("## ")]
    return list(zip(rows[::2], (row.strip() for row in rows[1::2]), strict=True))


@pytest.mark.parametrize(("line", "expected"), golden(), ids=[line for line, _ in golden()])
def test_each_line_has_its_tree(line: str, expected: str):
    statement, problems = parse_line(line, REGISTRY)
    assert not problems
    assert sketch(statement) == expected


def test_there_are_two_hundred_golden_trees():
    assert len(golden()) >= 200


def test_the_grammar_has_no_conflict():
    assert parse.grammar(strict=True)  # in strict mode Lark refuses shift/reduce conflicts too


@pytest.mark.parametrize(("line", "expected"), golden(), ids=[line for line, _ in golden()])
def test_spans_lie_inside_their_line_and_parents(line: str, expected: str):
    statement, _ = parse_line(line, REGISTRY)
    stack: list[tuple[object, int, int]] = [(statement, 0, len(line))]
    while stack:
        node, start, end = stack.pop()
        if isinstance(node, tuple):
            stack += [(item, start, end) for item in node]
        elif isinstance(node, dict):
            stack += [(item, start, end) for item in node.values()]
        elif is_dataclass(node) and isinstance(span := getattr(node, "span", None), Span):
            assert start <= span.start <= span.end <= end, node
            stack += [(getattr(node, f.name), span.start, span.end) for f in fields(node) if f.name != "span"]


def arguments(line: str) -> dict[str, str]:
    statement, problems = parse_line(line, REGISTRY)
    assert not problems
    call = getattr(statement, "value", None)
    assert isinstance(call, Call)
    return {a.slot: line[a.span.start : a.span.end] for a in call.arguments}


def test_the_range_of_a_slot_cuts_out_its_text():
    assert arguments('BOT "a" "hello " + name  \' note') == {"name": '"a"', "message": '"hello " + name'}
    assert arguments('x = FORMAT (a + b) * 2 AS "N2"') == {"value": "(a + b) * 2", "pattern": '"N2"'}
    assert arguments('x = GET BOT MEMORY("k" + id)') == {"key": '"k" + id'}
    assert arguments("PRINT a, b, [1, 2]") == {"values": "a, b, [1, 2]"}
    assert arguments('SAVE "t" WITH a AS 1, b AS c + d') == {"table": '"t"', "pairs": "a AS 1, b AS c + d"}


def test_positions_in_templates_are_those_of_the_line():
    line = 'TALK "Dear ${customer.name}, \\"${total}\\" is due"'
    statement, _ = parse_line(line, REGISTRY)
    assert isinstance(statement, Do) and isinstance(statement.value, Call)
    value = statement.value.arguments[0].value
    assert isinstance(value, Template)
    assert [line[p.span.start : p.span.end] for p in value.parts if not isinstance(p, str)] == [
        "customer.name",
        "total",
    ]
    assert [p for p in value.parts if isinstance(p, str)] == ["Dear ", ', "', '" is due']


def test_text_blocks_are_templates_without_escapes():
    value, problems = parse_template('Hello ${name},\nyour \\n "${FORMAT(total, "N2")}"\nis { due }', REGISTRY)
    assert not problems
    assert sketch(value).startswith("text<Hello |name|,\\nyour")
    assert "FORMAT" in sketch(value)
    plain, _ = parse_template("nothing to fill in ${} here", REGISTRY)
    assert sketch(plain) == '"nothing to fill in ${} here"'


def test_a_fault_in_a_template_is_told_at_its_place():
    text = "Hello\n${name + } there"
    _, problems = parse_template(text, REGISTRY)
    assert [text[p.span.start : p.span.end] for p in problems] == ["+ "] or problems[0].span.start >= text.index("name")


def test_inside_with_a_line_fills_the_object():
    statement, _ = parse_line("name = customer.name", REGISTRY, "with")
    assert statement == Structure("FIELD", statement.parts, statement.span)  # type: ignore[union-attr]  # a Structure
    assert sketch(statement) == "FIELD name='name' value=customer.name"
    assert sketch(parse_line(".name = 1", REGISTRY, "with")[0]) == "FIELD name='name' value=1"
    assert sketch(parse_line("a.b = 1", REGISTRY, "with")[0]) == "a.b := 1"


def test_a_line_is_parsed_once():
    first, _ = parse_line("x = remembered + 1", REGISTRY)
    again, _ = parse_line("x = remembered + 1", REGISTRY)
    assert first is again


@pytest.mark.parametrize("found", ["nothing", "tables", "something else", "half of it", "no room"])
def test_the_tables_of_the_grammar_are_kept_and_never_in_the_way(
    found: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    line = (
        'STEP 2: x = BOT "a" "say ${n + 1}" WITH {k: [1, -y.z], long: "' + "." * 2_000 + '"} RETRY 3'
    )  # parsed each time
    expected, kept = parse_line(line, REGISTRY), tmp_path / "botmcp" / "grammar"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    if found == "no room":
        (tmp_path / "botmcp").write_text("")  # a file in the place of the folder
    else:
        if found != "nothing":
            parse.grammar.__wrapped__()
        if found == "something else":
            kept.write_bytes(b"not ours\n")
        if found == "half of it":
            kept.write_bytes(kept.read_bytes()[:5_000])
    again = parse.grammar.__wrapped__()
    monkeypatch.setattr(parse, "grammar", lambda: again)
    assert parse_line(line, REGISTRY) == expected
    assert found == "no room" or kept.stat().st_size > 10_000


def test_several_physical_lines_are_one_logical_line():
    line = 'order = {\n  "id": 1, \' the number\n  lines: [\n    "a",\n    "b"\n  ]\n}'
    assert sketch(parse_line(line, REGISTRY)[0]) == 'order := {id: 1, lines: ["a", "b"]}'
    line = 'x = LLM "p"\n  WITH OPTIMIZE FOR "speed"\n  WITH MAX_COST 0.1'
    assert sketch(parse_line(line, REGISTRY)[0]) == 'x := <LLM prompt="p" optimize="speed" cost=0.1>'
    line = "TALK \"first\nsecond 'quoted'\nIF x THEN\""
    assert sketch(parse_line(line, REGISTRY)[0]) == "<TALK message=\"first\\nsecond 'quoted'\\nIF x THEN\">"


FAULTS = [
    ('PUBLISH EVNT "x"', 1, "PUBLISH EVNT is not a keyword.", "Did you mean PUBLISH EVENT?"),
    ('  BOT SHARE MEMRY "k" WITH "b"', 3, "BOT SHARE MEMRY is not a keyword.", "Did you mean BOT SHARE MEMORY?"),
    ('WAIT FOR EVNT "x"', 1, "WAIT FOR EVNT is not a keyword.", "Did you mean WAIT FOR EVENT?"),
    ('x = GET BOT MEMRY "k"', 5, "GET BOT MEMRY is not a keyword.", "Did you mean GET BOT MEMORY?"),
    ('STEP 1: BOTT "x"', 9, "BOTT is not a keyword.", "Did you mean BOT?"),
    ('TLAK "x"', 1, "TLAK is not a keyword.", "Did you mean TALK?"),
    ('IF a THEN PUBLISH EVNT "x"', 11, "PUBLISH EVNT is not a keyword.", "Did you mean PUBLISH EVENT?"),
    ("frobnicate the thing", 1, "frobnicate is not a keyword.", "The reference lists all keywords"),
    ("frobnicate", 1, "frobnicate is not a keyword.", "The reference lists all keywords"),
    ('x = TALK "a"', 5, "TALK answers no value.", "line of its own"),
    ("x == 3", 3, "`==` compares; it does not assign.", "name = value"),
    ("x = = 3", 5, "Between `=` and `=` a value is missing.", "Write it."),
    ("x = 3 +", 7, "Something is missing after `+`.", "rest"),
    ("x = (1 + 2", 5, "This `(` is never closed.", "Add `)`."),
    ("x = [1, 2", 5, "This `[` is never closed.", "Add `]`."),
    ("x = 1)", 6, "This `)` closes nothing.", "Remove it"),
    ("x = (1]", 7, "This `]` closes nothing.", "Remove it"),
    ('x = "abc', 5, "The text that begins here is never closed.", 'Add `"`'),
    ("f(x) = 3", 1, "Only a name, a field or an element can be assigned to.", "name = value"),
    ("a?.b = 3", 1, "`?.` cannot be assigned to.", "Write `.`."),
    ("x.length", 1, "This line does nothing.", "Assign it"),
    ('TALK "a" "b"', 10, 'Between "a" and "b" an operator or a comma is missing.', "Join texts with `+`."),
    ("x = a & b", 7, "`&` does not join texts.", "Join them with `+`."),
    ("x = a IS b", 7, "IS asks about NULL only.", "IS NULL"),
    ("TALK “hi”", 6, "`“` does not begin a text.", "straight quote"),
    ("x = 1 \0", 7, "The character U+0000 means nothing here.", "Remove it"),
    ("x = a @ b", 7, "The character `@` (U+0040) means nothing here.", "Remove it"),
    ("10 PRINT a", 1, "A line does not begin with a number.", "label"),
    ("x = 99999999999999999999", 5, "This whole number does not fit into 64 bits.", "text"),
    ("x = 1e999", 5, "This number is too large.", "1.8e308"),
    ('x = "${a b}"', 10, "Between `a` and `b` an operator or a comma is missing.", ""),
    ('LLM "x" WITH "y"', 9, "WITH alone means nothing here.", "WITH OPTIMIZE FOR"),
    ("x = {a: 1, b 2}", 14, "Between `b` and 2 an operator or a comma is missing.", ""),
    ("IF a THEN FOR EACH x IN y", 11, "FOR EACH cannot stand behind IF.", "line of its own"),
    ("IF a THEN END IF", 11, "END IF cannot stand behind IF.", "line of its own"),
    ("STEP 1: IF a THEN", 9, "IF cannot stand behind STEP.", "line of its own"),
    ("BRANCH A: PARALLEL", 11, "PARALLEL cannot stand behind BRANCH.", "line of its own"),
    ('STEP one: BOT "a"', 1, "STEP needs a number and a colon.", "Write STEP 1:"),
    ('STEP 1 BOT "a"', 1, "STEP needs a number and a colon.", "Write STEP 1:"),
    ('STEP1: BOT "a"', 1, "STEP needs a number and a colon.", "Write STEP 1:"),
    ('BRANCH: BOT "a"', 1, "BRANCH needs a name and a colon.", "Write BRANCH A:"),
    ("ON TIMEOUT:", 1, "ON TIMEOUT needs to know what shall happen.", "ESCALATE TO"),
    ("FOREACH x IN y", 1, "FOREACH is not a keyword.", "Did you mean FOR EACH?"),
    ("IF a TEHN", 6, "IF does not know the word TEHN.", "Did you mean THEN?"),
    ("x = 3# three", 6, "`#` means nothing here.", "A comment begins with a blank and `'`."),
    ("total += 1", 7, "`+=` is not known.", "Write total = total + .."),
    ("x = 1 : y = 2", 7, "`:` does not separate statements.", "Write each on a line of its own."),
    ("INPUT name", 1, "INPUT is not a keyword.", "Write HEAR name, or HEAR name AS INTEGER."),
    ("DIM list(10)", 1, "DIM is not a keyword.", "A variable begins with its first value; [] makes a list."),
    ("SUB total(1)", 1, "SUB needs a name and the names of its parameters.", "SUB total(a, b)"),
    ('SAY "x"', 1, "SAY is not a keyword.", 'Write TALK "text".'),
    ('STEP 1: ECHO "x"', 9, "ECHO is not a keyword.", 'Write TALK "text".'),
    ("SE x = 1 ENTAO", 1, "SE is not a keyword.", "Write IF condition THEN."),
    ("FIM SE", 1, "FIM SE is not a keyword.", "END IF"),
    ("END PARALELL", 1, "END PARALELL is not a keyword.", "Did you mean END PARALLEL?"),
    ("END", 1, "END is not a keyword.", "EXIT ends the program"),
    ("SELECT * FROM orders", 1, "SELECT is written differently here than in SQL.", "FIND"),
    ("-- a comment", 1, "`--` begins no comment.", "`'`"),
    ("/* a comment */", 1, "`/*` begins no comment.", "`'`"),
    ("total++", 6, "`++` is not known.", "Write total = total + 1."),
    ('TALK "a"; TALK "b"', 9, "`;` does not separate statements.", "a line of its own"),
    ("TALK ‘hi’", 6, "`‘` does not begin a text.", "straight quote"),
    ('TALK f"hi {name}"', 7, "`f` does not belong to the text.", "`${name}`"),
    ("x = a ? 1", 9, "Something is missing after 1.", "condition ? a : b"),
    ("IF a AND THEN", 10, "Before THEN a condition, or the rest of it, is missing.", "Write it."),
    ("ELSEIF THEN", 8, "Before THEN a condition, or the rest of it, is missing.", "Write it."),
    ('"hello"', 1, "This line does nothing.", "Say it with TALK"),
    ('WAIT EVENT "x"', 1, "WAIT EVENT is not a keyword.", "Did you mean WAIT FOR EVENT?"),
    ('SHARE MEMORY "k" WITH "b"', 1, "SHARE MEMORY is not a keyword.", "Did you mean BOT SHARE MEMORY?"),
    ('BOT SYNC MEMORY WITH "b"', 1, "BOT SYNC MEMORY is not a keyword.", "Did you mean BOT SYNC MEMORY FROM?"),
    ('ORCHESTRATE "x"', 1, "ORCHESTRATE is not a keyword.", "Did you mean ORCHESTRATE WORKFLOW?"),
    ('SCHEDULE "daily"', 1, "SCHEDULE is not a keyword.", "Perhaps SCHEDULE IN or SET SCHEDULE?"),
    ('LLM "x" OPTIMIZE FOR "cost"', 9, "LLM does not know the words OPTIMIZE FOR.", "Did you mean WITH OPTIMIZE FOR?"),
    (
        'LLM "x" WITH OPTIMISE FOR "y"',
        9,
        "LLM does not know the words WITH OPTIMISE FOR.",
        "Did you mean WITH OPTIMIZE",
    ),
    ('LLM "x" WITH MAX COST 1', 9, "LLM does not know the words WITH MAX COST.", "Did you mean WITH MAX_COST?"),
    (
        'BOT SHARE MEMORY "k" TO "b"',
        22,
        "BOT SHARE MEMORY does not know the word TO.",
        "Write BOT SHARE MEMORY key WITH bot",
    ),
    ('PUBLISH EVENT "x" DATA {a: 1}', 19, "PUBLISH EVENT does not know the word DATA.", "[WITH data]"),
    ("FOR EACH x OF list", 12, "FOR EACH does not know the word OF.", "Write FOR EACH name IN in"),
    ("PARAM name STRING", 12, "PARAM does not know the word STRING.", "Write PARAM name AS type"),
    ("WAIT 5 MINUTES", 8, "WAIT does not know the word MINUTES: times are seconds.", "90, or 5 * 60"),
    (
        'LLM "Sum up " report WITH MAX_COST 1',
        15,
        'Between "Sum up " and `report` an operator or a comma is missing.',
        "`+`",
    ),
    ('answer = STEP 1: BOT "a"', 10, "STEP stands at the beginning of its line.", "Write STEP 1: answer = .."),
    ('LLM "a" AS answer', 9, "AS gives `answer` no value here.", "Write answer = .."),
    ('TALK "a" IF x = 1', 10, "IF stands at the beginning of its line.", "Write IF condition THEN statement."),
    ('TALK "He said "hello""', 16, "The text ends before `hello`.", 'written `\\"`'),
    ("x = 1,5", 6, "A number has no comma.", "a point"),
    ("x = .5", 5, "A number begins with a digit.", "Write 0.5."),
    ("FOR i IN 1..10", 12, "`..` counts nothing.", "Write FOR i = 1 TO 10"),
    ("WAIT FOR EVENT", 1, "WAIT FOR EVENT needs name.", "Write WAIT FOR EVENT name"),
    ("BOT SYNC MEMORY FROM", 1, "BOT SYNC MEMORY FROM needs bot.", "Write BOT SYNC MEMORY FROM bot"),
    ("ON ERROR RESUME", 1, "ON ERROR RESUME is not a keyword.", "Did you mean ON ERROR RESUME NEXT?"),
    ('COMPENSATE BOT "a"', 1, "COMPENSATE is not a keyword.", "Write COMPENSATE WITH"),
    ('SET BOT MEMORY "k" = 5', 1, "SET BOT MEMORY needs value.", "`=` compares here."),
]


@pytest.mark.parametrize(("line", "column", "message", "fix"), FAULTS, ids=[row[0] for row in FAULTS])
def test_a_fault_says_where_what_and_what_to_do(line: str, column: int, message: str, fix: str):
    statement, problems = parse_line(line, REGISTRY)
    assert isinstance(statement, Unknown)
    assert problems[0].message == message
    assert problems[0].span.start + 1 == column
    assert fix in problems[0].fix


def test_deep_nesting_is_a_stated_limit():
    for line in (
        "x = " + "(" * 10_000 + "1" + ")" * 10_000,
        "x = " + "[" * 101 + "]" * 101,
        "x = " + "FIRST " * 300 + "a",
    ):
        statement, problems = parse_line(line, REGISTRY)
        assert isinstance(statement, Unknown)
        assert problems[0].message == "Brackets and keywords are nested more than 100 deep."
    assert not parse_line("x = " + "(" * 99 + "1" + ")" * 99, REGISTRY)[1]


@pytest.mark.parametrize("link", [" + a", ".b", " AND a", "[0]", " ? a : a"])
def test_long_chains_are_a_stated_limit(link: str):
    statement, problems = parse_line("x = a" + link * 2_000, REGISTRY)
    assert isinstance(statement, Unknown)
    assert problems[0].message == "This expression is nested more than 200 deep."
    assert not parse_line("x = a" + link * 90, REGISTRY)[1]


def test_not_and_minus_do_not_nest_without_end():
    for line in ("x = " + "NOT " * 5_000 + "a", "x = " + "-" * 5_000 + "a", "x = " + "!" * 5_000 + "a"):
        assert "200 deep" in parse_line(line, REGISTRY)[1][0].message


def test_a_line_has_a_longest_length():
    statement, problems = parse_line('TALK "' + "x" * 70_000 + '"', REGISTRY)
    assert isinstance(statement, Unknown)
    assert problems[0].message.startswith("A line may hold 65,536 characters; this one holds 70,")
    assert not parse_line('TALK "' + "x" * 60_000 + '"', REGISTRY)[1]


def test_many_inserts_in_one_text_are_read_in_one_pass():
    value, problems = parse_template("${a} and " * 20_000, REGISTRY)
    assert isinstance(value, Template) and not problems
    assert len(value.parts) == 40_000


def test_enum_options_know_their_place():
    line = 'PARAM kind AS "vip", "new"'
    statement, _ = parse_line(line, REGISTRY)
    assert isinstance(statement, Structure)
    options = statement.parts["enum"]
    assert [line[o.span.start : o.span.end] for o in options.items] == ['"vip"', '"new"']  # type: ignore[attr-defined]  # a ListOf


def test_arguments_name_the_slots_of_the_form():
    statement, _ = parse_line("PUBLISH EVENT a WITH b", REGISTRY)
    assert isinstance(statement, Do) and isinstance(statement.value, Call)
    assert all(isinstance(a, Argument) for a in statement.value.arguments)
    assert [a.slot for a in statement.value.arguments] == ["name", "data"]
