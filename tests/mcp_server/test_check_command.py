"""`botmcp check` knows what this installation reaches, and where a WEBHOOK can be called."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest

from mcp_server import served
from mcp_server.cli.check import check
from mcp_server.cli.errors import FAULT, WRONG, CommandError, told as told_of
from mcp_server.rendezvous import place
from mcp_server.settings import Settings, read


def settings_of(folder: Path, **more: str) -> Settings:
    return read({"BOTMCP_HOME": str(folder / "home"), **more})


async def said(capsys: Any, settings: Settings, path: Path) -> str:
    assert await check(settings, [path], as_json=False) == 0
    return str(capsys.readouterr().out)


async def test_what_the_general_bots_server_carries_out_is_no_empty_promise(tmp_path: Path, capsys: Any) -> None:
    file = tmp_path / "scan.bas"
    file.write_text('x = OCR "scan.png"\nGET QUEUE\n', "utf-8")
    alone = await said(capsys, settings_of(tmp_path), file)
    assert "OCR" in alone and "not yet carried out" in alone
    with_host = await said(capsys, settings_of(tmp_path, BOTSERVER_URL="http://localhost:5858"), file)
    assert "1 file: 0 errors, 0 warnings." in with_host, with_host


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ("", "Only keys of that server may call it: webhook-secret in config.csv lets others in."),
        ("webhook-secret,s3cret\n", "to whoever knows its secret."),
        ("webhook-paid-open,true\n", "to everybody (webhook-open)."),
    ],
)
async def test_a_webhook_is_told_where_and_whom_it_answers(tmp_path: Path, capsys: Any, config: str, told: str) -> None:
    package = tmp_path / "shop.gbai"
    (package / "shop.gbot").mkdir(parents=True)
    (package / "shop.gbot" / "config.csv").write_text(f"name,value\n{config}", "utf-8")
    (package / "paid.bas").write_text('WEBHOOK "paid"\nRETURN 1\n', "utf-8")
    settings = settings_of(tmp_path)
    alone = await said(capsys, settings, package)
    assert "/api/shop/webhook/paid of `botmcp serve`, which is not running here" in alone and told in alone
    assert "s3cret" not in alone
    with served.noted(place(settings.made_home()), "http://127.0.0.1:8765"):
        running = await said(capsys, settings, package)
    assert "answers at http://127.0.0.1:8765/api/shop/webhook/paid" in running and "not running" not in running


async def test_a_webhook_outside_of_all_packages_waits_for_nobody(tmp_path: Path, capsys: Any) -> None:
    file = tmp_path / "paid.bas"
    file.write_text('TALK "x"\nWEBHOOK "paid"\n', "utf-8")
    told = await said(capsys, settings_of(tmp_path), file)
    assert f"{file}:2:1: warning: This WEBHOOK has no address: only dialogs of packages have one." in told


async def test_where_there_is_nothing_to_check_that_is_said(tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "e.gbai").mkdir()
    for path, says in ((tmp_path / "e.gbai", "There is no .bas file in"), (tmp_path / "nowhere", "Name a .bas file")):
        with pytest.raises(CommandError, match=says):
            await check(settings_of(tmp_path), [path], as_json=False)
    (tmp_path / "empty.bas").write_text(" \n", "utf-8")
    assert "warning: The file is empty" in await said(capsys, settings_of(tmp_path), tmp_path / "empty.bas")


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (FileNotFoundError(errno.ENOENT, "No such file or directory", "/nowhere/x"), "Is its folder there?"),
        (PermissionError(errno.EACCES, "Permission denied", "/srv/x"), "Change its permissions"),
        (OSError(errno.EROFS, "Read-only file system", "/cdrom/x"), "Name another place"),
        (OSError(errno.ENOSPC, "No space left on device", "/full/x"), "Make room"),
    ],
)
def test_a_place_that_cannot_be_used_is_no_fault_of_ours(error: OSError, says: str, capsys: Any) -> None:
    assert told_of(error, None, "test") == WRONG
    said = capsys.readouterr().err
    assert str(error.filename) in said and says in said and "itself failed" not in said
    assert told_of(OSError(errno.EIO, "Input/output error", "/x"), None, "test") == FAULT
