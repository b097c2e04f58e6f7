"""What a line of BASIC was understood as: the nodes that `parse` makes and `compile` reads.

Positions are offsets into the text of the *logical line* (so trees can be kept by text and shared between files);
`blocks.Line.position` turns an offset into a line and column of the file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open range of characters of a logical line."""

    start: int
    end: int


# -- expressions -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Literal:
    value: str | int | float | bool | None
    span: Span


@dataclass(frozen=True, slots=True)
class Name:
    """A variable; names are compared without regard to case."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Template:
    """A string with `${...}` parts."""

    parts: tuple[str | Expression, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Member:
    target: Expression
    name: str
    optional: bool  # written `?.`
    span: Span


@dataclass(frozen=True, slots=True)
class Index:
    target: Expression
    index: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Invoke:
    """`f(a, b)` of a built-in function or a SUB/FUNCTION, or the method call `x.f(a)` (target is then a Member)."""

    target: Expression
    arguments: tuple[Expression, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Unary:
    operator: str  # "NOT" | "-" | "+"
    operand: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Binary:
    operator: str  # + - * / ^ MOD = <> < <= > >= AND OR XOR ?? IN "NOT IN" CONTAINS LIKE "STARTS WITH"
    # BETWEEN, whose right side is the list of both ends
    left: Expression
    right: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class IsNull:
    operand: Expression
    negated: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Ternary:
    condition: Expression
    yes: Expression
    no: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class ListOf:
    items: tuple[Expression, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class ObjectOf:
    pairs: tuple[tuple[str, Expression], ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Pair:
    """`name = value` or `name AS value` inside a `pairs` slot."""

    name: str
    value: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Argument:
    """What one slot of a keyword received.

    `value` is one expression for slots of kind value, tight and condition; a tuple of expressions for `many`; a tuple
    of pairs for `pairs`; plain text for name, type, order and text.
    """

    slot: str
    value: Expression | tuple[Expression, ...] | tuple[Pair, ...] | str
    span: Span


@dataclass(frozen=True, slots=True)
class Call:
    """A keyword with its arguments, as a statement or inside an expression."""

    keyword: str  # canonical name in the registry: "PUBLISH EVENT"
    form: int  # index into Keyword.forms
    arguments: tuple[Argument, ...]
    span: Span
    called: bool = False  # written like a function: `GET_BOT_MEMORY("k")`; a SUB or FUNCTION of that name comes first


Expression: TypeAlias = (
    Literal | Name | Template | Member | Index | Invoke | Unary | Binary | IsNull | Ternary | ListOf | ObjectOf | Call
)


# -- statements --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Assign:
    """`target = value`; the target is a Name, Member or Index. LET and SET are written away."""

    target: Name | Member | Index
    value: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Do:
    """An expression as a statement: a keyword, or a call such as `notify(x)` or `items.PUSH(1)`."""

    value: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Structure:
    """A line that belongs to the grammar and the compiler: IF, FOR EACH, STEP, PARALLEL, ... (`keywords/structure.py`).

    `word` is the canonical structure word; `parts` its named pieces, e.g. IF: {"condition": Expression, "then":
    Statement | None}; STEP: {"number": int, "body": Statement | None}; BRANCH: {"label": str, "body": Statement |
    None}; FOR EACH: {"name": str, "in": Expression}; PARAM: {"name": str, "type": str, "like": Expression, ...}.
    """

    word: str
    parts: dict[str, object]
    span: Span
    arguments: tuple[Argument, ...] = field(default=(), compare=False, repr=False)  # the parts, with where they stand


@dataclass(frozen=True, slots=True)
class Unknown:
    """A line that could not be understood; the diagnostics say why."""

    text: str
    span: Span


Statement: TypeAlias = Assign | Do | Structure | Unknown
