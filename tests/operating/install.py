"""From a clean clone to a working product elsewhere: `python -m tests.operating.install [--index URL]`.

The repository is cloned, a wheel is built from the clone with plain pip, the clone is thrown away, the wheel is
installed with plain pip into an empty environment in another folder, and there the product does what the README
promises: the demo, the samples of a package, a workflow through an MCP client over stdio, the check of its own health.

One JSON object on stdout; exit code 1 when a step fails.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from zipfile import ZipFile

ROOT = Path(__file__).parents[2]
PACKAGES = frozenset(
    [
        "mcp_server",
        "keywords",
        "workflow",
        "memory",
        "smartrouter",
        "designer",
        "storage",
        "hostbridge",
        "migrations",
        "bottemplates",
    ]
)
LONGEST = 900.0  # seconds of one step
WORKFLOW = """\
ORCHESTRATE WORKFLOW "holiday"
PARAM name AS STRING
PARAM days AS INTEGER
STEP 1: HUMAN APPROVAL FROM "lead@example.com" TIMEOUT 60 MESSAGE "${name} wants ${days} days off."
RETURN {"granted": step1.approved, "days": days}
END WORKFLOW
"""
CLIENT = """\
import asyncio, json, sys
from mcp import Client, StdioServerParameters, stdio_client

async def main():
    server = StdioServerParameters(command=sys.argv[1], args=[], env=json.loads(sys.argv[2]))
    async with Client(stdio_client(server), read_timeout_seconds=120) as client:
        tools = [tool.name for tool in (await client.list_tools()).tools]
        ran = await client.call_tool("orchestrate", {"source": 'TALK "hi"\\nRETURN 2 + 3', "wait_seconds": 20})
        print(json.dumps({"tools": tools, "told": ran.structured_content}, default=str))

asyncio.run(main())
"""


def strangers(wheel: Path) -> list[str]:
    """What lies in a wheel and belongs to nobody who installs it: tests, documents, data of evaluations."""
    with ZipFile(wheel) as archive:
        names = archive.namelist()
    found: list[str] = []
    for name in names:
        top = name.split("/", 1)[0]
        known = top in PACKAGES or top.endswith(".dist-info")
        *folders, file = name.lower().split("/")
        strange = {"tests", "test", "docs", "benchmarks", "__pycache__", "data"} & set(folders)
        if not known or strange or file.startswith(("test_", "conftest")):
            found.append(name)
    return found


def missing(wheel: Path, root: Path) -> list[str]:
    """Files of the product that the wheel lacks."""
    with ZipFile(wheel) as archive:
        names = set(archive.namelist())
    tracked = subprocess.run(
        ["git", "ls-files", *sorted(PACKAGES)], cwd=root, check=True, capture_output=True, text=True
    ).stdout.split("\n")
    return [name for name in tracked if name and name not in names and (root / name).is_file()]


class Steps:
    """Runs steps and notes how long each took."""

    def __init__(self) -> None:
        self.took: dict[str, float] = {}

    def run(self, name: str, argv: Sequence[str | Path], folder: Path, environment: Mapping[str, str]) -> str:
        began = time.monotonic()
        try:
            done = subprocess.run(
                argv, cwd=folder, env=dict(environment), capture_output=True, text=True, check=False, timeout=LONGEST
            )
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{name}: not done after {LONGEST:.0f} s") from None
        self.took[name] = round(time.monotonic() - began, 1)
        if done.returncode:
            raise AssertionError(f"{name}: exit code {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
        return done.stdout


def built(steps: Steps, folder: Path, environment: Mapping[str, str], index: Sequence[str]) -> Path:
    """A wheel from a clean clone."""
    clone = folder / "clone"
    steps.run("clone", ["git", "clone", "--quiet", "--depth", "1", f"file://{ROOT}", clone], folder, environment)
    wheels = folder / "wheels"
    told = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", wheels, *index, clone]
    steps.run("build", told, folder, environment)
    (wheel,) = wheels.glob("*.whl")
    if lacks := missing(wheel, clone):
        raise AssertionError(f"the wheel lacks {lacks}")
    shutil.rmtree(clone)
    return wheel


def works(steps: Steps, program: Path, folder: Path, environment: Mapping[str, str]) -> dict[str, Any]:
    """What the README promises, with an installed `botmcp`."""
    steps.run("version", [program, "--version"], folder, environment)
    demo = steps.run("demo", [program, "demo"], folder, environment)
    assert "5 of 5 runs completed." in demo, demo[-2000:]
    tested = json.loads(
        steps.run("package test", [program, "package", "test", "starter", "--json"], folder, environment)
    )
    assert tested["passed"], tested
    (folder / "holiday.bas").write_text(WORKFLOW, "utf-8")
    steps.run("check", [program, "check", "holiday.bas"], folder, environment)
    python = program.with_name("python")
    told = {name: environment[name] for name in ("PATH", "HOME", "BOTMCP_HOME")}
    client = steps.run("mcp", [python, "-c", CLIENT, str(program), json.dumps(told)], folder, environment)
    answered = json.loads(client)
    assert answered["told"]["result"] == 5, answered
    doctor = steps.run("doctor", [program, "doctor"], folder, environment)
    assert "Everything is in order." in doctor, doctor
    steps.run("stop", [program, "stop"], folder, environment)
    return {"tools": len(answered["tools"])}


def main(arguments: argparse.Namespace) -> int:
    index = ["--index-url", arguments.index] if arguments.index else []
    report: dict[str, Any] = {"benchmark": "install", "python": sys.version.split()[0]}
    steps = Steps()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        kept = {each: os.environ[each] for each in os.environ if each.startswith(("PIP_", "LANG", "SSL", "TMPDIR"))}
        environment = {**kept, "PATH": os.environ["PATH"], "HOME": name, "BOTMCP_HOME": str(folder / "home")}
        try:
            wheel = built(steps, folder, environment, index)
            report["wheel_kilobytes"] = wheel.stat().st_size // 1024
            report["strangers_in_wheel"] = strangers(wheel)
            venv.create(folder / "empty", with_pip=True)
            pip = folder / "empty" / "bin" / "pip"
            steps.run("install", [pip, "install", "--quiet", *index, wheel], folder, environment)
            work = folder / "work"
            work.mkdir()
            report |= works(steps, folder / "empty" / "bin" / "botmcp", work, environment)
            report["ok"] = not report["strangers_in_wheel"]
        except AssertionError as error:
            report |= {"ok": False, "wrong": str(error)}
    print(json.dumps({**report, "seconds": steps.took}))
    return 0 if report["ok"] else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--index", default="", help="a package index other than pip's own")
    sys.exit(main(parser.parse_args()))
