"""One database for the host and for us: its bots and their memory are used in place, its packages are found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg

from keywords.host import ProgramText, bot_id
from mcp_server.app import App, open_app
from mcp_server.cli import host
from mcp_server.host_place import host_packages
from mcp_server.identity import TENANT
from mcp_server.settings import Settings, read
from tests.botserver import botserver

HOST = """\
create table public.bots (
  id uuid primary key default gen_random_uuid(), name varchar(255) not null, llm_provider varchar(100) not null,
  is_active boolean default true
);
create table public.bot_memories (
  id uuid primary key, bot_id uuid not null references public.bots on delete cascade, key text not null,
  value text not null, created_at timestamptz default now(), updated_at timestamptz default now(), unique (bot_id, key)
);
insert into public.bots (name, llm_provider, is_active)
values ('sales', 'openai', true), ('support', 'openai', true), ('retired', 'openai', false);
insert into public.bot_memories (id, bot_id, key, value)
select gen_random_uuid(), id, 'tone', 'kind' from public.bots where name = 'sales';
"""


async def asked(database: str, statement: str) -> list[Any]:
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as connection:
        cursor = await connection.execute(statement.encode())
        return await cursor.fetchall() if cursor.description else []


async def result(app: App, source: str) -> Any:
    caller = app.caller("test", "")
    started = await app.operations.start(caller, ProgramText(source, "test", ""))
    detail = await app.operations.wait(caller, started, 20)
    assert detail.status == "completed", (detail.status, detail.error)
    return detail.result


def settings(database: str, home: Path, **more: str) -> Settings:
    return read({"BOTMCP_HOME": str(home), "BOTMCP_HOST_DATABASE_URL": database, **more})


async def test_the_hosts_bots_and_their_memory_are_ours(database: str, tmp_path: Path) -> None:
    await asked(database, HOST)
    known = settings(database, tmp_path)
    assert known.database_url == database  # our tables stand beside the host's
    assert await host.installed(known) == 0
    async with botserver("newest") as server:
        known = settings(database, tmp_path, BOTSERVER_URL=server.url)
        async with open_app(known, "command") as app:
            names = set(app.everywhere.names(""))
            assert {"sales", "support", "host:*"} <= names and "retired" not in names and "*" not in names
            [warning] = app.check('x = BOT "suport" "hi"\n')
            assert "Did you mean support?" in f"{warning.message} {warning.fix}"
            assert not app.check('x = BOT "sales" "hi"\n')
            assert await app.everywhere.identified(TENANT, "", "Sales") == (bot_id(TENANT, "sales"), "sales")
            shared = 'BOT SHARE MEMORY "greeting" WITH "sales"\nRETURN "shared"\n'
            assert await result(app, 'SET BOT MEMORY "greeting", "Hello"\n' + shared) == "shared"
            memory = await app.memories.known(TENANT, bot_id(TENANT, "sales"), "tone", app.now())
            assert memory and memory.value == "kind"
    written = "update public.bot_memories set value = 'firm' where key = 'tone'"
    await asked(database, written)
    assert await asked(database, "select value from botmcp.bot_memories where key = 'tone'") == [("firm",)]
    columns = "select count(*) from information_schema.columns where table_schema = 'public' and table_name = 'bots'"
    assert await asked(database, columns) == [(4,)]  # nothing of the host's was altered


async def test_another_database_of_ours_stays_ours(database: str, tmp_path: Path) -> None:
    known = settings("host=elsewhere", tmp_path, DATABASE_URL=database)
    assert known.database_url == database and known.host_database_url == "host=elsewhere"


def test_packages_are_found_in_the_hosts_work_folder(tmp_path: Path) -> None:
    work = tmp_path / "work"
    (work / "crm.gbai" / "crm.gbdialog").mkdir(parents=True)
    own = tmp_path / "own"
    own.mkdir()
    home = str(tmp_path / "home")
    given = read({"BOTMCP_HOME": home, "BOTMCP_HOST_WORK": str(work), "BOTMCP_PACKAGES": str(own)})
    assert given.packages == (own, work)
    with_a_host = read({"BOTMCP_HOME": home, "BOTSERVER_URL": "http://localhost:5858"})
    assert host_packages(with_a_host, (work, tmp_path / "nothing")) == (work,)
    assert host_packages(read({"BOTMCP_HOME": home}), (work,)) == ()
