"""SET SCHEDULE lines at the head of packaged scripts: kept as soon as a package is found, dropped when they are gone.

Only lines before anything else of the script count, with a rule and names written as texts; a line further down is a
statement, which acts when it runs. What people have paused stays paused.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import structlog

from hostbridge.packages import Dialog, Packages
from keywords.mistakes import LimitReached, ProgramError, WrongValue
from workflow.details import Caller
from workflow.operations import Operations
from workflow.perform import PASSING

log = structlog.get_logger()

EVERY = 30.0  # seconds between two looks at the folders
_LINE = re.compile(r"\s*SET[ _]SCHEDULE\s+(.*?)\s*$", re.IGNORECASE)
_TEXTS = re.compile(r'"([^"]*)"(?:\s*,?\s*"([^"]*)")?(?:\s*,?\s*"([^"]*)")?\s*(?P<rest>.*)$')
_WORDS = re.compile(r"(ZONE|MISSED|NAMED)\s+\"([^\"]*)\"\s*", re.IGNORECASE)
_HEAD = re.compile(
    r"\s*(?:$|'|REM\b|#|//|PARAM\b|DESCRIPTION\b|WEBHOOK\b|USE\b|ON\s+EMAIL\b|ON\s+CHANGE\b)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Line:
    """One SET SCHEDULE at the head of a script."""

    rule: str
    script: str | None = None
    argument: str | None = None
    zone: str = ""
    missed: str = "once"
    name: str = ""


def head_lines(source: str) -> Iterator[Line]:
    """The SET SCHEDULE lines before the first statement."""
    for line in source.splitlines():
        found = _LINE.match(line)
        if found is None:
            if _HEAD.match(line):
                continue
            return
        said = found[1]
        if said.lower().startswith("every"):
            yield Line(said.partition("'")[0].strip())
        elif texts := _TEXTS.match(said):
            words = {word.lower(): value for word, value in _WORDS.findall(texts["rest"])}
            if not _WORDS.sub("", texts["rest"]).partition("'")[0].strip():
                kept = Line(texts[1], texts[2], texts[3], words.get("zone", ""), words.get("missed", "once").lower())
                yield Line(kept.rule, kept.script, kept.argument, kept.zone, kept.missed, words.get("named", ""))


class PackagedSchedules:
    """Keeps what the packages say, in step with their files."""

    def __init__(self, packages: Packages, operations: Operations, caller: Caller) -> None:
        self._packages = packages
        self._operations = operations
        self._caller = caller
        self._seen: dict[str, str] = {}  # of each dialog, its text when it was last looked at
        self._told: dict[str, str] = {}  # of each line, what was wrong with it

    async def run(self) -> None:
        while True:
            try:
                await self.look()
            except PASSING as error:
                log.warning("schedules.put_off", error=str(error).strip())
            await asyncio.sleep(EVERY)

    async def look(self) -> int:
        """Keep the lines of all scripts that have changed; answers how many scripts those were."""
        texts = await asyncio.to_thread(self._texts)
        changed = {name: (dialog, text) for name, (dialog, text) in texts.items() if self._seen.get(name) != text}
        kept = {name: await self._kept(dialog, text) for name, (dialog, text) in changed.items()}
        gone = self._seen.keys() - texts.keys()
        # Where the script is gone, not the package:
        kept |= {name: () for name in gone if self._packages.find(name.partition("/")[0]) is not None}
        if kept:
            await self._operations.drop_packaged(self._caller, kept)
        self._seen = {name: text for name, (_, text) in texts.items()}
        return len(changed)

    def _texts(self) -> Mapping[str, tuple[Dialog, str]]:
        found: dict[str, tuple[Dialog, str]] = {}
        for name in self._packages.names():
            package = self._packages.find(name)
            for dialog in package.dialogs.values() if package else ():
                try:
                    found[dialog.full_name] = dialog, dialog.text()
                except (LimitReached, WrongValue, OSError):
                    continue
        return found

    async def _kept(self, dialog: Dialog, text: str) -> Sequence[str]:
        """Keep the lines of a script; answers their names."""
        zone = next((v for k, v in self._packages.config(dialog.package).items() if k.casefold() == "timezone"), "")
        names: list[str] = []
        for line in head_lines(text):
            try:
                wanted = (
                    dialog.full_name if line.script is None else f"{dialog.package}/{line.script.removesuffix('.bas')}"
                )
                program = await asyncio.to_thread(self._packages.program, wanted)
                name = line.name or " ".join(filter(None, (program.name, line.argument)))
                kept = await self._operations.set_schedule(
                    self._caller,
                    line.rule,
                    program,
                    name=name,
                    argument=line.argument,
                    zone=line.zone or zone,
                    missed=line.missed,
                    bot_name=dialog.package,
                    source="package",
                    keeper=dialog.full_name,
                )
                names.append(kept.name)
            except ProgramError as error:
                log.warning("schedule.refused", script=dialog.full_name, rule=line.rule, error=str(error))
        return names
