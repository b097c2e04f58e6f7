"""The product on a fresh database, with or without a language model."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from mcp_server.app import open_app
from mcp_server.setting_values import ModelSetting
from mcp_server.settings import Settings, read
from tests.model_server import ModelServer, model_server
from tests.templates.stage import Stage


@pytest.fixture
def settings(database: str, tmp_path: Path) -> Settings:
    return read({"BOTMCP_HOME": str(tmp_path / "home"), "DATABASE_URL": database})


@pytest.fixture
async def stage(settings: Settings) -> AsyncIterator[Stage]:
    """The product without a model."""
    async with open_app(settings, "serve") as app:
        yield Stage(app)


@pytest.fixture
async def model() -> AsyncIterator[ModelServer]:
    async with model_server() as running:
        yield running


@pytest.fixture
async def stage_with_model(settings: Settings, model: ModelServer) -> AsyncIterator[Stage]:
    """The product with the model that the test speaks for."""
    known = ModelSetting("openai/test", model.url, "key")
    async with open_app(replace(settings, models=(known,)), "serve") as app:
        yield Stage(app)
