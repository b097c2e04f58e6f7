"""`botmcp plugin`: begin one, read what one does before it runs, and list what is installed."""

from __future__ import annotations

import asyncio
import re
import tomllib
from datetime import UTC, datetime
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from keywords.plugin_code import NoCode, of_path
from keywords.plugin_declared import POWERS
from keywords.plugin_review import Finding, Review, reviewed
from keywords.plugins import GROUP, PluginRefused, installed, review_named
from mcp_server.app import person
from mcp_server.cli.console import out, print_json
from mcp_server.cli.errors import WRONG, CommandError
from mcp_server.cli.plugin_scaffold import scaffold
from mcp_server.plugged import FILE, distrust, plugged, trust, trusted
from mcp_server.settings import Settings

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


async def begun(name: str, into: Path) -> int:
    """Write a plugin that works at once, to begin with."""
    return await asyncio.to_thread(_begun, name, into)


def _begun(name: str, into: Path) -> int:
    """Write a plugin that works at once, to begin with."""
    if not _NAME.fullmatch(name):
        raise CommandError(f"{name} is no name for a plugin: a to z, 0 to 9 and _, beginning with a letter.")
    folder = into / f"botmcp-{name.replace('_', '-')}"
    if folder.exists():
        raise CommandError(f"{folder} is there already. Choose another name or folder.")
    files = scaffold(name)
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    out.print(f"Made {escape(str(folder))}: {', '.join(files)}.")
    out.print("Install it and let botmcp use it:")
    out.print(f"  pip install -e {escape(str(folder))}")
    out.print(f"  export BOTMCP_PLUGINS={name}")
    out.print(f"  botmcp keywords {name.replace('_', ' ')}")
    return 0


async def review(settings: Settings, what: str, as_json: bool, trusting: bool, distrusting: bool) -> int:
    """Show what a plugin declares and does; 1 when it would not be loaded."""
    path = Path(what)
    installed_one = not await asyncio.to_thread(lambda: path.is_dir() or path.suffix == ".py")
    if distrusting:
        told = "is not trusted any more" if distrust(settings, what) else "was not trusted"
        out.print(f"The plugin {escape(what)} {told}.")
        return 0
    reviews = [review_named(what)] if installed_one else _of_folder(path)
    if trusting:
        if not installed_one:
            raise CommandError("Only an installed plugin can be trusted: name it as BOTMCP_PLUGINS does.")
        file = trust(settings, reviews[0], person(), datetime.now(UTC))
        out.print(f"Trusted, exactly as it is now; {escape(str(file))} says so. Changed code asks again.")
    known = trusted(settings)
    if as_json:
        print_json([_plain(each, known.get(each.plugin) == each.code.hash) for each in reviews])
    else:
        for each in reviews:
            _show(each, known.get(each.plugin) == each.code.hash)
    fine = all(not each.refused or known.get(each.plugin) == each.code.hash for each in reviews)
    return 0 if fine else WRONG


async def listed(settings: Settings, as_json: bool) -> int:
    """List the plugins that are installed, and how they stand."""
    known = trusted(settings)
    rows: list[dict[str, Any]] = []
    for name in sorted({*installed(), *settings.plugins}):
        try:
            found = review_named(name)
        except PluginRefused as error:
            rows.append({"plugin": name, "listed": name in settings.plugins, "state": "refused", "why": str(error)})
            continue
        is_trusted = known.get(name) == found.code.hash
        state = "trusted" if found.refused and is_trusted else "refused" if found.refused else "covered"
        touches = list(found.declaration.told())
        rows.append({"plugin": name, "listed": name in settings.plugins, "state": state, "touches": touches})
    if as_json:
        print_json(rows)
        return 0
    if not rows:
        out.print("No plugin is installed. `botmcp plugin new NAME` begins one.")
        return 0
    table = Table("plugin", "in BOTMCP_PLUGINS", "review", "touches", box=None, pad_edge=False)
    for row in rows:
        touches = row.get("why") or "; ".join(row["touches"]) or "nothing"
        table.add_row(escape(row["plugin"]), "yes" if row["listed"] else "no", row["state"], escape(touches))
    out.print(table)
    return 0


