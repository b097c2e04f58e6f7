"""Brings the database's tables up to date: the numbered SQL of the package `migrations`, forward only.

A file is named `0007_what_it_does.sql` and runs once, in a transaction of its own. We expand first and contract a
release later, so code one release older goes on working: a file says so with a line

    -- works with: 0005

which names the last migration that such older code knows. Without that line code that does not know the file refuses
the database.

    MigrationError         the tables are not as this code needs them
      ChangedMigration     a file that was applied has been changed since
      FailedMigration      a file could not be applied
      DatabaseNewer        the database was changed by newer code, in a way this code does not understand
      ServerTooOld         the server is older than we support
      NotPermitted         our database user may not do what a migration needs
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

import psycopg

from storage.pool import Where, connect
from storage.sql import queries

OLDEST_SERVER = 14
"""The oldest major version of Postgres that we support."""

_FILE = re.compile(r"(\d{4})_(\w+)\.sql")
_WORKS_WITH = re.compile(rb"^-- works with: (\d{4})\s*$", re.MULTILINE)


class MigrationError(Exception):
    """The tables are not as this code needs them."""


class ChangedMigration(MigrationError):
    """A file that was applied has been changed since."""

    def __init__(self, version: int, name: str) -> None:
        super().__init__(
            f"Migration {version:04} ({name}) was changed after it was applied to this database. "
            "Put the file back as it was and write the change as a new migration."
        )


class FailedMigration(MigrationError):
    """A file could not be applied; nothing of it remains."""

    def __init__(self, version: int, name: str, error: psycopg.Error) -> None:
        super().__init__(
            f"Migration {version:04} ({name}) could not be applied and left nothing behind: "
            f"{error.diag.message_primary or error}. "
            "Mend what it names in the database and run `botmcp migrate` again."
        )


class DatabaseNewer(MigrationError):
    """The database was changed by newer code, in a way this code does not understand."""

    def __init__(self, version: int, name: str, known: int) -> None:
        super().__init__(
            f"The database is at migration {version:04} ({name}), this botmcp knows up to {known:04} and cannot work "
            "with it. Install the newer botmcp that made the change."
        )


class ServerTooOld(MigrationError):
    """The server is older than we support."""

    def __init__(self, found: int) -> None:
        super().__init__(f"The database server is Postgres {found}; botmcp needs {OLDEST_SERVER} or newer. Upgrade it.")


class NotPermitted(MigrationError):
    """Our database user may not do what a migration needs."""

    def __init__(self, user: str, reason: str) -> None:
        super().__init__(
            f"The database user {user} may not prepare botmcp's tables: {reason}. "
            f"Let an administrator run `botmcp migrate`, or: create schema botmcp authorization {user};"
        )


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered change of the tables."""

    version: int
    name: str
    sql: bytes
    works_with: int

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql).hexdigest()


@dataclass(frozen=True, slots=True)
class Step:
    """A migration and whether this run applied it or found it applied."""

    version: int
    name: str
    applied: bool


def scripts(package: str = "migrations") -> tuple[Migration, ...]:
    """The migrations of a package in order; their numbers are 1, 2, 3 and so on without a gap."""
    found: list[Migration] = []
    for file in resources.files(package).iterdir():
        if not file.name.endswith(".sql"):
            continue
        named = _FILE.fullmatch(file.name)
        if not named:
            raise ValueError(f"{package}/{file.name}: a migration's name looks like 0007_what_it_does.sql. Rename it.")
        sql = file.read_bytes().replace(b"\r\n", b"\n")
        works = _WORKS_WITH.search(sql)
        version = int(named[1])
        found.append(Migration(version, named[2], sql, int(works[1]) if works else version))
    found.sort(key=lambda each: each.version)
    for number, each in enumerate(found, 1):
        if each.version != number:
            raise ValueError(f"{package} has {each.version:04}_{each.name} where {number:04} should be. Renumber it.")
    return tuple(found)


async def migrate(where: Where, migrations: Sequence[Migration] | None = None) -> tuple[Step, ...]:
    """Applies what is missing and tells what it did; any number of processes may do so at once."""
    known = scripts() if migrations is None else tuple(migrations)
    sql = queries("storage", "schema_migrations.sql")
    async with await connect(where, application="botmcp migrate") as connection:
        server = connection.info.server_version // 10000
        if server < OLDEST_SERVER:
            raise ServerTooOld(server)
        try:
            await _prepare(connection, sql)
            before = await _applied(connection, sql, known)
            return tuple([await _step(connection, sql, each, known, before) for each in known])
        except psycopg.errors.InsufficientPrivilege as error:
            raise NotPermitted(connection.info.user, str(error.diag.message_primary)) from error


async def pending(where: Where, migrations: Sequence[Migration] | None = None) -> tuple[Migration, ...]:
    """The migrations that the database lacks; raises as `migrate` would, changes nothing."""
    known = scripts() if migrations is None else tuple(migrations)
    sql = queries("storage", "schema_migrations.sql")
    async with await connect(where, application="botmcp migrate") as connection:
        present = await (await connection.execute(sql["prepared"])).fetchone()
        if not (present and present[0]):
            return known
        applied = await _applied(connection, sql, known)
        return tuple(each for each in known if each.version not in applied)


async def _prepare(connection: psycopg.AsyncConnection, sql: dict[str, bytes]) -> None:
    # "if not exists" alone is not safe against a race: two at once end in a unique violation
    found = await (await connection.execute(sql["prepared"])).fetchone()
    if found and found[0]:
        return
    async with connection.transaction():
        await connection.execute(sql["lock"])
        await connection.execute(sql["create_schema"])
        await connection.execute(sql["create_table"])


async def _step(
    connection: psycopg.AsyncConnection,
    sql: dict[str, bytes],
    each: Migration,
    known: tuple[Migration, ...],
    before: frozenset[int],
) -> Step:
    """One migration in one transaction; the lock ends with it, so this also works through a transaction pooler."""
    if each.version in before:
        return Step(each.version, each.name, applied=False)
    async with connection.transaction():
        await connection.execute(sql["lock"])
        if each.version in await _applied(connection, sql, known):  # somebody else was first
            return Step(each.version, each.name, applied=False)
        try:
            await connection.execute(each.sql)
        except psycopg.errors.InsufficientPrivilege:
            raise
        except psycopg.Error as error:
            raise FailedMigration(each.version, each.name, error) from error
        row = {"version": each.version, "name": each.name, "checksum": each.checksum, "works_with": each.works_with}
        await connection.execute(sql["record"], row)
        return Step(each.version, each.name, applied=True)


async def _applied(
    connection: psycopg.AsyncConnection, sql: dict[str, bytes], known: tuple[Migration, ...]
) -> frozenset[int]:
    """The versions that the database has, checked against ours."""
    ours = {each.version: each for each in known}
    newest = max(ours, default=0)
    rows = await (await connection.execute(sql["applied"])).fetchall()
    for version, name, checksum, works_with in rows:
        if version in ours and ours[version].checksum != checksum:
            raise ChangedMigration(version, name)
        if version not in ours and works_with > newest:
            raise DatabaseNewer(version, name, newest)
    return frozenset(row[0] for row in rows)
