"""Which tables an owner has and how they are made: the first row that is stored makes its table."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, sql

from hostbridge.tables.kinds import TEXT, Column, columns_text, declared, fits, guessed
from keywords.host import Value
from keywords.mistakes import LimitReached, WrongValue
from storage.sql import queries

SQL = queries("hostbridge.tables")
LONGEST = 200  # characters of a name
MOST_COLUMNS = 500
MOST_TABLES = 1_000
_TYPES = {
    "text": sql.SQL("text"),
    "number": sql.SQL("numeric"),
    "truth": sql.SQL("boolean"),
    "date": sql.SQL("date"),
    "moment": sql.SQL("timestamptz"),
    "any": sql.SQL("jsonb"),
}
ROW = "_row"  # our own column: the order in which rows came


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose tables: a package, or a bot that has none."""

    tenant: UUID
    name: str

    @property
    def schema(self) -> str:
        return "bot_" + hashlib.sha256(f"{self.tenant}:{self.name}".encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class Layout:
    """A table that stands in the database."""

    owner: Owner
    name: str
    relation: str
    columns: tuple[Column, ...]

    @property
    def table(self) -> sql.Identifier:
        return sql.Identifier(self.owner.schema, self.relation)

    def column(self, name: str) -> Column | None:
        return next((c for c in self.columns if c.name.casefold() == name.casefold()), None)

    @property
    def key(self) -> Column | None:
        keys = [c for c in self.columns if c.key]
        return keys[0] if len(keys) == 1 else None


def folded(name: str) -> str:
    """What a table is kept as: no case, no blanks around it, no `.csv` behind it. Raises WrongValue."""
    words = name.strip().strip("\"'`").removeprefix(".")
    for ending in (".csv", ".CSV"):
        words = words.removesuffix(ending)
    if not words or len(words) > LONGEST or not words.isprintable():
        shown = words[:40] + ("..." if len(words) > 40 else "")
        raise WrongValue(f'"{shown}" is no name of a table. Use letters and digits, at most {LONGEST} characters.')
    return words.casefold()


def named(name: str) -> str:
    """The name of a column as a program gives it; raises WrongValue."""
    words = name.strip().strip("\"'`")
    if not words or len(words) > LONGEST or not words.isprintable() or words.casefold() == ROW:
        raise WrongValue(f'"{words[:40]}" is no name of a column. Use letters and digits, at most {LONGEST}.')
    return words


def identifier(words: str) -> str:
    """A name that Postgres and psycopg take as it is: at most 63 bytes and no `%`; a digest tells what is left out."""
    whole = words.casefold()
    if len(whole.encode()) <= 63 and "%" not in whole:
        return whole
    digest = hashlib.sha256(whole.encode()).hexdigest()[:16]
    return whole.replace("%", "").encode()[:46].decode(errors="ignore") + "_" + digest


async def layout(connection: AsyncConnection, owner: Owner, name: str) -> Layout | None:
    """The table as it stands, or None."""
    given = {"tenant": owner.tenant, "owner": owner.name, "name": folded(name)}
    row = await (await connection.execute(SQL["layout"], given)).fetchone()
    if row is None:
        return None
    _, relation, columns = row
    return Layout(owner, folded(name), relation, tuple(Column.from_json(c) for c in columns))


async def ready(
    connection: AsyncConnection,
    owner: Owner,
    name: str,
    definition: Mapping[str, Any] | None,
    rows: Iterable[Mapping[str, Value]],
    now: datetime,
) -> Layout:
    """The table, made or widened so that it can take these rows; in the caller's transaction."""
    rows = list(rows)
    found = await layout(connection, owner, name)
    if found is not None and not _wanting(found, rows):
        return found
    await connection.execute(SQL["hold_owner"], {"owner": owner.schema})
    found = await layout(connection, owner, name)  # somebody else may have been first
    if found is None:
        found = await _made(connection, owner, name, definition, now)
    return await _widened(connection, found, rows)


def _wanting(found: Layout, rows: Iterable[Mapping[str, Value]]) -> bool:
    for row in rows:
        for name, value in row.items():
            column = found.column(name)
            if column is None and value is None:
                continue  # what never held a value is not there, and reads as NULL
            if column is None or (column.guessed and not fits(column.kind, value)):
                return True
    return False


async def _made(
    connection: AsyncConnection, owner: Owner, name: str, definition: Mapping[str, Any] | None, now: datetime
) -> Layout:
    given = {"tenant": owner.tenant, "owner": owner.name}
    known = await (await connection.execute(SQL["names"], given)).fetchall()
    if len(known) >= MOST_TABLES:
        raise LimitReached(f"{owner.name} has {MOST_TABLES:,} tables; that is the limit. Remove some.")
    made = Layout(owner, folded(name), identifier(folded(name)), tuple(_declared(definition)))
    await connection.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(owner.schema)))
    columns: list[sql.Composable] = [
        sql.SQL("{} bigint generated always as identity primary key").format(sql.Identifier(ROW))
    ]
    for column in made.columns:
        columns.append(_definition(column))
    keys = [sql.Identifier(identifier(c.name)) for c in made.columns if c.key]
    if keys:
        columns.append(sql.SQL("unique ({})").format(sql.SQL(", ").join(keys)))
    await connection.execute(sql.SQL("create table {} ({})").format(made.table, sql.SQL(", ").join(columns)))
    more = {"name": made.name, "schema": owner.schema, "relation": made.relation, "now": now}
    await connection.execute(SQL["add_layout"], {**given, **more, "columns": columns_text(made.columns)})
    return made


