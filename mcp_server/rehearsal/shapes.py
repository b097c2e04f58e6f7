"""What a program expects of its values, by what it does with them: which fields it reads, what it uses as a list.

Variables that hold the same value at different times are taken together, wherever in the text that is: a guess that
is made once for the whole program.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from keywords.encode import load
from keywords.evaluate import Node
from keywords.host import Value
from keywords.program import Program
from keywords.values import List, Object, RowSet, is_number
from mcp_server.rehearsal import samples
from mcp_server.rehearsal.wishes import SIZES, children

DEEPEST = 6
_SAME = frozenset({"~ITERATE", "MID", "SLICE", "SORT", "REVERSE", "UNIQUE", "FILTER"})
_LISTS = frozenset({"UBOUND", "SUM", "AVG", "COUNT", "SORT", "REVERSE", "UNIQUE", "SLICE", "JOIN", "FIRST", "LAST"})
_ELEMENTS = frozenset({"FIRST", "LAST"})
_FIELD_OF_ROWS = frozenset({"SUM", "AVG", "COUNT", "MAX", "MIN"})
_NUMBERS = frozenset({"ROUND", "INT", "ABS", "SQR"})
_DATES = frozenset(
    ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "WEEKDAY", "DATE", "DATEDIFF", "DATEADD", "DATEVALUE", "EOMONTH")
)
_TIMELY = _DATES | {"NOW", "TODAY", "DAYS", "HOURS"}
_ARITHMETIC = frozenset({"-", "*", "/", "MOD", "^"})
_TAKE_LISTS = frozenset({("MERGE", "rows"), ("COMPRESS", "files"), ("MERGE PDF", "files")})
_ORDERING = frozenset({"<", "<=", ">", ">="})
_COMPARING = frozenset({"=", "<>", "<", "<=", ">", ">="})


@dataclass(slots=True, eq=False)
class Shape:
    """What is known of a value."""

    fields: dict[str, Shape] = field(default_factory=dict[str, "Shape"])
    element: Shape | None = None
    listed: bool = False
    number: bool = False
    date: bool = False
    address: bool = False  # a mail is sent there
    site: bool = False  # an address of the web begins with it
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
        one.address, one.site = one.address or two.address, one.site or two.site
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

    @property
    def says_nothing(self) -> bool:
        """Whether nothing at all is known of it."""
        here = self.found()
        return self.plain and not here.number and not here.date and not here.examples

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
        if here.site:
            return "https://example.com"
        if here.address and not re.search(r"phone|mobile|whatsapp", name):
            return samples.SPOKEN["EMAIL"]
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
        self._first: dict[str, Shape] = {}  # of variables before anything is assigned to them
        self._now: dict[str, Shape] = {}  # of variables where the text is read
        self._set: dict[tuple[str, int], Shape] = {}  # by the step that assigns
        self._results: dict[str, Shape] = {}
        for at in range(len(program.steps)):
            self._step(at)

    def of(self, name: str) -> Shape:
        """The shape of a variable that is given from outside."""
        return self._useful(self._first.get(name.casefold()), name)

    def of_root(self, root: str) -> Shape:
        """The shape of an input, or of what a step answers: `name@index`."""
        name, _, at = root.partition("@")
        return self._useful(self._set.get((name.casefold(), int(at))), name) if at else self.of(name)

    def at(self, at: int) -> tuple[Shape, str] | None:
        """The shape of what a step answers, and the variable that gets it."""
        step = self._program.steps[at]
        target = step[6] if step[0] in ("call", "sub") else None
        return (self.of_root(f"{target[1]}@{at}"), target[1]) if target is not None else None

    def _useful(self, shape: Shape | None, name: str) -> Shape:
        """The shape, or where it says nothing any other that the variable has somewhere in the program."""
        if shape is not None and not shape.says_nothing:
            return shape.found()
        name = name.casefold()
        others = [self._first.get(name), *(held for (called, _), held in self._set.items() if called == name)]
        return next((one.found() for one in others if one and not one.says_nothing), shape or Shape())

    def _held(self, name: str) -> Shape:
        """The shape of a variable where the text is read."""
        name = name.casefold()
        if name not in self._now:
            self._now[name] = self._first[name] = Shape()
        return self._now[name].found()

    def _assigned(self, target: Any, at: int) -> Shape:
        shape = self._now[target[1].casefold()] = self._set[target[1].casefold(), at] = Shape()
        return shape

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
                shape = self._shape(step[5])
                assigned = self._assigned(step[4], at)
                if shape is not None:
                    assigned.join(shape)
            case "put":
                self._put(step)
            case "each":
                self._assigned(step[6], at).join(self._held(step[4]).item())
            case "edit":
                self._held(step[4][1]).found().listed = True
                if step[8] is not None:
                    self._assigned(step[8], at)
            case "return":
                entry = self._entry_of(at)
                if entry.startswith("sub:") and step[4] and (shape := self._shape(step[4])) is not None:
                    self._results.setdefault(entry, Shape()).join(shape)
            case "call":
                for slot, node in step[5].items():
                    if slot in ("url", "source") and (shape := self._first_part(node)) is not None and shape.plain:
                        shape.site = True
                    if slot == "to" and (shape := self._shape(node)) is not None and shape.plain:
                        shape.address = True
                    if (step[4], slot) in _TAKE_LISTS and (shape := self._shape(node)) is not None:
                        key = step[5].get("key", ["k", "id"])
                        shape.item().field_called(str(key[1]) if slot == "rows" else "path")
                if step[6] is not None:
                    self._assigned(step[6], at)
            case "sub":
                for name, node in zip(self._program.parameters.get(step[4], ()), step[5], strict=False):
                    if (shape := self._shape(node)) is not None:
                        self._held(name).join(shape)
                if step[6] is not None:
                    self._assigned(step[6], at).join(self._results.setdefault(step[4], Shape()))
            case _:
                pass

    def _put(self, step: Any) -> None:
        inside = self._held(step[4][1])
        for part in step[5]:
            key = load(part[1]) if part[0] == "k" else None
            inside = inside.field_called(key) if isinstance(key, str) else inside.item()
        if (shape := self._shape(step[6])) is not None:
            inside.join(shape)

    def _shape(self, node: Node) -> Shape | None:
        """The shape of a place; None of what is computed."""
        match node:
            case ["v" | "g", str(name)]:
                return self._held(name)
            case ["m", inner, str(name), *_] if (held := self._shape(inner)) is not None:
                if name.casefold() in SIZES:
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

    def _first_part(self, node: Node) -> Shape | None:
        """What the text that an expression makes begins with, where something is joined to it."""
        match node:
            case ["l", first, *_]:
                return self._first_part(first)
            case ["b", "+", first, _]:
                return self._first_part(first) or self._shape(first)
            case ["t", first, _, *_] if first[0] != "k":
                return self._shape(first)
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
                    if operator in _ORDERING and other[0] != "k":
                        if _of_time(other):
                            held.date = True
                        else:
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


def _of_time(node: Node) -> bool:
    """Whether an expression is about days and hours."""
    return (node[0] == "f" and node[1] in _TIMELY) or any(_of_time(child) for child in children(node))


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
