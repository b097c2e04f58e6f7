"""Stand-ins for the world: pages, models and tables that answer as the real ones could, and touch nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import Any, TypeAlias

from hostbridge.tables.declared import PackageTables
from keywords.encode import plain
from keywords.host import (
    Fetched,
    Files,
    Host,
    Identity,
    ModelReply,
    ModelRequest,
    Models,
    Moment,
    Recorded,
    Services,
    Tables,
    Value,
)  # fmt: skip
from keywords.library.announced import NotYet
from keywords.registry import Effect, Keyword, Registry, table
from keywords.values import Object, RowSet
from mcp_server.rehearsal import samples

_CHAIN = re.compile(r"[A-Za-z_]\w*(?:\[[^\]\n]*\])*((?:\.[A-Za-z_]\w*(?:\[[^\]\n]*\])*)+)(?!\s*\()")
_CASE = re.compile(r"^\s*CASE\s+(?!ELSE)(.*)$|\bIF\b(.*)\bTHEN\b", re.IGNORECASE | re.MULTILINE)
_WORDS = re.compile(r'"[^"\n]*"')


Fields: TypeAlias = "dict[str, Fields]"


def fields_of(source: str) -> Fields:
    """The fields that a program reads anywhere, and those inside them: what rows and answers had better have."""
    code = _WORDS.sub('""', re.sub(r"(?m)^\s*(?:'|REM\b).*$", "", source))
    found: Fields = {}
    for chain in _CHAIN.findall(code):
        here = found
        for name in re.sub(r"\[[^\]]*\]", "", chain).strip(".").split("."):
            here = here.setdefault(name.casefold(), {})
    return found


def choices_of(source: str) -> tuple[str, ...]:
    """The words that a program compares what it hears with."""
    found: list[str] = []
    for case, test in _CASE.findall(source):
        found += re.findall(r'"([^"\n]{1,40})"', case or test)
    return tuple(dict.fromkeys(word for word in found if word.strip()))


@dataclass(slots=True)
class Scene:
    """What is rehearsed now: the fields its program reads, and which of the two passes it is."""

    last: bool = False
    fields: Fields = field(default_factory=dict[str, "Fields"])
    choices: tuple[str, ...] = ()
    outgoing: list[str] = field(default_factory=list[str])
    refused: list[str] = field(default_factory=list[str])  # keywords that were answered in place of somebody else

    def object(self, fields: Fields | None = None, depth: int = 0) -> Object:
        wanted = self.fields if fields is None else fields
        return Object((name, self._value(name, inside, depth)) for name, inside in wanted.items())

    def _value(self, name: str, inside: Fields, depth: int) -> Value:
        if not inside or depth > 4:
            return samples.by_name(name)
        held = self.object(inside, depth + 1)
        return [held] if isinstance(samples.by_name(name), list) else held


@dataclass(frozen=True, slots=True)
class StandInWeb:
    """Every address answers with an object that has the fields which the program reads."""

    scene: Scene

    async def fetched(
        self, moment: Moment, method: str, url: str, body: str | None = None, kind: str = "application/json"
    ) -> Fetched:
        self.scene.outgoing.append(f"{method} {url}")
        words = json.dumps(plain(self.scene.object()), ensure_ascii=False)
        return Fetched(200, "OK", {"content-type": "application/json"}, words, url)

    async def page(self, moment: Moment, url: str) -> str:
        return (await self.fetched(moment, "GET", url)).text

    async def soap(self, moment: Moment, url: str, operation: str, arguments: Mapping[str, Value]) -> Value:
        self.scene.outgoing.append(f"SOAP {url}")
        return self.scene.object()

    async def feed(self, moment: Moment, url: str, count: int) -> Value:
        self.scene.outgoing.append(f"GET {url}")
        entry = Object(title="News", link="https://example.com/news", summary="Something new", published="2026-03-02")
        return RowSet([entry])

    async def picked(self, moment: Moment, url: str, what: str, selector: str) -> Value:
        self.scene.outgoing.append(f"GET {url}")
        rows = RowSet([Object(text="sample", url="https://example.com/page")])
        return {"first": "sample", "all": ["sample", "another"], "rows": RowSet([self.scene.object()])}.get(what, rows)


@dataclass(frozen=True, slots=True)
class StandInModels:
    """A model that answers at once and costs nothing; what it is asked to fill by a schema is filled."""

    real: Models
    scene: Scene

    async def answer(self, request: ModelRequest, call_id: str) -> ModelReply:
        value = _fitting(request.schema) if request.schema is not None else None
        words = json.dumps(value if request.schema is not None else plain(self.scene.object()), ensure_ascii=False)
        if request.schema is None and not self.scene.fields:
            words = "sample answer"
        return ModelReply(words, (), "rehearsal", 0, 0, 0.0, value=value)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


@dataclass(frozen=True, slots=True)
class MatchingTables:
    """The real tables; in the second pass a search that finds nothing finds a row that was put there for it."""

    real: Tables
    declared: PackageTables
    scene: Scene

    async def found(
        self, identity: Identity, table: str, condition: Sequence[Value] | None, most: int | None = None
    ) -> Value:
        rows = await self.real.found(identity, table, condition, most)
        if rows or not self.scene.last:
            return rows
        row = self._row(identity, table, condition)
        moment = Moment(replace(identity, session=None), 0, -1 - len(self.scene.outgoing), samples.MOMENT)
        self.scene.outgoing.append(f"row for {table}")
        await self.real.added(replace(moment, n=-len(self.scene.outgoing)), table, [row], replace=True)
        return await self.real.found(identity, table, condition, most) or RowSet([row])

    def _row(self, identity: Identity, table: str, condition: Sequence[Value] | None) -> Object:
        definition = self.declared.table(identity.origin, table)
        row = self.scene.object() if definition is None else Object()
        for column in definition["columns"] if definition else ():
            row[column["name"]] = samples.by_type(column["type"], column["name"])
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
    scene: Scene

    async def read(self, identity: Identity, path: str, kind: str) -> Value:
        from keywords.mistakes import UnknownName

        try:
            return await self.real.read(identity, path, kind)
        except UnknownName:
            self.scene.outgoing.append(f"READ {path}")
            return {"TABLE": RowSet([self.scene.object()]), "LINES": ["one", "two"]}.get(kind, "sample text")

    async def download(self, moment: Moment, url: str, path: str) -> str:
        self.scene.outgoing.append(f"GET {url}")
        return await self.real.write(moment.identity, path or "downloads/file.txt", "sample", "TEXT")

    def __getattr__(self, name: str) -> Any:
        held = getattr(self.real, name)
        if name not in ("copy", "move", "pack", "merge_pdf"):
            return held

        async def with_files(identity: Identity, files: Any, *more: Any, **named: Any) -> Any:
            for file in [files] if isinstance(files, str) else files:
                if "*" not in file and not file.endswith("/"):
                    await self._present(identity, file)
            return await held(identity, files, *more, **named)

        return with_files

    async def _present(self, identity: Identity, path: str) -> None:
        from keywords.mistakes import ProgramError

        try:
            await self.real.read(identity, path, "TEXT")
        except ProgramError:
            if path.casefold().endswith(".pdf"):
                await self.real.pdf(identity, "sample", Object(), path)
            else:
                await self.real.write(identity, path, "sample", "TEXT")


def rehearsing(registry: Registry, scene: Scene) -> Registry:
    """The same keywords; those that need somebody else's server are answered as it could answer, and counted."""
    return table(_stood_in(keyword, scene) for keyword in registry)


