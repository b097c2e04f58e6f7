"""A database whose disk runs full while runs go on, and gets room again; needs to mount a small file system."""

from __future__ import annotations

import asyncio
import ctypes
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from storage.pool import DatabaseUnreachable, connect
from tests.chaos.engine_mix import SORTS
from tests.chaos.product import Product

ROOM = 160 << 20  # of the file system, in bytes
RUNS = 40
PATIENCE = 120.0


async def full_disk(folder: Path) -> Any:
    """What became of runs that the disk had no room for, once it had again; "skipped" where nothing may be mounted."""
    folder.mkdir(parents=True)
    if not _mount(folder):
        return "skipped"
    try:
        async with Product(folder) as product:
            return await _filled(product, folder)
    finally:
        _unmount(folder)


async def _filled(product: Product, folder: Path) -> dict[str, int]:
    from mcp_server.app import open_app

    await product.start("worker")
    runs: list[Any] = []
    async with open_app(product.settings(), "look") as app:
        caller = app.caller("chaos", "")
        diary = folder.with_name("disk-diary.txt")  # on a disk that has room
        given = {"diary": str(diary), "seconds": 0.3, "me": "disk"}
        for _ in range(RUNS):
            runs.append(await app.operations.start(caller, SORTS["steps"].program, inputs=given))
        ballast = folder / "ballast"
        _fill(ballast)
        await asyncio.sleep(3.0)
        refused = 0
        for _ in range(3):
            with suppress(Exception):  # it may be the start that finds no room
                await asyncio.wait_for(app.operations.start(caller, SORTS["steps"].program, inputs=given), 2)
                continue
            refused += 1
        ballast.unlink()
    left = RUNS
    for _ in range(int(PATIENCE / 0.25)):
        await asyncio.sleep(0.25)
        with suppress(DatabaseUnreachable, OSError):
            async with await connect(_where(product), application="looking") as admin:
                cursor = await admin.execute(
                    "select count(*) from workflow_executions where id = any(%(runs)s) and status <> 'completed'",
                    {"runs": runs},
                )
                row = await cursor.fetchone()
                left = row[0] if row else RUNS
        if not left:
            break
    return {"runs": RUNS, "lost": left, "starts_refused": refused}


def _where(product: Product) -> Any:
    async def reach() -> str:
        from storage import embedded_postgres

        server = await embedded_postgres.start(product.home / "postgres")
        await server.stop()  # which only leaves: the worker uses it
        return server.dsn

    return reach


def _fill(file: Path) -> None:
    """Takes all the room there is."""
    with file.open("wb", buffering=0) as out, suppress(OSError):
        while True:
            out.write(bytes(1 << 20))
    with file.open("ab", buffering=0) as out, suppress(OSError):
        while True:
            out.write(bytes(512))


def _mount(folder: Path) -> bool:
    with suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None, use_errno=True)
        return libc.mount(b"none", os.fsencode(folder), b"tmpfs", 0, f"size={ROOM}".encode()) == 0
    return False


def _unmount(folder: Path) -> None:
    ctypes.CDLL(None, use_errno=True).umount2(os.fsencode(folder), 2)
