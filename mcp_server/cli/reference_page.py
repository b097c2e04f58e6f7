"""Writes docs/reference/command-line.md from the commands: `python -m mcp_server.cli.reference_page [--check]`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import typer.main

from mcp_server.cli.commands import app

PAGE = Path("docs/reference/command-line.md")

_HEAD = """\
# The command line

`botmcp` without a command speaks MCP over stdio, for MCP clients. Every command prints text for people; where it has
`--json`, one JSON value for programs. `botmcp COMMAND --help` shows what stands here.

| exit code | means |
|---|---|
| 0 | done |
| 1 | the command says what was wrong: a mistake in a program, a failed execution, a wrong setting |
| 2 | the command was not written as it must be |
| 70 | botmcp itself failed; the message names the entry of the log |
| 130 | interrupted; a workflow that was started goes on in the background |

Made by `python -m mcp_server.cli.reference_page`; do not edit.
"""


def commands() -> Iterator[tuple[str, Any]]:
    """Every command with its full name, in the order of the help; groups are left out."""
    yield from _below("botmcp", typer.main.get_command(app))


def _below(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    inner: Mapping[str, Any] = getattr(command, "commands", {})
    if not inner or (getattr(command, "invoke_without_command", False) and name != "botmcp"):
        yield name, command
    for each, found in inner.items():
        if not found.hidden:
            yield from _below(f"{name} {each}", found)


def page() -> str:
    """The text of the page."""
    return _HEAD + "".join(_section(name, command) for name, command in commands())


def _section(name: str, command: Any) -> str:
    arguments = [one for one in command.params if one.param_type_name == "argument" and not one.hidden]
    options = [one for one in command.params if one.param_type_name == "option" and not one.hidden]
    usage = " ".join([name, *map(_placed, arguments), *(["[OPTIONS]"] if options else [])])
    text = f"\n## {name}\n\n{' '.join((command.help or '').split())}\n\n`{usage}`\n"
    if rows := [_row(one) for one in (*arguments, *options)]:
        text += f"\n| | |\n|---|---|\n{''.join(rows)}"
    return text


def _placed(argument: Any) -> str:
    name = f"{argument.name.upper()}{'...' if argument.nargs == -1 else ''}"
    return name if argument.required else f"[{name}]"


def _row(one: Any) -> str:
    if one.param_type_name == "argument":
        name = f"`{one.name.upper()}`"
    else:
        name = ", ".join(f"`{each}`" for each in (*one.opts, *one.secondary_opts))
        name += "" if one.is_flag else f" `{one.name.upper()}`"
    default = one.default
    plain = isinstance(default, (str, int, float)) and not isinstance(default, bool) and default != ""
    said = f" Default: `{default}`." if plain else ""
    often = " May be given several times." if getattr(one, "multiple", False) else ""
    return f"| {name} | {(one.help or '').replace('|', chr(92) + '|')}{said}{often} |\n"


def main(arguments: list[str]) -> None:
    """Write the page, or with `--check` end with an error when it is not up to date."""
    if "--check" not in arguments:
        PAGE.write_text(page(), "utf-8")
    elif not PAGE.exists() or PAGE.read_text("utf-8") != page():
        raise SystemExit(f"{PAGE} is out of date: run python -m mcp_server.cli.reference_page")


if __name__ == "__main__":
    main(sys.argv[1:])
