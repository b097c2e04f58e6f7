"""Runs the programs of the pages where nothing is real: `botmcp rehearse`, with bots that the pages only name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from hostbridge.packages import Packages
from mcp_server.rehearsal.run import Rehearsed, rehearsed
from mcp_server.settings import Settings
from tests.docs.pages import Example

PACKAGE = "pages"
_CALLED = re.compile(
    r'\b(?:BOT|WORKFLOW|TOOL|TO BOT|ASK BOT|CALL|CONVERSATION TO|FOR BOT|DELEGATE TO)\s+"([^"/]+?)(?:\.bas)?"'
)
_EACH = re.compile(r'\bIN\s+\[("[^\]]+")\]')
_TEAM = re.compile(r'\bCOLLABORATE WITH\s+"([^"]+)"')
_TEXT = r'"([a-z][\w-]*)"'
_MADE = 'RETURN {"answer": "sample", "status": "ok"}\n'


def file_of(example: Example) -> str:
    """The name of the dialog that an example becomes."""
    return re.sub(r"\W+", "-", example.name.replace(".md", ""))


async def on_stage(folder: Path, programs: Sequence[Example]) -> dict[str, Rehearsed]:
    """What became of each program, by the name of its dialog."""
    package = folder / f"{PACKAGE}.gbai"
    dialogs = package / f"{PACKAGE}.gbdialog"
    dialogs.mkdir(parents=True)
    named = {name for program in programs for name in _CALLED.findall(program.text)}
    named |= {name.strip() for program in programs for team in _TEAM.findall(program.text) for name in team.split(",")}
    named |= {name for program in programs for team in _EACH.findall(program.text) for name in re.findall(_TEXT, team)}
    for name in named:
        (dialogs / f"{name}.bas").write_text(_MADE, "utf-8")
    for program in programs:
        (dialogs / f"{file_of(program)}.bas").write_text(program.text, "utf-8")
    found = Packages([folder]).find(PACKAGE)
    assert found is not None
    return {Path(each.path).stem: each async for each in rehearsed(Settings(), [(found, PACKAGE)])}
