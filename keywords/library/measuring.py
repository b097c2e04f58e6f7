"""Metrics and SQL: what a bot has counted, and queries over its tables and the lists of the program.

A metric is rows of the bot's table `metrics`: `{metric, value, recorded_at}` and the fields that were given with it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from keywords.function import words
from keywords.host import Host, Value
from keywords.library.keeping import until
from keywords.library.tables import tables_of
from keywords.mistakes import WrongValue
from keywords.operators import calculable, instant
from keywords.registry import Effect, Keyword, keyword
from keywords.values import List, Object, RowSet, is_container, is_number, text

TABLE = "metrics"
_TOKEN = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|[A-Za-z_][\w.]*|\d+(?:\.\d+)?|\S")
_NAMES = re.compile(r"\b(?:FROM|JOIN)\s+\"?([A-Za-z_][\w.]*)", re.IGNORECASE)


@keyword(
    "RECORD METRIC {metric}, {value:many}",
    "RECORD METRIC {metric} WITH {fields:pairs}",
    "RECORD METRIC {metric}, {number} WITH {fields:pairs}",
    effect=Effect.IDEMPOTENT,
    example='RECORD METRIC "orders", 1',
    group="tables",
)
async def record_metric(
    host: Host, metric: Value, value: Sequence[Value] = (), number: Value = None, fields: Value = None
) -> Value:
    """Note a value of a metric, with fields to tell values apart; answers it."""
    given = number if number is not None else value[0] if value else None
    more: Mapping[str, Value] = fields if isinstance(fields, Mapping) else {}
    if len(value) > 1 and isinstance(value[1], Mapping):
        more = value[1]
    counted = calculable(more.get("value", 1)) if given is None else calculable(given)
    if counted is None:
        raise WrongValue(f"The value of a metric is a number, not {text(given)[:60]}.")
    row = Object({"metric": words(metric), "value": counted, "recorded_at": host.now})
    row.update({name: one for name, one in more.items() if name.casefold() not in ("metric", "value", "recorded_at")})
    await tables_of(host).added(host.moment, TABLE, [row], replace=False)
    return counted


@keyword(
    "QUERY METRICS {metric} FOR {range} [BY {interval}] [OFFSET {offset}]",
    effect=Effect.READ,
    example='QUERY METRICS "messages" FOR "7d" BY "1d"',
    group="tables",
)
async def query_metrics(
    host: Host,
    metric: Value,
    range: Value,  # noqa: A002 - the slot's name
    interval: Value = None,
    offset: Value = None,
) -> Value:
    """What was recorded of a metric in the last time ("24h", "7d"): its rows, the oldest first.

    BY an interval ("1h", "1d") makes one row of each: `{time, count, value, average, minimum, maximum}`; OFFSET 1 is
    the same time before that.
    """
    span = _span(host.now, range)
    ends = host.now - span * int(calculable(offset) or 0)
    rows = await tables_of(host).found(host.identity, TABLE, List(("=", "metric", words(metric))))
    timed = [(when, row) for row in rows if (when := _when(row)) is not None and ends - span < when <= ends]
    timed.sort(key=lambda one: one[0])
    if interval is None:
        return RowSet(row for _, row in timed)
    step = _span(host.now, interval)
    last = max(0, math.ceil(span / step) - 1)  # what was recorded this very moment is of the last one
    buckets: dict[int, list[int | float]] = {}
    for when, row in timed:
        number = min(int((when - (ends - span)) / step), last)
        buckets.setdefault(number, []).append(calculable(row.get("value")) or 0)
    return RowSet(
        Object(
            time=ends - span + step * number, count=len(values), value=sum(values), average=sum(values) / len(values),
            minimum=min(values), maximum=max(values),
        )
        for number, values in sorted(buckets.items())
    )  # fmt: skip


@keyword(
    "SELECT {query:text}", effect=Effect.READ, example="x = SELECT name, total FROM orders WHERE total > 10",
    group="tables",
)  # fmt: skip
async def select(host: Host, query: Value) -> Value:
    """The rows that an SQL query finds over lists of the program and tables of the bot.

    A name that is neither a column nor a table stands for the variable of the program.
    """
    sql = f"SELECT {words(query)}"
    named = {name.casefold() for name in _NAMES.findall(sql)}
    lists = {name: _rows(host.variables[name]) for name in named if isinstance(host.variables.get(name), list)}
    tables = tables_of(host)
    columns = {column.casefold() for rows in lists.values() for row in rows for column in row}
    for name in named - set(lists):
        columns |= {column.casefold() for column in await tables.columns(host.identity, name)}
    return await tables.queried(host.identity, _filled(sql, host.variables, columns | named), lists)


def _filled(sql: str, variables: Mapping[str, Value], known: set[str]) -> str:
    """The query with the values of the program's variables in it."""

    def value(found: re.Match[str]) -> str:
        word = found[0].casefold()
        if word in known or word not in variables or not (word[0].isalpha() or word[0] == "_"):
            return found[0]
        held = variables[word]
        if is_container(held):
            return found[0]
        if held is None or isinstance(held, bool):
            return {None: "NULL", True: "1", False: "0"}[held]
        if is_number(held):
            return repr(held) if held >= 0 else f"({held!r})"  # behind a minus, -5 would begin a comment
        quoted = text(held).replace("'", "''")
        return f"'{quoted}'"

    return _TOKEN.sub(value, sql)


def _rows(given: Sequence[Value]) -> list[Object]:
    return [row if isinstance(row, Object) else Object(value=row) for row in given]


def _span(now: datetime, given: Value) -> timedelta:
    if given is None or is_number(given):
        raise WrongValue('A time is written "24h", "7d" or "30 days".')
    ends = until(now, given)
    if ends is None or ends <= now:
        raise WrongValue('A time is written "24h", "7d" or "30 days".')
    return ends - now


def _when(row: Value) -> datetime | None:
    found = row.get("recorded_at")
    return instant(found) if isinstance(found, datetime) else None


KEYWORDS: tuple[Keyword, ...] = (record_metric, query_metrics, select)
