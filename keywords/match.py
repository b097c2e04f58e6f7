"""Fits the clauses of a keyword to one of its forms, and words what is missing or too much.

Pure: what the grammar found goes in, a `Call` or a `Structure` comes out; faults go to the line's list of problems.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

from keywords import parts as structure_parts
from keywords.levels import PAIRED
from keywords.phrases import Candidate
from keywords.registry import Clause, Form, Keyword, Kind, Slot
from keywords.tokens import Opened, Problem
from keywords.tree import (
    Argument,
    Assign,
    Binary,
    Call,
    Do,
    Expression,
    Literal,
    Member,
    Name,
    Pair,
    Span,
    Statement,
    Structure,
    Unknown,
)


@dataclass(frozen=True, slots=True)
class Star:
    """A lone `*`."""

    span: Span


@dataclass(frozen=True, slots=True)
class Text:
    """The rest of the line as it is written."""

    text: str
    span: Span


_SERIES = PAIRED | {Kind.MANY, Kind.TYPE, Kind.ORDER}
Cut: TypeAlias = Callable[[int, int], str]
Item: TypeAlias = Expression | Pair | Star | Text | Statement


@dataclass(frozen=True, slots=True)
class Part:
    """The words of one clause and the items that follow them."""

    words: str
    items: Sequence[Item]
    span: Span


class _Misfit(Exception):
    """Why a form does not fit; kept inside this module."""

    def __init__(self, weight: int, message: str, span: Span, *, missing: bool = False) -> None:
        super().__init__(message)
        self.weight = weight
        self.message = message
        self.span = span
        self.missing = missing


def fit(opened: Opened, parts: Sequence[Part], span: Span) -> Call | Structure | Literal:
    """The call or structure that these clauses make; with a problem, a placeholder."""
    misfits: list[tuple[_Misfit, Candidate]] = []
    for candidate in opened.phrase.candidates:
        try:
            arguments = _arguments(candidate.form, parts, span, opened.cut)
        except _Misfit as misfit:
            misfits.append((misfit, candidate))
            continue
        if isinstance(candidate.owner, Keyword):
            return Call(candidate.owner.name, candidate.index, arguments, span)
        return structure_parts.finish(candidate.owner, candidate.index, arguments, span, opened.problems)
    _complain(opened, misfits, [item for part in parts for item in part.items])
    return Literal(None, span)


def fit_call(opened: Opened, items: Sequence[Item], span: Span) -> Call | Literal:
    """The call `KEYWORD(a, b)`: the items fill the slots of a form in their order."""
    misfits: list[tuple[_Misfit, Candidate]] = []
    for candidate in opened.phrase.candidates:
        slots = [slot for slot in candidate.form.slots if slot.kind is not Kind.FLAG]
        clauses = [clause for clause in candidate.form.clauses if clause.required]
        required = {slot.name for clause in clauses for slot in clause.slots if slot.required}
        loose = [Slot(slot.name, slot.kind, slot.name in required) for slot in slots]
        try:
            arguments = _distribute(Clause("", tuple(loose)), items, span, opened.cut)
        except _Misfit as misfit:
            misfits.append((misfit, candidate))
            continue
        if isinstance(candidate.owner, Keyword):
            return Call(candidate.owner.name, candidate.index, tuple(arguments), span, called=True)
    _complain(opened, misfits, items)
    return Literal(None, span)


def expressions(items: Sequence[Item]) -> tuple[Expression, ...]:
    """The items of a list or of a function's arguments; a lone `*` stands for the text "*"."""
    return tuple(_expression(item) or Literal(None, item.span) for item in items)


def pair_name(value: Expression) -> str | None:
    """The name left of the `=` or `AS` of a pair."""
    match value:
        case Name(name):
            return name
        case Literal(text) if isinstance(text, str):
            return text
        case Member(target, name, False):
            before = pair_name(target)
            return f"{before}.{name}" if before else None
        case _:
            return None


def key_text(key: Literal) -> str:
    """The key of an object's entry as text: `{1: x}` has the key "1"."""
    return key.value if isinstance(key.value, str) else str(key.value)


def written(form: Form) -> str:
    """A form as people write it: `PUBLISH EVENT name [WITH data]`."""
    plain = re.sub(r" ?\{\w+:flag\}", "", form.syntax)
    plain = re.sub(r"\{(\w+):(?:many|pairs|fields|columns)\}", r"\1, ..", plain)
    return re.sub(r"\{(\w+)(?::\w+)?\}", r"\1", plain)


def _arguments(form: Form, parts: Sequence[Part], span: Span, cut: Cut) -> tuple[Argument, ...]:
    given: dict[str, Part] = {}
    for part in parts:
        if part.words in given:
            raise _Misfit(5, f"has {part.words} twice", part.span)
        given[part.words] = part
    found: list[Argument] = []
    missing: _Misfit | None = None
    for clause in form.clauses:
        part = given.pop(clause.words, None)
        if part is not None:
            found += _distribute(clause, part.items, part.span, cut)
        elif clause.required and (clause.words or any(slot.required for slot in clause.slots)):
            missing = missing or _Misfit(3, f"needs {_clause(clause)}", span)
    for words, part in given.items():
        if words or part.items:
            where = part.items[0].span if part.items and not words else part.span
            raise _Misfit(4, f"does not take {words}" if words else "takes nothing here", where)
    if missing is not None:
        raise missing
    return tuple(found)


