"""Blocks with a flow of their own: IF, SELECT, loops, WITH, TRY. PARALLEL is in `forks`."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from keywords import forks, tree
from keywords.apart import apart
from keywords.blocks import Arm, Node
from keywords.evaluate import Node as Data
from keywords.listing import Label, Loop
from keywords.lower import constant

if TYPE_CHECKING:
    from keywords.statements import Statements


def compile_block(c: Statements, statement: tree.Structure, node: Node, number: int | None) -> None:
    """The steps of a block; its head is already read."""
    compile_ = _BLOCKS.get(statement.word)
    if compile_ is not None:
        compile_(c, statement, node, number)
    else:
        c.fault(f"{statement.word} stands alone here.", "Remove it, or write the block it belongs to.", statement.span)


def test(c: Statements, condition: object, otherwise: Label, sense: bool = False) -> list[str]:
    """Jumps to `otherwise` when the condition is FALSE; answers the temporaries to drop on both ways."""
    mark = len(c.listing.open)
    node = c.lowering.lower(condition)
    c.listing.test(node, otherwise, when=sense)
    pending = c.listing.take_open(mark)
    c.listing.drop(pending)
    return pending


# -- IF and SELECT -----------------------------------------------------------------------------------------------------


def _if(c: Statements, statement: tree.Structure, node: Node, number: int | None) -> None:
    end, block = Label(), c.asking.block()
    if statement.parts["then"] is not None:
        _inline(c, statement, node, end, block)
    else:
        arms = list(node.arms)
        for at, arm in enumerate(arms):
            _arm(c, statement, node, (arm, at == len(arms) - 1), end, (block, at))
    c.listing.place(end)


def _inline(c: Statements, statement: tree.Structure, node: Node, end: Label, block: int) -> None:
    """`IF c THEN statement [ELSE statement]`."""
    otherwise = Label()
    pending = test(c, statement.parts["condition"], otherwise)
    with arm_of(c, (block, 0)):
        c.statement(_as_statement(statement.parts["then"]), node, None)
    c.listing.write("jump", end)
    c.listing.place(otherwise)
    c.listing.drop(pending)
    if statement.parts["else"] is not None:
        with arm_of(c, (block, 1)):
            c.statement(_as_statement(statement.parts["else"]), node, None)


def _arm(
    c: Statements, head: tree.Structure, node: Node, arm: tuple[Arm, bool], end: Label, place: tuple[int, int]
) -> None:
    part, last = arm
    otherwise, pending = Label(), list[str]()
    if place[1] and part.head is not None:
        found = c.read(part.head, "statement")
        if not isinstance(found, tree.Structure):
            return
        head = found
    line = part.head if place[1] else None
    if head.word in ("IF", "ELSE IF"):
        if line is not None:
            with c.at(line), c.listing.placed(*line.position(head.span.start)):
                pending = test(c, head.parts["condition"], otherwise)
        else:
            pending = test(c, head.parts["condition"], otherwise)
    with arm_of(c, place):
        inline = head.parts.get("then")
        if place[1] and inline is not None and line is not None:
            with c.at(line):
                c.statement(_as_statement(inline), node, None)
        c.body(part.children)
    if not last:
        c.listing.write("jump", end)
    c.listing.place(otherwise)
    c.listing.drop(pending)


@contextmanager
def arm_of(c: Statements, place: tuple[int, int]) -> Generator[None]:
    outer = c.asking.arms
    c.asking.arms = (*outer, place)
    yield
    c.asking.arms = outer


def _select(c: Statements, statement: tree.Structure, node: Node, number: int | None) -> None:
    mark, end, block = len(c.listing.open), Label(), c.asking.block()
    subject = c.listing.saved(c.lowering.lower(statement.parts["subject"]))
    held = c.listing.take_open(mark)
    for at, arm in enumerate(node.arms):
        head = arm.head and c.read(arm.head, "statement")
        if not isinstance(head, tree.Structure) or arm.head is None or arm.head == node.head:
            c.body(arm.children)  # notes before the first CASE
            continue
        otherwise, body = Label(), Label()
        with c.at(arm.head), c.listing.placed(*arm.head.position(head.span.start)):
            for value in _many(head.parts.get("values")):
                inner = len(c.listing.open)
                c.listing.test(["b", "=", subject, c.lowering.lower(value)], body, when=True)
                c.listing.drop(c.listing.take_open(inner))
            if head.word == "CASE":
                c.listing.write("jump", otherwise)
        c.listing.place(body)
        with arm_of(c, (block, at)):
            c.body(arm.children)
        c.listing.write("jump", end)
        c.listing.place(otherwise)
    c.listing.place(end)
    c.listing.drop(held)


# -- loops -------------------------------------------------------------------------------------------------------------


@contextmanager
def _turning(c: Statements, kind: str) -> Generator[tuple[Label, Label, Label]]:
    """The labels of a loop: its head, where CONTINUE goes, what comes after."""
    head, again, after = Label(), Label(), Label()
    c.loops.append(Loop(kind, again, after))
    c.asking.loop_begins()
    c.listing.place(head)
    yield head, again, after
    c.listing.place(after)
    c.asking.loop_ends()
    c.loops.pop()


def _for_each(c: Statements, statement: tree.Structure, node: Node, number: int | None) -> None:
    mark, parts = len(c.listing.open), statement.parts
    sources = [parts["in"]] if parts["last"] is None else [parts["in"], parts["last"]]
    values: Data = ["f", "~ITERATE", *c.lowering.operands(sources)]
    items, turn = c.listing.temporary(), c.listing.temporary()
    c.listing.write("set", items, values)
    held = c.listing.take_open(mark)
    c.listing.drop([name for name in held if name not in (items[1], turn[1])])
    with _turning(c, "FOR") as (head, again, after):
        c.listing.write("each", items[1], turn[1], c.scope.target(str(parts["name"])), after)
        _body(c, node)
        c.listing.place(again)
        c.listing.write("jump", head)
    _next(c, node, str(parts["name"]))
    c.listing.drop([items[1], turn[1]])


def _for(c: Statements, statement: tree.Structure, node: Node, number: int | None) -> None:
    mark, parts = len(c.listing.open), statement.parts
    first, last, step = c.lowering.operands(
        [parts["from"], parts["to"], parts["step"] or tree.Literal(1, statement.span)]
    )
    variable = c.scope.target(str(parts["name"]))
    last, step = c.listing.saved(last), c.listing.saved(step)
    c.listing.write("set", variable, first)
    held = c.listing.take_open(mark)
    up, down = (["b", operator, variable, last] for operator in ("<=", ">="))
    goes_on: Data = ["?", ["b", ">=", step, constant(0)], up, down]
    with _turning(c, "FOR") as (head, again, after):
        c.listing.test(goes_on, after, when=False)
        _body(c, node)
        c.listing.place(again)
        c.listing.write("set", variable, ["b", "-", variable, ["neg", step]])
        c.listing.write("jump", head)
    _next(c, node, str(parts["name"]))
    c.listing.drop(held)


def _while(c: Statements, statement: tree.Structure, node: Node, number: int | None) -> None:
    with _turning(c, "WHILE") as (head, again, after):
        pending = test(c, statement.parts["condition"], after)
        _body(c, node)
        c.listing.place(again)
        c.listing.write("jump", head)
    c.listing.drop(pending)


def _do(c: Statements, statement: tree.Structure, node: Node, number: int | None) -> None:
    pending: list[str] = []
    with _turning(c, "DO") as (head, again, after):
        pending += _ends(c, statement, after)
        _body(c, node)
        c.listing.place(again)
        close = node.close and c.read(node.close, "statement")
        if isinstance(close, tree.Structure) and node.close is not None:
            with c.at(node.close), c.listing.placed(*node.close.position(close.span.start)):
                pending += _ends(c, close, after)
        c.listing.write("jump", head)
    c.listing.drop(pending)


def _ends(c: Statements, statement: tree.Structure, after: Label) -> list[str]:
    """The WHILE or UNTIL of a DO or LOOP line."""
    if statement.parts.get("while") is not None:
        return test(c, statement.parts["while"], after)
    if statement.parts.get("until") is not None:
        return test(c, statement.parts["until"], after, sense=True)
    return []


def _next(c: Statements, node: Node, name: str) -> None:
    """NEXT ends the innermost loop, whatever name it says."""
    close = node.close and c.read(node.close, "statement")
    if node.close is None or not isinstance(close, tree.Structure) or not close.parts.get("name"):
        return
    said = str(close.parts["name"])
    if said.lower() != name.lower():
        with c.at(node.close):
            c.fault(f"NEXT {said} ends the loop of {name}.", f"Write NEXT {name}.", close.span, "warning")


def _body(c: Statements, node: Node) -> None:
    for arm in node.arms:
        c.body(arm.children)


# -- WITH --------------------------------------------------------------------------------------------------------------


def _with(c: Statements, statement: tree.Structure, node: Node, number: int | None) -> None:
    """Each line sets one field of the target."""
    root, path = c.lowering.path(statement.parts["target"])
    for child in (child for arm in node.arms for child in arm.children):
        line = child.head
        found = line and c.read(line, "with")
        if line is None or not isinstance(found, tree.Structure) or found.word != "FIELD":
            c.node(child)
            continue
        with c.at(line), c.listing.statement(*line.position(found.span.start)):
            c.guarded(lambda found=found: _field(c, root, path, found))


def _field(c: Statements, root: Data, path: list[object], field: tree.Structure) -> None:
    *places, value = c.lowering.operands([*path, str(field.parts["name"]), field.parts["value"]])
    c.listing.write("put", root, places, value)


def _as_statement(part: object) -> tree.Statement:
    assert isinstance(part, tree.Assign | tree.Do | tree.Structure | tree.Unknown)
    return part


def _many(values: object) -> tuple[object, ...]:
    return values if isinstance(values, tuple) else ()


# -- TRY ---------------------------------------------------------------------------------------------------------------


def _try(c: Statements, statement: tree.Structure, node: Node, number: int | None) -> None:
    """A mistake in the first part goes on in the part of CATCH, also one in a SUB that is called there."""
    body, *catches = node.arms
    start = len(c.listing.steps)
    c.body(body.children)
    behind, handler, after = len(c.listing.steps), Label(), Label()
    c.listing.write("jump", after)
    c.listing.place(handler)
    for arm in catches[:1]:
        head = arm.head and c.read(arm.head, "statement")
        if arm.head is not None and isinstance(head, tree.Structure) and head.parts["name"] is not None:
            with c.at(arm.head), c.listing.placed(*arm.head.position(head.span.start)):
                error = c.lowering.lower(tree.Name("error", head.span))
                c.listing.assign(c.scope.target(str(head.parts["name"])), error)
        c.body(arm.children)
    for arm in catches[1:]:
        if arm.head is not None:
            with c.at(arm.head):
                c.fault("TRY has one CATCH.", "Remove this one, or join them.", tree.Span(0, 5))
    c.listing.place(after)
    c.listing.guards.append((start, behind, handler))


_BLOCKS: dict[str, Callable[[Statements, tree.Structure, Node, int | None], None]] = {
    "IF": _if,
    "SELECT": _select,
    "SWITCH": _select,
    "FOR EACH": _for_each,
    "FOR": _for,
    "WHILE": _while,
    "DO": _do,
    "WITH": _with,
    "TRY": _try,
    "PARALLEL": forks.parallel,
    "PARALLEL FOR EACH": forks.for_each,
    "ON EVENT": apart,
    "ON FORM SUBMIT": apart,
    "ON INSERT": apart,
    "ON UPDATE": apart,
    "ON DELETE": apart,
    "SCHEDULE IN": apart,
}
