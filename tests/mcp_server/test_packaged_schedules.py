"""SET SCHEDULE at the head of a packaged script counts once the package is found, and as long as it stands there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hostbridge.packages import Packages
from mcp_server.packaged_schedules import Line, PackagedSchedules, head_lines
from storage.pool import Pool
from tests.workflow.house import OWNER, House, house

JOBS = """\
' Jobs of the shop
SET SCHEDULE "0 9 * * 1-5" ZONE "Europe/Berlin" MISSED "skip"
SET SCHEDULE "0 2 * * 0" "jobs.bas" "cleanup"
PARAM job AS STRING DEFAULT ""
TALK "job " + job
SET SCHEDULE "0 0 1 1 *"
"""


def test_only_the_lines_at_the_head_count() -> None:
    assert list(head_lines(JOBS)) == [
        Line("0 9 * * 1-5", zone="Europe/Berlin", missed="skip"),
        Line("0 2 * * 0", "jobs.bas", "cleanup"),
    ]
    assert list(head_lines('SET SCHEDULE every 1 hour\nset schedule "daily"  \' at night\nTALK 1')) == [
        Line("every 1 hour"),
        Line("daily"),
    ]
    assert list(head_lines('TALK 1\nSET SCHEDULE "daily"')) == []
    assert list(head_lines('SET SCHEDULE "0 9 " + DAY(d) + " * *", "a.bas"')) == []


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], None]:
    folder = tmp_path / "shop.gbai" / "shop.gbdialog"
    folder.mkdir(parents=True)

    def write_one(name: str, text: str) -> None:
        (folder / f"{name}.bas").write_text(text, "utf-8") if text else (folder / f"{name}.bas").unlink()

    return write_one


async def kept(home: House) -> dict[str, str]:
    return {one.name: f"{one.rule} {one.zone} {one.status}" for one in await home.operations.schedules(OWNER)}


async def test_schedules_follow_the_files(
    database: str, pool: Pool, tmp_path: Path, write: Callable[[str, str], None]
) -> None:
    write("jobs", JOBS)
    write("tell", 'SET SCHEDULE "no rule"\nTALK 1')
    async with house(database, pool, workers=0) as home:
        look = PackagedSchedules(Packages([tmp_path]), home.operations, OWNER)
        assert await look.look() >= 2
        first = {
            "shop/jobs": "0 9 * * 1-5 Europe/Berlin active",
            "shop/jobs cleanup": "0 2 * * 0 UTC active",
        }
        assert await kept(home) == first and await look.look() == 0
        schedule = await home.operations.schedule(OWNER, "shop/jobs cleanup")
        assert (schedule.inputs, schedule.workflow, schedule.keeper) == ({"job": "cleanup"}, "shop/jobs", "shop/jobs")
        await home.operations.pause_schedule(OWNER, "shop/jobs")
        write("jobs", JOBS.replace('SET SCHEDULE "0 2 * * 0" "jobs.bas" "cleanup"\n', ""))
        assert await look.look() == 1
        assert await kept(home) == {"shop/jobs": "0 9 * * 1-5 Europe/Berlin paused"}
        write("jobs", JOBS.replace("0 9", "30 9"))
        await look.look()
        assert (await kept(home))["shop/jobs"] == "30 9 * * 1-5 Europe/Berlin active"
        again = PackagedSchedules(Packages([tmp_path]), home.operations, OWNER)  # another process
        await again.look()
        assert len(await kept(home)) == 2
        write("jobs", "")
        await look.look()
        assert await kept(home) == {}
