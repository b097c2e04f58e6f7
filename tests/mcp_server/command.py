"""The real `botmcp` command in processes of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from mcp_server.rendezvous import Hello, connected, place, version


@dataclass
class Botmcp:
    """The command with one data folder."""

    program: Path
    home: Path
    more: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
        return {**kept, "BOTMCP_HOME": str(self.home), "COLUMNS": "200", **self.more}

    def run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        environment = self.environment | more
        return subprocess.run(
            [self.program, *arguments], env=environment, capture_output=True, text=True, timeout=120, check=False
        )

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        """Start a command that stays."""
        environment = self.environment | more
        return subprocess.Popen(
            [self.program, *arguments],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def servers(self) -> list[dict[str, object]]:
        """What the background servers say of themselves, the current one first."""
        found: list[dict[str, object]] = []
        for path in place(self.home).sockets:
            if link := connected(path, Hello(version(), "", "status")):
                link[0].close()
                found.append(dict(link[1].about or {}))
        return found

    def kill_server(self) -> int:
        """Kill the current background server as a crash would; its process id."""
        (about, *_) = self.servers()
        number = int(str(about["pid"]))
        os.kill(number, signal.SIGKILL)
        return number

    def stop(self) -> None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.run("stop")
