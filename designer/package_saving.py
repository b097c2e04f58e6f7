"""A draft written back into the dialog of the package that it came from: an act of its own, never done on the side."""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path
from uuid import UUID

from designer.drafts import Drafts
from designer.refusals import Conflict
from hostbridge.packages import Dialog, Packages, shipped
from keywords.mistakes import Refused, UnknownName
from workflow.details import Caller

MARK = b"\xef\xbb\xbf"  # of UTF-8, where the file has it


async def saved(drafts: Drafts, packages: Packages, caller: Caller, workflow: UUID, *, overwrite: bool = False) -> Path:
    """Write the draft into its package, byte for byte and all at once.

    Raises Refused for packages that ship with the product, and Conflict when the file is another one than the draft was
    opened from, unless it shall be overwritten.
    """
    caller.require("admin")
    draft = await drafts.get(caller, workflow)
    dialog = await asyncio.to_thread(_dialog, packages, draft.came_from)
    if dialog is None:
        raise UnknownName("dialog", draft.came_from or draft.name, (), "Export the workflow as a package of its own.")
    if dialog.path.resolve().is_relative_to(shipped().resolve()):
        raise Refused(
            "The packages that ship with botmcp are not overwritten. Export the workflow as a package instead."
        )
    first = await drafts.at(caller, draft, 0)
    known = {text.encode() for text in (draft.source, first.text if first else None) if text is not None}
    return await asyncio.to_thread(_written, dialog.path, draft.source.encode(), None if overwrite else known)


def _dialog(packages: Packages, full_name: str) -> Dialog | None:
    head, _, tail = full_name.partition("/")
    package = packages.find(head) if head and tail else None
    return package.dialog(tail) if package else None


def _written(path: Path, content: bytes, known: set[bytes] | None) -> Path:
    old = path.read_bytes()
    if known is not None and old.removeprefix(MARK) not in known:
        raise Conflict(f"{path.name} was changed on disk since the draft was opened from it. Nothing was written.")
    if old.startswith(MARK):
        content = MARK + content
    if old == content:
        return path
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(path.stat().st_mode & 0o777)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
    return path
