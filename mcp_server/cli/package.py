"""`botmcp package`: begin one, install one that somebody made, pack one for others, list them, run their tests."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from rich.markup import escape
from rich.table import Table

from hostbridge import package_archives as archives
from hostbridge.kept_folders import keep
from hostbridge.package_archives import Content
from hostbridge.packages import SUFFIX, Package, Packages, alike, is_workflow, shipped
from keywords.mistakes import LimitReached, UnknownName, WrongValue
from mcp_server.app import open_app
from mcp_server.cli import check as checking
from mcp_server.cli.console import coloured, out, print_json
from mcp_server.cli.errors import WRONG, CommandError
from mcp_server.cli.samples import Sample, samples, unseen
from mcp_server.settings import Settings
from workflow.details import Caller, Detail

_NAME = re.compile(r"[a-z][a-z0-9-]{0,59}")
_TEXTS = (".bas", ".md", ".json", ".csv", ".txt")


def installed_in(settings: Settings) -> Path:
    """Where `install` puts packages."""
    return settings.home / "installed"


async def begun(settings: Settings, name: str, template: str, into: Path) -> int:
    """Make a package of one's own from a template."""
    if not _NAME.fullmatch(name):
        raise CommandError(f"{name} is no name for a package: a to z, 0 to 9 and -, beginning with a letter.")
    content = await asyncio.to_thread(_renamed, settings, template, name)
    place = await asyncio.to_thread(archives.put, content, into, replace=False)
    await asyncio.to_thread(keep, settings.made_home(), [place.absolute().parent])
    out.print(f"Made {escape(str(place))} from {escape(template)}: {len(content.files)} files, README.md first.")
    out.print("Its folder is known now, so its workflows can be started by name:")
    for title in _workflows(content):
        out.print(f"  {escape(name)}/{escape(title)}")
    out.print(f"Try it: botmcp package test {escape(name)}")
    return 0


async def install(settings: Settings, source: str, digest: str, *, replacing: bool) -> int:
    """Put a package from a folder, a ZIP or an address among the installed ones; nothing of it is run."""
    content = await _given(settings, source, digest)
    folder = installed_in(settings)
    settings.made_home()
    place = await asyncio.to_thread(archives.put, content, folder, replace=replacing)
    await asyncio.to_thread(keep, settings.home, [folder])
    about = content.about
    version = f" {about['version']}" if isinstance(about.get("version"), str) else ""
    out.print(f"Installed {escape(content.name)}{escape(version)} in {escape(str(place))}.")
    if isinstance(about.get("description"), str):
        out.print(escape(about["description"]))
    for title in _workflows(content):
        out.print(f"  workflow {escape(content.name)}/{escape(title)}")
    _needs(about)
    if shadowed := await asyncio.to_thread(_shadowing, settings, place):
        out.print(f"[yellow]It is not the first of its name: {escape(shadowed)} counts.[/]")
    return await checking.check(settings, [place], as_json=False)


async def export(settings: Settings, name: str, file: Path | None) -> int:
    """Pack a package for others."""
    content = await asyncio.to_thread(lambda: archives.of_folder(_found(settings, name)))
    target = file or Path(f"{content.name}{SUFFIX}.zip")
    data = archives.packed(content)
    await asyncio.to_thread(target.write_bytes, data)
    told = hashlib.sha256(data).hexdigest()
    out.print(f"Packed {escape(content.name)} into {escape(str(target))}: {len(content.files)} files.")
    out.print(f"sha256 {told}")
    return 0


async def remove(settings: Settings, name: str) -> int:
    """Take an installed package away."""
    folder = installed_in(settings)
    there = await asyncio.to_thread(
        lambda: [entry for entry in folder.glob(f"*{SUFFIX}") if alike(entry.name) == alike(f"{name}{SUFFIX}")]
    )
    if not there:
        raise CommandError(f"{name} was not installed by `botmcp package install`. `botmcp package list` tells where.")
    await asyncio.to_thread(shutil.rmtree, there[0])
    out.print(f"Removed {escape(there[0].name)}. Runs that have begun keep their programs.")
    return 0


