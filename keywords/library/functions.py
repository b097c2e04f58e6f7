"""Built-in functions that may also be written as keywords: `FORMAT total AS "N2"`, `FIRST rows`, `DATEADD d, 1, "day"`.

The compiler makes a call of the function of the same name (`keywords/functions.py`) of them.
"""

from __future__ import annotations

import inspect
from typing import Any

from keywords.functions import FUNCTIONS
from keywords.functions_rows import SUMS
from keywords.host import Moment, Value
from keywords.registry import Effect, Keyword, form

GROUP = "functions"


def _written(*syntaxes: str, summary: str, example: str) -> Keyword:
    forms = tuple(form(syntax) for syntax in syntaxes)
    function = FUNCTIONS[forms[0].words.replace(" ", "_")]

    def call(moment: Moment, **given: Value) -> Value:
        raise AssertionError(f"{function.name} is compiled to a function")

    made: Any = call
    slots = dict.fromkeys(slot.name for each in forms for slot in each.slots)
    rest = [inspect.Parameter(slot, inspect.Parameter.KEYWORD_ONLY, default=None) for slot in slots]
    made.__signature__ = inspect.Signature([inspect.Parameter("moment", inspect.Parameter.POSITIONAL_ONLY), *rest])
    return Keyword(forms[0].words, forms, Effect.PURE, call, summary, example, GROUP, function=function.name)


KEYWORDS = (
    _written(
        "FORMAT {value} AS {pattern:tight}",
        "FORMAT {value} [, {pattern}]",
        summary="A number or date written in a pattern.",
        example='FORMAT total AS "#,##0.00"',
    ),
    _written(
        "FIRST {list} [, {field}]",
        summary="The first item of a list, or the first word of a text.",
        example="FIRST rows",
    ),
    _written(
        "LAST {list} [, {field}]", summary="The last item of a list, or the last word of a text.", example="LAST rows"
    ),
    _written(
        "SORT {list:tight} BY {field} [ASC] [DESC {descending:flag}]",
        "SORT {list} [, {field} [, {descending}]]",
        summary="The items of a list in order, by a field if one is named.",
        example='SORT rows BY "total" DESC',
    ),
    _written(
        "FILTER {list}, {condition}",
        summary='The rows that fit a condition such as "status = open AND total >= 100".',
        example='FILTER rows, "total >= 100"',
    ),
    _written(
        "AGGREGATE {operation}, {list} [, {field} [, {condition}]]",
        *(f"AGGREGATE {{list:tight}} {word} {{{word.lower()}:name}}" for word in SUMS),
        summary="SUM, AVG, COUNT, MIN or MAX of a field over the rows that fit.",
        example='AGGREGATE "SUM", rows, "total"',
    ),
    _written(
        "MAP {list}, {names}",
        summary='The rows with fields renamed: "customerName->customer, total->amount".',
        example='MAP rows, "customerName->customer"',
    ),
    _written(
        "FILL {data} [, {template}]",
        summary="A template for each row, its {{field}} places filled.",
        example='FILL rows, "Dear {{name}}"',
    ),
    _written(
        "JOIN {list} [, {other} [, {key}]]",
        summary="The rows of two lists that share a key; or the items of one list as a text.",
        example='JOIN orders, customers, "customer_id"',
    ),
    _written(
        "PIVOT {list}, {by}, {field}",
        summary="For each value of one field the sum of another.",
        example='PIVOT sales, "month", "amount"',
    ),
    _written(
        "GROUP BY {list}, {field}",
        summary="The rows by the value of a field: an object of lists.",
        example='GROUP BY sales, "region"',
    ),
    _written("UNIQUE {list} [, {field}]", summary="The items of a list, each once.", example="UNIQUE names"),
    _written(
        "SUM {list} [, {field}] [WHERE {condition:condition}]",
        summary="The sum of a list, or of a field of its items, of those that fit.",
        example='SUM orders, "total" WHERE status = "paid"',
    ),
    _written("MAX {values:many}", summary="The largest of values, or of a list.", example="MAX a, b"),
    _written("MIN {values:many}", summary="The smallest of values, or of a list.", example="MIN a, b"),
    _written(
        "DATEADD {values:many}",
        summary="A date moved by a number of days, hours, months or other units.",
        example='DATEADD due, 3, "day"',
    ),
    _written(
        "DATEDIFF {values:many}",
        summary="How many days, hours, months or other units lie between two dates.",
        example='DATEDIFF start, end, "day"',
    ),
    _written("JSON PARSE {text}", summary="The value that a text of JSON holds.", example="JSON PARSE answer"),
)
