"""Named SQL: each package keeps its statements in one `queries.sql`, each after a line `-- name: statement`."""

from __future__ import annotations

import re
from importlib import resources

_NAME = re.compile(rb"^-- name: (\w+)[ \t]*\n", re.MULTILINE)
_COMMENT = re.compile(rb"^[ \t]*--.*\n?", re.MULTILINE)


def queries(package: str, file: str = "queries.sql") -> dict[str, bytes]:
    """The named statements of a package's SQL file, ready for psycopg.

    Lines that are only a comment are left out: psycopg would read a per cent sign in them as a placeholder.
    """
    text = resources.files(package).joinpath(file).read_bytes().replace(b"\r\n", b"\n")
    _, *parts = _NAME.split(text)
    named = list(zip(parts[::2], parts[1::2], strict=True))
    found = {name.decode(): _COMMENT.sub(b"", sql).strip() for name, sql in named}
    if len(found) != len(named):
        names = [name.decode() for name, _ in named]
        twice = sorted({name for name in names if names.count(name) > 1})
        raise ValueError(f"{package}/{file} has two statements named {twice[0]}. Rename one.")
    if empty := [name for name, sql in found.items() if not sql]:
        raise ValueError(f"{package}/{file} names {empty[0]} but gives no statement. Write one below the name.")
    return found