def _distribute(clause: Clause, items: Sequence[Item], span: Span, cut: Cut) -> list[Argument]:
    found: list[Argument] = []
    rest = list(items)
    for slot in clause.slots:
        if slot.kind is Kind.FLAG:
            found.append(Argument(slot.name, Literal(value=True, span=span), span))
        elif slot.kind in _SERIES:
            if rest:
                found.append(_series(slot, rest, cut))
                rest = []
            elif slot.required:
                raise _Misfit(2, f"needs {_needed(clause, slot)}", span, missing=True)
        elif rest:
            found.append(_single(slot, rest.pop(0)))
        elif slot.required:
            raise _Misfit(2, f"needs {_needed(clause, slot)}", span, missing=True)
    if rest:
        most = sum(slot.kind is not Kind.FLAG for slot in clause.slots)
        takes = (
            f"takes {most or 'no'} value{'' if most == 1 else 's'}{' after ' + clause.words if clause.words else ''}"
        )
        raise _Misfit(2, f"{takes}; here stand {len(items)}", rest[0].span)
    return found


def _single(slot: Slot, item: Item) -> Argument:
    if slot.kind is Kind.NAME:
        value = _expression(item)
        name = pair_name(value) if value is not None else None
        if name is None:
            raise _Misfit(1, f"needs a name for {_spoken(slot)}", item.span)
        return Argument(slot.name, name, item.span)
    if isinstance(item, Text):
        return Argument(slot.name, item.text, item.span)
    if slot.kind is Kind.STATEMENT:
        return Argument(slot.name, cast("Expression", item), item.span)  # `parts.finish` knows that it is a Statement
    value = _expression(item)
    if value is None:
        raise _Misfit(1, f"needs a value for {_spoken(slot)}", item.span)
    return Argument(slot.name, value, item.span)


def _series(slot: Slot, items: Sequence[Item], cut: Cut) -> Argument:
    span = Span(items[0].span.start, items[-1].span.end)
    if slot.kind in (Kind.TYPE, Kind.ORDER):
        return Argument(slot.name, cut(span.start, span.end), span)
    if slot.kind in PAIRED:
        named = items if slot.kind is Kind.PAIRS else [_own_pair(item) for item in items]
        if slot.kind is Kind.COLUMNS:
            named = _each_named(named)
        pairs = [item for item in named if isinstance(item, Pair)]
        odd = next((item for item in named if not isinstance(item, Pair) or not item.name), None)
        if odd is not None:
            raise _Misfit(1, "needs name = value", odd.span)
        return Argument(slot.name, tuple(pairs), span)
    values: list[Expression] = []
    for item in items:
        value = _expression(item)
        if value is None:
            raise _Misfit(1, f"needs values for {_spoken(slot)}", item.span)
        values.append(value)
    return Argument(slot.name, tuple(values), span)


def _own_pair(item: Item) -> Item:
    """`order_id` alone stands for `order_id = order_id`, `customer.id` for `id = customer.id`."""
    return Pair(item.name, item, item.span) if isinstance(item, Name | Member) else item


def _each_named(items: Sequence[Item]) -> list[Item]:
    """What has no name, or the name of one before it, is called by its place: `#2`."""
    seen: set[str] = set()
    found: list[Item] = []
    for place, item in enumerate(items, 1):
        if isinstance(item, Pair) and item.name.casefold() not in seen:
            seen.add(item.name.casefold())
            found.append(item)
            continue
        value = item.value if isinstance(item, Pair) else _expression(item)
        found.append(item if value is None else Pair(f"#{place}", value, item.span))
    return found


def _expression(item: Item) -> Expression | None:
    if isinstance(item, Star):
        return Literal("*", item.span)
    if isinstance(item, Pair | Text | Assign | Do | Structure | Unknown):
        return None
    return item


def _complain(opened: Opened, misfits: Sequence[tuple[_Misfit, Candidate]], items: Sequence[Item]) -> None:
    if opened.problems or not misfits:
        return
    misfit, candidate = min(misfits, key=lambda row: row[0].weight)
    name = opened.phrase.text.replace(" :", ":")
    forms = [written(other.form) for _, other in misfits if other.owner is candidate.owner]
    fix = f"Write {' or '.join(forms[:3])}."
    if misfit.missing and items and isinstance(items[-1], Binary) and items[-1].operator == "=":
        fix = f"`=` compares here. {fix}"
    opened.problems.append(Problem(misfit.span, f"{name} {misfit.message}.", fix))


def _clause(clause: Clause) -> str:
    slots = " ".join(_spoken(slot) for slot in clause.slots if slot.required)
    return f"{clause.words} {slots}".strip() if slots.upper() != clause.words else clause.words


def _needed(clause: Clause, slot: Slot) -> str:
    spoken = _spoken(slot)
    if spoken.upper() == clause.words:
        return f"a value after {clause.words}"
    return f"{clause.words} {spoken}".strip()


def _spoken(slot: Slot) -> str:
    return slot.name.replace("_", " ")
