"""Processes, as the system sees them."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path


def lives(pid: int) -> bool:
    """A process that runs: a zombie, which nobody may ever collect in a container, has ended."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rsplit(")", 1)[1].split()[0] not in "ZX"
    except FileNotFoundError:
        return not Path("/proc").exists()
    except ProcessLookupError:
        return False


async def ended(pid: int) -> None:
    """Returns when the process has ended."""
    async with asyncio.timeout(60):
        while lives(pid):
            await asyncio.sleep(0.01)
