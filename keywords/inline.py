"""Expressions written out as lines of Python, for traces (`keywords/traces.py`).

What loops do most is written in place: whole numbers, texts, items of a list, fields of an object. Whatever else comes
goes the way that closures go, with the same operations; so writing an expression out changes no result.

No word of a program ever stands in the Python text: names, texts and numbers are handed over as `k1`, `k2`, ...
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeAlias

from keywords.encode import load
from keywords.evaluate import Node, compiled, folded, names_read
from keywords.functions import FUNCTIONS
from keywords.host import Value
from keywords.operators import BINARY
from keywords.places import item, member
from keywords.quick import long_way, spend
from keywords.registry import Registry
from keywords.values import MAX_TEXT, SMALL, List, Object, kept, number, text, too_long, truthy
from keywords.world import World

LEAST, MOST = -(2**63), 2**63 - 1
MOST_LINES = 200  # of one trace; what comes then stays closures
DEEPEST = 12  # expressions nested deeper stay closures: Python limits how deep its lines are indented
NUMBERS = frozenset({int, float})

Atom: TypeAlias = str  # a name of the trace that holds a value
Within: TypeAlias = tuple[str, int, Mapping[str, Atom]]  # a frame not made yet: entry, where it stands, its variables
Place: TypeAlias = tuple[int, int, Sequence[Within]]  # of a line: where the frame stands, the step, frames above it

KNOWN: dict[str, Any] = {
    "List": List,
    "Object": Object,
    "SMALL": SMALL,
    "item": item,
    "member": member,
    "kept": kept,
    "number": number,
    "spend": spend,
    "text": text,
    "too_long": too_long,
    "truthy": truthy,
}

_COMPARE = {"=": "==", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


@dataclass(slots=True)
class Lines:
    """Lines of Python being written, each with the step it belongs to."""

    registry: Registry
    written: list[str] = field(default_factory=list[str])
    places: list[Place] = field(default_factory=list[Place])
    given: dict[str, Any] = field(default_factory=lambda: dict(KNOWN))
    read: dict[tuple[str, str], Atom] = field(default_factory=dict[tuple[str, str], Atom])  # variables held already
    calls: list[Any] = field(default_factory=list[Any])  # SUBs being written out (`keywords/unfold.py`)
    kinds: dict[Atom, type] = field(default_factory=dict[Atom, type])  # where it is known
    at: int = 0
    depth: int = 1
    count: int = 0

    # -- writing -------------------------------------------------------------------------------------------------------

    def say(self, line: str, *, framed: bool = False) -> None:
        """Writes a line; `framed`: it makes the frames of the calls itself."""
        stands = [*(call.at for call in self.calls), self.at]
        calls = [] if framed else self.calls
        within = [(call.entry, at, dict(call.variables)) for call, at in zip(calls, stands[1:], strict=False)]
        self.written.append("    " * self.depth + line)
        self.places.append((stands[0], self.at, within))

    @contextmanager
    def under(self, line: str) -> Generator[None]:
        """Lines that may be left out when the trace runs: what they read is forgotten behind them."""
        self.say(line)
        self.depth += 1
        before = dict(self.read)
        yield
        self.depth -= 1
        self.read = before

    def name(self) -> Atom:
        self.count += 1
        return f"t{self.count}"

    def hand(self, value: Any) -> str:
        """A name for a value that is handed over."""
        self.count += 1
        self.given[f"k{self.count}"] = value
        return f"k{self.count}"

    # -- variables -----------------------------------------------------------------------------------------------------

    def holder(self, scope: str) -> str:
        return "v" if scope == "v" else "w.shared"

    def variable(self, scope: str, name: str) -> Atom:
        if scope == "v" and self.calls:
            return self.calls[-1].variables.get(name) or self.nothing()
        held = self.read.get((scope, name))
        if held is None:
            held = self.read[scope, name] = self.name()
            self.say(f"{held} = {self.holder(scope)}.get({self.hand(name)})")
        return held

    def assign(self, scope: str, name: str, value: Atom) -> None:
        """The variable becomes the value, which is ready to be stored."""
        if scope == "v" and self.calls:
            self.calls[-1].variables[name] = value
            return
        self.say(f"{self.holder(scope)}[{self.hand(name)}] = {value}")
        self.forget(scope, name)
        self.read[scope, name] = value

    def nothing(self) -> Atom:
        value = self.hand(None)
        self.kinds[value] = type(None)
        return value

    def forget(self, scope: str, name: str) -> None:
        """The variable may have changed; in the main program both scopes are one."""
        self.read.pop((scope, name), None)
        self.read.pop(("g" if scope == "v" else "v", name), None)

    def ready(self, value: Atom) -> Atom:
        """The value, within the limits and never changed in place from here on."""
        if self.kinds.get(value) in SMALL:
            return value
        self.say(f"if {value}.__class__ is not int: kept({value})")
        return value

    # -- expressions ---------------------------------------------------------------------------------------------------

    def expression(self, node: Node) -> Atom:
        """Writes what computes the expression; answers the name of its value."""
        node = folded(node)
        write = _WRITERS.get(node[0])
        if write is None or self.depth > DEEPEST or len(self.written) > MOST_LINES:
            return self.closure(node)
        return write(self, node)

    def closure(self, node: Node) -> Atom:
        value = self.name()
        variables = "v"
        if self.calls:
            known = self.calls[-1].variables
            held = sorted(names_read(node) & known.keys())
            variables = "{" + ", ".join(f"{self.hand(name)}: {known[name]}" for name in held) + "}"
        self.say(f"{value} = {self.hand(compiled(node, self.registry))}({variables}, w)")
        return value

    def holds(self, node: Node) -> str:
        """A condition as Python writes it."""
        value = self.expression(node)
        if self.kinds.get(value) is bool:
            return value
        return f"({value} if {value}.__class__ is bool else truthy({value}))"


def _constant(lines: Lines, node: Node) -> Atom:
    value = kept(load(node[1]))
    atom = lines.hand(value)
    lines.kinds[atom] = type(value)
    return atom


def _variable(lines: Lines, node: Node) -> Atom:
    return lines.variable(node[0], node[1])


def _template(lines: Lines, node: Node) -> Atom:
    words: list[Atom] = []
    for part in node[1:]:
        atom = lines.expression(part)
        if lines.kinds.get(atom) is not str:
            shown = lines.name()
            lines.say(
                f"{shown} = {atom} if {atom}.__class__ is str else str({atom}) if {atom}.__class__ is int "
                f"else text({atom})"
            )
            atom = shown
        words.append(atom)
    length, value = lines.name(), lines.name()
    lines.say(f"{length} = {' + '.join(f'len({word})' for word in words) or 0}")
    lines.say(f"w.spent += {length} >> 5")
    lines.say(f"if {length} > {MAX_TEXT}: raise too_long({length})")
    lines.say(f'{value} = "".join(({"".join(f"{word}, " for word in words)}))')
    lines.kinds[value] = str
    return value


def _member(lines: Lines, node: Node) -> Atom:
    held, name, value = lines.expression(node[1]), lines.hand(node[2]), lines.name()
    lines.say(f"if {held}.__class__ is Object and {name} in {held}: {value} = {held}[{name}]")
    lines.say(f"else: {value} = member({held}, {name}, {bool(node[3])})")
    return value


def _item(lines: Lines, node: Node) -> Atom:
    held, at = lines.expression(node[1]), lines.expression(node[2])
    value = lines.name()
    lines.say(
        f"if {_all_of(lines, int, at)} and {held}.__class__ is List and 0 <= {at} < len({held}): {value} = {held}[{at}]"
    )
    lines.say(f"else: {value} = item({held}, {at})")
    return value


def _function(lines: Lines, node: Node) -> Atom:
    function, given = FUNCTIONS[node[1]], [lines.expression(argument) for argument in node[2:]]
    if given and lines.kinds.get(given[0]) not in SMALL:
        lines.say(f"if {given[0]}.__class__ not in SMALL: spend(w, {given[0]})")
    value = lines.name()
    if function.plain is not None:
        lines.say(f"{value} = {lines.hand(function.plain)}({', '.join(given)})")
    else:
        lines.say(f"{value} = {lines.hand(function.call)}({', '.join(['w', *given])})")
    return value


def _either(lines: Lines, node: Node) -> Atom:
    left, value = lines.expression(node[1]), lines.name()
    lines.say(f"{value} = {left}")
    sure = lines.kinds.get(left) is bool
    test = value if sure else f"truthy({value})"
    with lines.under(f"if {test}:" if node[0] == "and" else f"if not {test}:"):
        right = lines.expression(node[2])
        lines.say(f"{value} = {right}")
    if sure and lines.kinds.get(right) is bool:
        lines.kinds[value] = bool
    return value


def _choice(lines: Lines, node: Node) -> Atom:
    decided = folded(node[1])
    if decided[0] == "k":
        return lines.expression(node[2] if truthy(load(decided[1])) else node[3])
    condition, value = lines.holds(node[1]), lines.name()
    for opener, side in ((f"if {condition}:", node[2]), ("else:", node[3])):
        with lines.under(opener):
            found = lines.expression(side)
            lines.say(f"{value} = {found}")
    return value


def _not(lines: Lines, node: Node) -> Atom:
    condition, value = lines.holds(node[1]), lines.name()
    lines.say(f"{value} = not {condition}")
    lines.kinds[value] = bool
    return value


# -- operators ---------------------------------------------------------------------------------------------------------


def _operator(lines: Lines, node: Node) -> Atom:
    sign = node[1]
    left, right = lines.expression(node[2]), lines.expression(node[3])
    value = lines.name()
    sure = lines.kinds.get(left) in (int, None) and lines.kinds.get(right) in (int, None)
    write = _SIGNS.get(sign) if sure else None
    if write is not None:
        write(lines, sign, left, right, value)
    lines.say(f"{'else: ' if write else ''}{value} = {lines.hand(_otherwise(sign))}({left}, {right}, w)")
    if sign in _COMPARE:
        lines.kinds[value] = bool
    return value


def _all_of(lines: Lines, kind: type, *atoms: Atom) -> str:
    unsure = [atom for atom in atoms if lines.kinds.get(atom) is not kind]
    return " and ".join(f"{atom}.__class__ is {kind.__name__}" for atom in unsure) or "True"


def _calculation(lines: Lines, sign: str, left: Atom, right: Atom, value: Atom) -> None:
    lines.say(f"if {_all_of(lines, int, left, right)}:")
    lines.say(f"    {value} = {left} {sign} {right}")
    lines.say(f"    if not {LEAST} <= {value} <= {MOST}: number({value})")


def _division(lines: Lines, sign: str, left: Atom, right: Atom, value: Atom) -> None:
    lines.say(f"if {_all_of(lines, int, left, right)} and {right}:")
    lines.say(f"    {value} = number({left} / {right}) if {left} % {right} else {left} // {right}")


def _modulo(lines: Lines, sign: str, left: Atom, right: Atom, value: Atom) -> None:
    lines.say(f"if {_all_of(lines, int, left, right)} and {left} >= 0 and {right} > 0: {value} = {left} % {right}")


def _comparison(lines: Lines, sign: str, left: Atom, right: Atom, value: Atom) -> None:
    lines.say(f"if {_all_of(lines, int, left, right)}: {value} = {left} {_COMPARE[sign]} {right}")


# -- what is no calculation with two whole numbers ---------------------------------------------------------------------

_PLAIN: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@lru_cache
def _otherwise(sign: str) -> Callable[[Any, Any, World], Value]:
    """The operation for any two values, with a short way for fractions, and for texts that are joined or the same."""
    slow, plain = long_way(BINARY[sign]), _PLAIN.get(sign)
    if plain is None:
        return slow
    texts = {"+": _beside, "=": _same, "<>": _differs}.get(sign, slow)
    compares = sign in _COMPARE

    def calculated(left: Any, right: Any, w: World) -> Value:
        one, other = left.__class__, right.__class__
        if one in NUMBERS and other in NUMBERS:
            found = plain(left, right)
            return found if compares else number(found)
        if one is str and other is str:
            return texts(left, right, w)
        return slow(left, right, w)

    return calculated


def _same(left: str, right: str, w: World) -> bool:
    w.spent += len(left) >> 5
    return left == right


def _differs(left: str, right: str, w: World) -> bool:
    w.spent += len(left) >> 5
    return left != right


def _beside(left: str, right: str, w: World) -> str:
    length = len(left) + len(right)
    if length > MAX_TEXT:
        raise too_long(length)
    w.spent += length >> 5
    return left + right


_SIGNS: dict[str, Callable[[Lines, str, Atom, Atom, Atom], None]] = {
    "+": _calculation,
    "-": _calculation,
    "*": _calculation,
    "/": _division,
    "MOD": _modulo,
    **dict.fromkeys(_COMPARE, _comparison),
}
_WRITERS: dict[str, Callable[[Lines, Sequence[Any]], Atom]] = {
    "k": _constant,
    "v": _variable,
    "g": _variable,
    "t": _template,
    "m": _member,
    "i": _item,
    "f": _function,
    "b": _operator,
    "and": _either,
    "or": _either,
    "?": _choice,
    "not": _not,
}
