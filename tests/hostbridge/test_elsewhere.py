"""Bots and tools on MCP servers, as real workflows use them: over HTTP and stdio, from settings and packages."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from hostbridge.elsewhere import choosing, servers
from hostbridge.elsewhere.choosing import Tool
from hostbridge.packages import Packages
from keywords.host import ProgramText
from keywords.mistakes import WrongValue
from mcp_server import listening_server
from mcp_server.app import App, open_app
from mcp_server.settings import SettingsError, read
from tests.mcp_elsewhere import PROGRAM, Seen, oracle, served, tracker
from tests.model_server import calls, model_server, says
from workflow.details import Detail

HEAD = "name,type,command,args,description,enabled,auth_type,auth_env,risk_level,requires_approval\n"


@dataclass
class Stage:
    app: App
    seen: Seen
    tracker: str

    async def run(self, source: str, origin: str = "", seconds: float = 30) -> Detail:
        caller = self.app.caller("test", "")
        started = await self.app.operations.start(caller, ProgramText(source, "test", origin))
        return await self.app.operations.wait(caller, started, seconds)

    async def result(self, source: str, origin: str = "") -> Any:
        detail = await self.run(source, origin)
        assert detail.status == "completed", (detail.status, detail.error)
        return detail.result

    async def error(self, source: str, origin: str = "") -> str:
        detail = await self.run(source, origin)
        assert detail.status == "failed" and detail.error, (detail.status, detail.result)
        return detail.error.message


@asynccontextmanager
async def opened(
    database: str, folder: Path, more: Mapping[str, str] = {}, *, named: bool = True, **files: str
) -> AsyncGenerator[Stage]:
    """The product, a tracker and an oracle that it knows by name, and packages with these `mcp.csv`."""
    packages = folder / "packages"
    seen = Seen()
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(served(tracker(seen), seen))
        second = await stack.enter_async_context(served(oracle(seen), seen))
        for name, text in files.items():
            (packages / f"{name}.gbai").mkdir(parents=True)
            (packages / f"{name}.gbai" / "mcp.csv").write_text(text.replace("TRACKER", first), "utf-8")
            (packages / f"{name}.gbai" / "hello.bas").write_text('DESCRIPTION "Greets"\nTALK "hello"\n', "utf-8")
        settings = read(
            {
                "BOTMCP_HOME": str(folder / "home"),
                "BOTMCP_PACKAGES": str(packages),
                "DATABASE_URL": database,
                **({"BOTMCP_MCP_SERVERS": f"tracker={first}, oracle={second}"} if named else {}),
                **more,
            }
        )
        yield Stage(await stack.enter_async_context(open_app(settings, "command")), seen, first)


@pytest.fixture
async def stage(database: str, tmp_path: Path) -> AsyncIterator[Stage]:
    async with opened(database, tmp_path) as made:
        yield made


async def test_a_tool_is_called_and_its_answer_is_an_object(stage: Stage) -> None:
    source = 'issue = USE MCP "tracker", "create_issue", {title: "Late", priority: 1}\nRETURN issue\n'
    assert await stage.result(source) == {"id": 1, "title": "Late", "priority": 1}
    assert await stage.result('RETURN MCP INVOKE("tracker.count_issues") + 1\n') == 2
    assert await stage.result('RETURN MCP INVOKE "tracker/close_issue", {id: 1}\n') == "closed 1"
    tools = await stage.result('tools = MCP LIST TOOLS "Tracker"\nRETURN tools\n')
    assert [tool["name"] for tool in tools] == ["create_issue", "count_issues", "close_issue", "slow"]
    assert tools[0]["parameters"]["required"] == ["title"]


async def test_a_call_made_again_carries_the_same_key(stage: Stage) -> None:
    stage.seen.broken = 1
    detail = await stage.run('RETURN MCP INVOKE "tracker.create_issue", {title: "Once"}\n')
    assert detail.status == "completed", detail.error
    assert len(stage.seen.calls) == 1 and stage.seen.keys == [f"{detail.id}:0:1"]


async def test_a_bot_is_a_tool_a_message_or_the_servers_own_answer(stage: Stage) -> None:
    assert await stage.result('RETURN BOT "oracle" "Where is the fair?"\n') == "You asked: Where is the fair?"
    asked = 'city = "Porto"\nRETURN BOT "oracle/ask" "When?"\n'
    assert await stage.result(asked) == "You asked: When? in Porto"
    assert await stage.result('RETURN BOT "oracle" "reset"\n') == "forgotten"
    made = await stage.result('title = "From variables"\nRETURN BOT "tracker" "create issue"\n')
    assert made == {"id": 3, "title": "From variables", "priority": 3}
    said = await stage.result(
        'RETURN BOT "tracker/create_issue" "{""title"": ""J"", ""priority"": 2}"\n'.replace('""', '\\"')
    )
    assert said["priority"] == 2
    both = 'step1 = PARALLEL\nBRANCH A: BOT "oracle" "one"\nBRANCH B: BOT "oracle" "two"\nEND PARALLEL\n'
    both = both.replace("step1 = PARALLEL", "STEP 1: PARALLEL") + "RETURN step1\n"
    assert await stage.result(both) == {"A": "You asked: one", "B": "You asked: two"}


async def test_what_is_not_there_or_does_not_fit_is_told(stage: Stage) -> None:
    assert "Did you mean tracker?" in await stage.error('x = MCP INVOKE "traker.count_issues"\n')
    assert "Did you mean create_issue?" in await stage.error('x = MCP INVOKE "tracker.create_isue", {title: "a"}\n')
    assert "There is no issue 500." in await stage.error('x = MCP INVOKE "tracker.close_issue", {id: 500}\n')
    assert "needs title" in await stage.error('x = BOT "tracker/create_issue"\n')
    assert "Which tool of tracker" in await stage.error('x = MCP INVOKE "tracker"\n')
    assert "configure a model to choose" in await stage.error('x = BOT "tracker" "Tidy up everything, please"\n')
    assert "validation error" in (await stage.error('x = MCP INVOKE "tracker.close_issue", {id: "x"}\n')).lower()


async def test_a_time_out_ends_the_bot_and_a_cancelled_run_its_call(stage: Stage) -> None:
    waited = 'answer = BOT "tracker/slow" TIMEOUT 1\nRETURN {"answer": answer, "late": timed_out}\n'
    assert await stage.result(waited) == {"answer": None, "late": True}
    assert ("slow", {}) in stage.seen.calls


async def test_a_server_that_starts_anew_is_talked_to_anew(database: str, tmp_path: Path) -> None:
    seen = Seen()
    async with served(oracle(seen), seen) as first:
        port = int(first.split(":")[2].split("/")[0])
        settings = {"BOTMCP_HOME": str(tmp_path), "DATABASE_URL": database, "BOTMCP_MCP_SERVERS": f"oracle={first}"}
        app = await (context := open_app(read(settings), "command")).__aenter__()
        stage = Stage(app, seen, "")
        assert await stage.result('RETURN BOT "oracle" "1"\n') == "You asked: 1"
    try:
        async with served(oracle(seen), seen, port):
            assert await stage.result('RETURN BOT "oracle" "2"\n') == "You asked: 2"
    finally:
        await context.__aexit__(None, None, None)


async def test_a_package_brings_its_own_servers_and_nobody_elses_keys(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MCP_SHOP_KEY", "own-secret")
    monkeypatch.setenv("MCP_OTHER_KEY", "foreign-secret")
    rows = HEAD + (
        "desk,http,TRACKER,,The desk,true,bearer,MCP_SHOP_KEY,Low,false\n"
        "plain,http,TRACKER,,,true,api_key,a-literal-key,Low,false\n"
        "thief,http,TRACKER,,,true,bearer,MCP_OTHER_KEY,Low,false\n"
        "off,http,TRACKER,,,false,,,,\n# a comment\n"
    )
    more = {"BOTMCP_HTTP_ALLOW": "127.0.0.1"}
    async with opened(database, tmp_path, more, shop=rows, other=HEAD) as stage:
        for name, header, value in (
            ("desk", "authorization", "Bearer own-secret"),
            ("plain", "x-api-key", "a-literal-key"),
            ("thief", "authorization", "Bearer MCP_OTHER_KEY"),
        ):
            stage.seen.headers.clear()
            assert await stage.result(f'RETURN MCP INVOKE "{name}.count_issues"\n', "shop") == 0
            assert {headers.get(header) for headers in stage.seen.headers} == {value}
        assert "There is no server off" in await stage.error('x = MCP INVOKE "off.count_issues"\n', "shop")
        assert "There is no server desk" in await stage.error('x = MCP INVOKE "desk.count_issues"\n', "other")


async def test_a_package_reaches_no_private_address_and_starts_nothing_by_itself(database: str, tmp_path: Path) -> None:
    script = tmp_path / "files.py"
    script.write_text(PROGRAM, "utf-8")
    rows = HEAD + f"inside,http,TRACKER,,,true,,,,\nfiles,stdio,{sys.executable},{script} one,,true,,,,\n"
    async with opened(database, tmp_path, {}, shop=rows) as stage:
        assert "is a private address" in await stage.error('x = MCP INVOKE "inside.count_issues"\n', "shop")
        assert not [headers for headers in stage.seen.headers if "mcp" in str(headers.get("host"))]


async def test_a_server_of_the_host_that_speaks_no_mcp_is_called_as_the_host_calls_it(
    database: str, tmp_path: Path
) -> None:
    asked: list[tuple[Any, str | None]] = []

    async def tools(request: Request) -> JSONResponse:
        add = {"name": "add", "description": "Adds one", "input_schema": {"properties": {"a": {"type": "integer"}}}}
        return JSONResponse([add, {"name": "odd", "input_schema": ["no schema"]}])

    async def call(request: Request) -> JSONResponse:
        body = await request.json()
        asked.append((body, request.headers.get("idempotency-key")))
        if body["arguments"].get("a", 0) > 5:
            return JSONResponse({"error": "Too much."}, 422)
        return JSONResponse({"sum": body["arguments"]["a"] + 1})

    app = Starlette(routes=[Route("/x/tools/list", tools), Route("/x/tools/call", call, methods=["POST"])])
    async with listening_server.serving(app, "127.0.0.1", 0, ()) as url:
        rows = HEAD + f"adder,http,{url}/x,,,true,,,,\n"
        async with opened(database, tmp_path, {"BOTMCP_HTTP_ALLOW": "127.0.0.1"}, shop=rows) as stage:
            detail = await stage.run('r = MCP INVOKE "adder.add", {a: 4}\nRETURN r.sum\n', "shop")
            assert detail.result == 5, detail.error
            assert asked == [({"name": "add", "arguments": {"a": 4}}, f"{detail.id}:0:1")]
            assert "Too much." in await stage.error('r = MCP INVOKE "adder.add", {a: 6}\n', "shop")
            assert await stage.result('a = 1\nRETURN BOT "adder" "add"\n', "shop") == {"sum": 2}
            listed = await stage.result('RETURN MCP LIST TOOLS "adder"\n', "shop")
            assert [(tool["name"], tool["parameters"].get("properties") is None) for tool in listed] == [
                ("add", False),
                ("odd", True),
            ]


async def test_programs_are_started_where_the_owner_lists_them(database: str, tmp_path: Path) -> None:
    script, program = tmp_path / "files.py", tmp_path / "serve-files"
    script.write_text(PROGRAM, "utf-8")
    program.write_text(f"#!{sys.executable}\n{PROGRAM}", "utf-8")
    program.chmod(0o755)
    rows = HEAD + f"files,stdio,{program},one two,,true,,,,\n"
    refused = tmp_path / "refused"
    refused.mkdir()
    async with opened(database, refused, {}, shop=rows) as stage:
        error = await stage.error('x = MCP INVOKE "files.read", {path: "a.txt"}\n', "shop")
        assert "may not be started" in error and "BOTMCP_MCP_COMMANDS" in error
    (tmp_path / "home").mkdir()
    own = f'[[mcp_servers]]\nname = "own"\ncommand = ["{program}", "one"]\nenvironment = {{ ROOT = "/srv" }}\n'
    (tmp_path / "home" / "botmcp.toml").write_text(own, "utf-8")
    async with opened(database, tmp_path, {"BOTMCP_MCP_COMMANDS": str(program)}, named=False, shop=rows) as stage:
        assert "ROOT" in await stage.result('RETURN MCP INVOKE "own.variables"\n')
        source = 'RETURN MCP INVOKE "files.read", {path: "a.txt"}\n'
        assert await stage.result(source, "shop") == "a.txt of 2 arguments"
        assert "SECRET" not in await stage.result('RETURN MCP INVOKE "files.variables"\n', "shop")
        detail = await stage.run('ON ERROR RESUME NEXT\nx = MCP INVOKE "files.fall"\nRETURN ERROR MESSAGE\n', "shop", 3)
        assert not detail.finished or "files" in str(detail.result)
        assert await stage.result(source, "shop") == "a.txt of 2 arguments"  # started anew


async def test_a_model_uses_the_tools_of_a_server_and_of_a_package(database: str, tmp_path: Path) -> None:
    async with model_server() as model:
        (tmp_path / "home").mkdir()
        model_of = f'[[models]]\nname = "openai/test"\nurl = "{model.url}"\nkey_variable = "MODEL_KEY"\n'
        (tmp_path / "home" / "botmcp.toml").write_text(model_of, "utf-8")
        more = {"MODEL_KEY": "k", "BOTMCP_HTTP_ALLOW": "127.0.0.1"}
        rows = HEAD + "desk,http,TRACKER,,,true,,,,\nguarded,http,TRACKER,,,true,,,High,true\n"
        async with opened(database, tmp_path, more, shop=rows) as stage:
            model.script += [calls(("1", "tracker__create_issue", {"title": "By a model"})), says("Made issue 1.")]
            assert await stage.result('RETURN BOT "tracker" "Note that the printer is broken"\n') == "Made issue 1."
            offered = {tool["function"]["name"] for tool in model.bodies[0]["tools"]}
            assert offered == {f"tracker__{name}" for name in ("create_issue", "count_issues", "close_issue", "slow")}
            assert stage.seen.calls == [("create_issue", {"title": "By a model", "priority": 3})]
            model.bodies.clear()
            model.script += [calls(("1", "guarded__create_issue", {"title": "x"})), says("No.")]
            used = 'USE MCP "oracle"\nRETURN BOT "shop" "What can you do about it?"\n'
            assert await stage.result(used, "shop") == "No."
            offered = {tool["function"]["name"] for tool in model.bodies[0]["tools"]}
            assert {"hello", "desk__count_issues", "oracle__ask"} <= offered
            assert not [name for name in offered if name.startswith(("guarded", "tracker"))]
            assert "are not for models" in str(model.bodies[1]["messages"][-1])
            model.bodies.clear()
            stage.seen.calls.clear()
            model.script += [calls(("1", "tracker__create_issue", {"title": "guessed"})), says("No.")]
            assert await stage.result('RETURN BOT "shop" "What can you do about it?"\n', "shop") == "No."
            assert "There is no tool tracker__create_issue" in str(model.bodies[1]["messages"][-1])
            assert not stage.seen.calls, "what was not offered does not run, though a server has it"


# -- the rules, by themselves ------------------------------------------------------------------------------------------


def tool(name: str, required: list[str], **types: str) -> Tool:
    return Tool(name, "", {"properties": {key: {"type": kind} for key, kind in types.items()}, "required": required})


def test_the_message_fills_the_parameter_that_is_for_it() -> None:
    for one, wanted in (
        (tool("t", ["prompt", "style"], prompt="string", style="string"), "prompt"),
        (tool("t", ["whatever"], whatever="string", other="string"), "whatever"),
        (tool("t", [], only="string", count="integer"), "only"),
        (tool("t", ["a", "b"], a="string", b="string"), None),
        (tool("t", ["n"], n="integer"), None),
    ):
        assert choosing.message_parameter(one) == wanted
    filled = choosing.filled(tool("t", ["q", "n"], q="string", n="integer"), "why", {"n": "7"})
    assert filled == {"q": "why", "n": 7}
    with pytest.raises(WrongValue, match="needs n"):
        choosing.filled(tool("t", ["q", "n"], q="string", n="integer"), "why", {})


def test_the_tool_that_answers_messages_is_found() -> None:
    several = [tool("reset", []), tool("Send-Message", ["text"], text="string"), tool("query_log", [])]
    assert choosing.answering(several, "hello") is several[1]
    assert choosing.answering(several, "Query Log") is several[2]
    assert choosing.answering(several[::2], "hello") is None
    assert choosing.answering(several[:1], "hello") is several[0]


def test_mcp_csv_is_read_as_the_host_reads_it() -> None:
    text = '# servers\nfs,stdio,/usr/bin/npx,-y "@x/fs server",Files\n// no\nname,command,type\nweb,https://x.example/mcp,http\nbad\n'
    found = list(servers.listed(text, "p", {}))
    assert [(s.name, s.kind, s.command, s.url) for s in found] == [
        ("fs", "stdio", ("/usr/bin/npx", "-y", "@x/fs server"), ""),
        ("web", "http", (), "https://x.example/mcp"),
    ]
    long = f"long,http,https://x.example/mcp,{'x' * 200_000}\nnext,http,https://y.example/mcp\n"
    assert [s.name for s in servers.listed(long, "p", {})] == ["next"], "a line that nobody can read is passed over"


def test_a_package_gets_no_key_of_one_whose_name_begins_as_its_own() -> None:
    keys = {"MCP_CRM_KEY": "own", "MCP_CRM_SYNC_KEY": "of crm-sync"}
    rows = "".join(f"{name.lower()},http,https://x.example/mcp,,,true,bearer,{name}\n" for name in keys)

    def sent(package: str, *others: str) -> list[str]:
        return [server.headers[0][1] for server in servers.listed(rows, package, keys, (package, *others))]

    assert sent("crm", "crm-sync") == ["Bearer own", "Bearer MCP_CRM_SYNC_KEY"]
    assert sent("crm-sync", "crm") == ["Bearer MCP_CRM_KEY", "Bearer of crm-sync"]
    assert sent("crm") == ["Bearer own", "Bearer of crm-sync"], "alone, it has no namesake"


def test_a_link_out_of_the_package_is_no_list_of_servers(tmp_path: Path) -> None:
    (tmp_path / "foreign.csv").write_text("web,http,https://x.example/mcp\n", "utf-8")
    package = tmp_path / "packages" / "shop.gbai"
    package.mkdir(parents=True)
    (package / "hello.bas").write_text('TALK "hello"\n', "utf-8")
    (package / "mcp.csv").symlink_to(tmp_path / "foreign.csv")
    assert servers.Directory(Packages([tmp_path / "packages"])).servers("shop") == ()


def test_what_is_said_of_a_server_holds_no_key_of_its_address() -> None:
    server = servers.Server("web", url="https://ana:pw@x.example/mcp?api_key=s3cret")
    assert server.address == "https://x.example/mcp"
    said = f"POST {server.url} failed; https://ana:***@x.example/mcp?api_key=s3cret too"
    assert "s3cret" not in server.spared(said) and "pw" not in server.spared(said)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"BOTMCP_MCP_SERVERS": "tracker"}, "either a url or a command"),
        ({"BOTMCP_MCP_SERVERS": "tracker=ftp://x"}, "is no address"),
        ({"BOTMCP_MCP_COMMANDS": "npx"}, "not an absolute path"),
        ({"BOTMCP_A2A_AGENTS": "=https://x.example"}, "needs a url"),
    ],
)
def test_settings_that_name_no_server_are_refused(given: Mapping[str, str], told: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=told):
        read({"BOTMCP_HOME": str(tmp_path), **given})


def test_the_file_of_settings_has_tables_of_servers(tmp_path: Path) -> None:
    (tmp_path / "botmcp.toml").write_text(
        '[[mcp_servers]]\nname = "gh"\nurl = "https://gh.example/mcp"\nkey_variable = "GH"\n'
        '[[mcp_servers]]\nname = "fs"\ncommand = ["/usr/bin/fs", "a"]\nenvironment = { ROOT = "/x" }\napproval = true\n'
    )
    gh, fs = read({"BOTMCP_HOME": str(tmp_path), "GH": "k"}).mcp_servers
    assert gh.headers == (("Authorization", "Bearer k"),) and gh.trusted and "Bearer" not in repr(gh)
    assert fs.command == ("/usr/bin/fs", "a") and fs.approval and fs.environment == (("ROOT", "/x"),)
