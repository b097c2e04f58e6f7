"""Expressions to data. Verbs inside them become steps; what stands left of a verb is saved before it.

`AND`, `OR`, `??`, `c ? a : b`, IIF and NVL with a verb in a later part become jumps, so that the verb acts only when
its part is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from keywords import tree
from keywords.acting import Acting, as_any, method, rows_of
from keywords.edits import EDITS
from keywords.encode import dump
from keywords.evaluate import Node
from keywords.functions import FUNCTIONS, NotAFunction
from keywords.listing import Label, Listing
from keywords.mistakes import ProgramError
from keywords.misuse import Misuse
from keywords.registry import Effect
from keywords.scope import BARE
from keywords.values import adopt

__all__ = ["Lowering", "Misuse", "constant"]


def constant(value: Any) -> Node:
    return ["k", dump(value)]


@dataclass(slots=True)
class Lowering(Acting):
    """Writes the verbs of expressions to the listing and answers what is left as data."""

    listing: Listing
    position: Callable[[tree.Span], tuple[int, int]]  # of a span of the line at hand
    on_call: Callable[[tree.Call, dict[str, Node]], None]  # told of every keyword
    on_read: Callable[[str], None]  # told of every variable that is read
    on_unknown: Callable[[str, tree.Span], None]  # told of every function that nobody knows

    # -- expressions -----------------------------------------------------------------------------------------------

    def lower(self, expression: object) -> Node:
        match expression:
            case tree.Literal():
                return self.literal(expression)
            case tree.Name():
                return self.name(expression)
            case tree.Template():
                return ["t", *self.operands(expression.parts)]
            case tree.Member():
                return ["m", self.lower(expression.target), expression.name, int(expression.optional)]
            case tree.Index():
                return ["i", *self.operands((expression.target, expression.index))]
            case tree.Unary():
                operand = self.lower(expression.operand)
                return (
                    operand
                    if expression.operator == "+"
                    else [{"NOT": "not", "-": "neg"}[expression.operator], operand]
                )
            case tree.Binary():
                return self.binary(expression)
            case tree.IsNull():
                node: Node = ["null", self.lower(expression.operand)]
                return ["not", node] if expression.negated else node
            case tree.Ternary():
                return self.choice(expression.condition, expression.yes, expression.no)
            case tree.ListOf():
                return ["l", *self.operands(expression.items)]
            case tree.ObjectOf():
                values = self.operands([value for _, value in expression.pairs])
                return [
                    "o",
                    *(part for (key, _), value in zip(expression.pairs, values, strict=True) for part in (key, value)),
                ]
            case tree.Invoke():
                return self.invoke(expression)
            case tree.Call():
                return self.call(expression, self.listing.temporary, None)
            case str():
                return constant(expression)
            case _:
                raise TypeError(f"{expression!r} is no expression")

    def operands(self, expressions: Sequence[object]) -> list[Node]:
        """Each expression lowered in order; those that stand left of a verb are saved first."""
        acting = [at for at, expression in enumerate(expressions) if self.acts(expression)]
        last = acting[-1] if acting else 0
        nodes: list[Node] = []
        for at, expression in enumerate(expressions):
            node = self.lower(expression)
            nodes.append(self.listing.saved(node) if at < last else node)
        return nodes

    def literal(self, expression: tree.Literal) -> Node:
        try:
            return constant(adopt(expression.value))
        except ProgramError as error:
            raise Misuse(str(error), "Write another value.", expression.span) from None

    def name(self, expression: tree.Name) -> Node:
        upper = expression.name.upper()
        if upper in BARE and expression.name.lower() not in self.scope.assigned:
            return ["f", upper]
        self.on_read(expression.name.lower())
        return self.scope.variable(expression.name, *self.position(expression.span))

    def binary(self, expression: tree.Binary) -> Node:
        operator = {"AND": "and", "OR": "or", "??": "??"}.get(expression.operator)
        if operator is None:
            return ["b", expression.operator, *self.operands((expression.left, expression.right))]
        return self.shortcut(operator, expression.left, expression.right)

    def shortcut(self, operator: str, left: object, right: object) -> Node:
        node = self.lower(left)
        if not self.acts(right):
            return [operator, node, self.lower(right)]
        target, end = self.listing.temporary(), Label()
        self.listing.write("set", target, node)
        condition = ["null", target] if operator == "??" else target
        self.listing.test(condition, end, when=operator == "or")
        self.listing.write("set", target, self.lower(right))
        self.listing.place(end)
        return target

    def choice(self, condition: object, yes: object, no: object) -> Node:
        node = self.lower(condition)
        if not self.acts((yes, no)):
            return ["?", node, self.lower(yes), self.lower(no)]
        target, otherwise, end = self.listing.temporary(), Label(), Label()
        self.listing.test(node, otherwise, when=False)
        self.listing.write("set", target, self.lower(yes))
        self.listing.write("jump", end)
        self.listing.place(otherwise)
        self.listing.write("set", target, self.lower(no))
        self.listing.place(end)
        return target

    # -- calls -----------------------------------------------------------------------------------------------------

    def invoke(self, call: tree.Invoke, *, wanted: bool = True) -> Node:
        """A call of a function, SUB or method; the answer is dropped unless wanted."""
        if self.is_edit(call):
            return self.edit(call, wanted)
        procedure = self.procedure(call)
        if procedure is not None:
            return self.procedure_call(call, procedure, wanted)
        if isinstance(call.target, tree.Member):
            return self.function(
                method(call.target.name), (call.target.target, *call.arguments), call.target.name, call.span
            )
        if not isinstance(call.target, tree.Name):
            raise Misuse("This cannot be called.", "Call a function by its name.", call.span)
        name = call.target.name
        if (
            method(name) not in FUNCTIONS
            and name.upper() not in FUNCTIONS
            and len(call.arguments) == 1
            and self.scope.known(name)
        ):
            return self.lower(tree.Index(call.target, call.arguments[0], call.span))  # `rows(0)`, as other BASICs write
        return self.function(name.upper(), call.arguments, name, call.span)

    def function(self, name: str, arguments: Sequence[object], written: str, span: tree.Span) -> Node:
        function = FUNCTIONS.get(name) or FUNCTIONS.get(method(name))
        if function is None or name.startswith("~"):
            return self.unknown(
                NotAFunction(written, [p.name for p in self.scope.procedures.values()]), arguments, span
            )
        if not function.least <= len(arguments) <= function.most:
            raise Misuse(
                f"{function.name} takes {_count(function.least, function.most)}, not {len(arguments)}.",
                f"Give {function.name} {_count(function.least, function.most)}.",
                span,
            )
        if function.name == "IIF":
            return self.choice(*arguments)
        if function.name == "NVL":
            return self.first_present(arguments)
        return ["f", function.name, *self.operands(arguments)]

    def unknown(self, error: NotAFunction, arguments: Sequence[object], span: tree.Span) -> Node:
        """A function of somebody else's: told now, and an error of the program only where the line is run."""
        if error.misspelt:
            raise Misuse(str(error), "Correct the name.", span)
        self.on_unknown(str(error), span)
        self.operands(arguments)
        with self.listing.placed(*self.position(span)):
            self.listing.write("throw", constant(str(error)))
        return constant(None)

    def first_present(self, arguments: Sequence[object]) -> Node:
        if len(arguments) == 1:
            return self.lower(arguments[0])
        left = tree.Binary("??", as_any(arguments[0]), as_any(arguments[1]), tree.Span(0, 0))
        return self.first_present((left, *arguments[2:]))

    def procedure_call(self, call: tree.Invoke, procedure: Any, wanted: bool) -> Node:
        if len(call.arguments) > len(procedure.parameters):
            most = len(procedure.parameters)
            raise Misuse(
                f"{procedure.name} takes {most} argument{'' if most == 1 else 's'}, not {len(call.arguments)}.",
                f"Its parameters are {', '.join(procedure.parameters) or 'none'}.",
                call.span,
            )
        nodes = self.operands(call.arguments)
        target = self.listing.temporary() if wanted else None
        with self.listing.placed(*self.position(call.span)):
            self.listing.write("sub", procedure.entry, nodes, target)
        return target or constant(None)

    def edit(self, call: tree.Invoke, wanted: bool) -> Node:
        """A list changed in place; the changed variable is its root."""
        if isinstance(call.target, tree.Member):
            place, name, arguments = call.target.target, method(call.target.name), call.arguments
        else:
            assert isinstance(call.target, tree.Name)
            place, name, arguments = call.arguments[0], method(call.target.name), call.arguments[1:]
        return self.edited(place, name, arguments, wanted, call.span)

    def edited(self, place: object, name: str, arguments: Sequence[object], wanted: bool, span: tree.Span) -> Node:
        edit = EDITS[name]
        if not edit.least <= len(arguments) <= edit.most:
            raise Misuse(
                f"{name} takes {_count(edit.least, edit.most)}, not {len(arguments)}.", "Correct the call.", span
            )
        root, path = self.path(place)
        nodes = self.operands([*path, *arguments])
        target = self.listing.temporary() if wanted else None
        self.listing.write("edit", root, nodes[: len(path)], name, nodes[len(path) :], target)
        return target or constant(None)

    def call(self, call: tree.Call, into: Callable[[], Node | None], number: int | None) -> Node:
        """A keyword: without effect it stays in the expression, else it is a step."""
        call = rows_of(call, self.registry)
        keyword = self.registry[call.keyword]
        if (invoked := self.invoked(call)) is not None:
            return self.invoke(invoked, wanted=into() is not None)
        if self.is_list_change(call):
            place, *given = [argument.value for argument in call.arguments]
            return self.edited(place, keyword.name, given, into() is not None, call.span)
        arguments = self.arguments(call)
        self.on_call(call, arguments)
        if keyword.effect is Effect.PURE:
            return ["p", keyword.name, arguments]
        target = into()
        with self.listing.placed(*self.position(call.span)):
            self.listing.write("call", keyword.name, arguments, target, number)
        return target or constant(None)

    def arguments(self, call: tree.Call) -> dict[str, Node]:
        names = [argument.slot for argument in call.arguments]
        keyword = self.registry[call.keyword]
        found = dict(zip(names, self.operands([self.content(call, a) for a in call.arguments]), strict=True))
        if "error" in keyword.parameters and "error" not in found:  # ERROR MESSAGE reads what ON ERROR left
            found["error"] = self.name(tree.Name("error", call.span))
        return found

    # -- places ----------------------------------------------------------------------------------------------------

    def path(self, place: object) -> tuple[Node, list[object]]:
        """The variable a place lies in, and the keys and indexes that lead to it."""
        steps: list[object] = []
        while isinstance(place, tree.Member | tree.Index):
            steps.append(place.name if isinstance(place, tree.Member) else place.index)
            place = place.target
        if not isinstance(place, tree.Name):
            raise Misuse("Only a variable or a place inside one can be changed.", "Assign to a variable.", _span(place))
        return self.scope.target(place.name), steps[::-1]


def _span(expression: object) -> tree.Span:
    return getattr(expression, "span", tree.Span(0, 0))


def _count(least: int, most: int) -> str:
    if least == most:
        return f"{least} argument{'' if least == 1 else 's'}"
    return f"{least} to {most} arguments" if most < 100 else f"at least {least} argument{'' if least == 1 else 's'}"
