"""Packages that came as zip files: unpacked beside the place, looked through, and moved there in one go.

Nothing of a name in the archive becomes a path before it was checked: no link, no way up, no device, no more bytes
than are allowed, however small they were packed.
"""

from __future__ import annotations

import io
import re
import secrets
import shutil
import stat
import zipfile
from pathlib import Path, PurePosixPath

from hostbridge.kept_folders import keep
from hostbridge.packages import SUFFIX
from keywords.mistakes import LimitReached, WrongValue

MOST_FILES = 5_000
MOST_BYTES = 256 * 2**20
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,98}")


def folder(home: Path) -> Path:
    """Where uploaded packages lie."""
    return home / "uploaded"


def put(home: Path, name: str, body: bytes) -> None:
    """Unpack a package under this name; raises WrongValue, LimitReached."""
    place = _place(home, name)
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = place.parent / f".{secrets.token_hex(8)}"
    try:
        _unpacked(body, draft)
        old = place.parent / f".{secrets.token_hex(8)}"
        if place.exists():
            place.rename(old)
        draft.rename(place)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    keep(home, (place.parent,))


def delete(home: Path, name: str) -> None:
    """Take the package away."""
    place = _place(home, name)
    gone = place.parent / f".{secrets.token_hex(8)}"
    if place.exists():
        place.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)


def _place(home: Path, name: str) -> Path:
    plain = name.removesuffix(SUFFIX)
    if not _NAME.fullmatch(plain) or plain.endswith((".", " ")):
        raise WrongValue("The name of a package has letters, digits, blanks, dots, hyphens and underscores.")
    return folder(home) / f"{plain}{SUFFIX}"


def _unpacked(body: bytes, draft: Path) -> None:
    try:
        archive = zipfile.ZipFile(io.BytesIO(body))
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise WrongValue("The body is not a zip file.") from None
    if not entries:
        raise WrongValue("The zip file is empty.")
    if len(entries) > MOST_FILES:
        raise LimitReached(f"A package may have {MOST_FILES:,} files; this one has {len(entries):,}.")
    places = [_inside(entry) for entry in entries]
    heads = {place.parts[0] for place in places}
    wrapped = len(heads) == 1 and next(iter(heads)).endswith(SUFFIX) and all(len(place.parts) > 1 for place in places)
    left = MOST_BYTES
    for entry, place in zip(entries, places, strict=True):
        target = draft.joinpath(*(place.parts[1:] if wrapped else place.parts))
        left -= _written(archive, entry, target, left)


def _inside(entry: zipfile.ZipInfo) -> PurePosixPath:
    place = PurePosixPath(entry.filename.replace("\\", "/"))
    kind = stat.S_IFMT(entry.external_attr >> 16)
    parts = place.parts
    if place.is_absolute() or not parts or any(part in ("..", ".") or not part.isprintable() for part in parts):
        raise WrongValue("The zip file names a place outside of the package.")
    if ":" in parts[0] or kind not in (0, stat.S_IFREG) or entry.flag_bits & 1:
        raise WrongValue(f"{entry.filename[:100]} is no plain file.")
    if len(parts) > 12 or any(len(part.encode("utf-8", "replace")) > 200 for part in parts):
        raise LimitReached("The zip file names a place that is too long or too deep.")
    return place


def _written(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, most: int) -> int:
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        count = 0
        with archive.open(entry) as packed, target.open("xb") as out:
            while piece := packed.read(1 << 16):
                count += len(piece)
                if count > most:
                    raise LimitReached(f"A package may have {MOST_BYTES // 2**20} MB.")
                out.write(piece)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as error:
        raise WrongValue(f"{entry.filename[:100]} cannot be unpacked.") from error
    return count
