"""Statements to steps: assignments, keywords, STEP, SUB, RETURN, text blocks. Blocks with a flow of their own are in
`control`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from keywords import approval_lines, control, policies, raw_blocks, tree
from keywords.asking import Asking
from keywords.blocks import Blocks, Line, Node
from keywords.constants import doubtful
from keywords.diagnostics import Diagnostic
from keywords.evaluate import Node as Data
from keywords.header import Header
from keywords.hearing import HEARS, asked_first
from keywords.inputs import near_type
from keywords.listing import Label, Listing, Loop
from keywords.lower import Lowering, Misuse, constant
from keywords.names import Read
from keywords.needs import ANY, MAIN, SENDING, Names
from keywords.registry import Registry
from keywords.remembered import Memory
from keywords.scope import Procedure, Scope

TAKES_OVER = "TRANSFER CONVERSATION"  # nothing of the script runs behind it


@dataclass(slots=True)
class Statements:
    """Compiles nodes into one listing."""

    registry: Registry
    scope: Scope
    read: Read
    blocks: Blocks
    report: Callable[[Diagnostic], None]
    listing: Listing = field(default_factory=Listing)
    header: Header = field(default_factory=Header)
    names: Names = field(default_factory=Names)
    asking: Asking = field(default_factory=Asking)
    loops: list[Loop] = field(default_factory=list[Loop])
    labels: dict[str, Label] = field(default_factory=dict[str, Label])
    wanted: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])  # labels, and where
    deferred: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])
    branches: int = 0
    undos: int = 0  # statements that undo others: COMPENSATE WITH
    apart: bool = False  # in a block that runs on its own
    handlers: int = 0  # blocks that run on their own: ON EVENT, SCHEDULE IN
    branch: str | None = None  # the label of the branch being compiled
    run: str = MAIN  # the entry of the run that does what is being compiled: a branch and a handler have their own
    number: int | None = None  # of the STEP whose verb is being compiled
    details: tuple[Line, ...] = ()
    line: Line | None = None
    memory: Memory | None = None  # for `check`: what it was compiled to before is told again, and no steps are written
    spreads: bool = False  # a remembered piece has a step whose result may bring names of its own
    lowering: Lowering = field(init=False)

    def __post_init__(self) -> None:
        self.lowering = Lowering(
            self.scope,
            self.registry,
            self.listing,
            self.position,
            on_call=self.called,
            on_read=self.asking.read,
            on_unknown=self.unknown,
        )

    # -- the whole -------------------------------------------------------------------------------------------------

    def program(self, nodes: Iterable[Node]) -> None:
        """The main program, then every branch and procedure behind it."""
        self.listing.entries["main"] = 0
        self.body(nodes)
        self.settle_labels()
        self.listing.leave(constant(None))
        while self.deferred:
            self.deferred.pop(0)()
        self.asking.settle()

    def body(self, nodes: Iterable[Node]) -> None:
        for node in nodes:
            self.node(node)

    def node(self, node: Node) -> None:
        if node.kind in ("blank", "note", "error") or node.head is None:
            return
        if self.memory is not None and self.memory.node(self, node):
            return
        statement = self.read(node.head, "with" if node.kind == "field" else "statement")
        with self.at(node.head), self.listing.statement(*node.head.position(_start(statement))):
            try:  # written out: blocks may be nested 100 deep, and each level takes its frames of Python's stack
                policies.compile_line(self, statement, node)
            except Misuse as error:
                self.fault(str(error), error.fix, error.span)

    def guarded(self, compile_: Callable[[], None]) -> None:
        """Compiles a piece; a misuse in it becomes a diagnostic and the rest goes on."""
        try:
            compile_()
        except Misuse as error:
            self.fault(str(error), error.fix, error.span)

    def at(self, line: Line) -> Place:
        return Place(self, line)

    def position(self, span: tree.Span) -> tuple[int, int]:
        return self.line.position(span.start) if self.line else (self.listing.line, self.listing.column)

    def fault(self, message: str, fix: str, span: tree.Span, severity: Literal["error", "warning"] = "error") -> None:
        self.report(Diagnostic(*self.position(span), severity, message, fix))

    # -- statements ------------------------------------------------------------------------------------------------

    def statement(self, statement: tree.Statement, node: Node, number: int | None) -> None:
        match statement:
            case tree.Assign():
                self.details = node.details  # TIMEOUT and ON TIMEOUT below `ok = HUMAN APPROVAL ..`
                self.assign(statement)
                self.details = ()
            case tree.Do():
                self.act(statement, node, number)
            case tree.Structure():
                self.structure(statement, node, number)
            case tree.Unknown():
                for child in (child for arm in node.arms for child in arm.children):
                    self.node(child)  # for the diagnostics inside

    def assign(self, statement: tree.Assign) -> None:
        root, path = self.lowering.path(statement.target)
        if path:
            *places, value = self.lowering.operands([*path, statement.value])
            self.listing.write("put", root, places, value)
            return
        if isinstance(statement.value, tree.Call):
            value = self.lowering.call(statement.value, lambda: root, None)
            if value is root:
                return
        else:
            value = self.lowering.lower(statement.value)
        self.listing.assign(root, value)

    def act(self, statement: tree.Do, node: Node, number: int | None) -> None:
        value = statement.value
        if isinstance(value, tree.Invoke):
            left = self.lowering.invoke(value, wanted=number is not None)
            if left[0] == "f":
                self.discard(left)
            return
        if not isinstance(value, tree.Call):
            told = "This line computes a value and does nothing with it.", "Assign it to a variable."
            self.fault(*told, value.span, "warning")
            self.discard(self.lowering.lower(value))
            return
        keyword = self.registry[value.keyword]
        own = keyword.name.replace(" ", "_").lower() in self.scope.procedures
        if value.called and not own and not keyword.function:
            value = replace(value, called=False)  # `LOG("paid")` on a line of its own is no logarithm
        if number is None and "asked" in keyword.parameters:
            number = 0  # an approval outside a STEP answers into `result` and `approved` all the same
        self.number, self.details = number if number is not None else -1, node.details
        takes_over = keyword.name == TAKES_OVER
        kept = takes_over or (self.branch is not None and number is None and keyword.value)
        into: Data | None = ["g", "result"] if kept else None
        left = self.lowering.call(value, lambda: into, number)
        self.number, self.details = None, ()
        if takes_over:
            self.listing.leave(["g", "result"], whole=True)
            return
        if left[0] == "p":
            self.discard(left)
        elif self.branch is not None and (into or number is not None):
            self.listing.write("set", ["v", "~result"], ["g", "result"])
        for line in node.details:
            detail = self.read(line, "statement")
            if isinstance(detail, tree.Do):  # DELAY under a STEP
                with self.at(line), self.listing.placed(*line.position(_start(detail))):
                    self.lowering.lower(detail.value)

    def discard(self, value: Data) -> None:
        """Evaluates for the sake of its errors."""
        self.listing.write("set", self.listing.temporary(), value)

    def called(self, call: tree.Call, arguments: dict[str, Data]) -> None:
        """Notes what a keyword names, and completes its arguments from the lines below it."""
        keyword = self.registry[call.keyword]
        self.names.keywords.add(keyword.name)
        if keyword.announced and not keyword.elsewhere:
            self.announced(keyword.name, call.span)
        literal = {slot: node[1] for slot, node in arguments.items() if node[0] == "k" and isinstance(node[1], str)}
        named = arguments.get("name" if keyword.name == "BOT" else "bot", constant(None))
        for bot in named[1:] if named[0] == "l" else [named]:  # several: BOT SHARE MEMORY "k" WITH "a", "b"
            if bot[0] == "k" and bot[1] and isinstance(bot[1], str):
                self.names.bots.setdefault(bot[1], self.position(call.span))
        if keyword.name == "WAIT FOR BOT" and "timeout" not in arguments:
            self.names.waits.setdefault(self.run, self.position(call.span))
        if keyword.name in SENDING:
            self.names.sends.add(self.run)
        if keyword.group == "events" and "name" in literal:
            self.names.events.add(literal["name"])
        number, details = self.number, self.details
        self.number, self.details = None, ()
        if number is not None and number >= 0:
            self.asking.result()
        if keyword.name == HEARS and asked_first(self.lowering, call, arguments):
            self.names.keywords.add("TALK")
        approval_lines.details(self, details, keyword, arguments)
        for told in doubtful(keyword, arguments):
            self.fault(*told, call.span, "warning")
        if "asked" in keyword.parameters:
            asks = number is None or number < 0
            arguments["asked"] = ["k", True] if asks else self.asking.approval(number or None, self.branch)

    def announced(self, word: str, span: tree.Span) -> None:
        """Notes a word that this release understands and does not carry out."""
        self.names.undone.setdefault(word, self.position(span))

    def unknown(self, message: str, span: tree.Span) -> None:
        """A function of somebody else's."""
        told, _, fix = message.partition(". ")
        self.fault(f"{told}: this line fails where it is run.", fix, span, "warning")

    # -- structure -------------------------------------------------------------------------------------------------

    def structure(self, statement: tree.Structure, node: Node, number: int | None) -> None:
        parts = statement.parts
        match statement.word:
            case "STEP":
                step = int(str(parts["number"]))
                label = self.labels.setdefault(f"~step{step}", Label())
                if label.at < 0:  # of steps with one number the first
                    self.listing.place(label)
                self.listing.write("step", step)
                if isinstance(parts["body"], tree.Assign | tree.Do | tree.Structure):
                    self.statement(parts["body"], node, step)
                    self.step_result(parts["body"], step)
            case "RETURN":
                value = constant(None) if parts["value"] is None else self.lowering.lower(parts["value"])
                self.listing.leave(value)
            case "EXIT" | "CONTINUE":
                self.leave(statement, str(parts["what"] or ""))
            case "LABEL":
                self.listing.place(self.labels.setdefault(str(parts["label"]).lower(), Label()))
            case "CONTINUE WORKFLOW":
                self.continue_at(statement)
            case "GOTO":
                self.listing.write("jump", self.label(parts["label"], statement))
            case "ON ERROR":
                goto = parts["action"] == "goto"
                self.listing.write("handle", parts["action"], self.label(parts["label"], statement) if goto else None)
            case "CLEAR ERROR":
                self.listing.write("handle", "clear", None)
            case "THROW":
                self.listing.write("throw", self.lowering.lower(parts["message"]))
            case "ORCHESTRATE WORKFLOW":
                self.header.name = self.header.constant(parts["name"], self.header.name)
                for arm in node.arms:
                    self.body(arm.children)
            case "PARAM":
                if self.scope.inside is None:
                    self.header.param(parts, statement.span)
                if near := near_type(given := str(parts["type"])):
                    told = f"There is no type {given}: it is taken as text.", f"Did you mean {near}?"
                    self.fault(*told, statement.span, "warning")
            case "DESCRIPTION":
                self.header.description = self.header.description or str(parts["text"] or "")
            case "BEGIN TALK" | "BEGIN SYSTEM PROMPT" | "BEGIN MAIL":
                raw_blocks.text(self, statement, node)
            case "TABLE":
                raw_blocks.table(self, statement, node)
            case "SUB" | "FUNCTION":
                self.deferred.append(lambda: self.procedure(str(parts["name"]), node))
            case "POLICIES" | "ONCE:":
                policies.compile_line(self, statement, replace(node, details=()))
            case "ON TIMEOUT" | "REQUIRE" | "REMIND":
                self.fault(
                    f"{statement.word} stands under no approval.", "Put it right below HUMAN APPROVAL.", statement.span
                )
            case "TIMEOUT" | "RETRY" | "CACHE" | "IF IN DOUBT" | "ON ERROR:" | "COMPENSATE:":
                word = statement.word.rstrip(":")
                self.fault(f"{word} stands under no statement.", "Put it right below the statement.", statement.span)
            case "NOTE":
                pass
            case _:
                control.compile_block(self, statement, node, number)

    def step_result(self, body: tree.Statement, step: int) -> None:
        """`STEP 2: x = LLM "..."`: what is assigned is the result of the step too."""
        if isinstance(body, tree.Assign) and isinstance(body.target, tree.Name):
            self.asking.result()
            for name in ("result", f"step{step}"):
                self.listing.write("set", ["g", name], self.scope.target(body.target.name))

    def leave(self, statement: tree.Structure, what: str) -> None:
        """EXIT and CONTINUE."""
        if statement.word == "EXIT" and what in ("", "SUB", "FUNCTION"):
            self.listing.leave(constant(None), whole=what == "")
            return
        for loop in reversed(self.loops):
            if what in ("LOOP", loop.kind):
                self.listing.write("jump", loop.again if statement.word == "CONTINUE" else loop.after)
                return
        said = f"{statement.word} {what} stands in no such loop."
        if what == "LOOP":
            said = f"{'BREAK' if statement.word == 'EXIT' else 'CONTINUE'} stands in no loop."
        self.fault(said, "Remove it.", statement.span)

    def label(self, name: object, statement: tree.Structure) -> Label:
        lower = str(name).lower()
        self.wanted.setdefault(lower, self.position(statement.span))
        return self.labels.setdefault(lower, Label())

    def continue_at(self, statement: tree.Structure) -> None:
        """CONTINUE WORKFLOW AT STEP n goes on at that step; in a block that runs on its own, the run behind it does."""
        step = statement.parts["step"]
        if not isinstance(step, tree.Literal) or not isinstance(step.value, int):
            self.fault("CONTINUE WORKFLOW needs the number of a step.", "Write AT STEP 3.", statement.span)
        elif self.apart:
            label = self.labels.get(f"~step{step.value}", Label())
            if label.at < 0:
                self.fault(f"There is no STEP {step.value}.", "Name a step of this program.", statement.span)
            given = {"step": constant(step.value), "at": constant(label.at), "run": ["g", "~run"]}
            self.names.keywords.add("CONTINUE WORKFLOW")
            self.listing.write("call", "CONTINUE WORKFLOW", given, None, None)
        else:
            self.listing.write("jump", self.label(f"~step{step.value}", statement))

    def settle_labels(self) -> None:
        """Tells of every label that a GOTO names and no line writes."""
        for name, place in self.wanted.items():
            if self.labels[name].at < 0:
                step = name.removeprefix("~step")
                told = f"There is no label {name}.", f"Write `{name}:` on a line."
                if step != name:
                    told = f"There is no STEP {step}.", "Name a step of this program."
                self.report(Diagnostic(*place, "error", *told))
                self.listing.place(self.labels[name])

    def procedure(self, name: str, node: Node) -> None:
        procedure = self.scope.procedures.get(name.lower())
        if procedure is None:
            return
        with Inside(self, procedure):
            self.listing.entries[procedure.entry] = len(self.listing.steps)
            for arm in node.arms:
                self.body(arm.children)
            self.listing.leave(constant(None))


@dataclass(slots=True)
class Place:
    """While a line is compiled, spans are positions in it."""

    compiler: Statements
    line: Line
    outer: Line | None = None

    def __enter__(self) -> None:
        self.outer, self.compiler.line = self.compiler.line, self.line

    def __exit__(self, *_: object) -> None:
        self.compiler.line = self.outer


@dataclass(slots=True)
class Inside:
    """While a procedure is compiled, its names and labels are its own."""

    compiler: Statements
    procedure: Procedure
    outer: tuple[dict[str, Label], dict[str, tuple[int, int]], list[Loop], str] | None = None

    def __enter__(self) -> None:
        compiler = self.compiler
        self.outer = (compiler.labels, compiler.wanted, compiler.loops, compiler.run)
        compiler.labels, compiler.wanted, compiler.loops, compiler.run = {}, {}, [], ANY
        compiler.scope.inside = self.procedure

    def __exit__(self, *_: object) -> None:
        assert self.outer is not None
        compiler = self.compiler
        compiler.settle_labels()
        compiler.labels, compiler.wanted, compiler.loops, compiler.run = self.outer
        compiler.scope.inside = None


def _start(statement: tree.Statement) -> int:
    return statement.span.start
