"""Starting and stopping the embedded Postgres, blocking: call it from a thread, through `storage.embedded_postgres`.

What lies in the data folder:

    cluster/      the database; made as cluster.new and renamed when complete, so it is never half made
    gate.lock     held by the one process that starts or stops the server
    users.lock    held, shared, by every process that uses it; the kernel lets go when a process dies
    server.log    what the server says; the one before it in server.log.old

The last user to leave stops the server. A user killed with SIGKILL cannot: then the next one to leave does.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import signal
import stat
import tempfile
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from psycopg.conninfo import make_conninfo

from storage.postgres_account import Identity, NoPostgres, claim, home, identity
from storage.subprocesses import Background, command, run_blocking, start

GATE_SECONDS = 180.0
START_SECONDS = 60.0
STOP_SECONDS = 30.0
ORPHANED_SECONDS = 90.0
"""How long to wait for the memory of an earlier server: one that lost its postmaster.pid ends itself within 60 s."""
TORN_SECONDS = 1.0
LOG_BYTES = 16 << 20
SOCKET_FOLDER_BYTES = 85
"""A socket's whole path may have 107 bytes (103 on macOS), and Postgres adds a name of its own."""

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "fsync": "on",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "io_method": "sync",
}
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off"}
"""For tests: outlives the death of any process, not of the machine."""


@dataclass(frozen=True, slots=True)
class Postmaster:
    """A running server, as its own postmaster.pid tells it."""

    pid: int
    sockets: str

    @property
    def dsn(self) -> str:
        return make_conninfo(host=self.sockets, user="embedded", dbname="postgres")