def _stood_in(keyword: Keyword, scene: Scene) -> Keyword:
    def sample(error: NotYet) -> Value:
        scene.refused.append(error.name)
        return None if not keyword.value else scene.object() or "sample"

    if keyword.effect is Effect.PURE:
        return keyword
    if keyword.effect is Effect.RECORD:

        @wraps(keyword.call)
        def recorded(moment: Moment, /, **arguments: Value) -> Any:
            try:
                return keyword.call(moment, **arguments)
            except NotYet as error:
                return Recorded(sample(error))

        return replace(keyword, call=recorded)

    @wraps(keyword.call)
    async def called(host: Host, /, **arguments: Value) -> Any:
        try:
            return await keyword.call(host, **arguments)
        except NotYet as error:
            if keyword.effect is Effect.TRANSACTION:
                raise
            return sample(error)

    return replace(keyword, call=called)


def stand_ins(services: Services, declared: PackageTables, scene: Scene) -> Services:
    """The services of a rehearsal: the engine, memory and tables are real, in a database that is thrown away."""
    assert services.tables is not None
    assert services.files is not None
    tables: Any = MatchingTables(services.tables, declared, scene)
    models: Any = StandInModels(services.models, scene)
    files: Any = StandInFiles(services.files, scene)
    return replace(services, tables=tables, models=models, files=files, web=StandInWeb(scene))


def _wanted(condition: Sequence[Value] | None) -> list[tuple[str, Value]]:
    """Columns and values that make a condition true."""
    match condition:
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
