"""Texts as people type them into a field, and as BASIC writes them.

A field holds plain words: `Check the order` stands for `"Check the order"`. What begins with `=` is a formula, as in a
spreadsheet: `= order.price * 2`. Numbers are numbers where the slot wants one.
"""

from __future__ import annotations

import re

from keywords import tree

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_WRITTEN = {"\n": "\\n", "\t": "\\t", "\r": "", '"': '""', "\\": "\\\\"}


def quoted(text: str) -> str:
    """A text of BASIC that says exactly this; `${...}` in it goes on to mean a value."""
    return '"' + "".join(_WRITTEN.get(character, character) for character in text) + '"'


def shown(source: str, value: object) -> str:
    """What a field shows for this source: plain words for a text, else a formula."""
    if isinstance(value, tree.Literal) and isinstance(value.value, int | float) and not isinstance(value.value, bool):
        return source
    if isinstance(value, tree.Literal | tree.Template) and source[:1] == '"' and source[-1:] == '"' and len(source) > 1:
        plain = source[1:-1].replace('""', '"')
        plain = re.sub(r'\\([nt"\\])', lambda m: {"n": "\n", "t": "\t"}.get(m[1], m[1]), plain)
        if not plain.lstrip().startswith("=") and quoted(plain) == source:
            return plain
    return f"= {source}" if source else ""


def source_of(entered: str, number: bool = False) -> str:
    """What a field's text is in BASIC; nothing stays nothing."""
    stripped = entered.strip()
    if stripped.startswith("="):
        return stripped[1:].strip()
    if _NUMBER.fullmatch(stripped) and number:
        return stripped
    if number and stripped:
        return stripped  # a variable, or what the check will tell about
    return quoted(entered) if stripped else ""


def many(entered: str) -> str:
    """Several values, separated by commas: each plain words or, behind `=`, all of them as BASIC."""
    if entered.strip().startswith("="):
        return source_of(entered)
    return ", ".join(quoted(part.strip()) for part in entered.split(",") if part.strip())


def many_shown(source: str, values: object) -> str:
    if isinstance(values, tuple) and all(isinstance(v, tree.Literal) and isinstance(v.value, str) for v in values):
        plain = ", ".join(str(v.value) for v in values if isinstance(v, tree.Literal))
        if many(plain) == source:
            return plain
    return f"= {source}" if source else ""
