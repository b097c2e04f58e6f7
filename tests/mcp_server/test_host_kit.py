"""What a General Bots host calls: the four keywords by its own client and by scripts, and the kit that it is given."""

from __future__ import annotations

import csv
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from keywords.check import check
from keywords.host import ProgramText
from keywords.library import registry
from mcp_server import host_kit, http
from mcp_server.app import App, open_app
from mcp_server.cli import host_kit as command
from mcp_server.cli.errors import CommandError
from mcp_server.listening_server import serving
from mcp_server.settings import Settings, read
from tests.host_client import Auth, HostAnswer, HostClient, script_post
from tests.model_server import model_server, says

FLOW = 'ORCHESTRATE WORKFLOW "greet"\nPARAM who AS STRING\nTALK "Hello " + who\nRETURN who\nEND WORKFLOW\n'


@dataclass
class Stage:
    app: App
    url: str
    key: str


@pytest.fixture
async def stage(database: str, tmp_path: Path) -> AsyncIterator[Stage]:
    """The product behind a token, with a workflow, a model, and a key for the host."""
    home, package = tmp_path / "home", tmp_path / "packages" / "front.gbai"
    home.mkdir()
    package.mkdir(parents=True)
    (package / "greet.bas").write_text(FLOW, "utf-8")
    async with model_server() as model:
        model.otherwise = says("Hello from a model")
        toml = f'[[models]]\nname = "openai/test"\nurl = "{model.url}"\nkey_variable = "K"\n'
        (home / "botmcp.toml").write_text(toml, "utf-8")
        settings = read(
            {
                "BOTMCP_HOME": str(home), "BOTMCP_PACKAGES": str(package.parent), "DATABASE_URL": database, "K": "k",
                "BOTMCP_TOKEN": "the-token-of-the-owner", "BOTMCP_HTTP_ALLOW": "127.0.0.1",
            }
        )  # fmt: skip
        async with open_app(settings, "serve") as app, serving(http.application(app), "127.0.0.1", 0, ()) as url:
            scopes = frozenset(("wf:read", "wf:run", "memory:read", "memory:write", "events:publish"))
            _, key = await app.keys.new(app.caller("test", ""), "host", scopes, now=app.now())
            yield Stage(app, url, key)


CALLS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("ORCHESTRATE", {"workflow": "front/greet", "inputs": {"who": "Ana"}}),
    ("PUBLISH EVENT", {"event": "order.paid", "data": {"id": 7}}),
    ("SHARE MEMORY", {"key": "tone", "from_bot": "front", "with_bot": "front/greet", "value": "kind"}),
    ("LLM OPTIMIZE FOR", {"prompt": "Say hello", "optimize_for": "cost"}),
)


def strings(arguments: dict[str, Any]) -> dict[str, Any]:
    """As a model of the host hands arguments to a tool: every one a text, objects as JSON."""
    return {k: v if isinstance(v, str) else str(v).replace("'", '"') for k, v in arguments.items()}


async def test_the_hosts_client_calls_all_four_keywords(stage: Stage) -> None:
    ways: tuple[tuple[Auth, str], ...] = (("bearer", ""), ("api_key", "/gb"), ("basic", ""))
    for auth, base in ways:
        client = HostClient(stage.url + base, auth, stage.key)
        assert await client.healthy()
        tools = {tool.name: tool for tool in await client.tools()}
        assert {"orchestrate", "publish_event", "share_memory", "llm_optimize_for"} <= set(tools)
        assert tools["get_execution"].risk_level == "Safe" and tools["control_execution"].is_destructive
        for given in (dict, strings):
            for name, arguments in CALLS:
                answer = await client.call(name, given(arguments))
                assert answer.success, (name, answer)
                assert answer.result["status"] == "completed", (name, answer)


async def test_a_script_of_the_host_sends_its_key_in_the_body_or_the_url(stage: Stage) -> None:
    body: dict[str, Any] = {}
    for name, arguments in CALLS:
        body = {"name": name, "arguments": arguments}
        answer = await script_post(f"{stage.url}/tools/call", {"api_key": stage.key, **body})
        assert answer["status"] == 200 and answer["data"]["status"] == "completed", answer
    asked = await script_post(f"{stage.url}/tools/call?key={stage.key}", body)
    assert asked["status"] == 200, asked
    rpc = {"jsonrpc": "2.0", "id": 1, "method": "PUBLISH EVENT", "params": {"event": "order.paid"}}
    assert (await script_post(f"{stage.url}/rpc?key={stage.key}", rpc))["data"]["result"]["status"] == "completed"
    for wrong in ({}, {"api_key": "botmcp_wrong"}, {"api_key": 7}, {"api_key": ""}):
        refused = await script_post(f"{stage.url}/tools/call", {**wrong, **body})
        assert refused["status"] == 401 and "key" in refused["data"]["error"], refused


async def test_what_cannot_be_done_is_told_as_the_host_reads_it(stage: Stage) -> None:
    client = HostClient(stage.url, "bearer", stage.key)
    for name, arguments, code, told in (
        ("no such tool", {}, "HTTP_404", "no such tool"),
        ("orchestrate", {"workflow": "front/greeting"}, "HTTP_422", "Did you mean"),
        ("orchestrate", {"wait_seconds": "long"}, "HTTP_422", "wait_seconds"),
        ("publish_event", "{", "HTTP_400", "arguments"),
    ):
        answer: HostAnswer = await client.call(name, arguments)  # pyright: ignore[reportArgumentType] - as strangers do
        assert not answer.success and not answer.retryable and answer.code == code, answer
        assert told in answer.message, answer


