"""`botmcp kb index|list`: reads the documents of packages, and lists what was read."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from keywords.mistakes import UnknownName
from mcp_server.app import TENANT, App, open_app
from mcp_server.cli.console import out, print_json
from mcp_server.settings import Settings


@dataclass(slots=True)
class Bar:
    """The progress of one package; shown only on a terminal, and only when there is something to read."""

    progress: Progress
    package: str
    task: TaskID | None = None
    read: int = 0
    names: list[str] = field(default_factory=list[str])

    def __call__(self, done: int, total: int, name: str) -> None:
        if self.task is None:
            self.task = self.progress.add_task(self.package, total=total, document=name)
        self.read = done
        self.progress.update(self.task, completed=done, document=name)


async def indexed(settings: Settings, packages: Sequence[str], as_json: bool) -> int:
    """Read what is new or changed; 1 when some documents could not be read."""
    settings, names = _with_folders(settings, packages)
    told: list[dict[str, Any]] = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    shown = TextColumn("[dim]{task.fields[document]}")
    async with open_app(settings, "look") as app:
        with Progress(*columns, shown, console=out, transient=True, disable=as_json or not out.is_terminal) as progress:
            for package in await _chosen(app, names):
                bar = Bar(progress, package)
                faults = await app.knowledge.indexed(TENANT, package, bar)
                rows = await app.knowledge.overview(TENANT, package, app.now())
                if rows:
                    told.append({"package": package, "read": bar.read, "faults": _plain(faults), **_total(rows)})
    if as_json:
        print_json({"packages": told})
    else:
        for one in told:
            name, read = escape(one["package"]), one["read"]
            out.print(
                f"{name}: {_count(one['documents'], 'document')}, {_count(one['pieces'], 'piece')}, {read} read now"
            )
            for fault in one["faults"]:
                out.print(f"  [yellow]{escape(fault['collection'])}: {escape(fault['fault'])}[/]")
        if not told:
            out.print("There are no documents: a package keeps them in a folder `<name>.gbkb`.")
    return 1 if any(one["faults"] for one in told) else 0


async def listed(settings: Settings, packages: Sequence[str], as_json: bool) -> int:
    """List the collections, as they were read last."""
    settings, names = _with_folders(settings, packages)
    async with open_app(settings, "look") as app:
        found = {
            package: await app.knowledge.overview(TENANT, package, app.now()) for package in await _chosen(app, names)
        }
    if as_json:
        print_json({"packages": {package: _plain(rows) for package, rows in found.items() if rows}})
        return 0
    table = Table(box=None, pad_edge=False)
    for name in ("package", "collection", "documents", "pages", "pieces", "MB", "unreadable", "read"):
        table.add_column(name, justify="left" if name in ("package", "collection", "read") else "right")
    for package, rows in found.items():
        for row in rows:
            figures = (row["documents"], row["pages"], row["pieces"], f"{row['bytes'] / 1_048_576:.1f}", row["faults"])
            when = f"{row['read_at'].astimezone():%Y-%m-%d %H:%M}"
            table.add_row(escape(package), escape(row["collection"]), *map(str, figures), when)
    if table.row_count:
        out.print(table)
    else:
        out.print("No documents have been read yet. `botmcp kb index` reads them; so does the first question.")
    return 0


def _with_folders(settings: Settings, packages: Sequence[str]) -> tuple[Settings, list[str]]:
    """The settings with the folders of packages that were given as paths, and the names of all."""
    names: list[str] = []
    for given in packages:
        folder = Path(given).absolute()
        if folder.suffix == ".gbai" and folder.is_dir():
            settings = settings.with_packages(folder.parent)
            names.append(folder.stem)
        else:
            names.append(given)
    return settings, names


async def _chosen(app: App, names: Sequence[str]) -> list[str]:
    if not names:
        return list(await asyncio.to_thread(app.packages.names))
    chosen: list[str] = []
    for name in names:
        package = await asyncio.to_thread(app.packages.find, name)
        if package is None:
            raise UnknownName("package", name, app.packages.names(), "BOTMCP_PACKAGES names the folders with packages.")
        chosen.append(package.name)
    return chosen


def _total(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    return {name: sum(row[name] for row in rows) for name in ("documents", "pages", "pieces", "bytes")}


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _plain(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [dict(row) for row in rows]
