"""Forks of finished programs: for each call a new row, whose state is folded from the journal, and which goes on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

from psycopg import AsyncConnection

from keywords.encode import state_to_json
from keywords.host import EffectRow, Identity, bot_id
from keywords.outcome import Written
from keywords.program import Program
from keywords.registry import Effect
from keywords.state import State
from tests.golden.answers import Path, family
from tests.golden.rows import BOT, Cast, Ended, Piece, insert
from tests.golden.workers import Seen, Watched
from tests.language.straight import NOW
from workflow.history import in_the_name_of, state_and_program_at
from workflow.turn import Committed, Turn

COPY_JOURNAL = """
    insert into workflow_steps (tenant_id, execution_id, generation, seq, attempt, day, at, step, line, "column",
      keyword, started_at, ended_at, answer, error, given, state)
    select %(tenant)s, %(fork)s, generation, seq, attempt, day, at, step, line, "column", keyword, started_at, ended_at,
      answer, error, given, state from workflow_steps
    where execution_id = %(source)s and seq > 0 and seq < %(n)s"""


@dataclass(frozen=True, slots=True)
class Source:
    """A finished execution that is forked."""

    identity: Identity
    root: UUID
    piece: Piece
    path: Path
    program: Program


@dataclass(frozen=True, slots=True)
class Fork:
    """A new row that goes on from call `n` of its source."""

    source: Source
    n: int
    identity: Identity


async def sources(connection: AsyncConnection, cast: Cast, programs: Mapping[str, Program]) -> list[Source]:
    """Every execution there is, but branches that have lost and were ended; `programs` by their hash."""
    cursor = await connection.execute(
        "select id, root_id, tenant_id, bot_id, program from workflow_executions where status <> 'cancelled'"
    )
    return [
        Source(Identity(tenant, id_, bot, BOT), root, *cast.known[id_], programs[program])
        for id_, root, tenant, bot, program in await cursor.fetchall()
        if id_ in cast.known
    ]


async def calls(connection: AsyncConnection, source: Source) -> list[int]:
    """The calls of the execution at which it can be parked; 0 is its beginning."""
    cursor = await connection.execute(
        "select distinct seq, keyword from workflow_steps where execution_id = %s and seq > 0 order by seq",
        (source.identity.execution,),
    )
    registry = source.program.registry
    parking = [
        n
        for n, keyword in await cursor.fetchall()
        if keyword not in registry or registry[keyword].effect is not Effect.RECORD
    ]
    return [0, *parking]


async def state_of(connection: AsyncConnection, source: Source, n: int, seen: Seen) -> State:
    """The state folded from the journal; the same that the worker once committed."""
    state, _ = await state_and_program_at(connection, source.identity, source.program, n)
    committed = seen.states[source.identity.execution].get(n)
    if committed is not None and n:
        assert json.loads(state_to_json(state)) == json.loads(committed), (source.piece.name, source.path, n)
    return state


async def fork(connection: AsyncConnection, source: Source, n: int, state: State, cast: Cast) -> Fork:
    """A row of its own, with the journal up to the call."""
    tenant = uuid4()
    own = Identity(tenant, uuid4(), bot_id(tenant, BOT), BOT)
    await insert(connection, [(own, source.piece.name, source.program, in_the_name_of(state, own))])
    given = {"tenant": tenant, "fork": own.execution, "source": source.identity.execution, "n": n}
    await connection.execute(COPY_JOURNAL, given)
    depth = len(source.path)
    below = [path[depth:] for path in source.piece.root_paths if path[:depth] == source.path]
    for execution, path in family(own.execution, below).items():
        cast.known[execution] = (source.piece, source.path + path)
    return Fork(source, n, own)


def left(ended: Ended, fork: Fork) -> Ended:
    """What of the source's doings its fork must do too: not what its branches did before."""
    path, depth = fork.source.path, len(fork.source.path)

    def belongs(other: Path) -> bool:
        return other[:depth] == path and (len(other) == depth or other[depth][0] >= fork.n)

    return Ended(
        tuple(end for end in ended.ends if belongs(end[0])), tuple(row for row in ended.journal if belongs(row[0]))
    )


def remembered(fork: Fork, seen: Seen) -> list[tuple[Written, ...]]:
    """What had been written to memories when the source stood at the call, commit by commit."""
    own = fork.source.identity.execution
    found: list[tuple[Written, ...]] = []
    for turn in seen.turns[fork.source.root]:
        written = [w for w in turn.effects if w.row.kind.name.startswith("memory.")]
        found.append(tuple(w for w in written if turn.id != own or w.moment.n < fork.n))
        if turn.id == own and turn.n >= fork.n:
            break
    return [written for written in found if written]


async def remember(
    connection: AsyncConnection, committer: Watched, owner: UUID, fork: Fork, commits: Sequence[tuple[Written, ...]]
) -> None:
    """Write the same to the memories of the fork's own world, through a row that is there for nothing else."""
    ghost = replace(fork.identity, execution=uuid4())
    piece = fork.source.piece
    await insert(connection, [(ghost, "ghost", piece.program, piece.begin(ghost))])
    await connection.execute(
        "update workflow_executions set status = 'running', owner = %s where id = %s", (owner, ghost.execution)
    )
    for seq, written in enumerate(commits):
        effects = tuple(replace(w, row=_renamed(w.row, fork)) for w in written)
        turn = Turn(ghost, 0, seq, "running", NOW, seq, 0, effects=effects)
        assert isinstance(await committer.commit(turn), Committed)
    await connection.execute("delete from workflow_executions where id = %s", (ghost.execution,))
    await connection.execute("delete from workflow_steps where execution_id = %s", (ghost.execution,))


def _renamed(row: EffectRow, fork: Fork) -> EffectRow:
    """The same row; where it names the source, it names the fork."""
    old, new = str(fork.source.identity.execution), str(fork.identity.execution)
    return replace(row, values=tuple(v.replace(old, new) if isinstance(v, str) else v for v in row.values))
