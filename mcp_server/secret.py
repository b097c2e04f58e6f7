"""The installation's own secrets: 32 random bytes a name, in a file that only its owner can read.

Servers that share no data folder make them of the one key that they share.
"""

from __future__ import annotations

import contextlib
import hmac
import os
import secrets
from pathlib import Path

from mcp_server.settings import of_environment


def secret(home: Path, name: str) -> bytes:
    """The secret of this name; made at first use, by exactly one of those who ask at the same time."""
    if shared := of_environment().signing_key:
        return hmac.digest(shared.encode(), f"botmcp {name}".encode(), "sha256")
    file = home / f"{name}.secret"
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not file.exists():
        draft = home / f".{name}.{os.getpid()}.{secrets.token_hex(4)}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as out:
            out.write(secrets.token_hex(32))
        with contextlib.suppress(FileExistsError):  # another process was first: its secret counts
            os.link(draft, file)
        draft.unlink()
    return bytes.fromhex(file.read_text("ascii"))
