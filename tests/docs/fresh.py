"""A copy of the repository as a clone of it would be: what git knows, and nothing that was made since."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.docs.pages import ROOT


def clean_copy(folder: Path) -> Path:
    """The files of the working tree that git knows or would take, without what it ignores."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in listed.stdout.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    return folder
