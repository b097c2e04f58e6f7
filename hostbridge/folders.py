"""What was found in folders, remembered while none of them changes.

A folder's time of change tells when something in it came, went or was replaced. The clocks of file systems tick in
milliseconds, so what is found in a folder that has only just changed is not remembered yet.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Generic, TypeAlias, TypeVar

T = TypeVar("T")
Found: TypeAlias = tuple[T, Iterable[Path] | None]  # what, and the folders that tell of its change; None: none can
Stamp: TypeAlias = tuple[int, int]
SETTLED_NS = 1_000_000_000


class Remembered(Generic[T]):
    """Answers what `find` finds at a path, and asks it again when one of the folders it looked into has changed."""

    def __init__(self, find: Callable[[Path], Found[T]], clock_ns: Callable[[], int] = time.time_ns) -> None:
        self._find = find
        self._clock_ns = clock_ns
        self._kept: dict[Path, tuple[T, Mapping[Path, Stamp]]] = {}

    def at(self, path: Path) -> T:
        """What is there now."""
        if (known := self._kept.get(path)) and all(_stamp(folder) == stamp for folder, stamp in known[1].items()):
            return known[0]
        settled = self._clock_ns() - SETTLED_NS
        found, folders = self._find(path)
        if folders is not None:
            stamps = {folder: _stamp(folder) for folder in folders}
            if all(changed < settled for changed, _ in stamps.values()):
                self._kept[path] = (found, stamps)
        return found


def _stamp(folder: Path) -> Stamp:
    """When it last changed, and which folder it is: another one may have taken its name."""
    try:
        about = folder.stat()
    except OSError:
        return 0, 0
    return about.st_mtime_ns, about.st_ino
