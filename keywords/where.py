"""WHERE as data: left of a comparison stands a column of the row, right of it a value of the program."""

from __future__ import annotations

from keywords import tree
from keywords.misuse import Misuse
from keywords.tree import Binary, Expression, Index, IsNull, ListOf, Literal, Member, Name, Span, Template, Unary

COMPARING = frozenset({"=", "<>", "<", "<=", ">", ">=", "LIKE", "CONTAINS", "IN", "NOT IN", "STARTS WITH"})


def as_data(asked: Expression) -> Expression:
    """The condition as the list that `keywords/conditions.py` reads; a condition given as a text stays one."""
    if isinstance(asked, Literal | Template) or (isinstance(asked, Binary) and asked.operator == "+"):
        return asked
    return _data(asked)


def _data(asked: Expression) -> Expression:
    match asked:
        case Binary("AND" | "OR" as operator, left, right):
            return _list(asked.span, operator, _data(left), _data(right))
        case Unary("NOT", operand):
            return _list(asked.span, "NOT", _data(operand))
        case IsNull(operand, negated):
            found = _list(asked.span, "IS NULL", _named(operand))
            return _list(asked.span, "NOT", found) if negated else found
        case Binary("BETWEEN", left, ListOf((least, most))):
            column = _named(left)
            ends = (_list(asked.span, ">=", column, least), _list(asked.span, "<=", column, most))
            return _list(asked.span, "AND", *ends)
        case Binary(operator, left, right) if operator in COMPARING:
            return _list(asked.span, operator, _named(left), right)
        case _:
            return _list(asked.span, "TRUE", _named(asked))


def _list(span: Span, operator: str, *parts: Expression) -> ListOf:
    return ListOf((Literal(operator, span), *parts), span)


def _named(left: Expression) -> Literal:
    path = _path(left)
    if path is None:
        message = "Left of a comparison in WHERE stands the name of a column."
        raise Misuse(message, "Write column = value, as in WHERE status = wanted.", left.span)
    return Literal(path, left.span)


def _path(left: Expression) -> str | None:
    match left:
        case Name(name):
            return name
        case Literal(str() as name):
            return name
        case Member(target, name) | Index(target, tree.Literal(str() as name)):
            before = _path(target)
            return None if before is None else f"{before}.{name}"
        case _:
            return None
