"""SQL over rows: a SELECT runs in a database of its own, in memory, that holds nothing but the tables it names.

So nothing that a query says can reach another bot's rows, another schema or a file: SQLite is told to refuse all but
reading, and is stopped when it takes too long.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Mapping, Sequence
from datetime import date

from psycopg import sql

from keywords.host import Value
from keywords.mistakes import LimitReached, WrongValue
from keywords.values import Object, RowSet, adopt, is_container, plain

SECONDS = 5.0
MOST_ROWS = 10_000
LONGEST = 20_000  # characters of a query
_READING = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE,
}
_REFUSED_FUNCTIONS = frozenset({"load_extension", "readfile", "writefile", "edit", "fts3_tokenizer"})


def selected(
    query: str, tables: Mapping[str, Sequence[Mapping[str, Value]]], columns: Mapping[str, Sequence[str]] | None = None
) -> RowSet:
    """The rows of a SELECT over these tables; raises WrongValue with SQLite's words, LimitReached when it is too much.

    `columns` are those of tables without rows. A query over tables that nobody has filled, and whose columns are
    therefore unknown, finds nothing. Blocks: call it in a thread.
    """
    if len(query) > LONGEST:
        raise LimitReached(f"A query may have {LONGEST:,} characters; this one has {len(query):,}.")
    database = sqlite3.connect(":memory:")
    try:
        for name, rows in tables.items():
            _filled(database, name, rows, (columns or {}).get(name, ()))
        database.set_authorizer(_allowed)
        ends = time.monotonic() + SECONDS
        database.set_progress_handler(lambda: time.monotonic() > ends, 10_000)
        return _asked(database, query, unknown=not any(tables.values()))
    finally:
        database.close()


def _asked(database: sqlite3.Connection, query: str, *, unknown: bool) -> RowSet:
    try:
        cursor = database.execute(query.strip().rstrip(";"))
        names = [column[0] for column in cursor.description or ()]
        rows = cursor.fetchmany(MOST_ROWS + 1)
    except sqlite3.OperationalError as error:
        if "interrupted" in str(error):
            raise LimitReached(f"The query took longer than {SECONDS:g} seconds.") from None
        if unknown and str(error).startswith(("no such column", "no such table")):
            return RowSet()
        raise WrongValue(f"The query cannot be answered: {error}.") from None
    except sqlite3.Error as error:
        raise WrongValue(f"The query cannot be answered: {error}. Only SELECT is allowed.") from None
    if len(rows) > MOST_ROWS:
        raise LimitReached(f"The query finds more than {MOST_ROWS:,} rows. Say LIMIT.")
    return RowSet(Object(zip(names, (_loaded(v) for v in row), strict=True)) for row in rows)


def _filled(database: sqlite3.Connection, name: str, rows: Sequence[Mapping[str, Value]], known: Sequence[str]) -> None:
    columns: dict[str, str] = {column.casefold(): column for column in known}
    for row in rows:
        for column in row:
            columns.setdefault(column.casefold(), column)
    if not columns:
        columns = {"empty": "empty"}
    listed = sql.SQL(", ").join(map(sql.Identifier, columns.values()))
    database.execute(sql.SQL("create table {} ({})").format(sql.Identifier(name), listed).as_string())
    places = sql.SQL(", ").join([sql.SQL("?")] * len(columns))
    values = ([_stored(_of(row, column)) for column in columns.values()] for row in rows)
    database.executemany(sql.SQL("insert into {} values ({})").format(sql.Identifier(name), places).as_string(), values)


def _of(row: Mapping[str, Value], column: str) -> Value:
    return next((value for name, value in row.items() if name.casefold() == column.casefold()), None)


def _stored(value: Value) -> str | int | float | None:
    if isinstance(value, bool):
        return int(value)
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(plain(value), ensure_ascii=False) if is_container(value) else str(plain(value))


def _loaded(value: object) -> Value:
    return adopt(value.decode(errors="replace") if isinstance(value, bytes) else value)


def _allowed(action: int, first: str | None, second: str | None, database: str | None, trigger: str | None) -> int:
    if action not in _READING or (action == sqlite3.SQLITE_FUNCTION and second in _REFUSED_FUNCTIONS):
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK
