"""BASIC text to a program, with every fault of the text told at once."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any

from keywords import tree
from keywords.blocks import Blocks, Line, read as read_blocks
from keywords.diagnostics import Diagnostic
from keywords.hearing import assigning
from keywords.known_blocks import known as known_blocks
from keywords.mistakes import UnknownName
from keywords.names import scope_of
from keywords.needs import ANY, MAIN
from keywords.parse import parse_line
from keywords.program import FORMAT, Program, program_hash
from keywords.registry import Registry
from keywords.remembered import Memory, memory_of
from keywords.scope import Scope
from keywords.statements import Statements

MAX_SOURCE = 1_048_576
UNSET = 'Set it first, or ask for it: PARAM {name} AS STRING. A text stands in quotes: "{name}".'
_NO_TEXT = re.compile("[\\0\\ud800-\\udfff]")


@dataclass(frozen=True, slots=True)
class Compiled:
    """The program, unless the text has an error; and all that is to be said about the text."""

    program: Program | None
    diagnostics: tuple[Diagnostic, ...]

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        return tuple(d for d in self.diagnostics if d.severity == "error")


def compile_program(
    text: str, registry: Registry, name: str = "", known_bots: Collection[str] | None = None
) -> Compiled:
    """The program of a text. `name` is what it is called unless ORCHESTRATE WORKFLOW names it; with `known_bots` a bot
    that is not among them draws a warning. The same text is compiled once."""
    compiled, bots = _compiled(text, registry, registry.version, name)
    warnings = () if known_bots is None else _unknown_bots(bots, known_bots)
    if not warnings:
        return compiled
    return Compiled(compiled.program, _in_order((*compiled.diagnostics, *warnings)))


def told_of(text: str, registry: Registry, known_bots: Collection[str] | None = None) -> tuple[Diagnostic, ...]:
    """The diagnostics of `compile_program`, for a text that is being written: no program is made."""
    diagnostics, bots = _checked(text, registry, registry.version)
    warnings = () if known_bots is None else _unknown_bots(bots, known_bots)
    return (*diagnostics, *warnings)


Bots = tuple[tuple[str, tuple[int, int]], ...]


@lru_cache(maxsize=256)
def _compiled(text: str, registry: Registry, version: str, name: str) -> tuple[Compiled, Bots]:
    if fault := _unreadable(text):
        return Compiled(None, (fault,)), ()
    statements, diagnostics = _understood(text, registry, name, None)
    bots = tuple(statements.names.bots.items())
    if any(d.severity == "error" for d in diagnostics):
        return Compiled(None, diagnostics), bots
    return Compiled(_program(text, registry, statements), diagnostics), bots


@lru_cache(maxsize=32)
def _checked(text: str, registry: Registry, version: str) -> tuple[tuple[Diagnostic, ...], Bots]:
    """What `_compiled` tells, without the program, and from what was told of other texts where they are the same."""
    if fault := _unreadable(text):
        return (fault,), ()
    statements, diagnostics = _understood(text, registry, "", memory_of(registry, version))
    return diagnostics, tuple(statements.names.bots.items())


def _understood(
    text: str, registry: Registry, name: str, memory: Memory | None
) -> tuple[Statements, tuple[Diagnostic, ...]]:
    blocks = read_blocks(text, registry) if memory is None else known_blocks(text, registry)
    found: dict[Diagnostic, None] = {
        Diagnostic(fault.line, fault.column, "error", fault.message, fault.fix): None for fault in blocks.faults
    }
    if blocks.overlong:  # what its lines say is of no use
        blocks = replace(blocks, nodes=())
    statements = _statements(blocks, registry, found, memory)
    statements.header.name, statements.memory = name, memory
    statements.program(blocks.nodes)
    for diagnostic in _unset(statements.scope, spreads=statements.spreads or _spreads(statements)):
        found[diagnostic] = None
    if undone := _undone(statements):
        found[undone] = None
    if waiting := _waits_for_ever(statements):
        found[waiting] = None
    return statements, _in_order(tuple(found))


def _waits_for_ever(statements: Statements) -> Diagnostic | None:
    """WAIT FOR BOT goes on with what the same run has sent; where nothing is sent, nothing comes."""
    names = statements.names
    if names.waits and not names.sends:
        place = next(iter(names.waits.values()))
        message = "WAIT FOR BOT waits for the answer to SEND TO BOT or BROADCAST, and this program has neither."
        fix = "Send something first, or ask with BOT or ASK BOT, which wait themselves."
        return Diagnostic(*place, "error", message, fix)
    for run, place in names.waits.items():
        if run != ANY and not names.sends & {run, ANY}:
            where = "the main program" if run == MAIN else "this block"
            message = (
                f"WAIT FOR BOT hears only of what its own run has sent, and {where} sends nothing: it waits for ever."
            )
            fix = "Branches and handlers are runs of their own. Send where you wait, or give it a TIMEOUT."
            return Diagnostic(*place, "warning", message, fix)
    return None


def _unreadable(text: str) -> Diagnostic | None:
    """A text that is not worth reading."""
    if len(text) > MAX_SOURCE:
        message = f"The program has {len(text):,} characters; the limit is {MAX_SOURCE:,}."
        return Diagnostic(1, 1, "error", message, "Split it into several programs.")
    if found := _NO_TEXT.search(text):
        at = found.start()
        line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
        message = f"The text holds the character U+{ord(found[0]):04X}, which is no part of any program."
        return Diagnostic(line, column, "error", message, "Remove it.")
    return None


def _statements(blocks: Blocks, registry: Registry, found: dict[Diagnostic, None], memory: Memory | None) -> Statements:
    seen: set[tuple[int, str]] = set()
    known: dict[tuple[int, str, str], tree.Statement] = {}  # each line is asked for more than once

    def read(line: Line, context: str) -> tree.Statement:
        key = (line.number, line.text, context)
        if key not in known:
            known[key] = understood(line, context)
        return known[key]

    def understood(line: Line, context: str) -> tree.Statement:
        statement, problems = parse_line(line.text, registry, "with" if context == "with" else "statement")
        if problems and (line.number, context) not in seen:
            seen.add((line.number, context))
            for problem in problems:
                place = line.position(problem.span.start)
                found[Diagnostic(*place, "error", problem.message, problem.fix)] = None
        return assigning(statement)

    scope = scope_of(blocks.nodes, read, partial(memory.set_in, blocks) if memory is not None else None)
    return Statements(registry, scope, read, blocks, lambda diagnostic: found.setdefault(diagnostic))


def _program(text: str, registry: Registry, statements: Statements) -> Program:
    header, scope = statements.header, statements.scope
    body: dict[str, Any] = {
        "format": 1,
        "name": header.name,
        "params": [param.to_json() for param in header.params],
        "description": header.description,
        "system_prompt": header.system_prompt,
        "entries": statements.listing.entries,
        "parameters": {p.entry: list(p.parameters) for p in scope.procedures.values()},
        "keywords": sorted(statements.names.keywords),
        "bots": list(statements.names.bots),
        "events": sorted(statements.names.events),
        "assigned": sorted(scope.names()),
        "steps": statements.listing.finished(),
    }
    if statements.listing.guards:
        body["guards"] = [[first, behind, handler.at] for first, behind, handler in statements.listing.guards]
    if statements.listing.guards or any(map(_of_format_2, body["steps"])):
        body["format"] = FORMAT
    if header.tables:
        body["tables"] = [table.to_json() for table in header.tables]
    return Program.load(program_hash(text, body), body, text, registry)


def _of_format_2(step: Sequence[Any]) -> bool:
    most = {"call": 8, "fork": 6}.get(step[0])
    return len(step) > most if most else step[0] == "handle" and step[4] == "compensate"


def _spreads(statements: Statements) -> bool:
    """Whether fields of a step's result may become variables that the text does not name."""
    return any(step[0] == "call" and step[7] is not None for step in statements.listing.steps)


