"""Workflows that travel: a draft as a `.gbai` archive, an archive's dialogs as drafts. Nothing on disk changes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from designer.draft import Draft
from hostbridge.package_archives import Content, of_archive, of_folder, packed
from hostbridge.packages import Package, Packages, alike
from keywords.mistakes import WrongValue

MOST_DIALOGS = 100


def slug(name: str) -> str:
    """The name as a file's."""
    return re.sub(r"[^\w.-]+", "-", name.strip().casefold()).strip("-.") or "workflow"


async def exported(draft: Draft, packages: Packages) -> tuple[str, bytes]:
    """The draft in its package, or in one of its own; and the archive's name."""
    package = packages.find(draft.origin) if draft.origin else None
    content = await asyncio.to_thread(_with_draft, draft, package)
    return f"{content.name}.gbai.zip", await asyncio.to_thread(packed, content)


def _with_draft(draft: Draft, package: Package | None) -> Content:
    name = slug(draft.name)
    if package is None:
        return Content(name, {f"{name}.gbdialog/{name}.bas": draft.source.encode()})
    content = of_folder(package.folder)
    files = dict(content.files)
    came = draft.came_from.rpartition("/")[2]
    same = [p for p in files if p.endswith(".bas") and alike(PurePosixPath(p).stem) in (alike(came), alike(draft.name))]
    place = same[0] if same else f"{content.name}.gbdialog/{name}.bas"
    files[place] = draft.source.encode()
    return Content(content.name, files)


async def dialogs(data: bytes, called: str) -> tuple[str, Mapping[str, str]]:
    """The texts of the dialogs in a file, by their names, and the package they belong to, "" for a single text.

    Raises WrongValue, Refused or LimitReached for what is no package, leads out of it, or is too large.
    """
    if not data.startswith(b"PK"):
        return "", {PurePosixPath(called).stem or "workflow": _text(data, called)}
    content = await asyncio.to_thread(of_archive, data, called)
    found = {
        PurePosixPath(path).stem: _text(body, path)
        for path, body in content.files.items()
        if path.casefold().endswith(".bas")
    }
    if len(found) > MOST_DIALOGS:
        raise WrongValue(f"{called} holds {len(found)} dialogs; at most {MOST_DIALOGS} are taken at once.")
    return content.name, found


def _text(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise WrongValue(f"{name} is no text in UTF-8.") from None
