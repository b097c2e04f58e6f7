"""What the tests of the faces share: an opened product in this process, and the real command in others."""

from __future__ import annotations

import shutil
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import mcp.types as types
import pytest
from mcp import Client, StdioServerParameters

from mcp_server import http, listening_server
from mcp_server.app import App, open_app
from mcp_server.settings import Settings, read
from tests.mcp_server.command import Botmcp

BOTMCP = Path(sys.executable).with_name("botmcp")
ERAS = ("auto", "legacy")

APPROVAL = """\
ORCHESTRATE WORKFLOW "refund"
PARAM amount AS NUMBER
TALK "A refund of ${amount}"
STEP 1: HUMAN APPROVAL FROM "lead@example.com" TIMEOUT 3600
IF step1.approved THEN
  TALK "Paid: ${step1.comment}"
END IF
RETURN {"paid": step1.approved}
END WORKFLOW
"""


@pytest.fixture
def settings(database: str, tmp_path: Path) -> Settings:
    return read({"BOTMCP_HOME": str(tmp_path / "home"), "DATABASE_URL": database, "BOTMCP_PORT": "0"})


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[App]:
    """The product on a fresh database, with a worker, in this process."""
    async with open_app(settings, "serve") as opened:
        yield opened


@pytest.fixture
async def address(app: App) -> AsyncIterator[str]:
    """Where the product is served over HTTP."""
    pages = http.application(app)
    async with listening_server.serving(pages, "127.0.0.1", 0, ()) as where:
        yield where


Connect = Callable[..., AbstractAsyncContextManager[Client]]


@pytest.fixture(params=ERAS)
def era(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def http_client(address: str, era: str) -> Connect:
    """A client of the SDK over HTTP, in one protocol era."""

    def connect(**options: Any) -> Client:
        return Client(f"{address}/mcp", mode=era, read_timeout_seconds=60, **options)

    return connect


@pytest.fixture(scope="session")
def made_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose database is made: copying one is quicker than making one."""
    home = tmp_path_factory.mktemp("made") / "home"
    done = Botmcp(BOTMCP, home).run("migrate")
    assert done.returncode == 0, done.stderr
    return home


@pytest.fixture
def botmcp(tmp_path: Path, made_home: Path) -> Iterator[Botmcp]:
    """The command with a data folder of its own; what it left in the background is stopped at the end."""
    shutil.copytree(made_home, tmp_path / "home")
    command = Botmcp(BOTMCP, tmp_path / "home")
    yield command
    command.stop()


@pytest.fixture
def stdio_client(botmcp: Botmcp, era: str) -> Connect:
    """A client of the SDK over stdio, in one protocol era; the process is the real one."""

    def connect(**options: Any) -> Client:
        server = StdioServerParameters(command=str(BOTMCP), args=[], env=botmcp.environment)
        return Client(server, mode=era, read_timeout_seconds=60, **options)

    return connect


class Person:
    """Answers every form in this way, and remembers what was asked."""

    def __init__(self, decision: str, comment: str, asked: list[str]) -> None:
        self._content: dict[str, Any] = {"decision": decision, "comment": comment}
        self._asked = asked

    async def __call__(self, context: Any, params: types.ElicitRequestParams) -> types.ElicitResult:
        self._asked.append(params.message)
        return types.ElicitResult(action="accept", content=self._content)
