"""What a program may well mean and hardly does: step numbers twice, lines never reached, waits without an end.

All of it is warnings. Each line is looked at once; what was found in it is kept by its text.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from difflib import get_close_matches
from functools import lru_cache

from keywords import tree
from keywords.asking import Arms, exclusive
from keywords.blocks import Blocks, Line, Node
from keywords.compile import MAX_SOURCE
from keywords.diagnostics import Diagnostic
from keywords.known_blocks import known
from keywords.parse import parse_line
from keywords.registry import Registry

DECLARING = frozenset({"sub", "function", "table", "on", "note", "blank", "error"})  # stand anywhere
ENDING = frozenset({"RETURN", "EXIT", "CONTINUE", "GOTO", "THROW", "CONTINUE WORKFLOW"})
DECLARED = frozenset({"PARAM", "DESCRIPTION", "LABEL", "CASE", "CASE ELSE"})
APPROVAL, WAITS = "HUMAN APPROVAL", frozenset({"WAIT FOR EVENT", "WAIT FOR ANY EVENT", "WAIT FOR ALL EVENTS"})
TOLD_OF = frozenset({"ORCHESTRATE WORKFLOW", "CONTINUE WORKFLOW", "ON ERROR"})
EXCLUSIVE = frozenset({"if", "select", "switch", "try"})  # of their arms only one runs
MOST_COMPARED = 50
LONGEST, MOST_IDLE = 200, 8_192  # lines of a block that is remembered, and such blocks
FROM_OUTSIDE = ("approval_", "form.", "webhook.", "table.")  # what the product itself publishes
OPEN = ("*", "#")  # of an event's name that stands for many


_IDLE: dict[tuple[str, str], bool] = {}  # whether nothing in a block matters, by version and text


@dataclass(frozen=True, slots=True)
class _Fact:
    """What one line says, as far as it is asked here. Offsets are into the line."""

    word: str = ""
    step: int | None = None
    ends: bool = False
    approvals: tuple[int, ...] = ()  # those without a TIMEOUT of their own
    waits: tuple[tuple[str, int], ...] = ()
    publishes: tuple[str, ...] = ()
    publishes_any: bool = False  # an event whose name is computed
    matters: bool = False  # or nothing follows from it


def advised(text: str, registry: Registry, known_events: Collection[str] | None = None) -> Iterator[Diagnostic]:
    """The warnings of a program. With `known_events`, what others publish, waits for nothing are told of."""
    if len(text) > MAX_SOURCE:
        return
    blocks = known(text, registry)
    idle = frozenset[int]() if blocks.faults else frozenset(_idle(blocks.nodes, blocks, registry))
    placed = [(node, line, arms, _fact(line.text, registry, registry.version))
              for node, line, arms in _heads(blocks.nodes, (), idle)]  # fmt: skip
    placed = [row for row in placed if row[3].matters]
    facts = [(node, line, fact) for node, line, _, fact in placed]
    yield from _several(facts)
    yield from _twice(facts, [arms for _, _, arms, _ in placed])
    yield from _endless(facts, registry)
    if known_events is not None:
        yield from _unheard(facts, known_events)
    jumps = any(fact.word in ("CONTINUE WORKFLOW", "ON ERROR") for _, _, fact in facts)
    yield from _unreached(blocks.nodes, registry, jumps, idle)


def _idle(nodes: Iterable[Node], blocks: Blocks, registry: Registry) -> Iterator[int]:
    """Where the blocks begin in which no line matters here; those in them are not named."""
    for node in nodes:
        if not node.arms:
            continue
        if node.end - node.start <= LONGEST:
            key = registry.version, blocks.source(node.start, node.end)
            idle = _IDLE.get(key)
            if idle is None:
                lines = (line.text for _, line, _ in _heads((node,), (), frozenset()))
                idle = not any(_fact(text, registry, registry.version).matters for text in lines)
                if len(_IDLE) >= MOST_IDLE:
                    _IDLE.clear()
                _IDLE[key] = idle
            if idle:
                yield node.start
                continue
        for arm in node.arms:
            yield from _idle(arm.children, blocks, registry)


def _heads(nodes: Iterable[Node], arms: Arms, idle: frozenset[int]) -> Iterator[tuple[Node, Line, Arms]]:
    for node in nodes:
        if node.head is not None and node.kind not in ("note", "blank", "error"):
            yield node, node.head, arms
        if node.kind in ("text", "table", "with") or node.start in idle:
            continue
        for at, arm in enumerate(node.arms):
            inside = (*arms, (node.start, at)) if node.kind in EXCLUSIVE else arms
            if arm.head is not None and arm.head != node.head:
                yield node, arm.head, inside
            yield from _heads(arm.children, inside, idle)


def _several(facts: list[tuple[Node, Line, _Fact]]) -> Iterator[Diagnostic]:
    first, *others = [line for _, line, fact in facts if fact.word == "ORCHESTRATE WORKFLOW"] or [None]
    for line in others:
        if first is not None and line is not None:
            message = f"This program is a workflow already: the first is line {first.number}."
            fix = "Put each into a file of its own; here they are one, done one after the other."
            yield Diagnostic(line.number, 1, "warning", message, fix)


def _twice(facts: list[tuple[Node, Line, _Fact]], places: list[Arms]) -> Iterator[Diagnostic]:
    """Steps in different arms of one IF may share a number: only one of them runs."""
    found: dict[int, list[tuple[int, Arms]]] = {}
    for (_, line, fact), arms in zip(facts, places, strict=True):
        if fact.step is None:
            continue
        earlier = found.setdefault(fact.step, [])
        if len(earlier) < MOST_COMPARED:
            first = next((number for number, other in earlier if not exclusive(arms, other)), None)
            if first is not None:
                message = f"STEP {fact.step} is there twice: the first is line {first}."
                yield Diagnostic(line.number, 1, "warning", message, "Give this one a number of its own.")
            earlier.append((line.number, arms))


def _endless(facts: list[tuple[Node, Line, _Fact]], registry: Registry) -> Iterator[Diagnostic]:
    for node, line, fact in facts:
        details = (_fact(one.text, registry, registry.version).word for one in node.details)
        if fact.approvals and (line != node.head or "TIMEOUT" not in details):
            message = "This approval has no TIMEOUT: when nobody answers, the workflow waits for ever."
            place = line.position(fact.approvals[0])
            yield Diagnostic(*place, "warning", message, "Add TIMEOUT 86400 for a day.")


def _unheard(facts: list[tuple[Node, Line, _Fact]], known_events: Collection[str]) -> Iterator[Diagnostic]:
    if any(fact.publishes_any for _, _, fact in facts):
        return
    heard = {*known_events, *(name for _, _, fact in facts for name in fact.publishes)}
    for _, line, fact in facts:
        for name, at in fact.waits:
            if name in heard or name.startswith(FROM_OUTSIDE) or any(sign in name for sign in OPEN):
                continue
            near = get_close_matches(name, heard, n=1, cutoff=0.75)
            fix = f"Did you mean {near[0]}?" if near else "If it comes from outside, all is well."
            yield Diagnostic(*line.position(at), "warning", f"Nobody here publishes {name}.", fix)


def _unreached(nodes: Iterable[Node], registry: Registry, jumps: bool, idle: frozenset[int]) -> Iterator[Diagnostic]:
    ended: int | None = None
    told = False
    for node in nodes:
        if node.head is None or node.kind in ("note", "blank", "error"):
            continue
        fact = _fact(node.head.text, registry, registry.version)
        if fact.word == "LABEL" or (jumps and fact.step is not None):
            ended, told = None, False
        if ended is not None and not told and node.kind not in DECLARING and fact.word not in DECLARED:
            told = True
            message = f"This line is never reached: line {ended} goes elsewhere in every case."
            yield Diagnostic(node.head.number, 1, "warning", message, "Remove it, or move it further up.")
        if node.kind == "statement" and fact.ends and ended is None:
            ended = node.head.number
        if node.kind not in ("text", "table", "with") and node.start not in idle:
            for arm in node.arms:
                yield from _unreached(arm.children, registry, jumps, idle)


@lru_cache(maxsize=16_384)
def _fact(text: str, registry: Registry, version: str) -> _Fact:
    statement, problems = parse_line(text, registry)
    if problems:
        return _Fact()
    word, step, inner = "", None, statement
    while isinstance(inner, tree.Structure):
        word = inner.word
        if word == "STEP" and isinstance(inner.parts["number"], int):
            step = inner.parts["number"]
        if word not in ("STEP", "POLICIES", "ONCE:"):
            break
        body = inner.parts["body"]
        if not isinstance(body, tree.Structure | tree.Assign | tree.Do):
            break
        inner = body
    if not isinstance(inner, tree.Structure):
        word = ""
    approvals: list[int] = []
    waits: list[tuple[str, int]] = []
    publishes: list[str] = []
    computed = False
    for call in _calls(statement):
        given = {argument.slot: argument.value for argument in call.arguments}
        if call.keyword == APPROVAL and "timeout" not in given:
            approvals.append(call.span.start)
        elif call.keyword in WAITS:
            waits += [(name.value, name.span.start) for name in _texts(given.get("name", given.get("names")))]
        elif call.keyword == "PUBLISH EVENT":
            names = list(_texts(given.get("name")))
            publishes += [name.value for name in names]
            computed = computed or not names
    policies = statement.parts.get("policies") if isinstance(statement, tree.Structure) else None
    if isinstance(policies, tuple) and any(isinstance(p, tree.Structure) and p.word == "TIMEOUT" for p in policies):
        approvals = []
    ends = word in ENDING
    matters = bool(step is not None or ends or word in TOLD_OF or approvals or waits or publishes or computed)
    return _Fact(word, step, ends, tuple(approvals), tuple(waits), tuple(publishes), computed, matters)


@dataclass(frozen=True, slots=True)
class _Text:
    value: str
    span: tree.Span


def _texts(value: object) -> Iterator[_Text]:
    """The texts of a slot that are written out."""
    for one in value if isinstance(value, tuple) else (value,):
        if isinstance(one, tree.Literal) and isinstance(one.value, str):
            yield _Text(one.value, one.span)


def _calls(root: object) -> Iterator[tree.Call]:
    stack: list[object] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, tree.Call):
            yield node
        if isinstance(node, tuple):
            stack.extend(node)
        elif isinstance(node, dict):
            stack.extend(node.values())
        elif is_dataclass(node) and not isinstance(node, type):
            skipped = "arguments" if isinstance(node, tree.Structure) else ""
            stack.extend(getattr(node, field.name) for field in fields(node) if field.name not in ("span", skipped))
