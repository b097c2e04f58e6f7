"""Which names a piece of program sets, found before anything is compiled: meaning does not depend on order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from keywords import tree
from keywords.acting import CHANGES, is_place, method, parts
from keywords.blocks import Line, Node
from keywords.edits import EDITS
from keywords.scope import Procedure, Scope

_MOST_KNOWN = 20_000
_KNOWN: dict[int, tuple[tree.Statement, tuple[str, ...]]] = {}  # by identity; holds the statement, so that it lives

Read: TypeAlias = Callable[[Line, str], tree.Statement]  # a line and the context it stands in


def scope_of(nodes: Iterable[Node], read: Read, set_in: Callable[[Node, Read], Iterable[str]] | None = None) -> Scope:
    """What the names of a program mean. `set_in` knows which names a node sets, where that is remembered."""
    scope, set_in = Scope(), set_in or _set_in
    for node in nodes:
        if node.kind in ("sub", "function") and node.head is not None:
            head = read(node.head, "statement")
            if isinstance(head, tree.Structure):
                procedure = _procedure(head, node, read)
                scope.procedures[procedure.name.lower()] = procedure
        elif node.kind == "workflow":
            inner = scope_of(_children(node), read, set_in)
            scope.assigned |= inner.assigned
            scope.procedures |= inner.procedures
        else:
            scope.assigned.update(set_in(node, read))
    return scope


def _set_in(node: Node, read: Read) -> Iterable[str]:
    return written([node], read)


def _procedure(head: tree.Structure, node: Node, read: Read) -> Procedure:
    name, parameters = str(head.parts["name"]), list(_texts(head.parts["parameters"]))
    for statement in _statements(_children(node), read):
        if isinstance(statement, tree.Structure) and statement.word == "PARAM":
            parameters.append(str(statement.parts["name"]))
    lower = tuple(dict.fromkeys(parameter.lower() for parameter in parameters))
    return Procedure(name, lower, set(written(_children(node), read)))


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, tuple) else ()


def written(nodes: Iterable[Node], read: Read) -> dict[str, None]:
    """The names these nodes set, in the order of the text, procedures left out."""
    found: dict[str, None] = {}
    for statement in _statements(nodes, read):
        for name in _set_by(statement):
            found[name] = None
    return found


def _set_by(statement: tree.Statement) -> tuple[str, ...]:
    """`set_by`, found out once for each statement: the same line is the same object."""
    known = _KNOWN.get(id(statement))
    if known is None or known[0] is not statement:
        if len(_KNOWN) >= _MOST_KNOWN:
            _KNOWN.clear()
        known = _KNOWN[id(statement)] = statement, tuple(dict.fromkeys(name.lower() for name in set_by(statement)))
    return known[1]


def set_by(statement: tree.Statement) -> Iterator[str]:
    """The names a single line sets."""
    match statement:
        case tree.Assign():
            yield from _root(statement.target)
            yield from _edits(statement.value)
        case tree.Do():
            yield from _edits(statement.value)
        case tree.Structure():
            word, said = statement.word, statement.parts
            if word in ("FOR EACH", "FOR", "PARAM", "PARALLEL FOR EACH", "CATCH"):
                yield str(said["name"] or "error")
            elif word == "WITH":
                yield from _root(said["target"])
            elif word == "STEP":
                yield f"step{said['number']}"
            for part in said.values():
                if isinstance(part, tree.Assign | tree.Do | tree.Structure):
                    yield from set_by(part)
                elif word == "POLICIES" and isinstance(part, tuple):
                    for policy in part:
                        yield from set_by(policy)
                else:
                    yield from _edits(part)
        case _:
            return


def _root(place: object) -> Iterator[str]:
    while isinstance(place, tree.Member | tree.Index):
        place = place.target
    if isinstance(place, tree.Name):
        yield place.name


def _edits(expression: object) -> Iterator[str]:
    """Roots of the lists that an expression changes: `rows.PUSH(x)`."""
    if isinstance(expression, tuple):
        for part in expression:
            yield from _edits(part)
        return
    if isinstance(expression, tree.Call):
        for argument in expression.arguments:
            yield from _edits(argument.value)
        if expression.keyword in CHANGES and expression.arguments:
            yield from _root(expression.arguments[0].value)
    elif isinstance(expression, tree.Pair):
        yield from _edits(expression.value)
    elif isinstance(expression, tree.Invoke):
        target = expression.target
        if isinstance(target, tree.Member) and method(target.name) in EDITS and is_place(target.target):
            yield from _root(target.target)
        elif isinstance(target, tree.Name) and method(target.name) in ("PUSH", "APPEND") and expression.arguments:
            yield from _root(expression.arguments[0])
        yield from _edits((target, *expression.arguments))
    else:
        yield from _edits(parts(expression))


def _children(node: Node) -> tuple[Node, ...]:
    return tuple(child for arm in node.arms for child in arm.children)


def _statements(nodes: Iterable[Node], read: Read) -> Iterator[tree.Statement]:
    """Every statement of the nodes, with the heads of blocks and arms, in the order of the text."""
    for node in nodes:
        if node.kind in ("sub", "function", "blank", "note", "text", "table", "error"):
            continue
        if node.head is not None:
            yield read(node.head, "statement")
        inside = "with" if node.kind == "with" else "statement"
        for arm in node.arms:
            if arm.head is not None and arm.head != node.head:
                yield read(arm.head, "statement")
            for child in arm.children:
                if inside == "with" and child.kind == "statement":
                    continue
                yield from _statements([child], read)
        for line in node.details:
            yield read(line, "statement")
