"""Rows of bots in a real Postgres, as programs find, save, change, remove and merge them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from hostbridge.bots import PackageBots
from hostbridge.packages import Packages
from hostbridge.tables.declared import PackageTables
from hostbridge.tables.store import PostgresTables
from keywords.host import Identity, Moment, ProgramText, Services
from keywords.library import registry
from keywords.mistakes import WrongValue
from keywords.values import Object
from storage.pool import Pool
from tests.hostbridge.driver import NOW, TENANT, Runner
from tests.workflow.kit import row, rows

FILES = {
    "shop.gbai/shop.gbdialog/tables.bas": (
        "TABLE customers\nid INTEGER KEY\nname STRING(50)\nbalance DECIMAL(10,2)\nsince DATE\nactive BOOLEAN\n"
        "END TABLE\n"
        "TABLE badges\ncode UUID PRIMARY KEY\nlabel STRING\nEND TABLE\n"
    ),
    "shop.gbai/shop.gbdialog/main.bas": "RETURN 1",
    "shop.gbai/shop.gbdata/products.csv": 'id,name,price\n1,"Tea, green",3.5\n2,Coffee,4\n007,Cups,\n',
    "shop.gbai/shop.gbdata/broken.csv": "id,name\n1,Tea\n2,Coffee,extra\n",
    "other.gbai/main.bas": "RETURN 1",
}


@pytest.fixture
def packages(tmp_path: Path) -> Packages:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    return Packages([tmp_path])


@pytest.fixture
def tables(packages: Packages, pool: Pool) -> PostgresTables:
    return PostgresTables(pool, PackageTables(packages, registry()))


class Programs:
    """Runs programs of a package, each as an execution of its own."""

    def __init__(self, packages: Packages, tables: PostgresTables) -> None:
        words = registry()
        services = Services(
            PackageBots(packages, words, lambda origin: False), cast("Any", None), cast("Any", None), tables
        )
        self.runner = Runner(words, services)

    async def __call__(self, source: str, origin: str = "shop") -> Any:
        end = await self.runner.run(ProgramText(source, f"test {uuid4()}", origin), {})
        assert end.mistake is None, end.mistake
        return end.result

    async def fails(self, source: str, origin: str = "shop") -> str:
        end = await self.runner.run(ProgramText(source, f"test {uuid4()}", origin), {})
        assert end.mistake, end.result
        return end.mistake.message


@pytest.fixture
def run(packages: Packages, tables: PostgresTables) -> Programs:
    return Programs(packages, tables)


# -- saving and finding ------------------------------------------------------------------------------------------------


async def test_a_saved_object_is_found_by_any_way_of_asking(run: Programs) -> None:
    await run('SAVE "leads", {name: "Ana", score: 7, tags: ["a", "b"]}\nSAVE "leads", {name: "Bo", score: 12}')
    for asking in (
        '"leads" WHERE name = "Ana"',
        '"leads", "name = Ana"',
        '"leads", "name=\'Ana\' AND score < 10"',
        '"leads", "name", "Ana"',
        '"LEADS" WHERE score = 7',
        '"leads" WHERE name LIKE "an%"',
        '"leads" WITH "score <= 7"',
        '"leads", "ORDER BY score LIMIT 1"',
        '"leads" ORDER BY score LIMIT 1',
    ):
        assert await run(f"x = FIND {asking}\nRETURN [COUNT(x), x.name, x.tags[1]]") == [1, "Ana", "b"], asking
    assert await run('RETURN FIND "leads" WHERE score > 100 FIRST') is None
    assert await run('x = FIND "leads" ORDER BY score DESC\nRETURN x[0].name + x[1].name') == "BoAna"


async def test_variables_are_saved_under_their_names_and_the_rest_by_place(run: Programs) -> None:
    saving = 'name = "Ana"\nid = 5\nSAVE "customers", id, name, 12.5, "01/02/2026", TRUE\n'
    assert await run(saving + 'c = FIND "customers" FIRST\nRETURN [c.id, c.name, c.balance, c.since, c.active]') == [
        5, "Ana", 12.5, NOW.date().replace(month=2, day=1), True,
    ]  # fmt: skip
    assert await run('a = 1\nb = "x"\nSAVE "free.csv", a, b, 3\nr = FIND "free" FIRST\nRETURN [r.a, r.b]') == [1, "x"]


async def test_a_table_nobody_filled_has_no_rows(run: Programs) -> None:
    assert await run('x = FIND "nothing"\nIF x = NULL THEN\nRETURN COUNT(x)\nEND IF') == 0
    assert await run('RETURN UPDATE "nothing" SET a = 1 WHERE id = 1') == 0
    assert await run('RETURN DELETE FROM "never" WHERE id = 1') == 0


async def test_a_csv_file_is_the_beginning_of_its_table(run: Programs) -> None:
    assert await run('p = FIND "products.csv", "name = Coffee"\nRETURN p.price + 1') == 5
    assert await run('p = FIND "products" WHERE id = "007"\nRETURN [p.id, p.price]') == ["007", None]
    await run('SAVE "products.csv", {id: 3, name: "Milk", price: 1}')
    assert await run('RETURN COUNT(FIND "products.csv")') == 4
    assert await run('p = FIND "products.csv", "name = Tea, green"\nRETURN p.price') == 3.5


async def test_a_row_of_a_csv_file_that_does_not_fit_is_named(run: Programs, pool: Pool) -> None:
    assert "broken.csv, line 3: 3 values" in await run.fails('RETURN FIND "broken.csv"')
    assert "broken.csv, line 3" in await run.fails('SAVE "broken.csv", {id: 9}')
    assert await rows(pool, b"select * from bot_tables") == []


# -- keys and types ----------------------------------------------------------------------------------------------------


async def test_save_replaces_by_the_key_and_insert_refuses_a_second(run: Programs) -> None:
    await run('SAVE "customers", {id: 1, name: "Ana"}\nSAVE "customers", {id: 1, balance: 3}')
    assert await run('c = FIND "customers"\nRETURN [COUNT(c), c.name, c.balance]') == [1, "Ana", 3]
    assert "(id)=(1) already exists" in await run.fails('INSERT INTO "customers" VALUES {id: 1, name: "Bo"}')
    assert await run('RETURN COUNT(FIND "customers")') == 1


async def test_keys_that_are_not_given_are_made(run: Programs) -> None:
    first = await run('r = INSERT INTO "customers" VALUES {name: "Ana"}\nRETURN r.id')
    assert (first, await run('r = SAVE "customers", {name: "Bo"}\nRETURN r.id')) == (1, 2)
    made = await run('r = INSERT INTO "badges" WITH label = "gold"\nRETURN r.code')
    assert str(UUID(made)) == made


async def test_a_declared_column_refuses_what_it_cannot_hold(run: Programs) -> None:
    said = await run.fails('SAVE "customers", {id: 1, balance: "much"}')
    assert said == 'The column balance takes a number, not the text "much".'
    assert "since takes a date" in await run.fails('SAVE "customers", {id: 1, since: "soon"}')
    assert await run('RETURN COUNT(FIND "customers")') == 0


async def test_a_column_that_nobody_declared_takes_what_comes(run: Programs) -> None:
    await run('SAVE "log", {code: 7}\nSAVE "log", {code: "x7"}\nSAVE "log", {code: [1, 2]}\nSAVE "log", {code: NULL}')
    assert await run('l = FIND "log"\nRETURN [l[0].code, l[1].code, l[2].code, l[3].code]') == [
        "7",
        "x7",
        "[1, 2]",
        None,
    ]
    assert await run('RETURN COUNT(FIND "log" WHERE code = 7)') == 1


async def test_dates_numbers_and_objects_come_back_as_they_went(run: Programs) -> None:
    await run(
        'SAVE "kinds", {at: NOW(), day: TODAY(), n: 0.1, big: 9007199254740991, o: {a: [1.5]}, yes: TRUE, t: "7"}'
    )
    assert await run(
        'k = FIND "kinds" FIRST\nRETURN [k.at = NOW(), k.day = TODAY(), k.n, k.big, k.o.a[0], k.yes, LEN(k.t + "x")]'
    ) == [True, True, 0.1, 9007199254740991, 1.5, True, 2]


# -- changing ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        'UPDATE "customers" SET name = "New", balance = 9 WHERE id = 2',
        'UPDATE "customers", "id = 2", {name: "New", balance: 9}',
        'UPDATE "customers", 2, {name: "New", balance: 9}',
        'name = "New"\nbalance = 9\nUPDATE "customers", "id=" + 2, name, balance',
        'UPDATE "customers" WITH name AS "New", balance AS 9 WHERE id = 2',
    ],
)
async def test_update_changes_the_rows_that_fit_and_no_others(run: Programs, line: str) -> None:
    await run('FOR i = 1 TO 3\nSAVE "customers", {id: i, name: "c" + i, balance: i}\nNEXT')
    assert await run(f"{line}\nRETURN 1") == 1
    found = 'c = FIND "customers" ORDER BY id\nRETURN [c[0].name, c[1].name, c[1].balance, c[2].name]'
    assert await run(found) == ["c1", "New", 9, "c3"]


async def test_update_of_one_column_by_key(run: Programs) -> None:
    await run('SAVE "cases", {id: "c1", owner: "ana"}\nid = "c1"\nUPDATE "cases", id, "owner", "bo"')
    assert await run('c = FIND "cases"\nRETURN c.owner') == "bo"


async def test_delete_and_merge(run: Programs) -> None:
    await run('SAVE "stock", [{id: 1, n: 1}, {id: 2, n: 2}, {id: 3, n: 3}]')
    merging = 'RETURN MERGE "stock" WITH [{id: 2, n: 20}, {id: 9, n: 90}] BY "id"'
    assert await run(merging) == {"inserted": 1, "updated": 1}
    assert await run('RETURN DELETE "stock", "n >= 3"') == 3
    assert await run('s = FIND "stock"\nRETURN [COUNT(s), s.n]') == [1, 1]
    assert "Row 1 of MERGE has no id" in await run.fails('MERGE "stock" WITH [{n: 5}] BY "id"')


async def test_a_query_reads_tables_and_csv_files(run: Programs) -> None:
    await run('SAVE "orders", [{product: 1, n: 3}, {product: 2, n: 1}, {product: 1, n: 4}]')
    query = (
        "SELECT p.name, SUM(o.n) AS n FROM orders o JOIN products p ON p.id = o.product GROUP BY p.name ORDER BY 2 DESC"
    )
    assert await run(f'r = QUERY "{query}"\nRETURN [r[0].name, r[0].n, COUNT(r)]') == ["Tea, green", 7, 2]


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM orders",
        "ATTACH 'x.db' AS x",
        "PRAGMA table_info(orders)",
        "SELECT 1; SELECT 2",
        "SELECT city FROM orders",
    ],
)
async def test_a_query_can_do_nothing_but_read(run: Programs, query: str) -> None:
    await run('SAVE "orders", {n: 1}')
    assert "The query cannot be answered" in await run.fails(f'RETURN QUERY "{query}"')
    assert await run('RETURN COUNT(FIND "orders")') == 1


async def test_a_query_without_end_is_stopped(run: Programs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hostbridge.tables.sqlite.SECONDS", 0.2)
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT MAX(i) FROM n"
    assert "took longer than" in await run.fails(f'RETURN QUERY "{endless}"')


async def test_search_and_autocomplete_look_into_a_field(run: Programs) -> None:
    await run('SAVE "people", [{name: "Ana"}, {name: "Anabela"}, {name: "Joana"}, {name: "Ana"}]')
    assert await run('RETURN COUNT(SEARCH "people", "name", "ana")') == 4
    assert await run('RETURN AUTOCOMPLETE "people", "name", "an"') == ["Ana", "Anabela"]


# -- safety ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "evil", ['x"; drop schema botmcp cascade; --', "x'); delete from workers; --", "%s %(x)s {}", "täble ☃", "a" * 200]
)
async def test_names_and_values_are_only_ever_names_and_values(tables: PostgresTables, pool: Pool, evil: str) -> None:
    identity = Identity(TENANT, uuid4(), UUID(int=1), "shop", "shop")
    stored = await tables.added(Moment(identity, 0, 1, NOW), evil, [Object({evil: evil, "id": 1})], replace=True)
    assert stored == {evil: evil, "id": 1}
    assert await tables.found(identity, evil, ["=", evil, evil]) == [{evil: evil, "id": 1}]
    assert await tables.changed(Moment(identity, 0, 2, NOW), evil, ["=", "id", 1], {evil: "new"}) == 1
    assert await row(pool, b"select count(*) from bot_tables") == (1,)


@pytest.mark.parametrize("name", ["", "  ", "a\0b", "x" * 201, "line\nbreak", '""'])
async def test_a_bad_name_is_refused_and_stores_nothing(tables: PostgresTables, pool: Pool, name: str) -> None:
    identity = Identity(TENANT, uuid4(), UUID(int=1), "shop", "shop")
    with pytest.raises(WrongValue, match="is no name of a table"):
        await tables.added(Moment(identity, 0, 1, NOW), name, [Object(a=1)], replace=True)
    with pytest.raises(WrongValue, match="is no name of a column"):
        await tables.added(Moment(identity, 0, 2, NOW), "good", [Object({name: 1})], replace=True)
    assert await rows(pool, b"select * from bot_tables") == []
    assert await rows(pool, b"select * from bot_table_calls") == []


async def test_packages_and_tenants_see_their_own_rows_only(run: Programs, tables: PostgresTables) -> None:
    await run('SAVE "orders", {n: 1}')
    assert await run('RETURN COUNT(FIND "orders")', origin="other") == 0
    foreign = Identity(UUID(int=99), uuid4(), UUID(int=1), "shop", "shop")
    assert await tables.found(foreign, "orders", None) == []
    assert await tables.removed(Moment(foreign, 0, 1, NOW), "orders", None) == 0
    assert await run('RETURN COUNT(FIND "orders")') == 1


async def test_the_same_call_made_again_changes_nothing_twice(tables: PostgresTables) -> None:
    identity = Identity(TENANT, uuid4(), UUID(int=1), "shop", "shop")
    call = Moment(identity, 0, 4, NOW)
    first = await tables.added(call, "orders", [Object(n=1)], replace=False)
    again = await asyncio.gather(*(tables.added(call, "orders", [Object(n=1)], replace=False) for _ in range(5)))
    assert [first] * 5 == again
    assert len(await tables.found(identity, "orders", None)) == 1
    grown = Moment(identity, 0, 5, NOW)
    assert [await tables.merged(grown, "orders", [Object(n=2)], "n") for _ in range(2)] == [
        {"inserted": 1, "updated": 0}
    ] * 2


async def test_answers_of_calls_are_deleted_when_nobody_repeats_them(tables: PostgresTables, pool: Pool) -> None:
    identity = Identity(TENANT, uuid4(), UUID(int=1), "shop", "shop")
    await tables.added(Moment(identity, 0, 1, NOW), "orders", [Object(n=1)], replace=False)
    assert await tables.forget(NOW) == 0
    assert await tables.forget(NOW.replace(year=NOW.year + 1)) == 1
    assert await rows(pool, b"select * from bot_table_calls") == []


async def test_many_writers_make_one_table_and_lose_no_row(tables: PostgresTables) -> None:
    async def writer(number: int) -> None:
        identity = Identity(TENANT, uuid4(), UUID(int=1), "shop", "shop")
        for n in range(5):
            await tables.added(
                Moment(identity, 0, n, NOW), "busy", [Object({"who": number, f"c{number}": n})], replace=False
            )

    await asyncio.gather(*(writer(number) for number in range(8)))
    identity = Identity(TENANT, uuid4(), UUID(int=1), "shop", "shop")
    found = await tables.found(identity, "busy", None)
    assert len(found) == 40 and len(found[0]) == 9
    assert len(await tables.columns(identity, "busy")) == 9


async def test_more_rows_than_a_program_holds_ask_for_a_limit(run: Programs, tables: PostgresTables) -> None:
    identity = Identity(TENANT, uuid4(), UUID(int=1), "shop", "shop")
    await tables.added(Moment(identity, 0, 1, NOW), "big", [Object(n=n) for n in range(10_001)], replace=False)
    assert "more rows that fit than a program can take" in await run.fails('RETURN FIND "big"')
    assert await run('RETURN COUNT(FIND "big" LIMIT 20)') == 20


async def test_an_empty_key_tells_no_row(run: Programs) -> None:
    program = (
        'SAVE "t", {id: 1, a: 1}\nb = UPDATE "t", NULL, {a: 2}\nc = DELETE "t", ""\nRETURN [b, c, COUNT(FIND "t")]'
    )
    assert await run(program) == [0, 0, 1]


async def test_conditions_call_functions_of_columns(run: Programs) -> None:
    made = 'SAVE "t", {id: 1, name: "Ana", at: NOW()}\nSAVE "t", {id: 2, name: "BOB", at: NOW() - DAYS(9)}\n'
    asked = (
        'a = FIND "t" WHERE LOWER(name) = "bob"\nb = FIND "t", "DATE(at) = DATE(NOW())"\n'
        'c = FIND "t", "DATEDIFF(NOW(), at) >= 9 AND name LIKE B%"\n'
        'd = FIND "t" WHERE DATEDIFF(NOW(), at) > 3 OR UPPER(name) = "ANA"\n'
        'e = UPDATE "t" SET name = "Bob" WHERE LOWER(name) = "bob"\n'
    )
    assert await run(f"{made}{asked}RETURN [a.id, b.id, c.id, UBOUND(d), e]") == [2, 1, 2, 2, 1]


async def test_set_with_three_values_changes_rows(run: Programs) -> None:
    program = 'SAVE "t", {id: 7, stage: "new", n: 1}\nSET "t", "id = 7", "stage = won", "n = 5"\nr = FIND "t" FIRST\n'
    assert await run(program + "RETURN [r.stage, r.n]") == ["won", 5]
