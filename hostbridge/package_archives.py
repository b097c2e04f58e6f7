"""Packages that travel: `.gbai` folders packed into a ZIP, and taken out of one, with nothing run and nothing outside.

A ZIP holds one folder `<name>.gbai`, at its top or one folder below (as hosting sites pack a repository). All names in
it are looked at before the first file is written; what would land elsewhere, is a link, or has two names that one disk
cannot tell apart refuses the whole.
"""

from __future__ import annotations

import io
import json
import shutil
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, cast
from uuid import uuid4
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from hostbridge.files.archives import checked, taken
from hostbridge.packages import SUFFIX, alike
from keywords.mistakes import LimitReached, Refused, WrongValue

LARGEST = 100 * 1_048_576  # bytes of an archive
MOST_BYTES = 512 * 1_048_576  # bytes of a folder
MOST_FILES = 10_000
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # what an archive says of the time, so that the same files make the same archive
_LEFT_OUT = frozenset({"__pycache__", ".git", ".DS_Store", "__MACOSX", ".svn", "node_modules"})


@dataclass(frozen=True, slots=True)
class Content:
    """The files of one package, by their paths inside it."""

    name: str
    files: Mapping[str, bytes]

    @property
    def about(self) -> Mapping[str, Any]:
        """What its package.json says; nothing when there is none that can be read."""
        return described(self.files.get("package.json", b""))


def described(content: bytes) -> Mapping[str, Any]:
    """What a package.json says."""
    try:
        found: Any = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def of_folder(folder: Path) -> Content:
    """The package in a folder; raises WrongValue, Refused or LimitReached."""
    found = _package_folder(folder)
    files: dict[str, bytes] = {}
    whole = 0
    for path in sorted(found.rglob("*")):
        inside = path.relative_to(found)
        if _LEFT_OUT.intersection(inside.parts):
            continue
        if path.is_symlink():
            raise Refused(f"{inside} in {found.name} is a link. A package holds files.")
        if path.is_file():
            whole += path.stat().st_size
            if whole > MOST_BYTES or len(files) >= MOST_FILES:
                raise LimitReached(f"{found.name} holds more than {MOST_FILES:,} files or {MOST_BYTES >> 20} MB.")
            files[inside.as_posix()] = path.read_bytes()
    return _whole(found.name.removesuffix(SUFFIX), files)


def of_archive(content: bytes, called: str) -> Content:
    """The package in a ZIP; raises WrongValue, Refused or LimitReached."""
    if len(content) > LARGEST:
        raise LimitReached(f"{called} is larger than {LARGEST >> 20} MB.")
    names = checked(content, called)
    with ZipFile(io.BytesIO(content)) as archive:
        links = [entry.filename for entry in archive.infolist() if stat.S_ISLNK(entry.external_attr >> 16)]
        if links:
            raise Refused(f"{links[0]} in {called} is a link. A package holds files.")
        root = _root(names, called)
        files: dict[str, bytes] = {}
        for name in names:
            _inside(name, called)
            path = PurePosixPath(name)
            if _LEFT_OUT.intersection(path.parts) or not path.is_relative_to(root):
                continue
            files[path.relative_to(root).as_posix()] = taken(archive, name, called)
    return _whole(root.name.removesuffix(SUFFIX), files)


def put(content: Content, folder: Path, *, replace: bool) -> Path:
    """Write the package below a folder, all of it or nothing; raises Refused when one of that name is there."""
    place = folder / f"{content.name}{SUFFIX}"
    folder.mkdir(parents=True, exist_ok=True)
    there = [entry for entry in folder.iterdir() if alike(entry.name) == alike(place.name)]
    if there and not replace:
        raise Refused(f"{there[0].name} is there already. Say --replace to put this one in its place.")
    draft = folder / f".{uuid4().hex}"
    aside = folder / f".{uuid4().hex}"
    try:
        for name, data in content.files.items():
            file = draft / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        draft.mkdir(exist_ok=True)
        for entry in there:
            entry.rename(aside)
        draft.rename(place)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        if aside.exists() and not place.exists():
            aside.rename(place)
        shutil.rmtree(aside, ignore_errors=True)
    return place


def packed(content: Content) -> bytes:
    """The ZIP of a package; the same files make the same bytes."""
    made = io.BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        for name, data in sorted(content.files.items()):
            entry = ZipInfo(f"{content.name}{SUFFIX}/{name}", _FIRST_DAY)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data, ZIP_DEFLATED)
    return made.getvalue()


def _package_folder(folder: Path) -> Path:
    if folder.name.endswith(SUFFIX):
        return folder
    below = sorted(entry for entry in folder.iterdir() if entry.is_dir() and entry.name.endswith(SUFFIX))
    if len(below) != 1:
        told = f"holds {len(below)} packages; name one of them" if below else f"is no package: no folder <name>{SUFFIX}"
        raise WrongValue(f"{folder} {told}.")
    return below[0]


def _root(names: Sequence[str], called: str) -> PurePosixPath:
    """The one package folder in an archive."""
    found: set[PurePosixPath] = set()
    for name in names:
        parts = PurePosixPath(name).parts
        at = next((n for n, part in enumerate(parts[:-1]) if part.endswith(SUFFIX) and part != SUFFIX), None)
        if at is not None and at <= 1:
            found.add(PurePosixPath(*parts[: at + 1]))
    if len(found) != 1:
        listed = ", ".join(sorted(path.name for path in found))
        told = f"holds several packages: {listed}" if found else f"holds no package: no folder <name>{SUFFIX}"
        raise WrongValue(f"{called} {told}.")
    return found.pop()


def _inside(name: str, called: str) -> None:
    """Raises Refused for a name that could lead out of the folder it is unpacked to, on any system."""
    parts = name.split("/")
    odd = "\\" in name or ":" in name or any(ord(character) < 32 for character in name)
    if odd or name.startswith("/") or any(part in ("", ".", "..") for part in parts):
        raise Refused(f"{called} holds {name!r}, which leads out of the package. Nothing was installed.")


def _whole(name: str, files: Mapping[str, bytes]) -> Content:
    if not alike(name) or name.startswith("."):
        raise WrongValue(f"{name}{SUFFIX} is no name for a package.")
    seen: dict[str, str] = {}
    for path in files:
        _inside(path, f"{name}{SUFFIX}")
        if (other := seen.setdefault(path.casefold(), path)) != path:
            raise Refused(f"{other} and {path} are one file on some disks. Rename one of them.")
    if not any(path.endswith(".bas") for path in files):
        raise WrongValue(f"{name}{SUFFIX} holds no dialog: no .bas file in a folder <any>.gbdialog.")
    return Content(name, files)
