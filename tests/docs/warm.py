"""`botmcp` without the half second that importing it takes: a process that has imported it forks one for each command.

    server = Warm(folder)          `folder/bin/botmcp` is a command that behaves as the real one, and shares its code
    server.close()

The tutorial does without it. A command's process has the folder, environment and files of whoever calls it, ends when
its caller is killed, and gives its exit code back.
"""

from __future__ import annotations

import array
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

FILES = 3  # stdin, stdout, stderr
BROKEN = 70
IMPORTED = (
    "mcp_server.entry",
    "mcp_server.cli.commands",
    "mcp_server.cli.run",
    "mcp_server.cli.status",
    "mcp_server.client",
)
_CALLER = """\
#!{python} -S
import array, json, os, signal, socket, sys
link = socket.socket(socket.AF_UNIX)
link.connect({address!r})
signal.signal(signal.SIGTERM, lambda *_: os._exit(143))
given = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
link.sendmsg([len(given).to_bytes(4, "big")], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0, 1, 2]))])
link.sendall(given)
code = link.recv(1)
sys.exit(code[0] if code else {broken})
"""


class Warm:
    """The process that forks, and the command that asks it."""

    def __init__(self, folder: Path) -> None:
        address = str(folder / "socket")
        self.bin = folder / "bin"
        self.bin.mkdir()
        caller = self.bin / "botmcp"
        caller.write_text(_CALLER.format(python=sys.executable, address=address, broken=BROKEN), "utf-8")
        caller.chmod(0o755)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.docs.warm", address],
            stdin=subprocess.PIPE,  # it ends when nobody holds this any more
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
            env={**os.environ, "COLUMNS": "120", "NO_COLOR": "1"},  # read when rich is imported
        )
        assert self._process.stdout
        assert self._process.stdout.readline(), "the warm process has not started"

    def close(self) -> None:
        self._process.terminate()
        self._process.communicate(timeout=20)


def main(address: str) -> None:
    """Fork for each caller."""
    for name in IMPORTED:
        importlib.import_module(name)
    door = socket.socket(socket.AF_UNIX)
    door.bind(address)
    door.listen(16)
    print("ready", flush=True)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while sys.stdin not in select.select([door, sys.stdin], [], [])[0]:  # which ends with whoever started this
        link, _ = door.accept()
        if os.fork() == 0:
            door.close()
            _perform(link)
        link.close()


def _perform(link: socket.socket) -> None:
    """Be the command that was asked for; never returns."""
    code = BROKEN
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        files = array.array("i")
        head, told, _, _ = link.recvmsg(4, socket.CMSG_SPACE(FILES * files.itemsize))
        files.frombytes(told[0][2])
        given = b""
        while len(given) < int.from_bytes(head, "big"):
            given += link.recv(65536)
        arguments, folder, environment = json.loads(given)
        for number, file in enumerate(files):
            os.dup2(file, number)
            os.close(file)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        sys.argv = ["botmcp", *arguments]
        threading.Thread(target=_ended_with, args=(link,), daemon=True).start()
        code = _run()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        link.sendall(bytes([code]))
        os._exit(code)


def _run() -> int:
    from mcp_server.entry import main as entry

    try:
        found = entry()
    except SystemExit as error:
        found = error.code
    return found if isinstance(found, int) else 0 if found is None else 1


def _ended_with(link: socket.socket) -> None:
    """End this process when its caller has gone."""
    if not link.recv(1):
        os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main(sys.argv[1])
