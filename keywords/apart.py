"""Blocks that run on their own: ON EVENT, SCHEDULE IN and their kin. Each is an entry; its variables are copies."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from keywords import tree
from keywords.blocks import Node
from keywords.lower import constant
from keywords.misuse import Misuse
from keywords.names import written
from keywords.where import as_data

if TYPE_CHECKING:
    from keywords.statements import Statements

ACTS = "WHERE of an event only compares: nothing in it may act."
PLAINLY = "Do that on a line before, and compare with the variable."


def apart(c: Statements, statement: tree.Structure, node: Node, number: int | None) -> None:
    """The line that registers the block, and the block behind the program as an entry of its own."""
    entry = f"on:{c.handlers}"
    c.handlers += 1
    match statement.word:
        case "ON EVENT":
            _on_event(c, statement, entry)
        case "SCHEDULE IN":
            _schedule(c, statement, entry)
        case "ON FORM SUBMIT":
            _on_form(c, statement, entry)
        case _:  # whoever starts them starts their entry
            c.lowering.lower(statement.parts["event"])
            c.announced(statement.word, statement.span)
    c.deferred.append(_body(c, node, entry, form=statement.word == "ON FORM SUBMIT"))


def _on_event(c: Statements, statement: tree.Structure, entry: str) -> None:
    parts = [statement.parts["event"]]
    where = statement.parts["where"]
    if where is not None:
        if c.lowering.acts(where):
            raise Misuse(ACTS, PLAINLY, statement.span)
        parts.append(as_data(where))  # type: ignore[arg-type]  # a condition is an expression
    pattern, *conditions = c.lowering.operands(parts)
    given = {"pattern": pattern, "entry": constant(entry)}
    if conditions:
        given["where"] = conditions[0]
    if statement.parts["consume"]:
        given["consume"] = ["k", True]
    if pattern[0] == "k" and isinstance(pattern[1], str):
        c.names.events.add(pattern[1])
    c.scope.assigned.add("event")
    _registered(c, "ON EVENT", given)


def _on_form(c: Statements, statement: tree.Structure, entry: str) -> None:
    """A form that is sent in is the event `form.<name>`; its data are the fields, or {fields, metadata}."""
    pattern = ["b", "+", ["k", "form."], c.lowering.lower(statement.parts["event"])]
    match pattern[3]:
        case ["k", str(name)]:
            pattern = ["k", f"form.{name}"]
            c.names.events.add(f"form.{name}")
        case _:
            pass
    c.scope.assigned.update(("event", "fields", "metadata"))
    _registered(c, "ON EVENT", {"pattern": pattern, "entry": constant(entry)})


def _sent_in(c: Statements) -> None:
    """`fields` and `metadata` of the form, for the block."""
    data = ["m", ["v", "event"], "data", 1]
    c.listing.write("set", ["v", "fields"], ["??", ["m", data, "fields", 1], data])
    c.listing.write("set", ["v", "metadata"], ["??", ["m", data, "metadata", 1], ["o"]])


def _schedule(c: Statements, statement: tree.Structure, entry: str) -> None:
    delay = c.lowering.lower(statement.parts["delay"])
    given = {"entry": constant(entry), "delay": delay, "unit": constant(str(statement.parts["unit"]))}
    if c.apart:
        given["run"] = ["g", "~run"]
    _registered(c, "SCHEDULE IN", given)


def _registered(c: Statements, keyword: str, given: dict[str, Any]) -> None:
    c.names.keywords.add(keyword)
    c.listing.write("call", keyword, given, None, None)


def _body(c: Statements, node: Node, entry: str, *, form: bool) -> Callable[[], None]:
    inside, arms, line = c.scope.inside, c.asking.arms, node.head
    children = tuple(child for arm in node.arms for child in arm.children)

    def compile_body() -> None:
        known = set(c.scope.read)
        outer = (c.scope.inside, c.loops, c.asking.arms, c.branch, c.run, c.apart)
        c.scope.inside, c.loops, c.asking.arms, c.branch, c.run, c.apart = inside, [], arms, None, entry, True
        c.listing.entries[entry] = len(c.listing.steps)
        if form and line is not None:
            with c.at(line):
                _sent_in(c)
        for arm in node.arms:
            c.body(arm.children)
        c.listing.leave(constant(None))
        c.scope.inside, c.loops, c.asking.arms, c.branch, c.run, c.apart = outer
        lost = [name for name in written(children, c.read) if name in known]
        if lost and line is not None:
            with c.at(line):
                c.fault(
                    f"What this block sets stays its own: {', '.join(lost)} of the program {_does(lost)} not change.",
                    "Use bot memory, or PUBLISH EVENT and WAIT FOR EVENT.",
                    tree.Span(0, 0),
                    "warning",
                )

    return compile_body


def _does(names: list[str]) -> str:
    return "does" if len(names) == 1 else "do"
