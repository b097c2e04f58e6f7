"""Random programs with a reference: what they must do, worked out with deep copies and no machine at all."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field
from random import Random
from typing import Any

from keywords.evaluate import is_null
from keywords.function import to_iterate
from keywords.mistakes import ProgramError
from keywords.operators import BINARY
from keywords.places import item, member
from keywords.values import List, Object, text, truthy

Meaning = Callable[["World"], Any]
Expression = tuple[str, Meaning]  # its BASIC text, and what it means

OPERATORS = ["+", "-", "*", "=", "<>", "<", ">=", "CONTAINS"]


@dataclass(slots=True)
class World:
    """The variables of the reference, and the verbs it performed."""

    variables: dict[str, Any] = field(default_factory=dict[str, Any])
    asked: list[Any] = field(default_factory=list[Any])

    def ask(self, question: Any) -> Any:
        self.asked.append(deepcopy(question))
        return answer_to(question, len(self.asked))


def answer_to(question: Any, count: int) -> Any:
    """What the n-th verb answers: it depends on both, so that neither order nor number can go wrong unseen."""
    kinds = [count, text(question)[:5] + str(count), List([count, 1]), Object(a=count), None, 0, ""]
    return kinds[(count * 7 + len(text(question))) % len(kinds)]


class Programs:
    """Makes random expressions and statements over the variables a, b and c."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.names = ["a", "b", "c"]

    # -- expressions -----------------------------------------------------------------------------------------------

    def expression(self, depth: int) -> Expression:
        if depth == 0 or self.random.random() < 0.15:
            return self.leaf()
        kind = self.random.choice(
            ["binary", "binary", "logic", "choice", "ask", "ask", "list", "object", "item", "edit"]
        )
        made: Expression = getattr(self, kind)(depth - 1)
        return made

    def leaf(self) -> Expression:
        roll = self.random.random()
        if roll < 0.6:
            name = self.random.choice(self.names)
            return name, lambda w: w.variables.get(name)
        value = self.random.choice([0, 1, 2.5, "", "x", "7", True, False, None])
        words = "NULL" if value is None else str(value).upper()
        return f'"{value}"' if isinstance(value, str) else words, lambda w: value

    def binary(self, depth: int) -> Expression:
        operator = self.random.choice(OPERATORS)
        (left, mean_left), (right, mean_right) = self.expression(depth), self.expression(depth)

        def meaning(w: World) -> Any:
            one = deepcopy(mean_left(w))
            return BINARY[operator](one, mean_right(w))

        return f"(({left}) {operator} ({right}))", meaning

    def logic(self, depth: int) -> Expression:
        operator = self.random.choice(["AND", "OR", "??", "NVL"])
        (left, mean_left), (right, mean_right) = self.expression(depth), self.expression(depth)

        def meaning(w: World) -> Any:
            value = deepcopy(mean_left(w))
            decides = {"AND": not truthy(value), "OR": truthy(value)}.get(operator, not is_null(value))
            return value if decides else mean_right(w)

        written = f"NVL({left}, {right})" if operator == "NVL" else f"(({left}) {operator} ({right}))"
        return written, meaning

    def choice(self, depth: int) -> Expression:
        condition, yes, no = (self.expression(depth) for _ in range(3))
        meaning: Meaning = lambda w: yes[1](w) if truthy(condition[1](w)) else no[1](w)  # noqa: E731 - as short as what it tests
        if self.random.random() < 0.5:
            return f"IIF({condition[0]}, {yes[0]}, {no[0]})", meaning
        return f"(({condition[0]}) ? ({yes[0]}) : ({no[0]}))", meaning

    def ask(self, depth: int) -> Expression:
        question, meaning = self.expression(depth)
        return f"ASK({question})", lambda w: w.ask(meaning(w))

    def list(self, depth: int) -> Expression:
        items = [self.expression(depth) for _ in range(self.random.randint(0, 3))]
        return f"[{', '.join(i[0] for i in items)}]", lambda w: List([deepcopy(i[1](w)) for i in items])

    def object(self, depth: int) -> Expression:
        pairs = [
            (key, self.expression(depth)) for key in self.random.sample(["a", "b", "k"], self.random.randint(0, 2))
        ]
        written = ", ".join(f"{key}: ({value[0]})" for key, value in pairs)
        return f"{{{written}}}", lambda w: Object((key, deepcopy(value[1](w))) for key, value in pairs)

    def item(self, depth: int) -> Expression:
        name = self.random.choice(self.names)
        if self.random.random() < 0.5:
            return f"{name}?.k", lambda w: member(w.variables.get(name), "k", optional=True)
        index, meaning = self.expression(depth)

        def at(w: World) -> Any:
            target = deepcopy(w.variables.get(name))
            return item(target, meaning(w))

        return f"{name}[{index}]", at

    def edit(self, depth: int) -> Expression:
        """A list is changed in the middle of an expression."""
        name = self.random.choice(self.names)
        value, meaning = self.expression(depth)

        def push(w: World) -> Any:
            added = deepcopy(meaning(w))
            return deepcopy(_pushed(w, name, added))

        def pop(w: World) -> Any:
            target = w.variables.get(name)
            if target is None:
                w.variables[name] = List()
            elif not isinstance(target, list):
                raise ProgramError("no list")
            return target.pop() if target else None

        return (f"{name}.PUSH({value})", push) if self.random.random() < 0.6 else (f"{name}.POP()", pop)

    # -- statements ------------------------------------------------------------------------------------------------

    def statement(self) -> Expression:
        """A statement that changes containers: copies, writes deep inside, pushes, iterates."""
        kind = self.random.choice(["copy", "put", "put", "nest", "push", "grow", "each"])
        made: Expression = getattr(self, f"_{kind}")()
        return made

    def _copy(self) -> Expression:
        to, source = self.random.choice(self.names), self.random.choice(self.names)

        def meaning(w: World) -> None:
            w.variables[to] = deepcopy(w.variables.get(source))

        return f"{to} = {source}", meaning

    def _put(self) -> Expression:
        name, (value, mean) = self.random.choice(self.names), self.expression(1)
        path = [self.random.choice(["k", "a", 0, 1, 2]) for _ in range(self.random.randint(1, 3))]
        written = "".join(f".{p}" if isinstance(p, str) else f"[{p}]" for p in path)

        def meaning(w: World) -> None:
            made = deepcopy(mean(w))
            w.variables[name] = _put_into(w.variables.get(name), path, made)

        return f"{name}{written} = {value}", meaning

    def _nest(self) -> Expression:
        to, (value, mean) = self.random.choice(self.names), self.list(1)

        def meaning(w: World) -> None:
            w.variables[to] = deepcopy(mean(w))

        return f"{to} = {value}", meaning

    def _push(self) -> Expression:
        name, (value, mean) = self.random.choice(self.names), self.expression(1)

        def meaning(w: World) -> None:
            _pushed(w, name, deepcopy(mean(w)))

        return f"{name}.PUSH({value})", meaning

    def _grow(self) -> Expression:
        """A container inside itself: with references this makes a cycle."""
        name = self.random.choice(self.names)

        def meaning(w: World) -> None:
            _pushed(w, name, deepcopy(w.variables.get(name)))

        return f"{name}.PUSH({name})", meaning

    def _each(self) -> Expression:
        source, inner = self.random.choice(self.names), self._push()

        def meaning(w: World) -> None:
            for value in deepcopy(to_iterate(w.variables.get(source))):
                w.variables["c"] = deepcopy(value)
                resumed(inner[1], w)

        return f"FOR EACH c IN {source}\n  {inner[0]}\nNEXT", meaning


def resumed(statement: Meaning, w: World) -> None:
    """What ON ERROR RESUME NEXT makes of a statement."""
    with suppress(ProgramError):
        statement(w)


def _pushed(w: World, name: str, value: Any) -> Any:
    target = w.variables.get(name)
    if target is None:
        target = w.variables[name] = List()
    if not isinstance(target, list):
        raise ProgramError("no list")
    target.append(value)
    return target


def _put_into(root: Any, path: list[Any], value: Any) -> Any:
    """The reference for `a.b[0] = v`, on a structure that nobody shares."""
    if not path:
        return value
    key, rest = path[0], path[1:]
    if root is None:
        root = List() if isinstance(key, int) else Object()
    if isinstance(root, Object):
        name = next((k for k in root if k.casefold() == str(key).casefold()), str(key))
        root[name] = _put_into(root.get(name), rest, value)
    elif isinstance(root, list) and isinstance(key, int):
        while len(root) <= key:
            root.append(None)
        root[key] = _put_into(root[key], rest, value)
    else:
        raise ProgramError("no such place")
    return root
