"""Runs the dialogs of packages, each twice, on an engine of its own with a database that is thrown away."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
import tempfile
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from hostbridge.packages import TABLES, Package, Packages, text_of
from hostbridge.tables.declared import PackageTables
from keywords.compile import compile_program
from keywords.encode import plain
from keywords.host import ProgramText, Services
from keywords.mistakes import Mistake, ProgramError
from keywords.program import Program
from keywords.reach import after
from keywords.registry import Registry
from keywords.steps import linked
from mcp_server.app import TENANT, App, open_app
from mcp_server.rehearsal import samples
from mcp_server.rehearsal.stands import Scene, choices_of, fields_of, rehearsing, stand_ins
from mcp_server.settings import Settings
from storage.pool import Pool
from workflow.details import Caller, Detail
from workflow.programs import Programs, Rejected

SECONDS = 30.0  # for one dialog in one pass
ANSWERS = 60  # answers of a person in one pass
_UNSET = re.compile(r"(\w+) is read but never set")
HURRY = b"update botmcp.workflow_executions set wake_at = now() where wake_at > now() and finished_on = 'infinity'"


@dataclass(slots=True)
class Rehearsed:
    """What became of one dialog."""

    path: str
    status: str = "completed"  # or failed, waiting, refused by the compiler ("broken")
    reached: int = 0
    statements: int = 0
    refused: list[str] = field(default_factory=list[str])
    kept: list[str] = field(default_factory=list[str])  # in the outbox
    error: dict[str, Any] | None = None

    def told(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "status": self.status,
            "reached": self.reached,
            "statements": self.statements,
            "refused": self.refused,
            "kept": self.kept,
            "error": self.error,
        }


class _Visits(dict[int, Any]):
    """The steps of a program as they are performed, each noted."""

    def __init__(self, program: Program, seen: set[int]) -> None:
        super().__init__()
        self._program = program
        self._seen = seen

    def __missing__(self, at: int) -> Any:
        self._seen.add(at)
        return linked(self._program, at).perform


class _Watched(Programs):
    """Programs whose steps are noted."""

    def __init__(self, pool: Pool, registry: Registry) -> None:
        super().__init__(pool, registry)
        self.seen: dict[str, set[int]] = {}

    async def load(self, tenant: UUID, hash_: str) -> Program:
        program = await super().load(tenant, hash_)
        if not isinstance(program.performs, _Visits):
            visits = _Visits(program, self.seen.setdefault(hash_, set()))
            object.__setattr__(program, "performs", visits)
        return program


class _Stage:
    """Exchanges the parts of the product."""

    def __init__(self) -> None:
        self.scene = Scene()
        self.watched: _Watched

    def keywords(self, registry: Registry) -> Registry:
        return rehearsing(registry, self.scene)

    def services(self, services: Services, packages: Packages, registry: Registry) -> Services:
        return stand_ins(services, PackageTables(packages, registry), self.scene)

    def programs(self, pool: Pool, registry: Registry) -> Programs:
        self.watched = _Watched(pool, registry)
        return self.watched


class Theatre:
    """Where dialogs are rehearsed."""

    def __init__(self, app: App, stage: _Stage) -> None:
        self._app = app
        self._stage = stage

    async def rehearse(self, package: Package, path: Path) -> Rehearsed:
        """Both passes of one dialog: tables empty, then tables that hold what is looked for."""
        found = Rehearsed(f"{package.name}/{path.name}")
        try:
            text = ProgramText(text_of(path, path.name), f"{package.name}/{path.stem}", package.name)
        except ProgramError as error:
            return _broken(found, str(error))
        compiled = compile_program(text.source, self._app.registry, text.name)
        if compiled.program is None:
            first = next(d for d in compiled.diagnostics if d.severity == "error")
            return _broken(found, first.message, first.line, first.column)
        if path.stem.casefold() == TABLES:
            return found
        scene = self._stage.scene
        scene.fields, scene.choices = fields_of(text.source), choices_of(text.source)
        unset = [name[1] for d in compiled.diagnostics if (name := _UNSET.match(d.message))]
        for last in (False, True):
            scene.last = last
            for turn, changed in enumerate(({}, *samples.variants(text.source, compiled.program.params, unset))):
                scene.outgoing.clear()
                scene.refused.clear()
                given = {name: plain(value) for name, value in samples.inputs(compiled.program.params, last).items()}
                for name in ("message", *unset):
                    given.setdefault(name, plain(samples.unset(name)))
                await self._pass(found, text, {**given, **changed}, turn)
                found.refused = list(dict.fromkeys([*found.refused, *scene.refused]))
        seen = self._stage.watched.seen.get(compiled.program.hash, set())
        found.statements, found.reached = _statements(compiled.program, seen)
        return found

    async def _pass(self, found: Rehearsed, text: ProgramText, given: Mapping[str, Any], turn: int) -> None:
        caller = Caller(TENANT, "rehearsal", "rehearsal", owner=True)
        operations = self._app.operations
        try:
            execution = await operations.start(caller, text, inputs=given, bot_name=text.origin)
            detail = await self._ended(caller, execution, turn)
        except (ProgramError, Rejected) as error:
            _note(found, Mistake.of(error))
            return
        found.kept += [f"{m.channel}: {m.subject or m.recipient}" for m in await self._app.outbox.messages(TENANT)
                       if m.execution_id == execution]  # fmt: skip
        if detail.error is not None:
            _note(found, detail.error)
        elif not detail.finished and found.status == "completed":
            found.status = "waiting"
            found.error = {"message": detail.reason or detail.status, "line": None, "column": None}

    async def _ended(self, caller: Caller, execution: UUID, turn: int) -> Detail:
        operations, scene = self._app.operations, self._stage.scene
        until = asyncio.get_running_loop().time() + SECONDS
        said = 0
        while True:
            detail = await operations.wait(caller, execution, 0.5)
            if detail.finished or asyncio.get_running_loop().time() > until:
                break
            for question in detail.questions:
                said += 1
                words = samples.answers(
                    question.expects, question.options, question.prompt, scene.choices, turn + said - 1, scene.last
                )
                if said <= ANSWERS:
                    await operations.answer(caller, question.execution, words)
            for approval in detail.approvals:
                await operations.decide(caller, approval.id, "reject" if scene.last else "approve")
            if said > ANSWERS or detail.status in ("paused", "in_doubt"):
                break
        if not detail.finished:
            await operations.cancel(caller, execution)
        return detail


@asynccontextmanager
async def theatre(settings: Settings, folders: Sequence[Path]) -> AsyncGenerator[Theatre]:
    """An engine in a temporary folder that knows these packages; nothing of it remains."""
    stage = _Stage()
    with tempfile.TemporaryDirectory(prefix="botmcp-rehearsal-") as folder:
        copies = Path(folder) / "packages"
        for package in folders:
            shutil.copytree(package, copies / package.name, symlinks=True)
        own = replace(Settings(), home=Path(folder) / "home", packages=(copies,), plugins=settings.plugins)
        async with open_app(own, "command", stage) as app:
            hurry = asyncio.create_task(_hurried(app))
            try:
                yield Theatre(app, stage)
            finally:
                hurry.cancel()
                await asyncio.gather(hurry, return_exceptions=True)


async def rehearsed(settings: Settings, packages: Sequence[Package]) -> AsyncGenerator[Rehearsed]:
    """Each dialog of each package, as it is done."""
    async with theatre(settings, [package.folder for package in packages]) as stage:
        for package in packages:
            for path in dialogs_of(package):
                yield await stage.rehearse(package, path)


def dialogs_of(package: Package) -> list[Path]:
    """All BASIC files of a package."""
    paths = [*(dialog.path for dialog in package.dialogs.values()), *package.tables]
    return sorted(paths, key=lambda path: path.name.casefold())


async def _hurried(app: App) -> None:
    """Nobody waits for a clock here: what waits for a time is woken."""
    while True:
        with contextlib.suppress(psycopg.Error):
            async with app.pool.connection() as connection:
                await connection.execute(HURRY)
        await asyncio.sleep(0.05)


def _broken(found: Rehearsed, message: str, line: int | None = None, column: int | None = None) -> Rehearsed:
    found.status = "broken"
    found.error = {"message": message, "line": line, "column": column}
    return found


def _note(found: Rehearsed, mistake: Mistake) -> None:
    """A failure; the first one counts."""
    if found.status in ("completed", "waiting"):
        found.status = "failed"
        found.error = {"message": mistake.message, "line": mistake.line, "column": mistake.column}


def _statements(program: Program, seen: set[int]) -> tuple[int, int]:
    """How many lines hold statements that any run could come to, and how many of them were come to."""
    possible: set[int] = set()
    open_ = list(program.entries.values())
    while open_:
        at = open_.pop()
        if at not in possible and at < len(program.steps):
            possible.add(at)
            open_ += after(program, at)
    lines = {program.steps[at][1] for at in possible if program.steps[at][0] not in ("jump", "drop")}
    reached = {program.steps[at][1] for at in seen}
    return len(lines), len(lines & reached)
