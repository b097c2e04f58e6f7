"""The composition root: opens the database, hands the rooms to each other, and holds what every face works with.

settings -> Postgres (embedded, or DATABASE_URL) -> migrations -> pool, hints
         -> registry, bots, models, memory -> Engine -> Operations, and a worker where the role has one
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar
from uuid import uuid4

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from designer.desk import DraftsDesk
from designer.drafts import Drafts
from designer.publishing import Publishing
from hostbridge.bots import PackageBots
from hostbridge.code import CodeRunner
from hostbridge.discovery import Discovery
from hostbridge.everywhere import Everywhere
from hostbridge.kept_folders import keep
from hostbridge.knowledge.bases import KnowledgeBases
from hostbridge.knowledge.effects import effect_statements as knowledge_statements
from hostbridge.messages.host_relay import HostRelay
from hostbridge.messages.outbox import Outbox
from hostbridge.packages import Packages
from hostbridge.published_events import PublishedEvents
from hostbridge.remote.botserver import Botserver
from keywords.check import check
from keywords.diagnostics import Diagnostic, ordered
from keywords.host import ProgramText, Services
from keywords.mistakes import UnknownName
from keywords.registry import Registry
from keywords.values import sound
from mcp_server import eventful, identity
from mcp_server.audit import Audit
from mcp_server.finding import Find, Finding
from mcp_server.identity import TENANT
from mcp_server.keys import Keys
from mcp_server.outside import outside
from mcp_server.packaged_schedules import PackagedSchedules
from mcp_server.plugged import plugged
from mcp_server.reaching import reaching
from mcp_server.remembering import remembering
from mcp_server.routed import routed
from mcp_server.searching import Searching
from mcp_server.settings import Settings, process_environment
from mcp_server.visits import Visits
from mcp_server.watching import watching
from mcp_server.webhooks.endpoints import homeless
from memory.effects import effect_statements
from memory.feed import Feed
from memory.reads import PostgresMemories
from memory.upkeep import Upkeep
from smartrouter.effects import effect_statements as model_statements
from smartrouter.performance import Performance
from smartrouter.router import LitellmModels
from storage import embedded_postgres
from storage.hints import Hints, PostgresHints
from storage.migrate import migrate
from storage.pool import Pool, Where, open_pool
from workflow.desk import Desk
from workflow.details import Caller
from workflow.engine import Engine
from workflow.events.desk import ProgramsDesk
from workflow.events.host_bus import HostBus
from workflow.operations import Operations
from workflow.programs import Programs
from workflow.retention import Kept, Retention
from workflow.rules import Rules
from workflow.scheduler import Scheduler
from workflow.worker import Worker

if TYPE_CHECKING:
    from mcp_server.metrics import Metrics

SETTLED = 1.0  # seconds; by then the first steps of what waited are done

Role = Literal["background", "serve", "worker", "command", "look"]
T = TypeVar("T")
log = structlog.get_logger()

Unavailable = (psycopg.OperationalError, PoolTimeout)


class Staging(Protocol):
    """What a rehearsal puts in the place of the real parts."""

    def keywords(self, registry: Registry) -> Registry: ...

    def services(self, services: Services, packages: Packages, registry: Registry) -> Services: ...

    def programs(self, pool: Pool, registry: Registry) -> Programs: ...


@dataclass(frozen=True, slots=True)
class App:
    """The opened product: what tools, pages and commands work with."""

    settings: Settings
    pool: Pool
    registry: Registry
    packages: Packages
    bots: PackageBots
    operations: Operations
    models: LitellmModels
    performance: Performance
    knowledge: KnowledgeBases
    memories: PostgresMemories
    feed: Feed
    where: Where
    hints: Hints
    outbox: Outbox
    owner: str  # the person whose installation this is, as approvals name them
    where_people_decide: str
    keys: Keys
    audit: Audit
    drafts: Drafts
    find: Find
    published: PublishedEvents
    everywhere: Everywhere  # all bots, also those on other servers
    remote: Botserver | None  # the General Bots server
    metrics: Metrics | None = None
    tasks: set[asyncio.Task[Any]] = field(default_factory=set[asyncio.Task[Any]])
    visits: Visits = field(default_factory=Visits)

    def now(self) -> datetime:
        """The wall clock, read at the rim and handed on."""
        return datetime.now(UTC)

    def caller(self, through: str, client: str) -> Caller:
        """Whoever makes the request that is being answered; the owner where none is. Raises Unidentified."""
        told = f"{through} ({client})" if client else through
        return replace(identity.acts() or identity.owner(self.owner), through=told)

    def asked(self, client: str) -> Caller:
        """The person at an MCP client, who was asked: may approve where the client works for the owner."""
        caller = self.caller("mcp elicitation", client)
        return replace(caller, scopes=caller.scopes | {"wf:approve"}) if caller.owner else caller

    def agent(self, client: str) -> Caller:
        """An agent that the owner allowed to decide."""
        caller = self.caller("mcp", client)
        return replace(caller, subject=f"agent in {client}", on_behalf_of=caller.subject)

    async def program(self, caller: Caller, name: str) -> ProgramText:
        """The workflow that people call so: a published one, or one of a package. Raises UnknownName."""
        name = sound(name.strip())
        if caller.bots is None:
            return await self.find(caller.tenant, "", name)
        try:  # for whoever is limited to some bots, all others are not there, and no near miss names them
            found = await self.find(caller.tenant, "", name)
        except UnknownName:
            found = None
        if found is None or not caller.works_with(found.origin):
            raise UnknownName("workflow", name[:100], (), "Check its name.")
        return found

    def check(self, source: str, origin: str = "") -> tuple[Diagnostic, ...]:
        """Everything that is wrong with a text."""
        found = check(source, self.registry, self.everywhere.names(origin), self.published.of(source))
        return found if origin else ordered((*found, *homeless(source)))

    async def detached(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of work that goes on to its end even when whoever asked for it leaves."""
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return await asyncio.shield(task)


