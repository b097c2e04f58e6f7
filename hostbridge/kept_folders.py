"""The folders with packages that this installation has been given, kept in a file of its data folder, one a line.

A workflow outlives the command and the settings that it was started with. Whichever process of the same data folder
goes on with it, perhaps started by a client that knows nothing of those packages, finds its bots here.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path

FILE = "packages"


def keep(home: Path, folders: Sequence[Path]) -> None:
    """Keep these folders too. Where the data folder cannot be written nothing is kept."""
    known = kept(home)
    new = [line for folder in dict.fromkeys(folders) if folder not in known and b"\n" not in (line := bytes(folder))]
    if not new:
        return
    with contextlib.suppress(OSError):
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (home / FILE).open("ab") as file:  # one write, so that two processes do not mix their lines
            file.write(b"".join(line + b"\n" for line in new))


def kept(home: Path) -> tuple[Path, ...]:
    """The folders kept so far, the newest first."""
    try:
        lines = (home / FILE).read_bytes().split(b"\n")
    except OSError:
        return ()
    return tuple(dict.fromkeys(Path(os.fsdecode(line)) for line in reversed(lines) if line.startswith(b"/")))
