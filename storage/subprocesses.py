"""The one door through which the product starts other programs.

Whoever comes through it names an absolute program that is on the allow-list, hands over an argument list (never a
shell line), sees a scrubbed environment, and states a time limit. Output beyond its limit ends the program.

    SubprocessError        a program could not be started or did not end as it should
      NotAllowed           the program is not on the list, not absolute, or somebody else could have changed it
      NotStarted           the system refused to start it
      TookTooLong          it was still running at its time limit and has been killed
      SaidTooMuch          it wrote more than its output limit and has been killed
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import stat
import subprocess
import sys
from asyncio.subprocess import Process
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

PROGRAMS = frozenset({"initdb", "postgres", "unshare"})
"""File names that may be started wherever they lie; the running Python is always allowed."""

KEPT = frozenset({"HOME", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "LOGNAME", "PATH", "TMPDIR", "TZ", "USER"})
"""The only variables of our environment that another program sees; what else it needs is given by name."""

MEGABYTE = 1 << 20


class SubprocessError(Exception):
    """A program could not be started or did not end as it should."""


class NotAllowed(SubprocessError):
    """The program is not one that may be started."""


class NotStarted(SubprocessError):
    """The operating system refused to start the program."""


class TookTooLong(SubprocessError):
    """The program was killed at its time limit."""

    def __init__(self, program: str, seconds: float) -> None:
        super().__init__(
            f"{program} was still running after {seconds:g} s and was stopped. Give it less to do or more time."
        )


class SaidTooMuch(SubprocessError):
    """The program was killed because it wrote more than allowed."""

    def __init__(self, program: str, limit: int) -> None:
        super().__init__(f"{program} wrote more than {limit:,} bytes and was stopped. Let it write less, or to a file.")


@dataclass(frozen=True, slots=True)
class Account:
    """The user and group that a program runs as, where it must not run as us."""

    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Command:
    """What to start and how: an argument list behind the allow-list, with the environment it will see."""

    argv: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path | None = None
    account: Account | None = None

    @property
    def program(self) -> str:
        return Path(self.argv[0]).name

    def options(self, **pipes: Any) -> dict[str, Any]:
        """The keyword arguments that both the blocking and the async form hand to the system."""
        options = pipes | {"env": dict(self.environment), "cwd": self.folder, "start_new_session": True}
        if self.account:
            options |= {"user": self.account.uid, "group": self.account.gid, "extra_groups": []}
        return options


@dataclass(frozen=True, slots=True)
class Finished:
    """How a program ended; `code` is negative when a signal ended it."""

    code: int
    out: bytes
    err: bytes

    def says(self) -> str:
        """The end of what it wrote, for an error message."""
        return (self.err or self.out).decode("utf-8", "replace").strip()[-800:]


def command(
    program: Path | str,
    *arguments: Path | str,
    allow: Collection[str] = (),
    inside: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    account: Account | None = None,
) -> Command:
    """A command that passed the allow-list; `allow` adds absolute paths, from the operator's settings or our own.

    `inside` is a program with its arguments that starts ours in its turn; it passes the list too.
    """
    for each in (*inside[:1], program):
        _admit(Path(each), allow)
    kept = {name: value for name, value in os.environ.items() if name in KEPT}
    return Command((*inside, str(program), *map(str, arguments)), kept | dict(environment or {}), folder, account)


def _admit(path: Path, allow: Collection[str]) -> None:
    if not path.is_absolute():
        raise NotAllowed(
            f"{path} is not an absolute path. Name the program by its full path, such as /usr/bin/{path.name}."
        )
    if not (path.name in PROGRAMS or str(path) == sys.executable or str(path) in allow):
        raise NotAllowed(
            f"{path} is not on the list of programs that may be started. Its owner must add it to the settings."
        )
    try:
        found = path.stat()
    except OSError as error:
        raise NotAllowed(f"{path} cannot be started: {error.strerror}. Is it installed?") from error
    if not (stat.S_ISREG(found.st_mode) and os.access(path, os.X_OK)):
        raise NotAllowed(f"{path} is not a program that we may run. Check its permissions.")
    trusted = {0, os.geteuid(), Path(sys.prefix).stat().st_uid}  # the last one's code is what we already run
    if found.st_mode & stat.S_IWOTH or found.st_uid not in trusted:
        raise NotAllowed(
            f"{path} could be changed by another user. It must belong to root or to us, and not be writable by all."
        )


# -- to the end --------------------------------------------------------------------------------------------------------


def run_blocking(ask: Command, *, seconds: float, holding: Sequence[int] = ()) -> Finished:
    """Runs one of our own trusted tools to its end, from a thread; what it writes is kept together in `out`.

    `holding` are open files that it shares: a lock on one of them lasts until both of us have ended.
    """
    process = _open(ask, subprocess.PIPE, holding)
    try:
        said, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        _kill_group(process.pid)
        process.communicate()
        raise TookTooLong(ask.program, seconds) from None
    return Finished(process.returncode, said, b"")


async def run(ask: Command, *, seconds: float, stdin: bytes = b"", limit: int = MEGABYTE) -> Finished:
    """Runs a program to its end and answers what it wrote; kills it and its children at either limit or on cancel."""
    process = await _spawn(ask, asyncio.subprocess.PIPE)
    assert process.stdin and process.stdout and process.stderr
    out = asyncio.ensure_future(_read(process.stdout, ask.program, limit))
    err = asyncio.ensure_future(_read(process.stderr, ask.program, limit))
    fed = asyncio.ensure_future(_feed(process.stdin, stdin))
    try:
        async with asyncio.timeout(seconds):
            await asyncio.gather(out, err, fed)
            code = await process.wait()
    except TimeoutError:
        raise TookTooLong(ask.program, seconds) from None
    finally:
        _kill_group(process.pid)
        for task in (out, err, fed):
            task.cancel()
        await asyncio.gather(out, err, fed, return_exceptions=True)
        # A pipe that is full has stopped being read, and asyncio waits for the end of every pipe.
        await asyncio.gather(_drop(process.stdout), _drop(process.stderr))
        await process.wait()
    return Finished(code, out.result(), err.result())


async def _drop(pipe: asyncio.StreamReader) -> None:
    while await pipe.read(1 << 16):
        pass


async def _feed(pipe: asyncio.StreamWriter, stdin: bytes) -> None:
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        pipe.write(stdin)
        await pipe.drain()
    pipe.close()


async def _read(pipe: asyncio.StreamReader, program: str, limit: int) -> bytes:
    said = bytearray()
    while piece := await pipe.read(1 << 16):
        said += piece
        if len(said) > limit:
            raise SaidTooMuch(program, limit)
    return bytes(said)


# -- to stay -----------------------------------------------------------------------------------------------------------


async def converse(ask: Command) -> Process:
    """Starts a program that talks with us over its stdin and stdout; end it with `dismiss`."""
    return await _spawn(ask, None)


async def dismiss(process: Process, *, seconds: float = 5.0) -> int:
    """Ends a program that `converse` started: asks first, kills it and its children after `seconds`."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), seconds)
    _kill_group(process.pid)
    await process.communicate()  # to the end of its pipes, or they would stay open
    return await process.wait()


