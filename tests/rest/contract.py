"""Schemathesis against the REST API: all its checks, all its phases. `python -m tests.rest.contract [--quick]`.

Serves the product on a database of its own, with the owner and a second tenant's user, and prints one JSON object. It
needs `schemathesis` beside the project: `uv pip install schemathesis`; it is in no dependency group, for it is only
this command's.

What the checks are told besides their defaults, and why, stands in `settings_of`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib.util
import json
import re
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from keywords.host import ProgramText
from mcp_server import http, listening_server
from mcp_server.app import App, open_app
from mcp_server.rest.api import TABLE
from mcp_server.settings import read
from workflow.details import SCOPES

TOKEN = "the-token-of-the-contract"
OTHER = UUID("00000000-0000-4000-8000-0000000000ff")
POSITIVE = ("2xx", "3xx", "401", "403", "404", "409", "429")
NEGATIVE = ("400", "401", "403", "404", "405", "406", "409", "412", "415", "422", "428", "429")


def settings_of() -> str:
    """The settings of Schemathesis, made of the table."""
    lines = [
        'hooks = "hooks"',
        "[generation]",
        "allow-x00 = false",  # no database keeps U+0000: it is refused, which JSON Schema has no short word for
        "[checks]",
        # 412: a well-formed If-Match that is stale; the default list has no place for it
        f"positive_data_acceptance.expected-statuses = {json.dumps([*POSITIVE, '412'])}",
        f"negative_data_rejection.expected-statuses = {json.dumps(NEGATIVE)}",
        # RFC 6585: a missing If-Match is 428
        'missing_required_header.expected-statuses = ["400", "401", "403", "406", "415", "422", "428"]',
    ]
    for operation in TABLE:
        statuses = {*POSITIVE, "412"}
        if operation.programs:
            statuses.add("422")  # BASIC, names of bots and keys: text with a meaning that no schema can say
        if operation.name in ("listSteps", "followExecution", "streamEvents", "decideByLink"):
            statuses.add("400")  # a cursor that fits its pattern and was never given
        if operation.match == "optional":
            statuses.add("400")  # where a header need not be there, it gives the bare number 0, whatever the pattern
        if "422" in statuses or "400" in statuses:
            lines += ["[[operations]]", f'include-operation-id = "{operation.name}"']
            wanted = json.dumps(sorted(statuses))
            lines += [f"checks.positive_data_acceptance.expected-statuses = {wanted}"]
    return "\n".join(lines) + "\n"


def users_of(key: str) -> str:
    """Two users of two tenants, for the check that no one reads what is another's."""
    rows = [("owner", TOKEN), ("stranger", key)]
    found = [{"name": name, "fixedHeaders": [{"name": "Authorization", "value": f"Bearer {k}"}]} for name, k in rows]
    return json.dumps({"auth": found})


@contextlib.asynccontextmanager
async def served(home: Path) -> AsyncGenerator[tuple[str, App]]:
    """The product on an embedded database of its own."""
    settings = read({"BOTMCP_HOME": str(home), "BOTMCP_PORT": "0", "BOTMCP_TOKEN": TOKEN})
    settings.made_home()
    async with (
        open_app(settings, "serve") as app,
        listening_server.serving(http.application(app), "127.0.0.1", 0, ()) as address,
    ):
        yield address, app


async def filled(app: App) -> str:
    """Something to find, and the key of the stranger."""
    owner = app.caller("contract", "")
    _, key = await app.keys.new(owner, "stranger", SCOPES - {"admin"}, app.now(), tenant=OTHER)
    await app.drafts.create(owner, "hello", 'TALK "Hello"\n')
    for number in range(3):
        program = ProgramText(f'STEP 1: HUMAN APPROVAL FROM "lead" MESSAGE "no. {number}" TIMEOUT 36000\n', "ask")
        await app.operations.start(owner, program)
    return key


async def run(folder: Path, address: str, key: str, options: Sequence[str]) -> dict[str, Any]:
    """Run it; what it found."""
    (folder / "schemathesis.toml").write_text(settings_of() + f'[auth.wfc]\npath = "{folder / "users.json"}"\n'
                                              'peers = ["owner", "stranger"]\nuser = "owner"\n', "utf-8")  # fmt: skip
    shutil.copy(Path(__file__).with_name("schemathesis_hooks.py"), folder / "hooks.py")
    (folder / "users.json").write_text(users_of(key), "utf-8")
    program = Path(sys.executable).with_name("schemathesis")
    command = [
        str(program), "--config-file", str(folder / "schemathesis.toml"), "run", f"{address}/openapi.json",
        "--checks", "all", "--phases", "examples,coverage,fuzzing,stateful", "--continue-on-failure",
        "--no-color", "--suppress-health-check", "all", "--request-timeout", "30", *options,
    ]  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    out, _ = await process.communicate()
    text = out.decode("utf-8", "replace")
    (folder / "schemathesis.txt").write_text(text, "utf-8")
    cases = re.search(r"(\d+) generated", text)
    failures = re.search(r"(\d+) unique failures?|(\d+) found", text)
    return {
        "code": process.returncode,
        "cases": int(cases[1]) if cases else 0,
        "findings": int(next(g for g in failures.groups() if g)) if failures else 0,
        "text": text,
    }


async def main(arguments: argparse.Namespace) -> int:
    folder = Path(tempfile.mkdtemp(prefix="contract"))
    options = ["--seed", str(arguments.seed), "--max-examples", str(arguments.examples)]
    if arguments.only:
        options += ["--include-operation-id-regex", arguments.only]
    if arguments.seconds:
        options += ["--max-time", str(arguments.seconds)]
    began = time.monotonic()
    async with served(folder / "home") as (address, app):
        found = await run(folder, address, await filled(app), options)
    text = found.pop("text")
    if found["code"] or arguments.verbose:
        print(text, file=sys.stderr)
    told = {"operations": len(TABLE), **found, "seed": arguments.seed, "seconds": round(time.monotonic() - began, 1)}
    print(json.dumps(told))
    if not arguments.keep:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if found["code"] or not found["cases"] else 0


if __name__ == "__main__":
    if importlib.util.find_spec("schemathesis") is None:
        print(json.dumps({"missing": "schemathesis"}))
        sys.exit(2)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--examples", type=int, default=110, help="for each operation and phase")
    parser.add_argument("--seconds", type=int, default=0, help="go on so long")
    parser.add_argument("--only", default="", help="operations whose id fits this pattern")
    parser.add_argument("--quick", action="store_const", const=2, dest="examples")
    parser.add_argument("--keep", action="store_true", help="leave the folder, with what was found")
    parser.add_argument("--verbose", action="store_true")
    sys.exit(asyncio.run(main(parser.parse_args())))
