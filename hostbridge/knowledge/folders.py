"""Which documents a package has, and in which collections.

`<any>.gbkb/<collection>/**` is a collection; what lies in the `.gbkb` folder itself is one named like that folder, and
using it uses all below it. What a link leads out of the folder is not there.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISREG

from hostbridge.knowledge.naming import from_web
from hostbridge.knowledge.reading import readable
from hostbridge.packages import alike

SUFFIX = ".gbkb"
MOST_FILES = 100_000
SETTLED_NS = 100_000_000  # the clocks of file systems tick in milliseconds


@dataclass(frozen=True, slots=True)
class File:
    """A document as it lies there."""

    path: Path
    size: int
    modified_ns: int


@dataclass(frozen=True, slots=True)
class Shelves:
    """What was found at one look."""

    files: Mapping[tuple[str, str], File] = field(default_factory=dict[tuple[str, str], File])  # collection, path
    whole: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])  # a name -> its collections
    folders: Mapping[Path, int] = field(default_factory=dict[Path, int])  # looked through, and when each last changed
    settled: bool = True  # False: a folder had only just changed, and the next change may bear the same time

    def unchanged(self) -> bool:
        """Whether no document came or went; one that was overwritten in place may not show."""
        return self.settled and all(_changed(folder) == stamp for folder, stamp in self.folders.items())

    def collections(self, name: str) -> frozenset[str]:
        """The collections that this name uses; `.gbkb` may stand behind it."""
        return self.whole.get(wanted(name), frozenset())

    @property
    def names(self) -> list[str]:
        """All collections, as their folders are written."""
        return sorted({collection for collection, _ in self.files})


def wanted(name: str) -> str:
    """What two names of one collection have in common."""
    return alike(name.strip().lower().removesuffix(SUFFIX))


def looked_through(package: Path, clock_ns: Callable[[], int] = time.time_ns) -> Shelves:
    """The documents of a package, as they lie there now. Blocks."""
    before = clock_ns() - SETTLED_NS
    files: dict[tuple[str, str], File] = {}
    whole: dict[str, set[str]] = {}
    folders: dict[Path, int] = {package: _changed(package)}
    root = package.resolve()
    for base in sorted(package.glob(f"*{SUFFIX}")):
        if not base.resolve().is_relative_to(root) or not base.is_dir():
            continue
        own = base.name.removesuffix(SUFFIX)
        whole.setdefault(wanted(own), set()).add(own)
        for folder, path in _documents(base, folders):
            parts = folder.relative_to(base).parts
            collection = parts[0] if parts else own
            below = base / parts[0] if parts else base
            file = _file(path, root)
            if file and len(files) < MOST_FILES:
                files[collection, path.relative_to(below).as_posix()] = file
                whole.setdefault(wanted(collection), set()).add(collection)
                whole[wanted(own)].add(collection)
    collections = {name: frozenset(found) for name, found in whole.items()}
    return Shelves(files, collections, folders, all(stamp < before for stamp in folders.values()))


def _documents(base: Path, folders: dict[Path, int]) -> Iterator[tuple[Path, Path]]:
    for found, below, names in os.walk(base):
        folder = Path(found)
        folders[folder] = _changed(folder)
        below[:] = sorted(name for name in below if not name.startswith(".") and not from_web(name))
        for name in sorted(names):
            if readable(Path(name)) and _nameable(folder / name):
                yield folder, folder / name


def _file(path: Path, root: Path) -> File | None:
    try:
        if path.is_symlink() and not path.resolve().is_relative_to(root):
            return None
        about = path.stat()
    except OSError:
        return None
    return File(path, about.st_size, about.st_mtime_ns) if S_ISREG(about.st_mode) else None


def _nameable(path: Path) -> bool:
    """Whether its name is text: others cannot be written down."""
    try:
        path.as_posix().encode()
    except UnicodeEncodeError:
        return False
    return True


def _changed(folder: Path) -> int:
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0
