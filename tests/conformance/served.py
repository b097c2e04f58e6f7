"""Our server with the fixtures of the suites, on the product's own pages, engine and database."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from hostbridge.packages import Packages
from keywords.host import Services
from keywords.registry import Registry
from mcp_server import http, listening_server, server
from mcp_server.app import open_app
from mcp_server.settings import Settings
from storage.pool import Pool
from tests.conformance import fixtures, lasting
from workflow.programs import Programs


class Staged:
    """The product with one keyword more, which has a fault of its own."""

    def keywords(self, registry: Registry) -> Registry:
        registry.register(lasting.panic)
        return registry

    def services(self, services: Services, packages: Packages, registry: Registry) -> Services:
        return services

    def programs(self, pool: Pool, registry: Registry) -> Programs:
        return Programs(pool, registry)


@asynccontextmanager
async def serving(settings: Settings) -> AsyncGenerator[str]:
    """The address of /mcp, as long as this lasts."""
    async with open_app(settings, "serve", Staged()) as app:
        built = server.build(app, lasting.TOOLS)
        fixtures.register(built)
        pages = http.application(app, built)
        async with listening_server.serving(pages, "127.0.0.1", 0, ()) as address:
            yield f"{address}/mcp"
