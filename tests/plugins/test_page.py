"""The plugin of docs/guides/plugins.md, made from that page alone, works wherever keywords do."""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import Client
from starlette.applications import Starlette

from designer.app import routes
from designer.document import Document
from designer.edits import edited
from designer.faces import face_of
from designer.forms import fields_of
from designer.outline import outlined
from designer.palette import items, more, palette_text
from keywords.reference_page import page
from mcp_server import http, listening_server
from mcp_server.app import open_app
from mcp_server.designing import doors
from mcp_server.settings import read
from tests.docs.pages import DOCS, Page
from tests.hostbridge.stage import Stage
from tests.mcp_server.command import Botmcp
from tests.plugin import GROUP
from tests.site import website

PAGE = Page(DOCS / "guides" / "plugins.md")


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """The files of the page's plugin, installed as pip leaves them behind."""
    for example in PAGE.examples:
        if example.title.startswith("botmcp-tides/"):
            file = tmp_path / example.title
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(example.text, "utf-8")
    folder = tmp_path / "botmcp-tides"
    project: Mapping[str, Any] = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))
    about = folder / "botmcp_tides-0.1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: botmcp-tides\nVersion: 0.1.0\n", "utf-8")
    rows = [f"{name} = {value}" for name, value in project["project"]["entry-points"][GROUP].items()]
    (about / "entry_points.txt").write_text("\n".join([f"[{GROUP}]", *rows, ""]), "utf-8")
    return folder


