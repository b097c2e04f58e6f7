"""Rows of tables: FIND, SAVE and their kin. Tables are declared with TABLE ... END TABLE, or made when first filled."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from keywords.conditions import condition as condition_of, constant
from keywords.encode import dump_text
from keywords.function import items, whole, words
from keywords.host import Host, Tables, Value
from keywords.library.announced import NotYet
from keywords.library.files import files_of, path_of
from keywords.library.web import delete_http
from keywords.mistakes import ProgramError, WrongValue
from keywords.ordering import in_order
from keywords.places import as_json, member
from keywords.registry import Effect, keyword
from keywords.values import List, Object, RowSet, is_container, kind_of, text

_FOUND = "[ORDER BY {order:order}] [LIMIT {limit}] [FIRST {first:flag}]"
_FILE = re.compile(r"/|\.\w{1,5}$")
_TAIL = re.compile(r"\s*(?:\bORDER\s+BY\s+(?P<order>[\w.,\s]+?))?\s*(?:\bLIMIT\s+(?P<limit>\d+))?\s*", re.IGNORECASE)
_TAIL_STARTS = re.compile(r"\b(?:ORDER\s+BY|LIMIT)\b(?=[^'\"]*$)", re.IGNORECASE)
_COMPARES = re.compile(r"[=<>]|\b(?:LIKE|IN|IS|CONTAINS)\b", re.IGNORECASE)


class NoTables(ProgramError):
    """This engine was opened without a place for tables."""

    kind = "unavailable"


def tables_of(host: Host) -> Tables:
    """The tables of the caller's bot; raises NoTables where the engine was opened without any."""
    if host.services.tables is None:
        raise NoTables("There are no tables here: this engine was opened without a database for them.")
    return host.services.tables


@keyword(
    f"FIND {{table:tight}} [, {{filters:many}}] [WHERE {{condition:condition}}] {_FOUND}",
    "FIND {table:tight} WITH {filters}",
    f"FIND ALL {{table:tight}} [WHERE {{condition:condition}}] {_FOUND}",
    f"FIND * IN {{table:tight}} [WHERE {{condition:condition}}] {_FOUND}",
    effect=Effect.READ,
    example='FIND "customers" WHERE city = "Lisbon" ORDER BY name LIMIT 10',
    group="tables",
)
async def find(
    host: Host,
    table: Value,
    filters: Value = None,
    condition: Value = None,
    order: Value = None,
    limit: Value = None,
    first: Value = None,
) -> Value:
    """The rows of a table that fit; a property of them is that of the first row.

    A filter is a text such as "city = Lisbon AND total >= 100", which may end in ORDER BY and LIMIT, or a column and
    its value. Tables that nobody has filled have no rows.
    """
    asked, tail_order, tail_limit = _asked(filters, host.now)
    if condition is not None:
        wanted = condition_of(condition, host.now)
        asked = wanted if asked is None else List(("AND", asked, wanted))
    order = order if order is not None else tail_order
    limit = limit if limit is not None else tail_limit
    most = None if limit is None else max(0, whole(limit))
    if first:
        most = 1
    rows = await tables_of(host).found(host.identity, words(table), asked, None if order else most)
    if order:
        rows = RowSet(_ordered(rows, words(order))[:most])
    if first:
        return rows[0] if rows else None
    return rows


@keyword(
    "SAVE {table:tight}, {values:columns}",
    "SAVE {table:tight} WITH {fields:pairs}",
    effect=Effect.IDEMPOTENT,
    example='SAVE "customers", customer',
    group="tables",
)
async def save(host: Host, table: Value, values: Value = None, fields: Value = None) -> Value:
    """Store a row: an object, the values of its columns in order, or variables named like columns.

    A row of a table with a key takes the place of the one with the same key.
    """
    rows = await _rows(host, words(table), fields if fields is not None else values)
    return await tables_of(host).added(host.moment, words(table), rows, replace=True)


@keyword(
    "INSERT INTO {table:tight} VALUES {row}",
    "INSERT INTO {table:tight} WITH {fields:pairs}",
    "INSERT INTO {table:tight}, {values:columns}",
    "INSERT {table:tight}, {values:columns}",
    effect=Effect.IDEMPOTENT,
    name="INSERT",
    example='INSERT INTO "customers" VALUES customer',
    group="tables",
)
async def insert(host: Host, table: Value, row: Value = None, fields: Value = None, values: Value = None) -> Value:
    """Add a row to a table and answer it as it was stored; a second row with the same key is refused."""
    given = next((g for g in (row, fields, values) if g is not None), None)
    rows = await _rows(host, words(table), given)
    return await tables_of(host).added(host.moment, words(table), rows, replace=False)


