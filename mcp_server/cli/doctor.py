"""`botmcp doctor`: what is found, what is wrong, and how to put it right. Works however broken the rest is."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from rich.markup import escape

from mcp_server.cli.console import out
from mcp_server.cli.errors import WRONG, known, named
from mcp_server.settings import Settings, SettingsError, of_environment

FREE_BYTES = 300_000_000


class Unwell(Exception):
    """What is wrong, and the remedy."""


def doctor() -> int:
    """Look at everything; 1 when something is wrong."""
    out.print(f"Python {sys.version.split()[0]} at {escape(sys.prefix)}")
    try:
        settings = of_environment()
    except SettingsError as error:
        out.print(f"[red]wrong[/]  settings: {escape(str(error))}")
        return WRONG
    return asyncio.run(_looked(settings))


async def _looked(settings: Settings) -> int:
    looks: tuple[tuple[str, Callable[[Settings], Awaitable[str]]], ...] = (
        ("version", _version),
        ("data folder", _home),
        ("database", _database),
        ("hints", _hints),
        ("search", search),
        ("background server", _background),
        ("models", _models),
        ("packages", _packages),
        ("plugins", _plugins),
    )
    wrong = 0
    for name, look in looks:
        try:
            out.print(f"[green]ok[/]     {name}: {escape(await look(settings))}")
        except (Unwell, *known()) as error:
            wrong += 1
            out.print(f"[red]wrong[/]  {name}: {escape(str(error))}")
        except Exception as error:  # noqa: BLE001 - a doctor reports whatever it meets
            wrong += 1
            what = named(error) if isinstance(error, OSError) else f"{type(error).__name__}: {error}"
            out.print(f"[red]wrong[/]  {name}: {escape(what)}")
    out.print("Everything is in order." if not wrong else f"{wrong} of {len(looks)} need attention.")
    return WRONG if wrong else 0


async def _version(settings: Settings) -> str:
    from mcp_server.rendezvous import version

    return f"botmcp {version()}"


async def _home(settings: Settings) -> str:
    home = settings.home
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = home / ".doctor"
        probe.write_text("", "utf-8")
        probe.unlink()
    except OSError as error:
        raise Unwell(f"{home} cannot be written: {error.strerror}. Set BOTMCP_HOME to a folder of yours.") from None
    if (free := shutil.disk_usage(home).free) < FREE_BYTES:
        raise Unwell(f"{home} is on a disk with {free // 2**20} MB left. Make room, or set BOTMCP_HOME elsewhere.")
    return f"{home}, logs in {home / 'log'}"


async def _database(settings: Settings) -> str:
    from mcp_server.app import database
    from memory.reads import APART
    from storage.migrate import pending
    from storage.pool import connect, described

    async with database(settings) as where, await connect(where) as connection:
        row = await (await connection.execute("show server_version")).fetchone()
        waiting = await pending(where)
        apart = None if waiting else await (await connection.execute(APART)).fetchone()
    kind = "embedded Postgres" if settings.embedded else f"Postgres, {described(settings.database_url)}"
    state = "migrated" if not waiting else f"{len(waiting)} migrations to apply: the next start, or `botmcp migrate`"
    if apart:
        state += ", tenants kept apart by the server too" if apart[0] else f", {_BY_STATEMENTS}"
    return f"{kind} {row[0] if row else '?'}, {state}"


_BY_STATEMENTS = (
    "tenants kept apart by the statements alone: our user may not make the roles botmcp_engine and botmcp_request "
    "(an administrator may, before `botmcp migrate`)"
)


async def _hints(settings: Settings) -> str:
    if not settings.redis_url:
        return "through Postgres (set REDIS_URL to use Redis)"
    from redis.asyncio import Redis
    from redis.exceptions import RedisError

    try:
        async with Redis.from_url(settings.redis_url, socket_connect_timeout=5) as redis:
            await redis.ping()
    except (RedisError, OSError, ValueError):
        raise Unwell("the Redis of REDIS_URL does not answer. Correct it, or unset it to use Postgres.") from None
    return "through Redis"


async def search(settings: Settings) -> str:
    from mcp_server.searching import place
    from storage.search.meaning import EmbeddingUnavailable, ModelMeaning, word_meaning
    from storage.vectors.store import StoreUnavailable

    kept = place(settings)
    if settings.embedding_model:
        given = settings
        model = ModelMeaning(
            given.embedding_url, given.embedding_key, given.embedding_model, given.embedding_dimensions
        )
        try:
            await model.embed(["hello"])
        except EmbeddingUnavailable as error:
            raise Unwell(f"{error} Until then only words find. Correct BOTMCP_EMBEDDING_URL, _KEY or _MODEL.") from None
        finally:
            await model.close()
        meaning = f"the model {settings.embedding_model}"
    elif await asyncio.to_thread(word_meaning) is None:
        return (
            "words only: there is no wheel of wordllama for this machine; BOTMCP_EMBEDDING_MODEL would find by meaning"
        )
    else:
        meaning = "word vectors"
    if kept == "qdrant":
        from storage.vectors.qdrant import QdrantVectors, client

        store = QdrantVectors(client(settings.qdrant_url, settings.qdrant_key), "doctor", "none", 1)
        try:
            await store.reached()
        except StoreUnavailable as error:
            raise Unwell(f"{error} Until then only words find. Correct QDRANT_URL, or unset it.") from None
        finally:
            await store.close()
    return f"words and {meaning}, vectors kept in {'this process' if kept == 'process' else kept}"


async def _background(settings: Settings) -> str:
    from mcp_server.cli.status import answering

    if not settings.embedded:
        return "none, as DATABASE_URL is set: run `botmcp serve` and `botmcp worker`"
    servers = await asyncio.to_thread(answering, settings)
    if not servers:
        return "not running; the next client starts it"
    return ", ".join(f"process {server.about.get('pid')}, version {server.version}" for server in servers)


async def _models(settings: Settings) -> str:
    if not settings.models:
        return "none: LLM and model agents need BOTMCP_MODELS, for example openai/gpt-4o-mini; dialogs work without"
    return ", ".join(model.name for model in settings.models)


def _missing(folders: Sequence[Path]) -> list[str]:
    return [str(folder) for folder in folders if not folder.is_dir()]


async def _packages(settings: Settings) -> str:
    from hostbridge.packages import Packages

    if missing := await asyncio.to_thread(_missing, settings.packages):
        raise Unwell(f"BOTMCP_PACKAGES names folders that do not exist: {', '.join(missing)}.")
    return ", ".join(Packages(settings.packages, settings.home).names()) or "none found"


async def _plugins(settings: Settings) -> str:
    from mcp_server.plugged import plugged

    table = plugged(settings)
    return ", ".join(f"{word.name} of {word.plugin}" for word in table if word.plugin) or "none listed"