def _declared(definition: Mapping[str, Any] | None) -> Iterable[Column]:
    for column in definition["columns"] if definition else ():
        kind = declared(column["type"])
        yield Column(
            column["name"],
            kind,
            key=column.get("key", False),
            unique=column.get("unique", False) and not column.get("key", False),
            generates=kind is TEXT and column["type"].casefold() in ("guid", "uuid") and column.get("key", False),
        )


def _definition(column: Column) -> sql.Composable:
    unique = sql.SQL("unique") if column.unique else sql.SQL("")
    return sql.SQL("{} {} {}").format(sql.Identifier(identifier(column.name)), _TYPES[column.kind.name], unique)


async def _widened(connection: AsyncConnection, found: Layout, rows: Iterable[Mapping[str, Value]]) -> Layout:
    """The table with a column for each name of the rows; a guessed column that does not fit a value holds text."""
    columns = {c.name.casefold(): c for c in found.columns}
    added: dict[str, Column] = {}
    for row in rows:
        for name, value in row.items():
            folded_ = name.casefold()
            column = columns.get(folded_)
            if column is None and value is None:
                continue
            if column is None:
                columns[folded_] = added[folded_] = Column(named(name), guessed(value), guessed=True)
            elif column.guessed and not fits(column.kind, value):
                columns[folded_] = replace(column, kind=TEXT)
                if folded_ in added:
                    added[folded_] = columns[folded_]
    if len(columns) > MOST_COLUMNS:
        raise LimitReached(f"The table {found.name} would have {len(columns)} columns; {MOST_COLUMNS} is the most.")
    changed = [c for c in found.columns if columns[c.name.casefold()].kind is not c.kind]
    if not added and not changed:
        return found
    for column in added.values():
        await connection.execute(sql.SQL("alter table {} add column {}").format(found.table, _definition(column)))
    for column in changed:
        await connection.execute(
            sql.SQL("alter table {} alter column {} type text using {}::text").format(
                found.table, *[sql.Identifier(identifier(column.name))] * 2
            )
        )
    wide = replace(found, columns=tuple(columns.values()))
    given = {"tenant": found.owner.tenant, "owner": found.owner.name, "name": found.name}
    await connection.execute(SQL["change_layout"], {**given, "columns": columns_text(wide.columns)})
    return wide
