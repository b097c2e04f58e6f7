"""Writes docs/reference/settings.md from the table of settings: `python -m mcp_server.settings_page`."""

from __future__ import annotations

import sys
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from mcp_server.settings import Settings

PAGE = Path("docs/reference/settings.md")

_HEAD = """\
# Settings

Every setting is a variable of the environment; all but `BOTMCP_HOME` can also stand in the file `botmcp.toml` in that
folder, under the name in the second column. The environment wins. An unknown `BOTMCP_*` variable, or an unknown name
in the file, stops the start and names the nearest known one.

Made by `python -m mcp_server.settings_page`; do not edit.

| variable | in `botmcp.toml` | default | meaning |
|---|---|---|---|
"""


def page() -> str:
    """The text of the page."""
    return _HEAD + "".join(_row(setting) for setting in fields(Settings) if setting.metadata)


def _row(setting: Any) -> str:
    variables = ", ".join(f"`{name}`" for name in setting.metadata["variables"])
    secret = " Never shown or logged." if not setting.repr else ""
    in_file = "" if setting.name == "home" else f"`{setting.name}`"
    return f"| {variables} | {in_file} | {_default(setting)} | {setting.metadata['summary']}{secret} |\n"


def _default(setting: Any) -> str:
    if setting.default is MISSING:
        return "the platform's user data folder"
    if isinstance(setting.default, bool):
        return "no" if not setting.default else "yes"
    return f"`{setting.default}`" if setting.default not in ("", ()) else ""


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(PAGE.read_text("utf-8") != page() and f"{PAGE} is not up to date: python -m mcp_server.settings_page")
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(), "utf-8")
