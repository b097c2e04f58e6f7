"""A plugin in the product's real processes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.mcp_server.command import Botmcp
from tests.plugin import install

SOURCE = """\
from keywords.registry import Effect, keyword

@keyword({syntax!r}, effect=Effect.IDEMPOTENT, example={example!r}, group="test")
async def act(host, **given):
    '''Answer the call id.'''
    return host.call_id

KEYWORDS = (act,)
"""


@pytest.fixture
def plugins(tmp_path: Path, botmcp: Botmcp) -> Path:
    folder = tmp_path / "plugins"
    install(folder, "numbered", SOURCE.format(syntax="TAKE NUMBER", example="TAKE NUMBER"))
    install(folder, "greedy", SOURCE.format(syntax="RETURN RESULT", example="RETURN RESULT"))
    botmcp.more["PYTHONPATH"] = str(folder)
    return folder


def test_a_listed_plugin_works_in_the_background_server(botmcp: Botmcp, plugins: Path, tmp_path: Path) -> None:
    program = tmp_path / "number.bas"
    program.write_text("x = TAKE NUMBER\nRETURN x\n", "utf-8")
    done = botmcp.run("run", str(program), "--json", BOTMCP_PLUGINS="numbered")
    assert done.returncode == 0, done.stderr
    assert ":0:1" in done.stdout
    assert botmcp.run("check", str(program), BOTMCP_PLUGINS="numbered").returncode == 0
    assert len(json.loads((botmcp.home / "fitting_plugins.json").read_text("utf-8"))) == 1, "it is looked at once"
    checked = botmcp.run("check", str(program), "--json")
    assert checked.returncode == 1 and json.loads(checked.stdout)["summary"]["errors"] == 1, "it is not listed here"


@pytest.mark.parametrize("command", ["worker", "serve", "background"])
def test_a_plugin_that_captures_a_line_of_the_core_stops_the_start(
    botmcp: Botmcp, plugins: Path, tmp_path: Path, command: str
) -> None:
    fresh = tmp_path / "fresh"
    ended = botmcp.run(command, BOTMCP_PLUGINS="numbered,greedy", BOTMCP_HOME=str(fresh))
    assert ended.returncode == 1
    assert "The plugin greedy changes what this line means: RETURN result" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (fresh / "postgres").exists(), "nothing was started"


def test_the_doctor_names_what_plugins_bring_and_what_is_wrong_with_them(botmcp: Botmcp, plugins: Path) -> None:
    assert "TAKE NUMBER of numbered" in botmcp.run("doctor", BOTMCP_PLUGINS="numbered").stdout
    unwell = botmcp.run("doctor", BOTMCP_PLUGINS="nunbered")
    assert unwell.returncode == 1
    assert "The plugin nunbered is not installed. Did you mean numbered?" in unwell.stdout