async def listed(settings: Settings, as_json: bool) -> int:
    """List all packages that are found here."""
    rows = await asyncio.to_thread(_rows, settings)
    if as_json:
        print_json(rows)
        return 0
    table = Table("package", "version", "from", "workflows", "about", box=None, pad_edge=False)
    for row in rows:
        cells = (row["name"], row["version"], row["from"], ", ".join(row["workflows"]), row["description"])
        table.add_row(*(escape(cell) for cell in cells))
    out.print(table)
    return 0


async def test(settings: Settings, name: str, as_json: bool) -> int:
    """Run the samples of a package and compare what came out with what each expects; 1 when one differs."""
    folder = await asyncio.to_thread(_found, settings, name)
    if checked := await checking.check(settings, [folder], as_json=False) if not as_json else 0:
        return checked
    wanted = await asyncio.to_thread(samples, folder)
    if not wanted:
        raise CommandError(f"{folder.name} has no samples: files samples/*.json say what to start and what to expect.")
    settings = replace(settings.with_packages(folder.parent), database_url="", redis_url="", models=())
    rows: list[dict[str, Any]] = []
    async with open_app(settings, "command") as app:
        caller = Caller(uuid4(), "demo", "package test", owner=True)
        for sample in wanted:
            detail = await unseen(app, caller, sample)
            wrong = differences(sample, detail)
            rows.append({"title": sample.title, "status": detail.status, "wrong": wrong})
            if not as_json:
                mark = "[red]wrong[/]" if wrong else "[green]ok[/]   "
                out.print(f"{mark} {coloured(detail.status)} {escape(sample.title)}")
                for line in wrong:
                    out.print(f"      {escape(line)}")
    bad = sum(bool(row["wrong"]) for row in rows)
    if as_json:
        print_json({"package": folder.name.removesuffix(SUFFIX), "samples": rows, "passed": not bad})
    else:
        out.print(f"{len(rows) - bad} of {len(rows)} samples came out as expected.")
    return WRONG if bad else 0


# -- parts -------------------------------------------------------------------------------------------------------------


def differences(sample: Sample, detail: Detail) -> list[str]:
    """What came out otherwise than the sample expects, a line each."""
    if detail.status != sample.status:
        return [f"it is {detail.status}: {detail.error.message if detail.error else detail.reason or ''}"]
    found: list[str] = []
    if sample.expect is not None:
        found += _unlike(sample.expect, detail.result, "result")
    words = "\n".join(message.text for message in detail.messages)
    found += [f"it did not say: {line}" for line in sample.says if line not in words]
    return found


def _unlike(expected: Any, found: Any, where: str) -> list[str]:
    """Where what was found is not what was expected; an object may hold more."""
    if isinstance(expected, Mapping):
        if not isinstance(found, Mapping):
            return [f"{where} is {json.dumps(found, default=str)[:120]}, and an object was expected"]
        wrong: list[str] = []
        for key, value in expected.items():  # pyright: ignore[reportUnknownVariableType] # JSON
            wrong += _unlike(value, found.get(key), f"{where}.{key}")  # pyright: ignore[reportUnknownArgumentType]
        return wrong
    if expected == found:
        return []
    return [f"{where} is {json.dumps(found, default=str)[:200]}, expected {json.dumps(expected)[:200]}"]


def _renamed(settings: Settings, template: str, name: str) -> Content:
    """The files of a template under another name."""
    found = _found(settings, template)
    content = archives.of_folder(found)
    old = content.name
    files: dict[str, bytes] = {}
    for path, data in content.files.items():
        renamed = re.sub(rf"^{re.escape(old)}(?=\.gb\w+/)", name, path)
        if path.endswith(_TEXTS):
            with contextlib.suppress(UnicodeDecodeError):  # what is no text stays as it is
                data = re.sub(rf"\b{re.escape(old)}\b", name, data.decode("utf-8")).encode()
        files[renamed] = data
    return Content(name, files)


