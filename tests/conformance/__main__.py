"""`python -m tests.conformance`: both official suites and the Inspector against our server; one JSON object.

Exits with 1 when a scenario fails that is part of the specification, or of the tasks extension.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from mcp_server import logs
from mcp_server.settings import read
from tests.conformance.node import NotThere, programs
from tests.conformance.served import serving
from tests.conformance.suites import SUITES, inspected


async def main() -> int:
    """Run everything, and tell it."""
    try:
        found = await asyncio.to_thread(programs)
    except NotThere as error:
        sys.stdout.write(json.dumps({"ran": False, "why": str(error)}) + "\n")
        return 2
    told: dict[str, Any] = {"ran": True}
    with tempfile.TemporaryDirectory() as folder:
        settings = read({"BOTMCP_HOME": str(Path(folder) / "home"), "BOTMCP_PORT": "0", "BOTMCP_LOG_LEVEL": "error"})
        settings.made_home()
        logs.to_file(settings, "conformance")
        async with serving(settings) as url:
            for name, (version, options) in SUITES.items():
                scenarios = await asyncio.to_thread(found.conformance, version, url, *options)
                failing = sorted(scenario for scenario, (_, bad) in scenarios.items() if bad)
                told[name] = {
                    "scenarios": len(scenarios),
                    "checks": sum(good for good, _ in scenarios.values()),
                    "failing": failing,
                }
            told["inspector"] = await asyncio.to_thread(inspected, found, url, Path(folder) / "home")
    sys.stdout.write(json.dumps(told, indent=1) + "\n")
    failed = any(told[name]["failing"] for name in SUITES) or any(told["inspector"].values())
    return int(failed)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
