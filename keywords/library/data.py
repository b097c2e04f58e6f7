"""Data beyond rows: metrics, charts, copies of what a web address has, products, and SQL over a program's lists."""

from __future__ import annotations

from functools import partial

from keywords.library.announced import announced
from keywords.registry import Effect

_act = partial(announced, group="tables", effect=Effect.IDEMPOTENT)
_ask = partial(announced, group="tables", effect=Effect.READ)

KEYWORDS = (
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
    _ask("SCAN BARCODE {image:many}", summary="The code in a picture of a barcode.", example='SCAN BARCODE "code.png"'),
)
