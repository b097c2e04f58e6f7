"""Answering, pausing and trying again: through MCP in both eras, and from the command line."""

from __future__ import annotations

import json

from mcp_server.app import App
from tests.mcp_server.command import Botmcp
from tests.mcp_server.conftest import Connect
from tests.mcp_server.test_sessions import refused, told

AGE = 'TALK "Welcome"\nHEAR age AS INTEGER WITH "How old are you?"\nHEAR ok AS "yes", "no"\nRETURN [age, ok]\n'


async def test_a_client_is_told_what_is_asked_and_answers_it(http_client: Connect) -> None:
    async with http_client() as client:
        started = told(await client.call_tool("orchestrate", {"source": AGE}))
        execution = started["execution_id"]
        assert (started["status"], started["waiting_for"]) == ("waiting", 'an answer to "How old are you?" (INTEGER)')
        assert started["questions"] == [{"execution_id": execution, "prompt": "How old are you?", "expects": "INTEGER"}]
        assert "control_execution" in started["next"] and "How old are you?" in started["next"]
        given = {"execution_id": execution, "action": "answer", "text": "many", "wait_seconds": 20}
        again = told(await client.call_tool("control_execution", given))
        assert again["messages"][-1]["text"] == "That is not a whole number. Please try again."
        second = told(await client.call_tool("control_execution", {**given, "text": "33"}))
        assert second["questions"][0]["options"] == ["yes", "no"]
        done = told(await client.call_tool("control_execution", {**given, "text": "YES"}))
        assert (done["status"], done["result"]) == ("completed", [33, "yes"])
        assert "asks nothing now" in refused(await client.call_tool("control_execution", given))


async def test_a_client_pauses_resumes_cancels_and_lists(app: App, http_client: Connect) -> None:
    async with http_client() as client:
        started = told(await client.call_tool("orchestrate", {"source": "DELAY 600", "wait_seconds": 1}))
        given = {"execution_id": started["execution_id"], "wait_seconds": 1}
        paused = told(await client.call_tool("control_execution", {**given, "action": "pause"}))
        assert paused["status"] == "paused" and "resume" in paused["next"] and "paused by" in paused["waiting_for"]
        listed = told(await client.call_tool("list_executions", {"status": "paused"}))
        assert [one["execution_id"] for one in listed["executions"]] == [started["execution_id"]]
        assert told(await client.call_tool("control_execution", {**given, "action": "resume"}))["status"] == "waiting"
        assert told(await client.call_tool("control_execution", {**given, "action": "cancel"}))["status"] == "cancelled"
        assert "only one that failed" in refused(
            await client.call_tool("control_execution", {**given, "action": "retry"})
        )
        assert told(await client.call_tool("list_executions", {"status": "paused"}))["executions"] == []


async def test_a_failed_run_says_that_it_can_be_tried_again(http_client: Connect) -> None:
    async with http_client() as client:
        source = 'PARAM n AS NUMBER\nx = HUMAN APPROVAL FROM "a@b.c" TIMEOUT 0.1\nRETURN n\n'
        started = told(await client.call_tool("orchestrate", {"source": source, "inputs": {"n": 1}, "wait_seconds": 0}))
        given = {"execution_id": started["execution_id"], "wait_seconds": 20}
        while (seen := told(await client.call_tool("get_execution", given)))["status"] != "completed":
            assert seen["status"] in ("ready", "running", "waiting")
        failing = 'START WORKFLOW "nothing/there"\n'
        failed = told(await client.call_tool("orchestrate", {"source": failing, "wait_seconds": 20}))
        assert failed["status"] == "failed" and "action retry" in failed["next"]
        again = {"execution_id": failed["execution_id"], "action": "retry", "wait_seconds": 20}
        assert told(await client.call_tool("control_execution", again))["status"] == "failed", "it is still not there"


def test_the_command_line_answers_lists_shows_and_steers(botmcp: Botmcp) -> None:
    program = botmcp.home.parent / "age.bas"
    program.write_text(AGE, "utf-8")
    started = botmcp.start("run", str(program))
    assert started.stdout is not None
    lines: list[str] = []
    while not any("botmcp answer" in line for line in lines):
        lines.append(started.stdout.readline())
    execution = lines[0].split()[1]
    listed = json.loads(botmcp.run("executions", "list", "--json").stdout)
    assert [one["execution_id"] for one in listed["executions"]] == [execution]
    paused = botmcp.run("executions", "pause", execution[:8])
    assert "Paused: age is paused." in paused.stdout, paused.stderr
    assert "is paused and asks nothing now" in botmcp.run("answer", execution, "40").stderr
    assert botmcp.run("executions", "resume", execution).returncode == 0
    assert "Answered" in botmcp.run("answer", execution, "40").stdout
    while "yes, no" not in botmcp.run("executions", "show", execution).stdout:
        pass
    assert "Answered" in botmcp.run("answer", execution, "no").stdout
    rest, _ = started.communicate(timeout=60)
    assert "completed" in rest and '[40, "no"]' in rest
    shown = botmcp.run("executions", "show", execution).stdout
    assert "answer by" in shown and "through command line" in shown and "pause by" in shown
    told_ = json.loads(botmcp.run("executions", "show", execution, "--json").stdout)
    assert [deed["act"] for deed in told_["deeds"]] == ["pause", "resume", "answer", "answer"]
    assert botmcp.run("executions", "retry", execution).returncode == 1
    assert "There is no execution zzz" in botmcp.run("executions", "cancel", "zzz").stderr
