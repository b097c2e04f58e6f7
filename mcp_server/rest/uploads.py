"""Packages that come as zip files, put where `botmcp package install` puts them."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from hostbridge import package_archives as archives
from hostbridge.kept_folders import keep
from hostbridge.packages import SUFFIX, alike
from keywords.mistakes import Forbidden, ProgramError, Refused, WrongValue


def folder(home: Path) -> Path:
    """Where installed packages lie."""
    return home / "installed"


def put(home: Path, name: str, body: bytes) -> None:
    """Unpack a package under this name; raises WrongValue, LimitReached."""
    plain = name.removesuffix(SUFFIX)
    if not alike(plain) or plain.startswith(".") or "/" in plain or "\\" in plain or ":" in plain:
        raise WrongValue(f"{plain!r} is no name for a package.")
    try:
        content = archives.of_archive(body, f"{plain}.zip")
    except Refused as error:  # of what is in the archive, not of who sends it
        raise error if isinstance(error, Forbidden) else WrongValue(str(error)) from None
    try:
        archives.put(replace(content, name=plain), folder(home), replace=True)
    except OSError as error:
        raise ProgramError(f"The package cannot be kept: {error.strerror}.") from None
    keep(home, (folder(home),))


def delete(home: Path, found: Path) -> None:
    """Take an installed package away."""
    gone = folder(home) / f".{uuid4().hex}"
    if found.parent == folder(home) and found.exists():
        found.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)
