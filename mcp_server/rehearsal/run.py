"""Rehearses the dialogs of packages, many at a time, on an engine of its own with a database that is thrown away.

Each dialog is run twice: with tables empty, and with tables that hold what is looked for. These two runs decide whether
it works. Further runs lead it to the lines that it did not come to (`paths`); what fails there is told apart.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
import shutil
import tempfile
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg

from hostbridge.packages import SUFFIX, TABLES, Package, Packages, text_of
from hostbridge.tables.declared import PackageTables
from keywords.compile import compile_program
from keywords.encode import plain
from keywords.host import ProgramText, Services, Value
from keywords.mistakes import Mistake, ProgramError
from keywords.plugins import review_named
from keywords.program import Program
from keywords.registry import Registry
from keywords.steps import linked
from keywords.values import text as words_of
from mcp_server.app import App, open_app
from mcp_server.plugged import trusted
from mcp_server.rehearsal import samples
from mcp_server.rehearsal.exchanged import rehearsing
from mcp_server.rehearsal.found import Rehearsed, broken, counted, doubt, note
from mcp_server.rehearsal.paths import frontier, towards
from mcp_server.rehearsal.scene import Scene, Scenes, choices_of
from mcp_server.rehearsal.shapes import Shapes
from mcp_server.rehearsal.stands import stand_ins
from mcp_server.rehearsal.wishes import Wish, built
from mcp_server.settings import Settings
from storage import embedded_postgres
from storage.pool import Pool
from workflow.approvals import AlreadyDecided
from workflow.details import Approval, Caller, Detail, Question
from workflow.programs import Programs, Rejected

SECONDS = 120.0  # for one dialog in one pass; on a crowded machine most of it is waiting
ANSWERS = 60  # answers of a person in one pass
AT_ONCE = 8  # dialogs
FURTHER = 40  # runs of one dialog beyond the two
_UNKNOWN = re.compile(r"There is no function (\w+)\.")
_UNSET = re.compile(r"(\w+) is read but never set")
HURRY = b"update botmcp.workflow_executions set wake_at = now() where wake_at > now() and finished_on = 'infinity'"


class _Visits(dict[int, Any]):
    """The steps of a program as they are performed, each noted."""

    def __init__(self, program: Program, scene: Scene, seen: set[int]) -> None:
        super().__init__()
        self._program = program
        self._scene = scene
        self._seen = seen

    def __missing__(self, at: int) -> Any:
        self._seen.add(at)
        self._scene.place = (self._program, at)
        step = self._program.steps[at]
        if step[0] == "throw" and step[4][0] == "k" and (unknown := _UNKNOWN.match(str(step[4][1]))):
            self._scene.missing.append(f"function {unknown[1]}")
            return partial(_past, at + 1)
        return linked(self._program, at).perform


def _past(then: int, variables: object, world: object) -> int:
    """Goes on behind a step."""
    return then


class _Watched(Programs):
    """Programs whose steps are noted."""

    def __init__(self, pool: Pool, registry: Registry, scenes: Scenes) -> None:
        super().__init__(pool, registry)
        self._scenes = scenes
        self.seen: dict[str, set[int]] = {}

    async def load(self, tenant: UUID, hash_: str) -> Program:
        program = await super().load(tenant, hash_)
        if not isinstance(program.performs, _Visits):
            visits = _Visits(program, self._scenes.of(tenant), self.seen.setdefault(hash_, set()))
            object.__setattr__(program, "performs", visits)
        return program


class _Stage:
    """Exchanges the parts of the product."""

    def __init__(self) -> None:
        self.scenes = Scenes()
        self.watched: _Watched

    def keywords(self, registry: Registry) -> Registry:
        plugins = {keyword.plugin for keyword in registry if keyword.plugin}
        return rehearsing(registry, self.scenes, {name for name in plugins if review_named(name).findings})

    def services(self, services: Services, packages: Packages, registry: Registry) -> Services:
        return stand_ins(services, PackageTables(packages, registry), self.scenes)

    def programs(self, pool: Pool, registry: Registry) -> Programs:
        self.watched = _Watched(pool, registry, self.scenes)
        return self.watched


@dataclass(slots=True)
class _Part:
    """A dialog that is being rehearsed."""

    found: Rehearsed
    text: ProgramText
    program: Program
    unset: Sequence[str]
    shapes: Shapes
    runs: int = 0

    def inputs(self, scene: Scene) -> dict[str, Value]:
        """What it is given: examples of its PARAMs, and what settings or the host would have filled."""
        given = dict(samples.inputs(self.program.params, scene.last))
        known = {name.casefold() for name in given}
        for name in ("message", *self.unset):
            if name.casefold() not in known:
                shape = self.shapes.of(name)
                given[name] = samples.unset(name) if shape.plain else shape.sample(name)
        by_name = {name.casefold(): name for name in given}
        for root, fields in scene.wish.items():
            if "@" not in root and not root.startswith("~") and (value := built(fields)) is not None:
                given[by_name.get(root, root)] = value
        return {name: plain(value) for name, value in given.items()}


class Theatre:
    """Where dialogs are rehearsed."""

    def __init__(self, app: App, stage: _Stage) -> None:
        self._app = app
        self._stage = stage

    async def rehearse(self, package: Package, path: Path, called: str = "") -> Rehearsed:
        """Both passes of one dialog, and those that lead to the rest of it."""
        found = Rehearsed(called or f"{package.name}/{path.name}")
        try:
            text = ProgramText(text_of(path, path.name), f"{package.name}/{path.stem}", package.name)
        except ProgramError as error:
            return broken(found, str(error))
        compiled = await asyncio.to_thread(compile_program, text.source, self._app.registry, text.name)
        if compiled.program is None:
            first = next(d for d in compiled.diagnostics if d.severity == "error")
            return broken(found, first.message, first.line, first.column)
        if path.stem.casefold() == TABLES:
            return found
        unset = [name[1] for d in compiled.diagnostics if (name := _UNSET.match(d.message))]
        part = _Part(found, text, compiled.program, unset, Shapes(compiled.program))
        for last in (False, True):
            if error := await self._run(part, last=last, wish={}):
                note(found, error)
        await self._further(part)
        found.statements, found.reached = counted(part.program, self._seen(part))
        return found

    def _seen(self, part: _Part) -> set[int]:
        return self._stage.watched.seen.setdefault(part.program.hash, set())

    async def _further(self, part: _Part) -> None:
        """Lead the program to what it has not come to."""
        program, seen = part.program, self._seen(part)
        tried: set[tuple[int, bool]] = set()
        wished: set[str] = set()
        while part.runs < FURTHER:
            open_ = [(at, new_ways) for new_ways in (False, True) for at in frontier(program, seen)]
            choice = next((each for each in open_ if each not in tried), None)
            if choice is None:
                break
            tried.add(choice)
            target, new_ways = choice
            wish = await asyncio.to_thread(towards, program, part.shapes, target, frozenset(seen), new_ways=new_ways)
            if wish and repr(wish) not in wished:
                wished.add(repr(wish))
                part.runs += 1
                if error := await self._run(part, last=True, wish=wish):
                    doubt(part.found, error)

    async def _run(self, part: _Part, *, last: bool, wish: Wish) -> Mistake | None:
        """One run in a world of its own; how it failed."""
        scene = Scene(last, self._stage.scenes.shapes, choices_of(part.text.source), wish)
        caller = Caller(uuid4(), "rehearsal", "rehearsal", owner=True)
        self._stage.scenes.by_tenant[caller.tenant] = scene
        try:
            execution = await self._app.operations.start(
                caller, part.text, inputs=part.inputs(scene), bot_name=part.text.origin
            )
            detail = await self._ended(caller, execution, scene)
            mail = await self._app.outbox.messages(caller.tenant)
        except (ProgramError, Rejected) as error:
            return Mistake.of(error)
        kept = [f"{m.channel}: {m.subject or m.recipient}" for m in mail]
        part.found.kept = list(dict.fromkeys([*part.found.kept, *kept]))
        part.found.missing = list(dict.fromkeys([*part.found.missing, *scene.missing]))
        part.found.refused = list(dict.fromkeys([*part.found.refused, *scene.refused]))
        if detail.error is not None:
            return detail.error
        return None if detail.finished else Mistake("waiting", detail.reason or detail.status)

    async def _ended(self, caller: Caller, execution: UUID, scene: Scene) -> Detail:
        operations = self._app.operations
        until = asyncio.get_running_loop().time() + SECONDS
        said = 0
        while True:
            detail = await operations.wait(caller, execution, 1.0)
            if detail.finished or asyncio.get_running_loop().time() > until:
                break
            for question in detail.questions:
                said += 1
                if said <= ANSWERS:
                    await operations.answer(caller, question.execution, _said(question, scene, said - 1))
            for approval in detail.approvals:
                await self._decided(caller.tenant, approval, _decision(scene))
            if said > ANSWERS or detail.status in ("paused", "in_doubt"):
                break
        if not detail.finished:
            await operations.cancel(caller, execution)
        return detail

    async def _decided(self, tenant: UUID, approval: Approval, decision: str) -> None:
        """As many of those who are asked decide as are needed."""
        for approver in approval.approvers or ("rehearsal",):
            with contextlib.suppress(AlreadyDecided):
                person = Caller(tenant, approver, "rehearsal")
                await self._app.operations.decide(person, approval.id, decision)


def _said(question: Question, scene: Scene, turn: int) -> str:
    wished = scene.wished()
    if () in wished:
        return words_of(wished[()]) or " "
    return samples.answers(question.expects, question.options, question.prompt, scene.choices, turn, scene.last)


def _decision(scene: Scene) -> str:
    wished = scene.wished()
    if ("approved",) in wished:
        return "approve" if wished["approved",] else "reject"
    if ("status",) in wished:
        return {"rejected": "reject", "escalated": "escalate"}.get(str(wished["status",]), "approve")
    return "reject" if scene.last else "approve"


@asynccontextmanager
async def theatre(settings: Settings, packages: Iterable[Package]) -> AsyncGenerator[Theatre]:
    """An engine in a temporary folder that knows these packages; nothing of it remains."""
    stage = _Stage()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="botmcp-rehearsal-")))
        copies = folder / "packages"
        for package in packages:
            shutil.copytree(package.folder, copies / package.folder.name, symlinks=True)
        server = await embedded_postgres.start(folder / "postgres", durable=False)
        stack.push_async_callback(server.stop)
        own = replace(
            Settings(), home=folder / "home", packages=(copies,), database_url=server.dsn, plugins=settings.plugins,
            trusted_plugins=tuple(f"{name}={code}" for name, code in trusted(settings).items()),
        )  # fmt: skip
        app = await stack.enter_async_context(open_app(own, "command", stage))
        hurry = asyncio.create_task(_hurried(app))
        try:
            yield Theatre(app, stage)
        finally:
            hurry.cancel()
            await asyncio.gather(hurry, return_exceptions=True)


async def rehearsed(settings: Settings, packages: Sequence[tuple[Package, str]]) -> AsyncGenerator[Rehearsed]:
    """Each dialog of each package, as it is done; with each package comes how its folder is called.

    Packages that are alike to the last byte are rehearsed once, and told of each time.
    """
    alike: dict[bytes, list[tuple[Package, str]]] = {}
    for package, called in packages:
        alike.setdefault(await asyncio.to_thread(_digest, package), []).append((package, called))
    for together in _apart([same[0] for same in alike.values()]):
        others = {
            same[0][1].removesuffix(SUFFIX): [(same[0][1], called) for _, called in same[1:]] for same in alike.values()
        }
        async with theatre(settings, [package for package, _ in together]) as stage:
            room = asyncio.Semaphore(AT_ONCE)

            async def one(package: Package, path: Path, called: str, stage: Theatre = stage,
                          room: asyncio.Semaphore = room) -> Rehearsed:  # fmt: skip
                async with room:
                    return await stage.rehearse(package, path, called)

            tasks = [
                asyncio.create_task(one(package, path, f"{called}/{path.relative_to(package.folder)}"))
                for package, called in together
                for path in dialogs_of(package)
            ]
            try:
                for task in tasks:
                    found = await task
                    yield found
                    for called, again in others.get(found.path.split(f"{SUFFIX}/")[0], ()):
                        yield replace(found, path=f"{again}{found.path.removeprefix(called)}")
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)


def _digest(package: Package) -> bytes:
    """Of all that a package holds."""
    whole = hashlib.sha256(package.name.casefold().encode())
    for path in sorted(path for path in package.folder.rglob("*") if path.is_file()):
        whole.update(f"\0{path.relative_to(package.folder)}\0{path.stat().st_size}\0".encode())
        whole.update(path.read_bytes())
    return whole.digest()


def _apart(packages: Sequence[tuple[Package, str]]) -> list[list[tuple[Package, str]]]:
    """The packages in groups without namesakes: in one world a name means one package."""
    groups: list[dict[str, tuple[Package, str]]] = []
    for package, called in packages:
        name = package.name.casefold()
        group = next((group for group in groups if name not in group), None)
        if group is None:
            groups.append(group := {})
        group[name] = package, called
    return [list(group.values()) for group in groups]


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
        await asyncio.sleep(0.1)
