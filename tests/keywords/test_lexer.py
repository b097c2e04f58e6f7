"""When a word is a keyword, a separator or a variable; where comments begin and lines go on."""

from __future__ import annotations

import pytest

from keywords.lexer import Lexer
from keywords.literals import literal
from keywords.parse import parse_line
from keywords.phrases import lexicon
from keywords.scan import scan
from keywords.tree import Unknown
from tests.keywords.dialect import registry, sketch

REGISTRY = registry()
WORDS = lexicon(REGISTRY)


def nothing(source: str, start: int) -> tuple[None, tuple[()]]:
    return None, ()


def tokens(line: str) -> str:
    lexer = Lexer(line, scan(line, 0, WORDS, whole=True).words, WORDS, literal=lambda w, p: literal(w, nothing, p))
    return " ".join(token.type for token in lexer.read())


def tree(line: str) -> str:
    return sketch(parse_line(line, REGISTRY)[0])


def test_keywords_become_brackets():
    assert tokens('x = GET BOT MEMORY "lead_" + id') == "NAME EQUALS VERB LITERAL PLUS NAME END"
    assert tokens('TALK "a" + b') == "COMMAND LITERAL PLUS NAME END"
    assert tokens('x = GET BOT MEMORY("k") + 1') == "NAME EQUALS CALLED LITERAL RPAR PLUS LITERAL"
    assert tokens("IF a THEN TALK b ELSE c = 1") == "COMMAND NAME INNER COMMAND NAME END INNER NAME EQUALS LITERAL END"
    assert tokens('BOT "a" "b"') == "COMMAND LITERAL COMMA LITERAL END"
    assert tokens("STEP 2: PARALLEL") == "LABEL COMMAND END"


# words of keywords that programs use as names
NAMES = """
name email image record description message tips history sentiment queue stats priority from to today list
data case user context format status filter title value stage search role first last query tag text step next end loop
on with when default branch parallel timeout delay event set get let find save update delete post read sort merge talk
do wait bot llm memory limit order index kind table param select switch function sub call return exit while for each
"""

POSITIONS = [
    "{} = 1",
    "{}.id = 1",
    "{}[0] = 1",
    "x = {}",
    "x = {} + 1",
    "x = 1 + {}",
    "x = {}.id",
    "x = {}[0]",
    "x = ({})",
    "x = f({})",
    "x = f(1, {})",
    "x = [{}, 1]",
    "x = [1, {}]",
    "x = {{ {}: 1 }}",
    "x = {{ a: {} }}",
    "x = a.{}",
    "x = {} = 1",
    "x = 1 = {}",
    "x = {} AND y",
    "x = y AND {}",
    "x = NOT {}",
    "x = {} IS NULL",
    "x = {} * 2",
    "x = {} ? 1 : 2",
    "x = {} CONTAINS y",
    "x = y IN {}",
    "LET {} = 1",
    "SET {} = 1",
    "FOR EACH {} IN rows",
    "FOR EACH x IN {}",
    "IF {} THEN",
    "IF {} = 1 THEN",
    "WHILE {} < 3",
    "RETURN {}",
    "TALK {}",
    "TALK {} + x",
    'TALK "a" + {}',
    "PARAM {} AS STRING",
    "SUB x({}, b)",
]


@pytest.mark.parametrize("name", NAMES.split())
def test_words_of_keywords_are_names_where_they_stand_like_names(name: str):
    wrong = {
        position: tree(position.format(name))
        for position in POSITIONS
        if tree(position.format(name)) != tree(position.format("zz")).replace("zz", name)
    }
    assert not wrong


def test_bare_hear_is_reserved():
    assert tree("x = HEAR") == "x := <HEAR#1>"
    assert tree("x = hear + 1") == "x := (hear + 1)"


def test_a_separator_belongs_to_the_innermost_keyword_that_declares_it():
    assert tree('PUBLISH EVENT "x" WITH LLM "p" WITH OPTIMIZE FOR "cost"') == (
        '<PUBLISH EVENT name="x" data=<LLM prompt="p" optimize="cost">>'
    )
    assert tree('SET CONTEXT "x" AS READ "f" AS TABLE') == '<SET CONTEXT name="x" text=<READ path="f" kind=\'TABLE\'>>'
    assert tree('PUBLISH EVENT LLM "p" WITH d') == '<PUBLISH EVENT name=<LLM prompt="p"> data=d>'


