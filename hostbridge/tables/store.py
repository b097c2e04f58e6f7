"""The rows of bots in Postgres; fulfils `keywords.host.Tables`.

Every change is one transaction, and its answer is kept under the id of the call: the same call, made again after a
crash, changes nothing twice. What a condition means is what BASIC means by it (`keywords/conditions.py`); Postgres
only leaves out rows that cannot fit.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import Any, Protocol
from uuid import uuid5

import psycopg
from psycopg import AsyncConnection, sql
from psycopg_pool import AsyncConnectionPool

from hostbridge.tables.kinds import NUMBER, TEXT, Column
from hostbridge.tables.layout import ROW, SQL, Layout, Owner, identifier, layout, ready
from hostbridge.tables.sqlite import selected
from keywords.conditions import holds
from keywords.encode import dump_text, load
from keywords.host import Identity, Moment, Value
from keywords.mistakes import LimitReached, ProgramError, WrongValue
from keywords.values import Object, RowSet, is_number, measure, numeric

MOST_ROWS = 10_000
MOST_BYTES = 8 * 1_048_576
CHUNK = 500
_WORD = re.compile(r"[\w.]+")


class Declarations(Protocol):
    """What a package says of its tables."""

    def table(self, origin: str, name: str) -> Mapping[str, Any] | None:
        """The definition of a table in `tables.bas` or another dialog."""
        ...

    def names(self, origin: str) -> Sequence[str]:
        """The tables that the package declares or has as CSV files."""
        ...

    def rows(self, origin: str, name: str) -> Sequence[Mapping[str, Value]] | None:
        """The rows of a CSV file of the package; None when there is no such file. Raises WrongValue."""
        ...


class DuplicateRow(ProgramError):
    """A row with this key is there already."""

    kind = "duplicate"


class PostgresTables:
    """Finds, adds, changes and removes rows."""

    def __init__(self, pool: AsyncConnectionPool[AsyncConnection], declared: Declarations) -> None:
        self._pool = pool
        self._declared = declared

    async def found(
        self, identity: Identity, table: str, condition: Sequence[Value] | None, most: int | None = None
    ) -> RowSet:
        """The rows that fit, oldest first; at most `most`. Raises LimitReached beyond 10,000 rows or 8 MB."""
        rows = RowSet()
        weight = 0
        async with self._pool.connection() as connection, connection.transaction():
            known = await layout(connection, _owner(identity), table)
            if known is None:
                for seed in await asyncio.to_thread(self._declared.rows, identity.origin, table) or ():
                    if condition is None or holds(condition, seed):
                        rows.append(Object(seed))
                return RowSet(rows[:most])
            async with aclosing(_matching(connection, known, condition)) as matching:
                async for _, row in matching:
                    if most is not None and len(rows) >= most:
                        break
                    rows.append(row)
                    weight += measure(row)[0]
                    if len(rows) > MOST_ROWS or weight > MOST_BYTES:
                        raise LimitReached(
                            f"{table} has more rows that fit than a program can take: {MOST_ROWS:,} or 8 MB. "
                            "Say WHERE or LIMIT."
                        )
        return rows

    async def columns(self, identity: Identity, table: str) -> tuple[str, ...]:
        """The columns of a table in order: those it has, those it was declared with, or those of its CSV file."""
        async with self._pool.connection() as connection:
            known = await layout(connection, _owner(identity), table)
        if known is not None and known.columns:
            return tuple(column.name for column in known.columns)
        if definition := self._declared.table(identity.origin, table):
            return tuple(column["name"] for column in definition["columns"])
        seeds = self._declared.rows(identity.origin, table)
        return tuple(seeds[0]) if seeds else ()

    async def added(self, moment: Moment, table: str, rows: Sequence[Mapping[str, Value]], *, replace: bool) -> Value:
        """The rows as they were stored, one as itself. With `replace` a row with the same key gives way."""

        async def work(connection: AsyncConnection) -> Value:
            where = await self._ready(connection, moment, table, rows)
            stored = [await _insert(connection, where, row, moment, n, replace) for n, row in enumerate(rows)]
            return stored[0] if len(stored) == 1 else RowSet(stored)

        return await self._once(moment, work)

    async def changed(
        self, moment: Moment, table: str, condition: Sequence[Value], values: Mapping[str, Value]
    ) -> Value:
        """How many rows were changed."""

        async def work(connection: AsyncConnection) -> Value:
            where = await self._ready(connection, moment, table, [values])
            fitting = [id_ async for id_, _ in _matching(connection, where, condition, lock=True)]
            return await _update(connection, where, fitting, values)

        return await self._once(moment, work)

    async def removed(self, moment: Moment, table: str, condition: Sequence[Value] | None) -> Value:
        """How many rows were removed."""

        async def work(connection: AsyncConnection) -> Value:
            if await layout(connection, _owner(moment.identity), table) is None and not self._declared.rows(
                moment.identity.origin, table
            ):
                return 0
            where = await self._ready(connection, moment, table, [])
            fitting = [id_ async for id_, _ in _matching(connection, where, condition, lock=True)]
            done = await connection.execute(
                sql.SQL("delete from {} where {} = any(%(ids)s)").format(where.table, sql.Identifier(ROW)),
                {"ids": fitting},
            )
            return done.rowcount

        return await self._once(moment, work)

    async def merged(self, moment: Moment, table: str, rows: Sequence[Mapping[str, Value]], key: str) -> Value:
        """`{inserted, updated}`: a row takes the place of the one with the same value in the key's column."""

        async def work(connection: AsyncConnection) -> Value:
            where = await self._ready(connection, moment, table, rows)
            counts = Object(inserted=0, updated=0)
            for n, row in enumerate(rows):
                value = next((v for name, v in row.items() if name.casefold() == key.casefold()), None)
                if value is None:
                    raise WrongValue(f"Row {n + 1} of MERGE has no {key}, by which rows are told apart.")
                same = ["=", key, value]
                fitting = [id_ async for id_, _ in _matching(connection, where, same, lock=True)]
                if fitting:
                    await _update(connection, where, fitting, row)
                else:
                    await _insert(connection, where, row, moment, n, replace=False)
                counts["updated" if fitting else "inserted"] += 1
            return counts

        return await self._once(moment, work)

    async def queried(self, identity: Identity, query: str, lists: Mapping[str, Value]) -> RowSet:
        """The rows of a SELECT over the tables it names, and over these lists of the program."""
        named = {word.casefold() for word in _WORD.findall(query)}
        tables = {name: list(rows) for name, rows in lists.items()}
        for name in await self._named(identity):
            if named & {name, name.rpartition(".")[2]} and name not in tables:
                tables[name] = await self.found(identity, name, None)
        columns = {name: await self.columns(identity, name) for name, rows in tables.items() if not rows}
        return await asyncio.to_thread(selected, query, tables, columns)

    async def _named(self, identity: Identity) -> tuple[str, ...]:
        owner = _owner(identity)
        given = {"tenant": owner.tenant, "owner": owner.name}
        async with self._pool.connection() as connection:
            rows = await (await connection.execute(SQL["names"], given)).fetchall()
        return tuple(dict.fromkeys((*(row[0] for row in rows), *self._declared.names(identity.origin))))

    async def forget(self, before: datetime) -> int:
        """Delete the answers of calls made before this time, which nobody repeats any more; how many."""
        async with self._pool.connection() as connection:
            return (await connection.execute(SQL["forget_calls"], {"before": before})).rowcount

    # -- inside --------------------------------------------------------------------------------------------------------

    async def _once(self, moment: Moment, work: Callable[[AsyncConnection], Awaitable[Value]]) -> Value:
        given: dict[str, Any] = {"tenant": moment.identity.tenant, "call": moment.call_id, "now": moment.now}
        async with self._pool.connection() as connection, connection.transaction():
            if await (await connection.execute(SQL["begin_call"], given)).fetchone() is None:
                row = await (await connection.execute(SQL["call_answer"], given)).fetchone()
                return load(row[0]) if row else None
            try:
                answer = await work(connection)
            except psycopg.errors.UniqueViolation as error:
                raise DuplicateRow(f"The row is there already: {_detail(error)}.") from None
            except (psycopg.DataError, psycopg.errors.ProgramLimitExceeded) as error:
                raise WrongValue(f"The database does not take the row: {str(error).partition(chr(10))[0]}.") from None
            await connection.execute(SQL["end_call"], {**given, "answer": dump_text(answer)})
            return answer

    async def _ready(
        self, connection: AsyncConnection, moment: Moment, table: str, rows: Sequence[Mapping[str, Value]]
    ) -> Layout:
        """The table, made if need be: then it begins with the rows of the package's CSV file."""
        owner, origin = _owner(moment.identity), moment.identity.origin
        seeds: Sequence[Mapping[str, Value]] = ()
        if await layout(connection, owner, table) is None:
            await connection.execute(SQL["hold_owner"], {"owner": owner.schema})
            if await layout(connection, owner, table) is None:
                seeds = await asyncio.to_thread(self._declared.rows, origin, table) or ()
        where = await ready(connection, owner, table, self._declared.table(origin, table), [*seeds, *rows], moment.now)
        await _filled(connection, where, seeds, moment)
        return where


