"""Expressions as data, and as closures.

A pure expression of a program is a JSON list whose head says what it is; the heads are part of the program format 1:

    ["k", tagged]         constant              ["t", e, ...]          texts joined: a string with ${...}
    ["v", name]           variable              ["l", e, ...]          list
    ["g", name]           variable of the       ["o", key, e, ...]     object
                          program, from a SUB   ["m", e, name, 0|1]    member; 1: NULL instead of an error
    ["i", e, e]           item                  ["f", NAME, e, ...]    built-in function
    ["b", operator, e, e] operator              ["p", KEYWORD, {name: e}]  keyword without effect
    ["and"|"or"|"??", e, e]  ["?", e, e, e]  ["not"|"neg"|"null", e]

`AND`, `OR` and `??` answer the side that decided. Nothing here runs code of the program: verbs and calls of SUB and
FUNCTION were lifted to steps of their own by `lower`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from keywords.encode import load
from keywords.functions import FUNCTIONS
from keywords.host import Value
from keywords.mistakes import ProgramError
from keywords.operators import BINARY, negate
from keywords.places import item, member
from keywords.quick import Closure, Variables, binary, spend
from keywords.registry import Registry
from keywords.values import MAX_TEXT, SMALL, List, Object, adopt, is_null, is_number, kept, text, too_long, truthy
from keywords.world import World

Node: TypeAlias = Any  # JSON, as above


def compiled(node: Node, registry: Registry) -> Closure:
    """The expression as a function of the frame's variables and the world."""
    return _MAKERS[node[0]](node, registry)


def _all(nodes: Sequence[Node], registry: Registry) -> list[Closure]:
    return [compiled(node, registry) for node in nodes]


def _constant(node: Node, registry: Registry) -> Closure:
    value = kept(load(node[1]))
    return lambda v, w: value


def _variable(node: Node, registry: Registry) -> Closure:
    name = node[1]
    return lambda v, w: v.get(name)


def _global(node: Node, registry: Registry) -> Closure:
    name = node[1]
    return lambda v, w: w.shared.get(name)


def _template(node: Node, registry: Registry) -> Closure:
    parts = _all(node[1:], registry)

    def template(v: Variables, w: World) -> str:
        words = [text(part(v, w)) for part in parts]
        length = sum(map(len, words))
        w.spent += length >> 5  # a list that is shown may be large, whatever becomes of the text
        if length > MAX_TEXT:
            raise too_long(length)
        return "".join(words)

    return template


def _list(node: Node, registry: Registry) -> Closure:
    items = _all(node[1:], registry)
    return lambda v, w: List([kept(item(v, w)) for item in items])


def _object(node: Node, registry: Registry) -> Closure:
    keys, values = node[1::2], _all(node[2::2], registry)
    return lambda v, w: Object({key: kept(value(v, w)) for key, value in zip(keys, values, strict=True)})


def _member(node: Node, registry: Registry) -> Closure:
    target, name, optional = compiled(node[1], registry), node[2], bool(node[3])

    def field(v: Variables, w: World) -> Value:
        held = target(v, w)
        if held.__class__ is Object and name in held:
            return held[name]
        return member(held, name, optional)

    return field


def _item(node: Node, registry: Registry) -> Closure:
    target, index = compiled(node[1], registry), compiled(node[2], registry)

    def taken(v: Variables, w: World) -> Value:
        held, at = target(v, w), index(v, w)
        if held.__class__ is List and at.__class__ is int and 0 <= at < len(held):
            return held[at]
        return item(held, at)

    return taken


def _function(node: Node, registry: Registry) -> Closure:
    call, arguments = FUNCTIONS[node[1]].call, _all(node[2:], registry)
    if len(arguments) == 1:
        return _function_of_one(call, arguments[0])

    def function(v: Variables, w: World) -> Value:
        given = [argument(v, w) for argument in arguments]
        if given:
            spend(w, given[0])
        return call(w, *given)

    return function