class Background:
    """A program that outlives the call that started it, in a session of its own, and if need be also outlives us."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        _background.append(self)

    @property
    def pid(self) -> int:
        return self._process.pid

    def ended(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs. Also takes it off the system's list of the dead."""
        return self._process.poll()

    def stop(self, *, seconds: float) -> int:
        """Asks it to end, kills it after `seconds`; blocking."""
        self._process.terminate()
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            _kill_group(self.pid)
            return self._process.wait()


_background: list[Background] = []
"""Kept so that Python neither warns of a program still running nor forgets to collect one that ended."""


def start(ask: Command, *, log: Path) -> Background:
    """Starts a program that stays; what it writes is appended to `log`. Blocks for the fork only."""
    _background[:] = [known for known in _background if known.ended() is None]
    with log.open("ab") as out:
        return Background(_open(ask, out))


def _open(ask: Command, out: IO[bytes] | int, holding: Sequence[int] = ()) -> subprocess.Popen[bytes]:
    options = ask.options(stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, pass_fds=holding)
    try:
        process = subprocess.Popen[bytes](ask.argv, **options)
    except OSError as error:
        raise NotStarted(f"{ask.program} could not be started: {error}.") from error
    return process


async def _spawn(ask: Command, err: int | None) -> Process:
    pipe = asyncio.subprocess.PIPE
    try:
        return await asyncio.create_subprocess_exec(*ask.argv, stdin=pipe, stdout=pipe, stderr=err, **ask.options())
    except OSError as error:
        raise NotStarted(f"{ask.program} could not be started: {error}.") from error


def _kill_group(pid: int) -> None:
    """Kills the session that a program leads: what it started goes with it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
