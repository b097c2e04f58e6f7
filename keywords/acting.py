"""What an expression does: whether a verb, a SUB or a change of a list is inside, and what a call stands for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from keywords import tree
from keywords.edits import EDITS
from keywords.functions import FUNCTIONS
from keywords.misuse import Misuse
from keywords.registry import Effect, Keyword, Kind, Registry
from keywords.scope import Scope
from keywords.where import as_data

CHANGES = frozenset(["PUSH", "APPEND"])  # keywords that change the list they name


@dataclass(slots=True)
class Acting:
    """Answers for the expressions of one program."""

    scope: Scope
    registry: Registry

    def acts(self, expression: object) -> bool:
        """Whether a verb, a SUB or a change of a list is inside."""
        match expression:
            case tree.Call():
                keyword = self.registry[expression.keyword]
                if (invoked := self.invoked(expression)) is not None:
                    return self.acts(invoked)
                if self.is_list_change(expression):
                    return True
                return keyword.effect is not Effect.PURE or any(self.acts(a.value) for a in expression.arguments)
            case tree.Invoke():
                if self.is_edit(expression) or self.procedure(expression) is not None or self.is_unknown(expression):
                    return True
                return self.acts(expression.target) or any(map(self.acts, expression.arguments))
            case tuple():
                return any(map(self.acts, expression))
            case tree.Pair():
                return self.acts(expression.value)
            case _:
                return any(map(self.acts, parts(expression)))

    def procedure(self, call: tree.Invoke) -> Any:
        if not isinstance(call.target, tree.Name):
            return None
        return self.scope.procedures.get(call.target.name.lower())

    def is_unknown(self, call: tree.Invoke) -> bool:
        """Whether nothing of that name can be called."""
        if not isinstance(call.target, tree.Name | tree.Member):
            return False
        name = call.target.name
        if name.upper() in FUNCTIONS or method(name) in FUNCTIONS:
            return False
        return not (isinstance(call.target, tree.Name) and len(call.arguments) == 1 and self.scope.known(name))

    def invoked(self, call: tree.Call) -> tree.Invoke | None:
        """The call of a function that a keyword is another way to write, or of the program's own SUB of that name."""
        keyword = self.registry[call.keyword]
        name = keyword.name.replace(" ", "_")
        own = call.called and (name.lower() in self.scope.procedures or is_function(keyword, call))
        if not keyword.function and not own:
            return None
        given: dict[str, object] = {}
        for argument in call.arguments:
            if isinstance(argument.value, tuple) and len(call.arguments) == 1:
                return tree.Invoke(tree.Name(keyword.function or name, call.span), as_any(argument.value), call.span)
            given[argument.slot] = self.content(call, argument)
        slots = list(keyword.parameters)
        last = max((slots.index(slot) for slot in given), default=-1)
        nothing = tree.Literal(None, call.span)
        values = tuple(as_any(given.get(slot, nothing)) for slot in slots[: last + 1])
        return tree.Invoke(tree.Name(keyword.function or name, call.span), values, call.span)

    def content(self, call: tree.Call, argument: tree.Argument) -> object:
        """What a slot holds, as one expression."""
        form = self.registry[call.keyword].forms[call.form]
        kind = next((slot.kind for slot in form.slots if slot.name == argument.slot), None)
        value = slot_value(argument.value)
        if kind is Kind.CONDITION and self.registry[call.keyword].group == "events" and self.acts(value):
            raise Misuse(
                "WHERE of an event only compares: nothing in it may act.",
                "Do that on a line before, and compare with the variable.",
                call.span,
            )
        return as_data(as_any(value)) if kind is Kind.CONDITION else value

    def is_edit(self, call: tree.Invoke) -> bool:
        """Whether a call changes a list: `a.PUSH(x)`, or `PUSH(a, x)` where `a` is a place."""
        if isinstance(call.target, tree.Member):
            return method(call.target.name) in EDITS and is_place(call.target.target)
        if not isinstance(call.target, tree.Name) or method(call.target.name) not in ("PUSH", "APPEND"):
            return False
        return bool(call.arguments) and is_place(call.arguments[0]) and self.procedure(call) is None

    def is_list_change(self, call: tree.Call) -> bool:
        """Whether a keyword is the statement form of a change: `PUSH items, x`, where `items` is a place."""
        if call.keyword not in CHANGES:
            return False
        return bool(call.arguments) and is_place(call.arguments[0].value)


def rows_of(call: tree.Call, registry: Registry) -> tree.Call:
    """`SET "table", "id = 7", "stage = won"`, the oldest way to change rows, as the UPDATE that it is."""
    given = {argument.slot: argument for argument in call.arguments}
    if call.keyword != "SET" or "table" not in given or "UPDATE" not in registry:
        return call
    changes = [given["change"].value, *as_any(given["more"].value if "more" in given else ())]
    pairs = tuple(tree.Pair(f"#{n}", as_any(change), call.span) for n, change in enumerate(changes))
    forms = registry["UPDATE"].forms
    form = next(n for n, form in enumerate(forms) if {slot.name for slot in form.slots} == {"table", "which", "values"})
    arguments = (
        given["table"],
        replace(given["row"], slot="which"),
        replace(given["change"], slot="values", value=pairs),
    )
    return replace(call, keyword="UPDATE", form=form, arguments=arguments)


def is_function(keyword: Keyword, call: tree.Call) -> bool:
    """Whether a call such as LOG(x) means the function of that name, and not the keyword."""
    function = FUNCTIONS.get(keyword.name)
    given = sum(len(a.value) if isinstance(a.value, tuple) else 1 for a in call.arguments)
    return function is not None and function.least <= given <= function.most


def method(name: str) -> str:
    return name.upper().replace("_", "")


def is_place(expression: object) -> bool:
    while isinstance(expression, tree.Member | tree.Index):
        expression = expression.target
    return isinstance(expression, tree.Name)


def parts(expression: object) -> tuple[object, ...]:
    """The expressions directly inside one."""
    match expression:
        case tree.Template():
            return expression.parts
        case tree.Member():
            return (expression.target,)
        case tree.Index():
            return expression.target, expression.index
        case tree.Unary() | tree.IsNull():
            return (expression.operand,)
        case tree.Binary():
            return expression.left, expression.right
        case tree.Ternary():
            return expression.condition, expression.yes, expression.no
        case tree.ListOf():
            return expression.items
        case tree.ObjectOf():
            return tuple(value for _, value in expression.pairs)
        case _:
            return ()


def slot_value(value: object) -> object:
    """A slot's content as one expression: `many` is a list, `pairs` an object, words are text."""
    if isinstance(value, tuple):
        if value and isinstance(value[0], tree.Pair):
            return tree.ObjectOf(tuple((pair.name, pair.value) for pair in value), value[0].span)
        return tree.ListOf(value, tree.Span(0, 0))
    return tree.Literal(value, tree.Span(0, 0)) if isinstance(value, str | bool | int) or value is None else value


def as_any(expression: object) -> Any:
    return expression