def test_a_keyword_in_an_expression_binds_looser_than_plus_and_tighter_than_comparisons():
    assert tree('x = GET "a" + b') == 'x := <GET path=("a" + b)>'
    assert tree('x = GET "a" = "b" OR c') == 'x := ((<GET path="a"> = "b") OR c)'
    assert tree('x = GET "a" IS NULL') == 'x := (<GET path="a"> IS NULL)'
    assert tree('x = FORMAT a AS "p" + "q"') == 'x := (<FORMAT value=a pattern="p"> + "q")'
    assert tree('RETURN GET "a" ?? "b"') == 'RETURN value=(<GET path="a"> ?? "b")'


def test_a_condition_takes_comparisons():
    assert tree('x = FIND "t" WHERE a = 1 OR b IS NULL') == 'x := <FIND table="t" condition=((a = 1) OR (b IS NULL))>'


def test_a_keyword_takes_as_many_commas_as_it_declares():
    assert tree('x = [GET "a", GET "b"]') == 'x := [<GET path="a">, <GET path="b">]'
    assert tree('x = f(DATEADD d, 1, "day")') == 'x := f(<DATEADD parts=(d, 1, "day")>)'
    assert tree('x = { a: DATEADD d, 1, "day", b: 2 }') == 'x := {a: <DATEADD parts=(d, 1, "day")>, b: 2}'


def test_slots_side_by_side_are_plain_but_the_last():
    assert tree('BOT a.b "hi " + name') == '<BOT name=a.b message=("hi " + name)>'
    assert tree("BOT a (b + c)") == "<BOT name=a message=(b + c)>"
    assert isinstance(parse_line("BOT a + b c", REGISTRY)[0], Unknown)


def test_underscores_spell_the_same_phrase():
    assert tree('x = GET_BOT_MEMORY "a"') == tree('x = GET BOT MEMORY "a"')
    assert tree('ADD KB "x"') == tree('ADD_KB "x"') == '<ADD_KB name="x">'


def test_case_does_not_matter_for_keywords():
    assert tree('Set bot Memory "a", True') == '<SET BOT MEMORY key="a" value=TRUE>'
    assert tree("For EACH x In rows") == "FOR EACH name='x' in=rows"


def words(text: str) -> list[str]:
    return [word.text for word in scan(text, 0, WORDS).words]


def test_an_apostrophe_begins_a_comment_unless_it_quotes():
    assert words("x = 1 ' it's a note") == ["x", "=", "1"]
    assert words("TALK '\"' + q + '\"'") == ["TALK", "'\"'", "+", "q", "+", "'\"'"]
    assert words("x = MONTH(d)+'/'+YEAR(d)")[7:8] == ["'/'"]
    assert words("TIMEOUT 900 ' it's 'quoted' here") == ["TIMEOUT", "900"]
    assert words("WEND ' the 'loop'") == ["WEND"]
    assert words("' TALK 1") == []
    assert words('TALK "don\'t"') == ["TALK", '"don\'t"']


def test_rem_hash_and_slashes_are_comments():
    assert words("REM x = 1") == words("# x = 1") == words("// x = 1") == words("  rem") == []
    assert words("remember = 1") == ["remember", "=", "1"]
    assert words('x = "http://a#b" // note') == ["x", "=", '"http://a#b"']


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("x = 1\ny = 2", 5),
        ("x = [1,\n2]\ny = 2", 10),
        ("x = f(a,\n  b\n)\ny", 14),
        ("SAVE a,\n  b\ny = 1", 11),
        ("x = a AND\n  b\ny = 1", 13),
        ("x = a +\n  b\ny = 1", 11),
        ('x = "a\nb"\ny', 9),
        ("x = {\n  a: 1 ' note\n}\ny", 21),
        ('x = LLM "p"\n  WITH MAX_COST 1\ny', 29),
        ('UPDATE "t" SET\n  a = 1,\n  b = 2\nWHERE c = 3\ny = 1', 43),
        ("IF x {\nTALK 1", 6),
        ("x = LEN(a\nTALK b", 9),
        ("x = LEN(a\ny = 2\nz", 9),
        ("x = [1,\nEND IF", 7),
        ("TALK a,\nIF b THEN", 7),
        ('TALK "oops\nTALK "fine"', 10),
        ("x = (\n\n\n1)\ny", 10),
        ("x = 1\r\ny", 6),
    ],
)
def test_a_logical_line_ends_where_it_is_complete(text: str, end: int):
    assert scan(text, 0, WORDS).end == end


def test_scanning_a_hostile_line_takes_no_longer_than_its_length_asks():
    for piece in ('"', "${", '"${', "(", "' ", '"a" + ', "x AND ", "\\", '""', "`"):
        scan(piece * 100_000, 0, WORDS)
