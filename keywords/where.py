"""WHERE as data: left of a comparison stands a column of the row, right of it a value of the program."""

from __future__ import annotations

from typing import Any

from keywords import tree
from keywords.condition_calls import CALL, COLUMN, VALUE, known
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


def _named(left: Expression) -> Expression:
    path = _path(left)
    if path is None and (call := _call(left)) is not None:
        return call
    if path is None:
        message = "Left of a comparison in WHERE stands the name of a column."
        raise Misuse(message, "Write column = value, as in WHERE status = wanted.", left.span)
    return Literal(path, left.span)


def _call(left: object) -> Expression | None:
    """A function of columns, as `keywords/condition_calls.py` reads it."""
    match left:
        case tree.Invoke(Name(name), arguments):
            given: tuple[object, ...] = arguments
        case tree.Call(keyword=name, arguments=[tree.Argument(value=tuple(several))]):
            given = several
        case tree.Call(keyword=name, arguments=arguments):
            given = tuple(argument.value for argument in arguments)
        case _:
            return None
    if not known(name):
        return None
    return _list(left.span, CALL, Literal(name.upper(), left.span), *(_operand(each, left.span) for each in given))


def _operand(given: object, span: Span) -> Expression:
    match given:
        case Literal():
            return _list(span, VALUE, given)
        case Name() | Member() | Index() if (path := _path(given)) is not None:
            return _list(span, COLUMN, Literal(path, span))
        case tree.Invoke() | tree.Call() if (call := _call(given)) is not None and _reads(call):
            return call
        case _:
            expression: Any = given
            return _list(span, VALUE, expression)


def _reads(call: Expression) -> bool:
    """Whether a column is read in it; else the program works it out itself."""
    match call:
        case ListOf((Literal(kind), *rest)):
            return kind == COLUMN or (kind == CALL and any(_reads(part) for part in rest))
        case _:
            return False


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
