"""What a command says when something goes wrong: a sentence and an exit code, never a traceback."""

from __future__ import annotations

import asyncio
import errno
import sys
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import uvloop

from mcp_server.settings import Settings, SettingsError

T = TypeVar("T")
WRONG, FAULT, INTERRUPTED = 1, 70, 130  # exit codes: the user's side, our side, Ctrl-C
PLACES = {  # what a place can be that a user named, and what to do about it
    errno.ENOENT: "Is its folder there? Make it, or name another place.",
    errno.ENOTDIR: "A part of that path is a file. Name another place.",
    errno.EISDIR: "Name a file.",
    errno.EACCES: "Change its permissions, or name another place.",
    errno.EPERM: "Change its permissions, or name another place.",
    errno.EROFS: "Name another place; BOTMCP_HOME is where botmcp keeps its own.",
    errno.ENOSPC: "Make room on that disk.",
    errno.EDQUOT: "Make room on that disk.",
    errno.ENAMETOOLONG: "Choose a shorter name.",
}


class CommandError(Exception):
    """What the user can put right; the sentence says how."""


def known() -> tuple[type[Exception], ...]:
    """The errors that carry a sentence for people."""
    from keywords.mistakes import ProgramError
    from keywords.plugins import PluginRefused
    from mcp_server.listening_server import CannotListen
    from mcp_server.rendezvous import MeetingError
    from storage.backup import BackupError
    from storage.embedded_postgres import NoPostgres
    from storage.migrate import MigrationError
    from storage.pool import DatabaseUnreachable
    from storage.subprocesses import SubprocessError

    return (
        CommandError,
        ProgramError,
        SettingsError,
        PluginRefused,
        BackupError,
        CannotListen,
        MeetingError,
        NoPostgres,
        MigrationError,
        DatabaseUnreachable,
        SubprocessError,
    )


def guarded(settings: Settings | None, role: str, work: Callable[[], Coroutine[Any, Any, int]]) -> int:
    """Run the command to its exit code; whatever happens, the user reads a sentence."""
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(work())
    except KeyboardInterrupt:
        say("Interrupted.")
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last stop before the user: it says or logs every error
        return told(error, settings, role)


def told(error: Exception, settings: Settings | None, role: str) -> int:
    """Tell the user of an error; the exit code. An unknown one goes to the log with all that is known."""
    if isinstance(error, known()):
        say(str(error))
        return WRONG
    if isinstance(error, BrokenPipeError):
        return WRONG  # whoever read our output has gone
    where = ""
    if settings is not None:
        import structlog

        from mcp_server import logs

        file = logs.to_file(settings, role)
        structlog.get_logger().error("command.failed", role=role, exc_info=error)
        where = f" The details are in {file}."
    if isinstance(error, OSError) and error.filename and error.errno in PLACES:
        say(f"{error.filename}: {error.strerror}. {PLACES[error.errno]}{where}")
        return WRONG
    say(f"botmcp itself failed: {named(error)}.{where} `botmcp doctor` may say more.")
    return FAULT


def named(error: Exception) -> str:
    """An error without a sentence of its own: what the system said, or only its type, for its text may hold secrets."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    return type(error).__name__


def say(sentence: str) -> None:
    """One line for people, on stderr."""
    print(f"botmcp: {sentence}", file=sys.stderr)  # noqa: T201 - the one place that speaks to the terminal's stderr
