"""ZIP archives, packed and unpacked with limits: a small one may hold more than a disk."""

from __future__ import annotations

import io
import lzma
import zlib
from collections.abc import Sequence
from pathlib import Path
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from hostbridge.files.drive import Drive
from keywords.mistakes import LimitReached, Refused, WrongValue
from keywords.values import List

MOST_FILES = 10_000
MOST_BYTES = 512 * 1_048_576  # unpacked, all together
MOST_RATIO = 200  # unpacked bytes to packed ones


def packed(drive: Drive, paths: Sequence[str], archive: str) -> str:
    """A ZIP of these files and folders; what it is known as."""
    if not paths:
        raise WrongValue("COMPRESS needs files.")
    places = [drive.existing(path) for path in paths]

    def write(draft: Path) -> None:
        with ZipFile(draft, "w", ZIP_DEFLATED) as made:
            for place in places:
                files = sorted(p for p in place.rglob("*") if p.is_file()) if place.is_dir() else [place]
                for file in files:
                    name = file.relative_to(place.parent).as_posix()
                    made.write(file, drive.known_as(file) if name in made.namelist() else name)

    return drive.keep_by(archive, write)


def unpacked(drive: Drive, archive: str, folder: str) -> List:
    """The files of a ZIP, put below a folder; all are looked at before the first is written."""
    content = drive.content(archive)
    names = checked(content, archive)
    with ZipFile(io.BytesIO(content)) as found:
        for name in names:
            drive.place(f"{folder}/{name}")  # refuses what leads out, before anything is written
        for name in names:
            taken(found, name, archive)  # and what is damaged
        return List(drive.keep(f"{folder}/{name}", taken(found, name, archive)) for name in names)


def taken(archive: ZipFile, name: str, called: str) -> bytes:
    """The content of a file in an archive; raises WrongValue where that is damaged or packed in an unknown way."""
    try:
        return archive.read(name)
    except (BadZipFile, OSError, ValueError, RuntimeError, EOFError, zlib.error, lzma.LZMAError) as error:
        raise WrongValue(f"{name} in {called} cannot be unpacked: {error}.") from None


def checked(content: bytes, name: str) -> list[str]:
    """The names of the files in an archive; raises what is wrong with it, before anything is unpacked."""
    try:
        with ZipFile(io.BytesIO(content)) as found:
            entries = [entry for entry in found.infolist() if not entry.is_dir()]
    except (BadZipFile, ValueError, OSError) as error:
        raise WrongValue(f"{name} is no ZIP archive: {error}.") from None
    whole = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_FILES or whole > MOST_BYTES or whole > MOST_RATIO * max(len(content), 4_096):
        raise LimitReached(
            f"{name} would unpack to {len(entries):,} files of {whole:,} bytes; at most {MOST_FILES:,} files, "
            f"{MOST_BYTES >> 20} MB and {MOST_RATIO} times the archive are taken."
        )
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refused(f"{name} is encrypted.")
    return [entry.filename for entry in entries]
