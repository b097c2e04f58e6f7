"""`botmcp doctor`: what is found, what is wrong, and how to put it right. Works however broken the rest is."""

from __future__ import annotations

import asyncio
import shutil
import socket
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from rich.markup import escape

from mcp_server import health
from mcp_server.cli.console import out, print_json
from mcp_server.cli.errors import WRONG, known, named
from mcp_server.health import Finding
from mcp_server.settings import Settings, SettingsError, of_environment

FREE_BYTES = 300_000_000


class Unwell(Exception):
    """What is wrong, and the remedy."""


def doctor(as_json: bool = False) -> int:
    """Look at everything; 1 when something is wrong."""
    try:
        settings = of_environment()
    except SettingsError as error:
        _tell([Finding("wrong", "settings", str(error))], as_json)
        return WRONG
    found = asyncio.run(_looked(settings, lambda finding: None if as_json else _line(finding)))
    if as_json:
        _tell(found, as_json)
    wrong = sum(finding.level == "wrong" for finding in found)
    if not as_json:
        out.print("Everything is in order." if not wrong else f"{wrong} of {len(found)} need attention.")
    return WRONG if wrong else 0


def _tell(found: Sequence[Finding], as_json: bool) -> None:
    if as_json:
        rows = [{"level": each.level, "name": each.name, "says": each.says} for each in found]
        print_json({"ok": all(each.level != "wrong" for each in found), "findings": rows})
    else:
        for each in found:
            _line(each)


def _line(finding: Finding) -> None:
    colour = {"ok": "green", "note": "yellow", "wrong": "red"}[finding.level]
    out.print(f"[{colour}]{finding.level:<5}[/]  {finding.name}: {escape(finding.says)}")


async def _looked(settings: Settings, tell: Callable[[Finding], None]) -> list[Finding]:
    looks: tuple[tuple[str, Callable[[Settings], Awaitable[str]]], ...] = (
        ("version", _version),
        ("data folder", _home),
        ("database", _database),
        ("host database", _host_database),
        ("hints", _hints),
        ("search", search),
        ("background server", _background),
        ("port", _port),
        ("models", _models),
        ("packages", _packages),
        ("plugins", _plugins),
    )
    found: list[Finding] = []

    def note(finding: Finding) -> None:
        found.append(finding)
        tell(finding)

    for name, look in looks:
        try:
            if says := await look(settings):
                note(Finding("ok", name, says))
        except (Unwell, *known()) as error:
            note(Finding("wrong", name, str(error)))
        except Exception as error:  # noqa: BLE001 - a doctor reports whatever it meets
            what = named(error) if isinstance(error, OSError) else f"{type(error).__name__}: {error}"
            note(Finding("wrong", name, what))
        if name == "database" and found[-1].level == "ok":
            await _inside(settings, note)
    return found


async def _inside(settings: Settings, note: Callable[[Finding], None]) -> None:
    """What the tables themselves tell, once they are there."""
    from mcp_server.app import database
    from mcp_server.searching import place
    from storage.migrate import pending
    from storage.pool import connect

    try:
        async with database(settings) as where:
            if await pending(where):
                return  # an earlier release's tables: the next start changes them
            async with await connect(where) as connection:
                vectors = place(settings) == "postgres"
                async for finding in health.findings(connection, health.utc_now(), vectors=vectors):
                    note(finding)
    except Exception as error:  # noqa: BLE001 - a doctor reports whatever it meets
        note(Finding("wrong", "executions", f"{type(error).__name__}: {error}"))


async def _version(settings: Settings) -> str:
    from mcp_server.rendezvous import version

    return f"botmcp {version()}, Python {sys.version.split()[0]} at {sys.prefix}"


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


async def _host_database(settings: Settings) -> str:
    if not settings.host_database_url:
        return ""
    from storage.pool import connect, described

    async with await connect(settings.host_database_url) as connection:
        row = await (await connection.execute("select to_regclass('public.bots') is not null")).fetchone()
    if not row or not row[0]:
        raise Unwell(
            f"{described(settings.host_database_url)} has no table public.bots: it is not a General Bots database. "
            "Correct BOTMCP_HOST_DATABASE_URL, or unset it."
        )
    return described(settings.host_database_url)


async def _port(settings: Settings) -> str:
    """Whether `botmcp serve` could listen, or does."""
    from mcp_server import served
    from mcp_server.rendezvous import place

    if serving := served.addresses(place(settings.made_home())):
        return f"`botmcp serve` answers at {', '.join(serving)}"
    if settings.port == 0 or settings.embedded:
        return ""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise Unwell(
                f"{settings.host}:{settings.port} cannot be listened on ({error.strerror}). If that is not a "
                "`botmcp serve` of another data folder, set BOTMCP_PORT or BOTMCP_HOST."
            ) from None
    return f"{settings.host}:{settings.port} is free for `botmcp serve`"


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
    silent = [model.name for model in settings.models if model.url and not await _answers(model.url)]
    if silent:
        raise Unwell(
            f"nobody answers where {', '.join(silent)} should be. Start it, or correct its url in botmcp.toml."
        )
    return ", ".join(model.name for model in settings.models)


async def _answers(url: str) -> bool:
    """Whether a server of one's own answers at all; what it says does not matter."""
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        async with asyncio.timeout(3):
            _, writer = await asyncio.open_connection(parts.hostname, port)
            writer.close()
            return True
    except (OSError, ValueError, TimeoutError):
        return False


def _missing(folders: Sequence[Path]) -> list[str]:
    return [str(folder) for folder in folders if not folder.is_dir()]


async def _packages(settings: Settings) -> str:
    from hostbridge.discovery import broken_ones
    from hostbridge.packages import Packages

    if missing := await asyncio.to_thread(_missing, settings.packages):
        raise Unwell(f"BOTMCP_PACKAGES names folders that do not exist: {', '.join(missing)}.")
    if broken := await asyncio.to_thread(broken_ones, settings.home):
        told = "; ".join(f"{each.path}, line {each.line}: {each.message}" for each in broken[:5])
        raise Unwell(f"{len(broken)} dialog(s) are broken, and their last good versions in use: {told}")
    return ", ".join(Packages(settings.packages, settings.home).names()) or "none found"


async def _plugins(settings: Settings) -> str:
    from mcp_server.plugged import plugged

    table = plugged(settings)
    return ", ".join(f"{word.name} of {word.plugin}" for word in table if word.plugin) or "none listed"
