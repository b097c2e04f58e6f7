"""Whatever can be done with executions, a line of BASIC, an MCP client and a command do it."""

from __future__ import annotations

import inspect
import json
from dataclasses import dataclass
from typing import Any

import pytest
import typer
from mcp import Client

from keywords.check import check
from keywords.library import registry
from mcp_server.app import App
from mcp_server.cli import commands
from mcp_server.server import build
from tests.mcp_server.test_sessions import told
from workflow.operations import Operations

THROUGH_BASIC = "orchestrate"  # an MCP client that has no tool of its own for it runs the line


@dataclass(frozen=True, slots=True)
class Ways:
    """How one operation is asked for: a line, the tool or `control_execution <action>`, the command."""

    line: str
    tool: str
    command: str


OPERATIONS = {
    "start": Ways('START WORKFLOW "w"', "orchestrate", "run"),
    "publish": Ways('PUBLISH EVENT "e"', "publish_event", "run"),
    "get": Ways("x = GET EXECUTION id", "get_execution", "executions show"),
    "journal": Ways("x = GET JOURNAL OF id", "get_execution", "executions show"),
    "deeds": Ways("x = GET JOURNAL OF id", "get_execution", "executions show"),
    "listed": Ways("x = LIST EXECUTIONS", "list_executions", "executions list"),
    "approvals": Ways("x = LIST APPROVALS", "list_approvals", "approve"),
    "requests": Ways("x = LIST APPROVALS", "list_approvals", "approve"),
    "decide": Ways('DECIDE APPROVAL id AS "approve"', "decide_approval", "approve"),
    "answer": Ways('ANSWER EXECUTION id WITH "yes"', "control_execution answer", "answer"),
    "signal": Ways('SIGNAL id, "go"', "control_execution signal", "executions signal"),
    "cancel": Ways("CANCEL EXECUTION id", "control_execution cancel", "executions cancel"),
    "pause": Ways("PAUSE EXECUTION id", "control_execution pause", "executions pause"),
    "resume": Ways("RESUME EXECUTION id", "control_execution resume", "executions resume"),
    "retry": Ways("RETRY EXECUTION id FROM STEP 2", "control_execution retry", "executions retry"),
    "fork": Ways("FORK EXECUTION id FROM STEP 2", "control_execution fork", "executions fork"),
    "settle": Ways("SETTLE EXECUTION id AS FALSE", THROUGH_BASIC, "executions settle"),
    "migrate": Ways('MIGRATE EXECUTION id TO "w" DRY RUN TRUE', THROUGH_BASIC, "executions migrate"),
    "set_schedule": Ways('SET SCHEDULE "0 9 * * *"', THROUGH_BASIC, "schedules set"),
    "schedules": Ways("x = LIST SCHEDULES", THROUGH_BASIC, "schedules list"),
    "schedule": Ways("x = LIST SCHEDULES", THROUGH_BASIC, "schedules show"),
    "pause_schedule": Ways('PAUSE SCHEDULE "s"', THROUGH_BASIC, "schedules pause"),
    "resume_schedule": Ways('RESUME SCHEDULE "s"', THROUGH_BASIC, "schedules resume"),
    "delete_schedule": Ways('DELETE SCHEDULE "s"', THROUGH_BASIC, "schedules delete"),
    "set_limit": Ways("SET LIMIT RUNNING 5", THROUGH_BASIC, "limits set"),
    "limits": Ways("x = LIST LIMITS", THROUGH_BASIC, "limits list"),
    "bots": Ways("x = LIST BOTS()", THROUGH_BASIC, "run"),
    "statistics": Ways("x = BOT REFLECTION INSIGHTS", THROUGH_BASIC, "run"),
}
PARTS = {
    "wait": "the same as get, some time later",
    "completed": "start and wait",
    "unfinished": "what the background server asks before it leaves",
    "scheduled": "what the background server asks before it leaves",
    "census": "what /metrics asks",
    "approval": "one of requests",
    "check_start": "what a dry run asks",
    "marks": "what those ask who watch executions",
    "default_limit": "what the settings say at a start",
    "drop_packaged": "what the look at the packages finds gone",
    "program_of": "what SET SCHEDULE asks about its own program",
    "link": "what the inbox and mails give a person",
    "linked": "what the page behind a link asks",
    "decide_by_link": "what the page behind a link does",
}


def test_the_table_names_every_operation() -> None:
    methods = {name for name, _ in inspect.getmembers(Operations, inspect.isfunction) if not name.startswith("_")}
    assert methods == OPERATIONS.keys() | PARTS.keys()


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_line_of_basic_does_it(name: str) -> None:
    line = OPERATIONS[name].line
    found = check(f"PARAM id AS STRING\n{line}\n", registry(), ("b",))
    assert not [one for one in found if one.severity == "error"], found
    assert not [one for one in found if "not yet carried out" in one.message], found


async def test_a_tool_does_it(app: App) -> None:
    async with Client(build(app)) as client:
        tools = {tool.name: tool.input_schema for tool in (await client.list_tools()).tools}
    for name, ways in OPERATIONS.items():
        tool, _, action = ways.tool.partition(" ")
        assert tool in tools, name
        if action:
            assert action in tools[tool]["properties"]["action"]["enum"], name


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_command_does_it(name: str) -> None:
    known: Any = typer.main.get_command(commands.app)
    for word in OPERATIONS[name].command.split():
        known = known.commands[word]
    assert known.help


async def test_a_client_signals_retries_from_a_step_and_forks(app: App) -> None:
    source = """
        STEP 1: a = 1
        STEP 2: b = WAIT FOR SIGNAL "go" TIMEOUT 60
        STEP 3:
        IF b IS NULL THEN THROW "no data"
        RETURN a + b.n
    """
    async with Client(build(app)) as client:
        started = told(await client.call_tool("orchestrate", {"source": source, "wait_seconds": 1}))
        one = {"execution_id": started["execution_id"], "wait_seconds": 20}
        assert "action signal and signal 'go'" in started["next"]
        signal = {**one, "action": "signal", "signal": "go"}
        failed = told(await client.call_tool("control_execution", signal))
        assert (failed["status"], failed["error"]["message"]) == ("failed", "no data")
        again = {**one, "action": "retry", "step": 2, "wait_seconds": 1}
        assert told(await client.call_tool("control_execution", again))["status"] == "waiting"
        done = told(await client.call_tool("control_execution", {**signal, "data": {"n": 5}}))
        assert (done["status"], done["result"]) == ("completed", 6)
        fork = {**one, "action": "fork", "step": 2, "variables": {"a": 40}, "wait_seconds": 1}
        forked = told(await client.call_tool("control_execution", {**fork, "idempotency_key": "f"}))
        same = told(await client.call_tool("control_execution", {**fork, "idempotency_key": "f"}))
        assert forked["execution_id"] == same["execution_id"] != one["execution_id"]
        ended = {**signal, "execution_id": forked["execution_id"], "data": {"n": 2}}
        assert told(await client.call_tool("control_execution", ended))["result"] == 42
        lines = 'SET SCHEDULE "every hour" NAMED "s"\nx = LIST SCHEDULES\nRETURN DELETE SCHEDULE "s"'
        kept = told(await client.call_tool("orchestrate", {"source": lines, "wait_seconds": 20}))
        assert json.loads(json.dumps(kept["result"]))["rule"] == "every hour"
