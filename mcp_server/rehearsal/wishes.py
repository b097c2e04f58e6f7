"""What a program would have to be told so that it goes a given way.

A condition is an expression over what comes from outside: inputs, and answers of calls. Which values make it true is
found by trying: the words and numbers that the condition itself compares with, their neighbours, and a few others.

A `Wish` says for each root (an input by its name, the answer of a call by `variable@index of its step`) which value it
or fields inside it should have.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeAlias
from uuid import UUID

from keywords.encode import load
from keywords.evaluate import Node, compiled
from keywords.host import Identity, Value
from keywords.mistakes import ProgramError
from keywords.registry import Registry
from keywords.state import State
from keywords.values import List, Object, RowSet, is_container, is_number, truthy
from keywords.world import World
from mcp_server.rehearsal import samples

Path: TypeAlias = tuple[str, ...]
Wish: TypeAlias = dict[str, dict[Path, Value]]
Place: TypeAlias = tuple[str, Path]

TRIALS = 4_000  # evaluations for one condition
PLACES = 4  # places inside one condition that are tried together
LONG_AGO, FAR_OFF = datetime(2020, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)
SIZES = frozenset({"length", "count", "size"})
_ELEMENTS = ("FIRST", "LAST", "~ITERATE")
_NOBODY = Identity(UUID(int=0), UUID(int=0), UUID(int=0))


@dataclass(slots=True)
class Condition:
    """An expression over outside values, and whether it is to be true."""

    node: Node
    wanted: bool
    places: tuple[Place, ...] = ()
    listed: frozenset[Place] = frozenset()  # places that are used as lists

    def __post_init__(self) -> None:
        found: dict[Place, None] = {}
        listed: set[Place] = set()
        _look(self.node, found, listed)
        whole = {place for place in found if not any(_inside(other, place) for other in found if other != place)}
        self.places = tuple(place for place in found if place in whole)
        self.listed = frozenset(listed)


@dataclass(slots=True)
class Solver:
    """Collects conditions, and what makes all of them hold."""

    registry: Registry
    usual: Callable[[str, Path], Value]  # what is at a place when nothing is wished for
    accepts: Callable[[str, Value], bool]  # whether a root can be this value
    wish: Wish = field(default_factory=dict[str, dict[Path, Value]])
    held: list[Condition] = field(default_factory=list[Condition])

    def ask(self, condition: Condition) -> bool:
        """Make the condition hold too; False when no way is found, and nothing is changed."""
        if not condition.places:
            return self._holds(condition, self.wish)
        if self._holds(condition, self.wish):
            self.held.append(condition)
            for root, path in condition.places:  # and it shall stay so
                value = self.usual(root, path)
                if path not in self.wish.get(root, {}) and not is_container(value):
                    self.wish.setdefault(root, {})[path] = value
            return True
        free = [p for p in condition.places if not self._known(p)]
        for places in dict.fromkeys((tuple(free[:PLACES]), condition.places[:PLACES])):
            if places and self._solve(condition, places):
                self.held.append(condition)
                return True
        return False

    def _known(self, place: Place) -> bool:
        return place[1] in self.wish.get(place[0], {})

    def _solve(self, condition: Condition, places: Sequence[Place]) -> bool:
        touched = {place[0] for place in places}
        others = [c for c in self.held if any(root in touched for root, _ in c.places)]
        constants = [value for each in (condition, *others[-8:]) for value in _constants(each.node)]
        choices = [
            [
                value
                for value in _candidates(self.usual(*place), constants, place in condition.listed)
                if place[1] or self.accepts(place[0], value)
            ]
            for place in places
        ]
        for values in itertools.islice(itertools.product(*choices), TRIALS):
            wish = {root: dict(inside) for root, inside in self.wish.items()}
            for (root, path), value in zip(places, values, strict=True):
                wish.setdefault(root, {})[path] = value
            if self._holds(condition, wish) and all(self._holds(c, wish) for c in others):
                self.wish = wish
                return True
        return False

    def _holds(self, condition: Condition, wish: Wish) -> bool:
        variables: dict[str, Value] = {}
        for root in {root for root, _ in condition.places}:
            fields = dict(wish.get(root, {}))
            for place_root, path in condition.places:
                if place_root == root:
                    fields.setdefault(path, self.usual(root, path))
            variables[root] = built(fields, {path for place, path in condition.listed if place == root})
        state = State(_NOBODY, 0, [])
        world = World(state, samples.MOMENT, variables)
        try:
            return truthy(compiled(condition.node, self.registry)(variables, world)) is condition.wanted
        except (ProgramError, ArithmeticError, TypeError, KeyError):
            return False


def built(fields: Mapping[Path, Value], listed: Iterable[Path] = ()) -> Value:
    """A value with these fields inside it."""
    below: dict[str, dict[Path, Value]] = {}
    for path, value in fields.items():
        if path:
            below.setdefault(path[0], {})[path[1:]] = value
    deeper = list(listed)
    if below:
        made = Object(
            (name, built(inside, [path[1:] for path in deeper if path and path[0] == name]))
            for name, inside in below.items()
        )
        return RowSet([made]) if () in deeper else made
    return fields.get((), None)


def granted(wish: Mapping[Path, Value], given: Value) -> Value:
    """What was given, changed as wished."""
    below: dict[str, dict[Path, Value]] = {}
    for path, value in wish.items():
        if path:
            below.setdefault(path[0], {})[path[1:]] = value
    if not below:
        wanted = wish.get((), given)
        if isinstance(given, RowSet) and (wanted is None or isinstance(wanted, list)):
            return RowSet(_repeated(given, len(wanted or [])))
        return wanted
    if isinstance(given, list):
        first = granted(wish, given[0] if given else Object())
        return type(given)([first, *given[1:]])
    base = Object(given) if isinstance(given, Object) else Object()
    for name, inside in below.items():
        known = next((key for key in base if key.casefold() == name), name)
        base[known] = granted(inside, base.get(known))
    return base


def _repeated(rows: Sequence[Value], count: int) -> list[Value]:
    sample = list(rows) or [Object(id="1", name="sample")]
    return [sample[n % len(sample)] for n in range(count)]


# -- what a condition is about -----------------------------------------------------------------------------------------


def place_of(node: Node, listed: set[Place] | None = None) -> Place | None:
    """The root and fields that an expression reads, where it is nothing but that."""
    match node:
        case ["v", str(name)]:
            return name, ()
        case ["m", inner, str(name), *_]:
            found = place_of(inner, listed)
            if name.casefold() in SIZES:
                if found and listed is not None:
                    listed.add(found)
                return None
            return (found[0], (*found[1], name.casefold())) if found else None
        case ["i", inner, ["k", str(name)]]:
            found = place_of(inner, listed)
            return (found[0], (*found[1], name.casefold())) if found else None
        case ["i", inner, _]:
            found = place_of(inner, listed)
            if found and listed is not None:
                listed.add(found)
            return found
        case ["f", name, inner] if name in _ELEMENTS:
            found = place_of(inner, listed)
            if found and listed is not None:
                listed.add(found)
            return found
        case _:
            return None


def children(node: Node) -> Iterator[Node]:
    """The expressions inside an expression."""
    match node[0]:
        case "k" | "v" | "g":
            return
        case "m":
            yield node[1]
        case "f" | "b":
            yield from node[2:]
        case "o":
            yield from node[2::2]
        case "p":
            yield from node[2].values()
        case _:
            yield from node[1:]


def _look(node: Node, found: dict[Place, None], listed: set[Place]) -> None:
    here = place_of(node, listed)
    if here:
        found.setdefault(here)
        return
    for child in children(node):
        _look(child, found, listed)


def _inside(inner: Place, outer: Place) -> bool:
    return inner[0] == outer[0] and inner[1][: len(outer[1])] == outer[1]


def _constants(node: Node) -> Iterator[Value]:
    if node[0] == "k":
        yield load(node[1])
        return
    for child in children(node):
        yield from _constants(child)


def _candidates(usual: Value, constants: Sequence[Value], listed: bool) -> Iterator[Value]:
    """Values that may make a condition true or false, each once, the likely ones first."""
    seen: set[str] = set()
    for value in _likely(usual, constants, listed):
        key = repr(value)
        if key not in seen:
            seen.add(key)
            yield value


def _likely(usual: Value, constants: Sequence[Value], listed: bool) -> Iterator[Value]:
    rows = [Object(id="1", name="sample", quantity=2, price=120.5)]
    if listed:
        yield from (RowSet(rows), RowSet(), None)
    yield usual
    for value in constants:
        if isinstance(value, str):
            yield from (value, f"a {value} b")
            if 3 < len(value) < 400 and "," in value:
                yield from (part.strip() for part in value.split(","))
        elif is_number(value):
            yield from (value, value + 1, value - 1)
        else:
            yield value
    for value in constants:
        if is_number(value) and 2 <= value <= 30 and value == int(value):
            yield from (RowSet(rows * int(value)), RowSet(rows * (int(value) + 1)))
    yield from ("", "sample", None, True, False, 0, 1, 7, 100_000, -1, 0.5, LONG_AGO, FAR_OFF, samples.MOMENT)
    yield from (RowSet(rows), RowSet(), List(["sample"]), Object(id="1", name="sample"), "1", "ana@example.com")
    yield from ('{"name": "sample"}', "A longer text of several words, as people write them.\nWith two lines.")
