"""Metrics, SQL over lists, products, leads, rows out of texts, weather, code: against the real parts."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hostbridge.code import CodeFailed, CodeRunner
from keywords.mistakes import LimitReached, Refused
from tests.hostbridge.stage import Stage, product


@pytest.fixture
async def stage(database: str, tmp_path: Path) -> AsyncIterator[Stage]:
    async with product(database, tmp_path) as opened:
        yield opened


async def test_metrics_are_rows_that_are_asked_by_time(stage: Stage) -> None:
    recorded = (
        'RECORD METRIC "orders", 3\nRECORD METRIC "orders" WITH value = 5, shop = "a"\nRECORD METRIC "visits", 1\n'
        'a = QUERY METRICS "orders" FOR "24h"\nb = QUERY METRICS "orders" FOR "1d" BY "1h"\n'
        'c = QUERY METRICS "orders" FOR "1h" OFFSET 1\n'
        'RETURN [UBOUND(a), SUM(a, "value"), a[1].shop, b[0].count, b[0].value, b[0].average, UBOUND(c)]'
    )
    assert await stage.result(recorded) == [2, 8, "a", 2, 8, 4, 0]
    foreign = 'SAVE "metrics", {metric: "mixed", value: "many", recorded_at: NOW()}\nRECORD METRIC "mixed", 4\n'
    foreign += 'x = QUERY METRICS "mixed" FOR "1d" BY "1d"\nRETURN [x[0].count, x[0].value]'
    assert await stage.result(foreign) == [2, 4], "a row that somebody else has put there fails nothing"
    assert "is a number" in await stage.error('RECORD METRIC "orders", "many"')
    assert 'written "30 days"' in await stage.error('x = QUERY METRICS "orders" FOR "soon"')


async def test_select_asks_lists_and_tables_and_knows_the_variables(stage: Stage) -> None:
    program = (
        'SAVE "orders", {id: 1, who: "Ana", total: 10}\nSAVE "orders", {id: 2, who: "O\'Neil", total: 30}\n'
        'people = [{name: "Ana", age: 30}, {name: "Bob", age: 20}]\nleast = 25\nwanted = "O\'Neil"\n'
        "a = SELECT name FROM people WHERE age > least\n"
        "b = SELECT total FROM orders WHERE who = wanted\n"
        "c = SELECT p.name, o.total FROM people p JOIN orders o ON o.who = p.name\n"
        "RETURN [a[0].name, b[0].total, c[0].total, UBOUND(c)]"
    )
    assert await stage.result(program) == ["Ana", 30, 10, 1]
    less = "p = [{a: 1}, {a: 9}]\nless = -5\nd = SELECT a FROM p WHERE 2-less > a\nRETURN d.a"
    assert await stage.result(less) == 1, "-- of a minus and -5 would begin a comment"
    assert "no such column" in await stage.error("p = [{a: 1}]\nx = SELECT height FROM p")


async def test_products_leads_and_rows_in_texts(stage: Stage) -> None:
    program = (
        'SAVE "products", {id: "X-1", name: "Blue laptop", price: 9}\n'
        'SAVE "products", {id: "X-2", name: "Red mouse", price: 2}\n'
        'a = SEARCH PRODUCTS "laptop blue"\nb = PRODUCT "x-2"\nc = PRODUCT "none"\nd = SEARCH PRODUCTS "e", 1\n'
        "RETURN [a[0].id, UBOUND(a), b.name, c, UBOUND(d)]"
    )
    assert await stage.result(program) == ["X-1", 1, "Red mouse", None, 1]
    scores = (
        'lead = {name: "Ana", email: "a@example.com", phone: "1", company: ""}\na = SCORE LEAD lead\n'
        "b = SCORE LEAD lead, {email: 90, name: 5}\nc = QUALIFY LEAD lead, 50\n"
        "RETURN [a.score, a.grade, a.status, b.score, b.status, c.qualified, c.status]"
    )
    assert await stage.result(scores) == [50, "C", "warm", 95, "hot", True, "qualified"]
    stored = (
        'SAVE FROM UNSTRUCTURED "leads", \'{name: "Ana", age: 30}\'\n'
        'rows = FIND "leads"\nRETURN [UBOUND(rows), rows.name, rows.age]'
    )
    assert await stage.result(stored) == [1, "Ana", 30]
    assert "No language model" in await stage.error('SAVE FROM UNSTRUCTURED "nothing", "I am Ana"')


async def test_code_is_off_until_it_is_allowed(stage: Stage) -> None:
    assert "BOTMCP_RUN_CODE=python" in await stage.error('RUN PYTHON "print(1)"')


async def test_code_runs_apart_and_within_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "hidden")
    run = CodeRunner(("python", "bash")).run
    assert await run(
        "PYTHON", "import os, json\nprint(json.dumps([6 * 7, os.environ.get('SECRET'), os.listdir()]))"
    ) == (json.dumps([42, None, []]))
    assert await run("BASH", 'echo $((6 * 7)); echo "[$SECRET]"') == "42\n[]"
    with pytest.raises(CodeFailed, match="ZeroDivisionError"):
        await run("PYTHON", "1 / 0")
    with pytest.raises(CodeFailed, match="MemoryError"):
        await run("PYTHON", "x = 'x' * 2_000_000_000")
    with pytest.raises(LimitReached, match="wrote more than"):
        await run("PYTHON", "print('x' * 2_000_000)")
    with pytest.raises(CodeFailed, match="ended with"):
        await run("PYTHON", "open('big', 'wb').write(b'x' * 20_000_000)")
    with pytest.raises(Refused, match="switched off"):
        await run("JAVASCRIPT", "1")
    monkeypatch.setattr("hostbridge.code.SECONDS", 0.2)
    with pytest.raises(LimitReached, match="still running"):
        await run("PYTHON", "while True: pass")


async def test_delete_of_one_thing_is_a_file_or_a_url(stage: Stage) -> None:
    program = 'WRITE "a.txt", "x"\nWRITE "b.txt", "y"\nDELETE "a.txt"\nd = DIR ""\nDELETE d[0]\nRETURN UBOUND(LIST "")'
    assert await stage.result(program, "") == 0
    assert await stage.result('r = DELETE "SITE/gone"\nRETURN r.status') == 404
    assert stage.site.asked[0].startswith("DELETE /gone ")
