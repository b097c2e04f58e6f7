"""Golden programs as rows of a real database: how they get in, what they have become, and the hand that answers."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID, uuid4

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from keywords.answers import dump_answer
from keywords.encode import from_plain, state_to_json
from keywords.host import Answer, Identity, bot_id
from keywords.machine import start_state
from keywords.program import Program
from keywords.state import State
from storage.sql import queries
from tests.golden.answers import Path, Place, family
from tests.language.straight import NOW, SEED

FACES = queries("workflow", "operations.sql")
BOT = "golden"


@dataclass(slots=True)
class Clock:
    """A clock that goes on a little at each look."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


@dataclass(frozen=True)
class Piece:
    """A program to run: how it begins, and what the world answers to its calls."""

    name: str
    program: Program
    inputs: Mapping[str, Any]
    answers: Mapping[Place, Answer]
    paths: Sequence[Path]
    fuel: int = 1  # such that it stops often, but not too often

    @cached_property
    def root_paths(self) -> tuple[Path, ...]:
        return tuple(dict.fromkeys([(), *self.paths]))

    def begin(self, identity: Identity) -> State:
        values = {name: from_plain(value) for name, value in self.inputs.items()}
        return start_state(self.program, identity, values, SEED)


@dataclass(slots=True)
class Cast:
    """Which execution plays which piece."""

    pieces: Mapping[str, Piece]
    known: dict[UUID, tuple[Piece, Path]] = field(default_factory=dict[UUID, tuple[Piece, Path]])

    def meet(self, root: UUID, name: str) -> None:
        piece = self.pieces[name]
        self.known |= {own: (piece, path) for own, path in family(root, piece.root_paths).items()}

    def answer(self, identity: Identity, n: int) -> Answer | None:
        if identity.execution not in self.known:  # of no family: begun by SCHEDULE IN or an event
            return None
        piece, path = self.known[identity.execution]
        return piece.answers.get((path, n))


def identity() -> Identity:
    """A new execution in a world of its own: what one program remembers and publishes, no other sees."""
    tenant = uuid4()
    return Identity(tenant, uuid4(), bot_id(tenant, BOT), BOT)


async def insert(
    connection: AsyncConnection, programs: Iterable[tuple[Identity, str, Program, State]]
) -> dict[str, Identity]:
    """Rows that are ready to run, one for each."""
    begun: dict[str, Identity] = {}
    kept: list[dict[str, Any]] = []
    bots: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    for own, name, program, state in programs:
        steps = json.dumps(program.to_json(), ensure_ascii=False)
        kept.append(
            {"tenant": own.tenant, "hash": program.hash, "format": program.format, "source": program.source,
             "steps": steps, "now": NOW}
        )  # fmt: skip
        bots.append({"tenant": own.tenant, "bot": own.bot, "name": BOT, "now": NOW})
        rows.append(
            {"id": own.execution, "tenant": own.tenant, "bot": own.bot, "bot_name": BOT, "origin": "", "session": None,
             "name": name, "program": program.hash, "state": state_to_json(state), "by": "test",
             "through": "test", "now": NOW, "priority": 0, "deadline": None}
        )  # fmt: skip
        begun[name] = own
    async with connection.transaction(), connection.cursor() as cursor:
        await cursor.executemany(FACES["keep_program"], kept)
        await cursor.executemany(FACES["keep_bot"], bots)
        await cursor.executemany(FACES["insert_execution"], rows)
    return begun


async def roots(connection: AsyncConnection) -> dict[UUID, str]:
    """The name of each execution that is nobody's child."""
    cursor = await connection.execute("select id, workflow_name from workflow_executions where parent_id is null")
    return {row[0]: row[1] for row in await cursor.fetchall()}


async def answer_waiting(connection: AsyncConnection, cast: Cast) -> int:
    """Answer everything that waits for the world outside, as the golden programs say; answers how many."""
    cursor = await connection.execute(
        "update workflow_executions set status = 'ready', ready_at = now(), wake_at = null, retrying = false"
        " where finished_on = 'infinity' and status = 'waiting' and retrying"
    )
    tried_again = cursor.rowcount
    cursor = await connection.execute(
        "select id, (state ->> 'n')::int from workflow_executions"
        " where finished_on = 'infinity' and status = 'waiting' and need = 0"
    )
    given = [
        {"id": id_, "answer": dump_answer(answer)}
        for id_, n in await cursor.fetchall()
        if id_ in cast.known
        and (answer := cast.known[id_][0].answers.get((cast.known[id_][1], n))) is not None  # but for who has lost
    ]
    async with connection.cursor() as writing:
        await writing.executemany(
            "update workflow_executions set status = 'ready', ready_at = now(), wake_at = null, answer = %(answer)s"
            " where finished_on = 'infinity' and id = %(id)s and status = 'waiting'",
            given,
        )
        await writing.executemany("delete from workflow_waits where execution_id = %(id)s", given)
    return tried_again + len(given)


# -- what became of them -----------------------------------------------------------------------------------------------

CHANGING = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|20\d\d-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?([+-]\d\d:\d\d|Z)?)?"
)


def settled(data: Any) -> str:
    """The data as text, without ids and times."""
    return CHANGING.sub("~", json.dumps(data, ensure_ascii=False, sort_keys=True))


@dataclass(frozen=True, slots=True)
class Ended:
    """What a program did: how each execution of its family ended, and every call with its answer."""

    ends: tuple[tuple[Path, str, str, str, str], ...]
    journal: tuple[tuple[Any, ...], ...]


async def ended(connection: AsyncConnection, cast: Cast) -> dict[UUID, Ended]:
    """What became of each program, by its root; ids, times and attempts left out."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute("select id, root_id, status, result, error, state from workflow_executions")
        executions = await cursor.fetchall()
        await cursor.execute(
            "select distinct on (s.execution_id, s.seq) s.execution_id, x.root_id, s.generation, s.seq, s.at, s.step,"
            ' s.line, s."column", s.keyword, s.answer, s.error, s.given'
            " from workflow_steps s join workflow_executions x on x.id = s.execution_id"
            " order by s.execution_id, s.seq, s.attempt desc"
        )
        steps = await cursor.fetchall()
    ends: dict[UUID, list[Any]] = defaultdict(list)
    journal: dict[UUID, list[Any]] = defaultdict(list)
    for row in executions:
        if row["id"] not in cast.known:  # SCHEDULE IN and ON EVENT begin executions that belong to no family
            continue
        path = cast.known[row["id"]][1]
        shown = [frame["vars"] for frame in row["state"]["frames"]]
        end = (path, row["status"], settled(row["result"]), _mistake(row["error"]), settled(shown))
        ends[row["root_id"]].append(end)
    for row in steps:
        if row["execution_id"] not in cast.known:
            continue
        path = cast.known[row["execution_id"]][1]
        place = (path, row["seq"], row["generation"], row["at"], row["step"], row["line"], row["column"])
        journal[row["root_id"]].append(
            (*place, row["keyword"], settled(row["answer"]), _mistake(row["error"]), _given(row["given"]))
        )
    return {root: Ended(tuple(sorted(ends[root])), tuple(sorted(journal[root]))) for root in ends}


def _mistake(error: dict[str, Any] | None) -> str:
    return settled(error and {name: part for name, part in error.items() if name != "attempt"})


def _given(given: dict[str, Any] | None) -> str:
    if given and "joined" in given:
        given = {"joined": [{**child, "error": _mistake(child.get("error"))} for child in given["joined"]]}
    return settled(given)
