"""A cluster is upgraded while it works: old and new workers at once, and nothing is lost, doubled or different."""

from __future__ import annotations

from pathlib import Path

from storage.pool import connect
from tests.operating.upgrade import ok, upgrade


async def test_what_waits_at_each_kind_of_wait_ends_on_the_new_release_beside_old_workers(
    database: str, tmp_path: Path
) -> None:
    async with await connect(database) as connection:
        await connection.execute("drop schema if exists botmcp cascade")
    report = await upgrade(tmp_path, database, 6)
    assert report["applied_under_old_workers"][0] == report["from_migration"] + 1
    assert report["kinds_of_wait"] == 15 and ok(report), report
