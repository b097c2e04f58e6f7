"""The language models of an installation, as its settings name them: opened with the product, closed with it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import psycopg
import structlog

from hostbridge.packages import Packages
from mcp_server.setting_values import ModelSetting
from mcp_server.settings import Settings, process_environment
from smartrouter.catalogue import Model, from_host
from smartrouter.daily_limits import DailyLimits
from smartrouter.host_models import host_models
from smartrouter.mirror import Mirror
from smartrouter.router import LitellmModels
from storage.pool import Pool, Where, connect

log = structlog.get_logger()


@asynccontextmanager
async def routed(settings: Settings, pool: Pool, packages: Packages, *, works: bool) -> AsyncGenerator[LitellmModels]:
    """The one way to ask a model. Who `works` gets ready to ask at once, and writes what models do."""
    where: Where | None = settings.host_database_url or settings.database_url or None
    mirror = Mirror(lambda: _own(where or "")) if where and settings.host_llm_metrics else None
    models = LitellmModels(
        [model(setting) for setting in settings.models],
        process_environment(),
        packages.config,
        pool=pool,
        daily=DailyLimits(settings.daily_budget, settings.bot_daily_budget),
        mirror=mirror,
    )
    if settings.host_database_url:
        try:
            async with await connect(settings.host_database_url) as connection:
                models.add(from_host(await host_models(connection)))
        except Exception as error:  # noqa: BLE001 - whatever is wrong with the host's database, ours works
            log.warning("models.host_unread", error=str(error).partition("\n")[0])
    async with models.running(warm=works):
        yield models


@asynccontextmanager
async def _own(where: str) -> AsyncGenerator[psycopg.AsyncConnection]:
    async with await connect(where) as connection:
        yield connection


def model(setting: ModelSetting) -> Model:
    """A model of the settings as the router knows it."""
    return Model(
        setting.name,
        setting.url,
        setting.key,
        setting.input_price,
        setting.output_price,
        setting.context,
        setting.longest,
        setting.abilities,
    )
