"""The lines below HUMAN APPROVAL: TIMEOUT, REQUIRE, REMIND EVERY, and each ON TIMEOUT, which form a chain.

`on_timeout` is `{"action": "escalate" | "approve" | "reject", "to": [...], "words": "...", "required": n, "timeout":
s}`, or a list of them in the order in which they come about.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from keywords import tree
from keywords.blocks import Line
from keywords.evaluate import Node as Data
from keywords.lower import constant
from keywords.registry import Keyword

if TYPE_CHECKING:
    from keywords.statements import Statements

VALUES = {"TIMEOUT": ("timeout", "seconds"), "REQUIRE": ("required", "people"), "REMIND": ("remind", "seconds")}


def details(c: Statements, lines: Sequence[Line], keyword: Keyword, arguments: dict[str, Data]) -> None:
    """Completes the arguments of an approval from the lines below it."""
    chain: list[Data] = []
    for line in lines:
        detail = c.read(line, "statement")
        if isinstance(detail, tree.Structure):
            with c.at(line):
                c.guarded(partial(_detail, c, detail, keyword, arguments, chain))
    if chain:
        arguments["on_timeout"] = ["l", *chain] if len(chain) > 1 else chain[0]


def _detail(
    c: Statements, detail: tree.Structure, keyword: Keyword, arguments: dict[str, Data], chain: list[Data]
) -> None:
    if "on_timeout" not in keyword.parameters:
        c.fault(f"{detail.word} has no meaning for {keyword.name}.", "Remove the line.", detail.span)
    elif detail.word in VALUES:
        name, part = VALUES[detail.word]
        if name in arguments:
            c.fault(f"The approval has {detail.word} twice.", "Keep one of them.", detail.span)
        arguments[name] = c.lowering.lower(detail.parts[part])
    elif detail.word == "ON TIMEOUT":
        if chain and chain[-1][2] != constant("escalate"):
            c.fault("Nothing comes after this ON TIMEOUT.", "Put ESCALATE TO before it.", detail.span)
        chain.append(_on_timeout(c, detail))


def _on_timeout(c: Statements, detail: tree.Structure) -> Data:
    to, words = detail.parts["to"], detail.parts["words"]
    action = detail.parts["action"]
    if action == "other":
        action = "reject"
        said = " ".join(str(words).split())
        fix = 'Write ESCALATE TO "name", APPROVE or REJECT.'
        c.fault(f"ON TIMEOUT does not know {said}; it counts as REJECT.", fix, detail.span, "warning")
    given = [(name, detail.parts[part]) for name, part in (("required", "people"), ("timeout", "seconds"))]
    written = [(name, part) for name, part in given if part is not None]
    receivers = to if isinstance(to, tuple) else ()
    nodes = c.lowering.operands([*receivers, *(part for _, part in written)])
    asked = ["l", *nodes[: len(receivers)]]
    found: list[Data] = ["o", "action", constant(action), "to", asked, "words", constant(words or "")]
    for (name, _), node in zip(written, nodes[len(receivers) :], strict=True):
        found += [name, node]
    return found