async def words(settings: Settings, asked: list[str], markdown: bool, as_json: bool) -> int:
    """Show the keywords of this installation, those of its plugins too."""
    from keywords.match import written
    from keywords.reference_page import page

    registry = plugged(settings)
    if markdown:
        out.print(page(registry), markup=False)
        return 0
    wanted = [word.casefold() for word in asked]
    found = [
        keyword
        for keyword in sorted(registry, key=lambda each: each.name)
        if keyword.group != "internal"
        and all(
            word in " ".join((keyword.name, keyword.summary, keyword.group, keyword.plugin, keyword.example)).casefold()
            for word in wanted
        )
    ]
    rows: list[dict[str, Any]] = [
        {
            "name": each.name,
            "forms": [written(form).replace(" :", ":") for form in each.forms],
            "effect": "announced" if each.announced and not each.elsewhere else str(each.effect),
            "group": each.group,
            "summary": each.summary,
            "example": each.example,
            "plugin": each.plugin,
        }
        for each in found
    ]
    if as_json:
        print_json(rows)
        return 0
    for row in rows:
        by = f" [dim]plugin {escape(row['plugin'])}[/]" if row["plugin"] else ""
        out.print(f"[bold]{escape(row['name'])}[/]{by}  {escape(row['summary'])}")
        for form in row["forms"]:
            out.print(f"    {escape(form)}")
    if not rows:
        raise CommandError(f"No keyword has to do with {' '.join(asked)}. Without words, this command lists all.")
    return 0


def _of_folder(path: Path) -> list[Review]:
    """Reviews of what the project in a folder offers, or of a single module."""
    if path.suffix == ".py":
        return [_reviewed(path.stem, path.parent, path.stem)]
    try:
        project: Any = tomllib.loads((path / "pyproject.toml").read_text("utf-8"))
        offered: dict[str, str] = dict(project["project"]["entry-points"][GROUP])
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError):
        raise CommandError(
            f'{path} has no pyproject.toml with [project.entry-points."{GROUP}"]. Name the folder of a plugin, '
            "or an installed plugin."
        ) from None
    return [_reviewed(name, path, EntryPoint(name, value, GROUP).module) for name, value in offered.items()]


def _reviewed(name: str, folder: Path, module: str) -> Review:
    try:
        return reviewed(name, of_path(folder, module))
    except NoCode as error:
        raise CommandError(f"The plugin {name} cannot be read: {error}.") from None


def _show(found: Review, is_trusted: bool) -> None:
    count = len(found.code.files)
    out.print(f"[bold]{escape(found.plugin)}[/]: {count} {'file' if count == 1 else 'files'}, code {found.code.hash}")
    out.print("It declares that it touches " + ("" if found.declaration.told() else "nothing."))
    for line in found.declaration.told():
        out.print(f"  {escape(line)}")
    _places("Its code takes these powers, as declared:", [each for each in found.findings if each.covered], "yellow")
    _places("Its code takes these, and does not declare them:", list(found.refused), "red")
    if found.refused and is_trusted:
        out.print(f"You trust exactly this code ({FILE}), so it is loaded all the same.")
    elif found.refused:
        out.print("[red]It is not loaded.[/] Its author can declare this in TOUCHES; you can --trust it as it is.")
    else:
        out.print("[green]It may be loaded[/]: list it in BOTMCP_PLUGINS.")
    out.print(
        "The host refuses whatever was not declared. But a plugin is Python in our process, and that is no sandbox: "
        "code that hides what it does may do what you may. List only plugins whose author you trust."
    )


def _places(title: str, findings: list[Finding], colour: str) -> None:
    if findings:
        out.print(f"[{colour}]{title}[/]")
    for each in findings:
        out.print(f"  {escape(str(each))}")


def _plain(found: Review, is_trusted: bool) -> dict[str, Any]:
    return {
        "plugin": found.plugin,
        "hash": found.code.hash,
        "files": [file.name for file in found.code.files],
        "declares": list(found.declaration.told()),
        "findings": [
            {
                "file": each.file,
                "line": each.line,
                "power": each.power,
                "what": each.what,
                "means": POWERS.get(each.power, ""),
                "covered": each.covered,
            }
            for each in found.findings
        ],
        "trusted": is_trusted,
        "loaded": is_trusted or not found.refused,
    }
