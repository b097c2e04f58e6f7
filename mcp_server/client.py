"""Bare `botmcp`: the thin client that carries MCP between its stdin and stdout and the background server.

It starts the server when none answers, copies lines, and imports no SDK. It looks into a line only so far that it can
bridge the server's death: another server is started, the handshake is said again, and of the requests without an answer
those that only read are repeated, the others answered with an error; so the chat goes on. After three deaths within a
minute it ends, and says so on stderr.

Plain threads, because stdin and stdout may be anything (a pipe, a file, a terminal) and asyncio takes only some.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

from mcp_server.rendezvous import STOPPED, Hello, MeetingError, Place, connected, place, version
from mcp_server.settings import Settings, inherited

START_SECONDS = 90.0  # a first start makes the database
PAUSE = 0.03
MOST_STARTS = 20  # of servers that find the place taken, which takes some 0.5 s each
DEATHS, DEATHS_WITHIN = 3, 60.0
READS = frozenset(
    {
        *("ping", "server/discover", "tools/list", "prompts/list", "resources/list", "resources/templates/list"),
        *("resources/read", "prompts/get", "completion/complete"),
    }
)
READING_TOOLS = frozenset(
    {
        *("get_execution", "validate_workflow", "list_executions", "wait_for_event", "get_memory", "search_memory"),
        *("list_approvals", "search_keywords"),
    }
)
LOST = (
    "The botmcp background server ended while it worked on this request. Executions that were started go on: "
    "look with get_execution, or call again with the same idempotency_key."
)


def joined(settings: Settings, want: str = "mcp") -> tuple[socket.socket, Hello]:
    """A connection to the background server, which is started if need be; raises MeetingError."""
    meeting = place(settings.made_home())
    offered = {"toolsets": list(settings.toolsets), "read_only": settings.read_only}
    hello = Hello(version(), settings.fingerprint, want, about=offered)
    until = time.monotonic() + START_SECONDS
    if link := _welcomed(meeting, hello):
        return link
    with _starting(meeting, until):
        ended: Callable[[], int | None] | None = None
        starts = 0
        while time.monotonic() < until:
            if link := _welcomed(meeting, hello):
                return link
            if ended is None:
                ended = _start(meeting, settings)
                starts += 1
            elif (code := ended()) is not None:
                if code:
                    raise MeetingError(_why(meeting, settings, code))
                ended = None  # the place was still held by a server about to go
            if starts > MOST_STARTS:
                break
            time.sleep(PAUSE)
    raise MeetingError(
        f"The background server did not answer within {START_SECONDS:.0f} s. `botmcp doctor` says what is wrong; "
        f"its log is {settings.home / 'log' / 'background.log'}."
    )


def _welcomed(meeting: Place, hello: Hello) -> tuple[socket.socket, Hello] | None:
    found = connected(meeting.socket, hello)
    if found and found[1].answer == "retiring":
        found[0].close()
        return None
    return found


@contextmanager
def _starting(meeting: Place, until: float) -> Generator[None]:
    """One client at a time starts a server; the others wait here and then find it."""
    with meeting.start_lock.open("w") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise MeetingError(
                        "Another client has been starting the background server for too long. "
                        "`botmcp doctor` says what is wrong."
                    ) from None
                time.sleep(PAUSE)
        yield


def _start(meeting: Place, settings: Settings) -> Callable[[], int | None]:
    from storage import subprocesses

    meeting.start_error.unlink(missing_ok=True)
    log = settings.home / "log"
    log.mkdir(exist_ok=True, mode=0o700)
    ask = subprocesses.command(
        sys.executable, "-m", "mcp_server.entry", "background", environment=inherited(settings), folder=settings.home
    )
    return subprocesses.start(ask, log=log / "background.out").ended


def _why(meeting: Place, settings: Settings, code: int) -> str:
    with contextlib.suppress(OSError):
        return meeting.start_error.read_text("utf-8").strip()
    return (
        f"The background server ended at once (code {code}). `botmcp doctor` says what is wrong; what it wrote is in "
        f"{settings.home / 'log' / 'background.out'}."
    )


class Relay:
    """One MCP session over whatever background server lives."""

    def __init__(self, settings: Settings, stdin: BinaryIO, stdout: BinaryIO) -> None:
        self._settings = settings
        self._stdin, self._stdout = stdin, stdout
        self._link, _ = joined(settings)
        self._sending = threading.Lock()  # around the link; taken before the other
        self._lock = threading.Lock()  # around what was asked and stdout: never held while sending, which may block
        self._asked: dict[str, tuple[Any, bytes]] = {}  # requests without an answer: id; the line of one that reads
        self._handshake: list[bytes] = []  # initialize and initialized, of the older protocol era
        self._over = False
        self._deaths: deque[float] = deque(maxlen=DEATHS)

    def run(self) -> int:
        """Carry lines until either side ends; the exit code."""
        threading.Thread(target=self._carry_in, daemon=True).start()
        while True:
            stopped = self._carry_out()
            if self._over:
                return 0
            if stopped:
                _say("The background server was stopped. Workflows go on when the next botmcp starts.")
                return 0
            if not self._revived():
                _say("The background server ended three times within a minute. `botmcp doctor` says what is wrong.")
                return 1

    def leave(self) -> None:
        """End the session: what the server does from now on is no death to bridge."""
        with self._sending:
            self._over = True
            with contextlib.suppress(OSError):
                self._link.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Let go of the server."""
        with self._sending:
            self._link.close()

    def _carry_in(self) -> None:
        while line := self._stdin.readline():
            with self._sending:
                with self._lock:
                    self._note_asked(line)
                with contextlib.suppress(OSError):  # the server died: the other thread sees it and answers for it
                    self._link.sendall(line)
        self.leave()

    def _carry_out(self) -> bool:
        """Carry lines out until the server ends the connection; whether it was stopped on purpose."""
        with contextlib.suppress(OSError), self._link.makefile("rb") as lines:
            for line in lines:
                if line == STOPPED:
                    return True
                if not line.endswith(b"\n"):
                    return False  # torn by the server's death
                with self._lock:
                    self._note_answered(line)
                    self._write(line)
        return False

    def _write(self, line: bytes) -> None:
        try:
            self._stdout.write(line)
            self._stdout.flush()
        except (BrokenPipeError, ValueError):
            self._over = True
            with contextlib.suppress(OSError):
                self._link.shutdown(socket.SHUT_RDWR)

    def _note_asked(self, line: bytes) -> None:
        message = _message(line)
        if message.get("method") in ("initialize", "notifications/initialized"):
            self._handshake.append(line)
        if "id" in message and "method" in message:
            self._asked[json.dumps(message["id"])] = message["id"], line if _reads(message) else b""

    def _note_answered(self, line: bytes) -> None:
        if self._asked:
            message = _message(line)
            if "id" in message and "method" not in message:
                self._asked.pop(json.dumps(message["id"]), None)

    def _revived(self) -> bool:
        """Go on with another server: ask it again what only reads, and answer the rest, which nobody else will."""
        now = time.monotonic()
        if len(self._deaths) == DEATHS and now - self._deaths[0] < DEATHS_WITHIN:
            return False
        self._deaths.append(now)
        with self._sending:
            self._link.close()
            with self._lock:
                again = {json.dumps(_message(line)["id"]) for line in self._handshake if "id" in _message(line)}
                for key in [key for key, (_, line) in self._asked.items() if not line and key not in again]:
                    error = {"code": -32603, "message": LOST}
                    lost = {"jsonrpc": "2.0", "id": self._asked.pop(key)[0], "error": error}
                    self._write(json.dumps(lost).encode() + b"\n")
                reading = [line for _, line in self._asked.values() if line]
                unanswered = again & self._asked.keys()
            self._link, _ = joined(self._settings)
            for line in self._handshake:
                self._link.sendall(line)
                if "id" in _message(line) and not unanswered:
                    _skip_line(self._link)  # the client has had this answer
            # Not here: what is sent may have to wait until answers are read, and this thread reads them.
            threading.Thread(target=self._repeat, args=(self._link, reading), daemon=True).start()
            if self._over:
                self._link.shutdown(socket.SHUT_WR)
        return True

    def _repeat(self, link: socket.socket, lines: list[bytes]) -> None:
        with self._sending, contextlib.suppress(OSError):  # another death: the next server is asked again
            if link is self._link:
                link.sendall(b"".join(lines))


def _message(line: bytes) -> dict[str, Any]:
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", message) if isinstance(message, dict) else {}


def _reads(message: dict[str, Any]) -> bool:
    """Whether the request may be made twice because it changes nothing."""
    match message:
        case {"method": "tools/call", "params": {"name": str(tool)}}:
            return tool in READING_TOOLS
        case _:
            return message["method"] in READS


def _skip_line(link: socket.socket) -> None:
    while (byte := link.recv(1)) and byte != b"\n":
        pass


def _say(sentence: str) -> None:
    print(f"botmcp: {sentence}", file=sys.stderr)  # noqa: T201 - stderr is where an MCP client shows it


def relay(settings: Settings) -> int:
    """Serve MCP over this process's stdin and stdout until the client goes; the exit code."""
    # Whatever else writes to stdout would break the protocol: it goes to stderr instead.
    wire = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        return Relay(settings, sys.stdin.buffer, wire).run()
    except MeetingError as error:
        _say(str(error))
        return 1