def _function_of_one(call: Callable[[World, Value], Value], argument: Closure) -> Closure:
    def function(v: Variables, w: World) -> Value:
        given = argument(v, w)
        if given.__class__ not in SMALL:
            spend(w, given)
        return call(w, given)

    return function


def _keyword(node: Node, registry: Registry) -> Closure:
    call = registry[node[1]].call
    arguments = {name: compiled(value, registry) for name, value in node[2].items()}

    def keyword(v: Variables, w: World) -> Value:
        return adopt(call(w.moment(), **{name: argument(v, w) for name, argument in arguments.items()}))

    return keyword


def _operator(node: Node, registry: Registry) -> Closure:
    _, sign, *sides = node
    left, right = map(folded, sides)
    name, other_name = (side[1] if side[0] == "v" else None for side in (left, right))
    constant = right[1] if right[0] == "k" else None
    return binary(sign, compiled(left, registry), compiled(right, registry), name, other_name, constant)


def folded(node: Node) -> Node:
    """The node, or the constant that it always is: `FOR` without STEP compares and subtracts constants."""
    parts = [folded(part) for part in node[1:]] if node[0] == "neg" else node[2:] if node[0] == "b" else ()
    if not parts or any(part[0] != "k" or not is_number(part[1]) for part in parts):
        return node
    values = [part[1] for part in parts]
    try:
        return ["k", negate(*values) if node[0] == "neg" else BINARY[node[1]](*values)]
    except ProgramError:
        return node  # an error of the line, when it runs


def _and(node: Node, registry: Registry) -> Closure:
    left, right = _all(node[1:], registry)

    def both(v: Variables, w: World) -> Value:
        value = left(v, w)
        return right(v, w) if truthy(value) else value

    return both


def _or(node: Node, registry: Registry) -> Closure:
    left, right = _all(node[1:], registry)

    def either(v: Variables, w: World) -> Value:
        value = left(v, w)
        return value if truthy(value) else right(v, w)

    return either


def _otherwise(node: Node, registry: Registry) -> Closure:
    left, right = _all(node[1:], registry)

    def otherwise(v: Variables, w: World) -> Value:
        value = left(v, w)
        return right(v, w) if is_null(value) else value

    return otherwise


def _choice(node: Node, registry: Registry) -> Closure:
    decided = folded(node[1])
    if decided[0] == "k":
        return compiled(node[2] if truthy(load(decided[1])) else node[3], registry)
    condition, yes, no = _all(node[1:], registry)
    return lambda v, w: yes(v, w) if truthy(condition(v, w)) else no(v, w)


def _not(node: Node, registry: Registry) -> Closure:
    operand = compiled(node[1], registry)
    return lambda v, w: not truthy(operand(v, w))


def _negative(node: Node, registry: Registry) -> Closure:
    operand = compiled(node[1], registry)
    return lambda v, w: negate(operand(v, w))


def _null(node: Node, registry: Registry) -> Closure:
    operand = compiled(node[1], registry)
    return lambda v, w: is_null(operand(v, w))


_MAKERS: dict[str, Callable[[Node, Registry], Closure]] = {
    "k": _constant,
    "v": _variable,
    "g": _global,
    "t": _template,
    "l": _list,
    "o": _object,
    "m": _member,
    "i": _item,
    "f": _function,
    "p": _keyword,
    "b": _operator,
    "and": _and,
    "or": _or,
    "??": _otherwise,
    "?": _choice,
    "not": _not,
    "neg": _negative,
    "null": _null,
}


def names_read(node: Node) -> set[str]:
    """The variables an expression reads."""
    if node[0] in "vg":
        return {node[1]}
    found: set[str] = set()
    for part in node[2].values() if node[0] == "p" else node[1:]:
        if isinstance(part, list) and part and node[0] != "k":
            found |= names_read(part)
    return found
