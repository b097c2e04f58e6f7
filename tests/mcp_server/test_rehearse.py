"""`botmcp rehearse`: dialogs are run in a world that is not real, and what works is told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mcp_server.cli import rehearse as command
from mcp_server.settings import Settings, read
from tests.plugin import install
from workflow.events.webhooks import Webhooks

FILES = {
    "shop.gbai/shop.gbdialog/tables.bas": "TABLE customers\nid INTEGER KEY\nname STRING\nEND TABLE\n",
    "shop.gbai/shop.gbdialog/find.bas": (
        'PARAM id AS INTEGER LIKE 7\nc = FIND "customers" WHERE id = id\nIF c THEN\nTALK "Hello " + c.name\nELSE\n'
        'TALK "Nobody"\nEND IF\n'
    ),
    "shop.gbai/shop.gbdialog/ask.bas": (
        'HEAR city AS "Lisbon", "Porto"\nIF city = "Porto" THEN\nSEND MAIL admin1, "Hi", city\nELSE\nDELAY 3600\n'
        "END IF\n"
        'r = POST "https://api.example.com/orders", {city: city}\nTALK r.data.order.id\nq = GET QUEUE\n'
        'x = LLM "Return JSON" WITH OPTIMIZE FOR "cost"\nTALK x.summary\n'
    ),
    "shop.gbai/shop.gbdialog/wrong.bas": 'THROW "It broke."\n',
    "shop.gbai/shop.gbdialog/prose.bas": "Based on the {customer}, write an offer.\n",
}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path / "shop.gbai"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read({"BOTMCP_HOME": str(tmp_path / "home")})


async def test_each_dialog_is_run_twice_and_told_of(package: Path, settings: Settings, capsys: Any) -> None:
    before = sorted(path.relative_to(package) for path in package.rglob("*"))
    assert await command.rehearse(settings, [str(package)], as_json=True) == 1
    said = capsys.readouterr().out
    told = {Path(each["path"]).name: each for each in json.loads(said[said.index("{\n") :])["dialogs"]}
    assert {name: each["status"] for name, each in told.items()} == {
        "ask.bas": "completed",
        "find.bas": "completed",
        "prose.bas": "broken",
        "tables.bas": "completed",
        "wrong.bas": "failed",
    }
    find, ask, wrong = told["find.bas"], told["ask.bas"], told["wrong.bas"]
    assert find["reached"] == find["statements"], "the first pass finds nobody, the second somebody"
    assert ask["reached"] == ask["statements"], "each pass hears another city, and no clock is waited for"
    assert ask["refused"] == ["GET QUEUE"] and ask["kept"] == ["mail: Hi"]
    assert (wrong["error"]["line"], wrong["reached"] > 0) == (1, True)
    assert told["prose.bas"]["error"]["line"] == 1
    assert sorted(path.relative_to(package) for path in package.rglob("*")) == before
    assert not settings.home.exists(), "the rehearsal has a home of its own"


async def test_nothing_real_is_sent_by_a_webhook_or_a_plugin_that_reaches_past_the_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    touched = tmp_path / "touched"
    code = """\
import pathlib
from keywords.registry import Effect, keyword

TOUCHES = {"code": ["files"]}

@keyword("TOUCH IT", effect=Effect.IDEMPOTENT, example="TOUCH IT", group="test")
async def touch_it(host):
    pathlib.Path("FILE").write_text("really")
    return 1

KEYWORDS = (touch_it,)
"""
    install(tmp_path / "plugins", "touching", code.replace("FILE", str(touched)))
    monkeypatch.syspath_prepend(tmp_path / "plugins")
    package = tmp_path / "told.gbai"
    package.mkdir()
    (package / "tell.bas").write_text(
        'FORWARD EVENT "order.*" TO "https://198.51.100.7/hook"\nPUBLISH EVENT "order.paid" WITH id = 1\nx = TOUCH IT\n'
    )
    sent: list[str] = []

    async def noted(self: Webhooks, row: Mapping[str, Any]) -> None:
        sent.append(row["url"])

    monkeypatch.setattr(Webhooks, "_sent", noted)
    settings = read({"BOTMCP_HOME": str(tmp_path / "home"), "BOTMCP_PLUGINS": "touching"})
    assert await command.rehearse(settings, [str(package)], as_json=True) == 0
    said = capsys.readouterr().out
    [told] = json.loads(said[said.index("{\n") :])["dialogs"]
    assert told["status"] == "completed" and told["refused"] == ["TOUCH IT"], told
    assert not touched.exists() and not sent


async def test_an_unknown_package_is_an_error(settings: Settings) -> None:
    from mcp_server.cli.errors import CommandError

    (settings.home.parent / "e.gbai").mkdir()
    with pytest.raises(CommandError, match=r"e\.gbai holds no dialog"):
        await command.rehearse(settings, [str(settings.home.parent / "e.gbai")], as_json=False)
    with pytest.raises(CommandError, match="There is no package nowhere"):
        await command.rehearse(settings, ["nowhere"], as_json=False)
