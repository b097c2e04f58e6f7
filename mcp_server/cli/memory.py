"""`botmcp memory list|export|import|erase`: what bots remember, from the terminal."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import typer
from rich.markup import escape
from rich.table import Table

from keywords.host import Subject, bot_id
from keywords.mistakes import ProgramError, UnknownName
from mcp_server.app import TENANT, App, open_app
from mcp_server.cli.console import out, print_json
from mcp_server.cli.errors import CommandError
from mcp_server.settings import Settings
from memory.store import BATCH, MemoryStore


async def listed(settings: Settings, bot: str, prefix: str, limit: int, as_json: bool) -> int:
    """List what a bot remembers under keys that begin so."""
    async with open_app(settings, "look") as app:
        name = await _name(app, bot)
        found = await app.memories.listed(TENANT, bot_id(TENANT, name), prefix, app.now(), limit)
    if as_json:
        rows = [{"key": m.key, "value": m.value, "version": m.version, "origin": m.origin} for m in found]
        print_json({"bot": name, "memories": rows})
    elif not found:
        out.print(f"{escape(name)} remembers nothing" + (f" under {escape(prefix)}." if prefix else "."))
    else:
        table = Table("key", "value", "version", "updated", "from")
        for one in found:
            value = one.value if len(one.value) <= 60 else one.value[:57] + "..."
            when = f"{one.updated.astimezone():%Y-%m-%d %H:%M:%S}"
            table.add_row(escape(one.key), escape(value), str(one.version), when, escape(one.origin))
        out.print(table)
    return 0


async def exported(settings: Settings, bot: str, user: str, to: Path | None) -> int:
    """Write all that is known of the subject as JSON."""
    if to is not None and await asyncio.to_thread(to.exists):
        raise CommandError(f"{to} is there already. Give the name of a new file.")
    async with open_app(settings, "look") as app:
        found = await app.memories.exported(TENANT, await _subject(app, bot, user), app.now(), whole=True)
    text = json.dumps(found, ensure_ascii=False, indent=1)
    if to is None:
        typer.echo(text)
        return 0
    await asyncio.to_thread(to.write_text, text + "\n", "utf-8")
    counts = ", ".join(f"{count:,} {name}" for name, count in found["counts"].items())
    out.print(f"{escape(str(to))}: {counts}")
    return 0


async def imported(settings: Settings, file: Path, bot: str, as_json: bool) -> int:
    """Write the memories of an export, many at a time."""
    memories = await asyncio.to_thread(_read, file)
    written, refused = 0, list[str]()
    async with open_app(settings, "look") as app:
        store = MemoryStore(app.where, app.hints)
        writing = asyncio.create_task(store.run())

        async def write(memory: Mapping[str, Any], name: str) -> None:
            nonlocal written
            try:
                value, key = str(memory["value"]), str(memory["key"])
                await store.set(TENANT, bot_id(TENANT, name), key, value, app.now())
                written += 1
            except ProgramError as error:
                refused.append(f"{memory['key']}: {error}")

        met: dict[str, str] = {}

        async def named(given: str) -> str:
            if given not in met:
                met[given] = await _name(app, given)
                await store.met(TENANT, bot_id(TENANT, met[given]), met[given], app.now())
            return met[given]

        try:
            for start in range(0, len(memories), BATCH):
                some = memories[start : start + BATCH]
                names = [await named(bot or str(one.get("bot") or "")) for one in some]
                await asyncio.gather(*(write(one, name) for one, name in zip(some, names, strict=True)))
        finally:
            writing.cancel()
            await asyncio.wait([writing])
    if as_json:
        print_json({"written": written, "refused": refused})
    else:
        out.print(f"{written:,} memories written")
        for words in refused[:20]:
            out.print(f"  [yellow]{escape(words)}[/]")
    return 1 if refused else 0


async def erased(settings: Settings, bot: str, user: str, yes: bool, as_json: bool) -> int:
    """Erase all that is known of the subject; asks first."""
    async with open_app(settings, "look") as app:
        subject = await _subject(app, bot, user)
        if not yes and not typer.confirm(f"Erase all that is known of {subject.name}? Nothing brings it back."):
            return 1
        counts = await app.memories.erased(TENANT, subject, app.now())
    if as_json:
        print_json({"subject": subject.name, "counts": counts})
        return 0
    for name, count in counts.items():
        if count and name != "running":
            out.print(f"{count:,} {name.replace('_', ' ')} erased")
    if counts.get("running"):
        out.print(
            f"[yellow]{counts['running']} executions still run and were left: erase again once they have ended.[/]"
        )
    elif not any(counts.values()):
        out.print("Nothing was known.")
    return 0


async def _subject(app: App, bot: str, user: str) -> Subject:
    if bool(bot) == bool(user):
        raise CommandError("Say of whom: --bot NAME or --user SESSION, one of them.")
    if user:
        return Subject(user, person=user)
    name = await _name(app, bot)
    return Subject(name, bot=bot_id(TENANT, name))


async def _name(app: App, bot: str) -> str:
    if not bot.strip():
        raise CommandError("An export of a person may name bots that have no name here: say which with --bot.")
    try:
        return (await app.bots.identified(TENANT, "", bot))[1]
    except UnknownName:  # a workflow given as text is a bot of its own name
        return bot.strip()


def _read(file: Path) -> list[dict[str, Any]]:
    try:
        found: Any = json.loads(file.read_text("utf-8"))
        memories = cast("list[Any]", found["memories"])
        if all(isinstance(one, dict) and isinstance(one["key"], str) and "value" in one for one in memories):
            return memories
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
    except (ValueError, KeyError, TypeError):
        pass
    raise CommandError(f"{file} is not what `botmcp memory export` writes: JSON with a list of memories.")
