"""`botmcp backup` and `botmcp restore`."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from rich.markup import escape

from mcp_server import backing_up
from mcp_server.app import database
from mcp_server.backing_up import Kept
from mcp_server.cli.console import out, print_json
from mcp_server.cli.errors import CommandError
from mcp_server.cli.status import answering
from mcp_server.settings import Settings


async def backup(settings: Settings, target: Path | None, *, verify: bool, as_json: bool) -> int:
    """Write one file that holds everything."""
    now = datetime.now(UTC)
    file = (target or Path(f"botmcp-{now:%Y%m%d-%H%M%S}.backup")).absolute()
    if not await asyncio.to_thread(file.parent.is_dir):
        raise CommandError(f"There is no folder {file.parent}. Make it, or name another place for the backup.")
    if settings.embedded and not await asyncio.to_thread((settings.home / "postgres").exists):
        raise CommandError(f"There is nothing to back up in {settings.home}: nothing has run here yet.")
    async with database(settings) as where:
        kept = await backing_up.backed_up(settings, where, file, now)
    if verify:
        await backing_up.verified(file)
    size = (await asyncio.to_thread(file.stat)).st_size
    if as_json:
        print_json({"file": str(file), "bytes": size, "verified": verify, **_told(kept)})
        return 0
    out.print(f"Backed up into {escape(str(file))} ({size / 1e6:.1f} MB): {_counted(kept)}.")
    out.print("It was restored into a server of its own, and everything came back." if verify else _ADVICE)
    out.print("It holds secrets and personal data: keep it as safe as the database itself.")
    return 0


_ADVICE = "--verify also restores it into a server of its own and compares."


async def restore(settings: Settings, source: Path, *, as_json: bool) -> int:
    """Bring back what a backup holds, into a place where nothing is."""
    if settings.embedded and await asyncio.to_thread(answering, settings):
        raise CommandError("The background server of this data folder runs: `botmcp stop` it first.")
    settings.made_home()
    file = await asyncio.to_thread(source.absolute)
    async with database(settings) as where:
        kept = await backing_up.put_back(settings, where, file)
    if as_json:
        print_json({"file": str(file), **_told(kept)})
        return 0
    out.print(f"Restored what botmcp {escape(kept.version)} kept on {escape(kept.made_at)}: {_counted(kept)}.")
    if kept.packages:
        out.print(f"Packages of other folders are installed now: {escape(', '.join(kept.packages))}.")
    out.print(
        "Everything goes on where it was when a worker starts: the next client, `botmcp serve` or `botmcp worker`."
    )
    return 0


async def verify(settings: Settings, source: Path, *, as_json: bool) -> int:
    """Restore a backup into a server of its own and compare; nothing else is touched."""
    kept = await backing_up.verified(await asyncio.to_thread(source.absolute))
    if as_json:
        print_json({"file": str(source), "verified": True, **_told(kept)})
        return 0
    out.print(f"The backup is whole, and everything comes back: {_counted(replace(kept))}.")
    return 0


def _told(kept: Kept) -> dict[str, object]:
    return {
        "version": kept.version,
        "made_at": kept.made_at,
        "migration": kept.migration,
        "rows": dict(kept.rows),
        "packages": list(kept.packages),
        "files": len(kept.digests) - 1,
    }


def _counted(kept: Kept) -> str:
    rows = kept.rows
    parts = [
        f"{rows.get('workflow_executions', 0):,} executions",
        f"{rows.get('workflow_events', 0):,} events",
        f"{rows.get('bot_memories', 0):,} memories",
        f"{sum(rows.values()):,} rows of {len(rows)} tables in all",
        f"{len(kept.digests) - 1:,} files",
    ]
    return ", ".join(parts)