def _owner(identity: Identity) -> Owner:
    return Owner(identity.tenant, identity.origin.casefold() or f"bot:{identity.bot}")


async def _matching(
    connection: AsyncConnection, where: Layout, condition: Sequence[Value] | None, lock: bool = False
) -> AsyncGenerator[tuple[int, Object]]:
    """Each row that fits, with its place."""
    clause, given = _narrowed(where, condition)
    columns = [sql.Identifier(ROW), *(sql.Identifier(identifier(c.name)) for c in where.columns)]
    statement = sql.SQL("select {} from {} where {} order by {} {}").format(
        sql.SQL(", ").join(columns),
        where.table,
        clause,
        sql.Identifier(ROW),
        sql.SQL("for update") if lock else sql.SQL(""),
    )
    async with connection.cursor(name="rows") as cursor:
        cursor.itersize = CHUNK
        await cursor.execute(statement, given)
        async for place, *values in cursor:
            row = Object(
                (column.name, column.kind.loaded(value)) for column, value in zip(where.columns, values, strict=True)
            )
            if condition is None or holds(condition, row):
                yield place, row


def _narrowed(where: Layout, condition: Sequence[Value] | None) -> tuple[sql.Composable, dict[str, Any]]:
    """What Postgres can tell of a condition: the equalities that all rows must fulfil."""
    parts: list[sql.Composable] = [sql.SQL("true")]
    given: dict[str, Any] = {}
    for column, value in _equalities(where, condition):
        name = f"v{len(given)}"
        parts.append(sql.SQL("{} = {}").format(sql.Identifier(identifier(column.name)), sql.Placeholder(name)))
        given[name] = value
    return sql.SQL(" and ").join(parts), given


