"""Stand-ins for the world: pages, models, files and tables that answer as the real ones could, and touch nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hostbridge.everywhere import Everywhere
from hostbridge.tables.declared import PackageTables
from keywords.encode import plain
from keywords.excerpts import Asking, Knowledge
from keywords.host import (
    Fetched,
    Files,
    Host,
    Identity,
    ModelReply,
    ModelRequest,
    Models,
    Moment,
    Services,
    Tables,
    Told,
    Value,
)  # fmt: skip
from keywords.library.kb import WEBSITE
from keywords.mistakes import ProgramError, UnknownName
from keywords.values import Object, RowSet, text
from mcp_server.rehearsal import samples
from mcp_server.rehearsal.scene import Scenes


@dataclass(frozen=True, slots=True)
class StandInWeb:
    """Every address answers with an object that has the fields which the program reads."""

    scenes: Scenes

    async def fetched(
        self,
        moment: Moment,
        method: str,
        url: str,
        body: str | None = None,
        kind: str = "application/json",
        **how: Any,
    ) -> Fetched:
        scene = self.scenes.of(moment.identity.tenant)
        scene.outgoing.append(f"{method} {url}")
        words = json.dumps(plain(_body(scene.expected())), ensure_ascii=False)
        return Fetched(200, "OK", {"content-type": "application/json"}, words, url)

    async def page(self, moment: Moment, url: str) -> str:
        scene = self.scenes.of(moment.identity.tenant)
        scene.outgoing.append(f"GET {url}")
        return json.dumps(plain(scene.expected()), ensure_ascii=False)

    async def soap(self, moment: Moment, url: str, operation: str, arguments: Mapping[str, Value]) -> Value:
        scene = self.scenes.of(moment.identity.tenant)
        scene.outgoing.append(f"SOAP {url}")
        return scene.expected()

    async def feed(self, moment: Moment, url: str, count: int) -> Value:
        self.scenes.of(moment.identity.tenant).outgoing.append(f"GET {url}")
        entry = Object(title="News", link="https://example.com/news", summary="Something new", published="2026-03-02")
        return RowSet([entry])

    async def picked(self, moment: Moment, url: str, what: str, selector: str) -> Value:
        scene = self.scenes.of(moment.identity.tenant)
        scene.outgoing.append(f"GET {url}")
        rows = RowSet([Object(text="sample", url="https://example.com/page")])
        return {"first": "sample", "all": ["sample", "another"], "rows": RowSet([scene.row()])}.get(what, rows)


@dataclass(frozen=True, slots=True)
class StandInModels:
    """A model that answers at once and costs nothing; what it is asked to fill by a schema is filled."""

    real: Models
    scenes: Scenes

    async def answer(self, request: ModelRequest, call_id: str) -> ModelReply:
        scene = self.scenes.of(request.caller.tenant) if request.caller else None
        value = _fitting(request.schema) if request.schema is not None else None
        words = "sample answer"
        expected = plain(scene.expected()) if scene else None
        if value is not None or isinstance(expected, dict | list):
            words = json.dumps(expected if value is None else value, ensure_ascii=False)
        elif expected is not None:
            words = text(expected)
        told = {"call": call_id, "model": "rehearsal", "provider": "", "task": "other"}  # so that RATE LLM finds it
        return ModelReply(words, (), "rehearsal", 0, 0, 0.0, value=value, aside=told)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


@dataclass(frozen=True, slots=True)
class MatchingTables:
    """The real tables; in the second pass a search that finds nothing finds a row that was put there for it."""

    real: Tables
    declared: PackageTables
    scenes: Scenes

    async def found(
        self, identity: Identity, table: str, condition: Sequence[Value] | None, most: int | None = None
    ) -> Value:
        rows = await self.real.found(identity, table, condition, most)
        scene = self.scenes.of(identity.tenant)
        if rows or not scene.last:
            return rows
        row = self._row(identity, table, condition)
        scene.outgoing.append(f"row for {table}")
        moment = Moment(replace(identity, session=None), 0, -len(scene.outgoing), samples.MOMENT)
        try:
            await self.real.added(moment, table, [row], replace=True)
            return await self.real.found(identity, table, condition, most) or RowSet([row])
        except ProgramError:  # columns that take nothing of the kind: the program gets to see it all the same
            return RowSet([row])

    async def queried(self, identity: Identity, query: str, lists: Mapping[str, Value]) -> Value:
        rows = await self.real.queried(identity, query, lists)
        scene = self.scenes.of(identity.tenant)
        return RowSet([scene.row()]) if not rows and scene.last else rows

    def _row(self, identity: Identity, table: str, condition: Sequence[Value] | None) -> Object:
        definition = self.declared.table(identity.origin, table)
        expected = self.scenes.of(identity.tenant).row()
        row = expected if definition is None else Object()
        for column in definition["columns"] if definition else ():
            name, usual = column["name"], samples.by_type(column["type"], column["name"])
            wanted = next((value for key, value in expected.items() if key.casefold() == name.casefold()), usual)
            row[name] = wanted if type(wanted) is type(usual) else usual
        for name, value in _wanted(condition):
            known = next((key for key in row if key.casefold() == name.casefold()), name)
            row[known] = value
        return row

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


@dataclass(frozen=True, slots=True)
class StandInFiles:
    """The real files in a folder of the rehearsal; what is read and not there is there all the same."""

    real: Files
    scenes: Scenes

    async def read(self, identity: Identity, path: str, kind: str) -> Value:
        try:
            return await self.real.read(identity, path, kind)
        except UnknownName:
            scene = self.scenes.of(identity.tenant)
            scene.outgoing.append(f"READ {path}")
            return {"TABLE": RowSet([scene.row()]), "LINES": ["one", "two"]}.get(kind, "sample text")

    async def download(self, moment: Moment, url: str, path: str) -> str:
        self.scenes.of(moment.identity.tenant).outgoing.append(f"GET {url}")
        return await self.real.write(moment.identity, path or "downloads/file.txt", "sample", "TEXT")

    def __getattr__(self, name: str) -> Any:
        held = getattr(self.real, name)
        if name not in ("copy", "move", "pack", "unpack", "merge_pdf", "remove", "linked"):
            return held

        async def with_files(identity: Identity, files: Any, *more: Any, **named: Any) -> Any:
            for file in [files] if isinstance(files, str) else files:
                if "*" not in file and not file.endswith("/"):
                    await self._present(identity, file)
            return await held(identity, files, *more, **named)

        return with_files

    async def _present(self, identity: Identity, path: str) -> None:
        try:
            await self.real.read(identity, path, "TEXT")
        except UnknownName:
            if path.casefold().endswith(".pdf"):
                await self.real.pdf(identity, "sample", Object(), path)
            elif path.casefold().endswith(".zip"):
                await self.real.write(identity, f"{path}.txt", "sample", "TEXT")
                await self.real.pack(identity, [f"{path}.txt"], path)
            else:
                await self.real.write(identity, path, "sample", "TEXT")
        except ProgramError:  # it is there, and no text
            return


@dataclass(frozen=True, slots=True)
class StandInKnowledge:
    """The documents of the package, really read and found; web sites are only named."""

    real: Knowledge
    scenes: Scenes

    async def website(self, asking: Asking, url: str, every: int) -> str:
        from hostbridge.knowledge.websites import collection

        self.scenes.of(asking.tenant).outgoing.append(f"GET {url}")
        found = collection(url)
        assert found.startswith(WEBSITE)
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


@dataclass(frozen=True, slots=True)
class StandInServers:
    """Other servers, and the General Bots host: each tool and bot answers what the program reads of its answer."""

    scenes: Scenes

    async def named(self, host: Host, server: str) -> str:
        return server

    async def called(self, host: Host, tool: str, arguments: Mapping[str, Value]) -> Told:
        return self._told(host, f"MCP {tool}")

    async def tools(self, host: Host, server: str) -> Sequence[Mapping[str, Any]]:
        return [{"name": "sample", "description": "A sample.", "parameters": {"type": "object", "properties": {}}}]

    async def asked(self, host: Host, bot: str, message: str | None, conversation: str) -> Told:
        return self._told(host, f"BOT {bot}")

    async def keyword(self, host: Host, name: str, values: Sequence[Value]) -> Told:
        return self._told(host, f"HOST {name}")

    def _told(self, host: Host, what: str) -> Told:
        scene = self.scenes.of(host.identity.tenant)
        scene.outgoing.append(what)
        return Told(scene.expected(), {})


def stand_ins(services: Services, declared: PackageTables, scenes: Scenes) -> Services:
    """The services of a rehearsal: the engine, memory and tables are real, in a database that is thrown away."""
    assert services.tables is not None
    assert services.files is not None
    assert services.knowledge is not None
    tables: Any = MatchingTables(services.tables, declared, scenes)
    models: Any = StandInModels(services.models, scenes)
    files: Any = StandInFiles(services.files, scenes)
    knowledge: Any = StandInKnowledge(services.knowledge, scenes)
    elsewhere: Any = StandInServers(scenes)
    return replace(
        services,
        tables=tables,
        models=models,
        files=files,
        web=StandInWeb(scenes),
        knowledge=knowledge,
        bots=services.bots.unasked() if isinstance(services.bots, Everywhere) else services.bots,
        elsewhere=elsewhere,
        remote=None if services.remote is None else elsewhere,
    )


def _body(expected: Value) -> Value:
    """What the other side says: where the program reads the answer of POST by its parts, its `data`."""
    return expected.get("data", expected) if isinstance(expected, Object) else expected


def _wanted(condition: Sequence[Value] | None) -> list[tuple[str, Value]]:
    """Columns and values that make a condition true."""
    match condition:
        case [_, ["()", *_], *_]:
            return []
        case ["AND", first, second]:
            return _wanted(first) + _wanted(second)
        case ["OR", first, _]:
            return _wanted(first)
        case ["=" | "<=" | ">=" | "IN" | "CONTAINS" | "STARTS WITH", str(name), value]:
            return [(name, value[0] if isinstance(value, list) and value else value)]
        case ["LIKE", str(name), value]:
            return [(name, str(value).replace("%", "").replace("*", "") or "sample")]
        case ["<", str(name), int() | float() as value]:
            return [(name, value - 1)]
        case [">", str(name), int() | float() as value]:
            return [(name, value + 1)]
        case ["TRUE", str(name)]:
            return [(name, True)]
        case ["IS NULL", str(name)]:
            return [(name, None)]
        case ["<>", str(name), value]:
            return [(name, f"not {value}" if isinstance(value, str) else None)]
        case _:
            return []


def _fitting(schema: Mapping[str, Any]) -> Any:
    """A value of a JSON Schema."""
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            return {name: _fitting(part) for name, part in schema.get("properties", {}).items()}
        case "array":
            return [_fitting(schema.get("items", {}))]
        case "number" | "integer":
            return 7
        case "boolean":
            return True
        case _:
            return "sample"