@pytest.fixture
async def stage(written: Path, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    """The product with this plugin, and a server of tides on loopback."""
    monkeypatch.syspath_prepend(written)
    monkeypatch.setenv("TIDES_API_KEY", "planted-key")
    settings = read(
        {
            "BOTMCP_HOME": str(tmp_path / "home"),
            "DATABASE_URL": database,
            "BOTMCP_HTTP_ALLOW": "localhost",
            "BOTMCP_PLUGINS": "tides",
        }
    )
    async with website() as site, open_app(settings, "serve") as app:
        site.pages["/tides/Brest"] = ("application/json", '{"time": "06:12", "metres": 6.4}')
        yield Stage(app, site, tmp_path / "home", tmp_path)


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    yield
    sys.modules.pop("botmcp_tides", None)


async def test_it_works_in_basic_and_is_refused_a_host_that_it_did_not_declare(stage: Stage) -> None:
    server = f"http://localhost:{stage.site.port}"
    asked = f'tide = TIDE AT "Brest" FROM "{server}"\nRETURN "${{tide.time}}: ${{tide.metres}} m"'
    assert await stage.result(asked) == "06:12: 6.4 m"
    assert "x-key: planted-key" in stage.site.asked[0].lower()
    assert "Nobody knows the tides of Nowhere" in await stage.error(f'x = TIDE AT "Nowhere" FROM "{server}"')
    told = await stage.error('x = TIDE AT "Brest" FROM "https://tides.example.org"')
    (shown,) = [example.text for example in PAGE.examples if "did not declare" in example.text]
    assert told.split() == shown.split(), "the page says what a program reads"


async def test_it_is_found_and_run_over_mcp(stage: Stage) -> None:
    serving = listening_server.serving(http.application(stage.app), "127.0.0.1", 0, ())
    async with serving as address, Client(f"{address}/mcp", read_timeout_seconds=60) as client:
        found = await client.call_tool("search_keywords", {"query": "when is the water high at a port"})
        rows = [row for row in (found.structured_content or {})["keywords"] if row["keyword"] == "TIDE AT"]
        assert rows and rows[0]["example"] == 'TIDE AT "Brest"' and "how high" in rows[0]["does"]
        source = f'tide = TIDE AT "Brest" FROM "http://localhost:{stage.site.port}"\nRETURN tide.time'
        ran = await client.call_tool("orchestrate", {"source": source, "wait_seconds": 20})
        assert "06:12" in json.dumps(ran.structured_content)


async def test_it_stands_in_the_reference_and_in_the_designers_palette(stage: Stage) -> None:
    (row,) = [line for line in page(stage.app.registry).splitlines() if "`TIDE AT" in line]
    assert "Answer when the water is highest at a port today, and how high." in row and "Of the plugin tides." in row
    *_, item = items(stage.app.registry)
    assert (item.id, item.called, item.icon, item.slot) == ("keyword:TIDE AT", "Tide at", "plug", "port")
    assert "TIDE AT" not in {other.called for other in more(stage.app.registry)}, "the menu has it once"
    assert palette_text(item.id, stage.app.registry, "") == ('TIDE AT "Brest"\n', "Tide At")


async def test_it_is_drawn_with_a_form_of_its_slots(stage: Stage) -> None:
    registry = stage.app.registry
    gesture = {"op": "insert", "item": "keyword:TIDE AT", "value": "Lisbon", "at": {"first": 0}}
    edit = edited(outlined(Document.of('TALK "a"\n'), registry), gesture, registry)
    outline = outlined(edit.document, registry)
    assert edit.document.text == 'TIDE AT "Lisbon"\nTALK "a"\n'
    card = outline.root.cards[0]
    face = face_of(outline, card, registry)
    assert (face.icon, face.label, face.title) == ("plug", "Tide at", "Lisbon")
    assert {"port", "server"} <= {field.name for field in fields_of(outline, card, registry)}
    draft = await stage.app.drafts.create(stage.app.caller("designer", ""), "tides")
    house = httpx.ASGITransport(app=Starlette(routes=routes(doors(stage.app))))
    async with httpx.AsyncClient(transport=house, base_url="http://127.0.0.1") as asks:
        shown = (await asks.get(f"/designer/workflows/{draft.id}")).text
    assert shown.count('data-item="keyword:TIDE AT"') == 2, "in the palette and in the + menu"


def test_the_command_lists_and_reviews_it(written: Path, botmcp: Botmcp) -> None:
    given = {"PYTHONPATH": str(written), "BOTMCP_PLUGINS": "tides"}
    shown = botmcp.run("keywords", "tide", **given)
    (told,) = [example.text for example in PAGE.examples if example.text.startswith("TIDE AT plugin")]
    assert shown.stdout.strip() == told.strip()
    (row,) = json.loads(botmcp.run("plugin", "list", "--json", **given).stdout)
    assert (row["plugin"], row["listed"], row["state"]) == ("tides", True, "covered")
    review = botmcp.run("plugin", "review", "tides", "--json", **given)
    (found,) = json.loads(review.stdout)
    assert review.returncode == 0 and found["loaded"] and not found["findings"]


def test_what_plugin_new_makes_works_at_once(botmcp: Botmcp, tmp_path: Path) -> None:
    made = botmcp.run("plugin", "new", "moon_phase", "--into", str(tmp_path))
    assert made.returncode == 0, made.stderr
    folder = tmp_path / "botmcp-moon-phase"
    about = folder / "botmcp_moon_phase-0.1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: botmcp-moon-phase\nVersion: 0.1.0\n", "utf-8")
    offered = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]["entry-points"][GROUP]
    (about / "entry_points.txt").write_text(f"[{GROUP}]\nmoon_phase = {offered['moon_phase']}\n", "utf-8")
    given = {"PYTHONPATH": str(folder), "BOTMCP_PLUGINS": "moon_phase"}
    program = tmp_path / "moon.bas"
    program.write_text('x = MOON PHASE "Ana" WITH "hello"\nRETURN x\n', "utf-8")
    ran = botmcp.run("run", str(program), "--json", **given)
    assert "Ana: hello" in ran.stdout, ran.stderr
    again = botmcp.run("plugin", "new", "moon_phase", "--into", str(tmp_path))
    assert again.returncode == 1 and "is there already" in again.stderr