def _equalities(where: Layout, condition: Sequence[Value] | None) -> list[tuple[Column, Value]]:
    match condition:
        case ["AND", first, second]:
            return _equalities(where, first) + _equalities(where, second)
        case ["=", str(name), value]:
            column = where.column(name)
            exact = column is not None and (
                (column.kind is TEXT and isinstance(value, str) and numeric(value) is None and value != "")
                or (column.kind is NUMBER and is_number(value))
            )
            return [(column, value)] if column is not None and exact else []
        case _:
            return []


async def _filled(
    connection: AsyncConnection, where: Layout, seeds: Sequence[Mapping[str, Value]], moment: Moment
) -> None:
    """The rows that a table begins with: those that have their key together, the others one by one."""
    if not seeds:
        return
    keys = [identifier(c.name) for c in where.columns if c.key]
    known = {
        name: column for name in dict.fromkeys(n for seed in seeds for n in seed) if (column := where.column(name))
    }
    names = [identifier(column.name) for column in known.values()]

    def prepared() -> tuple[list[dict[str, Any]], list[int]]:
        whole: list[dict[str, Any]] = []
        without_key: list[int] = []
        for n, seed in enumerate(seeds):
            values = [column.kind.stored(column.name, seed.get(name)) for name, column in known.items()]
            if keys and any(value is None for name, value in zip(names, values, strict=True) if name in keys):
                without_key.append(n)
            else:
                whole.append({f"p{at}": value for at, value in enumerate(values)})
        return whole, without_key

    whole, without_key = await asyncio.to_thread(prepared)  # a file may have many thousand rows
    if whole and names:
        async with connection.cursor() as cursor:
            await cursor.executemany(_inserting(where, names, keys), whole)
    for n in without_key:
        await _insert(connection, where, seeds[n], moment, n, replace=True)


