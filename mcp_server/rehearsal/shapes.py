"""What a program expects of its values, by what it does with them: which fields it reads, what it uses as a list.

Variables that hold the same value at different times are taken together, wherever in the text that is: a guess that
is made once for the whole program.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from keywords.encode import load
from keywords.evaluate import Node
from keywords.host import Value
from keywords.program import Program
from keywords.values import List, Object, RowSet, is_number
from mcp_server.rehearsal import samples
from mcp_server.rehearsal.wishes import children

DEEPEST = 6
_SIZES = frozenset({"length", "count", "size"})
_SAME = frozenset({"~ITERATE", "MID", "SLICE", "SORT", "REVERSE", "UNIQUE", "FILTER"})
_LISTS = frozenset({"UBOUND", "SUM", "AVG", "COUNT", "SORT", "REVERSE", "UNIQUE", "SLICE", "JOIN", "FIRST", "LAST"})
_ELEMENTS = frozenset({"FIRST", "LAST"})
_FIELD_OF_ROWS = frozenset({"SUM", "AVG", "COUNT", "MAX", "MIN"})
_NUMBERS = frozenset({"ROUND", "INT", "ABS", "SQR"})
_DATES = frozenset(
    ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "WEEKDAY", "DATE", "DATEDIFF", "DATEADD", "DATEVALUE", "EOMONTH")
)
_ARITHMETIC = frozenset({"-", "*", "/", "MOD", "^"})
_TAKE_LISTS = frozenset({("MERGE", "rows"), ("COMPRESS", "files"), ("MERGE PDF", "files")})
_COMPARING = frozenset({"=", "<>", "<", "<=", ">", ">="})


@dataclass(slots=True, eq=False)
class Shape:
    """What is known of a value."""

    fields: dict[str, Shape] = field(default_factory=dict[str, "Shape"])
    element: Shape | None = None
    listed: bool = False
    number: bool = False
    date: bool = False
    examples: list[Value] = field(default_factory=list[Value])
    same: Shape | None = None  # this one was found to be that one

    def found(self) -> Shape:
        here = self
        while here.same is not None:
            here = here.same
        return here

    def field_called(self, name: str) -> Shape:
        """The shape of a field; of a list, that of its first item."""
        here = self.found()
        return here.fields.setdefault(name.casefold(), Shape()).found()

    def item(self) -> Shape:
        """The shape of the items of a list, whose fields are also those of the list."""
        here = self.found()
        here.listed = True
        if here.element is None:
            here.element = Shape()
        return here.element.found()

    def join(self, other: Shape, depth: int = 0) -> None:
        """Both are one from here on."""
        one, two = self.found(), other.found()
        if one is two or depth > DEEPEST:
            return
        two.same = one
        one.listed, one.number, one.date = one.listed or two.listed, one.number or two.number, one.date or two.date
        one.examples += two.examples
        for name, inside in list(two.fields.items()):
            one.field_called(name).join(inside, depth + 1)
        if two.element is not None:
            one.item().join(two.element, depth + 1)

    @property
    def plain(self) -> bool:
        """Whether nothing is read inside it."""
        here = self.found()
        return not here.fields and not here.listed

    def sample(self, name: str, depth: int = 0) -> Value:
        """A value of this shape, as one of this name could be."""
        here = self.found()
        if depth > DEEPEST:
            return samples.by_name(name) if not isinstance(samples.by_name(name), list) else "sample"
        if here.listed:
            inside = here.item()
            row = _Both(here, inside)
            return RowSet([row.sample(name, depth + 1)])
        if here.fields:
            return Object((key, inside.sample(key, depth + 1)) for key, inside in here.fields.items())
        if here.date:
            return samples.MOMENT
        named = samples.by_name(name)
        usual = not (isinstance(named, str) and named.startswith("sample "))
        if here.number and not (is_number(named) and usual):
            numbers = [example for example in here.examples if is_number(example)]
            return numbers[0] if numbers else 7
        if isinstance(named, List | list):
            return named if not here.examples else here.examples[0]
        return named if usual or not here.examples else here.examples[0]


@dataclass(slots=True)
class _Both:
    """The item of a list: what is read of the list itself is read of its first item."""

    rows: Shape
    inside: Shape

    def sample(self, name: str, depth: int) -> Value:
        inside = self.inside.found()
        if not inside.listed and self.rows.fields:
            every = {**self.rows.fields, **inside.fields}
            return Object((key, shape.sample(key, depth + 1)) for key, shape in every.items())
        return inside.sample(name.removesuffix("s"), depth)


class Shapes:
    """The shapes of a program's variables."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._variables: dict[str, Shape] = {}
        self._results: dict[str, Shape] = {}
        for at in range(len(program.steps)):
            self._step(at)

    def of(self, name: str) -> Shape:
        """The shape of a variable."""
        return self._variables.setdefault(name.casefold(), Shape()).found()

    def at(self, at: int) -> tuple[Shape, str] | None:
        """The shape of what a step answers, and the variable that gets it."""
        step = self._program.steps[at]
        target = step[6] if step[0] in ("call", "sub") else None
        return (self.of(target[1]), target[1]) if target is not None else None

    # -- inside --------------------------------------------------------------------------------------------------------

    def _entry_of(self, at: int) -> str:
        best, name = -1, "main"
        for entry, start in self._program.entries.items():
            if best < start <= at:
                best, name = start, entry
        return name

    def _step(self, at: int) -> None:
        step = self._program.steps[at]
        for node in _expressions(step):
            self._look(node)
        match step[0]:
            case "set":
                if (shape := self._shape(step[5])) is not None:
                    self.of(step[4][1]).join(shape)
            case "put":
                self._put(step)
            case "each":
                self.of(step[6][1]).join(self.of(step[4]).item())
            case "edit":
                self.of(step[4][1]).found().listed = True
            case "return":
                if (shape := self._shape(step[4])) is not None:
                    self._results.setdefault(self._entry_of(at), Shape()).join(shape)
            case "call":
                for slot, node in step[5].items():
                    if (step[4], slot) in _TAKE_LISTS and (shape := self._shape(node)) is not None:
                        shape.found().listed = True
            case "sub":
                for name, node in zip(self._program.parameters.get(step[4], ()), step[5], strict=False):
                    if (shape := self._shape(node)) is not None:
                        self.of(name).join(shape)
                if step[6] is not None:
                    self.of(step[6][1]).join(self._results.setdefault(step[4], Shape()))
            case _:
                pass

    def _put(self, step: Any) -> None:
        inside = self.of(step[4][1])
        for part in step[5]:
            key = load(part[1]) if part[0] == "k" else None
            inside = inside.field_called(key) if isinstance(key, str) else inside.item()
        if (shape := self._shape(step[6])) is not None:
            inside.join(shape)

    def _shape(self, node: Node) -> Shape | None:
        """The shape of a place; None of what is computed."""
        match node:
            case ["v" | "g", str(name)]:
                return self.of(name)
            case ["m", inner, str(name), *_] if (held := self._shape(inner)) is not None:
                if name.casefold() in _SIZES:
                    held.found().listed = True
                    return None
                return held.field_called(name)
            case ["i", inner, ["k", str(name)]] if (held := self._shape(inner)) is not None:
                return held.field_called(name)
            case ["i", inner, _] if (held := self._shape(inner)) is not None:
                return held.item()
            case ["f", name, inner, *_] if name in _SAME:
                return self._shape(inner)
            case ["p", name, {"list": inner}] if name in _ELEMENTS and (held := self._shape(inner)) is not None:
                return held.item()
            case ["p", name, {"list": inner}] if name in _SAME:
                return self._shape(inner)
            case ["f", name, inner] if name in _ELEMENTS and (held := self._shape(inner)) is not None:
                return held.item()
            case ["or" | "??", *parts]:
                shapes = [shape for part in parts if (shape := self._shape(part)) is not None]
                return shapes[0] if shapes else None
            case _:
                return None

    def _look(self, node: Node) -> None:
        """Note what an expression says of the places in it."""
        shape = self._shape(node)
        match node:
            case ["f", str(name), first, *more]:
                held = self._shape(first)
                if held is not None and (name in _LISTS or (name in _FIELD_OF_ROWS and more)):
                    held.found().listed = True
                    if name in _FIELD_OF_ROWS and more and more[0][0] == "k" and isinstance(more[0][1], str):
                        held.item().field_called(more[0][1]).number = True
                if held is not None and name in _NUMBERS:
                    held.number = True
                if name in _DATES or (name == "FORMAT" and more and _is_date_pattern(more[0])):
                    for place in (first, *more):
                        if (dated := self._shape(place)) is not None and not dated.number:
                            dated.date = True
            case ["b", operator, left, right]:
                for one, other in ((left, right), (right, left)):
                    held = self._shape(one)
                    if held is None:
                        continue
                    if operator in _ARITHMETIC:
                        held.number = True
                    if operator in _COMPARING and other[0] == "k" and isinstance(other[1], str | int | float):
                        held.number = held.number or is_number(other[1])
                        held.examples.append(load(other[1]))
            case ["p", _, {"list": rows, **more}]:
                if (held := self._shape(rows)) is not None:
                    held.found().listed = True
                    column = more.get("field")
                    if column is not None and column[0] == "k" and isinstance(column[1], str):
                        held.item().field_called(column[1]).number = True
            case _:
                pass
        if shape is None or node[0] != "v":
            for child in children(node):
                self._look(child)


def _is_date_pattern(node: Node) -> bool:
    return node[0] == "k" and isinstance(node[1], str) and bool(set(node[1]) & set("yYdDHhm")) and "#" not in node[1]


def _expressions(step: Any) -> Iterator[Node]:
    match step[0]:
        case "set":
            yield step[5]
        case "put":
            yield from step[5]
            yield step[6]
        case "edit":
            yield from step[5]
            yield from step[7]
        case "test" | "return" | "throw":
            yield step[4]
        case "call":
            yield from step[5].values()
        case "sub":
            yield from step[5]
        case _:
            return
