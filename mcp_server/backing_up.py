"""A backup is one file: the tables as they stood at one moment, the packages, the bots' files, and what the data folder
holds of secrets and trust. It can be read by nobody else, and whoever can read it can read everything.

    botmcp.backup (tar)
      manifest.json        what is in it, and the digest of every part
      database.dump        made by pg_dump
      home/...             of the data folder: files of bots, installed packages, secrets, botmcp.toml, who is trusted
      packages/...         packages of other folders; a restore puts them among the installed ones
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from hostbridge.kept_folders import keep
from hostbridge.packages import Packages, shipped
from mcp_server.rendezvous import version
from mcp_server.settings import Settings
from storage import embedded_postgres
from storage.backup import BackupError, counted, dumped, restored
from storage.migrate import migrate
from storage.pool import Where, connect

FORMAT = 1
INSTALLED = "installed"
_LEFT_OUT = frozenset({"run", "log", "packages"})  # of the data folder: what a start makes anew
_LARGEST_MANIFEST = 64 * 1_048_576


class WrongBackup(BackupError):
    """A file that is no backup, or no whole one."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a backup says of itself."""

    version: str
    made_at: str
    migration: int
    rows: Mapping[str, int]
    packages: tuple[str, ...]
    digests: Mapping[str, str]

    @classmethod
    def of(cls, told: Any) -> Kept:
        if not isinstance(told, dict) or told.get("format") != FORMAT:  # pyright: ignore[reportUnknownMemberType]
            raise WrongBackup("It is a backup of another format. Restore it with the release that made it.")
        try:
            return cls(
                str(told["version"]),
                str(told["made_at"]),
                int(told["migration"]),
                dict(told["rows"]),
                tuple(told["packages"]),
                dict(told["digests"]),
            )
        except (KeyError, TypeError, ValueError):
            raise WrongBackup("Its manifest is incomplete.") from None


async def backed_up(settings: Settings, where: Where, target: Path, now: datetime) -> Kept:
    """Write a backup; a file of that name is replaced only by a whole one."""
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    with tempfile.TemporaryDirectory(prefix="botmcp-backup-", dir=target.parent) as name:
        dump = Path(name) / "database.dump"
        copied = await dumped(where, dump)
        try:
            packages = await asyncio.to_thread(_packages, settings)
            told: dict[str, Any] = {
                "format": FORMAT,
                "version": version(),
                "made_at": now.isoformat(),
                "migration": copied.migration,
                "server": copied.server,
                "rows": dict(copied.rows),
                "packages": sorted(packages),
            }
            await asyncio.to_thread(_written, draft, dump, settings.home, packages, told)
            await asyncio.to_thread(draft.replace, target)
        finally:
            await asyncio.to_thread(draft.unlink, missing_ok=True)
    return Kept.of(told)


async def read(source: Path) -> Kept:
    """What a backup says of itself, after every part of it was compared with its digest; raises WrongBackup."""
    return await asyncio.to_thread(_checked, source)


async def put_back(settings: Settings, where: Where, source: Path) -> Kept:
    """Make the database and the data folder of a backup; raises NotEmpty where there is something already."""
    kept = await read(source)
    with tempfile.TemporaryDirectory(prefix="botmcp-restore-", dir=source.parent) as name:
        dump = Path(name) / "database.dump"
        await asyncio.to_thread(_taken, source, "database.dump", dump)
        rows = await restored(where, dump)
        _compared(kept, rows)
        await migrate(where)
    await asyncio.to_thread(_unpacked, source, settings.home)
    keep(settings.home, [settings.home / INSTALLED])
    return kept


async def verified(source: Path) -> Kept:
    """Restore a backup into a server made for it alone, and compare; raises what is wrong with it."""
    kept = await read(source)
    with tempfile.TemporaryDirectory(prefix="botmcp-verify-", dir=source.parent) as name:
        folder = Path(name)
        dump = folder / "database.dump"
        await asyncio.to_thread(_taken, source, "database.dump", dump)
        server = await embedded_postgres.start(folder / "postgres", durable=False)
        try:
            rows = await restored(server.dsn, dump)
            _compared(kept, rows)
            await migrate(server.dsn)
            async with await connect(server.dsn) as connection:
                after = await counted(connection)
            lost = [
                table for table, count in kept.rows.items() if table != "schema_migrations" and after[table] < count
            ]
            if lost:
                raise WrongBackup(f"Rows are lost when it is brought to this release: {', '.join(lost)}.")
        finally:
            await server.stop()
    return kept


# -- parts -------------------------------------------------------------------------------------------------------------


