"""The official suites pass: each scenario of the specification in both eras, and those of the tasks extension."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mcp_server.settings import read
from tests.conformance.node import NotThere, Programs, programs
from tests.conformance.served import serving
from tests.conformance.suites import SUITES, inspected


@pytest.fixture(scope="module")
async def found() -> Programs:
    try:
        return await asyncio.to_thread(programs)
    except NotThere as error:
        pytest.skip(f"the official suites are not there: {error}")


@pytest.fixture
async def url(database: str, tmp_path: Path) -> AsyncIterator[str]:
    given = {"BOTMCP_HOME": str(tmp_path / "home"), "DATABASE_URL": database, "BOTMCP_PORT": "0"}
    async with serving(read(given)) as address:
        yield address


@pytest.mark.timeout(600)
@pytest.mark.filterwarnings("ignore::mcp.shared.exceptions.MCPDeprecationWarning")  # the earlier suite asks for both
@pytest.mark.parametrize("name", SUITES)
async def test_every_scenario_passes(found: Programs, url: str, name: str) -> None:
    version, options = SUITES[name]
    scenarios = await asyncio.to_thread(found.conformance, version, url, *options)
    assert len(scenarios) >= 30
    assert {scenario: bad for scenario, (_, bad) in scenarios.items() if bad} == {}


@pytest.mark.timeout(600)
async def test_the_inspector_finds_no_error_over_either_transport_in_either_era(
    found: Programs, url: str, tmp_path: Path
) -> None:
    codes = await asyncio.to_thread(inspected, found, url, tmp_path / "home")
    assert codes == dict.fromkeys(codes, 0) and len(codes) == 4
