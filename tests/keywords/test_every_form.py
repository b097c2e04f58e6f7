"""Each form of each keyword of the product, in each of its spellings, is read as that keyword and fills its slots."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from keywords import reference_page, structure, tree
from keywords.library import registry
from keywords.parse import parse_line
from keywords.registry import Clause, DuplicatePhrase, Effect, Form, Keyword, Kind, Slot, keyword, table
from tests.keywords.dialect import sketch

TABLE = registry()
TREES = Path(__file__).with_name("product_trees.txt")


def golden() -> list[tuple[str, str]]:
    rows = [row for row in TREES.read_text("utf-8").splitlines() if row and not row.startswith("## ")]
    return list(zip(rows[::2], (row.strip() for row in rows[1::2]), strict=True))


@pytest.mark.parametrize(("line", "expected"), golden(), ids=[line for line, _ in golden()])
def test_each_line_has_its_tree(line: str, expected: str) -> None:
    statement, problems = parse_line(line, TABLE)
    assert not problems
    assert sketch(statement) == expected


WRITTEN: dict[Kind, str] = {  # what stands in a slot of each kind
    Kind.VALUE: "value1",
    Kind.TIGHT: '"tight"',
    Kind.MANY: 'first1, "second", third1.field',
    Kind.CONDITION: "status = wanted",
    Kind.NAME: "name1",
    Kind.PAIRS: "a1 = 1, b1 = x1 + 2",
    Kind.FIELDS: "a1 = 1, b1",
    Kind.COLUMNS: "a1 = 1, b1, 5",
    Kind.TYPE: "INTEGER",
    Kind.ORDER: "total DESC, name1",
    Kind.TEXT: "some words of text",
}
READ: dict[Kind, str] = {  # what the slot is then read as
    Kind.VALUE: "value1",
    Kind.TIGHT: '"tight"',
    Kind.MANY: '(first1, "second", third1.field)',
    Kind.CONDITION: "(status = wanted)",
    Kind.NAME: "'name1'",
    Kind.PAIRS: "(a1=1, b1=(x1 + 2))",
    Kind.FIELDS: "(a1=1, b1=b1)",
    Kind.COLUMNS: "(a1=1, b1=b1, #3=5)",
    Kind.TYPE: "'INTEGER'",
    Kind.ORDER: "'total DESC, name1'",
    Kind.TEXT: "'some words of text'",
    Kind.FLAG: "TRUE",
}


def taking(slots: tuple[Slot, ...]) -> list[Slot]:
    return [slot for slot in slots if slot.kind is not Kind.FLAG]


def written(clause: Clause, slots: list[Slot]) -> str:
    text = clause.words
    for at, slot in enumerate(slots):
        text += (", " if at and slot.comma else " ") + WRITTEN[slot.kind]
    return text.strip()


def choices(form: Form) -> Iterator[list[tuple[Clause, list[Slot]]]]:
    """Which clauses and optional slots are written: none, all, and each alone."""
    if any(s.kind is Kind.TEXT for c in form.clauses for s in c.slots):  # takes the rest of the line
        yield [(c, taking(c.slots)) for c in form.clauses if c.required]
        return
    required = [c for c in form.clauses if c.required]
    for extra in [[], *([c] for c in form.clauses if not c.required), [c for c in form.clauses if not c.required]]:
        chosen = [c for c in form.clauses if c in required or c in extra]
        ways = [_prefixes(taking(c.slots)) for c in chosen]
        for slots in product(*ways):
            yield [(c, s) for c, s in zip(chosen, slots, strict=True) if c.words or s]


def _prefixes(slots: list[Slot]) -> list[list[Slot]]:
    least = max((at + 1 for at, slot in enumerate(slots) if slot.required), default=0)
    return [slots[:most] for most in range(least, len(slots) + 1)]


def lines(keyword: Keyword) -> Iterator[tuple[str, str]]:
    """Each way to write the keyword, with the tree it must have (the number of the form left out)."""
    for form in keyword.forms:
        for chosen in choices(form):
            rest = " ".join(written(clause, slots) for clause, slots in chosen)
            slots = [(s.name, READ[s.kind]) for c, some in chosen for s in (*some, *_flags(c))]
            expected = f"<{keyword.name}{''.join(f' {name}={value}' for name, value in slots)}>"
            joined = form.words.replace(" ", "_") if "*" not in form.words else form.words
            for phrase in dict.fromkeys((form.words, form.words.lower(), joined)):
                yield f"{phrase} {rest}".strip(), expected


def _flags(clause: Clause) -> list[Slot]:
    return [slot for slot in clause.slots if slot.kind is Kind.FLAG]


def understood(line: str) -> str:
    statement, problems = parse_line(line, TABLE)
    if problems:
        return f"{problems[0].message} {problems[0].fix}"
    return re.sub(r"(<[A-Z0-9 _*]+)#\d+", r"\1", sketch(statement))


def contents(shown: str) -> str:
    """A tree without the names of the slots and the brackets of `many`: several forms may take the same words."""
    return re.sub(r"[(),]", "", re.sub(r" \w+=(?!=)", " ", shown))


@pytest.mark.parametrize("keyword", list(TABLE), ids=lambda keyword: keyword.name)
def test_every_form_in_every_spelling_is_read_as_its_keyword(keyword: Keyword) -> None:
    wrong: dict[str, str] = {}
    for line, expected in lines(keyword):
        if keyword.name == "SET" and " = " in line and line.split()[1] == WRITTEN[Kind.VALUE]:
            assert understood(line) == "value1 := value1"  # `SET name = value` assigns; SET "name" = value keeps
        elif keyword.name != "SELECT":  # where a statement begins, SELECT is a block
            found = understood(line)
            if contents(found) != contents(expected):
                wrong[line] = found
        if keyword.value:
            found = understood(f"x = {line}")
            if contents(found) != contents(f"x := {expected}"):
                wrong[f"x = {line}"] = found
    assert not wrong


@pytest.mark.parametrize("keyword", [k for k in TABLE if k.value], ids=lambda keyword: keyword.name)
def test_a_value_may_be_written_with_brackets_like_a_function(keyword: Keyword) -> None:
    wrong: dict[str, str] = {}
    for form in keyword.forms:
        slots = [slot for clause in form.clauses for slot in clause.slots]
        if not slots or form.clauses[0].words or any(s.kind not in (Kind.VALUE, Kind.TIGHT, Kind.MANY) for s in slots):
            continue
        given = ", ".join(f"v{at}" for at in range(1 if slots[0].kind is Kind.MANY else len(slots)))
        for phrase in dict.fromkeys((form.words, form.words.replace(" ", "_"))):
            line = f"x = {phrase}({given}) + 1"
            statement, problems = parse_line(line, TABLE)
            match statement:
                case tree.Assign(value=tree.Binary("+", tree.Call(keyword=name, called=True))) if name == keyword.name:
                    continue
                case _:
                    wrong[line] = str(problems or sketch(statement))
    assert not wrong


@pytest.mark.parametrize("word", structure.WORDS, ids=lambda word: word.name)
def test_every_structure_word_is_read_as_itself(word: structure.Word) -> None:
    wrong: dict[str, str] = {}
    for form in word.forms:
        for chosen in choices(form):
            names = [clause.words for clause, _ in chosen]
            if "ELSE" in names and not dict(zip(names, [s for _, s in chosen], strict=True)).get("THEN"):
                continue  # `IF c THEN ELSE s` lacks what THEN shall do
            rest = " ".join(_structural(clause, slots) for clause, slots in chosen)
            for phrase in (form.words, form.words.title()):
                line = f"{phrase} {rest}".strip()
                statement, problems = parse_line(line, TABLE)
                name = statement.word if isinstance(statement, tree.Structure) else None
                if name != word.name:
                    wrong[line] = str(problems or sketch(statement))
    assert not wrong


def _structural(clause: Clause, slots: list[Slot]) -> str:
    special: dict[str, Any] = {"signature": "total(a1, b1)", "then": 'TALK "a"', "else": 'TALK "b"', "target": "order1"}
    text = clause.words
    for slot in slots:
        text += " " + (special.get(slot.name) or WRITTEN[slot.kind])
    return text.strip()


def test_a_keyword_cannot_take_a_word_of_the_language() -> None:
    def act(moment: object) -> None:
        """Do nothing."""

    for word in ("IF {a}", "end for", "ON_EVENT {a}"):
        with pytest.raises(DuplicatePhrase, match="The language itself"):
            table([keyword(word, effect=Effect.PURE, example="", group="x")(act)])


def test_the_reference_page_is_up_to_date() -> None:
    assert reference_page.PAGE.read_text("utf-8") == reference_page.page()


# -- words of keywords as names ----------------------------------------------------------------------------------------

SINGLE = sorted(
    {f.words.lower() for k in TABLE for f in k.forms if " " not in f.words}
    | {w for k in TABLE for f in k.forms for w in f.words.lower().split()}
    | {w for k in TABLE for f in k.forms for c in f.clauses for w in c.words.lower().split()}
    | {w for row in structure.WORDS for f in row.forms for w in f.words.lower().split()}
    | {w for row in structure.WORDS for f in row.forms for c in f.clauses for w in c.words.lower().split()}
)
RESERVED = frozenset(["and", "or", "not", "is", "in", "like", "mod", "contains", "null", "true", "false", "then"])

INFIX = ("*", "/", "^", "=", "<>", "<", ">=", "AND", "OR", "??", "MOD")

POSITIONS: tuple[tuple[str, str], ...] = (
    ("target", "{} = 1"),
    ("target of LET", "LET {} = 1"),
    ("target of SET", "SET {} = 1"),
    ("target with a field", "{}.id = 1"),
    ("target with an index", "{}[0] = 1"),
    ("field of a target", "x.{} = 1"),
    ("end of line", "x = {}"),
    ("member", "x = a.{}"),
    ("optional member", "x = a?.{}"),
    ("object of a member", "x = {}.id"),
    ("method", "x = a.{}(1)"),
    ("indexed", "x = {}[0]"),
    ("index", "x = a[{}]"),
    ("in brackets", "x = ({})"),
    ("argument", "x = f({})"),
    ("second argument", "x = f(1, {})"),
    ("first argument of two", "x = f({}, 1)"),
    ("item", "x = [{}, 1]"),
    ("last item", "x = [1, {}]"),
    ("key of an object", "x = {{ {}: 1 }}"),
    ("value in an object", "x = {{ a: {} }}"),
    ("negated", "x = NOT {}"),
    ("asked for NULL", "x = {} IS NULL"),
    ("condition of ?:", "x = {} ? 1 : 2"),
    ("choice of ?:", "x = a ? {} : 2"),
    *(("left of " + sign, f"x = {{}} {sign} 1") for sign in ("+", *INFIX)),
    *(("right of " + sign, f"x = 1 {sign} {{}}") for sign in ("+", "-", *INFIX)),
    ("left of CONTAINS", "x = {} CONTAINS y"),
    ("right of CONTAINS", "x = y CONTAINS {}"),
    ("left of IN", "x = {} IN y"),
    ("right of IN", "x = y IN {}"),
    ("condition of IF", "IF {} THEN"),
    ("compared in IF", "IF {} = 1 THEN"),
    ("condition of WHILE", "WHILE {} < 3"),
    ("returned", "RETURN {}"),
    ("slot of a keyword", "TALK {}"),
    ("left in a slot", "TALK {} + x"),
    ("right in a slot", 'TALK "a" + {}'),
    ("second slot", 'SET BOT MEMORY "k", {}'),
    ("slot of a clause", 'WAIT FOR EVENT "e" TIMEOUT {}'),
    ("slot of a keyword in an expression", "x = GET BOT MEMORY {}"),
    ("variable of FOR EACH", "FOR EACH {} IN rows"),
    ("list of FOR EACH", "FOR EACH x IN {}"),
    ("PARAM", "PARAM {} AS STRING"),
    ("parameter", "SUB x({}, b)"),
    ("in a text", 'x = "${{{}}}"'),
)  # fmt: skip

# The exceptions, as docs/reference/basic-language.md states them.
EXCEPTIONS: dict[str, frozenset[str]] = {
    "hear": frozenset(position for position, template in POSITIONS if template.endswith(("{}", '}}"'))),
    "else": frozenset({"condition of IF"}),
}


@pytest.mark.parametrize("name", [word for word in SINGLE if re.fullmatch(r"[a-z]\w*", word) and word not in RESERVED])
def test_a_word_of_a_keyword_is_a_name_where_a_name_stands(name: str) -> None:
    wrong: dict[str, str] = {}
    for position, template in POSITIONS:
        if position in EXCEPTIONS.get(name, ()):
            continue
        found, meant = understood(template.format(name)), understood(template.format("zz9")).replace("zz9", name)
        if found != meant:
            wrong[f"{position}: {template.format(name)}"] = found
    assert not wrong
