"""One bot's folder of files. Blocks: call it in a thread.

A path of a program is always one inside the folder: absolute paths begin there, `..` and links that lead out are
refused. A file is written beside its place and moved there, so that nobody ever reads half of one.
"""

from __future__ import annotations

import fnmatch
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from keywords.mistakes import LimitReached, Refused, UnknownName, WrongValue
from keywords.values import List, Object, RowSet

MOST_BYTES = 256 * 1_048_576  # of one file
MOST_FILES = 10_000  # that one LIST tells
LONGEST = 500  # characters of a path


class NoFile(UnknownName):
    """There is no such file; says what is like it."""


class Drive:
    """The files below a folder, made when the first is written; what is not there is looked for in `seed`."""

    def __init__(self, root: Path, seed: Path | None = None) -> None:
        self._root = root
        self._seed = seed

    # -- places --------------------------------------------------------------------------------------------------------

    def existing(self, path: str) -> Path:
        """Where the file or folder is; raises NoFile, or Refused for a path that leads out."""
        relative = _relative(path)
        for root in (self._root, self._seed):
            if root is None:
                continue
            found = _inside(root, relative)
            if found.exists():
                return found
        folder = relative.parent
        names = sorted(entry.name for entry in self._entries(folder))
        raise NoFile("file", str(relative), names, f"The folder {_shown(folder)} has: {_some(names)}.")

    def place(self, path: str) -> Path:
        """Where a file of this path is to be written; its folder is made."""
        relative = _relative(path)
        if relative == PurePosixPath():
            raise WrongValue("The path of a file is empty.")
        target = _inside(self._root, relative)
        if target.is_dir():
            raise WrongValue(f"{relative} is a folder.")
        self._root.mkdir(parents=True, exist_ok=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        return _inside(self._root, relative)  # again: what was just made may have been a link a moment ago

    def known_as(self, place: Path) -> str:
        """What programs call it."""
        for root in (self._root, self._seed):
            if root is not None and place.resolve().is_relative_to(root.resolve()):
                return place.resolve().relative_to(root.resolve()).as_posix()
        raise Refused("The file is not in the bot's folder.")

    # -- content -------------------------------------------------------------------------------------------------------

    def content(self, path: str) -> bytes:
        """The bytes of a file; raises LimitReached beyond 256 MB."""
        place = self.existing(path)
        if place.is_dir():
            raise WrongValue(f"{path} is a folder. LIST tells what is in it.")
        if place.stat().st_size > MOST_BYTES:
            raise LimitReached(f"{path} is larger than {MOST_BYTES >> 20} MB.")
        return place.read_bytes()

    def keep(self, path: str, content: bytes) -> str:
        """Write the file, whole or not at all; what it is known as."""
        if len(content) > MOST_BYTES:
            raise LimitReached(f"{path} would be larger than {MOST_BYTES >> 20} MB.")
        return self.keep_by(path, lambda draft: _write(draft, content))

    def keep_by(self, path: str, write: Callable[[Path], object]) -> str:
        """Write the file by a function that fills a draft of it."""
        place = self.place(path)
        handle, name = tempfile.mkstemp(prefix=".draft-", dir=place.parent)
        os.close(handle)
        draft = Path(name)
        try:
            write(draft)
            draft.chmod(0o644)
            draft.replace(place)
        finally:
            draft.unlink(missing_ok=True)
        return self.known_as(place)

    def copy(self, source: str, target: str) -> str:
        """Copy a file; into a folder under its own name."""
        place = self.existing(source)
        if place.is_dir():
            raise WrongValue(f"{source} is a folder; files are copied.")
        return self.keep_by(self._named(target, place.name), lambda draft: shutil.copyfile(place, draft))

    def move(self, source: str, target: str, *, again: bool = False) -> str:
        """Move a file. Asked `again` after a crash, one that has moved already is where it should be."""
        try:
            kept = self.copy(source, target)
        except NoFile:
            if not again:
                raise
            return self.known_as(self.existing(self._named(target, PurePosixPath(source).name)))
        if kept != self.known_as(self.existing(source)):
            self.remove(source)
        return kept

    def remove(self, path: str, *, again: bool = False) -> bool:
        """Remove a file; asked `again`, one that is gone already is no mistake. Files of the package itself stay."""
        relative = _relative(path)
        place = _inside(self._root, relative)
        if not place.exists():
            if again:
                return True
            self.existing(path)
            raise Refused(f"{relative} belongs to the package and cannot be removed.")
        if place.is_dir():
            raise WrongValue(f"{relative} is a folder; DELETE FILE removes files.")
        place.unlink()
        return True

    # -- folders -------------------------------------------------------------------------------------------------------

    def names(self, folder: str, pattern: str, *, recursive: bool) -> List:
        """The names of the files of a folder, sorted; below it, too, as paths when `recursive`."""
        base = _relative(folder)
        return List(str(path.relative_to(base)) for path, _ in self._files(base, pattern, recursive=recursive))

    def details(self, folder: str) -> RowSet:
        """The files of a folder: `{name, path, size, modified}`."""
        rows = RowSet()
        for path, place in self._files(_relative(folder), "*", recursive=False):
            status = place.stat()
            changed = datetime.fromtimestamp(int(status.st_mtime), UTC)
            rows.append(Object(name=path.name, path=str(path), size=status.st_size, modified=changed))
        return rows

    def _files(self, base: PurePosixPath, pattern: str, *, recursive: bool) -> list[tuple[PurePosixPath, Path]]:
        found: dict[PurePosixPath, Path] = {}
        for root in filter(None, (self._seed, self._root)):
            for place in _walk(root, _inside(root, base), recursive=recursive):
                path = PurePosixPath(place.relative_to(root.resolve()).as_posix())
                if fnmatch.fnmatch(path.name, pattern):
                    found[path] = place
                if len(found) > MOST_FILES:
                    raise LimitReached(f"The folder {_shown(base)} has more than {MOST_FILES:,} files.")
        return sorted(found.items())

    def _entries(self, folder: PurePosixPath) -> Iterator[Path]:
        for root in (self._root, self._seed):
            try:
                if root is not None:
                    yield from (entry for entry in _inside(root, folder).iterdir() if not entry.name.startswith("."))
            except (OSError, Refused):
                continue

    def _named(self, target: str, name: str) -> str:
        """The path of a file copied to `target`, which may be a folder."""
        relative = _relative(target)
        if target.rstrip().endswith("/") or _inside(self._root, relative).is_dir():
            return str(relative / name)
        return target


def _relative(path: str) -> PurePosixPath:
    """The path below the root; raises Refused where it would lead out, WrongValue where it is none."""
    words = path.strip().replace("\\", "/")
    if len(words) > LONGEST or not words.isprintable():
        raise WrongValue(f"A path is one line of at most {LONGEST} characters.")
    parts = [part for part in words.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise Refused(f"{words} leads out of the bot's folder.")
    if any(len(part.encode()) > 255 for part in parts):
        raise WrongValue("The name of a file may have 255 bytes.")
    if parts and parts[0].endswith(":"):
        raise Refused(f"{words} is no path in the bot's folder.")
    return PurePosixPath(*parts)


def _inside(root: Path, relative: PurePosixPath) -> Path:
    """The real place; raises Refused when a link leads out of the root."""
    real = root.resolve()
    found = (real / relative).resolve()
    if not found.is_relative_to(real):
        raise Refused(f"{relative} leads out of the bot's folder.")
    return found


def _walk(root: Path, folder: Path, *, recursive: bool) -> Iterator[Path]:
    real = root.resolve()
    if not folder.is_dir():
        return
    for entry in sorted(folder.rglob("*") if recursive else folder.iterdir()):
        if not entry.name.startswith(".draft-") and entry.is_file() and entry.resolve().is_relative_to(real):
            yield entry


def _write(draft: Path, content: bytes) -> None:
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _shown(folder: PurePosixPath) -> str:
    return f"{folder}/" if folder != PurePosixPath() else "of the bot"


def _some(names: list[str]) -> str:
    if not names:
        return "nothing"
    return ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
