"""The host that a plugin gets refuses what was not declared, whatever the keyword asks for."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from keywords.library import registry
from keywords.plugins import NotCovered, review_named, with_plugins
from mcp_server.app import open_app
from mcp_server.plugged import distrust, trust, trusted
from mcp_server.settings import read
from tests.hostbridge.stage import Stage
from tests.plugin import install
from tests.site import website

HEAD = """\
from datetime import timedelta
from types import SimpleNamespace
from uuid import UUID
from keywords.host import Act, Child, ProgramText, Recorded, Spawn
from keywords.effect_kinds import EVENT_PUBLISHED, HEADER_SET, MEMORY_SET
from keywords.registry import Effect, keyword

TOUCHES = {touches}

@keyword("TRY IT [WITH {{given}}]", effect=Effect.{effect}, example="TRY IT", group="test")
{function}

KEYWORDS = (try_it,)
"""
ASKING = "async def try_it(host, given=None):\n    {}"
NOTING = "def try_it(moment, given=None):\n    {}"
OTHER = "UUID(int=5)"

Opened = Callable[..., AbstractAsyncContextManager[Stage]]


@pytest.fixture
def opened(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    """The product with a plugin whose keyword TRY IT does this."""
    before = set(sys.modules)

    @asynccontextmanager
    async def product(
        body: str, touches: Mapping[str, Any] | None = None, effect: str = "READ", more: str = ""
    ) -> AsyncGenerator[Stage]:
        shape = NOTING if effect == "RECORD" else ASKING
        text = HEAD.format(touches=dict(touches or {}), effect=effect, function=shape.format(body))
        text += f"\n\n{more}\n"
        install(tmp_path / "plugins", "trying", text)
        monkeypatch.syspath_prepend(tmp_path / "plugins")
        monkeypatch.setenv("TRYING_KEY", "planted-secret")
        drive = tmp_path / "packages" / "other.gbai" / "other.gbdrive"
        drive.mkdir(parents=True)
        (drive / "secret.txt").write_text("of the other package", "utf-8")
        (drive.parent / "hello.bas").write_text('TALK "hello"\n', "utf-8")
        settings = read(
            {
                "BOTMCP_HOME": str(tmp_path / "home"),
                "BOTMCP_PACKAGES": str(tmp_path / "packages"),
                "DATABASE_URL": database,
                "BOTMCP_HTTP_ALLOW": "127.0.0.1, localhost",
                "BOTMCP_PLUGINS": "trying",
            }
        )
        async with website() as site, open_app(settings, "command") as app:
            yield Stage(app, site, tmp_path / "home", tmp_path / "packages")

    yield product
    for module in set(sys.modules) - before:
        del sys.modules[module]


GET = "return (await host.get(given)).text"


async def test_a_declared_host_answers_and_another_is_refused(opened: Opened) -> None:
    async with opened(GET, {"hosts": ["127.0.0.1"]}) as stage:
        stage.site.pages["/tide"] = ("text/plain", "high")
        assert await stage.result('x = TRY IT WITH "SITE/tide"\nRETURN x') == "high"
        told = await stage.error(f'x = TRY IT WITH "http://localhost:{stage.site.port}/tide"')
        assert "The plugin trying did not declare the host localhost" in told and '"hosts": ["localhost"]' in told
        assert len(stage.site.asked) == 1


async def test_a_redirect_to_an_undeclared_host_is_refused_before_it_is_asked(opened: Opened) -> None:
    async with opened(GET, {"hosts": ["127.0.0.1"]}) as stage:
        stage.site.pages["/tide"] = ("text/plain", "high")
        away = f"SITE/to/http://localhost:{stage.site.port}/tide"
        assert "localhost is not one of the hosts" in await stage.error(f'x = TRY IT WITH "{away}"')
        assert len(stage.site.asked) == 1


async def test_the_headers_of_the_run_stay_out_and_those_of_the_plugin_go_along(opened: Opened) -> None:
    body = 'return (await host.get(given, {"X-Key": await host.secret("TRYING_KEY")})).status'
    async with opened(body, {"hosts": ["127.0.0.1"], "secrets": ["TRYING_KEY"]}) as stage:
        stage.site.pages["/tide"] = ("text/plain", "high")
        assert (
            await stage.result('SET HEADER "Authorization" = "of-the-run"\nx = TRY IT WITH "SITE/tide"\nRETURN x')
            == 200
        )
        assert "x-key: planted-secret" in stage.site.asked[0].lower() and "of-the-run" not in stage.site.asked[0]


NOTHING: Mapping[str, Any] = {}
READING: Mapping[str, Any] = {"memory": "read", "files": "read", "secrets": ["HOME_KEY"]}
REFUSED: Mapping[str, tuple[Mapping[str, Any], Sequence[tuple[str, str, str]]]] = {
    "nothing is declared": (
        NOTHING,
        (
            ("READ", 'return await host.secret("TRYING_KEY")', "the secret TRYING_KEY"),
            ("READ", 'return await host.memory("k")', "memories.get"),
            ("READ", 'return await host.services.files.read(host.identity, "a.txt", "TEXT")', "files.read"),
            ("READ", 'return await host.services.tables.found(host.identity, "t", None)', "tables.found"),
            ("READ", 'return host.services.models.names("")', "models.names"),
            ("READ", "return await host.services.executions.listed(host.moment, None, 5)", "executions.listed"),
            ("READ", "return await host.services.events.listed(host.moment, None, 5)", "events.listed"),
            ("READ", 'return await host.services.web.feed(host.moment, "http://a.example", 1)', "may not call feed"),
            ("RECORD", 'return Recorded(1, (MEMORY_SET.row(key="k", value="v", expires=None),))', "memory.set"),
            ("WAIT", 'return Spawn((Child("c", {}, ProgramText("RETURN 1", "c")),))', "that it starts programs"),
            ("WAIT", 'return Act(lambda: host.memory("k"))', "memories.get"),
        ),
    ),
    "only reading is declared": (
        READING,
        (
            ("READ", 'return await host.secret("HOME_KEY")', "needs HOME_KEY, which is not set"),
            ("READ", 'return await host.services.files.write(host.identity, "a", "x", "TEXT")', "files.write"),
            (
                "READ",
                "return await host.services.memories.erased(host.identity.tenant, None, host.now)",
                "may not call erased",
            ),
            ("RECORD", 'return Recorded(1, (MEMORY_SET.row(key="k", value="v", expires=None),))', "memory.set"),
            (
                "RECORD",
                'return Recorded(1, (EVENT_PUBLISHED.row(id=moment.new_id(), name="e", key="", data={}),))',
                "event.published",
            ),
            ("RECORD", 'return Recorded(1, (HEADER_SET.row(name="a", value="b"),))', "which plugins may not have"),
        ),
    ),
}


@pytest.mark.parametrize(("touches", "cases"), REFUSED.values(), ids=REFUSED)
async def test_what_was_not_declared_is_refused(
    opened: Opened, touches: Mapping[str, Any], cases: Sequence[tuple[str, str, str]]
) -> None:
    more = [
        f'@keyword("TRY NUMBER{n}", effect=Effect.{effect}, example="TRY NUMBER{n}", group="test")\n'
        + (NOTING if effect == "RECORD" else ASKING).format(body).replace("try_it", f"try_{n}")
        for n, (effect, body, _) in enumerate(cases)
    ]
    names = ", ".join(f"try_{n}" for n in range(len(cases)))
    async with opened("return 1", touches, more="\n\n".join([*more, f"KEYWORDS = ({names},)"])) as stage:
        for n, (_, body, says) in enumerate(cases):
            assert says in await stage.error(f"x = TRY NUMBER{n}\nRETURN x"), body


@pytest.mark.parametrize(
    ("body", "touches", "effect", "result"),
    [
        ('return await host.secret("TRYING_KEY")', {"secrets": ["TRYING_KEY"]}, "READ", "planted-secret"),
        ('return await host.memory("k")', {"memory": "read"}, "READ", "kept"),
        (
            f'return (await host.services.memories.get({OTHER}, {OTHER}, "k", host.now))',
            {"memory": "read"},
            "READ",
            "kept",
        ),
        (
            f'return (await host.services.memories.get(tenant={OTHER}, bot={OTHER}, key="k", now=host.now))',
            {"memory": "read"},
            "READ",
            "kept",
        ),
        (
            f'who = SimpleNamespace(tenant={OTHER}, origin="other", execution={OTHER}, bot={OTHER})\n'
            '    return list(await host.services.files.names(who, "", "*", recursive=False))',
            {"files": "read"},
            "READ",
            [],
        ),
        (
            'return "hello" in list(host.services.bots.names(origin="other"))',
            {"also": ["bots"]},
            "READ",
            False,
        ),
        (
            'return Recorded(1, (MEMORY_SET.row(key="k", value="v", expires=None),))',
            {"memory": "write"},
            "RECORD",
            1,
        ),
        ('return Spawn((Child("c", {}, ProgramText("RETURN 1", "c")),))', {"also": ["executions"]}, "WAIT", 1),
        (
            "return len(await host.services.executions.listed(host.moment, None, 5))",
            {"also": ["executions"]},
            "READ",
            1,
        ),
        ("return host.services.workflows is None", {"also": ["executions"]}, "READ", True),  # nobody may publish
    ],
)
async def test_what_was_declared_works(
    opened: Opened, body: str, touches: dict[str, Any], effect: str, result: Any
) -> None:
    async with opened(body, touches, effect) as stage:
        assert await stage.result('SET BOT MEMORY "k", "kept"\nx = TRY IT\nRETURN x') == result


async def test_an_undeclared_power_stops_the_start_until_the_owner_trusts_exactly_this_code(
    opened: Opened, tmp_path: Path
) -> None:
    body = "import socket\n    return socket.gethostname()"
    with pytest.raises(NotCovered, match="does more than it declares, so its code was not run"):
        async with opened(body):
            pass
    assert "botmcp_trying" not in sys.modules, "its code was not run"
    settings = read({"BOTMCP_HOME": str(tmp_path / "home"), "BOTMCP_PLUGINS": "trying"})
    review = review_named("trying")
    from datetime import UTC, datetime

    trust(settings, review, "ana", datetime(2026, 1, 1, tzinfo=UTC))
    assert "TRY IT" in with_plugins(registry(), ["trying"], trusted=trusted(settings))
    module = tmp_path / "plugins" / "botmcp_trying.py"
    module.write_text(module.read_text("utf-8") + "\n# more\n", "utf-8")
    with pytest.raises(NotCovered):
        with_plugins(registry(), ["trying"], trusted=trusted(settings))
    named = replace(settings, trusted_plugins=(f"trying={review_named('trying').code.hash}",))
    assert "TRY IT" in with_plugins(registry(), ["trying"], trusted=trusted(named))
    assert distrust(settings, "trying") and not distrust(settings, "trying")
    with pytest.raises(NotCovered):
        with_plugins(registry(), ["trying"], trusted=trusted(settings))


async def test_what_was_read_is_what_runs(opened: Opened, tmp_path: Path) -> None:
    """A compiled file beside the text, made of another text, is not asked."""
    import importlib.util
    import py_compile

    install(
        tmp_path / "other", "trying", HEAD.format(touches={}, effect="READ", function=ASKING.format("return 'bad'"))
    )
    bad = tmp_path / "other" / "botmcp_trying.py"
    good = tmp_path / "plugins" / "botmcp_trying.py"
    good.parent.mkdir()
    cached = Path(importlib.util.cache_from_source(str(good)))
    py_compile.compile(
        str(bad), cfile=str(cached), doraise=True, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
    )
    async with opened("return 'good'") as stage:
        assert await stage.result("x = TRY IT\nRETURN x") == "good"
