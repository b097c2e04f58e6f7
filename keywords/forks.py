"""PARALLEL compiled: each branch, and the body of PARALLEL FOR EACH, is an entry of its own behind the main program."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from keywords import tree
from keywords.blocks import Arm, Line, Node
from keywords.evaluate import Node as Data
from keywords.names import set_by, written

if TYPE_CHECKING:
    from keywords.statements import Statements

OWN = ("result", "timed_out")  # names that each branch has for itself


def parallel(c: Statements, statement: tree.Structure, node: Node, number: int | None) -> None:
    branches: list[Any] = []
    writers: dict[str, str] = {}
    stray: Line | None = None
    for arm in node.arms:
        head = arm.head and c.read(arm.head, "statement")
        if arm.head is None or not isinstance(head, tree.Structure) or head.word != "BRANCH":
            stray = stray or next((child.head for child in arm.children if _is_stray(c, child)), None)
            continue
        label = str(head.parts["label"])
        if label.lower() in (str(b[0]).lower() for b in branches):
            with c.at(arm.head):
                c.fault(f"Two branches are called {label}.", "Give each branch a label of its own.", head.span)
        names = _written(arm, head, c)
        _warn(c, arm, label, names, writers)
        entry = _entry(c)
        branches.append([label, entry, [c.scope.target(name) for name in names]])
        c.deferred.append(_branch(c, arm, head, entry))
    if stray is not None:
        with c.at(stray):
            c.fault("In PARALLEL every line belongs to a branch.", "Begin with `BRANCH a:`.", _whole(stray))
    elif not branches and not any(child.head for arm in node.arms for child in arm.children):
        c.fault("PARALLEL has no branches.", "Begin each one with `BRANCH a:`.", statement.span)
    if not branches:
        return
    join = _join(c, statement, len(branches))
    if number is not None:
        c.asking.result()
    c.listing.write("fork", branches, number, *([{"join": join}] if join else []))


def for_each(c: Statements, statement: tree.Structure, node: Node, number: int | None) -> None:
    """`PARALLEL FOR EACH x IN items MAX 10`: the body once for each item, as executions side by side."""
    parts, mark = statement.parts, len(c.listing.open)
    items = c.listing.temporary()
    c.listing.write("set", items, ["f", "~ITERATE", *c.lowering.operands([parts["in"]])])
    name = str(parts["name"]).lower()
    options: dict[str, Any] = {"items": items, "name": name}
    if parts["max"] is not None:
        options["max"] = c.listing.saved(c.lowering.lower(parts["max"]))
    if join := _join(c, statement, None):
        options["join"] = join
    entry, body = _entry(c), tuple(child for arm in node.arms for child in arm.children)
    if isinstance(parts["in"], tree.Name):
        options["without"] = [parts["in"].name.lower()]
    c.deferred.append(_body(c, body, entry, options))
    c.asking.result()
    c.listing.write("fork", [["", entry, []]], number or 0, options)
    c.listing.drop(c.listing.take_open(mark))


def _is_stray(c: Statements, child: Node) -> bool:
    """Does it stand outside the branches, and is nothing else wrong with it?"""
    said = child.head and child.kind not in ("blank", "note") and c.read(child.head, "statement")
    return bool(said) and not isinstance(said, tree.Unknown)


def _whole(line: Line) -> tree.Span:
    return tree.Span(len(line.text) - len(line.text.lstrip()), len(line.text))


def _entry(c: Statements) -> str:
    c.branches += 1
    return f"branch:{c.branches - 1}"


def _join(c: Statements, statement: tree.Structure, branches: int | None) -> list[Any]:
    """How many must end well: `["any"]`, `["first error"]`, `["count", e, e|null]`; empty for all."""
    parts = statement.parts
    how = parts.get("join") or next((h for h in ("any", "first_error") if parts.get(h)), "all")
    if parts["count"] is not None:
        count, of = parts["count"], parts["of"]
        wanted = count.value if isinstance(count, tree.Literal) else None
        total = of.value if isinstance(of, tree.Literal) else branches
        if branches is not None and isinstance(total, int) and total != branches:
            c.fault(f"PARALLEL has {branches} branches, not {total}.", "Correct the number.", statement.span)
        elif isinstance(wanted, int) and isinstance(total, int) and not 1 <= wanted <= total:
            c.fault(f"{wanted} of {total} branches can never end.", "Ask for 1 of them, or more.", statement.span)
        nodes = c.lowering.operands([count] if of is None else [count, of])
        saved = [c.listing.saved(node) for node in nodes]
        return ["count", *saved]
    return [] if how == "all" else [str(how).replace("_", " ")]


def _written(arm: Arm, head: tree.Structure, c: Statements) -> list[str]:
    """The names a branch sets; `result` and `timed_out` are each branch's own."""
    found = dict.fromkeys([*set_by(head), *written(arm.children, c.read)])
    return [name for name in found if name not in OWN]


def _warn(c: Statements, arm: Arm, label: str, names: list[str], writers: dict[str, str]) -> None:
    for name in names:
        if name in writers and arm.head is not None:
            with c.at(arm.head):
                c.fault(
                    f"Branches {writers[name]} and {label} both set {name}; the value of {label} stays.",
                    "Use a name of its own in each branch.",
                    tree.Span(0, 0),
                    "warning",
                )
        writers[name] = label


def _branch(c: Statements, arm: Arm, head: tree.Structure, entry: str) -> Callable[[], None]:
    """Compiles the branch later, behind the main program, as its own entry."""
    line = arm.head
    label = str(head.parts["label"])

    def steps() -> None:
        assert line is not None
        body = head.parts["body"]
        with c.at(line), c.listing.statement(*line.position(head.span.start)):
            if isinstance(body, tree.Assign | tree.Do | tree.Structure | tree.Unknown):
                inner = Node("statement", line.number - 1, line.number - 1 + line.lines, line, None, ())
                c.guarded(lambda: c.statement(body, inner, None))
                if isinstance(body, tree.Assign) and isinstance(body.target, tree.Name):
                    c.listing.write("set", ["v", "~result"], c.scope.target(body.target.name))
        c.body(arm.children)

    return _apart(c, entry, label, steps)


def _body(c: Statements, body: Iterable[Node], entry: str, options: dict[str, Any]) -> Callable[[], None]:
    """Compiles the body of PARALLEL FOR EACH; the list itself is copied into it only where it is looked at."""
    nodes = tuple(body)

    def steps() -> None:
        start, read = len(c.listing.steps), set[str]()
        outer = c.lowering.on_read

        def note(name: str) -> None:
            read.add(name)
            outer(name)

        c.lowering.on_read = note
        c.body(nodes)
        c.lowering.on_read = outer
        used = read | set(written(nodes, c.read))
        hidden = any(step[0] in ("sub", "fork") for step in c.listing.steps[start:])  # who knows what they look at
        if hidden or used.intersection(options.get("without", ())):
            options.pop("without", None)

    return _apart(c, entry, "", steps)


def _apart(c: Statements, entry: str, label: str, steps: Callable[[], None]) -> Callable[[], None]:
    inside, arms = c.scope.inside, c.asking.arms

    def compile_branch() -> None:
        outer = (c.branch, c.run, c.scope.inside, c.loops, c.asking.arms)
        c.branch, c.run, c.scope.inside, c.loops, c.asking.arms = label, entry, inside, [], arms
        c.listing.entries[entry] = len(c.listing.steps)
        steps()
        result: Data = ["v", "~result"]
        c.listing.leave(result)
        c.branch, c.run, c.scope.inside, c.loops, c.asking.arms = outer

    return compile_branch
