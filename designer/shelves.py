"""The workflows on the shelves: of packages on this machine, and the templates that come with the product."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hostbridge.packages import START, Package, Packages, is_workflow, shipped
from keywords.mistakes import LimitReached, WrongValue

LARGEST_SAMPLE = 64 * 1024
MOST_SAMPLES = 12
_ABOUT = re.compile(r'^\s*DESCRIPTION\s+"((?:[^"\n]|"")*)"', re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Shelved:
    """One dialog of a package."""

    name: str  # of the dialog
    full_name: str
    about: str
    workflow: bool  # orchestrates; else a bot's dialog
    lines: int
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Shelf:
    """One package."""

    name: str
    about: str
    template: bool  # comes with the product
    dialogs: tuple[Shelved, ...]
    samples: int
    first: Shelved | None  # the dialog that it is best known by

    @property
    def workflows(self) -> tuple[Shelved, ...]:
        return tuple(dialog for dialog in self.dialogs if dialog.workflow)


@dataclass(frozen=True, slots=True)
class Sample:
    """Inputs that a package gives as an example."""

    title: str
    workflow: str
    inputs: Mapping[str, Any]


async def shelves(packages: Packages) -> Sequence[Shelf]:
    """All packages, those with workflows first."""
    return await asyncio.to_thread(_shelves, packages)


async def samples(packages: Packages, name: str) -> Sequence[Sample]:
    """The examples of a package."""
    package = await asyncio.to_thread(packages.find, name)
    return await asyncio.to_thread(_samples, package) if package else ()


def _shelves(packages: Packages) -> list[Shelf]:
    own = shipped().resolve()
    found: list[Shelf] = []
    for name in packages.names():
        package = packages.find(name)
        if package is None:
            continue
        dialogs = tuple(_shelved(package, key) for key in package.dialogs)
        template = package.folder.resolve().is_relative_to(own)
        examples = _samples(package)
        first = _opening(dialogs, [sample.workflow for sample in examples])
        found.append(Shelf(package.name, _about(package.folder), template, dialogs, len(examples), first))
    return sorted(found, key=lambda shelf: (not shelf.workflows, shelf.name.casefold()))


def _shelved(package: Package, key: str) -> Shelved:
    dialog = package.dialogs[key]
    try:
        text = dialog.text()
    except (LimitReached, WrongValue) as error:
        return Shelved(dialog.name, dialog.full_name, "", workflow=False, lines=0, trouble=str(error))
    about = _ABOUT.search(text)
    words = about[1].replace('""', '"') if about else _first_comment(text)
    return Shelved(dialog.name, dialog.full_name, words, is_workflow(text), text.count("\n") + 1)


def _first_comment(text: str) -> str:
    for line in text.splitlines():
        words = line.strip()
        if words.startswith("'") and words.strip("' -="):
            return words.lstrip("' ")
        if words and not words.startswith("'"):
            break
    return ""


def _about(folder: Path) -> str:
    """What its package.json, or its README's first paragraph, says of it."""
    told = _json(folder / "package.json")
    if isinstance(told, dict) and isinstance(about := told.get("description"), str):
        return about
    readme = folder / "README.md"
    if not readme.is_file() or readme.stat().st_size > LARGEST_SAMPLE:
        return ""
    for paragraph in readme.read_text("utf-8", "replace").split("\n\n"):
        words = " ".join(paragraph.split())
        if words and not words.startswith(("#", "```", "<", "[!", "|")):
            return words
    return ""


def _samples(package: Package) -> list[Sample]:
    found: list[Sample] = []
    for file in sorted((package.folder / "samples").glob("*.json"))[:MOST_SAMPLES]:
        told = _json(file)
        if isinstance(told, dict) and isinstance(told.get("inputs"), dict):
            found.append(Sample(str(told.get("title", file.stem)), str(told.get("workflow", "")), told["inputs"]))
    return found


def _json(file: Path) -> Any:
    try:
        if not file.is_file() or file.is_symlink() or file.stat().st_size > LARGEST_SAMPLE:
            return None
        return json.loads(file.read_text("utf-8", "replace"))
    except (OSError, ValueError):
        return None


def _opening(dialogs: Sequence[Shelved], shown: Sequence[str]) -> Shelved | None:
    """What the samples show, else a workflow, else how the bot greets."""
    named = {dialog.full_name: dialog for dialog in dialogs}
    sampled = (named[name] for name in shown if name in named)
    orchestrating = (dialog for dialog in dialogs if dialog.workflow)
    greeting = (dialog for dialog in dialogs if dialog.name.casefold() == START)
    return next(sampled, None) or next(orchestrating, None) or next(greeting, None) or next(iter(dialogs), None)
