"""Real parts for every test: one Postgres and one Valkey a session, one fresh migrated database a test."""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from storage import embedded_postgres
from storage.embedded_postgres import EmbeddedPostgres
from storage.migrate import migrate
from storage.pool import Pool, connect, open_pool
from tests.options import pytest_addoption, pytest_runtest_makereport
from tests.services import Valkey

__all__ = ["pytest_addoption", "pytest_runtest_makereport"]

TEMPLATE = "botmcp_template"


@dataclass(frozen=True, slots=True)
class Given:
    """A server that was there before: `pytest --server DSN` runs the tests of the engine and the rooms on it."""

    dsn: str


@pytest.fixture(scope="session")
async def postgres(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[EmbeddedPostgres | Given]:
    """The session's server; it spares the disk, so it does not outlive the machine."""
    if given := request.config.getoption("--server"):
        yield Given(given)
        return
    server = await embedded_postgres.start(tmp_path_factory.mktemp("postgres"), durable=False)
    yield server
    await server.stop()


@pytest.fixture(scope="session")
async def _template(postgres: EmbeddedPostgres | Given) -> str:
    named = sql.Identifier(TEMPLATE)
    async with await connect(postgres.dsn) as admin:
        await admin.execute(sql.SQL("drop database if exists {}").format(named))
        await admin.execute(sql.SQL("create database {}").format(named))
    await migrate(make_conninfo(postgres.dsn, dbname=TEMPLATE))
    return postgres.dsn


@pytest.fixture(scope="session")
def _numbers() -> Iterator[int]:
    return itertools.count(1)


@pytest.fixture
async def database(_template: str, _numbers: Iterator[int]) -> AsyncIterator[str]:
    """The dsn of a fresh database with all migrations applied."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    async with await connect(_template, application="tests") as admin:
        named, template = sql.Identifier(name), sql.Identifier(TEMPLATE)
        await admin.execute(sql.SQL("create database {} template {}").format(named, template))
        yield make_conninfo(_template, dbname=name)
        await admin.execute(sql.SQL("drop database {} with (force)").format(named))


@pytest.fixture
async def pool(database: str) -> AsyncIterator[Pool]:
    """A pool on the test's database."""
    async with open_pool(database) as opened:
        yield opened


@pytest.fixture(scope="session")
def valkey_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    """The session's Valkey; tests that kill one start their own."""
    server = Valkey(tmp_path_factory.mktemp("valkey"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def valkey(valkey_server: Valkey) -> str:
    """The URL of a real Valkey, emptied."""
    valkey_server.empty()
    return valkey_server.url


@pytest.fixture
def short_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for a server of the test's own."""
    return tmp_path_factory.mktemp("own")


@pytest.fixture
def kill() -> Callable[[int], None]:
    """Kills a process with SIGKILL, at once and without warning."""

    def killed(pid: int) -> None:
        os.kill(pid, signal.SIGKILL)

    return killed
