"""Rows of tables: FIND, SAVE and their kin. The bot's tables are declared with TABLE ... END TABLE."""

from __future__ import annotations

from functools import partial

from keywords.encode import dump_text
from keywords.function import items, words
from keywords.host import Host, Value
from keywords.library.announced import NotYet, announced
from keywords.places import member
from keywords.registry import Effect, keyword
from keywords.values import List

_act = partial(announced, group="tables", effect=Effect.IDEMPOTENT)
_ask = partial(announced, group="tables", effect=Effect.READ)

_FOUND = "[ORDER BY {order:order}] [LIMIT {limit}] [FIRST {first:flag}]"


@keyword(
    "MERGE {table:tight} WITH {rows} BY {key}",
    "MERGE {table:tight}, {rows} [, {key}]",
    effect=Effect.IDEMPOTENT,
    example='MERGE "customers" WITH rows BY "id"',
    group="tables",
)
async def merge(host: Host, table: Value, rows: Value, key: Value = None) -> Value:
    """Two lists as one, each row of the second replacing the one with the same key; or rows brought into a table.

    This release merges lists; tables come with a later one.
    """
    if not isinstance(table, list):
        raise NotYet("MERGE into a table")
    if key is None:
        return List([*table, *items(rows)])
    merged: dict[str, Value] = {}
    for row in (*table, *items(rows)):
        merged[dump_text(member(row, words(key), optional=True))] = row
    return List(merged.values())


KEYWORDS = (
    _ask(
        f"FIND {{table:tight}} [, {{filters:many}}] [WHERE {{condition:condition}}] {_FOUND}",
        "FIND {table:tight} WITH {filters}",
        f"FIND ALL {{table:tight}} [WHERE {{condition:condition}}] {_FOUND}",
        f"FIND * IN {{table:tight}} [WHERE {{condition:condition}}] {_FOUND}",
        summary="The rows of a table that fit; a property of them is that of the first row.",
        example='FIND "customers" WHERE city = "Lisbon" ORDER BY name LIMIT 10',
    ),
    _act(
        "SAVE {table:tight}, {values:many}",
        "SAVE {table:tight} WITH {fields:pairs}",
        summary="Store a row: an object, the values of its columns in order, or variables named like columns.",
        example='SAVE "customers", customer',
    ),
    _act(
        "INSERT INTO {table:tight} VALUES {row}",
        "INSERT INTO {table:tight} WITH {fields:pairs}",
        "INSERT INTO {table:tight}, {values:many}",
        "INSERT {table:tight}, {values:many}",
        name="INSERT",
        summary="Add a row to a table and answer it as it was stored.",
        example='INSERT INTO "customers" VALUES customer',
    ),
    _act(
        "UPDATE {table:tight} SET {fields:pairs} WHERE {condition:condition}",
        "UPDATE {table:tight} WITH {fields:pairs} WHERE {condition:condition}",
        "UPDATE {table:tight}, {values:many}",
        summary="Change the rows that fit; answers how many.",
        example='UPDATE "customers" SET city = "Porto" WHERE id = 7',
    ),
    _act(
        "DELETE FROM {table:tight} WHERE {condition:condition}",
        "DELETE {what:many}",
        name="DELETE",
        summary="Remove the rows that fit; also a file, or what is at a URL.",
        example='DELETE FROM "customers" WHERE id = 7',
    ),
    merge,
    _ask("QUERY {sql}", summary="The rows that an SQL query finds.", example='QUERY "SELECT name FROM customers"'),
    _ask(
        "SELECT {query:text} [FROM {source}] [JOIN {joined}] [LEFT JOIN {left}] [INNER JOIN {inner}]"
        " [WHERE {condition}] [GROUP BY {columns}] [HAVING {having}] [ORDER BY {order}] [LIMIT {limit}]",
        summary="The rows that an SQL query over tables and lists of the program finds.",
        example="x = SELECT name, total FROM orders WHERE total > 10",
    ),
    _ask(
        "QUERY METRICS {metric} FOR {range} [BY {interval}] [OFFSET {offset}]",
        summary="The values of a metric over time.",
        example='QUERY METRICS "messages" FOR "7d" BY "1d"',
    ),
    _act(
        "RECORD METRIC {name}, {value:many}",
        "RECORD METRIC {name} WITH {fields:pairs}",
        "RECORD METRIC {name}, {value} WITH {fields:pairs}",
        summary="Note a value of a metric.",
        example='RECORD METRIC "orders", 1',
    ),
    _act(
        "CREATE INDEX {name:name} ON {columns:text}",
        summary="Ask for an index on columns of a table.",
        example="CREATE INDEX by_name ON customers(name)",
        value=False,
    ),
    _act("CHART {kind}, {data:many}", summary="Draw a chart of a list.", example='CHART "bar", sales'),
    _act(
        "SYNCHRONIZE {endpoint}, {table:many}",
        summary="Copy all pages of an HTTP endpoint into a table: endpoint, table, key, page, limit.",
        example='SYNCHRONIZE "https://example.com/orders", "orders", "id", "page", "limit"',
        value=False,
    ),
    _act("REPORT [{name}]", summary="Answer what SYNCHRONIZE has done.", example="REPORT", value=False),
    _act("RESET REPORT", summary="Forget what SYNCHRONIZE has done.", example="RESET REPORT", value=False),
    _act("REFRESH {what:many}", summary="Run a data job again.", example='REFRESH "statistics"', value=False),
    _ask(
        "SEARCH {table}, {field}, {text:many}",
        "SEARCH {text}",
        summary="The rows whose field is like a text.",
        example='SEARCH "customers", "name", "ana"',
    ),
    _ask(
        "AUTOCOMPLETE {table}, {field}, {text}",
        summary="How a text may go on.",
        example='AUTOCOMPLETE "customers", "name", "an"',
    ),
    _ask(
        "SEARCH PRODUCTS {text} [, {count}]",
        summary="Products that fit a description.",
        example='SEARCH PRODUCTS "laptop", 5',
    ),
    _ask("PRODUCT {name:many}", summary="One product.", example='PRODUCT "X-100"'),
    _ask("PRODUCTS {text:many}", summary="Products of a kind.", example='PRODUCTS "laptops"'),
    _ask("SCAN BARCODE {image:many}", summary="The code in a picture of a barcode.", example='SCAN BARCODE "code.png"'),
    _act(
        "SAVE FROM UNSTRUCTURED {table}, {text}",
        summary="Let the model read a row out of a text and store it.",
        example='SAVE FROM UNSTRUCTURED "leads", mail',
    ),
)
