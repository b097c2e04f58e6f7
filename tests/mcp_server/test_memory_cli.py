"""`botmcp memory`: what is exported can be read back, and what is erased is gone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mcp_server.cli import memory
from mcp_server.cli.errors import CommandError
from mcp_server.settings import Settings


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    return json.loads(capsys.readouterr().out)


async def test_a_bot_is_exported_read_back_and_erased(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [{"bot": "ana", "key": f"k{i}", "value": f"ol\u00e1 {i}"} for i in range(700)]
    file, copy = tmp_path / "in.json", tmp_path / "out.json"
    file.write_text(json.dumps({"memories": [*rows, {"bot": "ana", "key": "bad\nkey", "value": "1"}]}), "utf-8")
    assert await memory.imported(settings, file, "", True) == 1
    found = told(capsys)
    assert found["written"] == 700 and "bad\nkey" in str(found["refused"]).replace("\\n", "\n")
    assert await memory.exported(settings, "ana", "", copy) == 0
    whole = json.loads(copy.read_text("utf-8"))
    assert whole["counts"] == {"memories": 700, "versions": 700, "copies": 0}
    assert {one["bot"] for one in whole["memories"]} == {"ana"}
    with pytest.raises(CommandError, match="is there already"):
        await memory.exported(settings, "ana", "", copy)
    capsys.readouterr()
    assert await memory.imported(settings, copy, "ben", True) == 0
    capsys.readouterr()
    assert await memory.listed(settings, "ben", "k69", 50, True) == 0
    found = told(capsys)
    assert found["bot"] == "ben" and len(found["memories"]) == 11
    assert await memory.erased(settings, "ana", "", True, True) == 0
    assert told(capsys)["counts"]["memories"] == 700
    assert await memory.listed(settings, "ana", "", 50, True) == 0
    assert told(capsys)["memories"] == []


async def test_what_is_no_export_is_refused(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "in.json"
    with pytest.raises(CommandError, match="cannot be read"):
        await memory.imported(settings, file, "", True)
    for content in ("[", "[]", '{"memories": [{"key": 1}]}'):
        file.write_text(content, "utf-8")
        with pytest.raises(CommandError, match="is not what"):
            await memory.imported(settings, file, "", True)
    with pytest.raises(CommandError, match="one of them"):
        await memory.exported(settings, "", "", None)
