"""Every golden program does the same, straight or interrupted, in one process or in many, and forked from any call.

All on rows that the engine wrote. Ids, times and attempts are left out of the comparison; chance has the same seed.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from uuid import uuid4

import pytest

from keywords.encode import dump
from memory.reads import PostgresMemories
from storage.pool import Pool, connect
from tests.golden import forks, rows, workers
from tests.golden.answers import STATEMENTS, services
from tests.golden.rows import Ended
from tests.golden.stage import Stage, golden_pieces
from tests.golden.ways import begin, play, same
from tests.golden.workers import Crashing, Deaf, Stopping, Watched, Whole
from tests.language.straight import Straight
from workflow.engine import Engine


@pytest.fixture(scope="module")
def stage() -> Stage:
    return Stage()


@pytest.fixture(scope="module")
def straight(stage: Stage) -> dict[str, Straight]:
    found = golden_pieces(stage)
    stage.play(piece for piece, _ in found.values())
    return {name: done for name, (_, done) in found.items()}


STRAIGHT: dict[str, Ended] = {}


async def whole(database: str, pool: Pool, stage: Stage) -> dict[str, Ended]:
    """What the first way did; it is gone only once."""
    if not STRAIGHT:
        async with play(database, pool, stage, Whole) as (_, played):
            STRAIGHT.update(played.by_name())
    return STRAIGHT


async def test_the_engine_does_what_the_machine_alone_does(
    database: str, pool: Pool, stage: Stage, straight: dict[str, Straight]
) -> None:
    async with play(database, pool, stage, Whole) as (_, played):
        done = played.by_name()
    STRAIGHT.update(done)
    for name, alone in straight.items():
        ((_, status, result, *_rest), *_) = done[name].ends
        assert status == ("failed" if alone.mistake else "completed"), name
        if not alone.mistake:
            assert result == rows.settled(dump(alone.result)), name
        made = Counter(row[7] for row in done[name].journal if row[7] != "START")
        assert made == Counter(row[5] for row in alone.journal), name


async def test_the_state_may_go_through_postgres_before_each_step(
    database: str, pool: Pool, stage: Stage, straight: dict[str, Straight]
) -> None:
    async with play(database, pool, stage, Stopping) as (_, played):
        interrupted = played.by_name()
    same(await whole(database, pool, stage), interrupted)


async def test_a_worker_may_crash_before_each_commit(
    database: str, pool: Pool, stage: Stage, straight: dict[str, Straight]
) -> None:
    workers.CRASHED.clear()
    stage.calls.clear()
    async with play(database, pool, stage, Crashing) as (_, played):
        crashed = played.by_name()
    made: dict[str, list[str]] = {}
    for call_id, arguments in stage.calls:
        made.setdefault(call_id, []).append(arguments)
    assert all(len(set(arguments)) == 1 for arguments in made.values())
    assert all(len(arguments) == 2 for arguments in made.values())  # once before the crash, once after it
    same(await whole(database, pool, stage), crashed)


async def test_each_commit_may_be_another_process(
    database: str, pool: Pool, stage: Stage, straight: dict[str, Straight]
) -> None:
    async with await connect(database) as connection:
        await connection.set_autocommit(True)
        begun = await begin(connection, stage)
        pipe = asyncio.subprocess.PIPE
        arguments = ("-m", "tests.golden.zygote", database)
        zygote = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdin=pipe, stdout=pipe)
        assert zygote.stdin is not None and zygote.stdout is not None
        assert await zygote.stdout.readline() == b"ready\n"
        said = b"more\n"
        while said == b"more\n":
            zygote.stdin.write(b"\n")
            said = await zygote.stdout.readline()
        assert said == b"done\n"
        zygote.stdin.close()
        assert await zygote.wait() == 0
        done = await rows.ended(connection, stage.cast)
    same(await whole(database, pool, stage), {name: done[root] for name, root in begun.items()})


async def test_a_fork_from_any_call_goes_on_as_the_program_did(
    database: str, pool: Pool, stage: Stage, straight: dict[str, Straight]
) -> None:
    async with play(database, pool, stage, Whole) as (connection, played):
        seen, owner = played.troupe.seen, uuid4()
        made: list[forks.Fork] = []
        engine = Engine(pool, database, stage.registry, services(PostgresMemories(pool)), STATEMENTS, Deaf())
        committer = Watched(owner, engine, workers.Seen())
        writing = asyncio.create_task(committer.run())
        for source in await forks.sources(connection, stage.cast, played.troupe.loaded):
            for n in await forks.calls(connection, source):
                state = await forks.state_of(connection, source, n, seen)
                fork = await forks.fork(connection, source, n, state, stage.cast)
                made.append(fork)
                if commits := forks.remembered(fork, seen):
                    await forks.remember(connection, committer, owner, fork, commits)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        await played.troupe.work(connection)
        done = await rows.ended(connection, stage.cast)
        assert len(made) > len(played.ended)
        for fork in made:
            place = (fork.source.piece.name, fork.source.path, fork.n)
            expected = forks.left(played.ended[fork.source.root], fork)
            assert done[fork.identity.execution] == expected, place
