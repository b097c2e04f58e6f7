"""Where clients and the background server of one user meet: a folder with a socket, and one line each way.

    run/start.lock       held by the client that starts a server, until the server answers
    run/server.lock      held by the current server for its life; the kernel drops it on kill -9
    run/server.sock      the current server; one left by a killed server is replaced by the next
    run/retired-PID.sock a server that serves its last connections and starts nothing new
    run/start-error      one sentence: why the last start failed
    run/serve-PID        the address of a `botmcp serve`, see served.py

The client writes `{"want": "mcp" | "status" | "stop", "version", "settings"}`; the server answers a line with
`"answer"`: `welcome` (the MCP bytes follow), `retiring` (the client is newer or has other settings: start another
server), `status`, or `stopping` (the socket closes when the process has ended).
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import socket
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

LONGEST_SOCKET_PATH = 100  # Linux allows 107 bytes, macOS 103
LONGEST_HELLO = 65_536
SERVER_SOCKET = "server.sock"
STOPPED = b'{"botmcp":"stopped"}\n'  # the last line of a connection that `botmcp stop` ended


class MeetingError(Exception):
    """Client and background server cannot meet; the sentence says what to do."""


@dataclass(frozen=True, slots=True)
class Place:
    """The folder of one data folder, private to its owner."""

    folder: Path

    @property
    def socket(self) -> Path:
        return self.folder / SERVER_SOCKET

    @property
    def start_lock(self) -> Path:
        return self.folder / "start.lock"

    @property
    def server_lock(self) -> Path:
        return self.folder / "server.lock"

    @property
    def start_error(self) -> Path:
        return self.folder / "start-error"

    @property
    def sockets(self) -> list[Path]:
        """Every server that may answer, the current one first."""
        retired = sorted(self.folder.glob("retired-*.sock"))
        return [path for path in (self.socket, *retired) if path.exists()]


def place(home: Path) -> Place:
    """The meeting place of this data folder, which is there; in the system's temporary folder when its path is too
    long for a socket."""
    folder = home / "run"
    if len(os.fsencode(folder / "retired-4294967295.sock")) > LONGEST_SOCKET_PATH:
        name = hashlib.sha256(os.fsencode(home.resolve())).hexdigest()[:12]
        folder = Path(tempfile.gettempdir()) / f"botmcp-{os.getuid()}-{name}"
    folder.mkdir(exist_ok=True, mode=0o700)
    about = folder.lstat()
    if not stat.S_ISDIR(about.st_mode) or about.st_uid != os.getuid():
        raise MeetingError(f"{folder} is not a folder of yours. Remove it, or set BOTMCP_HOME to a shorter path.")
    if stat.S_IMODE(about.st_mode) != 0o700:
        folder.chmod(0o700)  # made by another hand: the socket must be its owner's alone
    return Place(folder)


@dataclass(frozen=True, slots=True)
class Hello:
    """The first line, either way."""

    version: str
    settings: str
    want: str = ""
    answer: str = ""
    about: dict[str, Any] | None = None  # what `status` tells

    def line(self) -> bytes:
        told = {"version": self.version, "settings": self.settings, "want": self.want, "answer": self.answer}
        return json.dumps(told | ({"about": self.about} if self.about is not None else {})).encode() + b"\n"


def heard(line: bytes) -> Hello | None:
    """The hello that this line is; None when it is something else."""
    try:
        told = json.loads(line)
    except ValueError:
        return None
    if not isinstance(told, dict) or not line.endswith(b"\n"):
        return None
    fields = cast("dict[str, Any]", told)
    version, settings, want, answer = (str(fields.get(name, "")) for name in ("version", "settings", "want", "answer"))
    about = fields.get("about")
    return Hello(version, settings, want, answer, cast("dict[str, Any]", about) if isinstance(about, dict) else None)


def version() -> str:
    """The installed version of the product."""
    from importlib.metadata import version as installed

    return installed("botmcp")


def newer(one: str, other: str) -> bool:
    """Whether the first version comes after the second."""
    first, second = ([int(part) for part in re.findall(r"\d+", text)] for text in (one, other))
    return first > second


def connected(path: Path, hello: Hello, patience: float = 10.0) -> tuple[socket.socket, Hello] | None:
    """A connection to the server at this socket and its answer; None when nobody is there, or it is just ending."""
    link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    link.settimeout(patience)
    try:
        link.connect(str(path))
        link.sendall(hello.line())
        line = b""
        while not line.endswith(b"\n") and len(line) < LONGEST_HELLO:
            # One byte at a time: what follows the line belongs to the MCP session.
            if not (byte := link.recv(1)):
                break
            line += byte
    except (OSError, TimeoutError):
        link.close()
        return None
    if (answer := heard(line)) is None:
        link.close()
        return None
    link.settimeout(None)
    return link, answer
