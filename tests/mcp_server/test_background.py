"""The background server's life: started on demand, shared, killed, retired, stopped, gone when idle."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import stat
from pathlib import Path
from typing import Any

import mcp.types as types
import pytest
from mcp import Client, MCPError, StdioServerParameters

from mcp_server.client import joined
from mcp_server.rendezvous import Hello, connected, place
from mcp_server.settings import read
from tests.mcp_server.command import Botmcp
from tests.mcp_server.conftest import APPROVAL, BOTMCP, ERAS

WAITING = 'WAIT FOR EVENT "never" TIMEOUT 600\n'


def client(botmcp: Botmcp, mode: str = "auto", **more: str) -> Client:
    server = StdioServerParameters(command=str(BOTMCP), args=[], env=botmcp.environment | more)
    return Client(server, mode=mode, read_timeout_seconds=60)  # pyright: ignore[reportArgumentType] - a literal


async def started(asking: Client, source: str, **more: Any) -> dict[str, Any]:
    result = await asking.call_tool("orchestrate", {"source": source, **more})
    (block,) = result.content
    assert isinstance(block, types.TextContent) and not result.is_error, block
    return json.loads(block.text)


async def seen(asking: Client, execution: str) -> dict[str, Any]:
    result = await asking.call_tool("get_execution", {"execution_id": execution, "wait_seconds": 20})
    (block,) = result.content
    assert isinstance(block, types.TextContent) and not result.is_error, block
    return json.loads(block.text)


async def test_clients_that_start_at_once_share_one_server(botmcp: Botmcp) -> None:
    async def session(number: int) -> Any:
        async with client(botmcp) as asking:
            return (await started(asking, f"RETURN {number}"))["result"], botmcp.servers()

    answers = await asyncio.gather(*(session(number) for number in range(4)))
    assert [result for result, _ in answers] == [0, 1, 2, 3]
    assert len({server["pid"] for _, servers in answers for server in servers}) == 1


@pytest.mark.parametrize("mode", ERAS)
async def test_a_session_goes_on_when_its_server_is_killed(botmcp: Botmcp, mode: str) -> None:
    async with client(botmcp, mode) as asking:
        first = await started(asking, 'TALK "before"\nWAIT FOR EVENT "go" TIMEOUT 60\nRETURN "after"\n', wait_seconds=0)
        before = botmcp.kill_server()
        with contextlib.suppress(MCPError):  # a request that meets the dying server is told so
            await asking.call_tool("publish_event", {"event": "go", "idempotency_key": "once"})
        await asking.call_tool("publish_event", {"event": "go", "idempotency_key": "once"})
        after = await seen(asking, first["execution_id"])
        assert (after["status"], after["result"]) == ("completed", "after")
        assert botmcp.servers()[0]["pid"] != before


async def test_a_look_that_meets_the_death_of_its_server_is_answered_by_the_next(botmcp: Botmcp) -> None:
    async with client(botmcp) as asking:
        first = await started(asking, 'WAIT FOR EVENT "go" TIMEOUT 60\nRETURN "after"\n', wait_seconds=0)
        look = asyncio.create_task(seen(asking, first["execution_id"]))
        botmcp.kill_server()
        await asking.call_tool("list_executions", {})
        await asking.call_tool("publish_event", {"event": "go", "idempotency_key": "once"})
        assert (await look)["result"] == "after"


async def test_a_client_with_other_settings_gets_a_server_of_its_own_and_nobody_loses_his(botmcp: Botmcp) -> None:
    async with client(botmcp) as old:
        waiting = await started(old, APPROVAL, inputs={"amount": 3})
        async with client(botmcp, BOTMCP_AGENTS_MAY_APPROVE="yes") as new:
            current, retired = botmcp.servers()
            assert retired["retired"] and not current["retired"] and current["pid"] != retired["pid"]
            await new.call_tool("decide_approval", {"execution_id": waiting["execution_id"], "decision": "approve"})
            assert (await seen(old, waiting["execution_id"]))["result"] == {"paid": True}
    until = asyncio.get_running_loop().time() + 60
    while len(botmcp.servers()) > 1:
        assert asyncio.get_running_loop().time() < until, "a retired server without clients goes"
        await asyncio.sleep(0.05)


async def test_a_session_goes_on_when_the_database_is_killed(botmcp: Botmcp) -> None:
    async with client(botmcp) as asking:
        first = await started(asking, 'WAIT FOR EVENT "go" TIMEOUT 60\nRETURN "after"\n', wait_seconds=0)
        (file,) = (botmcp.home / "postgres").rglob("postmaster.pid")
        os.kill(int(file.read_text("utf-8").split()[0]), signal.SIGKILL)
        until = asyncio.get_running_loop().time() + 60
        while (await asking.call_tool("publish_event", {"event": "go", "idempotency_key": "once"})).is_error:
            assert asyncio.get_running_loop().time() < until
        after = await seen(asking, first["execution_id"])
        assert (after["status"], after["result"]) == ("completed", "after")


async def test_an_older_client_uses_the_newer_server(botmcp: Botmcp) -> None:
    async with client(botmcp) as asking:
        await started(asking, "RETURN 1")
        found = connected(place(botmcp.home).socket, Hello("0.0.1", "other settings", "mcp"))
        assert found and found[1].answer == "welcome"
        found[0].close()


async def test_stop_ends_the_sessions_and_the_work_goes_on_at_the_next_start(botmcp: Botmcp) -> None:
    async with client(botmcp) as asking:
        execution = (await started(asking, "DELAY 2\nRETURN 5\n", wait_seconds=0))["execution_id"]
        stopped = await asyncio.to_thread(botmcp.run, "stop")
        assert "Stopped" in stopped.stdout
        assert botmcp.servers() == []
        with pytest.raises(Exception, match=r"(?i)closed"):
            await asking.call_tool("get_execution", {"execution_id": execution})
    async with client(botmcp) as asking:
        assert (await seen(asking, execution))["result"] == 5


async def test_an_idle_server_goes_and_one_with_unfinished_work_stays(botmcp: Botmcp) -> None:
    botmcp.more["BOTMCP_IDLE_SECONDS"] = "1"
    async with client(botmcp) as asking:
        waiting = await started(asking, WAITING, wait_seconds=0)
        pid = botmcp.servers()[0]["pid"]
    await asyncio.sleep(4)  # twice as long as it would need to go
    assert botmcp.servers()[0]["pid"] == pid
    async with client(botmcp) as asking:
        await asking.call_tool("publish_event", {"event": "never"})
        assert (await seen(asking, waiting["execution_id"]))["status"] == "completed"
    until = asyncio.get_running_loop().time() + 60
    while Path(f"/proc/{pid}").exists():
        assert asyncio.get_running_loop().time() < until
        await asyncio.sleep(0.1)
    assert not place(botmcp.home).socket.exists()


@pytest.mark.parametrize("name", ["home", "long" * 25])  # the long one meets its clients elsewhere, the short one may
async def test_a_server_whose_data_folder_is_removed_goes(botmcp: Botmcp, name: str) -> None:
    botmcp.home = botmcp.home.rename(botmcp.home.with_name(name))
    assert name == "home" or place(botmcp.home).folder.parent != botmcp.home
    async with client(botmcp) as asking:
        await started(asking, WAITING, wait_seconds=0)
        pid = botmcp.servers()[0]["pid"]
    elsewhere = botmcp.home.rename(botmcp.home.with_name("elsewhere"))
    until = asyncio.get_running_loop().time() + 60
    while Path(f"/proc/{pid}").exists():
        assert asyncio.get_running_loop().time() < until
        await asyncio.sleep(0.1)
    (file,) = (elsewhere / "postgres").rglob("postmaster.pid")
    os.kill(int(file.read_text("utf-8").split()[0]), signal.SIGTERM)  # it moved with its folder
    assert not botmcp.home.exists(), "it did not make the folder anew"


async def test_a_socket_left_by_a_killed_server_does_not_matter(botmcp: Botmcp) -> None:
    async with client(botmcp) as asking:
        await started(asking, "RETURN 1")
        botmcp.kill_server()
    assert place(botmcp.home).socket.exists()
    async with client(botmcp) as asking:
        assert (await started(asking, "RETURN 2"))["result"] == 2


async def test_socket_folder_and_secrets_are_their_owners_alone(botmcp: Botmcp) -> None:
    async with client(botmcp) as asking:
        await started(asking, "RETURN 1")
        meeting = place(botmcp.home)
        modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (botmcp.home, meeting.folder, meeting.socket)}
        assert modes == {botmcp.home: 0o700, meeting.folder: 0o700, meeting.socket: 0o600}
        for file in botmcp.home.glob("*.secret"):
            assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_a_very_long_data_folder_works(tmp_path: Path) -> None:
    command = Botmcp(BOTMCP, tmp_path / ("long" * 20) / ("er" * 40))
    try:
        async with client(command) as asking:
            assert (await started(asking, "RETURN 1"))["result"] == 1
    finally:
        command.stop()


async def test_a_server_that_cannot_start_tells_the_client_why(botmcp: Botmcp) -> None:
    shutil.rmtree(botmcp.home / "postgres")
    (botmcp.home / "postgres").write_text("in the way", "utf-8")
    process = await asyncio.to_thread(botmcp.run)
    assert process.returncode == 1 and process.stdout == ""
    assert "Traceback" not in process.stderr and "postgres" in process.stderr, process.stderr
    assert len(process.stderr.splitlines()) <= 3


async def test_garbage_on_the_socket_and_on_stdin_harms_nobody(botmcp: Botmcp) -> None:
    settings = read(botmcp.environment)
    async with client(botmcp) as asking:
        for rubbish in (b"\n", b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 70_000, b"{}\n", os.urandom(1000)):
            _, writer = await asyncio.open_unix_connection(place(settings.home).socket)
            writer.write(rubbish)
            writer.close()
        link, _ = await asyncio.to_thread(joined, settings)  # the server runs: nothing is started
        link.sendall(b"not json\n" + b"[" * 20_000 + b"\n" + b'{"jsonrpc":"2.0","id":1}\n')
        link.close()
        assert (await started(asking, "RETURN 1"))["result"] == 1
