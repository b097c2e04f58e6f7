"""What a package says of its tables: TABLE blocks in its dialogs, and CSV files whose rows they begin with."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from hostbridge.packages import Package, Packages, text_of
from hostbridge.tables.layout import folded
from keywords.compile import compile_program
from keywords.host import Value
from keywords.mistakes import WrongValue
from keywords.registry import Registry
from keywords.values import Object, numeric

LARGEST = 32 * 1_048_576  # bytes of a CSV file
_TABLE = re.compile(r"^\s*TABLE\s", re.IGNORECASE | re.MULTILINE)
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?")  # 007 and +55 stay texts
T = TypeVar("T")


class PackageTables:
    """Fulfils `hostbridge.tables.store.Declarations`; a file is read again when it has changed."""

    def __init__(self, packages: Packages, registry: Registry) -> None:
        self._packages = packages
        self._registry = registry
        self._known: dict[Path, tuple[tuple[int, int], Any]] = {}

    def table(self, origin: str, name: str) -> Mapping[str, Any] | None:
        package = self._packages.find(origin) if origin else None
        if package is None:
            return None
        wanted = folded(name)
        for path in (*package.tables, *(dialog.path for dialog in package.dialogs.values())):
            found = self._read(path, self._blocks).get(wanted)
            if found is not None:
                return found
        return None

    def names(self, origin: str) -> tuple[str, ...]:
        package = self._packages.find(origin) if origin else None
        if package is None:
            return ()
        blocks = (self._read(path, self._blocks) for path in package.tables)
        return (*(name for found in blocks for name in found), *(folded(path.stem) for path in package.data))

    def rows(self, origin: str, name: str) -> Sequence[Mapping[str, Value]] | None:
        package = self._packages.find(origin) if origin else None
        path = _csv(package, folded(name)) if package else None
        return None if path is None else self._read(path, csv_rows)

    def _blocks(self, path: Path) -> dict[str, Mapping[str, Any]]:
        text = text_of(path, path.name)
        if not _TABLE.search(text):
            return {}
        program = compile_program(text, self._registry, path.stem).program
        return {folded(table["name"]): table for table in program.tables} if program else {}

    def _read(self, path: Path, read: Callable[[Path], T]) -> T:
        status = path.stat()
        stamp = (status.st_mtime_ns, status.st_size)
        known = self._known.get(path)
        if known is None or known[0] != stamp:
            self._known[path] = known = (stamp, read(path))
        return known[1]


def _csv(package: Package, name: str) -> Path | None:
    return next((path for path in package.data if path.stem.casefold() == name), None)


def csv_rows(path: Path) -> tuple[Object, ...]:
    """The rows of a CSV file by its first line; raises WrongValue that names the line of a row that does not fit."""
    text = text_of(path, path.name, LARGEST)
    head = text.partition("\n")[0]
    separator = max(",;\t", key=head.count)
    lines = csv.reader(text.splitlines(keepends=True), delimiter=separator, strict=True)
    rows: list[Object] = []
    try:
        names = [name.strip() for name in next(lines, [])]
        if len({name.casefold() for name in names}) != len(names) or not all(names):
            raise WrongValue(f"{path.name} needs a first line with the names of its columns, each once.")
        for row in lines:
            if not any(row):
                continue
            if len(row) != len(names):
                raise WrongValue(
                    f"{path.name}, line {lines.line_num}: {len(row)} values where the first line names {len(names)} "
                    "columns. Put a value that holds a comma in quotes."
                )
            rows.append(Object((name, _value(words)) for name, words in zip(names, row, strict=True)))
    except csv.Error as error:
        raise WrongValue(f"{path.name}, line {lines.line_num}: {error}.") from None
    return tuple(rows)


def _value(words: str) -> Value:
    words = words.strip()
    if not words:
        return None
    if _NUMBER.fullmatch(words):
        return numeric(words)
    return {"true": True, "false": False}.get(words.casefold(), words)
