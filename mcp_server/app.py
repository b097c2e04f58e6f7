"""The composition root: opens the database, hands the rooms to each other, and holds what every face works with.

settings -> Postgres (embedded, or DATABASE_URL) -> migrations -> pool, hints
         -> registry, bots, models, memory -> Engine -> Operations, and a worker where the role has one
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
from collections.abc import AsyncGenerator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar
from uuid import UUID

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from hostbridge.bots import PackageBots
from hostbridge.kept_folders import keep
from hostbridge.packages import Packages
from keywords.check import check
from keywords.diagnostics import Diagnostic
from keywords.host import ProgramText, Services
from keywords.library import registry as library
from keywords.plugins import with_plugins
from keywords.registry import Registry
from mcp_server.settings import Settings, process_environment
from memory.effects import effect_statements
from memory.reads import PostgresMemories
from smartrouter.catalogue import Model
from smartrouter.router import LitellmModels
from storage import embedded_postgres
from storage.hints import Hints, PostgresHints
from storage.migrate import migrate
from storage.pool import Where, connect, open_pool
from workflow.desk import Desk
from workflow.details import Caller
from workflow.engine import Engine
from workflow.operations import Operations
from workflow.worker import Worker

TENANT = UUID("00000000-0000-4000-8000-000000000001")  # of an installation that serves one owner
Role = Literal["background", "serve", "worker", "command", "look"]
T = TypeVar("T")
log = structlog.get_logger()

Unavailable = (psycopg.OperationalError, PoolTimeout)


@dataclass(frozen=True, slots=True)
class App:
    """The opened product: what tools, pages and commands work with."""

    settings: Settings
    registry: Registry
    packages: Packages
    bots: PackageBots
    operations: Operations
    owner: str  # the person whose installation this is, as approvals name them
    where_people_decide: str
    tasks: set[asyncio.Task[Any]] = field(default_factory=set[asyncio.Task[Any]])

    def now(self) -> datetime:
        """The wall clock, read at the rim and handed on."""
        return datetime.now(UTC)

    def caller(self, through: str, client: str) -> Caller:
        """The owner, working through a face."""
        return Caller(TENANT, self.owner, f"{through} ({client})" if client else through, owner=True)

    def agent(self, client: str) -> Caller:
        """An agent that the owner allowed to decide."""
        return Caller(TENANT, f"agent in {client}", "mcp", on_behalf_of=self.owner, owner=True)

    def check(self, source: str, origin: str = "") -> tuple[Diagnostic, ...]:
        """Everything that is wrong with a text."""
        return check(source, self.registry, self.bots.names(origin))

    async def detached(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of work that goes on to its end even when whoever asked for it leaves."""
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return await asyncio.shield(task)


@asynccontextmanager
async def open_app(settings: Settings, role: Role) -> AsyncGenerator[App]:
    """The product, opened for this role: `look` and `command` have no worker unless they ask for one."""
    registry = with_plugins(library(), settings.plugins)
    async with AsyncExitStack() as stack:
        where = await stack.enter_async_context(database(settings))
        await migrate(where)
        pool = await stack.enter_async_context(open_pool(where, maximum=10, application=f"botmcp {role}"))
        hints = await stack.enter_async_context(_hints(settings, where, pool))
        await asyncio.to_thread(keep, settings.home, settings.packages)  # for whoever goes on with our work
        packages = Packages(settings.packages, settings.home)
        listed = [Model(m.name, m.url, m.key, m.input_price, m.output_price) for m in settings.models]
        models = LitellmModels(listed, process_environment(), packages.config)
        bots = PackageBots(packages, registry, lambda origin: bool(models.configured(origin)))
        services = Services(bots, models, PostgresMemories(pool))
        engine = Engine(pool, where, registry, services, effect_statements(), hints)
        decide_where = where_people_decide(settings, role)
        operations = Operations(engine)

        async def find(origin: str, name: str) -> ProgramText:
            own = f"{origin}/{name}" if origin and "/" not in name and name in bots.names(origin) else name
            return await asyncio.to_thread(packages.program, own)

        engine = engine.with_executions(Desk(operations, find, person() if settings.agents_may_approve else ""))
        app = App(settings, registry, packages, bots, operations, person(), decide_where)
        if role != "look":
            worker = Worker(engine)
            stack.push_async_callback(_ended, asyncio.create_task(worker.run()))
            with contextlib.suppress(TimeoutError):  # then it goes on trying, and its log says why
                await asyncio.wait_for(worker.ready.wait(), 30)
        yield app
        if app.tasks:
            await asyncio.wait(app.tasks, timeout=5)


@asynccontextmanager
async def database(settings: Settings) -> AsyncGenerator[Where]:
    if settings.database_url:
        async with await connect(settings.database_url):
            pass  # a pool tries for ever and gives no reason; this gives one
        yield settings.database_url
        return
    server = await embedded_postgres.start(settings.home / "postgres")
    watch = asyncio.create_task(server.keep_running())
    try:
        yield server.reach
    finally:
        await _ended(watch)
        await server.stop()


@asynccontextmanager
async def _hints(settings: Settings, where: Where, pool: Any) -> AsyncGenerator[Hints]:
    hints: Hints = PostgresHints(where, pool)
    if settings.redis_url:
        from storage.redis_hints import RedisHints  # only here, for the library takes time to import

        hints = RedisHints(settings.redis_url)
    listening = asyncio.create_task(hints.run())
    try:
        yield hints
    finally:
        await _ended(listening)


async def _ended(task: asyncio.Task[Any]) -> None:
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled() and (error := task.exception()):
        log.error("app.task_failed", error=repr(error))


def person() -> str:
    """The name of the user whom this process works for."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"user {os.getuid()}"


def where_people_decide(settings: Settings, role: Role) -> str:
    """Where a person decides, for a tool's answer: never with a secret."""
    if role == "serve":
        return f"in the inbox of this server (port {settings.port}, /inbox) or with the command `botmcp approve`"
    return "with the command `botmcp approve`, or in the local inbox that `botmcp status` opens"
