"""The calls of tools that the pages show are made against the product, and their answers are compared."""

from __future__ import annotations

from pathlib import Path

import pytest
from mcp import Client

from mcp_server.app import open_app
from mcp_server.server import build
from mcp_server.settings import read
from tests.docs.calls import ANSWER, Calls
from tests.docs.console import Unlike
from tests.docs.pages import Page, pages

SHOWING = [page for page in pages() if any(one.title == ANSWER for one in page.examples)]


@pytest.mark.parametrize("page", SHOWING, ids=lambda page: page.name)
async def test_tools_answer_what_the_page_says(page: Page, database: str, tmp_path: Path) -> None:
    settings = read({"BOTMCP_HOME": str(tmp_path / "home"), "DATABASE_URL": database})
    async with open_app(settings, "serve") as app, Client(build(app)) as client:
        names = [tool.name for tool in (await client.list_tools()).tools]
        assert await Calls(client, names).play(page.examples)


async def test_an_answer_that_differs_is_found(database: str, tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text(
        '```json title="orchestrate"\n{"source": "RETURN 1"}\n```\n```json title="answer"\n{"result": 2}\n```\n',
        "utf-8",
    )
    settings = read({"BOTMCP_HOME": str(tmp_path / "home"), "DATABASE_URL": database})
    async with open_app(settings, "serve") as app, Client(build(app)) as client:
        with pytest.raises(Unlike, match="result"):
            await Calls(client, ["orchestrate"]).play(Page(path).examples)
