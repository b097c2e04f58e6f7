"""`botmcp host-kit`: files with which an unmodified General Bots server reaches this one."""

from __future__ import annotations

import os
import re
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from keywords.library import registry
from mcp_server import host_kit
from mcp_server.cli.console import out
from mcp_server.cli.errors import CommandError
from mcp_server.settings import Settings


async def written(settings: Settings, folder: Path, url: str, key: str) -> int:
    """Write the kit into the folder; files of the same names are written anew, others are left alone."""
    where = (url or _own(settings)).rstrip("/")
    parts = urlsplit(where)
    if parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"[\s\"'#]", where):
        raise CommandError(f"{where} is no address of this server. --url http://botmcp.example.com:8765 is expected.")
    if not re.fullmatch(r"[\w.~+/=-]*", key):
        raise CommandError("The key holds characters that no key has. `botmcp keys new` makes one.")
    files = host_kit.kit(where, key, registry())
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, text, secret=bool(key) and key in text)
    scripts = sum(name.startswith(host_kit.KEYWORDS) for name in files)
    rows = (
        ("mcp.csv", "append its row to the mcp.csv of a package of the host"),
        (f"{host_kit.TOOLS}/*.bas", f"copy into its .gbdialog: {len(host_kit.REMOTE)} tools that call {where}"),
        (f"{host_kit.KEYWORDS}/*.bas", f"copy too where BOTSERVER_URL is set: {scripts} scripts run its keywords"),
    )
    for name, told in rows:
        out.print(f"{folder}/{name:<16} {told}", soft_wrap=True)
    if not key and not _loopback(parts.hostname):
        out.print("No key is in them. Make one with `botmcp keys new`, and write the kit anew with --key.")
    return 0


def _write(path: Path, text: str, *, secret: bool) -> None:
    """A file with a key in it is never anybody else's to read, nor was for a moment."""
    if secret:
        path.unlink(missing_ok=True)
    with open(path, "w", encoding="utf-8", opener=partial(os.open, mode=0o600 if secret else 0o666)) as file:
        file.write(text)


def _own(settings: Settings) -> str:
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104 - only compared
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def _loopback(host: str) -> bool:
    return host in ("localhost", "127.0.0.1", "::1")