class Launcher:
    """The embedded Postgres of one data folder, as one user of it sees it."""

    def __init__(self, data_dir: Path, *, durable: bool = True, namespaces: bool = True) -> None:
        self._asked = data_dir.absolute()
        self._durable, self._namespaces = durable, namespaces
        self._folder = self._asked
        self._users: IO[bytes] | None = None

    def start(self) -> tuple[Postmaster, bool]:
        """The running server, and whether it had to be started; from now on we count as a user of it."""
        if self._users is None:
            self._asked.mkdir(mode=0o700, parents=True, exist_ok=True)
        elif not self._in_place(self._users):  # an empty database must not take the place of the one in use
            raise NoPostgres(f"The data folder {self._asked} was removed or moved while its database was in use.")
        with self._gate() as gate, contextlib.ExitStack() as undo:
            if self._users is None:
                self._users = (self._asked / "users.lock").open("ab")
                undo.callback(self._leave)
            fcntl.flock(self._users, fcntl.LOCK_SH)
            found = self._found_or_launched(gate)
            undo.pop_all()
            return found

    def _found_or_launched(self, gate: IO[bytes]) -> tuple[Postmaster, bool]:
        if running := self.running():
            return running, False
        who = identity(namespaces=self._namespaces)
        self._folder = home(self._asked, who)
        if running := self.running():
            return running, False
        return self._launch(who, gate), True

    def _in_place(self, users: IO[bytes]) -> bool:
        with contextlib.suppress(OSError):
            return os.path.samestat((self._asked / "users.lock").stat(), os.fstat(users.fileno()))
        return False

    def _leave(self) -> None:
        if self._users:
            self._users.close()
            self._users = None

    def running(self) -> Postmaster | None:
        """The server if it is up and takes connections; costs two small reads."""
        cluster = self._folder / "cluster"
        with contextlib.suppress(OSError, ValueError, IndexError):
            lines = (cluster / "postmaster.pid").read_text("utf-8").splitlines()
            pid = int(lines[0])
            if lines[7].strip() == "ready" and _is_postgres_of(pid, cluster):
                return Postmaster(pid, lines[4])
        return None

    def stop(self) -> bool:
        """Leaves; stops the server when nobody else uses it, and says whether it did."""
        if self._users is None:
            return False
        with self._gate(), contextlib.ExitStack() as after:
            after.callback(self._leave)
            try:
                fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return False
            running = self.running()
            if running:
                _shut_down(running.pid)
            return running is not None

    @contextlib.contextmanager
    def _gate(self) -> Generator[IO[bytes]]:
        until = time.monotonic() + GATE_SECONDS
        with (self._asked / "gate.lock").open("ab") as gate:
            while True:
                try:
                    fcntl.flock(gate, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except OSError:
                    if time.monotonic() > until:
                        raise NoPostgres(
                            f"Another process has been starting the database in {self._asked} for {GATE_SECONDS:g} s. "
                            f"Look into {self._asked / 'server.log'}, or end that process."
                        ) from None
                time.sleep(0.01)
            yield gate

    def _launch(self, who: Identity, gate: IO[bytes]) -> Postmaster:
        claim(self._folder, who)
        cluster = self._folder / "cluster"
        if not cluster.exists():
            self._create(cluster, who, gate)
        until = time.monotonic() + START_SECONDS
        while _pid_in_use(cluster):  # its starter or stopper was killed at it: let it come up or go down
            if running := self.running():
                return running
            if time.monotonic() > until:
                raise NoPostgres(
                    f"The server in {cluster} neither starts nor ends. Look into {self._folder}/server.log."
                )
            time.sleep(0.01)
        log = self._folder / "server.log"
        if log.exists() and log.stat().st_size > LOG_BYTES:
            log.replace(log.with_suffix(".log.old"))
        sockets = _socket_folder(self._folder, who)
        (sockets / ".s.PGSQL.5432.lock").unlink(missing_ok=True)  # as with postmaster.pid, it may name a zombie
        settings = SETTINGS | ({} if self._durable else NOT_DURABLE) | {"unix_socket_directories": str(sockets)}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        ask = command(
            who.programs / "postgres", "-D", cluster, *options, inside=who.inside, folder=Path("/"), account=who.account
        )
        orphaned = time.monotonic() + ORPHANED_SECONDS
        while True:
            said = log.stat().st_size if log.exists() else 0
            process = start(ask, log=log)
            if running := self._ready(process):
                return running
            with log.open("rb") as words:
                words.seek(said)
                why = words.read()[-2000:].decode("utf-8", "replace").strip()
            # After SIGKILL of a postmaster its children end by themselves, within moments, and hold its memory so long.
            if "is still in use" not in why or time.monotonic() > orphaned:
                raise NoPostgres(
                    f"The embedded Postgres in {cluster} did not start. It said:\n{why or '(nothing)'}\n"
                    "Mend that, set BOTMCP_HOME to another folder, or set DATABASE_URL to a server of your own."
                )
            time.sleep(0.05)

    def _ready(self, process: Background) -> Postmaster | None:
        until = time.monotonic() + START_SECONDS
        while process.ended() is None:
            running = self.running()
            if running and running.pid == process.pid:
                return running
            if time.monotonic() > until:
                process.stop(seconds=5)
                break
            time.sleep(0.01)
        return None

    def _create(self, cluster: Path, who: Identity, gate: IO[bytes]) -> None:
        fresh = cluster.with_name("cluster.new")
        shutil.rmtree(fresh, ignore_errors=True)  # what a killed initdb left
        words = ["-D", str(fresh), "-U", "embedded", "-A", "trust", "-E", "UTF8", "--no-instructions"]
        words += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        words += [] if self._durable else ["--no-sync"]
        ask = command(who.programs / "initdb", *words, inside=who.inside, folder=Path("/"), account=who.account)
        # initdb holds the gate with us: when we are killed the next starter waits for its end, not to meet it in there
        done = run_blocking(ask, seconds=START_SECONDS * 2, holding=[gate.fileno()])
        if done.code != 0:
            raise NoPostgres(
                f"The embedded Postgres could not make its database in {fresh}:\n{done.says()}\n"
                "Is the disk full? Otherwise set BOTMCP_HOME to another folder."
            )
        fresh.rename(cluster)
        folder = os.open(cluster.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # or a power cut could take back the name, and with it all that follows
        finally:
            os.close(folder)


def _socket_folder(folder: Path, who: Identity) -> Path:
    """The data folder, or a short private one where a socket's path would be too long or oddly spelt."""
    if len(os.fsencode(folder)) <= SOCKET_FOLDER_BYTES and re.fullmatch(r"[\w./@+-]+", str(folder), re.ASCII):
        return folder
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    short = Path(tempfile.gettempdir()) / f"botmcp-{os.geteuid()}-{name}"
    short.mkdir(mode=0o700, exist_ok=True)
    found = short.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (os.geteuid(), who.owner) or found.st_mode & 0o077:
        raise NoPostgres(f"{short} should be a private folder of ours and is not. Remove it and start again.")
    claim(short, who)
    return short


def _is_postgres_of(pid: int, cluster: Path) -> bool:
    """The process lives and is the server of this cluster: not a zombie, not a newcomer with an old number."""
    if not Path("/proc/self/stat").exists():
        os.kill(pid, 0)  # raises where nobody has this number
        return True
    words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")  # empty for a zombie
    return words[0].endswith(b"/postgres") and os.fsencode(cluster) in words


def _pid_in_use(cluster: Path) -> bool:
    """Whether postmaster.pid names a living server; removes it otherwise.

    Postgres asks only kill(pid, 0): a zombie, or after a reboot a stranger with that number, would stop its start.
    """
    found = cluster / "postmaster.pid"
    until = time.monotonic() + TORN_SECONDS
    while found.exists():
        try:
            if _is_postgres_of(int(found.read_text("utf-8").split()[0]), cluster):
                return True
            break
        except (ValueError, IndexError):  # empty: torn by a crash, or a server just now writing it
            if time.monotonic() > until:
                break
            time.sleep(0.01)
        except OSError:  # no such process
            break
    found.unlink(missing_ok=True)
    return False


def _shut_down(pid: int) -> None:
    """Stops a server at once but in order; kills it when it does not obey."""
    for sign, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, sign)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if _ended(pid):
                return
            time.sleep(0.01)


def _ended(pid: int) -> bool:
    """The process is no more, or waits only to be collected."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rsplit(")", 1)[1].split()[0] in "ZX"
    except FileNotFoundError:
        return Path("/proc/self").exists()
    except ProcessLookupError:
        return True
