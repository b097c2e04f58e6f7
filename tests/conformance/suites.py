"""Which suites, with which options; and the Inspector over both transports in both eras."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from tests.conformance.node import Programs
from tests.mcp_server.command import Botmcp

SUITES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "conformance 0.1.16": ("0.1", ("--suite", "all")),
    "conformance 0.2.0-alpha.12, 2026-07-28": ("0.2", ("--requirements", "2026-07-28", "--timeout", "20000")),
}
ERAS = {"legacy": (), "modern": ("--protocol-era", "modern")}
METHODS = ("tools/list", "resources/list", "resources/templates/list", "prompts/list")


def inspected(programs: Programs, url: str, home: Path) -> dict[str, int]:
    """The exit code of `--strict` by transport and era: 0 is no error."""
    botmcp = Path(sys.executable).with_name("botmcp")
    own = home.with_name("stdio")
    found: dict[str, int] = {}
    Botmcp(botmcp, own).run("migrate")  # a first start makes the database
    try:
        for era, options in ERAS.items():
            strict = {"tools/list": ("--strict",)}
            done = [programs.inspect(url, "--method", each, *strict.get(each, ()), *options) for each in METHODS]
            found[f"http, {era}"] = max(one.returncode for one in done)
            command = ("-e", f"BOTMCP_HOME={own}", str(botmcp), "--method", "tools/list", "--strict", *options)
            found[f"stdio, {era}"] = programs.inspect(*command).returncode
    finally:
        Botmcp(botmcp, own).stop()
    return found
