"""Nothing is lost, and nothing committed is done again, when every process dies; `crash.py` does it 200 times."""

from __future__ import annotations

from pathlib import Path

from tests.chaos.crash import campaign


async def test_every_run_completes_although_everything_is_killed_under_it(tmp_path: Path) -> None:
    report = await campaign(tmp_path, runs=20, batch=10, seed=2)
    assert report.good, report
    assert report.kills >= 2 and report.postgres_kills >= 1 and report.processes_killed == 3 * report.kills
