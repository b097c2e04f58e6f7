"""What a program says about itself: its name, PARAM and DESCRIPTION lines, system prompt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from keywords import tree
from keywords.host import Value
from keywords.inputs import converted
from keywords.lower import Misuse
from keywords.mistakes import ProgramError
from keywords.program import Param
from keywords.table_blocks import Table
from keywords.values import List, adopt, text


@dataclass(slots=True)
class Header:
    """Filled while the program is compiled."""

    name: str = ""
    description: str = ""
    system_prompt: str = ""
    params: list[Param] = field(default_factory=list[Param])
    tables: list[Table] = field(default_factory=list[Table])

    def param(self, parts: Mapping[str, Any], span: tree.Span) -> None:
        """Notes a PARAM line; raises Misuse for a default that is no constant or does not fit."""
        options = self.constant(parts["enum"], List())
        default = self.constant(parts["default"], None)
        param = Param(
            name=str(parts["name"]),
            type=" ".join(str(parts["type"] or "STRING").upper().split()),
            required=not parts["optional"] and default is None,
            like=self.constant(parts["like"], None),
            description=text(self.constant(parts["description"], "")),
            options=tuple(map(text, options)) if isinstance(options, list) else (),
        )
        if any(other.name.lower() == param.name.lower() for other in self.params):
            return  # a library file repeats PARAM groups before each section; the first says what it is
        if default is not None:
            try:
                default = converted(param, default)
            except ProgramError as error:
                raise Misuse(str(error).replace("The input", "The default of"), "Correct the default.", span) from None
        self.params.append(
            Param(param.name, param.type, param.required, default, param.like, param.description, param.options)
        )

    def constant(self, expression: object, otherwise: Any) -> Value:
        """The value of an expression that must not depend on anything; raises Misuse."""
        match expression:
            case None:
                return otherwise
            case tree.Literal():
                return adopt(expression.value)
            case tree.Unary(operator="-", operand=tree.Literal(value=int() | float() as number)):
                return -number
            case tree.ListOf():
                return adopt([self.constant(item, None) for item in expression.items])
            case tree.ObjectOf():
                return adopt({key: self.constant(value, None) for key, value in expression.pairs})
            case _:
                span = getattr(expression, "span", tree.Span(0, 0))
                raise Misuse(
                    "This must be a constant: it is read before the program runs.", "Write the value itself.", span
                )