def _compared(kept: Kept, rows: Mapping[str, int]) -> None:
    if wrong := [
        f"{table}: {rows.get(table)} of {count}" for table, count in kept.rows.items() if rows.get(table) != count
    ]:
        raise WrongBackup(f"Not all rows came back: {'; '.join(wrong)}.")


def _packages(settings: Settings) -> dict[str, Path]:
    """Packages that are neither shipped nor in the data folder."""
    packages = Packages(settings.packages, settings.home)
    found = {name: package.folder for name in packages.names() if (package := packages.find(name))}
    elsewhere = (shipped(), settings.home)
    return {name: path for name, path in found.items() if not any(path.is_relative_to(each) for each in elsewhere)}


def _files(settings_home: Path, packages: Mapping[str, Path]) -> Iterator[tuple[str, Path]]:
    for path in sorted(settings_home.iterdir()) if settings_home.is_dir() else ():
        if path.name not in _LEFT_OUT and not path.name.startswith(("postgres", ".")):
            yield from ((f"home/{file.relative_to(settings_home).as_posix()}", file) for file in _below(path))
    for folder in packages.values():
        yield from ((f"packages/{folder.name}/{file.relative_to(folder).as_posix()}", file) for file in _below(folder))


def _below(path: Path) -> Iterator[Path]:
    if path.is_file() and not path.is_symlink():
        yield path
    elif path.is_dir():
        yield from (file for file in sorted(path.rglob("*")) if file.is_file() and not file.is_symlink())


def _written(target: Path, dump: Path, home: Path, packages: Mapping[str, Path], told: dict[str, Any]) -> None:
    digests: dict[str, str] = {}
    told["digests"] = digests
    with (
        os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out,
        tarfile.open(fileobj=out, mode="w") as archive,
    ):
        digests["database.dump"] = _digest(dump)
        archive.add(dump, "database.dump")
        for name, path in _files(home, packages):
            content = path.read_bytes()  # once, so that the digest is of what is kept
            digests[name] = hashlib.sha256(content).hexdigest()
            _add(archive, name, content)
        _add(archive, "manifest.json", json.dumps(told, indent=1).encode())
        out.flush()
        os.fsync(out.fileno())


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o600
    archive.addfile(entry, io.BytesIO(content))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _checked(source: Path) -> Kept:
    try:
        with tarfile.open(source, "r:") as archive:
            members = {member.name: member for member in archive.getmembers()}
            manifest = members.pop("manifest.json", None)
            if manifest is None or manifest.size > _LARGEST_MANIFEST:
                raise WrongBackup(f"{source} is no backup of botmcp, or it was cut off.")
            kept = Kept.of(json.loads(_content(archive, manifest)))
            for name, member in members.items():
                _inside(name, member)
                with _opened(archive, member) as file:
                    if hashlib.file_digest(file, "sha256").hexdigest() != kept.digests.get(name):
                        raise WrongBackup(f"{name} in {source} is not what was backed up: the file is damaged.")
            if missing := sorted(set(kept.digests) - set(members)):
                raise WrongBackup(f"{source} lacks {missing[0]}.")
            return kept
    except FileNotFoundError:
        raise WrongBackup(f"There is no {source}.") from None
    except (tarfile.TarError, OSError, ValueError, EOFError) as error:
        raise WrongBackup(f"{source} cannot be read as a backup: {error}.") from None


def _inside(name: str, member: tarfile.TarInfo) -> None:
    parts = PurePosixPath(name).parts
    if (
        not member.isfile()
        or name.startswith("/")
        or ".." in parts
        or parts[0] not in ("database.dump", "home", "packages")
    ):
        raise WrongBackup(f"{name} does not belong into a backup.")


def _opened(archive: tarfile.TarFile, member: tarfile.TarInfo) -> Any:
    file = archive.extractfile(member)
    assert file is not None, "it is a file"
    return file


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    with _opened(archive, member) as file:
        return file.read()


def _taken(source: Path, name: str, target: Path) -> None:
    with (
        tarfile.open(source, "r:") as archive,
        _opened(archive, archive.getmember(name)) as file,
        target.open("wb") as out,
    ):
        while piece := file.read(1 << 20):
            out.write(piece)


def _unpacked(source: Path, home: Path) -> None:
    """Put the files where they belong; what is there already stays, but for the secrets, which belong to the tables."""
    with tarfile.open(source, "r:") as archive:
        for member in archive.getmembers():
            top, *rest = PurePosixPath(member.name).parts
            if top not in ("home", "packages"):
                continue
            target = home.joinpath(*([INSTALLED] if top == "packages" else []), *rest)
            if target.exists() and target.suffix != ".secret":
                continue
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft = target.with_name(f".{target.name}.restored")
            draft.write_bytes(_content(archive, member))
            draft.chmod(0o600)
            draft.replace(target)
