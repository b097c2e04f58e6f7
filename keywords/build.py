"""Grammar tokens to tree nodes: what the parser calls at each reduction. Keywords are fitted by `match`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, cast

from lark import Transformer

from keywords import match
from keywords.match import Part, Star, Text
from keywords.tokens import Opened, Token
from keywords.tree import (
    Assign,
    Binary,
    Do,
    Expression,
    Index,
    Invoke,
    IsNull,
    ListOf,
    Literal,
    Member,
    Name,
    ObjectOf,
    Pair,
    Span,
    Statement,
    Structure,
    Template,
    Ternary,
    Unary,
)


@dataclass(slots=True)
class Items:
    """The comma-separated pieces of a clause."""

    items: list[match.Item]


def _over(first: Any, last: Any) -> Span:
    start = first.start if isinstance(first, Token) else first.span.start
    return Span(start, last.end if isinstance(last, Token) else last.span.end)


class Builder(Transformer[Any, Any]):
    """One method a rule; each takes the children and answers the node."""

    # -- statements

    def bare(self, c: list[Any]) -> Statement:
        return Do(c[0], c[0].span)

    def assign(self, c: list[Any]) -> Statement:
        return Assign(c[0], c[2], _over(c[0], c[2]))

    def field(self, c: list[Any]) -> Statement:
        return Structure("FIELD", {"name": c[1].value, "value": c[3]}, _over(c[0], c[3]))

    def labelled(self, c: list[Any]) -> Statement:
        kind, name = c[0].value
        body = c[1] if len(c) > 1 else None
        span = _over(c[0], body or c[0])
        if kind == "STEP":
            return Structure("STEP", {"number": int(name), "body": body}, span)
        if kind == "BRANCH":
            return Structure("BRANCH", {"label": name, "body": body}, span)
        if kind in ("ONCE", "COMPENSATE", "ON ERROR"):
            return Structure(f"{kind}:", {"body": body}, span)
        return Structure("LABEL", {"label": name}, span)

    # -- keywords

    def keyword(self, c: list[Any]) -> Any:
        opened: Opened = c[0].value
        parts: list[Part] = []
        for child in c[1:-1]:
            parts.append(Part("", child.items, Span(c[0].start, c[0].end)) if isinstance(child, Items) else child)
        found = match.fit(opened, parts, Span(c[0].start, c[-1].end))
        return Do(found, found.span) if c[0].type == "COMMAND" and not isinstance(found, Structure) else found

    def called(self, c: list[Any]) -> Expression:
        items = c[1].items if isinstance(c[1], Items) else []
        return match.fit_call(c[0].value, items, Span(c[0].start, c[-1].end))

    def tail(self, c: list[Any]) -> Part:
        given = c[1] if len(c) > 1 else None
        items = given.items if isinstance(given, Items) else [] if given is None else [given]
        return Part(c[0].value, items, Span(c[0].start, c[0].end))

    def clause(self, c: list[Any]) -> Items:
        return Items(c[::2])

    def pair(self, c: list[Any]) -> Pair:
        name = match.pair_name(c[0])
        return Pair(name or "", c[2], _over(c[0], c[2]))

    def star(self, c: list[Any]) -> Star:
        return Star(Span(c[0].start, c[0].end))

    def text(self, c: list[Any]) -> Text:
        return Text(c[0].value, Span(c[0].start, c[0].end))

    # -- expressions

    def ternary(self, c: list[Any]) -> Expression:
        return Ternary(c[0], c[2], c[4], _over(c[0], c[4]))

    def binary(self, c: list[Any]) -> Expression:
        operator = cast("str", c[1].value)
        span = _over(c[0], c[2])
        if operator in ("NOT LIKE", "NOT CONTAINS"):
            return Unary("NOT", Binary(operator[4:], c[0], c[2], span), span)
        return Binary(operator, c[0], c[2], span)

    def between(self, c: list[Any]) -> Expression:
        span = _over(c[0], c[4])
        found = Binary("BETWEEN", c[0], ListOf((c[2], c[4]), _over(c[2], c[4])), span)
        return found if c[1].value == "BETWEEN" else Unary("NOT", found, span)

    def unary(self, c: list[Any]) -> Expression:
        operator = "NOT" if c[0].type == "BANG" else cast("str", c[0].value).upper()
        return Unary(operator, c[1], _over(c[0], c[1]))

    def is_null(self, c: list[Any]) -> Expression:
        return IsNull(c[0], bool(c[1].value), _over(c[0], c[1]))

    def member(self, c: list[Any]) -> Expression:
        return Member(c[0], c[2].value, c[1].type == "QDOT", _over(c[0], c[2]))

    def index(self, c: list[Any]) -> Expression:
        return Index(c[0], c[2], _over(c[0], c[3]))

    def invoke(self, c: list[Any]) -> Expression:
        items = c[2].items if isinstance(c[2], Items) else []
        return Invoke(c[0], match.expressions(items), _over(c[0], c[-1]))

    def name(self, c: list[Any]) -> Expression:
        return Name(c[0].value, Span(c[0].start, c[0].end))

    def literal(self, c: list[Any]) -> Literal | Template:
        return c[0].value

    def group(self, c: list[Any]) -> Expression:
        return replace(c[1], span=_over(c[0], c[2]))

    def list(self, c: list[Any]) -> Expression:
        items = c[1].items if isinstance(c[1], Items) else []
        return ListOf(match.expressions(items), _over(c[0], c[-1]))

    def object(self, c: list[Any]) -> Expression:
        return ObjectOf(tuple(child for child in c if isinstance(child, tuple)), _over(c[0], c[-1]))

    def property(self, c: list[Any]) -> tuple[str, Expression]:
        key = c[0].value
        if isinstance(key, Literal):
            key = match.key_text(key)
        return str(key), c[2]
