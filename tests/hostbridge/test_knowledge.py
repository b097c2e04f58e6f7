"""Knowledge bases as programs, agents and people use them: real files, real rows, the whole product."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from hostbridge.bots import PackageBots
from hostbridge.knowledge.bases import KnowledgeBases
from hostbridge.knowledge.documents import Documents
from hostbridge.knowledge.offering import SEARCH
from hostbridge.packages import Packages
from keywords.excerpts import Found
from keywords.host import Act, Host, Identity, Moment, Services, bot_id
from keywords.library import registry
from keywords.mistakes import UnknownName
from mcp_server.app import TENANT
from mcp_server.cli import kb
from mcp_server.searching import Searching
from mcp_server.settings import Settings, read
from memory.reads import PostgresMemories
from storage.outgoing import Outgoing
from storage.pool import Pool, connect
from storage.vectors.store import Owner
from tests.golden.answers import AnyBots, AnyModels
from tests.hostbridge.stage import product
from tests.memory_search.rows import NOW

FILES = {
    "edu.gbai/edu.gbkb/fees/late.md": "# Fees\n\nA late fee of 20 euros is charged after the tenth of the month.",
    "edu.gbai/edu.gbkb/campus/library.txt": "The library opens at nine in the morning.",
    "edu.gbai/edu.gbkb/campus/broken.pdf": "this is no PDF",
    "edu.gbai/edu.gbdialog/start.bas": 'TALK "hello"',
    "law.gbai/law.gbkb/code.md": "A late fee is against the law.",
}


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / "packages" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return tmp_path / "packages"


@pytest.fixture
async def bases(pool: Pool, packages: Path) -> AsyncIterator[KnowledgeBases]:
    searching = Searching(Settings(), pool)
    yield KnowledgeBases(pool, Packages([packages]), searching.knowledge, lambda: Outgoing(), patience=60)
    await searching.close()


def asking(package: str = "edu") -> Identity:
    return Identity(TENANT, uuid4(), uuid4(), package, package)


def sources(found: Found) -> list[str]:
    return [one.source for one in found.excerpts]


async def test_a_conversation_answers_from_what_it_uses(database: str, tmp_path: Path) -> None:
    async with product(database, tmp_path, FILES) as stage:
        await stage.app.knowledge.indexed(TENANT, "edu")
        program = """
        IF UBOUND((THINK KB "late fee").results) = 0 THEN THROW "At first all are used."
        CLEAR KB "fees"
        x = THINK KB "late fee library"
        IF JOIN(x.sources, "+") <> "library.txt" THEN THROW "The others stay: " + JSON(x)
        CLEAR KB
        x = THINK KB "late fee"
        IF x.kb_count <> 0 THEN THROW "Nothing is used: " + JSON(x)
        said = USE KB "fees.gbkb"
        x = THINK KB "late fee library"
        IF JOIN(x.sources, "+") <> "late.md" THEN THROW "Only the fees: " + JSON(x)
        RETURN said + "; " + x.results[0].heading + "; " + (USE KB "none yet")
        """
        assert await stage.result(program, "edu") == "fees: 1 document; Fees; none yet: there are no documents yet"
        assert (
            await stage.result('RETURN (THINK KB "late fee").results[0].content', "law")
            == FILES["law.gbai/law.gbkb/code.md"]
        )


async def test_documents_that_come_change_and_go_count_with_the_next_answer(
    bases: KnowledgeBases, packages: Path
) -> None:
    folder, me = packages / "edu.gbai" / "edu.gbkb", asking()
    assert sources(await bases.found(me, "late fee", 3)) == ["late.md"]
    (folder / "fees" / "rent.txt").write_text("The late fee for rent is 50 euros.")
    assert set(sources(await bases.found(me, "late fee", 3))) == {"late.md", "rent.txt"}
    (folder / "fees" / "late.md").write_text("Whoever is late pays nothing.")
    found = await bases.found(me, "late fee", 3)
    assert "20 euros" not in str(found) and "rent.txt" in sources(found)
    assert sources(await bases.found(me, "who is late and pays nothing", 1)) == ["late.md"]
    (folder / "fees" / "rent.txt").unlink()
    assert "rent.txt" not in sources(await bases.found(me, "late fee rent", 3))
    (folder / "fees" / "late.md").rename(folder / "campus" / "late.md")
    assert {one.collection for one in (await bases.found(me, "late pays", 3)).excerpts} == {"campus"}


async def test_packages_and_tenants_never_find_each_others_documents(bases: KnowledgeBases) -> None:
    assert sources(await bases.found(asking("law"), "late fee", 3)) == ["code.md"]
    await bases.found(asking(), "late fee", 3)
    assert await bases.found(replace(asking("nobody"), origin=""), "late fee", 3) == Found([], [])
    rows = await bases.overview(uuid4(), "edu", NOW)
    assert rows == []


async def test_a_document_that_cannot_be_read_is_told_and_the_others_are_found(bases: KnowledgeBases) -> None:
    [fault] = await bases.indexed(TENANT, "edu")
    assert (fault["collection"], fault["path"]) == ("campus", "broken.pdf") and "is broken" in fault["fault"]
    assert sources(await bases.found(asking(), "library", 1)) == ["library.txt"]
    rows = {row["collection"]: row for row in await bases.overview(TENANT, "edu", datetime.now(UTC))}
    assert (rows["campus"]["documents"], rows["campus"]["faults"], rows["fees"]["last_week"]) == (2, 1, 1)


class BrokenOff(Exception):
    """The process that read the documents died."""


async def test_reading_that_was_broken_off_goes_on_without_doubles(pool: Pool, tmp_path: Path) -> None:
    folder = tmp_path / "big.gbai" / "big.gbkb"
    folder.mkdir(parents=True)
    for number in range(30):
        (folder / f"{number}.md").write_text(
            "".join(f"# Part {part}\n\nText {number}.{part}.\n\n" for part in range(4))
        )
    owner, read_now = Owner(TENANT, bot_id(TENANT, "big")), list[str]()

    def broken_off(done: int, total: int, name: str) -> None:
        assert total == 30
        if done == 13:
            raise BrokenOff

    with pytest.raises(BrokenOff):
        await Documents(pool).brought_up(owner, folder.parent, broken_off)
    both = [Documents(pool), Documents(pool)]
    await asyncio.gather(
        *(one.brought_up(owner, folder.parent, lambda d, t, name: read_now.append(name)) for one in both)
    )
    assert 17 <= len(read_now) <= 34, "what was read before is not read again"
    async with pool.connection() as connection:
        cursor = await connection.execute("select count(*), count(distinct (path, number)) from kb_pieces")
        assert await cursor.fetchone() == (120, 120)
        cursor = await connection.execute("select count(*) from kb_documents")
        assert await cursor.fetchone() == (30,)


async def test_a_file_that_was_only_touched_is_not_cut_again(pool: Pool, packages: Path) -> None:
    owner = Owner(TENANT, bot_id(TENANT, "edu"))
    await Documents(pool).brought_up(owner, packages / "edu.gbai")
    async with pool.connection() as connection:
        before = await (await connection.execute("select path, xid from kb_pieces order by 1")).fetchall()
        for path in (packages / "edu.gbai").rglob("*.*"):
            os.utime(path, ns=(1, 1))
        await Documents(pool).brought_up(owner, packages / "edu.gbai")
        assert await (await connection.execute("select path, xid from kb_pieces order by 1")).fetchall() == before
        cursor = await connection.execute("select distinct modified_ns from kb_documents")
        assert await cursor.fetchall() == [(1,)]


async def test_a_model_agent_gets_excerpts_and_a_tool(pool: Pool, packages: Path, bases: KnowledgeBases) -> None:
    bots = PackageBots(Packages([packages]), registry(), lambda origin: True, bases)
    services = Services(AnyBots(), AnyModels(), PostgresMemories(pool), knowledge=bases)
    host = Host(Moment(asking("desk"), 0, 1, NOW), services, {})
    spawned = await bots.answering(host, "edu", "How much is the late fee?")
    [child] = spawned.children
    assert "A late fee of 20 euros" in child.inputs["system"] and "fees/late.md" in child.inputs["system"]
    assert SEARCH in [tool["name"] for tool in child.inputs["tools"]]
    inside = Host(Moment(asking(), 0, 1, NOW), services, {})
    act = await bots.tool(inside, SEARCH, {"question": "When does the library open?"})
    assert isinstance(act, Act)
    assert "opens at nine" in await act.perform()
    empty = await bots.tool(inside, SEARCH, {})
    assert isinstance(empty, Act) and await empty.perform() == "Error: the tool needs a question."


async def test_a_web_site_is_read_like_documents_and_again_when_it_is_due(database: str, tmp_path: Path) -> None:
    async with product(database, tmp_path, FILES) as stage:
        page = "text/html; charset=utf-8"
        stage.site.pages = {
            "/robots.txt": ("text/plain", "User-agent: *\nDisallow: /private"),
            "/": (
                page,
                '<h1>Shop</h1><a href="/returns#top">x</a><a href="/private/a">x</a><a href="http://other.test/">',
            ),
            "/returns": (page, "<h1>Returns</h1><p>Parcels may be returned within thirty days.</p>"),
            "/private/a": (page, "<p>Parcels are lost.</p>"),
        }
        program = """
        said = USE Website "SITE/" REFRESH "1d"
        x = THINK KB "returning parcels"
        CLEAR Websites
        y = THINK KB "returning parcels"
        z = THINK KB "late fee"
        RETURN [said, x.sources, x.results[0].heading, UBOUND(y.results), z.sources]
        """
        host = stage.site.url.removeprefix("http://")
        assert await stage.result(program, "edu") == [f"{host}: 2 pages", ["/returns"], "Returns", 0, ["late.md"]]
        assert not any("/private" in asked or "other.test" in asked for asked in stage.site.asked)
        asked = len(stage.site.asked)
        assert (await stage.result('RETURN USE Website "SITE/"', "edu")).endswith("2 pages")
        assert len(stage.site.asked) == asked, "it was read a moment ago"
        del stage.site.pages["/returns"]
        async with await connect(database) as connection:
            await connection.execute("update kb_websites set read_at = now() - interval '2 days'")
        await stage.app.knowledge.refreshed(TENANT, "edu")
        gone = 'x = USE Website "SITE/"\nRETURN x + " " + UBOUND((THINK KB "returning parcels").results)'
        assert await stage.result(gone, "edu") == f"{host}: 1 page 0"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("SITE/nothing", "answers 404"),
        ("SITE/huge", "at most 4,194,304 are taken"),
        ("http://10.0.0.1/", "10.0.0.1"),
        ("SITE/to/http://169.254.169.254/", "169.254.169.254"),
    ],
)
async def test_a_web_site_that_cannot_be_read_says_why(database: str, tmp_path: Path, address: str, said: str) -> None:
    async with product(database, tmp_path, FILES) as stage:
        assert said in await stage.error(f'USE Website "{address}"', "edu")


async def test_the_command_reads_and_lists(
    database: str, packages: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = read({"BOTMCP_HOME": str(tmp_path / "home"), "DATABASE_URL": database})
    told: list[dict[str, object]] = []
    for _ in range(2):
        assert await kb.indexed(settings, [str(packages / "edu.gbai")], as_json=True) == 1, "one cannot be read"
        told.append(json.loads(capsys.readouterr().out)["packages"][0])
    first, again = told
    assert (first["package"], first["documents"], first["read"], again["read"]) == ("edu", 3, 3, 0)
    assert "broken.pdf is broken" in str(first["faults"])
    assert await kb.indexed(settings, [str(packages / "law.gbai")], as_json=False) == 0
    assert capsys.readouterr().out == "law: 1 document, 1 piece, 1 read now\n"
    assert await kb.listed(settings, [], as_json=False) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [" ".join(line.split()[:3]) for line in lines[1:]] == ["edu campus 2", "edu fees 1", "law law 1"]
    assert await kb.listed(settings, ["customer-support"], as_json=False) == 0
    assert "No documents have been read yet" in capsys.readouterr().out
    with pytest.raises(UnknownName, match="Did you mean edu"):
        await kb.listed(settings.with_packages(packages), ["eduu"], as_json=False)