@keyword(
    "UPDATE {table:tight} SET {fields:pairs} WHERE {condition:condition}",
    "UPDATE {table:tight} WITH {fields:pairs} WHERE {condition:condition}",
    "UPDATE {table:tight}, {which}, {values:columns}",
    effect=Effect.IDEMPOTENT,
    example='UPDATE "customers" SET city = "Porto" WHERE id = 7',
    group="tables",
)
async def update(
    host: Host, table: Value, fields: Value = None, condition: Value = None, which: Value = None, values: Value = None
) -> Value:
    """Change the rows that fit; answers how many.

    The rows are told by WHERE, by a filter such as "id = 7", or by the value of their first column; an empty value
    tells none.
    """
    name = words(table)
    if fields is not None:
        return await tables_of(host).changed(host.moment, name, condition_of(condition, host.now), fields)
    asked = await _told(host, name, which)
    return await tables_of(host).changed(host.moment, name, asked, await _changes(host, name, values))


@keyword(
    "DELETE FROM {table:tight} WHERE {condition:condition}",
    "DELETE {what:many}",
    effect=Effect.IDEMPOTENT,
    name="DELETE",
    example='DELETE FROM "customers" WHERE id = 7',
    group="tables",
)
async def delete(host: Host, table: Value = None, condition: Value = None, what: Value = None) -> Value:
    """Remove the rows that fit; answers how many.

    `DELETE "customers", "id = 7"` means the same. With one value it deletes a file, or what is at a URL.
    """
    if table is not None:
        return await tables_of(host).removed(host.moment, words(table), condition_of(condition, host.now))
    match items(what):
        case [str(url)] if "://" in url:
            return await delete_http.call(host, url=url)
        case [file] if isinstance(file, Object) or _FILE.search(words(file)):
            return await files_of(host).remove(host.identity, path_of(file), again=host.attempt > 1)
        case [named, filters]:
            return await tables_of(host).removed(host.moment, words(named), await _told(host, words(named), filters))
        case [named, column, value]:
            same = List(("=", words(column), value))
            return await tables_of(host).removed(host.moment, words(named), same)
        case _:
            raise WrongValue('DELETE needs a table and which rows: DELETE "customers", "id = 7".')


@keyword(
    "MERGE {table:tight} WITH {rows} BY {key}",
    "MERGE {table:tight}, {rows} [, {key}]",
    effect=Effect.IDEMPOTENT,
    example='MERGE "customers" WITH rows BY "id"',
    group="tables",
)
async def merge(host: Host, table: Value, rows: Value, key: Value = None) -> Value:
    """Rows brought into a table, each in the place of the one with the same key; or two lists as one.

    Into a table it answers `{inserted, updated}`; the key is "id" unless another column is named.
    """
    if isinstance(table, list):
        if key is None:
            return List([*table, *items(rows)])
        merged: dict[str, Value] = {}
        for row in (*table, *items(rows)):
            merged[dump_text(member(row, words(key), optional=True))] = row
        return List(merged.values())
    column = words(key) if key is not None else "id"
    given = [rows] if isinstance(rows, Object) else items(rows)
    if not all(isinstance(row, Object) for row in given):
        raise WrongValue("MERGE takes a list of objects, one for each row.")
    return await tables_of(host).merged(host.moment, words(table), given, column)


@keyword(
    "QUERY {sql}",
    effect=Effect.READ,
    example="QUERY \"SELECT name FROM customers WHERE city = 'Lisbon'\"",
    group="tables",
)
async def query(host: Host, sql: Value) -> Value:
    """The rows that an SQL SELECT over the bot's tables finds."""
    return await tables_of(host).queried(host.identity, words(sql), {})


@keyword(
    "SEARCH {table}, {field}, {wanted}",
    "SEARCH {wanted}",
    effect=Effect.READ,
    example='SEARCH "customers", "name", "ana"',
    group="tables",
)
async def search(host: Host, wanted: Value, table: Value = None, field: Value = None) -> Value:
    """The rows whose field holds a text, in any case."""
    if table is None or field is None:
        raise NotYet("SEARCH without a table")
    holding = List(("LIKE", words(field), f"%{words(wanted)}%"))
    return await tables_of(host).found(host.identity, words(table), holding)


@keyword(
    "AUTOCOMPLETE {table}, {field}, {start}",
    effect=Effect.READ,
    example='AUTOCOMPLETE "customers", "name", "an"',
    group="tables",
)
async def autocomplete(host: Host, table: Value, field: Value, start: Value) -> Value:
    """How a text may go on: at most ten values of the field that begin with it, each once."""
    beginning = List(("LIKE", words(field), f"{words(start)}%"))
    rows = await tables_of(host).found(host.identity, words(table), beginning)
    values = (member(row, words(field), optional=True) for row in rows)
    return List(sorted({text(value): value for value in values}.values(), key=text)[:10])


# -- what the words mean -----------------------------------------------------------------------------------------------


