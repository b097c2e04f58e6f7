"""A process that does nothing but fork: each child is one worker, that lives until its first commit.

python -m tests.golden.zygote DSN          a line on standard input: one more worker; answers "more" or "done"
"""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import timedelta

from storage.pool import connect, open_pool
from tests.golden.rows import Clock, answer_waiting, roots
from tests.golden.stage import Stage, golden_pieces
from tests.golden.workers import Dying, Troupe
from tests.language.straight import NOW

MORE, DONE = 10, 11
LIFE = timedelta(seconds=30)  # between the first moments of two workers


async def one_worker(stage: Stage, dsn: str, number: int) -> int:
    """One worker's life, in a process of its own."""
    async with await connect(dsn) as connection, open_pool(dsn) as pool:
        for root, name in (await roots(connection)).items():
            stage.cast.meet(root, name)
        troupe = Troupe(dsn, pool, stage.registry, stage.cast, Dying, Clock(NOW + number * LIFE))
        await troupe.take_over(connection)
        if await troupe.act(connection) or await answer_waiting(connection, stage.cast):
            return MORE
        return DONE


def main(dsn: str) -> None:
    stage = Stage()
    stage.play(piece for piece, _ in golden_pieces(stage).values())
    print("ready", flush=True)
    for number, _ in enumerate(sys.stdin):
        child = os.fork()
        if not child:
            code = 1
            try:
                code = asyncio.run(one_worker(stage, dsn, number))
            finally:
                sys.stderr.flush()
                os._exit(code)
        _, status = os.waitpid(child, 0)
        print({MORE: "more", DONE: "done"}.get(os.waitstatus_to_exitcode(status), "broken"), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
