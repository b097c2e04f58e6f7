"""`botmcp keys` and `botmcp audit`: who may do what through the doors, and what was done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from rich.markup import escape
from rich.table import Table

from keywords.mistakes import ProgramError
from mcp_server.app import open_app
from mcp_server.cli.commanded import caller_of
from mcp_server.cli.console import out, print_json
from mcp_server.cli.errors import CommandError
from mcp_server.keys import AGENT
from mcp_server.settings import Settings


async def new(
    settings: Settings,
    name: str,
    scopes: Sequence[str],
    bots: Sequence[str],
    days: float | None,
    subject: str,
    rate: int | None,
    tenant: str,
    as_json: bool,
) -> int:
    """Make a key and show it, this once."""
    async with open_app(settings, "look") as app:
        wanted = [word for part in scopes for word in part.replace(",", " ").split()] or sorted(AGENT)
        try:
            chosen = UUID(tenant) if tenant else None
        except ValueError:
            raise CommandError(f"{tenant} is not a tenant: a UUID is.") from None
        try:
            key, text = await app.keys.new(
                caller_of(app), name, wanted, app.now(), tenant=chosen, subject=subject,
                bots=[word for part in bots for word in part.split(",") if word.strip()] or None, days=days, rate=rate,
            )  # fmt: skip
        except ProgramError as error:
            raise CommandError(str(error)) from None
        told = key.told(app.now())
    if as_json:
        print_json({**told, "key": text})
        return 0
    out.print(f"The key {escape(key.name)} ({key.id}). This is the only time it is shown:")
    out.print(f"\n{text}\n", soft_wrap=True, highlight=False)
    out.print(f"It may: {', '.join(sorted(key.scopes))}.")
    if key.bots is not None:
        out.print(f"Only with: {', '.join(sorted(key.bots))}.")
    out.print(f"It ends {key.expires_at:%Y-%m-%d %H:%M} UTC." if key.expires_at else "It does not end by itself.")
    return 0


async def listed(settings: Settings, as_json: bool) -> int:
    """List the keys, never their text."""
    async with open_app(settings, "look") as app:
        keys = await app.keys.listed(caller_of(app), everywhere=True)
        told = [key.told(app.now()) for key in keys]
    if as_json:
        print_json({"keys": told})
        return 0
    if not told:
        out.print("There are no keys. `botmcp keys new NAME` makes one.")
        return 0
    table = Table("id", "name", "status", "scopes", "bots", "last used", "ends", box=None, pad_edge=False)
    for row in told:
        bots = ", ".join(row["bots"]) if row["bots"] is not None else "all"
        cells = (row["id"], row["name"], row["status"], " ".join(row["scopes"]), bots)
        table.add_row(*map(escape, cells), _day(row["last_used_at"]), _day(row["expires_at"]))
    out.print(table)
    return 0


async def revoked(settings: Settings, named: str) -> int:
    """Take a key back."""
    async with open_app(settings, "look") as app:
        try:
            key = await app.keys.revoke(caller_of(app), named, app.now())
        except ProgramError as error:
            raise CommandError(str(error)) from None
    out.print(f"The key {escape(key.name)} ({key.id}) opens nothing any more.")
    return 0


async def audited(settings: Settings, subject: str, action: str, limit: int, as_json: bool) -> int:
    """Show the newest lines of the audit log."""
    async with open_app(settings, "look") as app:
        caller = caller_of(app)
        rows = await app.audit.read(caller, limit=limit, subject=subject, action=action)
    if as_json:
        print_json({"audit": [_told(row) for row in rows]})
        return 0
    if not rows:
        out.print("Nothing is in the audit log yet.")
        return 0
    table = Table("when", "who", "by", "through", "what", "about", "outcome", box=None, pad_edge=False)
    for row in rows:
        when = f"{row['at'].astimezone(UTC):%Y-%m-%d %H:%M:%S}"
        cells = (row["subject"] or "?", row["proof"], row["door"], row["action"], row["about"], row["outcome"])
        table.add_row(when, *map(escape, cells))
    out.print(table)
    return 0


def _told(row: Any) -> dict[str, Any]:
    return {**row, "at": row["at"].isoformat(), "tenant_id": str(row["tenant_id"])}


def _day(when: str | None) -> str:
    return f"{datetime.fromisoformat(when):%Y-%m-%d}" if when else "-"