def _now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def open_app(settings: Settings, role: Role, staging: Staging | None = None) -> AsyncGenerator[App]:
    """The product, opened for this role: `look` has no worker. `staging` exchanges parts of it, for a rehearsal."""
    registry = plugged(settings)
    registry = staging.keywords(registry) if staging else registry
    async with AsyncExitStack() as stack:
        where = await stack.enter_async_context(database(settings))
        await migrate(where)
        pool = await stack.enter_async_context(open_pool(where, maximum=10, application=f"botmcp {role}"))
        hints, host = await stack.enter_async_context(_hints(settings, where, pool))
        await asyncio.to_thread(keep, settings.home, settings.packages)  # for whoever goes on with our work
        discovery = Discovery(registry, settings.home)
        packages = Packages(settings.packages, settings.home, discovery.read)
        models = await stack.enter_async_context(routed(settings, pool, packages, works=role != "look"))
        searching = Searching(settings, pool)
        stack.push_async_callback(searching.close)
        memories, feed = remembering(pool, searching), Feed(pool, hints)
        asked = memories.of_requests() if await memories.apart() else memories
        world = outside(settings, pool, packages, registry, _now)
        knowledge = KnowledgeBases(pool, packages, searching.knowledge, world.web.door)
        stack.push_async_callback(knowledge.close)
        reach = reaching(settings, pool, packages, process_environment(), _now)
        stack.push_async_callback(reach.servers.close)
        await reach.look()

        def able(origin: str) -> bool:
            return bool(models.configured(origin))

        bots = PackageBots(packages, registry, able, knowledge, reach.servers.offers)
        known, remote = reach.bots(bots, able), reach.remote
        services = Services(known, models, memories, world.tables, world.web, world.files, knowledge=knowledge)
        services = replace(services, elsewhere=reach.servers, remote=remote, code=CodeRunner(settings.run_code))
        drafts = Drafts(pool, registry, hints, _now, uuid4)
        services = replace(services, workflows=DraftsDesk(drafts))
        services = staging.services(services, packages, registry) if staging else services
        statements = (*effect_statements(), *world.statements, *model_statements(), *knowledge_statements())
        events = eventful.setup(settings, host)
        rules = Rules(settings.time_zone, float(settings.schedule_seconds), settings.most_schedules)
        watch, metrics = stack.enter_context(watching(settings, role))
        engine = Engine(pool, where, registry, services, statements, hints, events=events, schedules=rules, watch=watch)
        decide_where = where_people_decide(settings, role)
        operations = Operations(engine)
        stack.push_async_callback(operations.events.close)
        if host and role != "look":
            host.open(operations.events.publisher.publish)

        find = Finding(packages, bots, Publishing(drafts)).find
        desk = Desk(operations, find, person() if settings.agents_may_approve else "")
        engine = engine.with_executions(desk, ProgramsDesk(operations.events))
        performance = Performance(pool, models.configured)
        app = App(
            settings,
            pool,
            registry,
            packages,
            bots,
            operations,
            models,
            performance,
            knowledge,
            asked,
            feed,
            where,
            hints,
            world.outbox,
            person(),
            decide_where,
            Keys(pool),
            Audit(pool, settings.audit_days),
            drafts,
            find,
            PublishedEvents(packages),
            known,
            remote,
            metrics,
        )
        stack.push_async_callback(_ended, asyncio.create_task(app.audit.run()))
        stack.push_async_callback(_ended, asyncio.create_task(feed.run()))
        if role != "look":
            await operations.default_limit(app.caller("settings", ""), settings.max_running, settings.starts_per_minute)
            worker = Worker(engine, programs=staging.programs(pool, registry) if staging else None)
            stack.push_async_callback(_ended, asyncio.create_task(worker.run()))
            with contextlib.suppress(TimeoutError):  # then it goes on trying, and its log says why
                await asyncio.wait_for(worker.ready.wait(), 30)
            stack.push_async_callback(_ended, asyncio.create_task(searching.fill()))
            stack.push_async_callback(_ended, asyncio.create_task(reach.run()))
            stack.push_async_callback(_ended, asyncio.create_task(Scheduler(engine, operations, find).run()))
            stack.push_async_callback(_ended, asyncio.create_task(world.relay.run()))
            if remote is not None and not staging:
                host_relay = HostRelay(pool, remote.ran, engine.clock)
                stack.push_async_callback(_ended, asyncio.create_task(host_relay.run()))
            kept = Kept(settings.keep_days or None, settings.keep_event_days or None)
            housekeeping = [
                Upkeep(pool, engine.clock, TENANT).run,
                Retention(engine, kept).run,
                world.tidy,
                partial(_kept_schedules, app),
            ]
            if staging is None:
                housekeeping.append(partial(discovery.run, packages.roots))
            for work in housekeeping:
                stack.push_async_callback(_ended, asyncio.create_task(_behind(work)))
        yield app
        if app.tasks:
            await asyncio.wait(app.tasks, timeout=5)


@asynccontextmanager
async def database(settings: Settings) -> AsyncGenerator[Where]:
    if settings.database_url:
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
async def _hints(settings: Settings, where: Where, pool: Any) -> AsyncGenerator[tuple[Hints, HostBus | None]]:
    hints: Hints = PostgresHints(where, pool)
    host: HostBus | None = None
    async with AsyncExitStack() as stack:
        if settings.redis_url:
            from storage.redis_hints import RedisHints  # only here, for the library takes time to import

            redis = RedisHints(settings.redis_url)
            stack.push_async_callback(redis.close)
            hints, host = redis, eventful.host_bus(settings, redis, pool, TENANT)
        listening = asyncio.create_task(hints.run())
        stack.push_async_callback(_ended, listening)
        yield hints, host


async def _behind(work: Callable[[], Awaitable[None]]) -> None:
    """Housekeeping, behind what waited for this process to start."""
    await asyncio.sleep(SETTLED)
    await work()


async def _kept_schedules(app: App) -> None:
    await PackagedSchedules(app.packages, app.operations, app.caller("packages", "")).run()


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
