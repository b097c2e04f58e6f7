"""Data beyond rows: metrics, charts, copies of what a web address has, products, and SQL over a program's lists."""

from __future__ import annotations

from functools import partial

from keywords.library.announced import announced
from keywords.registry import Effect

_act = partial(announced, group="tables", effect=Effect.IDEMPOTENT)
_ask = partial(announced, group="tables", effect=Effect.READ)

KEYWORDS = (
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
