"""`HEAR name AS TYPE` is `name = HEAR AS TYPE`: what a keyword hears goes into the variable it names."""

from __future__ import annotations

import re
from dataclasses import replace

from keywords import tree
from keywords.evaluate import Node
from keywords.lower import Lowering

HEARS = "HEAR"
VARIABLE = "variable"  # the slot that names it


def assigning(statement: tree.Statement) -> tree.Statement:
    """The statement with every HEAR that names a variable written as an assignment."""
    match statement:
        case tree.Do(tree.Call(keyword="HEAR", arguments=arguments) as call):
            named = next((a for a in arguments if a.slot == VARIABLE), None)
            if named is None:
                return statement
            rest = tuple(a for a in arguments if a is not named)
            return tree.Assign(_place(str(named.value), named.span), replace(call, arguments=rest), statement.span)
        case tree.Structure():
            changed = {name: assigning(part) for name, part in statement.parts.items() if isinstance(part, tree.Do)}
            return replace(statement, parts={**statement.parts, **changed}) if changed else statement
        case _:
            return statement


def asked_first(lowering: Lowering, call: tree.Call, arguments: dict[str, Node]) -> bool:
    """Completes the arguments of a HEAR, and says its prompt first; answers whether it has one.

    The answers of `AS MENU choices` stand in a variable.
    """
    kind = re.fullmatch(r"MENU\s+([A-Za-z_]\w*)", str(arguments.get("type", ["k", ""])[1]), re.IGNORECASE)
    if kind:
        arguments["options"] = lowering.lower(tree.Name(kind[1], call.span))
    if "prompt" not in arguments or "TALK" not in lowering.registry:
        return False
    arguments["prompt"] = lowering.listing.saved(arguments["prompt"])
    lowering.listing.write("call", "TALK", {"message": arguments["prompt"]}, None, None)
    return True


def _place(name: str, span: tree.Span) -> tree.Name | tree.Member:
    first, *rest = name.split(".")
    place: tree.Name | tree.Member = tree.Name(first, span)
    for part in rest:
        place = tree.Member(place, part, optional=False, span=span)
    return place
