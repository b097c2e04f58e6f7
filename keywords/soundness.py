"""What the grammar cannot see: lines that do nothing, targets that cannot be assigned to, trees that are too deep."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from keywords.explain import misspelt, no_keyword
from keywords.foreign import foreign
from keywords.phrases import Lexicon
from keywords.scan import Word
from keywords.structure import BY_NAME
from keywords.tokens import Problem
from keywords.tree import (
    Assign,
    Call,
    Do,
    Index,
    Invoke,
    Literal,
    Member,
    Name,
    Span,
    Statement,
    Structure,
    Template,
)

DEEPEST = 200


def unsound(statement: Statement, words: Lexicon, deep: bool) -> list[Problem]:
    """The problems of a statement that fits the grammar; `deep` also measures how deep it is nested."""
    problems: list[Problem] = []
    _statement(statement, words, problems)
    if deep and not problems and _depth(statement) > DEEPEST:
        message = f"This expression is nested more than {DEEPEST} deep."
        problems.append(Problem(statement.span, message, "Compute parts of it into variables first."))
    return problems


def _statement(statement: Statement, words: Lexicon, problems: list[Problem]) -> None:
    match statement:
        case Do(value):
            if isinstance(value, Name):
                span = value.span
                word = Word("name", value.name, span.start, span.end, gap=True, upper=value.name.upper())
                problems.append(foreign([word]) or misspelt([word], word.end, words) or no_keyword(word, words))
            elif not isinstance(value, Call | Invoke):
                said = isinstance(value, Template) or (isinstance(value, Literal) and isinstance(value.value, str))
                fix = "Say it with TALK, or assign it: name = value." if said else "Assign it: name = value."
                problems.append(Problem(value.span, "This line does nothing.", fix))
        case Assign(target):
            _target(target, problems)
        case Structure(_, parts):
            for name in ("then", "else", "body"):
                inner = parts.get(name)
                if isinstance(inner, Structure) and _needs_a_line(statement, inner):
                    message = f"{inner.word} cannot stand behind {statement.word}."
                    problems.append(Problem(inner.span, message, "Write it on a line of its own."))
                elif isinstance(inner, Do | Assign | Structure):
                    _statement(inner, words, problems)
        case _:
            pass


def _needs_a_line(outer: Structure, inner: Structure) -> bool:
    """Does the inner structure begin, divide or end a block?"""
    if inner.word == "IF":
        return inner.parts["then"] is None
    if inner.word.startswith("PARALLEL"):
        return outer.word not in ("STEP", "POLICIES")
    word = BY_NAME.get(inner.word)
    return word is not None and bool(word.opens or word.arms or word.closes)


def _target(target: Any, problems: list[Problem]) -> None:
    span: Span = target.span
    while isinstance(target, Member | Index):
        if isinstance(target, Member) and target.optional:
            problems.append(Problem(span, "`?.` cannot be assigned to.", "Write `.`."))
            return
        target = target.target
    if not isinstance(target, Name):
        problems.append(Problem(span, "Only a name, a field or an element can be assigned to.", "Write name = value."))


def _depth(root: object) -> int:
    deepest = 0
    stack: list[tuple[object, int]] = [(root, 0)]
    while stack:
        node, depth = stack.pop()
        deepest = max(deepest, depth)
        if deepest > DEEPEST:
            break
        stack.extend((child, depth + 1) for child in _children(node))
    return deepest


def _children(node: object) -> Iterator[object]:
    values: list[object] = []
    if is_dataclass(node) and not isinstance(node, type):
        values = [getattr(node, f.name) for f in fields(node) if f.name != "arguments" or isinstance(node, Call)]
    elif isinstance(node, dict):
        values = list(node.values())
    for value in values:
        if isinstance(value, tuple):
            for item in value:
                yield from item if isinstance(item, tuple) else (item,)
        elif is_dataclass(value) or isinstance(value, dict):
            yield value
