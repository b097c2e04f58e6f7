"""Built-in functions that write values in the formats of other programs: CSV, XML, YAML."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from xml.sax.saxutils import escape

from keywords.function import Function, items, of, words
from keywords.host import Value
from keywords.values import MAX_TEXT, Object, is_container, plain, text, too_long

_PLAIN = re.compile(r"[^\W\d_][\w ./@-]*")
_WORDY = frozenset({"true", "false", "null", "yes", "no", "on", "off", "~"})


def to_csv(rows: Value) -> str:
    """A list of objects as lines of values, the names of the fields first."""
    found = [rows] if isinstance(rows, Object) else items(rows)
    names = list(dict.fromkeys(key for row in found if isinstance(row, Object) for key in row))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    if names:
        writer.writerow(names)
    for row in found:
        if isinstance(row, Object):
            writer.writerow([text(row.get(name)) for name in names])
        else:
            writer.writerow([text(cell) for cell in (row if isinstance(row, list) else [row])])
    return _within(out.getvalue())


def to_xml(value: Value, root: Value = "data") -> str:
    """The value as elements: an object's fields by name, a list's items as `item`."""
    return _within("\n".join(_elements(value, words(root), 0)))


def _elements(value: Value, name: str, depth: int) -> Iterator[str]:
    tag, indent = re.sub(r"[^\w.-]|^(?=[\d.-])", "_", name) or "_", "  " * depth
    if not is_container(value):
        yield f"{indent}<{tag}>{escape(text(value))}</{tag}>"
        return
    yield f"{indent}<{tag}>"
    for key, item in value.items() if isinstance(value, dict) else (("item", item) for item in value):
        yield from _elements(item, str(key), depth + 1)
    yield f"{indent}</{tag}>"


def to_yaml(value: Value) -> str:
    """The value as YAML, for people and for prompts."""
    return _within("\n".join(_lines(value, 0)))


def _lines(value: Value, depth: int) -> Iterator[str]:
    indent = "  " * depth
    if not is_container(value):
        yield indent + _scalar(value)
    elif not value:
        yield indent + ("{}" if isinstance(value, dict) else "[]")
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _entry(f"{indent}{_scalar(key)}:", item, depth)
    else:
        for item in value:
            yield from _entry(f"{indent}-", item, depth)


def _entry(head: str, item: Value, depth: int) -> Iterator[str]:
    if is_container(item) and item:
        yield head
        yield from _lines(item, depth + 1)
    else:
        yield f"{head} {next(_lines(item, 0))}"


def _scalar(value: Value) -> str:
    if value is None:
        return "null"
    if isinstance(value, str):
        simple = _PLAIN.fullmatch(value) and value.casefold() not in _WORDY and value == value.strip()
        return value if simple else json.dumps(value, ensure_ascii=False)
    return text(plain(value))


def _within(content: str) -> str:
    if len(content) > MAX_TEXT:
        raise too_long(len(content))
    return content


TABLE: tuple[Function, ...] = (
    of("CSV", to_csv, 1, 1, "TOCSV"),
    of("XML", to_xml, 1, 2, "TOXML"),
    of("YAML", to_yaml, 1, 1, "TOYAML"),
)