def _asked(filters: Value, now: datetime) -> tuple[Sequence[Value] | None, str | None, int | None]:
    """The condition of filters, and the ORDER BY and LIMIT at their end."""
    given = [] if filters is None else list(filters) if isinstance(filters, list) else [filters]
    match given:
        case []:
            return None, None, None
        case [Object() as wanted]:
            return _all(List(("=", name, value)) for name, value in wanted.items()), None, None
        case [one]:
            head, order, limit = _split(words(one))
            return (condition_of(head, now) if head.strip() else None), order, limit
        case [column, value] if not _COMPARES.search(words(column)):
            return List(("=", words(column), value)), None, None
        case several:
            return _all(condition_of(words(one), now) for one in several if words(one).strip()), None, None


def _split(words_: str) -> tuple[str, str | None, int | None]:
    starts = _TAIL_STARTS.search(words_)
    tail = _TAIL.fullmatch(words_, starts.start()) if starts else None
    if starts is None or tail is None:
        return words_, None, None
    return words_[: starts.start()], tail["order"], int(tail["limit"]) if tail["limit"] else None


def _all(parts: Iterable[Value]) -> Sequence[Value] | None:
    found: Value = None
    for part in parts:
        found = part if found is None else List(("AND", found, part))
    return found


def _ordered(rows: Value, order: str) -> List:
    """The rows by the columns of ORDER BY, the last of them sorted first."""
    found = List(rows)
    for column in reversed(order.split(",")):
        name, _, way = column.strip().partition(" ")
        found = in_order(found, name.strip("\"'`"), way.strip().casefold() or "asc")
    return found


async def _told(host: Host, table: str, which: Value) -> Sequence[Value]:
    """The rows that UPDATE and DELETE mean: by a filter, or by the value of the table's first column."""
    if isinstance(which, str) and _COMPARES.search(which):
        return condition_of(which, host.now)
    if isinstance(which, list):
        return condition_of(which, host.now)
    if which is None or which == "":
        return List(("IN", "id", List()))  # no row has no key
    columns = await tables_of(host).columns(host.identity, table)
    key = next((c for c in columns if c.casefold() == "id"), columns[0] if columns else "id")
    return List(("=", key, which))


async def _rows(host: Host, table: str, given: Value) -> Sequence[Mapping[str, Value]]:
    """The rows that SAVE and INSERT are given: objects, a list of them, or values by name or place."""
    values = given if isinstance(given, Object) else None
    if values is not None and len(values) == 1:
        ((_, only),) = values.items()
        if isinstance(only, str) and only.lstrip().startswith(("{", "[")):
            only = as_json(only)
        if isinstance(only, Object):
            return [only]
        if isinstance(only, list):
            return _each(only)
    if values is None:
        return _each(given if isinstance(given, list) else [given])
    return [await _by_place(host, table, values, 0)]


def _each(rows: Value) -> list[Mapping[str, Value]]:
    if not all(isinstance(row, Object) for row in rows):
        wrong = next(row for row in rows if not isinstance(row, Object))
        raise WrongValue(f'A row is an object such as {{name: "Ana"}}, not {kind_of(wrong)}.')
    return list(rows)


async def _changes(host: Host, table: str, values: Value) -> Mapping[str, Value]:
    """What UPDATE changes: an object, a column and its value, or values by name or place behind the key."""
    given = list(values.items())
    match given:
        case [(_, Object() as row)]:
            return row
        case [(named, str()), *_] if named.startswith("#") and all(isinstance(v, str) and "=" in v for _, v in given):
            return Object(_change(change) for _, change in given)
        case [(named, str(column)), (_, value)] if named.startswith("#"):
            return Object({column: value})
        case _:
            return await _by_place(host, table, values, 1)


def _change(words_: str) -> tuple[str, Value]:
    """A column and its new value of a text such as `stage = "won"`."""
    column, _, value = words_.partition("=")
    if not column.strip():
        raise WrongValue(f'A change is written "column = value", not {words_[:60]}.')
    return column.strip(), constant(value)


async def _by_place(host: Host, table: str, values: Mapping[str, Value], start: int) -> Mapping[str, Value]:
    """Values with names of columns go there, the others by their places."""
    columns = list(await tables_of(host).columns(host.identity, table))
    known = {column.casefold() for column in columns}
    row = Object()
    for place, (name, value) in enumerate(values.items(), start):
        if not name.startswith("#") and (name.casefold() in known or not columns):
            row[name] = value
        elif place < len(columns) and columns[place] not in row:
            row[columns[place]] = value
        elif not name.startswith("#"):
            row[name] = value
        elif not columns:
            row[f"column{place + 1}"] = value
        else:
            shown = text(value) if not is_container(value) else kind_of(value)
            raise WrongValue(f"{table} has {len(columns)} columns; there is none for the value {place + 1} ({shown}).")
    return row


KEYWORDS = (find, save, insert, update, delete, merge, query, search, autocomplete)
