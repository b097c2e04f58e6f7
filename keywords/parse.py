"""One logical line to one statement. Trees are kept by registry version and text, so a line is parsed once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from importlib import resources
from typing import Any, Literal, cast

from lark import Lark, UnexpectedToken
from lark.lexer import Lexer as LarkLexer

from keywords import explain, literals, tree
from keywords.build import Builder
from keywords.lexer import Lexer
from keywords.phrases import Lexicon, lexicon
from keywords.registry import Registry
from keywords.scan import Word, scan
from keywords.soundness import unsound
from keywords.suffixes import split
from keywords.tokens import Problem, Token
from keywords.tree import Expression, Span, Statement, Structure, Unknown

Context = Literal["statement", "with"]

LONGEST_LINE = 64 * 1024
_KEPT = 2_000  # longer lines are parsed anew each time, so that the store of trees stays small


class _Handover(LarkLexer):
    """The lexer has run already: its tokens are the input."""

    def __init__(self, _conf: object) -> None:
        super().__init__()

    def lex(self, tokens: Any) -> Iterator[Any]:  # type: ignore[override]  # Lark passes one argument to such a lexer
        return iter(tokens)


@lru_cache(maxsize=2)
def grammar(strict: bool = False) -> Lark:
    """The parser of `basic.lark`; with `strict` a conflict in the grammar is an error."""
    text = resources.files("keywords").joinpath("basic.lark").read_text("utf-8")
    return Lark(
        text,
        parser="lalr",
        lexer=_Handover,
        start=["statement", "expression"],
        transformer=Builder(),
        keep_all_tokens=True,
        maybe_placeholders=False,
        strict=strict,
        cache=False if strict else _tables(),
    )


def _tables() -> str | Literal[False]:
    """Where Lark keeps the tables of the grammar from process to process: they take longer to make than most programs
    to check. It makes them anew where they are of another grammar, Lark or Python, or cannot be read or written."""
    from platformdirs import user_cache_path

    try:
        return str(user_cache_path("botmcp", appauthor=False, ensure_exists=True) / "grammar")
    except OSError:
        return False


def parse_line(text: str, registry: Registry, context: Context = "statement") -> tuple[Statement, tuple[Problem, ...]]:
    """The statement of a logical line, and what is wrong with it; with problems the statement is Unknown."""
    words = lexicon(registry)
    return _kept(text, words, context) if len(text) <= _KEPT else _parse(text, words, context)


def parse_template(text: str, registry: Registry) -> tuple[tree.Literal | tree.Template, tuple[Problem, ...]]:
    """The text of a block such as BEGIN TALK, its `${...}` parts read as expressions."""
    problems: list[Problem] = []
    value = literals.template(text, 0, _reader(lexicon(registry)), problems)
    return value, tuple(problems)


def _parse(text: str, words: Lexicon, context: Context) -> tuple[Statement, tuple[Problem, ...]]:
    span = Span(0, len(text))
    if len(text) > LONGEST_LINE:
        message = f"A line may hold {LONGEST_LINE:,} characters; this one holds {len(text):,}."
        return Unknown(text[:80], span), (Problem(Span(0, 1), message, "Split it, or put long text into a file."),)
    scanned = scan(text, 0, words, whole=True)
    if not scanned.words:
        return Structure("NOTE", {"text": scanned.note or ""}, span), ()
    braced = _braces(scanned.words)
    statement, problems = _pieces(text, braced, words)
    if statement is None or problems:
        return Unknown(text, span), tuple(problems[:5])
    if context == "with":
        statement = _field(statement)
    problems += unsound(statement, words, deep=len(braced) > 100)
    if problems:
        return Unknown(text, span), tuple(problems[:5])
    return statement, ()


def _pieces(text: str, found: list[Word], words: Lexicon) -> tuple[Statement | None, list[Problem]]:
    """The statement of these words, with the policies behind it."""
    first, *others = split(found, words)
    statement, problems = _piece(text, first, words)
    policies: list[Structure] = []
    for piece in others:
        read = _pieces if piece[0].upper in ("COMPENSATE", "ON") else _piece
        policy, faults = read(text, piece, words)
        problems += faults
        if isinstance(policy, Structure):
            policies.append(policy)
    if statement is None or problems or not policies:
        return statement, problems
    end = policies[-1].span.end
    if not isinstance(statement, Structure) or statement.word not in ("COMPENSATE:", "ON ERROR:", "BRANCH"):
        parts: dict[str, object] = {"body": statement, "policies": tuple(policies)}
        return Structure("POLICIES", parts, Span(statement.span.start, end)), []
    inner = cast("Statement", statement.parts["body"])  # they are policies of its statement
    body = Structure("POLICIES", {"body": inner, "policies": tuple(policies)}, Span(inner.span.start, end))
    return Structure(statement.word, {**statement.parts, "body": body}, Span(statement.span.start, end)), []


def _piece(text: str, found: list[Word], words: Lexicon) -> tuple[Statement | None, list[Problem]]:
    lexer = Lexer(text, found, words, literal=_literal(words))
    return cast("Statement | None", _run(lexer, "statement")), lexer.problems


_kept = lru_cache(maxsize=16_384)(_parse)


def _run(lexer: Lexer, start: str) -> object:
    tokens = lexer.read(statement=start == "statement")
    if lexer.problems:
        return None
    try:
        return grammar().parse(cast("Any", tokens), start=start)
    except UnexpectedToken as error:
        if not lexer.problems:
            lexer.problems.append(explain.unexpected(cast("Token", error.token), lexer, start == "statement"))
        return None


def _reader(words: Lexicon) -> literals.Reader:
    """Reads the expression of a `${...}`; positions are those of the line around it."""

    def read(source: str, start: int) -> tuple[Expression | None, Sequence[Problem]]:
        found = scan(source, 0, words, whole=True).words
        if not found:
            return None, ()
        for word in found:
            word.start += start
            word.end += start
        lexer = Lexer(source, found, words, base=start, literal=_literal(words))
        return cast("Expression | None", _run(lexer, "expression")), lexer.problems

    return read


def _literal(words: Lexicon) -> Callable[[Word, list[Problem]], tree.Literal | tree.Template]:
    return lambda word, problems: literals.literal(word, _reader(words), problems)


def _field(statement: Statement) -> Statement:
    """Inside WITH, `key = value` fills the object."""
    if isinstance(statement, tree.Assign) and isinstance(statement.target, tree.Name):
        return Structure("FIELD", {"name": statement.target.name, "value": statement.value}, statement.span)
    return statement


def _braces(words: list[Word]) -> list[Word]:
    """`IF x {`, `} ELSE {` and `}` written as IF x THEN, ELSE and END IF."""
    if words[0].text != "}" and not (words[-1].text == "{" and words[0].upper == "IF"):
        return words
    found = list(words)
    if found[0].text == "}":
        brace = found.pop(0)
        if not found:
            return [_said("END", brace), _said("IF", brace)]
    if found[-1].text == "{":
        brace = found.pop()
        if any(word.upper == "IF" for word in found):
            found.append(_said("THEN", brace))
    return found or words


def _said(upper: str, word: Word) -> Word:
    return Word("name", upper, word.start, word.end, gap=True, upper=upper)
