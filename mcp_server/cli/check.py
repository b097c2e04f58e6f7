"""`botmcp check`: what is wrong with BASIC files, for people or, as JSON, for editors and CI."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.markup import escape

from hostbridge.bots import PackageBots
from hostbridge.packages import LARGEST, SUFFIX, Packages
from hostbridge.published_events import PublishedEvents
from keywords.check import check as check_text
from keywords.diagnostics import Diagnostic, ordered
from mcp_server import served
from mcp_server.cli.console import out, print_json
from mcp_server.cli.errors import WRONG, CommandError
from mcp_server.plugged import plugged
from mcp_server.programs import told
from mcp_server.rendezvous import place
from mcp_server.settings import Settings
from mcp_server.webhooks.endpoints import Endpoints, homeless


@dataclass(frozen=True, slots=True)
class Checked:
    """One file and what was found in it."""

    path: Path
    diagnostics: tuple[Diagnostic, ...]

    @property
    def status(self) -> str:
        severities = {diagnostic.severity for diagnostic in self.diagnostics}
        return "error" if "error" in severities else "warning" if severities else "ok"


async def check(settings: Settings, paths: Sequence[Path], *, as_json: bool) -> int:
    """Check every file; 1 when one has an error."""
    files = list(_files(paths))
    registry = plugged(settings)
    around = sorted({package.parent for file in files if (package := package_of(file))})
    packages = Packages((*around, *settings.packages), settings.home)
    bots = PackageBots(packages, registry, lambda origin: True)
    published = PublishedEvents(packages)
    found: list[Checked] = []
    for file in files:
        package = package_of(file)
        origin = package.name.removesuffix(SUFFIX) if package else ""
        text = _read(file)
        if isinstance(text, Diagnostic):
            wrong: tuple[Diagnostic, ...] = (text,)
        else:
            wrong = check_text(text, registry, bots.names(origin), published.of(text))
            wrong = wrong if package else ordered((*wrong, *homeless(text)))
        found.append(Checked(file, tuple(wrong)))
    if as_json:
        _as_json(found)
    else:
        _as_text(found)
        for told_ in _webhooks(settings, packages, files):
            out.print(escape(told_), soft_wrap=True)
    return WRONG if any(checked.status == "error" for checked in found) else 0


def _webhooks(settings: Settings, packages: Packages, files: Collection[Path]) -> Iterator[str]:
    """Where the dialogs that were checked can be called: a WEBHOOK answers on `botmcp serve`, and nowhere else."""
    folders = dict.fromkeys(package for file in files if (package := package_of(file)))
    read = {file.resolve() for file in files}
    endpoints = Endpoints(packages)
    servers = served.addresses(place(settings.home)) if settings.home.is_dir() else []
    for folder in folders:
        if package := packages.find(folder.name):
            for endpoint in endpoints.of(package):
                if endpoint.dialog.path.resolve() in read:
                    yield f"{endpoint.dialog.full_name}: {endpoint.told(servers)}"


def package_of(file: Path) -> Path | None:
    """The .gbai folder that a file stands in."""
    return next((folder for folder in file.absolute().parents if folder.suffix == SUFFIX), None)


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            files = sorted(file for file in path.rglob("*.bas") if file.is_file())
            if not files:
                raise CommandError(f"There is no .bas file in {path}.")
            yield from files
        elif path.is_file():
            yield path
        else:
            raise CommandError(f"There is no {path}. Name a .bas file, a package or a folder of them.")


def _read(file: Path) -> str | Diagnostic:
    try:
        content = file.read_bytes()
    except OSError as error:
        return Diagnostic(1, 1, "error", f"The file cannot be read: {error.strerror}.", "Check its permissions.")
    if len(content) > LARGEST:
        return Diagnostic(1, 1, "error", "The file is larger than 1 MB.", "Split it into several files.")
    if not content.strip():
        return Diagnostic(1, 1, "warning", "The file is empty: it does nothing.", "Was it saved?")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return Diagnostic(line, 1, "error", "This is not UTF-8 text.", "Save the file as UTF-8.")


def _summary(found: Sequence[Checked]) -> dict[str, int]:
    each = [diagnostic.severity for checked in found for diagnostic in checked.diagnostics]
    return {"files": len(found), "errors": each.count("error"), "warnings": each.count("warning")}


def _as_json(found: Sequence[Checked]) -> None:
    files: list[dict[str, Any]] = [
        {"path": str(each.path), "status": each.status, "diagnostics": [told(d) for d in each.diagnostics]}
        for each in found
    ]
    print_json({"files": files, "summary": _summary(found)})


def _as_text(found: Sequence[Checked]) -> None:
    for checked in found:
        for one in checked.diagnostics:
            colour = "red" if one.severity == "error" else "yellow"
            fix = f" {escape(one.fix)}" if one.fix else ""
            place = escape(f"{checked.path}:{one.line}:{one.column}")
            out.print(f"{place}: [{colour}]{one.severity}[/]: {escape(one.message)}{fix}")
    summary = _summary(found)
    files, errors, warnings = (_counted(summary[name], name) for name in ("files", "errors", "warnings"))
    out.print(f"{files}: {errors}, {warnings}.")


def _counted(number: int, names: str) -> str:
    return f"{number} {names if number != 1 else names.removesuffix('s')}"