async def test_the_kits_tools_run_and_reach_the_server(stage: Stage, tmp_path: Path) -> None:
    files = host_kit.kit(stage.url, stage.key, registry())
    inputs: dict[str, dict[str, str]] = {
        "orchestrate": {"workflow": "front/greet", "inputs": '{"who": "Bia"}'},
        "publish-event": {"event_name": "order.paid", "event_data": '{"id": 7}'},
        "share-memory": {"memory_key": "tone", "from_bot": "front", "with_bot": "front/greet"},
        "optimize-for": {"prompt": "Say hello", "goal": "speed"},
    }

    name, arguments = CALLS[2]  # there must be something to share
    asked = {"api_key": stage.key, "name": name, "arguments": arguments}
    assert (await script_post(f"{stage.url}/tools/call", asked))["data"]["status"] == "completed"

    async def said(text: str, file: str) -> str:
        caller = stage.app.caller("test", "")
        started = await stage.app.operations.start(caller, ProgramText(text, file), inputs=inputs[file])
        detail = await stage.app.operations.wait(caller, started, 30)
        assert detail.status == "completed", (file, detail.error)
        return detail.messages[-1].text

    heard = {tool.file: await said(files[f"tools/{tool.file}.bas"], tool.file) for tool in host_kit.REMOTE}
    assert heard["optimize-for"] == "Hello from a model" and len(heard["publish-event"]) == 36
    assert heard["orchestrate"] == heard["share-memory"] == "completed"
    without = host_kit.kit(stage.url, "", registry())["tools/publish-event.bas"]
    assert "A key is needed" in await said(without, "publish-event")


# -- the files ---------------------------------------------------------------------------------------------------------


def kit() -> dict[str, str]:
    return dict(host_kit.kit("http://botmcp.example:8765", "botmcp_key", registry()))


def test_every_file_passes_check() -> None:
    for name, text in kit().items():
        if name.endswith(".bas"):
            assert not [d for d in check(text, registry()) if d.severity == "error"], name


def test_the_files_survive_what_the_host_does_to_texts() -> None:
    """The passes of the host's compiler that ruin programs (host/dialect.md section 8 says which) find nothing."""
    for name, text in kit().items():
        if not name.endswith(".bas"):
            continue
        lines = [line for line in text.splitlines() if line.strip() and not line.startswith("'")]
        params = {line.split()[1] for line in lines if line.startswith("PARAM ")}
        assert not re.search(r"\bLLM\s", "\n".join(lines)), name  # the model pass eats the quotation mark after it
        assert not re.search(r"\b(RETURN|NOT|NULL|FOR EACH|DO WHILE|SELECT)\b", "\n".join(lines)), name
        for line in lines:
            assert not line.endswith(",") and line.count('"') % 2 == 0, (name, line)
            assert not re.match(r"\w+:$", line), (name, line)  # a label
            assert not re.search(r"(?<!#)\{", line.partition("DESCRIPTION")[0].partition("LIKE")[0]), (name, line)
            if line.startswith("IF "):
                assert not re.search(r"==|!=|<=|>=", line), (name, line)
            if assigned := re.match(r"(\w+) = ", line):
                assert assigned[1] not in params, (name, line)
            if not re.match(r"\w+ = |IF ", line):
                assert "=" not in line or line.startswith("PARAM") or name.startswith("keywords"), (name, line)


def test_the_row_is_one_that_the_host_reads() -> None:
    [row] = list(csv.DictReader(kit()["mcp.csv"].splitlines()))
    assert (row["name"], row["type"], row["command"]) == ("botmcp", "http", "http://botmcp.example:8765")
    assert (row["auth_type"], row["auth_env"], row["enabled"]) == ("bearer", "botmcp_key", "true")
    [open_row] = list(csv.DictReader(host_kit.row("http://127.0.0.1:1", "").splitlines()))
    assert open_row["auth_type"] == open_row["auth_env"] == ""


async def test_the_command_writes_them_and_refuses_what_is_no_address(tmp_path: Path, settings: Settings) -> None:
    folder = tmp_path / "kit"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    assert await command.written(replace(settings, host="0.0.0.0", port=9000), folder, "", "botmcp_k") == 0
    assert "http://127.0.0.1:9000/tools/call" in (folder / "tools" / "orchestrate.bas").read_text("utf-8")
    keyed = [path for path in folder.rglob("*.*") if "botmcp_k" in path.read_text("utf-8")]
    assert {"mcp.csv", "orchestrate.bas"} <= {path.name for path in keyed}
    assert not [path for path in keyed if path.stat().st_mode & 0o077], "what holds the key is nobody else's"
    assert folder.stat().st_mode & 0o777 == 0o755, "a folder of the user's stays as it was"
    for url, key in (("ftp://x", ""), ("http://x/ y", ""), ("http://x", 'a"b')):
        with pytest.raises(CommandError):
            await command.written(settings, folder, url, key)
