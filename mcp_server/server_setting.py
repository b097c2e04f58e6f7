"""The settings that name other servers: BOTMCP_MCP_SERVERS, BOTMCP_A2A_AGENTS, BOTMCP_MCP_COMMANDS."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from hostbridge.elsewhere.servers import Server, authorized
from mcp_server.setting_values import Environment, as_switch, as_text, as_words, near_miss

MCP_TOLD = (
    "MCP servers that programs may use by name, as `name=https://...`, separated by commas. In `botmcp.toml` also "
    "`[[mcp_servers]]` tables with `name`, `url` or `command` (a list: an absolute program and its arguments) and "
    "`environment` (a table of the variables it sees), `key_variable` (the variable that holds the key), `auth` "
    "(`bearer`, `api_key` or `basic`), `description`, `approval` (true: only programs call its tools, no model)."
)
A2A_TOLD = (
    "Agents that speak A2A and that programs may ask by name, as `name=https://...`, separated by commas; also "
    "`[[a2a_agents]]` tables. Needs the extra `a2a`."
)
COMMANDS_TOLD = (
    "Absolute programs, separated by commas, that the `mcp.csv` of a package may start as MCP servers of type stdio. "
    "Without it packages start none."
)
KEYS = ("name", "url", "command", "environment", "key_variable", "auth", "description", "approval")


def as_servers(kind: str) -> Callable[[Any, Environment], tuple[Server, ...]]:
    """Reads the servers of a kind: `http` or `a2a`."""

    def read(given: Any, environment: Environment) -> tuple[Server, ...]:
        if isinstance(given, str):
            pairs = [word.partition("=") for word in as_words(given, environment)]
            rows: list[Any] = [{"name": name.strip(), "url": url.strip()} for name, _, url in pairs]
        elif isinstance(given, list):
            rows = cast("list[Any]", given)
        else:
            raise ValueError("name=https://..., separated by commas, or tables are expected")
        return tuple(_server(kind, row, environment) for row in rows)

    return read


def as_programs(given: Any, environment: Environment) -> tuple[str, ...]:
    """Absolute programs."""
    for program in as_words(given, environment):
        if not Path(program).is_absolute():
            raise ValueError(f"{program} is not an absolute path")
    return as_words(given, environment)


def _server(kind: str, row: Any, environment: Environment) -> Server:
    if not isinstance(row, dict) or not isinstance(cast("dict[str, Any]", row).get("name"), str):
        raise ValueError("each server needs a name and an address: tracker=https://tracker.example.com/mcp")
    table = cast("dict[str, Any]", row)
    for key in table:
        if key not in KEYS:
            raise ValueError(f"a server has no {key}. {near_miss(key, KEYS)}")
    name, url, command = table["name"].strip(), as_text(table.get("url", ""), environment), _words(table.get("command"))
    if not name or bool(url) == bool(command) or (command and kind == "a2a"):
        raise ValueError(f"{name or 'a server'} needs {'a url' if kind == 'a2a' else 'either a url or a command'}")
    if url and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname):
        raise ValueError(f"{url} is no address: https://... is expected")
    if command and not Path(command[0]).is_absolute():
        raise ValueError(f"{command[0]} is not an absolute path")
    variable = str(table.get("key_variable", ""))
    if variable and variable not in environment:
        raise ValueError(f"the key of {name} is to be in {variable}, and that variable is not set")
    seen: Any = table.get("environment", {})
    if not isinstance(seen, dict):
        raise ValueError(f"environment of {name} is a table of names and texts")
    return Server(
        name,
        "stdio" if command else kind,
        url,
        command,
        authorized(str(table.get("auth", "bearer")), environment.get(variable, "")),
        tuple(sorted((str(key), str(value)) for key, value in cast("Mapping[str, Any]", seen).items())),
        str(table.get("description", "")),
        as_switch(table.get("approval", False), environment),
    )


def _words(given: Any) -> tuple[str, ...]:
    if given is None:
        return ()
    if not isinstance(given, list) or not given or not all(isinstance(word, str) for word in cast("list[Any]", given)):
        raise ValueError('a command is a list, such as ["/usr/bin/npx", "-y", "server"]')
    return tuple(cast("list[str]", given))
