"""As whom the embedded Postgres runs. Run by root, these tests see what root sees where namespaces are refused; run by
an ordinary user they see that nothing of it concerns him."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import embedded_postgres, postgres_account
from storage.embedded_postgres import EmbeddedPostgres, NoPostgres
from storage.pool import connect
from storage.postgres_account import Account, Identity, claim, home, identity

ROOT = os.geteuid() == 0


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A place of the test's own instead of /var/lib/botmcp, that everybody may enter."""
    place = Path(tempfile.mkdtemp(prefix="botmcp-test-"))
    place.chmod(0o755)
    monkeypatch.setattr(postgres_account, "SHARED", place / "botmcp")
    yield place / "botmcp"
    shutil.rmtree(place)


async def started(folder: Path, *, namespaces: bool) -> EmbeddedPostgres:
    return await embedded_postgres.start(folder, durable=False, namespaces=namespaces)


async def ask(server: EmbeddedPostgres) -> object:
    async with await connect(server.reach) as connection:
        row = await (await connection.execute("select max(n) from kept")).fetchone()
        return row and row[0]


async def write(server: EmbeddedPostgres) -> None:
    async with await connect(server.reach) as connection:
        await connection.execute("create table kept as select 7 as n")


def owner(server: EmbeddedPostgres) -> int:
    return Path(f"/proc/{server.pid}").stat().st_uid


async def test_where_namespaces_are_refused_root_runs_it_as_nobody_out_of_closed_folders(shared: Path, tmp_path: Path):
    tmp_path.chmod(0o700)
    server = await started(tmp_path / "data", namespaces=False)
    await write(server)
    if ROOT:
        assert owner(server) == pwd.getpwnam("nobody").pw_uid
        assert [path.name for path in shared.glob("data-*/cluster")] == ["cluster"]
        assert all(stat.S_IMODE(path.stat().st_mode) == 0o700 for path in shared.glob("data-*"))
    else:
        assert owner(server) == os.geteuid()
        assert not shared.exists()
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700
    await server.stop()

    again = await started(tmp_path / "data", namespaces=True)
    assert await ask(again) == 7
    await again.stop()


async def test_an_open_folder_keeps_its_database_whoever_runs_it(shared: Path):
    folder = shared.parent / "data"
    for turn, namespaces in enumerate([True, False, True, False]):
        server = await started(folder, namespaces=namespaces)
        if turn == 0:
            await write(server)
        assert await ask(server) == 7
        assert (folder / "cluster").exists()
        await server.stop()


async def test_two_processes_as_nobody_share_one_server(shared: Path, tmp_path: Path):
    one = await started(tmp_path / "data", namespaces=False)
    two = await started(tmp_path / "data", namespaces=False)
    assert one.pid == two.pid
    assert [await one.stop(), await two.stop()] == [False, True]


def test_an_ordinary_user_runs_it_as_himself(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    who = identity()
    assert (who.inside, who.account, who.owner) == ((), None, 1000)


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "data").mkdir()
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(NoPostgres, match="belongs to another user"):
        claim(tmp_path / "data", Identity(tmp_path))


def test_what_is_not_a_folder_is_not_used(tmp_path: Path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "data").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(NoPostgres, match="is not a folder"):
        claim(tmp_path / "data", Identity(tmp_path))


def test_a_shared_folder_that_others_can_change_is_refused(shared: Path, tmp_path: Path):
    shared.mkdir()
    shared.chmod(0o777)
    with pytest.raises(NoPostgres, match="only root can change"):
        claim(shared / "data-1", Identity(tmp_path))


def test_a_database_stays_where_it_was_once_moved(shared: Path, tmp_path: Path):
    tmp_path.chmod(0o700)
    nobody, ourselves = Identity(tmp_path, account=Account(65534, 65534)), Identity(tmp_path)
    moved = home(tmp_path / "data", nobody)
    assert moved.parent == shared
    assert home(tmp_path / "data", ourselves) == tmp_path / "data"
    moved.mkdir(parents=True)
    assert home(tmp_path / "data", ourselves) == moved
    (tmp_path / "data" / "cluster").mkdir(parents=True)
    assert home(tmp_path / "data", ourselves) == tmp_path / "data"
