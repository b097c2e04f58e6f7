"""Bots, which are packages and their dialogs; and packages, which are folders of them."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from pydantic import Field

from hostbridge.packages import Package, is_workflow, shipped
from keywords.mistakes import LimitReached, ProgramError, UnknownName, WrongValue
from mcp_server.problems import Problem
from mcp_server.programs import told
from mcp_server.rest import uploads
from mcp_server.rest.paging import Limit, Listed, WordText, cut, word, word_of
from mcp_server.rest.table import ZIP, Call, Operation, Reply, Shape, Told


class Bot(Told):
    name: str = Field(description="A package, or `package/dialog`.")
    package: str
    kind: str = Field(description="agent: the package as a whole; dialog; workflow.")
    description: str = ""


class Bots(Listed):
    items: list[Bot]


class Names(Shape):
    q: Annotated[str, Field(max_length=200, description="Only names with these words.")] = ""
    limit: Limit = 50
    cursor: WordText | None = None


class Finding(Told):
    dialog: str
    line: int
    column: int
    severity: str
    message: str
    fix: str | None = None


class PackageTold(Told):
    name: str
    shipped: bool = Field(description="Whether it came with the product.")
    installed: bool = Field(description="Whether it was uploaded or installed, and so may be deleted here.")
    dialogs: list[str]


class Packages(Listed):
    items: list[PackageTold]


class PackageChecked(PackageTold):
    findings: list[Finding] = Field(description="What is wrong with its dialogs.")


def _bots(call: Call) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for name in call.app.packages.names():
        package = call.app.packages.find(name)
        if package is None or not call.caller.works_with(package.name):
            continue
        found.append({"name": package.name, "package": package.name, "kind": "agent"})
        for dialog in package.dialogs.values():
            try:
                kind = "workflow" if is_workflow(dialog.text()) else "dialog"
            except (LimitReached, WrongValue):
                kind = "dialog"
            found.append({"name": dialog.full_name, "package": package.name, "kind": kind})
    return sorted(found, key=lambda bot: bot["name"])


async def bots(call: Call) -> Reply:
    query: Names = call.query
    after = word_of(query.cursor) or ""
    found = [
        bot
        for bot in await asyncio.to_thread(_bots, call)
        if bot["name"] > after and query.q.lower() in bot["name"].lower()
    ]
    rows, onward = cut(found, query.limit, lambda bot: word(bot["name"]))
    return Reply({"items": list(rows), "next_cursor": onward})


async def bot(call: Call) -> Reply:
    wanted = call.path["bot"]
    for one in await asyncio.to_thread(_bots, call):
        if one["name"].lower() == wanted.lower():
            return Reply(one)
    raise Problem("unknown", f"There is no bot {wanted}.")


def _package(call: Call, package: Package) -> dict[str, Any]:
    return {
        "name": package.name,
        "shipped": package.folder.is_relative_to(shipped()),
        "installed": package.folder.parent == uploads.folder(call.app.settings.home),
        "dialogs": sorted(dialog.full_name for dialog in package.dialogs.values()),
    }


def _found(call: Call) -> list[dict[str, Any]]:
    names = call.app.packages.names()
    packages = [package for name in names if (package := call.app.packages.find(name))]
    return [_package(call, package) for package in packages if call.caller.works_with(package.name)]


async def packages(call: Call) -> Reply:
    query: Names = call.query
    after = word_of(query.cursor) or ""
    found = [
        one
        for one in await asyncio.to_thread(_found, call)
        if one["name"] > after and query.q.lower() in one["name"].lower()
    ]
    rows, onward = cut(found, query.limit, lambda one: word(one["name"]))
    return Reply({"items": list(rows), "next_cursor": onward})


async def package(call: Call) -> Reply:
    found = await asyncio.to_thread(_known, call)
    return Reply({**_package(call, found), "findings": await asyncio.to_thread(_findings, call, found)})


def _known(call: Call) -> Package:
    found = call.app.packages.find(call.path["package"])
    if found is None or not call.caller.works_with(found.name):
        raise UnknownName("package", call.path["package"][:100], (), "GET /packages lists them.")
    return found


def _findings(call: Call, found: Package) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for dialog in found.dialogs.values():
        try:
            source = dialog.text()
        except ProgramError as error:
            rows.append(
                {"dialog": dialog.full_name, "line": 1, "column": 1, "severity": "error", "message": str(error)}
            )
            continue
        rows += [{"dialog": dialog.full_name, **told(d)} for d in call.app.check(source, found.name)]
    return rows[:500]


async def upload(call: Call) -> Reply:
    """Put a package in the place of the installed one of that name; all of it, or nothing."""
    name = call.path["package"]
    known = call.app.packages.find(name)
    if known is not None and not _package(call, known)["installed"] and not _package(call, known)["shipped"]:
        raise Problem("conflict", f"The package {name} lies in a folder of its owner, and is changed there.")
    await asyncio.to_thread(uploads.put, call.app.settings.home, name, call.body)
    found = await asyncio.to_thread(_known, call)
    told_ = {**_package(call, found), "findings": await asyncio.to_thread(_findings, call, found)}
    return Reply(told_, 200 if known else 201)


async def delete(call: Call) -> Reply:
    known = await asyncio.to_thread(_known, call)
    if not _package(call, known)["installed"]:
        raise Problem("conflict", f"The package {known.name} was not installed, and is its owner's to remove.")
    await asyncio.to_thread(uploads.delete, call.app.settings.home, known.folder)
    return Reply()


TABLE = (
    Operation("GET", "/bots", "listBots", "List the bots", bots, "wf:read", "bots", query=Names, answers=Bots),
    Operation("GET", "/bots/{bot}", "getBot", "Look at a bot", bot, "wf:read", "bots", answers=Bot),
    Operation("GET", "/packages", "listPackages", "List the packages", packages, "wf:read", "packages", query=Names,
              answers=Packages),
    Operation("GET", "/packages/{package}", "getPackage", "Look at a package, and what is wrong with it", package,
              "wf:read", "packages", answers=PackageChecked),
    Operation("PUT", "/packages/{package}", "putPackage", "Upload a package as a zip file", upload, "admin", "packages",
              takes=(ZIP,), answers=PackageChecked, also={201: PackageChecked}, conflicts=True, programs=True),
    Operation("DELETE", "/packages/{package}", "deletePackage", "Delete an installed package", delete, "admin",
              "packages", status=204, conflicts=True),
)  # fmt: skip