async def _given(settings: Settings, source: str, digest: str) -> Content:
    if urlsplit(source).scheme in ("http", "https"):
        data = await _downloaded(settings, source)
    else:
        path = Path(source)
        if await asyncio.to_thread(path.is_dir):
            if digest:
                raise CommandError("--sha256 is of an archive, not of a folder.")
            return await asyncio.to_thread(lambda: archives.of_folder(path.absolute()))
        try:
            if (await asyncio.to_thread(path.stat)).st_size > archives.LARGEST:
                raise LimitReached(f"{path} is larger than {archives.LARGEST >> 20} MB.")
            data = await asyncio.to_thread(path.read_bytes)
        except FileNotFoundError:
            raise CommandError(f"There is no {source}. Name a folder, a ZIP, or an address https://...") from None
    told = hashlib.sha256(data).hexdigest()
    if digest and told != digest.strip().casefold():
        raise CommandError(f"{source} is another archive than was meant: its sha256 is {told}. Nothing was installed.")
    return await asyncio.to_thread(archives.of_archive, data, source)


async def _downloaded(settings: Settings, url: str) -> bytes:
    from storage.outgoing import Outgoing, OutgoingError

    try:
        answer = await Outgoing(settings.http_allow).request("GET", url, seconds=300, most=archives.LARGEST)
    except OutgoingError as error:
        raise CommandError(f"{error} Nothing was installed.") from None
    if answer.status != 200:
        raise CommandError(f"{url} answered {answer.status} {answer.reason}. Nothing was installed.")
    return answer.body


def _found(settings: Settings, name: str) -> Path:
    """The folder of a package, by its name or its path; raises UnknownName."""
    path = Path(name).expanduser()
    if path.is_dir() and (path.name.endswith(SUFFIX) or "/" in name):
        return path.absolute()
    packages = Packages(settings.packages, settings.home)
    if found := packages.find(name):
        return found.folder
    raise UnknownName("package", name, packages.names(), f"There are: {', '.join(packages.names())}.")


def _shadowing(settings: Settings, place: Path) -> str:
    found = Packages(settings.packages, settings.home).find(place.name)
    return "" if found is None or found.folder == place else str(found.folder)


def _needs(about: Mapping[str, Any]) -> None:
    """Say what package.json says the package needs of other people's."""
    needs = about.get("requirements")
    for kind in ("tools", "knowledge_bases", "plugins", "secrets"):
        rows: Any = needs.get(kind) if isinstance(needs, dict) else None  # pyright: ignore[reportUnknownMemberType]
        if isinstance(rows, list) and rows:
            names: Sequence[str] = [str(row) for row in rows]  # pyright: ignore[reportUnknownVariableType]
            out.print(f"It needs {kind.replace('_', ' ')}: {escape(', '.join(names))}")


def _workflows(content: Content) -> list[str]:
    dialogs = [(path, data) for path, data in sorted(content.files.items()) if path.endswith(".bas")]
    return [Path(path).stem for path, data in dialogs if is_workflow(data.decode("utf-8", "replace"))]


def _rows(settings: Settings) -> list[dict[str, Any]]:
    packages = Packages(settings.packages, settings.home)
    return [_row(settings, found) for name in packages.names() if (found := packages.find(name))]


def _row(settings: Settings, found: Package) -> dict[str, Any]:
    try:
        about = archives.described((found.folder / "package.json").read_bytes())
    except OSError:
        about = {}
    workflows: list[str] = []
    for dialog in found.dialogs.values():
        try:
            if is_workflow(dialog.text()):
                workflows.append(dialog.name)
        except (LimitReached, WrongValue):
            continue
    origin = "installed" if found.folder.is_relative_to(installed_in(settings)) else str(found.folder.parent)
    return {
        "name": found.name,
        "version": str(about.get("version", "")),
        "from": "botmcp" if found.folder.parent == shipped() else origin,
        "folder": str(found.folder),
        "description": str(about.get("description", "")),
        "workflows": sorted(workflows),
        "dialogs": len(found.dialogs),
    }