def _unset(scope: Scope, spreads: bool) -> list[Diagnostic]:
    """Names that are read and never set. Where results of steps bring names of their own, only near misses."""
    found: list[Diagnostic] = []
    for name, (line, column) in scope.read.items():
        if scope.known(name):
            continue
        hint = str(UnknownName("variable", name, scope.names(), ""))
        near = hint.partition("Did you mean ")[2].rstrip("?")
        if near or not spreads:
            fix = f"Did you mean {near}?" if near else UNSET.format(name=name)
            found.append(Diagnostic(line, column, "warning", f"{name} is read but never set: it is NULL.", fix))
    return found


def _undone(statements: Statements) -> Diagnostic | None:
    """One warning for all keywords that this release does not carry out."""
    words = sorted(statements.names.undone.items(), key=lambda row: row[1])
    if not words:
        return None
    shown = ", ".join(word for word, _ in words[:4])
    more = f" and {len(words) - 4} more" if len(words) > 4 else ""
    verb = "is" if len(words) == 1 else "are"
    message = f"{shown}{more} {verb} understood but not yet carried out by this release."
    return Diagnostic(*words[0][1], "warning", message, "A run that comes to such a line fails there and says so.")


def _unknown_bots(bots: Bots, known: Collection[str]) -> tuple[Diagnostic, ...]:
    """Those that are not known; a known name with a `*` at its end stands for all that begin so."""
    names = {_alike(name) for name in known}
    open_ends = tuple(name[:-1] for name in names if name.endswith("*"))
    known = [name for name in known if not name.endswith("*")]
    return tuple(
        Diagnostic(line, column, "warning", *_split(UnknownName("bot", bot, known, "Create its package or dialog.")))
        for bot, (line, column) in bots
        if _alike(bot) not in names and not _alike(bot).startswith(open_ends)
    )


@lru_cache(maxsize=4096)
def _alike(name: str) -> str:
    """Bots are found without regard to case, blanks, hyphens, underscores, and the endings of files and folders."""
    return re.sub(r"[\s_-]+|\.(?:bas|gbai)(?=/|$)", "", name).casefold()


def _split(error: UnknownName) -> tuple[str, str]:
    message, _, fix = str(error).partition(". ")
    return f"{message}.", fix


def _in_order(diagnostics: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    return tuple(sorted(diagnostics, key=lambda d: (d.line, d.column, d.severity)))
