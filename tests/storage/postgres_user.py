"""A process that uses the embedded Postgres of a folder until its stdin ends: `python -m tests.storage.postgres_user`.

Says `up <pid of the server>`, then for each line it reads the number of rows after adding one, then whether it stopped
the server.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from storage import embedded_postgres
from storage.migrate import Migration, migrate
from storage.pool import connect

SAID = Migration(1, "said", b"create table public.said (id int)", works_with=1)


async def main() -> None:
    server = await embedded_postgres.start(Path(sys.argv[1]), durable=False)
    await migrate(server.reach, [SAID])
    print("up", server.pid, flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        async with await connect(server.reach) as connection:
            await connection.execute("insert into public.said values (1)")
            row = await (await connection.execute("select count(*) from public.said")).fetchone()
            assert row
            print("rows", row[0], flush=True)
    print("stopped", await server.stop(), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
