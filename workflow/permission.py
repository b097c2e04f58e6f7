"""Who may do what: scopes before anything is looked at, bots by the run that people started.

Whoever may not see a thing is answered as if it were not there. A program given as text does in its caller's name what
its keywords do, so it needs their scopes too; a packaged program is the owner's, and does what the owner lets it do. A
published one may be started by many, and is published only by who may do all that it says. A program that starts
another given as text, publishes one, or lets runs of others go on with other variables could do anything, and needs
`admin`; approvals have a rule of their own (`Desk.owner`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from psycopg import AsyncConnection

from keywords.host import ProgramText
from keywords.mistakes import Forbidden, UnknownName
from keywords.program import Program
from keywords.registry import Effect
from storage.sql import queries
from workflow.details import Caller
from workflow.steering import UnknownExecution

SQL = queries("workflow", "permission.sql")

_OF_THE_SESSION = frozenset({"SET SESSION", "GET SESSION", "SET", "GET", "SET CONTEXT", "CACHE SET", "CACHE GET"})
_SCOPES: Final[Mapping[str, str]] = {
    "PUBLISH EVENT": "events:publish",
    "FORWARD EVENT": "events:publish",
    "REPLAY EVENT": "events:publish",
    "DECIDE APPROVAL": "wf:approve",
    "SET LIMIT": "admin",
    "FORK EXECUTION": "admin",  # of anybody's program, with any variables
    "PUBLISH WORKFLOW": "admin",
    "RUN PYTHON": "admin",
    "RUN JAVASCRIPT": "admin",
    "RUN BASH": "admin",
}
_OF_ANYTHING: Final[Mapping[tuple[str, str], str]] = {  # with which argument a keyword could do anything
    ("START WORKFLOW", "source"): "START PROGRAM",
    ("MIGRATE EXECUTION", "source"): "MIGRATE .. TO PROGRAM",
    ("MIGRATE EXECUTION", "variables"): "MIGRATE .. WITH VARIABLES",
}


def needed(program: Program) -> Iterator[tuple[str, str]]:
    """The scopes that the keywords of a program stand for, each with a keyword."""
    for name in program.keywords:
        keyword = program.registry.keywords.get(name)
        if scope := _SCOPES.get(name):
            yield scope, name
        elif keyword is not None and keyword.group == "memory" and name not in _OF_THE_SESSION:
            yield "memory:read" if keyword.effect is Effect.READ else "memory:write", name
    for step in program.steps:
        if step[0] == "call":
            yield from (("admin", shown) for (name, given), shown in _OF_ANYTHING.items() if _says(step, name, given))


def _says(call: Sequence[Any], name: str, argument: str) -> bool:
    return call[4] == name and argument in call[5]


def may_start(caller: Caller, text: ProgramText, program: Program, bot: str) -> None:
    """Raise Forbidden or UnknownName unless the caller may start this program as this bot."""
    if text.origin or text.published:
        if not caller.works_with(bot):
            raise UnknownName("workflow", text.name, (), "Check its name.")
        return
    may_write(caller, program)


def may_write(caller: Caller, program: Program) -> None:
    """Raise Forbidden unless the caller may bring this text, and do all that it says."""
    if caller.bots is not None:
        raise Forbidden("A key that is limited to bots starts their packaged workflows, and no program given as text.")
    _may_do(caller, program)


def may_go_on(caller: Caller, origin: str, program: Program, variables: Collection[str]) -> None:
    """Raise Forbidden unless the caller may let a run go on by this program, with these variables changed.

    A packaged program that goes on with other variables does not do what its owner lets it do any more.
    """
    if not origin:
        may_write(caller, program)
    elif variables:
        _may_do(caller, program)


def _may_do(caller: Caller, program: Program) -> None:
    for scope, keyword in needed(program):
        if not caller.may(scope):
            raise Forbidden(f"The program says {keyword}, which needs the scope {scope}; {caller.subject} has it not.")


async def see_execution(connection: AsyncConnection, caller: Caller, execution: UUID) -> None:
    """Raise UnknownExecution for what is none of the caller's bots; of its tenant the caller may see all else."""
    if caller.bots is not None and not await _theirs(connection, caller, "bot_of_execution", execution):
        raise UnknownExecution(execution)


async def sees_approval(connection: AsyncConnection, caller: Caller, approval: UUID) -> bool:
    """Whether an approval, if there is one, is one of the caller's bots."""
    return caller.bots is None or await _theirs(connection, caller, "bot_of_approval", approval)


async def _theirs(connection: AsyncConnection, caller: Caller, statement: str, id_: UUID) -> bool:
    row = await (await connection.execute(SQL[statement], {"tenant": caller.tenant, "id": id_})).fetchone()
    return row is not None and caller.works_with(row[0])


def bots_shown(caller: Caller) -> dict[str, list[str] | None]:
    """What lists choose by: the caller's bots and packages; null for all."""
    return {"bots": None if caller.bots is None else sorted(caller.bots)}
