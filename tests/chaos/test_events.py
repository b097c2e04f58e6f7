"""No event is lost or handled twice when processes, Redis and Postgres die; `events.py` does it a million times."""

from __future__ import annotations

from pathlib import Path

from tests.chaos.events import campaign


async def test_events_outlive_whatever_dies(short_path: Path) -> None:
    report = await campaign(short_path, events=3_000, handled=4, waits=200, seed=11, pause=0.4)
    assert report.lost == report.twice == report.unsaid == report.doubled == 0, report
    assert report.handlers_lost == report.handlers_twice == 0 and report.handlers_events == 4, report
    assert report.waits_asleep == report.waits_twice == 0 and report.waits == 200, report
    assert sum(report.kills.values()) > 0, report
