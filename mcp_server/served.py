"""Where `botmcp serve` answers: each notes its address in the private run folder, for `botmcp status` to read.

A note counts while its server holds a lock on it, which the kernel drops on kill -9. So a link to the inbox, which
carries a key, never leads to whoever listens on the port later.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager

from mcp_server.rendezvous import Place

_EVERY_ADDRESS = (("//0.0.0.0:", "//127.0.0.1:"), ("//[::]:", "//[::1]:"))


@contextmanager
def noted(meeting: Place, address: str) -> Generator[None]:
    """The address stands in a note for as long as this lasts."""
    for everywhere, here in _EVERY_ADDRESS:
        address = address.replace(everywhere, here)
    note, draft = meeting.folder / f"serve-{os.getpid()}", meeting.folder / f"draft-serve-{os.getpid()}"
    with os.fdopen(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(address)
        file.flush()
        draft.replace(note)  # in one move: whoever finds the note finds it whole and locked
        try:
            yield
        finally:
            note.unlink(missing_ok=True)


def addresses(meeting: Place) -> list[str]:
    """The addresses of the servers that live; notes that dead ones left are removed."""
    found: list[str] = []
    for note in sorted(meeting.folder.glob("serve-*")):
        with contextlib.suppress(OSError), note.open(encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                found.append(file.read())
            else:
                note.unlink(missing_ok=True)
    return found
