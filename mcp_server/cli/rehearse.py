"""`botmcp rehearse PACKAGE...`: run every dialog twice in a world that is not real, and tell what works."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from hostbridge.packages import SUFFIX, Package, Packages
from mcp_server.cli.console import out, print_json
from mcp_server.cli.errors import CommandError
from mcp_server.rehearsal.found import Rehearsed
from mcp_server.rehearsal.run import dialogs_of, rehearsed
from mcp_server.settings import Settings


async def rehearse(settings: Settings, named: Sequence[str], as_json: bool) -> int:
    """Rehearse packages, by folder or name; exit code 1 when a dialog does not come to its end."""
    packages = [(_package(settings, name), _called(name)) for name in named]
    found: list[Rehearsed] = []
    for package, called in packages:
        if not dialogs_of(package):
            raise CommandError(f"{called} holds no dialog: no .bas file in a folder <any>.gbdialog.")
    total = sum(len(dialogs_of(package)) for package, _ in packages)
    async for each in rehearsed(settings, packages):
        found.append(each)
        if not as_json:
            out.print(f"[dim]{len(found)}/{total}[/dim] {escape(each.path)}: {_coloured(each.status)}")
    if as_json:
        print_json({"dialogs": [each.told() for each in found]})
    else:
        out.print(_table(found))
        done = sum(each.status == "completed" for each in found)
        statements, reached = sum(e.statements for e in found), sum(e.reached for e in found)
        share = 100 * reached / statements if statements else 100.0
        out.print(f"{done} of {len(found)} dialogs come to their end; {share:.0f} % of the statements were reached.")
        out.print("Nothing real was sent or changed.")
    return 0 if all(each.status == "completed" for each in found) else 1


def _called(name: str) -> str:
    """How a package is called in the report: as the command named its folder."""
    return name.rstrip("/") if name.rstrip("/").endswith(SUFFIX) else f"{name}{SUFFIX}"


def _package(settings: Settings, name: str) -> Package:
    folder = Path(name).expanduser()
    if folder.is_dir() and folder.suffix == SUFFIX:
        found = Packages([folder.resolve().parent]).find(folder.name)
    else:
        found = Packages(settings.packages, settings.home).find(name)
    if found is None:
        raise CommandError(f"There is no package {name}. Give the folder of one: name{SUFFIX}.")
    return found


def _table(found: Sequence[Rehearsed]) -> Table:
    table = Table("dialog", "status", "reached", "refused", "in the outbox", "not found", "why", box=None)
    for each in found:
        error = each.error or {}
        place = f"line {error['line']}, column {error['column']}: " if error.get("line") else ""
        why = f"{place}{error.get('message', '')}"
        if not why and each.doubts:
            first = each.doubts[0]
            why = f"with other inputs, line {first['line']}: {first['message']}"
        reached = f"{each.reached}/{each.statements}"
        table.add_row(
            escape(each.path), _coloured(each.status), reached, escape(", ".join(each.refused)), str(len(each.kept)),
            escape(", ".join(each.missing)), escape(why),
        )  # fmt: skip
    return table


def _coloured(status: str) -> str:
    colour = {"completed": "green", "failed": "red", "broken": "red"}.get(status, "yellow")
    return f"[{colour}]{status}[/{colour}]"