def _inserting(where: Layout, names: Sequence[str], keys: Sequence[str]) -> sql.Composed:
    """INSERT of these columns; with keys, in the place of a row that has them."""
    upsert = sql.SQL("")
    if keys:
        others = [name for name in names if name not in keys]
        changes = sql.SQL(", ").join(sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name)) for name in others)
        instead = sql.SQL("update set {}").format(changes) if others else sql.SQL("nothing")
        upsert = sql.SQL("on conflict ({}) do {}").format(sql.SQL(", ").join(map(sql.Identifier, keys)), instead)
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    places = sql.SQL(", ").join(map(sql.Placeholder, (f"p{n}" for n in range(len(names)))))
    return sql.SQL("insert into {} ({}) values ({}) {}").format(where.table, columns, places, upsert)


async def _insert(
    connection: AsyncConnection, where: Layout, row: Mapping[str, Value], moment: Moment, place: int, replace: bool
) -> Object:
    values = _stored(where, row)
    key = where.key
    if key is not None and values.get(identifier(key.name)) is None:
        if key.generates:
            values[identifier(key.name)] = str(uuid5(moment.identity.execution, f"{moment.call_id}:{place}"))
        elif key.kind is NUMBER:
            values[identifier(key.name)] = await _next(connection, where, key)
    names = list(values)
    keys = [identifier(c.name) for c in where.columns if c.key]
    unlike = not (replace and keys and all(values.get(name) is not None for name in keys))
    if names:
        statement = _inserting(where, names, [] if unlike else keys)
    else:
        statement = sql.SQL("insert into {} default values").format(where.table)
    await connection.execute(statement, {f"p{n}": values[name] for n, name in enumerate(names)})
    stored = Object((name, value) for name, value in row.items())
    if key is not None and identifier(key.name) in values and key.name not in stored:
        stored[key.name] = key.kind.loaded(values[identifier(key.name)])
    return stored


async def _next(connection: AsyncConnection, where: Layout, key: Column) -> Any:
    await connection.execute(sql.SQL("lock table {} in share row exclusive mode").format(where.table))
    statement = sql.SQL("select coalesce(max({}), 0) + 1 from {}").format(
        sql.Identifier(identifier(key.name)), where.table
    )
    row = await (await connection.execute(statement)).fetchone()
    return row[0] if row else 1


async def _update(
    connection: AsyncConnection, where: Layout, places: Sequence[int], values: Mapping[str, Value]
) -> int:
    stored = _stored(where, values)
    if not places or not stored:
        return 0
    names = list(stored)
    changes = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(f"p{n}")) for n, name in enumerate(names)
    )
    statement = sql.SQL("update {} set {} where {} = any(%(ids)s)").format(where.table, changes, sql.Identifier(ROW))
    given = {f"p{n}": stored[name] for n, name in enumerate(names)}
    done = await connection.execute(statement, {**given, "ids": list(places)})
    return done.rowcount


def _stored(where: Layout, row: Mapping[str, Value]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in row.items():
        column = where.column(name)
        if column is not None:
            found[identifier(column.name)] = column.kind.stored(column.name, value)
    return found


def _detail(error: psycopg.Error) -> str:
    return (error.diag.message_detail or "another row has the same key").rstrip(".")
